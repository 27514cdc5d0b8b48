"""Layers that tell along rows where they sell: one that is right, and planted faults, one a layer."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from jstock_core.rules import Field, Layer, Verdict, layer


def is_weak(view, row, holding):
    return view.at("rsi", row, holding.column) < 45


def are_weak(view, rows, holding):
    return view.along("rsi", rows, holding.column) < 45


@layer("weak")
class Weak(Layer):
    """Sell what is weak, and tell so along rows."""

    needs: ClassVar[int] = 20
    settles: ClassVar[int] = 200

    def verdict(self, view, row, holding):
        return Verdict(self.trigger, 100, 0.9, "weak") if is_weak(view, row, holding) else None

    def fires(self, view, rows, holding):
        return are_weak(view, rows, holding)


@layer("weak_at_first")
class WeakAtFirst(Weak):
    """Look at the first of the rows alone."""

    def verdict(self, view, row, holding):
        return super().verdict(view, row, holding)

    def fires(self, view, rows, holding):
        return np.full(rows.stop - rows.start, is_weak(view, rows.start, holding))


@layer("weaker")
class Weaker(Weak):
    """Tell of more rows than it sells on."""

    rsi: float = Field(default=40, ge=1, le=45, description="RSI under which it sells")

    def verdict(self, view, row, holding):
        rsi = view.at("rsi", row, holding.column)
        return Verdict(self.trigger, 100, 0.9, "weak") if rsi < self.rsi else None

    def fires(self, view, rows, holding):
        return are_weak(view, rows, holding)


@layer("weak_once")
class WeakOnce(Weak):
    """Sell a part once, and forget it along rows."""

    once = True

    def verdict(self, view, row, holding):
        weak = is_weak(view, row, holding) and self.trigger not in holding.taken
        return Verdict(self.trigger, 50, 0.9, "weak") if weak else None

    def fires(self, view, rows, holding):
        return are_weak(view, rows, holding)


@layer("weak_again")
class WeakAgain(Weak):
    """Sell until it is filled, and forget what was not along rows."""

    def verdict(self, view, row, holding):
        weak = is_weak(view, row, holding) or self.trigger in holding.unsold
        return Verdict(self.trigger, 100, 0.9, "weak") if weak else None

    def fires(self, view, rows, holding):
        return are_weak(view, rows, holding)


@layer("weak_by_name")
class WeakByName(Weak):
    """Look along rows of a feature that is not called so."""

    def verdict(self, view, row, holding):
        return super().verdict(view, row, holding)

    def fires(self, view, rows, holding):
        return view.along("rsii", rows, holding.column) < 45


@layer("weak_one_by_one")
class WeakOneByOne(Weak):
    """Tell nothing along rows: what is inherited was written for another verdict."""

    def verdict(self, view, row, holding):
        return Verdict(self.trigger, 100, 0.9, "weak") if view.at("rsi", row, holding.column) < 30 else None
