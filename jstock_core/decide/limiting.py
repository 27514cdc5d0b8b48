"""Apply the limits of groups and desk to a morning's decisions, in the order of the groups' ids. Pure.

Each group's own limits come first. The desk's limits count all groups: what they hold, what they sell this
morning, and what earlier groups wanted to buy within their own limits. The value of an account is measured as
for protections, from book and panel, so that desk, replay and backtest agree.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jstock_core.decide.decision import Decision, decide
from jstock_core.decide.entries.guards import desk_growth_curve, growth_curve
from jstock_core.decide.given.given import Conditions, MorningView, equity, position_values
from jstock_core.decide.groups import Group
from jstock_core.decide.signal import PAUSE, Skipped
from jstock_core.execution.limits import (
    AccountUse,
    LimitScope,
    OrderLimits,
    PricedOrder,
    find_pause,
    limit_buys,
    name_sells,
)
from jstock_core.market.prices import percent_change
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import Book, GroupBook
from jstock_core.state.facts.events import OrderPlaced

_CLOSES_BEFORE = 5
"""How many earlier closes the last close is compared with."""

Rows = dict[tuple[str, str], tuple[Refusal, ...]]
"""What limits refused, cut or named, by code and action."""


def limit_decisions(
    decisions: Sequence[Decision],
    groups: Sequence[Group],
    book: Book,
    at: MorningView,
    conditions: Conditions,
) -> tuple[Decision, ...]:
    """The decisions of a morning within the limits of their groups and of the desk, in the same order.

    `book` is the one before the decisions.
    """
    if not are_limited(groups, conditions):
        return tuple(decisions)
    limiter = Limiter(book, at, conditions, {group.id: group for group in groups})
    sells = [order for decision in decisions for order in decision.sell_orders]
    found: dict[str, Decision] = {}
    wanted: list[OrderPlaced] = []
    for decision in sorted(decisions, key=lambda each: each.group):
        others = (*(order for order in sells if order.group != decision.group), *wanted)
        within, rows = limiter.limit_by_group(decision)
        found[decision.group] = limiter.limit_by_desk(decision, within, rows, others)
        wanted += within
    return tuple(found[decision.group] for decision in decisions)


def are_limited(groups: Iterable[Group], conditions: Conditions) -> bool:
    """Whether the desk or one of the groups declares limits."""
    return conditions.limits is not None or any(group.limits is not None for group in groups)


@dataclass(frozen=True, eq=False)
class Limiter:
    """Applies the limits of a morning, measured on the book before its decisions and on the view."""

    book: Book
    at: MorningView
    conditions: Conditions
    groups: Mapping[str, Group]

    def limit(self, decision: Decision, others: Sequence[OrderPlaced]) -> Decision:
        """The decision within all limits; the desk's count the orders of `others`, other groups, first."""
        within, rows = self.limit_by_group(decision)
        return self.limit_by_desk(decision, within, rows, others)

    def wanted(self, group: Group) -> tuple[OrderPlaced, ...]:
        """What a group wants to buy within its own limits, before the desk's apply."""
        own = self.book.groups[group.id]
        return self.limit_by_group(decide(own, self.at.view, self.at.row, group, self.conditions))[0]

    def limit_by_group(self, decision: Decision) -> tuple[tuple[OrderPlaced, ...], Rows]:
        """The buys of a decision within its group's limits, and what these limits did."""
        group, rows = self.groups[decision.group], Rows()
        if group.limits is None:
            return decision.buys, rows
        own = self.book.groups[group.id]
        pause = find_pause(
            "group", group.limits, lambda closes: growth_curve(own, self.at.view, self.at.row, closes)
        )
        sells = self._price(decision.sell_orders)
        _add_sells(rows, name_sells("group", group.limits, sells))
        use = self._use((own,), sells).with_sells(sells)
        return self._limit("group", group.limits, use, decision.buys, pause, rows), rows

    def limit_by_desk(
        self, decision: Decision, within: tuple[OrderPlaced, ...], rows: Rows, others: Sequence[OrderPlaced]
    ) -> Decision:
        """The decision with what the desk's limits leave of the buys `within` its group's limits.

        `rows` is what the group's limits did; `others` are other groups' orders, which count first.
        """
        if (limits := self.conditions.limits) is not None:
            sells = self._price(decision.sell_orders)
            theirs = self._price(order for order in others if order.side == "SELL")
            earlier = [each for each in theirs if each.order.group < decision.group]
            _add_sells(rows, name_sells("desk", limits, sells, earlier))
            both = (*theirs, *sells)
            before = self._price(order for order in others if order.side == "BUY")
            use = self._use(tuple(self.book.groups.values()), both).with_sells(both).with_orders(before)
            within = self._limit("desk", limits, use, within, self._desk_pause, rows)
        if not rows:
            return decision
        limited = tuple(Skipped(code, action, refusals) for (code, action), refusals in rows.items())
        return replace(decision, orders=(*decision.sell_orders, *within), limited=limited)

    def _limit(
        self,
        scope: LimitScope,
        limits: OrderLimits,
        use: AccountUse,
        buys: Sequence[OrderPlaced],
        pause: Refusal | None,
        rows: Rows,
    ) -> tuple[OrderPlaced, ...]:
        """The buys that are left; adds to `rows` what was refused or cut."""
        if pause is not None:
            for code, action in (("", PAUSE), *((order.code, "BUY") for order in buys)):
                _add(rows, code, action, pause)
            return ()
        kept = []
        for each in limit_buys(scope, limits, use, self._price(buys)):
            if each.refusal is not None:
                _add(rows, each.buy.order.code, "BUY", each.refusal)
            if each.shares:
                kept.append(self._resize(each.buy, each.shares))
        return tuple(kept)

    def _resize(self, buy: PricedOrder, shares: int) -> OrderPlaced:
        """The order with fewer shares, which it reserves at the upper limit as sizing does."""
        order = buy.order
        if shares == order.shares:
            return order
        worst = self.at.limits(order.code, buy.price).upper
        reserve = self.conditions.costs.commission(self.at.trade_date).reserve(shares, worst)
        return replace(order, shares=shares, reserve=reserve)

    @cached_property
    def _desk_pause(self) -> Refusal | None:
        limits, books = self.conditions.limits, tuple(self.book.groups.values())
        if limits is None:
            return None
        return find_pause(
            "desk", limits, lambda closes: desk_growth_curve(books, self.at.view, self.at.row, closes)
        )

    def _use(self, books: Sequence[GroupBook], sells: Sequence[PricedOrder]) -> AccountUse:
        """The use by what groups hold, and by their open buys of earlier sessions.

        What is sold this morning still counts as held, except in a group with `reuse_sales`.
        """
        values = Counter[str]()
        for book in books:
            values.update(position_values(book, self.at.view, self.at.row))
            values.update({o.code: o.reserve for o in book.orders.values() if o.side == "BUY"})
        for sell in sells:
            if self.groups[sell.order.group].reuse_sales:
                values[sell.order.code] -= sell.value
        sectors = Counter[str]()
        for code, value in values.items():
            sectors[self._sector(code)] += value
        whole = sum(equity(book, self.at.view, self.at.row) for book in books)
        return AccountUse(whole, values.total(), values, sectors)

    def _sector(self, code: str) -> str:
        panel = self.at.view.panel
        return panel.listing(panel.column[code], self.at.trade_date).sector if code in panel.column else ""

    def _price(self, orders: Iterable[OrderPlaced]) -> tuple[PricedOrder, ...]:
        return tuple(self._price_one(order) for order in orders)

    def _price_one(self, order: OrderPlaced) -> PricedOrder:
        view, row = self.at.view, self.at.row
        column = view.panel.column[order.code]
        return PricedOrder(
            order,
            price=self.at.base(order.code),
            unit=view.panel.listing(column, self.at.trade_date).unit,
            sector=self._sector(order.code),
            usual_turnover=view.at("turnover_median_20", row, column),
            gap_pct=_gap_pct(view, row, column),
        )


def _gap_pct(view: View, row: int, column: int) -> float:
    """Percent by which the last close differs from the median of the five before; NaN without any."""
    before = np.array([view.at("close", row, column, lag) for lag in range(1, _CLOSES_BEFORE + 1)])
    known = before[~np.isnan(before)]
    return percent_change(view.at("close", row, column), float(np.median(known))) if len(known) else math.nan


def _add(rows: Rows, code: str, action: str, refusal: Refusal) -> None:
    rows[code, action] = (*rows.get((code, action), ()), refusal)


def _add_sells(rows: Rows, found: Iterable[tuple[PricedOrder, Refusal]]) -> None:
    for sell, refusal in found:
        _add(rows, sell.order.code, f"SELL_{sell.order.fraction_pct}%", refusal)
