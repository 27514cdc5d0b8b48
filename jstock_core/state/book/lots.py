"""FIFO lots: what is held, what a sale takes from it, what a split makes of it.

These functions take lots, oldest first, and return new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from jstock_core.base.errors import StateError

_WHOLE = Fraction(1)
TAXED = "特定"
"""The usual type of broker's account (tokutei), from whose gains the broker withholds tax."""
NISA = "NISA"
"""The type of broker's account whose gains and dividends are not taxed."""


class Lot(NamedTuple):
    """One purchase, or what is left of it.

    - `cost`: total in whole yen; `paid`: price per share as bought, in yen
    - `ratio`: shares that splits since then made of one share
    - `score`: of the signal that opened it, None if it was recorded by hand
    - `evaluated`: the session D it was decided on
    - `origin`: id of the fill
    - `fills`: where it lies, "open" or "signal_price" on paper, "manual" at the broker
    - `account`: type of the broker's account, "" if unknown
    """

    code: str
    shares: int
    cost: int
    paid: Decimal
    session: date
    score: float | None
    evaluated: date
    origin: str
    ratio: Fraction = _WHOLE
    fills: str = "manual"
    account: str = ""

    @property
    def pool(self) -> tuple[str, str]:
        """The account in which fractions of shares are added up; an unknown type counts as 特定."""
        return self.fills, self.account or TAXED

    @property
    def price(self) -> Decimal:
        """Price per share as bought, in yen after the splits since."""
        return self.paid * self.ratio.denominator / self.ratio.numerator


class Match(NamedTuple):
    """Shares that a sale took from a lot, with their part of its cost in yen."""

    lot: Lot
    shares: int
    cost: int


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """Shares of one lot that were sold: cost and proceeds in yen, the sessions of purchase and sale.

    `score` is that of the signal that opened the lot, `layer` the exit layer that sold it, "" if a person
    did.
    """

    group: str
    code: str
    shares: int
    cost: int
    proceeds: int
    opened: date
    closed: date
    layer: str
    score: float | None

    @property
    def gain(self) -> int:
        """Yen won or lost, before fees."""
        return self.proceeds - self.cost


def shares_of(lots: Sequence[Lot]) -> int:
    """Shares in all the lots together."""
    return sum([lot.shares for lot in lots])


def cost_of(lots: Sequence[Lot]) -> int:
    """Whole yen paid for all the lots together."""
    return sum([lot.cost for lot in lots])


def _is_in(lot: Lot, account: str) -> bool:
    return not account or lot.pool[1] == account


def consume(lots: Sequence[Lot], shares: int, account: str = "") -> tuple[tuple[Match, ...], tuple[Lot, ...]]:
    """Take shares from the oldest lots in a type of account, "" for any: what was matched, and what is left.

    A lot that is sold in part gives up its cost in proportion, rounded down; the last sale takes the rest.

    Raises:
        StateError: fewer shares are held.

    """
    held = shares_of([lot for lot in lots if _is_in(lot, account)])
    if shares > held:
        place = f" in {account}" if account else ""
        raise StateError(
            f"sells {shares} shares, but only {held} are held{place}",
            do="correct the shares; nothing was changed",
        )
    taken: list[Match] = []
    left: list[Lot] = []
    for lot in lots:
        count = min(shares, lot.shares) if _is_in(lot, account) else 0
        shares -= count
        if count == lot.shares:
            taken.append(Match(lot, count, lot.cost))
        elif count:
            cost = lot.cost * count // lot.shares
            taken.append(Match(lot, count, cost))
            left.append(lot._replace(shares=lot.shares - count, cost=lot.cost - cost))
        else:
            left.append(lot)
    return tuple(taken), tuple(left)


def split_proceeds(proceeds: int, matches: Sequence[Match]) -> Iterator[tuple[Match, int]]:
    """Each match with its part of the proceeds, in proportion and rounded down; the last takes the rest."""
    shares = sum(match.shares for match in matches)
    for match in matches:
        part = proceeds * match.shares // shares
        yield match, part
        proceeds, shares = proceeds - part, shares - match.shares


def split_shares(shares: int, ratio: Fraction) -> tuple[int, Fraction]:
    """Whole shares that a split makes of `shares`, and the fraction of a share left over."""
    exact = shares * ratio
    whole = exact.numerator // exact.denominator
    return whole, exact - whole


def split(lots: Sequence[Lot], ratio: Fraction, extra: int = 0) -> tuple[Lot, ...]:
    """The lots after a split of `ratio` shares for one; `extra` whole shares go to the last lot.

    The position is rounded down to whole shares, not each lot: a lot gets what the running total allows. The
    total cost stays the same. A lot that is left without a share passes its cost to the next lot, the last
    one to the lot before. If no whole share is left, there are no lots.
    """
    new: list[Lot] = []
    before = given = orphan = 0
    for lot in lots:
        before += lot.shares
        whole = split_shares(before, ratio)[0] + (extra if lot is lots[-1] else 0)
        shares, given = whole - given, whole
        orphan += lot.cost
        if shares:
            new.append(lot._replace(shares=shares, cost=orphan, ratio=lot.ratio * ratio))
            orphan = 0
    if new and orphan:
        new[-1] = new[-1]._replace(cost=new[-1].cost + orphan)
    return tuple(new)


def take_cost(lots: Sequence[Lot], yen: int) -> tuple[Lot, ...]:
    """The lots with `yen` less cost in all, taken from each in proportion."""
    total, seen, taken = cost_of(lots), 0, 0
    new: list[Lot] = []
    for lot in lots:
        seen += lot.cost
        part = (yen * seen // total if total else 0) - taken
        taken += part
        new.append(lot._replace(cost=lot.cost - part))
    return tuple(new)
