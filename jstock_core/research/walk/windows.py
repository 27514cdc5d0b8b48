"""Windows of a walk-forward: a train span to choose parameters on, and a test span to trade them on.

Test spans follow each other without gaps or overlaps. Each train span ends `purge` sessions before its test
span. A later train span includes earlier test spans, but not the `embargo` sessions after each of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import quote
from jstock_core.base.words import plural
from jstock_core.market.calendar import tse

_LENGTH = re.compile(r"(\d{1,4}) ?([YM]?)", re.IGNORECASE)


@dataclass(frozen=True)
class SpanLength:
    """Length of a span: a number of sessions, or of calendar months."""

    count: int
    unit: Literal["sessions", "months"]

    @classmethod
    def of(cls, given: str | int) -> SpanLength:
        """Read "2Y", "6M", or a number of sessions.

        Raises:
            UsageError: it is something else, or under 1.

        """
        found = None if isinstance(given, bool) else _LENGTH.fullmatch(str(given).strip())
        if found is None or not int(found[1]):
            raise UsageError(
                f"{quote(given)} is not the length of a span",
                do='write it as "2Y", "6M", or as 120 (sessions)',
            )
        count, unit = int(found[1]), found[2].upper()
        return cls(count, "sessions") if not unit else cls(count * (12 if unit == "Y" else 1), "months")

    def __str__(self) -> str:
        if self.unit == "sessions":
            return f"{self.count} sessions"
        return f"{self.count // 12}Y" if self.count % 12 == 0 else f"{self.count}M"


@dataclass(frozen=True)
class Window:
    """The indices of the sessions to choose on (`train`) and to trade on (`test`).

    `embargoed` are indices in `train` that are not used for the choice.
    """

    train: range
    test: range
    embargoed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.embargoed) == len(self.train):
            raise UsageError(
                "the embargo leaves no session of a train span to choose on",
                do="give fewer sessions of embargo, or a longer test span",
            )


@dataclass(frozen=True)
class WindowScheme:
    """How sessions are cut into windows.

    A rolling train span has the length `train`; an `anchored` one begins with the first session. `purge`
    sessions after it are left out, because its positions may still be held in them. `embargo` sessions after
    each earlier test span are not used for the choice, because they resemble those that were traded. The last
    test span may be shorter than `test`.
    """

    train: SpanLength
    test: SpanLength
    anchored: bool = False
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if self.train.unit != self.test.unit:
            raise UsageError(
                f"the train span is {self.train} and the test span {self.test}",
                do="give both in years and months, or both in sessions",
            )
        if min(self.purge, self.embargo) < 0:
            raise UsageError("purge or embargo is under 0", do="give sessions from 0 on")

    def __str__(self) -> str:
        kind = "anchored" if self.anchored else "rolling"
        purge = f", {plural(self.purge, 'session')} purged between them" if self.purge else ""
        after = f", {plural(self.embargo, 'session')} under embargo after each test" if self.embargo else ""
        return f"{kind} windows of {self.train} and {self.test}{purge}{after}"

    def split(self, sessions: Sequence[date]) -> tuple[Window, ...]:
        """Cut sessions into windows; the first test span is the first with a whole train span before it.

        Raises:
            UsageError: there are too few sessions for one window.

        """
        windows = tuple(self._windows(sessions))
        if not windows:
            span = f"{sessions[0]} to {sessions[-1]} ({len(sessions)} sessions)" if sessions else "no session"
            raise UsageError(
                f"a train span of {self.train} leaves no session to test on",
                where=span,
                do="give a longer span or a shorter train span",
            )
        return windows

    def _windows(self, sessions: Sequence[date]) -> Iterator[Window]:
        gap, count = self.purge, len(sessions)
        bounds = (self._bound(sessions, n) for n in range(count))
        under_embargo: set[int] = set()
        for n, (end, after) in enumerate(pairwise(bounds)):
            if end + gap >= count:
                return
            train = range(0 if self.anchored else self._place(sessions, n * self.test.count), end)
            test = range(end + gap, min(after + gap, count))
            yield Window(train, test, tuple(sorted(under_embargo.intersection(train))))
            under_embargo.update(range(test.stop, test.stop + self.embargo))

    def _bound(self, sessions: Sequence[date], n: int) -> int:
        """The index at which the n-th train span ends."""
        return self._place(sessions, self.train.count + n * self.test.count)

    def _place(self, sessions: Sequence[date], past: int) -> int:
        """The index of the session `past` sessions or months after the first."""
        if self.test.unit == "sessions":
            return past
        return bisect_left(sessions, _months_after(_first_day(sessions[0]), past))


def _first_day(session: date) -> date:
    """The day from which months are counted: the first of the month for its first session, else the day."""
    begin = session.replace(day=1)
    return begin if tse().on_or_after(begin) == session else session


def _months_after(day: date, months: int) -> date:
    """The same day of the month, some months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
