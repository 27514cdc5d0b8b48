"""What a decision is given: the conditions of the desk, and the market as one morning sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from jstock_core.decide.given.halts import HaltsByDate, find_halt
from jstock_core.decide.given.late import LateByDate, LateData, LatePolicy, find_late_data
from jstock_core.decide.groups import Group
from jstock_core.execution.costs import Costs
from jstock_core.execution.fillers import MANUAL, PAPER
from jstock_core.execution.limits import OrderLimits
from jstock_core.market.adjustments import UNCHANGED, PriceAdjustment
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.panel import Ints, Panel
from jstock_core.market.prices import adjustments_due, day_limits, market_value, next_base
from jstock_core.market.rules import Limits
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language import answers
from jstock_core.signals.language.entry import EntryOpinions
from jstock_core.state.book.book import GroupBook
from jstock_core.state.book.lots import shares_of


@dataclass(frozen=True, repr=False)
class Conditions:
    """The conditions that all groups of the desk share when they decide.

    - `monitored`: codes that may be bought
    - `costs`: commissions and slippage by date
    - `blocked`: codes whose data cannot be trusted, with the reason
    - `halt`: why no group may enter, "" if they may
    - `late`: whether the opening auction has passed
    - `late_policy`: by data set, what follows if it is late
    - `late_on`: late data by trade date, where it is known from earlier decisions and not judged by the view
    - `halted_on`: halts that a person declared, by trade date
    - `limits`: of the desk as a whole, None without any
    """

    monitored: tuple[str, ...]
    costs: Costs = field(default_factory=Costs)
    blocked: Mapping[str, str] = field(default_factory=dict)
    halt: str = ""
    late: bool = False
    late_policy: LatePolicy = field(default_factory=dict)
    late_on: LateByDate = field(default_factory=dict)
    halted_on: HaltsByDate = field(default_factory=dict)
    limits: OrderLimits | None = None

    def __repr__(self) -> str:
        """Say in a line how many stocks may be bought, and what stops entries."""
        return (
            f"<Conditions: {len(self.monitored)} monitored, {len(self.blocked)} blocked, halt {self.halt!r}>"
        )

    @cached_property
    def late_key(self) -> tuple[tuple[str, str], ...]:
        """The policy for late data, hashable."""
        return tuple(self.late_policy.items())

    def degrades(self, trade_date: date) -> bool:
        """Whether decisions for a trade date are degraded: entries stopped, or a monitored stock blocked."""
        if self.halt_on(trade_date):
            return True
        return bool(self.blocked) and not self.blocked.keys().isdisjoint(self.monitored)

    def halt_of(self, group: str, trade_date: date) -> str:
        """Why a group may not enter on a trade date, "" if it may. A person's halt degrades no decision."""
        return find_halt(self.halted_on.get(trade_date, {}), group) or self.halt_on(trade_date)

    def halt_on(self, trade_date: date) -> str:
        """Why no group may enter on a trade date, "" if they may."""
        found = self.late_on.get(trade_date)
        if self.halt or not found:  # on most mornings nothing is late
            return self.halt
        halting = [late.text for late in found if late.halts]
        return f"entries stopped: {'; '.join(halting)}" if halting else ""


def trade_date_of(view: View, row: int) -> date:
    """The trade date T of a row of the view."""
    days: list[date] = view.memo("trade_dates", view.trade_dates.tolist)
    return days[row]


def trusted_features(panel: Panel) -> Features:
    """The features of a panel's trusted bars; bars that cannot be trusted enter no peak, average or close."""
    untrusted = untrusted_bars(panel).mask
    return Features.of(panel, untrusted if untrusted.any() else None)


def _block_untrusted(conditions: Conditions, view: View, row: int) -> Conditions:
    """The conditions with those stocks blocked whose bar of D cannot be trusted."""
    if row not in view.memo("untrusted_rows", lambda: _untrusted_rows(view)):
        return conditions
    panel, at = view.panel, view.first_row + row
    untrusted = untrusted_bars(panel)
    columns = np.flatnonzero(untrusted.faults[at]).tolist()
    found = {panel.codes[n]: untrusted.reason(at, n) for n in columns}
    return replace(conditions, blocked={**found, **conditions.blocked})


def _untrusted_rows(view: View) -> frozenset[int]:
    """The rows of a view on which any bar cannot be trusted."""
    return frozenset(np.flatnonzero(untrusted_bars(view.panel).mask[view.rows].any(axis=1)).tolist())


def judge_conditions(conditions: Conditions, view: View, row: int) -> Conditions:
    """The conditions of one morning: with the stocks whose data it cannot trust, and the data that is late.

    The newest answer for a row is kept, because each group and each set of a sweep asks for the same.
    """
    kept: dict[int, tuple[Conditions, Conditions]] = view.memo("judged", dict)
    newest = kept.get(row)
    if newest is None or (conditions is not newest[0] and conditions is not newest[1]):
        newest = kept[row] = conditions, _judge(conditions, view, row)
    return newest[1]


def _judge(conditions: Conditions, view: View, row: int) -> Conditions:
    conditions, trade_date = _block_untrusted(conditions, view, row), trade_date_of(view, row)
    if not conditions.late_policy or trade_date in conditions.late_on:
        return conditions
    late = late_on_row(view, row, conditions)
    return replace(conditions, late_on={trade_date: late}) if late else conditions


def late_on_row(view: View, row: int, conditions: Conditions) -> tuple[LateData, ...]:
    """What was late on a row of the view: found once for all views of a panel, groups and backtests."""
    policy, panel = conditions.late_policy, view.panel
    if not policy:
        return ()

    def find() -> tuple[LateData, ...]:
        t = view.decided_at[row]
        return panel.memo(("late", t, conditions.late_key), lambda: find_late_data(panel, t, policy))

    return view.memo(("late", row, conditions.late_key), find)


def shared_opinions(view: View, group: Group) -> EntryOpinions:
    """The opinions of the group's entry over the whole view, worked out once."""
    return view.memo(("entry", group.entry_key), lambda: answers.entry_opinions(group.entry, view))


def keep_opinions(view: View, group: Group, opinions: EntryOpinions) -> None:
    """Keep opinions of the group's entry that were worked out elsewhere, for `shared_opinions`."""
    view.memo(("entry", group.entry_key), lambda: opinions)


def columns_of(view: View, codes: tuple[str, ...]) -> Ints:
    """The columns of some codes in the order given, without those that the panel lacks."""
    column = view.panel.column
    known = (column[code] for code in codes if code in column)
    return view.memo(("columns", codes), lambda: np.fromiter(known, dtype=np.int64))


def watched_columns(view: View, codes: tuple[str, ...]) -> frozenset[int]:
    """The columns of the codes that may be bought."""
    return view.memo(("watched", codes), lambda: frozenset(columns_of(view, codes).tolist()))


@dataclass(frozen=True, eq=False)
class MorningView:
    """One row of a view with the lookups a decision needs."""

    view: View
    row: int

    @property
    def panel_row(self) -> int:
        """The panel's row of D."""
        return self.view.first_row + self.row

    @property
    def evaluated(self) -> date:
        """The session D, whose close the decision is made on."""
        return self.view.panel.session(self.panel_row)

    @cached_property
    def trade_date(self) -> date:
        """The trade date T, which orders are for."""
        return trade_date_of(self.view, self.row)

    def close(self, column: int) -> float:
        """Raw close of the last bar at or before D, in yen of D."""
        return self.view.last_close(self.row, column)

    def base(self, code: str) -> Decimal:
        """The last close, in yen of the trade date: the base price of its limits."""
        due = self.adjustments_due.get(code, UNCHANGED)
        return next_base(self.close(self.view.panel.column[code]), due.factor)

    def limits(self, code: str, base: Decimal) -> Limits:
        """The price limits of the trade date around a base price in yen of that day."""
        panel = self.view.panel
        return day_limits(panel, panel.column[code], base, self.trade_date)

    @cached_property
    def adjustments_due(self) -> Mapping[str, PriceAdjustment]:
        """The announced adjustment of every code that goes ex on the trade date."""
        view = self.view
        ex_dates = view.memo("ex_dates", lambda: frozenset(view.panel.actions.ex_date.tolist()))
        if self.trade_date not in ex_dates:  # on most mornings
            return {}
        return adjustments_due(view.panel.actions, self.trade_date, view.decided_at[self.row])

    def price_only_reason(self, column: int) -> str:
        """Why a stock is not bought: on D or T its price is adjusted but not its shares. "" otherwise."""
        panel = self.view.panel
        if panel.adj_factor.item(self.panel_row, column) == 1.0 and not self.adjustments_due:
            return ""
        done = self.evaluated, panel.adjustment(self.panel_row, column)
        due = self.trade_date, self.adjustments_due.get(panel.codes[column], UNCHANGED)
        for day, adjustment in (done, due):
            if adjustment.is_price_only:
                return f"it goes ex on {day} with an AdjFactor of {adjustment.factor:g}, which is no split"
        return ""


def equity(book: GroupBook, view: View, row: int) -> int:
    """Cash and positions at D's close, in whole yen; a position without a price counts as 0."""
    return book.cash + sum(position_values(book, view, row).values())


def position_values(book: GroupBook, view: View, row: int) -> dict[str, int]:
    """The value of each position at D's close in whole yen, by code, without those that have no price."""
    values: dict[str, int] = {}
    for code, lots in book.lots.items():
        column = view.panel.column.get(code)
        if column is not None and (price := view.last_close(row, column)) > 0:
            values[code] = market_value(price, shares_of(lots))
    return values


def order_source(group: Group) -> str:
    """The source of the group's orders, which says who fills them."""
    return MANUAL if group.fills == "manual" else PAPER
