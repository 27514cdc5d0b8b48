"""What a broker charges: percent of an order's value, a table by it, or a table by the value of a day. Pure.

A fee never falls as the value rises, so what is payable at the day's upper limit is payable at any price
below it. It is the fee of an order as a whole: brokers add up the parts in which an order is filled.
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
    """Fees in yen by value: `fees[i]` up to `edges[i]`, that value included, and `above` the last edge.

    With `each` the fee goes on rising there: `above` is what each begun `each` yen more add to it.
    """

    edges: tuple[int, ...]
    fees: tuple[int, ...]
    above: int
    each: int | None = None

    def on(self, value: Decimal) -> int:
        """The fee of a value; none of nothing."""
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
        """What a value adds to the fee of what came before it."""
        return self.on(before + value) - self.on(before)

    def most_added(self, value: Decimal) -> int:
        """What a value adds at most, whatever came before: most where that is just at an edge, or nothing."""
        return max(self.added(value, Decimal(edge)) for edge in (0, *self.edges))


@dataclass(frozen=True, kw_only=True)
class Commission:
    """The fee of an order, tax included: `rate` of its value from `least` to `most` yen, or by a table."""

    rate: Decimal = Decimal(0)
    least: int = 0
    most: int | None = None
    table: FeeTable | None = None

    def after(self, amount: int) -> Commission:
        """What the next order of a day costs after a trade of `amount` yen."""
        del amount  # each order has its own fee
        return self

    def on(self, amount: int) -> int:
        """The fee of an order of `amount` yen, in whole yen, rounded up; none where nothing was traded."""
        return 0 if self is FREE else math.ceil(self._exact(Decimal(amount)))

    def price_of(self, shares: int, price: Decimal) -> int:
        """Whole yen that a buy takes: the fraction of a yen of the trade dropped, the fee rounded up."""
        amount = int(shares * price)
        return amount + self.on(amount)

    def reserve(self, shares: int, worst: Decimal) -> int:
        """Whole yen that a buy takes at most, where a share costs `worst` yen at most."""
        value = shares * worst
        return math.ceil(value + self._most(value))

    def share_of(self, part: Decimal, whole: Decimal) -> int:
        """The part of the fee of an order of `whole` yen that falls on `part` of it, rounded up.

        Only by a table it may be more than the fee of an order of `part` yen alone.
        """
        return math.ceil(self._most(whole) * part / whole) if self.table and whole else 0

    def payable(self, cash: int, price: Decimal, unit: int, wanted: int) -> int:
        """Of the shares `wanted` those that `cash` pays at `price`: all, or the most in whole units."""
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
        """What a share costs at least with its fee."""
        return price * (1 + self.rate) if self.most is None else price

    def _exact(self, value: Decimal) -> Decimal:
        if value <= 0 or self is FREE:
            return _NOTHING
        if self.table:
            return Decimal(self.table.on(value))
        fee = max(value * self.rate, Decimal(self.least))
        return fee if self.most is None else min(fee, Decimal(self.most))

    def _most(self, value: Decimal) -> Decimal:
        """What an order of that value costs at most."""
        return self._exact(value)


FREE = Commission()
"""None at all."""


@dataclass(frozen=True, kw_only=True)
class DayCommission(Commission):
    """The fee of an order where the `table` is of the value of a whole day, bought and sold.

    An order pays what it adds to the fee of the `before` yen that were traded on its day, so that all orders
    together pay the fee of the day. What comes before an order that is not filled yet is not known: it
    reserves the most that it could add.
    """

    table: FeeTable
    before: int = 0

    def after(self, amount: int) -> DayCommission:
        """What the next order of the day costs after a trade of `amount` yen."""
        return replace(self, before=self.before + amount)

    def _exact(self, value: Decimal) -> Decimal:
        return Decimal(self.table.added(value, Decimal(self.before)))

    def _most(self, value: Decimal) -> Decimal:
        return Decimal(self.table.most_added(value))


def _search(top: int, fits: Callable[[int], bool]) -> int:
    """The most of 0 to `top` that fits, where whatever is less than one that fits does too."""
    if top <= 0 or fits(top):
        return max(top, 0)
    return bisect_right(range(1, top), 0, key=lambda n: 0 if fits(n) else 1)
