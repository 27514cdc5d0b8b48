"""Start length: the number of bars after which a longer history no longer changes a rule's answer.

An exponential average never settles bit for bit, so settled means here: the same verdict, and score and
confidence within the rule's `tolerance` (1e-6 points unless it declares another), the same value of a feature
to a millionth. The bars a rule declares
(`settles`, else `needs`) are enough when at least `SETTLED_PCT` percent of what it says of stocks with
longer histories is settled: an ema_200 seeded 200 bars ago still carries 13 % of its seed. What is settled
with `needs` bars, and with twice and four times the declared ones, is measured beside it.
"""

from __future__ import annotations

import math
from typing import Any

from jstock_core.research.certificates.asking import Answers, ask
from jstock_core.research.certificates.certificate import Check
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, copy_rule
from jstock_core.research.certificates.needed import START_LENGTH
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Layer

SETTLED_PCT = 90.0
LADDER = (1, 2, 4)
"""Multiples of the declared length for which settling is measured."""

COMPARED = ("buy", "score", "confidence", "action", "layer", "value")


def start_length(rule: Rule, ground: Ground) -> Check:
    """Measure how settled the rule is with the bars it declares to need, and with more."""
    needs, settles = declared_bars(rule)
    lengths = sorted({needs, *(settles * times for times in LADDER)})
    shares = {bars: share for bars in lengths if (share := _settled_share(rule, ground, bars)) is not None}
    measured = ", ".join(f"{share:.1f} % settled with {bars} bars" for bars, share in shares.items())
    if settles not in shares:
        return Check(START_LENGTH, False, measured, (f"no stock has more than {settles} bars",))
    share = shares[settles]
    if share >= SETTLED_PCT:
        return Check(START_LENGTH, True, measured)
    finding = f"{settles} bars are too few: {share:.1f} % is settled, {SETTLED_PCT:g} % is the least"
    return Check(START_LENGTH, False, measured, (finding,))


def declared_bars(rule: Rule) -> tuple[int, int]:
    """The bars from which a rule is heard, and after which it has settled; the most of any layer."""
    inside = rule.layers if isinstance(rule, Exit) else ()
    parts = [part for part in (rule, *inside) if isinstance(part, Entry | Exit | Layer | Feature)]
    return max(part.needs for part in parts), max(max(part.needs, part.settles) for part in parts)


def _settled_share(rule: Rule, ground: Ground, bars: int) -> float | None:
    """Percent of answers that are settled with `bars` bars; None where no stock has more."""
    held = not isinstance(rule, Entry | Feature)
    tolerance = getattr(rule, "tolerance", 1e-6)
    same = total = 0
    for row in ground.rows[::2]:
        short = ground.short(row, bars, held=held)
        with_less = ask(copy_rule(rule), short, (row,), ground)[row]
        with_all = ask(copy_rule(rule), ground.cuts[row], (row,), ground)[row]
        for code in _with_more(with_all, ground, row, short.features.bar[row]):
            total += 1
            same += _alike(with_less.get(code, {}), with_all[code], tolerance)
    return 100 * same / total if total else None


def _with_more(said: Answers, ground: Ground, row: int, bar: Any) -> list[str]:
    """Codes that lost bars when the history was shortened."""
    column = ground.whole.panel.column
    full = ground.whole.features.bar[row]
    return [code for code in said if full[column[code]] > bar[column[code]]]


def _alike(a: Any, b: Any, tolerance: float) -> bool:
    return all(_near(name, a.get(name), b.get(name), tolerance) for name in COMPARED)


def _near(name: str, a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        relative = tolerance if name == "value" else 0
        return math.isclose(a, b, rel_tol=relative, abs_tol=tolerance)
    return bool(a == b)
