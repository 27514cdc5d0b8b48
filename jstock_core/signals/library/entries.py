"""The five entries of STRATEGY section 3, computed elementwise over (rows, stocks).

An entry only buys a stock with a bar in D. Its opinion of other stocks is shown, but never buys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.compare import crosses_above, volume_share
from jstock_core.signals.features.earnings import days_to_earnings
from jstock_core.signals.features.flows import Variant
from jstock_core.signals.features.scores import ENHANCED, SIMPLE, Composite, WeightsField, composite
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.registry import entry


@entry("SimpleScorer")
class SimpleScorer(Entry):
    """Buy when the weighted sum of technical, institutional, fundamental and volatility scores is high.

    Formula: composite, x 0.8 within 7 calendar days before earnings; BUY if >= buy_threshold; confidence =
    min(score / 100, 1), 0 when it does not buy.
    Source: STRATEGY section 3.
    """

    needs: ClassVar[int] = 200
    buy_threshold: float = Field(default=65, ge=1, le=100, description="lowest score that buys")
    weights: WeightsField = Field(default=SIMPLE, description="weights of the four scores; they sum to 1")
    flows: Variant = Field(default="simple", description="whose flows count: foreigners, or smart money")

    def evaluate(self, view: View) -> EntryOpinions:
        """Score every stock on every row."""
        penalty = np.where(days_to_earnings(view) <= 7, 0.8, 1.0)
        return _by_score(view, self, penalty)


@entry("EnhancedScorer")
class EnhancedScorer(Entry):
    """Buy on the composite score, with a penalty that grows as earnings come near.

    Formula: composite, x 0.50 within 1, x 0.70 within 3, x 0.85 within 7 calendar days before earnings; BUY
    if >= buy_threshold; confidence = min(score / 100, 1), 0 when it does not buy.
    Source: STRATEGY section 3.
    """

    needs: ClassVar[int] = 200
    buy_threshold: float = Field(default=65, ge=1, le=100, description="lowest score that buys")
    weights: WeightsField = Field(default=ENHANCED, description="weights of the four scores; they sum to 1")
    flows: Variant = Field(default="simple", description="whose flows count: foreigners, or smart money")

    def evaluate(self, view: View) -> EntryOpinions:
        """Score every stock on every row."""
        days = days_to_earnings(view)
        penalty = np.select([days <= 1, days <= 3, days <= 7], [0.50, 0.70, 0.85], 1.0)
        return _by_score(view, self, penalty)


@entry("MACDCrossover")
class MACDCrossover(Entry):
    """Buy when MACD's histogram crosses from below to above zero, confirmed by volume and trend.

    Formula: hist[-2] < 0 < hist[-1], else HOLD 0. 0.70; volume / its 20-bar mean > 1.2 +0.10 else -0.05
    (skipped under 20 bars); C > ema200 +0.10 else -0.15. BUY if >= min_confidence.
    Source: STRATEGY section 3.
    """

    needs: ClassVar[int] = 200
    min_confidence: float = Field(default=0.6, ge=0, le=1, description="lowest confidence that buys")
    confirm_volume: bool = Field(default=True, description="judge the volume of the crossing")
    confirm_trend: bool = Field(default=True, description="judge the close against the 200-bar average")

    def evaluate(self, view: View) -> EntryOpinions:
        """Look for crossings on every row."""
        crossed = (view.value("macd_hist", 1) < 0) & (view.value("macd_hist") > 0)
        steps = {"cross": np.where(crossed, 0.70, 0.0)}
        if self.confirm_volume:
            unknown = np.isnan(view.value("volume_sma_20"))
            confirmed = np.where(volume_share(view) > 1.2, 0.10, -0.05)
            steps["volume"] = np.where(unknown, 0.0, confirmed)
        if self.confirm_trend:
            steps["trend"] = np.where(view.value("close") > view.value("ema_200"), 0.10, -0.15)
        return _by_steps(view, steps, crossed, self.min_confidence, "no MACD cross")


@entry("BollingerSqueeze")
class BollingerSqueeze(Entry):
    """Buy a breakout over the upper Bollinger band out of a narrow band.

    Formula: needs 50 bars and 20 widths. Width below its 20th percentile (linear) of the last 100 bars
    +0.2; pct_b crosses above 1 +0.4, else pct_b > 0.8 +0.2; V > 1.5 x volume_sma_20 +0.2; adx > 20 +0.2
    else -0.1. BUY if >= min_confidence.
    Source: STRATEGY section 3.
    """

    needs: ClassVar[int] = 50
    settles: ClassVar[int] = 119
    percentile: float = Field(
        default=20, ge=1, le=99, description="percentile under which the band is narrow"
    )
    adx: float = Field(default=20, ge=1, le=100, description="ADX above which there is a trend")
    volume: float = Field(default=1.5, ge=0.1, le=20, description="multiple of the 20-bar mean that confirms")
    min_confidence: float = Field(default=0.6, ge=0, le=1, description="lowest confidence that buys")

    def evaluate(self, view: View) -> EntryOpinions:
        """Look for breakouts on every row."""
        rank, pct_b = view.value("bb_width_rank"), view.value("bb_pct_b")
        broke = np.select([crosses_above(view, "bb_pct_b", 1.0), pct_b > 0.8], [0.4, 0.2], 0.0)
        steps = {
            "squeeze": np.where(rank < self.percentile, 0.2, 0.0),
            "breakout": broke,
            "volume": np.where(volume_share(view) > self.volume, 0.2, 0.0),
            "trend": np.where(view.value("adx_14") > self.adx, 0.2, -0.1),
        }
        ready = (view.bars >= 50) & ~np.isnan(rank)
        return _by_steps(view, steps, ready, self.min_confidence, "under 50 bars")


@entry("IchimokuStoch")
class IchimokuStoch(Entry):
    """Buy above the Ichimoku cloud when the stochastic turns up.

    Formula: needs 30 bars, and as many as obv_lookback. C > max(span_a, span_b) +0.25, else -0.30; span_a >
    span_b +0.15, else -0.20 (without require_cloud no penalty); k crosses above d: +0.40 if k < oversold else
    +0.25; no cross but k < oversold +0.10; obv[-1] - obv[-obv_lookback] > 0 +0.20 else -0.10. BUY if >=
    min_confidence. The cloud is the one that today's bar casts, not displaced by 26 bars.
    Source: STRATEGY section 3.
    """

    needs: ClassVar[int] = 30
    settles: ClassVar[int] = 52
    oversold: float = Field(
        default=30, ge=1, le=99, description="stochastic %K under which a stock is oversold"
    )
    obv_lookback: int = Field(
        default=20, ge=2, le=250, description="bars over which on-balance volume is compared"
    )
    min_confidence: float = Field(default=0.6, ge=0, le=1, description="lowest confidence that buys")
    require_cloud: bool = Field(default=True, description="count a missing cloud against the stock")

    def __post_init__(self) -> None:
        """Raise `needs` to `obv_lookback`."""
        object.__setattr__(self, "needs", max(type(self).needs, self.obv_lookback))

    def evaluate(self, view: View) -> EntryOpinions:
        """Look for turns above the cloud on every row."""
        span_a, span_b, k = view.value("ichi_span_a"), view.value("ichi_span_b"), view.value("stoch_k")
        below, falling = (-0.30, -0.20) if self.require_cloud else (0.0, 0.0)
        turn, low = crosses_above(view, "stoch_k", "stoch_d"), k < self.oversold
        rising = view.value("obv") - view.value("obv", self.obv_lookback - 1) > 0
        steps = {
            "cloud": np.where(view.value("close") > np.maximum(span_a, span_b), 0.25, below),
            "cloud_color": np.where(span_a > span_b, 0.15, falling),
            "stochastic": np.select([turn & low, turn, low], [0.40, 0.25, 0.10], 0.0),
            "obv": np.where(rising, 0.20, -0.10),
        }
        ready, otherwise = view.bars >= self.needs, f"under {self.needs} bars"
        return _by_steps(view, steps, ready, self.min_confidence, otherwise)


# What they share


def _by_score(view: View, rule: SimpleScorer | EnhancedScorer, penalty: Floats) -> EntryOpinions:
    """The opinions of a scorer: composite times earnings penalty; BUY at the threshold or above."""
    made = composite(view, rule.weights, rule.flows)
    score = round_decimals(made.value * penalty)
    buy = view.has_bar & (score >= rule.buy_threshold)
    parts = {name: part.value for name, part in made.scores.items()} | {"earnings": penalty}
    return EntryOpinions(
        buy=buy,
        score=score,
        opening=made.value,
        confidence=np.where(buy, round_decimals(np.minimum(score / 100, 1.0)), 0.0),
        parts=parts,
        explain=_score_words(view, made, penalty),
        neutral={name: part.neutral for name, part in made.scores.items()},
    )


def _score_words(view: View, made: Composite, penalty: Floats) -> Callable[[int, int], str]:
    parts = tuple(made.scores.items())

    def explain(row: int, n: int) -> str:
        words = [_score_text(name, part.value.item(row, n), part.neutral[row, n]) for name, part in parts]
        factor = penalty.item(row, n)
        if factor < 1:
            days = days_to_earnings(view).item(row, n)
            words.append(f"earnings in {days:.0f} calendar days x {factor:g}")
        return ", ".join(words)

    return explain


def _score_text(name: str, value: float, neutral: bool) -> str:
    return f"{name} {value:g}" + (" (neutral)" if neutral else "")


def _by_steps(
    view: View, steps: Mapping[str, Floats], ready: Bools, min_confidence: float, otherwise: str
) -> EntryOpinions:
    """The opinions of a rule whose confidence is a sum of steps.

    Where `ready` is false, the confidence is 0 and the reason is `otherwise`.
    """
    total = np.zeros(view.shape)
    for step in steps.values():
        total = total + step
    confidence = np.where(ready, round_decimals(np.clip(total, 0.0, 1.0)), 0.0)
    none = np.full(view.shape, np.nan)

    def explain(row: int, n: int) -> str:
        if not ready[row, n]:
            return otherwise
        return ", ".join(f"{name} {step[row, n]:+.2f}" for name, step in steps.items() if step[row, n])

    return EntryOpinions(
        buy=view.has_bar & ready & (confidence >= min_confidence),
        score=none,
        opening=none,
        confidence=confidence,
        parts={name: np.where(ready, step, 0.0) for name, step in steps.items()},
        explain=explain,
    )
