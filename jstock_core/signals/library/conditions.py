"""Exit layers whose conditions are on the stock, its scores or the market (STRATEGY section 4).

The conditions are (R, N) arrays, computed once for a view and kept in its memo.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import percent_change, round_decimals
from jstock_core.signals.features import flows
from jstock_core.signals.features.compare import volume_share
from jstock_core.signals.features.flows import Variant
from jstock_core.signals.features.scores import fundamental, institutional, technical
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.position import close_in_words, in_yen, money
from jstock_core.signals.language.registry import layer


@layer("momentum_exhaustion")
class MomentumExhaustion(Layer):
    """Sell an overbought stock that has fallen under its 20-bar average.

    Formula: rsi > 70 and C < ema20.
    Source: STRATEGY section 4, ATRExit.
    """

    needs: ClassVar[int] = 20
    rsi: float = Field(default=70, ge=1, le=100, description="RSI above which a stock is overbought")
    confidence: float = Field(default=0.8, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell where both conditions hold."""
        n = holding.column
        rsi, average = view.at("rsi", row, n), view.at("ema_20", row, n)
        if not (rsi > self.rsi and view.at("close", row, n) < average):
            return None
        under = money(in_yen(view, row, holding, average))
        reason = f"RSI {rsi:.1f} and {close_in_words(view, row, holding)} under EMA20 {under}"
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        under = view.along("close", rows, n) < view.along("ema_20", rows, n)
        return under & (view.along("rsi", rows, n) > self.rsi)


def trend_breakdown(view: View) -> Mapping[str, Bools]:
    """The four signs of a broken trend, each (R, N), by their names in reports."""
    return view.memo("trend_breakdown", lambda: _trend_breakdown(view))


def _trend_breakdown(view: View) -> Mapping[str, Bools]:
    close = view.value("close")
    below = [view.value("close", lag) < view.value("ema_200", lag) for lag in range(3)]
    weak = [view.value("rsi", lag) < 45 for lag in range(5)]
    falling = percent_change(close, view.value("close", 5)) < -3
    return {
        "below EMA200": below[0] & (_count(below) >= 2),
        "MACD death cross": (view.value("macd_hist", 1) > 0) & (view.value("macd_hist") < 0),
        "persistent RSI weakness": (view.value("rsi") < 40) & (_count(weak) >= 4),
        "volume dry-up": (volume_share(view) < 0.7) & falling,
    }


def _count(conditions: list[Bools]) -> Floats:
    total = np.zeros(conditions[0].shape)
    for condition in conditions:
        total = total + condition
    return total


def _broken(view: View) -> Bools:
    """(R, N): whether at least two of the four signs hold."""
    return view.memo("trend_broken", lambda: _count(list(trend_breakdown(view).values())) >= 2)


@layer("trend_breakdown")
class TrendBreakdown(Layer):
    """Sell when at least two of four signs say that the trend has broken.

    Formula: at least two of: C < ema200 now and in >= 2 of the last 3 bars; hist[-2] > 0 > hist[-1]; rsi <
    40 and >= 4 of the last 5 < 45; with 20+ bars V < 0.7 x 20-bar mean and C against C[-6] < -3 %. Needs 5
    bars.
    Source: STRATEGY section 4.
    """

    needs: ClassVar[int] = 5
    settles: ClassVar[int] = 200
    confidence: float = Field(default=0.85, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell on two signs."""
        if not _broken(view)[row, holding.column]:
            return None
        signs = [name for name, sign in trend_breakdown(view).items() if sign[row, holding.column]]
        return Verdict(self.trigger, 100, self.confidence, " AND ".join(signs))

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return _broken(view)[rows, holding.column]


@layer("deterioration")
class Deterioration(Layer):
    """Sell when at least two things that were good at entry have turned bad.

    Formula: at least two of: C > ema200 at entry, below now; hist > 0 at entry, < 0 now; foreigners' 30-day
    sum > 0 at entry, and now < 0 and in the lowest decile (linear) of that sum over all weeks known (at
    least 26). Needs 10 bars. The flows are market-wide.
    Source: STRATEGY section 4.
    """

    needs: ClassVar[int] = 10
    settles: ClassVar[int] = 200
    confidence: float = Field(default=0.88, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell on two changes."""
        turns = {
            "fell under EMA200 since entry": self._has_trend_turned(view, row, holding),
            "MACD turned negative since entry": self._has_momentum_turned(view, row, holding),
        }
        if any(turns.values()):
            turns["foreigners turned to heavy selling (market-wide)"] = _have_foreigners_turned(
                view, row, holding
            )
        signs = [name for name, turned in turns.items() if turned]
        return Verdict(self.trigger, 100, self.confidence, " AND ".join(signs)) if len(signs) >= 2 else None

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        close, average, hist = (
            view.past(name, rows.start, n, holding.evaluated) for name in ("close", "ema_200", "macd_hist")
        )
        trend = (view.along("close", rows, n) < view.along("ema_200", rows, n)) & (close > average)
        momentum = (view.along("macd_hist", rows, n) < 0) & (hist > 0)
        fires: Bools = trend & momentum
        one = trend ^ momentum
        if one.any() and _had_foreigners_bought(view, rows.start, holding):
            sums = flows.foreign_sums(view, 30)[rows]
            for place in np.flatnonzero(one & (sums < 0)).tolist():
                fires[place] = sums[place] < flows.lowest_decile(view, rows.start + place, 30)
        return fires

    def _has_trend_turned(self, view: View, row: int, holding: Holding) -> bool:
        n = holding.column
        was = [view.past(name, row, n, holding.evaluated) for name in ("close", "ema_200")]
        return was[0] > was[1] and view.at("close", row, n) < view.at("ema_200", row, n)

    def _has_momentum_turned(self, view: View, row: int, holding: Holding) -> bool:
        was = view.past("macd_hist", row, holding.column, holding.evaluated)
        return was > 0 and view.at("macd_hist", row, holding.column) < 0


def _have_foreigners_turned(view: View, row: int, holding: Holding) -> bool:
    """Whether foreigners' 30-day sum was above 0 at entry, and is now negative and in its lowest decile."""
    bought = _had_foreigners_bought(view, row, holding)
    now = float(flows.foreign_sums(view, 30)[row])
    return bought and now < 0 and now < flows.lowest_decile(view, row, 30)


def _had_foreigners_bought(view: View, row: int, holding: Holding) -> bool:
    then = np.datetime64(holding.evaluated, "D")
    decided = flows.decision_time_after(view, row, holding.evaluated)
    return flows.foreign_sum(view, then, decided, 30) > 0


@layer("foreign_exodus", trigger="emergency")
class ForeignExodus(Layer):
    """Sell every holding when foreigners leave the whole market.

    Formula: sum FrgnBal / sum TotTot of TSEPrime over D-14 < EnDate <= D < -outflow_pct %. TotTot counts
    buys and sells. Market-wide: it sells every holding at once.
    Source: STRATEGY section 4.
    """

    outflow_pct: float = Field(
        default=2, ge=0.5, le=50, description="net selling in percent of all trading that sells"
    )
    confidence: float = Field(default=1.0, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:  # noqa: ARG002 (market-wide)
        """Sell on the flows, whatever the position."""
        share = self._share(view, row)
        if not share < -self.outflow_pct:
            return None
        reason = (
            f"foreigners' net flow is {share:+.2f} % of the trading of two weeks (14 calendar days, "
            "market-wide, every holding)"
        )
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:  # noqa: ARG002 (as above)
        """(rows,): where `verdict` sells."""
        shares = [self._share(view, row) for row in range(rows.start, rows.stop)]
        return np.array(shares) < -self.outflow_pct

    def _share(self, view: View, row: int) -> float:
        return round_decimals(flows.foreign_share(view, row, 14))


@layer("weakness")
class Weakness(Layer):
    """Sell when two of the technical, institutional and fundamental scores are weak.

    Formula: two of technical < 35, institutional < 40, fundamental < 35.
    Source: STRATEGY section 4, LayeredExit.
    """

    settles: ClassVar[int] = 200
    technical: float = Field(
        default=35, ge=1, le=100, description="technical score under which a stock is weak"
    )
    institutional: float = Field(
        default=40, ge=1, le=100, description="institutional score under which it is weak"
    )
    fundamental: float = Field(
        default=35, ge=1, le=100, description="fundamental score under which it is weak"
    )
    flows: Variant = Field(default="simple", description="whose flows count; the entry's where not given")
    confidence: float = Field(default=0.85, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell on two weak scores."""
        if not view.memo(("weakness", self), lambda: self._weak(view))[row, holding.column]:
            return None
        found = ((name, score[row, holding.column], limit) for name, score, limit in self._limits(view))
        weak = [f"{name} {score:g} < {limit:g}" for name, score, limit in found if score < limit]
        return Verdict(self.trigger, 100, self.confidence, " AND ".join(weak))

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return view.memo(("weakness", self), lambda: self._weak(view))[rows, holding.column]

    def _limits(self, view: View) -> tuple[tuple[str, Floats, float], ...]:
        """For each score its name, its values (R, N), and the level under which it is weak."""
        return (
            ("technical", technical(view).value, self.technical),
            ("institutional", institutional(view, self.flows).value, self.institutional),
            ("fundamental", fundamental(view).value, self.fundamental),
        )

    def _weak(self, view: View) -> Bools:
        """(R, N): whether two of the scores are weak."""
        return _count([score < limit for _, score, limit in self._limits(view)]) >= 2
