"""FIFO lots: what is held, what a sale takes, what a split makes of it.

A balance is a fold, never stored: these verbs take lots, oldest first, and return new ones.
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
"""The usual type of account, whose gains the broker taxes."""
NISA = "NISA"
"""The type of account whose gains are not taxed."""


class Lot(NamedTuple):
    """One purchase, or what is left of it.

    `cost` is the total in whole yen, `paid` the price as bought, `ratio` the shares that splits since then
    made of one; `score` that of the signal that opened it (None: recorded by hand), `evaluated` the session D
    it was decided on, `origin` the id of the fill. `fills` tells where it lies ("open" and "signal_price" on
    paper, "manual" at the broker), `account` in which type of account there, "" where nobody said.
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
        """The account whose fractions of a share are reckoned together. What nobody said is 特定."""
        return self.fills, self.account or TAXED

    @property
    def price(self) -> Decimal:
        """Price per share as bought, carried over the splits since."""
        return self.paid * self.ratio.denominator / self.ratio.numerator


class Match(NamedTuple):
    """Shares that a sale took from a lot, with their part of its cost."""

    lot: Lot
    shares: int
    cost: int


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """Shares of one lot that left: what they cost, what they brought, and why they went.

    `score` is that of the signal that opened the lot, `layer` the exit layer that closed it ("" by hand).
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
    """Take shares from the oldest lots of a type of account ("": of all): what was matched, and what is left.

    A lot sold in part gives up the floor of its cost share; the last sale takes the rest.

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
    """Each match with its part of the proceeds: the floor of what its shares are due, the last the rest."""
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
    """Lots after a split of `ratio` shares for one; `extra` whole shares go to the last one.

    Shares are whole per position, not per lot: each lot gets what the running total allows, and the total is
    rounded down. The total cost is unchanged; a lot left without a share gives its cost to the next (the last
    one, to the one before). Where not one share is left, no lot is.
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
    """Lots that cost `yen` less in all, each by its part."""
    total, seen, taken = cost_of(lots), 0, 0
    new: list[Lot] = []
    for lot in lots:
        seen += lot.cost
        part = (yen * seen // total if total else 0) - taken
        taken += part
        new.append(lot._replace(cost=lot.cost - part))
    return tuple(new)
