"""Past decisions taken again: on what the store held then, or on what it holds now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from jstock_core.decide import read_signals
from jstock_core.decide.given.halts import halted_groups
from jstock_core.decide.groups import Group, make_group, make_limits
from jstock_core.decide.morning import morning
from jstock_core.desk.day.market import MorningMarket, market_at, panel_as_decided, with_halts
from jstock_core.desk.workspace.checks.splits import block_split_differences
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.limits import OrderLimits
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import replay
from jstock_core.state.facts.codec import json_value
from jstock_core.state.facts.events import Decided, Event, OrderPlaced
from jstock_core.state.journal.in_force.past import events_before

NO_OTHERS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class MorningAgain:
    """A past morning decided again: its decisions and orders."""

    trade_date: date
    decisions: tuple[Decided, ...]
    orders: tuple[OrderPlaced, ...]


def redecide(
    desk: Desk,
    history: Sequence[Event],
    trade_date: date,
    panel: Panel | None = None,
    declared: Mapping[str, Any] | None = None,
) -> MorningAgain:
    """Decide a past morning again, with the groups that it recorded and the book that it had.

    `panel` is the market, None for what the store held then. `declared` are the parameters of groups, by id,
    that are put in the place of the recorded ones.

    Raises:
        DataError: the market has not the session before, or the stored data forbid deciding.
        ParamsError: a group's recorded parameters cannot be read any more.

    """
    decided = first_decisions(history, trade_date)
    market = _market(desk, decided, trade_date, panel)
    groups = [recorded_group(desk, each, declared or {}) for each in decided]
    book = replay(events_before(history, trade_date))
    market = with_halts(market, halted_groups(book))
    conditions = replace(market.conditions, limits=recorded_limits(decided[0]))
    conditions = block_split_differences(conditions, book, market.view.panel)
    events = morning(book, market.view, 0, groups, conditions).events
    return MorningAgain(
        trade_date,
        tuple(event for event in events if isinstance(event, Decided)),
        tuple(event for event in events if isinstance(event, OrderPlaced)),
    )


def first_decisions(history: Sequence[Event], trade_date: date) -> tuple[Decided, ...]:
    """The decisions of a morning before any revision of them, one a group."""
    return tuple(_first(history, trade_date))


def _first(history: Sequence[Event], trade_date: date) -> Iterator[Decided]:
    for event in history:
        if isinstance(event, Decided) and event.session == trade_date and not event.revision:
            yield event


def _market(desk: Desk, decided: Sequence[Decided], trade_date: date, panel: Panel | None) -> MorningMarket:
    then = desk.with_universe_of(trade_date)
    whole = panel_as_decided(then, decided[0]) if panel is None else panel
    return market_at(then, whole, decided[0], decided)


def recorded_limits(decided: Decided) -> OrderLimits | None:
    """The desk's limits as a decision recorded them.

    Raises:
        ParamsError: they cannot be read any more.

    """
    declared = decided.provenance.get("limits")
    return make_limits(json_value(declared), f"the decision {decided.id}, limits") if declared else None


def recorded_group(desk: Desk, decided: Decided, others: Mapping[str, Any] = NO_OTHERS) -> Group:
    """The group as a decision recorded it, or with the parameters that `others` has for its id.

    Raises:
        ParamsError: they cannot be read any more.

    """
    declared = others.get(decided.group, decided.provenance.get("groups", {}).get(decided.group))
    if declared is None:
        return next(group for group in desk.groups if group.id == decided.group)
    where = f"the decision {decided.id}"
    return make_group(decided.group, json_value(declared), where=where, rules=desk.rules)


@dataclass(frozen=True)
class DecisionChange:
    """A past decision that would be another on the data as they are now: signals and orders of one stock."""

    trade_date: date
    group: str
    code: str
    then: str
    now: str

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.trade_date} {self.group} {self.code}: {self.then}, now {self.now}"


def changed_decisions(
    desk: Desk, history: Sequence[Event], trade_date: date, panel: Panel
) -> tuple[DecisionChange, ...]:
    """How a past morning would have decided on another panel than the one it saw.

    Raises:
        DataError: a panel has not the session before, or forbids deciding.

    """
    then, now = (_outcomes(redecide(desk, history, trade_date, each)) for each in (None, panel))
    return tuple(
        DecisionChange(
            trade_date, group, code, then.get((group, code), NOTHING), now.get((group, code), NOTHING)
        )
        for group, code in sorted(then.keys() | now.keys())
        if then.get((group, code)) != now.get((group, code))
    )


NOTHING = "nothing"


def _outcomes(made: MorningAgain) -> dict[tuple[str, str], str]:
    """What was wanted and ordered of each stock of each group, in words."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for decided in made.decisions:
        for signal in read_signals(decided):
            wanted.setdefault((decided.group, signal.code), []).append(signal.action)
    for order in made.orders:
        wanted.setdefault((order.group, order.code), []).append(f"{order.side} {order.shares} shares")
    return {key: ", ".join(words) for key, words in wanted.items()}
