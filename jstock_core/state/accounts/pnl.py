"""Daily profit and loss, lot by lot: what each session won or lost, and how much of it is booked.

1. The facts in force are folded session by session; a split carries the previous close along (`_Opening`).
2. In each session every lot is worth something when the day begins and when it ends, and won the difference
   (`LotPnl`): held, shares x (C - previous C); bought, shares x (C - price); sold, shares x (price - previous
   C); bought and sold, what it brought less what it cost. Without a bar C is the last close, and the day 0.
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
from jstock_core.market.panel import Panel
from jstock_core.market.prices import last_close
from jstock_core.state.accounts.pnl_day import Booked, DayPnl, GroupPnl, How, LotPnl
from jstock_core.state.book.account import Account
from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.lots import Lot, Match, cost_of, shares_of, split_proceeds
from jstock_core.state.facts.events import Event, Filled, PositionAdjusted, SplitApplied

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
    ordered = sorted(events, key=_session)
    rows = np.searchsorted(panel.sessions, np.array([e.session for e in ordered], dtype="datetime64[D]"))
    begin = int(rows[0]) if len(rows) else len(panel.sessions)
    if since is not None:
        begin = max(begin, int(np.searchsorted(panel.sessions, np.datetime64(since, "D"))))
    if begin >= len(panel.sessions):
        raise UsageError("no session to value: the bars end before it", do="fetch newer sessions")
    walk = _Walk(panel)
    waiting = list(zip(rows.tolist(), ordered, strict=True))[::-1]
    while waiting and waiting[-1][0] < begin:
        walk.fold.add(waiting.pop()[1])
    for row in range(begin, len(panel.sessions)):
        today = []
        while waiting and waiting[-1][0] == row:
            today.append(waiting.pop()[1])
        yield walk.day(row, today)


def _session(event: Event) -> date:
    return event.session


# --- one session after the other -----------------------------------------------------------------------


@dataclass
class _Opening:
    """What a session begins with: the previous closes, carried over the splits that happen in it."""

    panel: Panel
    row: int
    ratios: dict[str, Fraction]

    def __post_init__(self) -> None:
        self.before = self.panel.session(self.row - 1) if self.row else date.min

    def close(self, code: str) -> float:
        """The previous close in yen per share as they are now."""
        ratio = self.ratios.get(code, Fraction(1))
        return _close(self.panel, code, self.row - 1) * ratio.denominator / ratio.numerator

    def is_old(self, lot: Lot) -> bool:
        """Whether the lot was there at the previous close."""
        return lot.session <= self.before

    def worth(self, lot: Lot, shares: int, cost: int) -> float:
        """What shares of a lot are worth when the day begins for them: yesterday's close, or their cost."""
        return shares * self.close(lot.code) if self.is_old(lot) else float(cost)


class _Walk:
    """A fold that notes what each session did to each lot."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.fold = Fold(EMPTY, on_match=self._match)
        self._opening = _Opening(panel, 0, {})
        self._lines: list[LotPnl] = []

    def day(self, row: int, events: Iterable[Event]) -> DayPnl:
        """Fold the events of a session, and value what is left at its close."""
        self._opening = _Opening(self.panel, row, {})
        self._lines = []
        before = {name: self._standing(account, row - 1) for name, account in self.fold.accounts.items()}
        for event in events:
            if isinstance(event, SplitApplied):
                self._split(event)
            else:
                self.fold.add(event)
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
            shares_of(lots) * _close(self.panel, code, row) - cost_of(lots)
            for code, lots in account.lots.items()
        )
        booked = Booked(account.realized, account.dividends, account.fees)
        return GroupPnl(account.id, to_date=booked, unrealized=unrealized)

    def _held(self, account: Account, row: int) -> Iterator[LotPnl]:
        for code in sorted(account.lots):
            close = _close(self.panel, code, row)
            for lot in account.lots[code]:
                how: How = "held" if self._opening.is_old(lot) else "bought"
                start = self._opening.worth(lot, lot.shares, lot.cost)
                end = lot.shares * close
                yield LotPnl(account.id, code, how, lot.shares, start, end, lot.session, lot.origin)

    def _match(self, event: Event, matches: tuple[Match, ...]) -> None:
        """Shares that left, and what they brought."""
        if isinstance(event, PositionAdjusted):
            for match in matches:
                self._left(event.group, match, "taken out", match.cost)
        elif isinstance(event, Filled):
            for match, part in split_proceeds(event.amount, matches):
                how: How = "sold" if self._opening.is_old(match.lot) else "bought and sold"
                self._left(event.group, match, how, part)

    def _left(self, group: str, match: Match, how: How, end: int) -> None:
        lot, shares, cost = match
        start = self._opening.worth(lot, shares, cost)
        self._lines.append(LotPnl(group, lot.code, how, shares, start, end, lot.session, lot.origin))

    def _split(self, event: SplitApplied) -> None:
        """Fractions of a share are paid out: what was paid against what they were worth."""
        code, ratio = event.code, event.ratio
        held = {
            name: (account.cash, account.lots[code], self._worth(account, code))
            for name, account in self.fold.accounts.items()
            if code in account.lots
        }
        self.fold.add(event)
        self._opening.ratios[code] = self._opening.ratios.get(code, Fraction(1)) * ratio
        for name, (cash, lots, worth) in held.items():
            account = self.fold.accounts[name]
            due = shares_of([lot for lot in lots if lot.session < event.session])
            left = shares_of(account.lots.get(code, ())) - (shares_of(lots) - due)
            if due * ratio != left:
                start = worth - self._worth(account, code)
                fraction = due * ratio - left
                self._lines.append(LotPnl(name, code, "paid in lieu", fraction, start, account.cash - cash))

    def _worth(self, account: Account, code: str) -> float:
        return fsum(self._opening.worth(lot, lot.shares, lot.cost) for lot in account.lots.get(code, ()))


def _close(panel: Panel, code: str, row: int) -> float:
    """The last raw close at or before a row, in that row's yen.

    Raises:
        DataError: the stock is not in the panel, or had no bar yet.

    """
    column = panel.column.get(code)
    if column is None:
        raise DataError(f"{code} is held, but has no prices here", do="add it to the monitor list")
    close = last_close(panel, row, column)
    if isnan(close):
        raise DataError(f"{code} is held before its first bar: it has no value", do="correct the fill")
    return close
