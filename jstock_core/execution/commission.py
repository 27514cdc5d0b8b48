"""What a broker charges for an order: percent of its value, or a table by its value. Pure.

A fee never falls as the value rises, so what is payable at the day's upper limit is payable at any price
below it. It is the fee of an order as a whole: brokers add up the parts in which an order is filled.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

_NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Commission:
    """The fee of an order, tax included: `rate` of its value from `least` to `most` yen, or by `steps`.

    A step is (the value up to which it counts, its fee) in yen; the last one counts for all above, None.
    """

    rate: Decimal = Decimal(0)
    least: int = 0
    most: int | None = None
    steps: tuple[tuple[int | None, int], ...] = ()

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
        return math.ceil(value + self._exact(value))

    def share_of(self, part: Decimal, whole: Decimal) -> int:
        """The part of the fee of an order of `whole` yen that falls on `part` of it, rounded up.

        Only by a table it may be more than the fee of an order of `part` yen alone.
        """
        return math.ceil(self._exact(whole) * part / whole) if self.steps and whole else 0

    def payable(self, cash: int, price: Decimal, unit: int, wanted: int) -> int:
        """Of the shares `wanted` those that `cash` pays at `price`: all, or the most in whole units."""
        if wanted % unit == 0 and self.price_of(wanted, price) <= cash:
            return wanted
        return min(wanted, self.affordable(cash, price, unit))

    def affordable(self, cash: int, price: Decimal, unit: int) -> int:
        """The most shares in whole units that `cash` pays at `price`, the fee included."""
        top = int(cash / self._dearer(price)) // unit + 1
        return unit * _most(top, lambda units: self.price_of(units * unit, price) <= cash)

    def reservable(self, cash: int, worst: Decimal, unit: int, wanted: int) -> int:
        """The most shares in whole units, up to `wanted`, whose reserve `cash` pays."""
        top = min(wanted, int(cash / self._dearer(worst))) // unit
        return unit * _most(top, lambda units: self.reserve(units * unit, worst) <= cash)

    def _dearer(self, price: Decimal) -> Decimal:
        """What a share costs at least with its fee."""
        return price * (1 + self.rate) if self.most is None else price

    def _exact(self, value: Decimal) -> Decimal:
        if value <= 0 or self is FREE:
            return _NOTHING
        if self.steps:
            return Decimal(next(yen for up_to, yen in self.steps if up_to is None or value <= up_to))
        fee = max(value * self.rate, Decimal(self.least))
        return fee if self.most is None else min(fee, Decimal(self.most))


FREE = Commission()
"""None at all."""


def _most(top: int, fits: Callable[[int], bool]) -> int:
    """The most of 0 to `top` that fits, where whatever is less than one that fits does too."""
    if top <= 0 or fits(top):
        return max(top, 0)
    return bisect_right(range(1, top), 0, key=lambda n: 0 if fits(n) else 1)
