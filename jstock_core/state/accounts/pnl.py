"""Daily profit and loss, lot by lot: what each session won or lost, and how much of it is booked.

1. The facts in force are folded session by session; a split or a change of code carries the previous close
   along (`_Opening`).
2. In each session every lot is worth something when the day begins and when it ends, and won the difference
   (`LotPnl`): held, shares x (C - previous C); bought, shares x (C - price); sold, shares x (price - previous
   C); bought and sold, what it brought less what it cost. Without a trusted bar C is the last close, and
   the day 0.
3. Those of all lots, with dividends and less fees, are the day's P&L: the change of equity less what came in,
   to the yen. So are gains booked by FIFO and the change of what is not yet booked.

FIFO gains are the strategy's view; what a tax office sees is in `tax`. Yen are float64 where a price has a
fraction, whole otherwise. A fact on a day without a session counts for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import fsum, isnan

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.bars.closes import last_close
from jstock_core.market.calendar import day_array
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.pnl_day import Booked, DayPnl, GroupPnl, How, LotPnl
from jstock_core.state.book.account import Account
from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.closing import IN_LIEU, Closing
from jstock_core.state.book.entries import ShareFact, fold_rank
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.lots import Lot, Match, shares_of, split_proceeds
from jstock_core.state.facts.events import CodeMoved, Event, SplitApplied

__all__ = ["Booked", "DayPnl", "GroupPnl", "How", "LotPnl", "daily_pnl"]


def daily_pnl(events: Iterable[Event], panel: Panel, since: date | None = None) -> Iterator[DayPnl]:
    """The P&L of every session from the first event's, or from `since`, to the panel's last.

    `events` are the facts in force. Sessions before `since` are folded, not valued. What is wrong is raised
    when the first day is asked for.

    Raises:
        UsageError: the panel ends before the first event, or before `since`.
        DataError: a stock that is held is not in the panel, or had no bar yet.
        StateError: an event contradicts what came before it.

    """
    ordered = sorted(events, key=_place)
    rows = np.searchsorted(panel.sessions, day_array([e.session for e in ordered]))
    begin = int(rows[0]) if len(rows) else len(panel.sessions)
    if since is not None:
        begin = max(begin, int(np.searchsorted(panel.sessions, np.datetime64(since, "D"))))
    if begin >= len(panel.sessions):
        raise UsageError("no session to value: the bars end before it", do="fetch newer sessions")
    walk = _Walk(panel)
    waiting = list(zip(rows.tolist(), ordered, strict=True))[::-1]
    while waiting and waiting[-1][0] < begin:
        walk.fold.add(waiting.pop()[1])
    walk.fold.flush()
    for row in range(begin, len(panel.sessions)):
        today = []
        while waiting and waiting[-1][0] == row:
            today.append(waiting.pop()[1])
        yield walk.day(row, today)


def _place(event: Event) -> tuple[date, int]:
    """Facts about shares in the order of the fold, the others of their session before them."""
    return event.session, fold_rank(event) if isinstance(event, ShareFact) else -1


# --- one session after the other -----------------------------------------------------------------------


@dataclass
class _Opening:
    """What a session begins with: the previous closes. `converted` holds, by the origin of a lot, that of its
    shares as they are after the splits and moves of the session.
    """

    panel: Panel
    row: int
    converted: dict[str, float]

    def __post_init__(self) -> None:
        self.before = self.panel.session(self.row - 1) if self.row else date.min

    def is_old(self, lot: Lot) -> bool:
        """Whether the lot was there at the previous close."""
        return lot.session <= self.before

    def close(self, lot: Lot) -> float:
        """The previous close in yen per share as they are now."""
        found = self.converted.get(lot.origin)
        return _close(self.panel, lot, self.row - 1) if found is None else found

    def worth(self, lot: Lot, shares: int, cost: int) -> float:
        """What shares of a lot are worth when the day begins for them: yesterday's close, or their cost."""
        return shares * self.close(lot) if self.is_old(lot) else float(cost)

    def convert(self, lots: Iterable[Lot], ratio: Fraction) -> None:
        """`ratio` shares stand for each one of these lots from now on."""
        for lot in lots:
            if self.is_old(lot):
                self.converted[lot.origin] = self.close(lot) * ratio.denominator / ratio.numerator


class _Walk:
    """A fold that notes what each session did to each lot."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.fold = Fold(EMPTY, self._close)
        self._opening = _Opening(panel, 0, {})
        self._lines: list[LotPnl] = []

    def day(self, row: int, events: Iterable[Event]) -> DayPnl:
        """Fold the events of a session, and value what is left at its close."""
        self._opening = _Opening(self.panel, row, {})
        self._lines = []
        before = {name: self._standing(account, row - 1) for name, account in self.fold.accounts.items()}
        for event in events:
            if isinstance(event, SplitApplied | CodeMoved):
                self._convert(event)
            else:
                self.fold.add(event)
        self.fold.flush()
        groups = {}
        for name, account in sorted(self.fold.accounts.items()):
            held = tuple(self._held(account, row))
            moved = tuple(line for line in self._lines if line.group == name)
            then, now = before.get(name, GroupPnl(name)), self._standing(account, row)
            groups[name] = replace(
                now,
                lots=(*moved, *held),
                booked=now.to_date - then.to_date,
                unrealized_before=then.unrealized,
            )
        return DayPnl(self.panel.session(row), groups)

    def _standing(self, account: Account, row: int) -> GroupPnl:
        """What is booked and what is not, at the close of a session."""
        unrealized = fsum(
            _worth(self.panel, lot, row) - lot.cost for lots in account.lots.values() for lot in lots
        )
        booked = Booked(account.realized, account.dividends, account.fees)
        return GroupPnl(account.id, to_date=booked, unrealized=unrealized)

    def _held(self, account: Account, row: int) -> Iterator[LotPnl]:
        for code in sorted(account.lots):
            for lot in account.lots[code]:
                how: How = "held" if self._opening.is_old(lot) else "bought"
                start = self._opening.worth(lot, lot.shares, lot.cost)
                end = _worth(self.panel, lot, row)
                yield LotPnl(account.id, code, how, lot.shares, start, end, lot.session, lot.origin)

    def _close(self, closing: Closing) -> None:
        """Shares that left, and what they brought."""
        if closing.proceeds is None:
            for match in closing.matches:
                self._left(closing.group, match, "taken out", match.cost)
        elif closing.layer != IN_LIEU:
            for match, part in split_proceeds(closing.proceeds, closing.matches):
                how: How = "sold" if self._opening.is_old(match.lot) else "bought and sold"
                self._left(closing.group, match, how, part)

    def _left(self, group: str, match: Match, how: How, end: int) -> None:
        lot, shares, cost = match
        start = self._opening.worth(lot, shares, cost)
        self._lines.append(LotPnl(group, lot.code, how, shares, start, end, lot.session, lot.origin))

    def _convert(self, event: SplitApplied | CodeMoved) -> None:
        """Fractions of a share are paid out or change hands: what was paid against what they were worth."""
        self.fold.flush()
        code = event.code
        new_code = event.to if isinstance(event, CodeMoved) else code
        codes = {code, new_code}
        held = {
            name: (account.cash, account.lots[code], fsum(self._worth(account, own) for own in codes))
            for name, account in self.fold.accounts.items()
            if code in account.lots
        }
        self.fold.add(event)
        self.fold.flush()
        for name, (cash, lots, worth) in held.items():
            self._opening.convert(lots, event.ratio)
            account = self.fold.accounts[name]
            now = account.lots.get(new_code, ())
            origins = {lot.origin for lot in lots}
            left = shares_of([lot for lot in now if lot.origin in origins])
            fraction = shares_of(lots) * event.ratio - left
            if fraction:
                start, end = worth - self._worth(account, new_code), account.cash - cash
                self._lines.append(LotPnl(name, new_code, "paid in lieu", fraction, start, end))

    def _worth(self, account: Account, code: str) -> float:
        return fsum(self._opening.worth(lot, lot.shares, lot.cost) for lot in account.lots.get(code, ()))


def _worth(panel: Panel, lot: Lot, row: int) -> float:
    """What a lot is worth at the close of a row."""
    return lot.shares * _close(panel, lot, row)


def _close(panel: Panel, lot: Lot, row: int) -> float:
    """The last trusted close at or before a row, in that row's yen; before the first one, what was paid.

    Raises:
        DataError: the stock is not in the panel.

    """
    column = panel.column.get(lot.code)
    if column is None:
        raise DataError(f"{lot.code} is held, but has no prices here", do="add it to the monitor list")
    close = last_close(panel, row, column)
    return lot.cost / lot.shares if isnan(close) else close
