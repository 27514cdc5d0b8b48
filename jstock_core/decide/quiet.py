"""Quiet mornings, on which nothing can happen: a backtest finds them ahead and skips them.

A morning is quiet if no order is open, nothing held goes ex, pays a dividend or can be sold, and the group
can pay for nothing that its entry wants. It would settle its session, decide to do nothing, and no more. A
morning may also be settled first, and is then quiet if nothing is left to decide. A morning that is not known
to be quiet is decided in full: skipping saves time and never changes a result.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jstock_core.base.unchecked import replace_unchecked
from jstock_core.decide.entries.wanted import wanted_stocks
from jstock_core.decide.exits.outlook import Lookout, doubtful_rows
from jstock_core.decide.given.given import Conditions, late_on_row, trade_date_of, watched_columns
from jstock_core.decide.groups import Group
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, GroupBook, Latest


@dataclass(frozen=True, eq=False)
class QuietMornings:
    """The quiet mornings of groups over a view; `monitored` has the codes that may be bought on each row."""

    view: View
    groups: Sequence[Group]
    conditions: Conditions
    monitored: tuple[tuple[str, ...], ...]

    def next_busy(self, book: Book, row: int) -> int:
        """The first row from `row` on that must be decided; R if there is none.

        `book` is the one after all rows before `row`, whose own session may be settled already.
        """
        given = self.conditions
        if given.blocked or given.halt or given.late or _has_open_orders(book):
            return row
        nearest = bisect_left(self._loud, row)
        end = self._loud[nearest] if nearest < len(self._loud) else self.view.shape[0]
        paid = book.entries or {}
        for r, codes in self._pay_days[bisect_left(self._pay_days, (row,)) :]:
            if r >= end:
                break
            if codes & paid.keys():
                end = r
        for group in self.groups:
            if end > row:
                end = self._next_of(group, book.groups[group.id], row, end)
        return end

    def pass_over(self, book: Book, row: int, end: int) -> Book:
        """The book after the quiet rows `row` to `end` - 1: each settled, with the decision to do nothing.

        The first row may be settled already.
        """
        if row == end:
            return book
        first = self.view.first_row
        days = self.view.panel.dates[first + row : first + end]
        latest = Latest(trade_date_of(self.view, end - 1), "complete", 0)
        groups = {
            name: replace_unchecked(own, reviewed=(*own.reviewed, *days[-2:])[-2:])
            for name, own in book.groups.items()
        }
        return replace_unchecked(
            book,
            groups=groups,
            settled_through=days[-1],
            decided=dict.fromkeys(book.decided, latest),
            seq=book.seq + len(days) * (1 + len(groups)) - (days[0] == book.settled_through),
        )

    def settle_idle(self, book: Book, row: int) -> Book | None:
        """The book after the session D of a row is settled, if that moves nothing; None if it may.

        Nothing moves if no order is open, no stock goes ex, pays a dividend or is gone, and the morning
        before was decided. Every second settlement of a backtest is such a one.
        """
        if row in self._moving or not book.decided or _has_open_orders(book):
            return None
        session = self.view.panel.session(self.view.first_row + row)
        return replace_unchecked(book, settled_through=session, seq=book.seq + 1)

    # --- one group --------------------------------------------------------------------------------------

    def _next_of(self, group: Group, own: GroupBook, row: int, end: int) -> int:
        """The first row from `row` on, before `end`, that the group must decide; `end` without one."""
        if group.wind_down:
            return row if own.lots else end
        end = Lookout.of(self.view, group).next_asked(own, row, end)
        return self._next_entry(group, own, row, end)

    def _next_entry(self, group: Group, own: GroupBook, row: int, end: int) -> int:
        """The first row with a free place and the cash for a unit of a wanted stock; `end` without one."""
        if len(own.lots) >= group.sizing.max_positions:
            return end
        offers, wanted, codes = self._offers(group), wanted_stocks(self.view, group), self.view.panel.codes
        for r, least in offers[bisect_left(offers, (row,)) : bisect_left(offers, (end,))]:
            if least > own.cash:
                continue
            watched = watched_columns(self.view, self.monitored[r])
            for each in wanted.on(r):
                may_be_bought = each.column in watched and codes[each.column] not in own.lots
                if may_be_bought and each.unit_price <= own.cash:
                    return r
        return end

    # --- what is the same for every book ----------------------------------------------------------------

    def _offers(self, group: Group) -> list[tuple[int, float]]:
        """The rows on which the entry wants monitored stocks, with the yen of the cheapest unit."""

        def make() -> list[tuple[int, float]]:
            wanted, least = wanted_stocks(self.view, group), np.full(self.view.shape[0], np.inf)
            watched = self._watched[wanted.row % len(self._watched), wanted.column]
            np.minimum.at(least, wanted.row[watched], wanted.unit_price[watched])
            rows = np.flatnonzero(least < np.inf)
            return list(zip(rows.tolist(), least[rows].tolist(), strict=True))

        return self.view.memo(("offers", group.entry_key, group.min_score, self._codes), make)

    @cached_property
    def _codes(self) -> tuple[tuple[str, ...], ...]:
        """The codes that may be bought: one tuple if they never change, else one for each row."""
        always = self.monitored.count(self.monitored[0]) == len(self.monitored)
        return self.monitored[:1] if always else self.monitored

    @cached_property
    def _watched(self) -> Bools:
        """(R, N), or (1, N) if they never change: which columns may be bought."""
        columns = self.view.panel.codes
        rows = {codes: np.isin(columns, codes) for codes in set(self._codes)}
        return np.array([rows[codes] for codes in self._codes])

    @cached_property
    def _loud(self) -> list[int]:
        """The rows that are never quiet: a stock goes ex, data is in doubt or late, a session is missing."""
        if self.conditions.late_on:
            return self._find_loud()
        return self.view.memo(("loud", self._codes, self.conditions.late_key), self._find_loud)

    def _find_loud(self) -> list[int]:
        view, given = self.view, self.conditions
        loud = np.ones(view.shape[0], dtype=np.bool_)
        loud[1:] = view.sessions[1:] != view.trade_dates[:-1]
        actions, panel = view.panel.actions, view.panel
        loud |= np.isin(view.trade_dates, actions.ex_date[np.isin(actions.code, panel.codes)])
        loud |= (untrusted_bars(panel).mask[view.rows] & self._watched).any(axis=1)
        dates = view.trade_dates.tolist()
        late = given.late_policy or given.late_on
        for row in np.flatnonzero(~loud).tolist() if late else ():
            known = given.late_on.get(dates[row])
            found = late_on_row(view, row, given) if known is None else known
            loud[row] = any(late.halts for late in found)
        return [int(row) for row in np.flatnonzero(loud)]

    @cached_property
    def _moving(self) -> frozenset[int]:
        """Rows on which settling D may move shares or cash without an order, or finds a morning missed."""
        paid = (row for row, _ in self._pay_days)
        return frozenset((*self._loud, *paid, *doubtful_rows(self.view)))

    @cached_property
    def _pay_days(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """The rows whose session pays dividends, sorted, each with the codes."""
        days = self.view.panel.dates[self.view.rows]
        paid = self.view.panel.dividends.paid_in
        found = ((row, paid[day]) for row, day in enumerate(days) if day in paid)
        return self.view.memo("pay_days", lambda: tuple(found))


def _has_open_orders(book: Book) -> bool:
    return any(own.orders for own in book.groups.values())
