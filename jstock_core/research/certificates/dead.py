"""Dead signals: parts of a rule that are constant everywhere, or never have a value.

A part of an entry is dead in a stock where it never changes, is never a number, or stands at its middle for
want of data on every row. A layer is dead where it cannot be evaluated, or sells every position. What is
dead in more than `DEAD_PCT` percent of the universe is named, and the check fails. A layer or an entry that
never fires is named too, but passes: keeping silent is what an emergency layer is for. So may a score stand
at 0 throughout in most stocks: a rule that waits for a rare pattern has no opinion of them. It is dead only
where it never moves in any.

A filter is dead where it refuses every stock, a sizing where it gives none a unit; what refuses nothing, or
gives all the same, is named and passes. So is a protection that says the same on every row: it may be the
market that did not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from jstock_core.market.panel import Bools, Floats
from jstock_core.research.certificates.asking import ask
from jstock_core.research.certificates.certificate import Check
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, copy_rule
from jstock_core.research.certificates.needed import DEAD_SIGNALS
from jstock_core.research.certificates.unknown import UNKNOWN, cause_of_unknown
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language import answers
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Protection
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.library.exits import Layers

DEAD_PCT = 50.0
SCORE = "score"

A = TypeVar("A")


def dead_signals(rule: Rule, ground: Ground) -> Check:
    """Look for dead parts of a rule."""
    if isinstance(rule, Entry):
        return _of_entry(rule, ground)
    if isinstance(rule, Exit | Layer):
        return _of_layers(rule.layers if isinstance(rule, Exit) else (rule,), ground)
    if isinstance(rule, Feature):
        return _of_feature(rule, ground)
    said = ask(copy_rule(rule), ground.whole, ground.rows, ground)
    told = [answer for codes in said.values() for answer in codes.values()]
    if isinstance(rule, Filter):
        return _of_filter([answer["refused"] for answer in told])
    if isinstance(rule, Protection):
        return _of_protection([answer["paused"] for answer in told])
    return _of_sizing([answer["shares"] for answer in told])


def _of_feature(feature: Feature, ground: Ground) -> Check:
    view = ground.whole.view()
    usable = view.has_bar & (view.bars >= feature.needs)
    stocks = int(usable.any(axis=0).sum())
    if not stocks:
        return Check(DEAD_SIGNALS, False, "", (f"no stock has the {feature.needs} bars that it needs",))
    values = view.value(copy_rule(feature))
    dead = tuple(_dead(feature.name, values, usable & ~np.isnan(values), usable))
    return Check(DEAD_SIGNALS, not dead, f"{usable.sum()} values of {stocks} stocks", dead)


def _of_filter(refused: list[bool]) -> Check:
    measured = f"{sum(refused)} of {len(refused)} stocks refused"
    same = _always(refused, {True: "it refuses every stock", False: "it never refuses"})
    return Check(DEAD_SIGNALS, not all(refused), measured, same)


def _of_protection(paused: list[bool]) -> Check:
    measured = f"{sum(paused)} of {len(paused)} mornings paused"
    same = _always(paused, {True: "it pauses on every row", False: "it never pauses"})
    return Check(DEAD_SIGNALS, passed=True, measured=measured, findings=same)


def _of_sizing(shares: list[int]) -> Check:
    given = [wanted > 0 for wanted in shares]
    measured = f"{sum(given)} of {len(given)} candidates given shares"
    same = _always(shares, {shares[0]: f"it gives every candidate {shares[0]} shares"})
    return Check(DEAD_SIGNALS, any(given), measured, same)


def _always(answers: Sequence[A], words: Mapping[A, str]) -> tuple[str, ...]:
    """Words on an answer that is always the same."""
    return (words[answers[0]],) if len(set(answers)) == 1 else ()


def _of_entry(rule: Entry, ground: Ground) -> Check:
    view = ground.whole.view()
    opinions = answers.entry_opinions(copy_rule(rule), view)
    usable = view.has_bar & (view.bars >= rule.needs)
    stocks = int(usable.any(axis=0).sum())
    if not stocks:
        return Check(DEAD_SIGNALS, False, "", (f"no stock has the {rule.needs} bars that it needs",))
    components = dict(_components(opinions))
    dead = [
        words
        for name, values in components.items()
        for words in _dead(name, values, _there(name, values, opinions, usable), usable)
    ]
    buys = int((opinions.buy & usable).sum())
    measured = f"{len(components)} components of {stocks} stocks, {buys} BUYs of {usable.sum()}"
    return Check(DEAD_SIGNALS, not dead, measured, (*dead, *(() if buys else ("it never buys",))))


def _components(opinions: EntryOpinions) -> Iterator[tuple[str, Floats]]:
    for name, part in opinions.parts.items():
        yield name, part.astype(np.float64)
    yield SCORE, opinions.display


def _there(name: str, values: Floats, opinions: EntryOpinions, usable: Bools) -> Bools:
    """Where a component says something."""
    neutral = opinions.neutral.get(name, np.zeros(usable.shape, dtype=np.bool_))
    there: Bools = usable & ~np.isnan(values) & ~neutral
    return there


def _dead(name: str, values: Floats, there: Bools, usable: Bools) -> Iterator[str]:
    """Words on a component that is missing or constant in too many stocks; `there` is where it speaks."""
    asked = usable.any(axis=0)
    missing = asked & ~there.any(axis=0)
    low = np.where(there, values, np.inf).min(axis=0)
    high = np.where(there, values, -np.inf).max(axis=0)
    constant = asked & ~missing & (low == high)
    if name == SCORE and not constant.all():
        constant &= low != 0
    for word, found in (("missing", missing), ("constant", constant)):
        share = 100 * found.sum() / asked.sum()
        if share > DEAD_PCT:
            yield f"{name} is {word} in {share:.0f} % of the stocks"


def _of_layers(layers: tuple[Layer, ...], ground: Ground) -> Check:
    asked, dead, silent, notes = 0, [], [], []
    for layer in layers:
        said = ask(Layers((copy_rule(layer),)), ground.whole, ground.rows, ground)
        actions = Counter(answer["action"] for codes in said.values() for answer in codes.values())
        asked = sum(actions.values())
        why = cause_of_unknown(layer, ground) if actions[UNKNOWN] else ""
        faults = list(_dead_layer(layer, actions, asked, why))
        dead += faults
        notes += [f"{layer.name} was not evaluated everywhere: {why}"] if why and not faults else []
        silent += [layer.name] if set(actions) == {"HOLD"} else []
    notes += [f"never fired: {', '.join(silent)}"] if silent else []
    return Check(DEAD_SIGNALS, not dead, f"{len(layers)} layers over {asked} positions", (*dead, *notes))


def _dead_layer(layer: Layer, actions: Counter[str], asked: int, why: str) -> Iterator[str]:
    unknown = 100 * actions[UNKNOWN] / asked if asked else 100.0
    if unknown > DEAD_PCT:
        cause = f": {why}" if why else ""
        yield f"{layer.name} cannot be evaluated in {unknown:.0f} % of the positions{cause}"
    if asked and not actions["HOLD"] and not actions[UNKNOWN]:
        yield f"{layer.name} sells every position"
