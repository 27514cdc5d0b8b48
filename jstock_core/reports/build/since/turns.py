"""Signals that are new, gone or others than then, with the parts of the score that moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.errors import JstockError
from jstock_core.decide import HOLD, Signal, shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.explain.parts import Part, parts_of
from jstock_core.market.prices import round_decimals
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.since.earlier import EarlierMorning
from jstock_core.reports.model.decisions.since import PartChange, SignalChange, SignalTurn, TurnCause
from jstock_core.signals.features.view import View

LEAST = 1e-9
"""A part has moved when it did by more than this."""
Opinion = tuple[float | None, Sequence[Part]]


def find_turns(facts: Facts, earlier: EarlierMorning, monitored: Sequence[str]) -> tuple[SignalChange, ...]:
    """What changed of the signals of each group: sells first, then what is new, what is gone."""
    found = [turn for group in facts.signals for turn in _of_group(facts, earlier, group, monitored)]
    return tuple(sorted(found, key=_place))


def _place(turn: SignalChange) -> tuple[bool, int, str, str]:
    return turn.now in ("", "BUY"), ("changed", "new", "gone").index(turn.turn), turn.group, turn.code


def _of_group(
    facts: Facts, earlier: EarlierMorning, group: str, monitored: Sequence[str]
) -> Iterator[SignalChange]:
    then = {signal.code: signal for signal in earlier.signals(group) if signal.action != HOLD}
    now = {signal.code: signal for signal in facts.signals[group] if signal.action != HOLD}
    for code in sorted(then.keys() | now.keys()):
        before, after = then.get(code), now.get(code)
        if before is None or after is None or (before.action, before.layer) != (after.action, after.layer):
            yield _turn(facts, earlier, group, (before, after), monitored)


def _turn(
    facts: Facts,
    earlier: EarlierMorning,
    group: str,
    signals: tuple[Signal | None, Signal | None],
    monitored: Sequence[str],
) -> SignalChange:
    before, after = signals
    shown = after or before
    assert shown is not None
    code, then = shown.code, earlier.cases.get(group)
    score_then, parts_then = _opinion(earlier.view, None if then is None else then.group, code)
    score_now, parts_now = _opinion(facts.view, facts.rules(group), code)
    turn: SignalTurn = "new" if before is None else "gone" if after is None else "changed"
    side = "SELL" if shown.sell_pct else "BUY"
    order = facts.orders.get((group, code, side))
    return SignalChange(
        group=group,
        code=code,
        name=facts.listing(code).name,
        turn=turn,
        then="" if before is None else before.action,
        now="" if after is None else after.action,
        score_then=score_then if before is None or before.score is None else before.score,
        score_now=score_now if after is None or after.score is None else after.score,
        parts=tuple(_changes(parts_then, parts_now)),
        cause=_cause(facts, earlier, group, code, monitored) if turn == "gone" else "opinion",
        layer=shown.layer,
        reason=shown.reason,
        ordered=after is not None and order is not None and order.id not in facts.cancelled,
    )


def _cause(
    facts: Facts, earlier: EarlierMorning, group: str, code: str, monitored: Sequence[str]
) -> TurnCause:
    """Why a signal is gone."""
    before = earlier.book.groups.get(group)
    held_then = before is not None and code in before.lots
    held_now = code in facts.book.groups[group].lots
    if held_now and not held_then:
        return "bought"
    if held_then and not held_now:
        return "sold"
    if code not in facts.panel.column:
        return "no data"
    return "not monitored" if not held_now and code not in monitored else "opinion"


def _opinion(view: View | None, group: Group | None, code: str) -> Opinion:
    """The score that the group's entry shows for a stock, and its parts; nothing where it cannot say."""
    column = None if view is None else view.panel.column.get(code)
    if view is None or group is None or column is None or view.bar[0, column] < 0:
        return None, ()
    try:
        opinions = shared_opinions(view, group)
        score = float(opinions.display[0, column])
        return score, parts_of(group.entry, opinions, view, 0, column)
    except JstockError:
        return None, ()


def _changes(then: Sequence[Part], now: Sequence[Part]) -> Iterator[PartChange]:
    """The parts that moved, the one that moved most first."""
    before = {part.name: part for part in then}
    pairs = [(before[part.name], part) for part in now if part.name in before]
    moved = [pair for pair in pairs if abs(pair[1].value - pair[0].value) > LEAST]
    yield from sorted((_change(*pair) for pair in moved), key=lambda change: -_size(change))


def _change(then: Part, now: Part) -> PartChange:
    points = None
    if then.points is not None and now.points is not None:
        points = round_decimals(now.points - then.points)
    elif now.kind == "+":
        points = round_decimals(100 * (now.value - then.value))
    return PartChange(
        name=now.name,
        kind=now.kind,
        then=then.value,
        now=now.value,
        points=points,
        detail_then=then.detail,
        detail_now=now.detail,
    )


def _size(change: PartChange) -> float:
    """How much a change weighs; a factor on the whole by what it would take from a full score."""
    if change.points is not None:
        return abs(change.points)
    return abs(change.now - change.then) * (100 if change.kind == "x" else 1)
