"""A split as a person recorded it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple


class RecordedSplit(NamedTuple):
    """`after` shares for each `before` shares of a code, from the ex-date `session` on.

    `announced_at` is the minute (JST, ISO) in which it was recorded, "" where its session was settled
    already. `is_applied` is whether the lots have it. `price` is what was paid for each share in lieu of
    fractions, None where it is not known.
    """

    code: str
    session: date
    after: int
    before: int
    announced_at: str = ""
    is_applied: bool = False
    price: Decimal | None = None

    @property
    def ratio(self) -> Fraction:
        """Shares after for one before."""
        return Fraction(self.after, self.before)

    @property
    def fact(self) -> str:
        """The id of the fact that recorded it."""
        kind = "split" if self.is_applied else "split_announced"
        return f"{kind}:{self.session}:{self.code}"

    @property
    def text(self) -> str:
        """The ratio as commands take it: "5:1" for five new shares for each old one."""
        return f"{self.after}:{self.before}"

    @property
    def factor(self) -> float:
        """What it multiplies prices with, as AdjFactor: 0.2 for 5:1."""
        return self.before / self.after
