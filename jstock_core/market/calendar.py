"""TSE sessions, with dated close times, from a table generated from exchange_calendars (XTKS).

Nothing is guessed: a day outside the table raises a `UsageError` that says whether it is before or after it.
The holidays of a year become official in February of the year before; later years are predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError

OPEN = time(9, 0)
DECISION = time(7, 0)
BARS_PUBLIC = time(16, 30)  # of their session; see publication.py


_EPOCH = date(1970, 1, 1).toordinal()


def day_array(days: Sequence[date]) -> NDArray[np.datetime64]:
    """Dates as datetime64[D], (n,), ten times faster than `np.array` of a list of dates."""
    counted = np.fromiter(map(date.toordinal, days), np.int64, len(days)) - _EPOCH
    return counted.astype("datetime64[D]")


@dataclass(frozen=True, eq=False)
class Calendar:
    """Sessions in order: `days` (S,) datetime64[D] and `closes`, minutes after midnight JST."""

    days: NDArray[np.datetime64]
    closes: NDArray[np.int64]

    @cached_property
    def first(self) -> date:
        """The first session known."""
        return _date(self.days[0])

    @cached_property
    def last(self) -> date:
        """The last session known: the horizon."""
        return _date(self.days[-1])

    def _position(self, day: date) -> int:
        """Number of sessions before `day`, which must lie inside the table."""
        if day < self.first:
            raise self._outside(day, f"before the first known session {self.first}")
        if day > self.last:
            raise self._outside(day, f"beyond the last known session {self.last}")
        return int(np.searchsorted(self.days, np.datetime64(day, "D")))

    def _outside(self, day: date, how: str) -> UsageError:
        return UsageError(
            f"{day} is {how}: whether the market is open then is not known",
            where=f"the TSE calendar covers {self.first} to {self.last}",
            do="give a date inside it, or update jstock for a longer calendar",
        )

    def is_session(self, day: date) -> bool:
        """Whether the TSE trades on `day`.

        Raises:
            UsageError: `day` lies outside the calendar (as for all methods here).

        """
        return bool(self.days[self._position(day)] == np.datetime64(day, "D"))

    def session(self, day: date) -> date:
        """Return `day` if the TSE trades on it.

        Raises:
            UsageError: the market is closed on `day`; the message names the sessions around it.

        """
        if self.is_session(day):
            return day
        after = self.on_or_after(day)
        raise UsageError(
            f"TSE is closed on {day} ({day:%A})",
            do=f"give {self.previous(after)} or {after}, the sessions around it",
        )

    def on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        return _date(self.days[self._position(day)])

    def next(self, day: date) -> date:
        """The first session after `day`."""
        return self.on_or_after(day + timedelta(days=1))

    def previous(self, day: date) -> date:
        """The last session before `day`."""
        return self.back(day, 1)

    def back(self, day: date, count: int) -> date:
        """The session `count` sessions before `day` (before the next session, if `day` is not one)."""
        position = self._position(day) - count
        if position < 0:
            raise self._outside(
                day, f"fewer than {count} sessions after the first known session {self.first}"
            )
        return _date(self.days[position])

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """Sessions from `first` to `last`, both included."""
        return tuple(self.days_between(first, last).tolist())

    def days_between(self, first: date, last: date) -> NDArray[np.datetime64]:
        """The same as an array (n,) of days."""
        stop = self._position(last) + int(self.is_session(last))
        return self.days[self._position(first) : stop]

    def next_days(self, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        """The session after each of `days`, which must be sessions before the horizon."""
        following: NDArray[np.datetime64] = self.days[np.searchsorted(self.days, days, side="right")]
        return following

    def close_at(self, session: date) -> datetime:
        """When trading ends in a session (15:00 JST; 15:30 from 2024-11-05)."""
        minutes = int(self.closes[self._position(self.session(session))])
        return at(session, time(minutes // 60, minutes % 60))

    def last_closed(self, now: datetime) -> date:
        """The newest session whose bars are public at `now` (aware)."""
        local = now.astimezone(JST)
        today = local.date()
        if self.is_session(today) and local.time() >= BARS_PUBLIC:
            return today
        return self.previous(today)

    def next_trade_date(self, now: datetime) -> date:
        """The next session for which a decision can be made at `now`: the one after `last_closed`."""
        return self.next(self.last_closed(now))


def at(day: date, clock: time) -> datetime:
    """The aware JST datetime of a day and a wall-clock time."""
    return datetime.combine(day, clock, tzinfo=JST)


def decision_time(trade_date: date) -> datetime:
    """07:00 JST of the trade date."""
    return at(trade_date, DECISION)


@cache
def tse() -> Calendar:
    """The TSE calendar that ships with jstock."""
    text = (Path(__file__).parent / "tables" / "sessions.csv").read_text(encoding="ascii")
    lines = text.split()[1:]
    days = np.array([line[:10] for line in lines], dtype="datetime64[D]")
    closes = np.array([int(line[11:13]) * 60 + int(line[14:16]) for line in lines], dtype=np.int64)
    return Calendar(days, closes)


def _date(day: np.datetime64) -> date:
    plain: date = day.astype(object)
    return plain
