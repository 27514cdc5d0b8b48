"""Checks that compare a rule's answers on different markets.

- Causality: the answer with all data equals the answer with what was known then, bit for bit, reasons
  included.
- Determinism: asked again, here and in another process, the rule gives the same answer.
- Independence: the answer for a stock depends neither on other stocks, nor on the order in which they are
  asked about, nor on earlier questions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from jstock_core.decide.exits.narrow import compares_stocks
from jstock_core.research.certificates.again import answer_again
from jstock_core.research.certificates.asking import Answers, ask, holdings_in
from jstock_core.research.certificates.certificate import Check
from jstock_core.research.certificates.ground import Ground, Sight
from jstock_core.research.certificates.identity import Rule, copy_rule
from jstock_core.research.certificates.needed import CAUSALITY, DETERMINISM, INDEPENDENCE
from jstock_core.research.processes.other_process import is_other_process
from jstock_core.signals.language.guards import Protection

SHOWN = 3
"""Most differences that a finding lists."""

_NEAR = 1e-9
"""Tolerance for floats: sums over another set of stocks may differ in the last bits."""

Same = Callable[[Any, Any], bool]


class AnswerDifference(NamedTuple):
    """A field on which two answers differ."""

    row: int
    code: str
    field: str
    before: Any
    after: Any


def causality(rule: Rule, ground: Ground) -> Check:
    """Compare the whole market with every cut of it, bit for bit."""
    # What one object remembers from row to row is not foresight: `independence` looks for that.
    whole = ask(copy_rule(rule), ground.whole, ground.rows, ground, anew=True)
    found: list[AnswerDifference] = []
    for row, sight in ground.cuts.items():
        then = ask(copy_rule(rule), sight, (row,), ground)
        found += differences(then, whole, same_bits)
    said = "with what was known then {} with all the data"
    return _compare(CAUSALITY, f"{_count(whole)} answers at {len(whole)} cuts", found, ground, said)


def determinism(rule: Rule, ground: Ground) -> Check:
    """Ask two new objects of the rule the same, and a third in another process."""
    first, second = (ask(copy_rule(rule), ground.whole, ground.rows, ground) for _ in range(2))
    found = list(differences(first, second, same_bits))
    said = "first {} then"
    if not found and not is_other_process():
        found = list(differences(first, answer_again(rule, ground), same_bits))
        said = "here {} in another process, with another hash seed and clock,"
    measured = f"{_count(first)} answers, twice and in another process"
    return _compare(DETERMINISM, measured, found, ground, said)


def independence(rule: Rule, ground: Ground) -> Check:
    """Ask one object again in another order, then of shuffled and of fewer stocks.

    A protection is not asked of fewer: it judges no stock, and may look at the market as a whole. Nor need a
    rule that declares that it compares stocks say the same of fewer: it is asked among stocks that never
    trade, which must not count.
    """
    one = copy_rule(rule)
    first = ask(one, ground.whole, ground.rows, ground)
    backwards = {row: held[::-1] for row, held in ground.holdings.items()}
    again = ask(one, ground.whole, ground.rows[::-1], ground, backwards)
    found = list(differences(first, again, same_bits))
    found += differences(_among(one, ground.shuffled, ground), first, nearly)
    others, notes = "and shuffled", []
    if compares_stocks(rule):
        others = "shuffled, and among stocks that never trade"
        said = _among(one, ground.crowded, ground)
        found += differences({row: _only(first[row], said[row]) for row in said}, first, nearly)
        if not any(differences(_among(one, ground.thinned, ground), first, nearly)):
            notes = ["it declares that it compares stocks, and says the same of fewer"]
    elif not isinstance(rule, Protection):
        others = "shuffled, and of fewer stocks"
        fewer = list(differences(_among(one, ground.thinned, ground), first, nearly))
        if fewer and not found:
            notes = ["where it compares stocks on purpose, declare `compares = True` in it"]
        found += fewer
    measured = f"{_count(first)} answers in two orders, {others}"
    check = _compare(INDEPENDENCE, measured, found, ground, "first {} when asked otherwise")
    return replace(check, findings=(*check.findings, *notes))


def _only(first: Answers, said: Answers) -> Answers:
    """What was said of the stocks that were there at first."""
    return {code: answer for code, answer in said.items() if code in first}


def _among(rule: Rule, sight: Sight, ground: Ground) -> Mapping[int, Answers]:
    return ask(rule, sight, ground.rows, ground, holdings_in(sight, ground.holdings))


def differences(
    before: Mapping[int, Answers], after: Mapping[int, Answers], same: Same, *, words: bool = True
) -> Iterator[AnswerDifference]:
    """Fields that differ, of the stocks and rows that `before` speaks of."""
    for row, said in before.items():
        for code, answer in said.items():
            other = after[row].get(code, {})
            for name in {**answer, **other}:
                if not words and name in WORDS:
                    continue
                a, b = answer.get(name), other.get(name)
                if not same(a, b):
                    yield AnswerDifference(row, code, name, a, b)


WORDS = ("why", "reason")


def same_bits(a: Any, b: Any) -> bool:
    """Equal in type and value, floats to the last bit."""
    if isinstance(a, float) and isinstance(b, float):
        return a.hex() == b.hex()
    return type(a) is type(b) and bool(a == b)


def nearly(a: Any, b: Any) -> bool:
    """Equal but for the last bits of floats; words may show them."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_NEAR, abs_tol=_NEAR)
    return type(a) is type(b) and bool(a == b)


def _count(said: Mapping[int, Answers]) -> int:
    return sum(len(codes) for codes in said.values())


def _compare(name: str, measured: str, found: list[AnswerDifference], ground: Ground, said: str) -> Check:
    shown = [
        f"{ground.whole.panel.session(d.row)} {d.code}, {d.field}: "
        + said.format(f"{_short(d.before)},")
        + f" {_short(d.after)}"
        for d in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        shown.append(f"and {len(found) - SHOWN} more differences")
    if measured.startswith("0 "):
        shown.append("no answer was compared")
    return Check(name, not shown, measured, tuple(shown))


def _short(value: Any) -> str:
    return "nothing" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)
