"""Exit layers for reversals in the stock's own bars: bands, stochastic, cloud, volume, averages.

Source: STRATEGY section 4, BollingerDynamicExit and ADXTrendExhaustion. The conditions are (R, N) arrays,
computed once for a view and kept in its memo.
"""

from __future__ import annotations

from math import isnan, nan
from typing import ClassVar

import numpy as np
from pydantic import Field

from jstock_core.market.panel import Bools
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.compare import falls_through
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.position import close_in_words, in_yen, money, profit, profit_along
from jstock_core.signals.language.registry import layer


@layer("band_break", trigger="emergency")
class BandBreak(Layer):
    """Sell when the close falls under the lower Bollinger band.

    Formula: pct_b < 0.
    Source: STRATEGY section 4, BollingerDynamicExit.
    """

    needs: ClassVar[int] = 20
    confidence: float = Field(default=1.0, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell under the band."""
        pct_b = view.at("bb_pct_b", row, holding.column)
        if not pct_b < 0:
            return None
        reason = f"{close_in_words(view, row, holding)} is under the lower band (%B {pct_b:.2f})"
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return view.along("bb_pct_b", rows, holding.column) < 0

    def level(self, view: View, row: int, holding: Holding) -> float | None:
        """The lower band."""
        return in_yen(view, row, holding, view.at("bb_lower", row, holding.column))


@layer("profit_protection")
class ProfitProtection(Layer):
    """Sell a winner whose price and volume turn down inside the bands.

    Formula: pnl > gain_pct and pct_b falls through 0.7 and obv[-1] < obv[-10].
    Source: STRATEGY section 4, BollingerDynamicExit.
    """

    needs: ClassVar[int] = 21
    gain_pct: float = Field(
        default=5, ge=0.5, le=1000, description="gain above which the position is protected, in percent"
    )
    pct_b: float = Field(default=0.7, ge=0, le=1, description="place in the bands it falls through")
    confidence: float = Field(default=0.85, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell where price and volume turn down."""
        n, pnl = holding.column, profit(view, row, holding)
        fell = falls_through(view, "bb_pct_b", self.pct_b)[row, n]
        if not (pnl > self.gain_pct and fell and view.at("obv", row, n) < view.at("obv", row, n, 9)):
            return None
        reason = (
            f"{pnl:+.2f} %, %B fell through {self.pct_b:g} and on-balance volume is under that of 10 bars ago"
        )
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        fell = falls_through(view, "bb_pct_b", self.pct_b)[rows, n]
        turned = view.along("obv", rows, n) < view.along("obv", rows, n, 9)
        return fell & turned & (profit_along(view, rows, holding) > self.gain_pct)


@layer("overbought")
class Overbought(Layer):
    """Sell at the upper band when the stochastic turns down.

    Formula: pct_b > 0.9 and k falls through d and k > 70.
    Source: STRATEGY section 4, BollingerDynamicExit.
    """

    needs: ClassVar[int] = 20
    pct_b: float = Field(default=0.9, ge=0, le=2, description="place in the bands above which it is high")
    k: float = Field(default=70, ge=1, le=100, description="stochastic %K above which it is overbought")
    confidence: float = Field(default=0.8, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell where all three conditions hold."""
        n = holding.column
        pct_b, k = view.at("bb_pct_b", row, n), view.at("stoch_k", row, n)
        if not (pct_b > self.pct_b and k > self.k and falls_through(view, "stoch_k", "stoch_d")[row, n]):
            return None
        return Verdict(self.trigger, 100, self.confidence, f"%B {pct_b:.2f} and %K {k:.1f} fell through %D")

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        high = (view.along("bb_pct_b", rows, n) > self.pct_b) & (view.along("stoch_k", rows, n) > self.k)
        return high & falls_through(view, "stoch_k", "stoch_d")[rows, n]


@layer("adx_exhaustion")
class AdxExhaustion(Layer):
    """Sell when the trend has lost much of the strength it had since entry.

    Formula: highest adx since the entry session >= min_peak and adx fallen by >= decline_pct % from it.
    Source: STRATEGY section 4, ADXTrendExhaustion.
    """

    needs: ClassVar[int] = 28
    decline_pct: float = Field(
        default=50, ge=1, le=100, description="fall from the highest ADX that sells, in percent"
    )
    min_peak: float = Field(default=25, ge=1, le=100, description="highest ADX that makes it a trend")
    confidence: float = Field(default=0.9, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell after the fall."""
        known = [
            x
            for x in view.since("adx_14", row, holding.column, holding.entry_session).tolist()
            if not isnan(x)
        ]
        if not known or max(known) < self.min_peak:
            return None
        highest, now = max(known), view.at("adx_14", row, holding.column)
        if not round_decimals(100 * (highest - now) / highest) >= self.decline_pct:
            return None
        return Verdict(self.trigger, 100, self.confidence, f"ADX {now:.1f} from {highest:.1f} since entry")

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        now = view.along("adx_14", rows, holding.column)
        before = view.since("adx_14", rows.start, holding.column, holding.entry_session)
        highest = np.fmax.accumulate(np.concatenate(([np.fmax.reduce(before, initial=np.nan)], now[1:])))
        highest[highest < self.min_peak] = nan
        return round_decimals(100 * (highest - now) / highest) >= self.decline_pct


@layer("cloud_break")
class CloudBreak(Layer):
    """Sell when the close falls through the Ichimoku cloud.

    Formula: C falls through min(span_a, span_b), the cloud that today's bar casts (not displaced by 26 bars).
    Source: STRATEGY section 4, ADXTrendExhaustion.
    """

    needs: ClassVar[int] = 27
    confidence: float = Field(default=0.88, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell after the fall."""
        if not view.memo("cloud_break", lambda: _cloud_broken(view))[row, holding.column]:
            return None
        bottom = money(self.level(view, row, holding))
        return Verdict(
            self.trigger,
            100,
            self.confidence,
            f"{close_in_words(view, row, holding)} fell through the cloud {bottom}",
        )

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return view.memo("cloud_break", lambda: _cloud_broken(view))[rows, holding.column]

    def level(self, view: View, row: int, holding: Holding) -> float | None:
        """The bottom of the cloud."""
        n = holding.column
        bottom = np.minimum(view.at("ichi_span_a", row, n), view.at("ichi_span_b", row, n))
        return in_yen(view, row, holding, float(bottom))


def _cloud_broken(view: View) -> Bools:
    bottom = [np.minimum(view.value("ichi_span_a", lag), view.value("ichi_span_b", lag)) for lag in (0, 1)]
    broken: Bools = (view.value("close", 1) >= bottom[1]) & (view.value("close") < bottom[0])
    return broken


@layer("volume_exhaustion")
class VolumeExhaustion(Layer):
    """Sell under the 20-bar average when nobody trades the stock any more.

    Formula: V / volume_sma_20 < volume and C < ema20.
    Source: STRATEGY section 4, ADXTrendExhaustion.
    """

    needs: ClassVar[int] = 20
    volume: float = Field(
        default=0.7, ge=0.05, le=1, description="share of the 20-bar mean under which volume is exhausted"
    )
    confidence: float = Field(default=0.75, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell where both conditions hold."""
        n = holding.column
        volume, mean = view.at("volume", row, n), view.at("volume_sma_20", row, n)
        share = round_decimals(volume / mean) if mean > 0 else nan
        average = view.at("ema_20", row, n)
        if not (share < self.volume and view.at("close", row, n) < average):
            return None
        under = money(in_yen(view, row, holding, average))
        reason = (
            f"volume {share:.2f} of its mean and {close_in_words(view, row, holding)} under EMA20 {under}"
        )
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        volume, mean = view.along("volume", rows, n), view.along("volume_sma_20", rows, n)
        share = round_decimals(volume / np.where(mean > 0, mean, nan))
        return (share < self.volume) & (view.along("close", rows, n) < view.along("ema_20", rows, n))


@layer("ema_death_cross")
class EmaDeathCross(Layer):
    """Sell when the 20-bar average falls through the 50-bar average.

    Formula: ema20 falls through ema50.
    Source: STRATEGY section 4, ADXTrendExhaustion.
    """

    needs: ClassVar[int] = 51
    confidence: float = Field(default=0.82, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell on the crossing."""
        crossed = view.memo("ema_death_cross", lambda: falls_through(view, "ema_20", "ema_50"))
        return (
            Verdict(self.trigger, 100, self.confidence, "EMA20 fell through EMA50")
            if crossed[row, holding.column]
            else None
        )

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return view.memo("ema_death_cross", lambda: falls_through(view, "ema_20", "ema_50"))[
            rows, holding.column
        ]
