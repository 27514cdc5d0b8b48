"""What a broker charges: a percentage of an order's value, or a table by the value of an order or of a day.

A fee never falls as the value rises, so an order that cash pays at the day's upper limit is paid at any lower
price too. The fee is that of the whole order: brokers add up the parts in which an order is filled. Pure.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class FeeTable:
    """Fees in yen by value: `fees[i]` for values up to and including `edges[i]`, `above` for larger ones.

    With `each` the fee goes on rising beyond the last edge: by `above` yen for every `each` yen begun.
    """

    edges: tuple[int, ...]
    fees: tuple[int, ...]
    above: int
    each: int | None = None

    def on(self, value: Decimal) -> int:
        """The fee in yen of a value in yen; 0 for a value of 0."""
        if value <= 0:
            return 0
        step = bisect_left(self.edges, value)
        if step < len(self.edges):
            return self.fees[step]
        if self.each is None:
            return self.above
        edge, fee = (self.edges[-1], self.fees[-1]) if self.edges else (0, 0)
        return fee + self.above * math.ceil((value - edge) / self.each)

    def added(self, value: Decimal, before: Decimal) -> int:
        """Yen that a value adds to the fee, where `before` yen were traded already."""
        return self.on(before + value) - self.on(before)

    def most_added(self, value: Decimal) -> int:
        """The most yen that a value can add, whatever was traded before: that is at 0 or at an edge."""
        return max(self.added(value, Decimal(edge)) for edge in (0, *self.edges))


@dataclass(frozen=True, kw_only=True)
class Commission:
    """The fee of an order, tax included: `rate` x its value, from `least` to `most` yen; or a table."""

    rate: Decimal = Decimal(0)
    least: int = 0
    most: int | None = None
    table: FeeTable | None = None

    def after(self, amount: int) -> Commission:
        """The commission of the next order of the day, after a trade of `amount` yen."""
        del amount  # each order has its own fee
        return self

    def on(self, amount: int) -> int:
        """The fee of an order of `amount` yen, in whole yen, rounded up; 0 where nothing was traded."""
        return 0 if self is FREE else math.ceil(self._exact(Decimal(amount)))

    def price_of(self, shares: int, price: Decimal) -> int:
        """Whole yen that a buy at `price` costs: the trade rounded down, plus the fee rounded up."""
        amount = int(shares * price)
        return amount + self.on(amount)

    def reserve(self, shares: int, worst: Decimal) -> int:
        """Whole yen that a buy can cost at most, if no share costs more than `worst` yen."""
        value = shares * worst
        return math.ceil(value + self._most(value))

    def share_of(self, part: Decimal, whole: Decimal) -> int:
        """The share of the fee of an order of `whole` yen that falls on `part` yen of it, rounded up.

        0 without a table, because only by a table can it exceed the fee of an order of `part` yen alone.
        """
        return math.ceil(self._most(whole) * part / whole) if self.table and whole else 0

    def payable(self, cash: int, price: Decimal, unit: int, wanted: int) -> int:
        """How many of the shares `wanted` the `cash` pays at `price`: all, or the most in whole units."""
        if wanted % unit == 0 and self.price_of(wanted, price) <= cash:
            return wanted
        return min(wanted, self.affordable(cash, price, unit))

    def affordable(self, cash: int, price: Decimal, unit: int) -> int:
        """The most shares in whole units that `cash` pays at `price`, the fee included."""
        top = int(cash / self._dearer(price)) // unit + 1
        return unit * _search(top, lambda units: self.price_of(units * unit, price) <= cash)

    def reservable(self, cash: int, worst: Decimal, unit: int, wanted: int) -> int:
        """The most shares in whole units, up to `wanted`, whose reserve `cash` pays."""
        whole = wanted // unit * unit
        if whole > 0 and self.reserve(whole, worst) <= cash:
            return whole
        top = min(wanted, int(cash / self._dearer(worst))) // unit
        return unit * _search(top, lambda units: self.reserve(units * unit, worst) <= cash)

    def _dearer(self, price: Decimal) -> Decimal:
        """A lower bound of what a share costs with its fee, in yen."""
        return price * (1 + self.rate) if self.most is None else price

    def _exact(self, value: Decimal) -> Decimal:
        if value <= 0 or self is FREE:
            return _NOTHING
        if self.table:
            return Decimal(self.table.on(value))
        fee = max(value * self.rate, Decimal(self.least))
        return fee if self.most is None else min(fee, Decimal(self.most))

    def _most(self, value: Decimal) -> Decimal:
        """The most that the fee of an order of that value can be, in yen."""
        return self._exact(value)


FREE = Commission()
"""No commission."""


@dataclass(frozen=True, kw_only=True)
class DayCommission(Commission):
    """The fee of an order where the `table` is by the value of all trades of a day, bought and sold.

    An order pays what it adds to the fee of the `before` yen traded earlier on its day, so that all orders
    together pay the fee of the day. How much is traded before an order that is not filled yet is not known,
    so it reserves the most that it could add.
    """

    table: FeeTable
    before: int = 0

    def after(self, amount: int) -> DayCommission:
        """The commission of the next order of the day, after a trade of `amount` yen."""
        return replace(self, before=self.before + amount)

    def _exact(self, value: Decimal) -> Decimal:
        return Decimal(self.table.added(value, Decimal(self.before)))

    def _most(self, value: Decimal) -> Decimal:
        return Decimal(self.table.most_added(value))


def _search(top: int, fits: Callable[[int], bool]) -> int:
    """The largest number from 0 to `top` that fits, where every smaller one than a fitting one fits too."""
    if top <= 0 or fits(top):
        return max(top, 0)
    return bisect_right(range(1, top), 0, key=lambda n: 0 if fits(n) else 1)
