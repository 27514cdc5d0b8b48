"""The five named exits of STRATEGY section 4: presets of layers, in the order in which they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from pydantic import Field

from jstock_core.signals.features.flows import Variant
from jstock_core.signals.features.scores import SIMPLE, WeightsField
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.language.registry import exit_
from jstock_core.signals.library.conditions import (
    Deterioration,
    ForeignExodus,
    MomentumExhaustion,
    TrendBreakdown,
    Weakness,
)
from jstock_core.signals.library.layers import (
    HardStop,
    ScoreDecay,
    StopLoss,
    TakeProfit,
    TimeReview,
    TrailingStop,
)
from jstock_core.signals.library.turns import (
    AdxExhaustion,
    BandBreak,
    CloudBreak,
    EmaDeathCross,
    Overbought,
    ProfitProtection,
    VolumeExhaustion,
)


@exit_("ATRExit")
class ATRExit(Exit):
    """Stops some ATRs under the entry and the peak, exhaustion and a broken trend.

    Formula: hard_stop C < entry - stop ATR; trailing_stop C < peak - trail ATR; momentum_exhaustion RSI >
    rsi and C < ema20; trend_breakdown.
    Source: STRATEGY section 4.
    """

    stop: float = Field(default=2, ge=0.1, le=20, description="ATRs under the entry price")
    trail: float = Field(default=3, ge=0.1, le=20, description="ATRs under the peak")
    rsi: float = Field(default=70, ge=1, le=100, description="RSI above which a stock is overbought")
    lock_atr: bool = Field(default=False, description="the hard stop uses the ATR at entry")

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Stops first."""
        return (
            HardStop(atr=self.stop, lock_atr=self.lock_atr),
            TrailingStop(atr=self.trail),
            MomentumExhaustion(rsi=self.rsi),
            TrendBreakdown(),
        )


@exit_("ScoreBasedExit")
class ScoreBasedExit(Exit):
    """Sell when the score has fallen well under that of the opening signal.

    Formula: score_decay: opening score - composite now > buffer, with the entry's weights.
    Source: STRATEGY section 4.
    """

    buffer: float = Field(default=15, ge=0.5, le=100, description="fall of the score that sells, in points")
    weights: WeightsField = Field(
        SIMPLE, description="weights of the four scores; the entry's where not given"
    )
    flows: Variant = Field(default="simple", description="whose flows count; the entry's where not given")

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The score alone."""
        return (ScoreDecay(buffer=self.buffer, weights=self.weights, flows=self.flows),)


@exit_("LayeredExit")
class LayeredExit(Exit):
    """Eight layers: emergency, loss, broken trend, deterioration, weakness, trailing stop, profit, time.

    Formula: emergency (foreign_exodus, if enabled); stop_loss; trend_breakdown; deterioration; weakness;
    trailing_stop; take_profit, half and once; time_review.
    Source: STRATEGY section 4.
    """

    stop_loss_pct: float = Field(default=8, ge=0.5, le=50, description="loss that sells, in percent")
    take_profit_pct: float = Field(
        default=15, ge=0.5, le=1000, description="gain that sells half, in percent"
    )
    trail: float = Field(default=2, ge=0.1, le=20, description="ATRs under the peak")
    review_days: int = Field(default=90, ge=5, le=1000, description="calendar days between reviews")
    foreign_exodus: bool = Field(
        default=False, description="sell every holding when foreigners leave the market"
    )
    weights: WeightsField = Field(
        SIMPLE, description="weights of the four scores; the entry's where not given"
    )
    flows: Variant = Field(default="simple", description="whose flows count; the entry's where not given")

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """From emergency to review."""
        return (
            *((ForeignExodus(),) if self.foreign_exodus else ()),
            StopLoss(loss_pct=self.stop_loss_pct),
            TrendBreakdown(confidence=0.9),
            Deterioration(),
            Weakness(flows=self.flows),
            TrailingStop(atr=self.trail, confidence=0.75),
            TakeProfit(gain_pct=self.take_profit_pct),
            TimeReview(days=self.review_days, weights=self.weights, flows=self.flows),
        )


@exit_("BollingerDynamicExit")
class BollingerDynamicExit(Exit):
    """Leave by the Bollinger bands: under the lower band, on a fading profit, when overbought.

    Formula: emergency pct_b < 0; profit_protection pnl > 5 %, pct_b falls through 0.7 and obv[-1] < obv[-10];
    overbought pct_b > 0.9 and k falls through d and k > 70.
    Source: STRATEGY section 4.
    """

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """From emergency to overbought."""
        return (BandBreak(), ProfitProtection(), Overbought())


@exit_("ADXTrendExhaustion")
class ADXTrendExhaustion(Exit):
    """Leave when the trend is exhausted; silent until the stock has 52 bars.

    Formula: adx_exhaustion; cloud_break; volume_exhaustion; ema_death_cross.
    Source: STRATEGY section 4.
    """

    needs: ClassVar[int] = 52
    decline_pct: float = Field(
        50, ge=1, le=100, description="fall from the highest ADX that sells, in percent"
    )
    volume: float = Field(default=0.7, ge=0.05, le=1, description="share of mean volume that is exhausted")
    min_peak: float = Field(default=25, ge=1, le=100, description="highest ADX that makes it a trend")

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Strength first, then price and volume."""
        return (
            AdxExhaustion(decline_pct=self.decline_pct, min_peak=self.min_peak),
            CloudBreak(),
            VolumeExhaustion(volume=self.volume),
            EmaDeathCross(),
        )


@dataclass(frozen=True)
class Layers(Exit):
    """Layers listed directly in a group file."""

    name: ClassVar[str] = "layers"
    listed: tuple[Layer, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """As listed."""
        return self.listed
