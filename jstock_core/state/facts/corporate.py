"""Corporate actions: splits, consolidations, changes of code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from jstock_core.state.facts.base import Event


@dataclass(frozen=True, kw_only=True)
class SplitApplied(Event):
    """`numerator` shares for each `denominator` held before the ex-date `session`, in every group.

    Fractions of a share are paid out at `cash_in_lieu_price`, in yen per share after the split.
    """

    name: ClassVar[str] = "split"

    code: str
    numerator: int
    denominator: int
    cash_in_lieu_price: Decimal | None = None

    @property
    def ratio(self) -> Fraction:
        """Shares after for one before."""
        return Fraction(self.numerator, self.denominator)

    def _id(self) -> str:
        return f"split:{self.session}:{self.code}"


@dataclass(frozen=True, kw_only=True)
class SplitAnnounced(Event):
    """A person knows that shares will be split on the ex-date `session`, which is not settled yet.

    It changes no shares: the market data are read with its factor, and the settlement of its session makes
    a `SplitApplied` of it. `announced_at` is the minute in which it was recorded (JST, ISO).
    """

    name: ClassVar[str] = "split_announced"
    provenance_of: ClassVar[frozenset[str]] = frozenset({"source", "by", "announced_at"})

    code: str
    numerator: int
    denominator: int
    announced_at: str
    cash_in_lieu_price: Decimal | None = None

    @property
    def ratio(self) -> Fraction:
        """Shares after for one before."""
        return Fraction(self.numerator, self.denominator)

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.code}"


@dataclass(frozen=True, kw_only=True)
class CodeMoved(Event):
    """Each `denominator` shares of `code` became `numerator` shares of `to`, before the open of the session.

    It covers a change of code, a share exchange and a merger. Lots keep their cost and their session.
    """

    name: ClassVar[str] = "code_move"

    code: str
    to: str
    numerator: int
    denominator: int
    cash_in_lieu_price: Decimal | None = None
    reason: str = ""

    @property
    def ratio(self) -> Fraction:
        """Shares after for one before."""
        return Fraction(self.numerator, self.denominator)

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.code}:{self.to}"
