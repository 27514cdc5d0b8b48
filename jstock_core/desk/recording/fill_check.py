"""Checks of a fill against the market data: whether it is possible, and whether it is odd.

An impossible fill is refused. One that is possible but more likely a typing error is odd, and recorded only
with consent: an odd lot, a price outside what traded, a price outside limits that may have been widened.
A trade outside the exchange (tender, offering, buy-back) has a price and a number of shares of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isnan, nan

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.memo import Memo
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.workspace.names import select_code
from jstock_core.market.adjustments import UNCHANGED
from jstock_core.market.bars.closes import base_close, last_close
from jstock_core.market.calendar import BARS_PUBLIC, OPEN, at, tse
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Panel
from jstock_core.market.prices import adjustments_due, as_yen, day_limits, next_base
from jstock_core.market.rules import Limits, on_tick, tick

WIDENED = 4  # times the usual width, on the side that was locked (MARKET rules of 2020-08-03)


@dataclass(frozen=True)
class Oddity:
    """Something about a fill that its reader should see; `consent` where it is recorded only on request."""

    text: str
    consent: bool = True


@dataclass(frozen=True)
class Bar:
    """A stock's session in yen."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, eq=False)
class FillCheck:
    """The market known at `now`, to check fills against."""

    panel: Panel
    now: datetime
    _found: Memo = field(default_factory=Memo, repr=False)

    @classmethod
    def of(cls, panel: Panel, now: datetime) -> FillCheck:
        """Cut a panel to what is public."""
        return cls(panel.known_at(now), now)

    def listing(self, code: str, on: date | None = None) -> Listing:
        """What is known of a stock, or was on a day; of an unknown one only its code."""
        column = self.panel.column.get(code)
        if column is None:
            return Listing(code, "", "")
        return self.panel.listings[column] if on is None else self.panel.listing(column, on)

    def is_public(self, session: date) -> bool:
        """Whether the session's bars are known."""
        return self.now >= at(session, BARS_PUBLIC) and session in self.panel.dates

    def bar(self, code: str, session: date) -> Bar | None:
        """The stock's bar; None where it is not known, or there was no trade."""
        return self._found(("bar", code, session), lambda: self._bar(code, session))

    def _bar(self, code: str, session: date) -> Bar | None:
        column = self.panel.column.get(code)
        if column is None or not self.is_public(session):
            return None
        row, panel = self.panel.row(session), self.panel
        if not panel.has_bar[row, column]:
            return None
        prices = (panel.open, panel.high, panel.low, panel.close)
        return Bar(*(as_yen(float(price[row, column])) for price in prices))

    def limits(self, code: str, session: date) -> Limits | None:
        """The day's limits around the last close; None where what came before is not known."""
        return self._found(("limits", code, session), lambda: self._limits(code, session))

    def _limits(self, code: str, session: date) -> Limits | None:
        row = self._row(session)
        if row == 0 or self.panel.session(row - 1) != tse().previous(session):
            return None
        base = self.close_before(code, session)
        return None if base is None else day_limits(self.panel, self.panel.column[code], base, session)

    def close_before(self, code: str, session: date) -> Decimal | None:
        """The last close before a session, in yen of that session; None of a stock without one."""
        row, column = self._row(session), self.panel.column[code]
        close = last_close(self.panel, row - 1, column) if row else nan
        if isnan(close):
            return None
        if row < len(self.panel.sessions):
            return as_yen(base_close(self.panel, row, column))
        due = adjustments_due(self.panel.actions, session).get(code, UNCHANGED)
        return next_base(close, due.factor)

    def _row(self, session: date) -> int:
        """The row of a session, or of the first one after it."""
        return int(np.searchsorted(self.panel.sessions, np.datetime64(session, "D")))

    def was_locked(self, code: str, session: date) -> bool:
        """Whether the session before ended without a trade or at a limit, so that limits may be wider."""
        before = tse().previous(session)
        bar, limits = self.bar(code, before), self.limits(code, before)
        return bar is None or limits is None or bar.close in (limits.lower, limits.upper)


def refuse_impossible(line: FillLine, check: FillCheck) -> None:
    """Make sure that a fill is possible.

    Raises:
        UsageError: a closed or future session, an unknown stock, no price, or a price out of reach.

    """
    session = tse().session(line.session)
    if check.now < at(session, OPEN):
        raise UsageError(f"{session} has not opened yet: nothing can have been filled")
    select_code(line.code, check.panel.column)
    if line.shares and line.price <= 0:
        raise UsageError(
            f"{line.shares} shares of {line.code} need a price above ¥0",
            do="give the price, or a quantity of 0 where the order was not filled",
        )
    if line.shares and not line.is_off_exchange and not _within_reach(line, check):
        limits = check.limits(line.code, session)
        assert limits is not None
        raise UsageError(
            f"¥{line.price:,} for {line.code} is outside the limits of {session}: "
            f"¥{limits.lower:,} to ¥{limits.upper:,}",
            do="correct the price; nothing was recorded",
        )


def _within_reach(line: FillLine, check: FillCheck) -> bool:
    """Whether the price traded, lies inside the limits, or inside limits that may have been widened."""
    bar, limits = check.bar(line.code, line.session), check.limits(line.code, line.session)
    if limits is None or (bar is not None and bar.low <= line.price <= bar.high):
        return True
    if not check.was_locked(line.code, line.session):
        return limits.lower <= line.price <= limits.upper
    middle = (limits.lower + limits.upper) / 2
    reach = WIDENED * (limits.upper - limits.lower) / 2
    return abs(line.price - middle) <= reach


def oddities(line: FillLine, check: FillCheck) -> Iterator[Oddity]:
    """The oddities of a possible fill; none for a trade outside the exchange."""
    if line.is_off_exchange:
        return
    listing = check.listing(line.code, line.session)
    if line.shares % listing.unit:
        yield Oddity(
            f"{line.shares} shares are not a multiple of the trading unit of {listing.unit}: an odd lot"
        )
    if not line.shares:
        return
    bar, limits = check.bar(line.code, line.session), check.limits(line.code, line.session)
    if bar is not None and not bar.low <= line.price <= bar.high:
        yield Oddity(f"¥{line.price:,} is outside what traded that day: ¥{bar.low:,} to ¥{bar.high:,}")
    elif bar is None and check.is_public(line.session):
        yield Oddity(f"{line.code} did not trade on {line.session}")
    elif bar is None and limits is not None and not limits.lower <= line.price <= limits.upper:
        usual = f"¥{limits.lower:,} to ¥{limits.upper:,}"
        yield Oddity(f"¥{line.price:,} is outside the usual limits of {usual}: were they widened?")
    if not on_tick(line.price, listing, line.session):
        step = tick(line.price, listing, line.session)
        yield Oddity(
            f"¥{line.price:,} is not a multiple of the tick of ¥{step:,}: an average?", consent=False
        )
