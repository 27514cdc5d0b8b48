"""A session's profit and loss as plain values: of a lot, of a group, of the desk. Made by `pnl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import fsum
from typing import Literal

How = Literal["held", "bought", "sold", "bought and sold", "taken out", "paid in lieu"]


@dataclass(frozen=True, slots=True)
class LotPnl:
    """What shares of one lot were worth when a session began for them and when it ended, in yen.

    `opened` is the lot's session and `origin` the fact that brought it: a purchase or an adjustment, by which
    shares also come in and are "taken out" at their cost. "paid in lieu" are the fractions of a share that a
    split left in all lots of a code; they have neither. `shares` are as they count at the end of the session.
    """

    group: str
    code: str
    how: How
    shares: int | Fraction
    start: float
    end: float
    opened: date | None = None
    origin: str = ""

    @property
    def pnl(self) -> float:
        """Yen won or lost in the session."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Booked:
    """Whole yen booked: FIFO gains (cash in lieu included, before fees), dividends and fees."""

    realized: int = 0
    dividends: int = 0
    fees: int = 0

    @property
    def net(self) -> int:
        """Yen after fees."""
        return self.realized + self.dividends - self.fees

    def __add__(self, other: Booked) -> Booked:
        """The sum of both."""
        return Booked(
            self.realized + other.realized, self.dividends + other.dividends, self.fees + other.fees
        )

    def __sub__(self, other: Booked) -> Booked:
        """What was booked after `other`."""
        return Booked(
            self.realized - other.realized, self.dividends - other.dividends, self.fees - other.fees
        )


@dataclass(frozen=True)
class GroupPnl:
    """A session's P&L of one group, or of all with `group` "".

    `booked` is the session's own and `to_date` that of all sessions so far; `unrealized` is the value of the
    lots held at the close less their cost, `unrealized_before` the same at the previous close.
    """

    group: str
    lots: tuple[LotPnl, ...] = ()
    booked: Booked = Booked()
    to_date: Booked = Booked()
    unrealized: float = 0.0
    unrealized_before: float = 0.0

    @cached_property
    def day(self) -> float:
        """Yen won or lost in the session: all lots and dividends, less fees."""
        return fsum(lot.pnl for lot in self.lots) + self.booked.dividends - self.booked.fees

    @property
    def total(self) -> float:
        """Yen won or lost since the beginning: equity less what was put in."""
        return self.to_date.net + self.unrealized

    @property
    def realized(self) -> int:
        """FIFO gains booked since the beginning, before fees and dividends."""
        return self.to_date.realized


@dataclass(frozen=True)
class DayPnl:
    """The P&L of a session: by group, in order of their ids, and of the whole desk."""

    session: date
    groups: Mapping[str, GroupPnl]

    @cached_property
    def whole(self) -> GroupPnl:
        """All groups together."""
        parts = self.groups.values()
        return GroupPnl(
            "",
            tuple(lot for part in parts for lot in part.lots),
            sum((part.booked for part in parts), Booked()),
            sum((part.to_date for part in parts), Booked()),
            fsum(part.unrealized for part in parts),
            fsum(part.unrealized_before for part in parts),
        )
