"""A planted fault: the peak is kept on the layer, where it leaks from one stock to the next."""

from __future__ import annotations

from typing import ClassVar

from jstock_core.rules import Field, Layer, Verdict, layer


@layer("remembers")
class Remembers(Layer):
    """Sell well under the highest close seen.

    Formula: C < (1 - fall_pct %) x the highest close this object was ever shown.
    Source: a trailing stop with an attribute.
    """

    needs: ClassVar[int] = 1
    fall_pct: float = Field(default=20, ge=1, le=90, description="fall from the peak that sells, in percent")

    def verdict(self, view, row, holding):
        close = view.last_close(row, holding.column)
        object.__setattr__(self, "_peak", max(close, getattr(self, "_peak", 0.0)))
        if close < (1 - self.fall_pct / 100) * self._peak:
            return Verdict(self.trigger, 100, 0.9, f"under the peak {self._peak:.1f}")
        return None
