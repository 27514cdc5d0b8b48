"""Exit layers whose conditions are on the position: entry price, peak, age, opening score (STRATEGY 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import numpy as np
from pydantic import Field

from jstock_core.market.panel import Bools
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.flows import Variant
from jstock_core.signals.features.scores import SIMPLE, WeightsField, composite
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Fraction, Holding, Layer, UnknowableError, Verdict
from jstock_core.signals.language.position import (
    are_under,
    close_in_words,
    entry_price,
    in_yen,
    is_under,
    money,
    peak,
    peak_along,
    profit,
    profit_along,
)
from jstock_core.signals.language.registry import layer


@layer("hard_stop")
class HardStop(Layer):
    """Sell when the close falls some ATRs under the entry price.

    Formula: C < entry - atr x ATR; with lock_atr the ATR at entry, else today's.
    Source: STRATEGY section 4, ATRExit.
    """

    needs: ClassVar[int] = 14
    atr: float = Field(default=2, ge=0.1, le=20, description="ATRs under the entry price")
    lock_atr: bool = Field(default=False, description="use the ATR at entry")
    confidence: float = Field(default=1.0, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell under the stop."""
        stop = self._stop(view, row, holding)
        if not is_under(view, row, holding, stop):
            return None
        stopped = money(in_yen(view, row, holding, stop))
        reason = (
            f"{close_in_words(view, row, holding)} is under {stopped}, "
            f"{self.atr:g} ATR under the entry {money(holding.entry_price)}"
        )
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        n = holding.column
        locked = view.past("atr", rows.start, n, holding.evaluated) if self.lock_atr else None
        atr = view.along("atr", rows, n) if locked is None else np.full(rows.stop - rows.start, locked)
        return are_under(view, rows, holding, entry_price(view, rows.start, holding) - self.atr * atr)

    def level(self, view: View, row: int, holding: Holding) -> float | None:
        """The stop."""
        return in_yen(view, row, holding, self._stop(view, row, holding))

    def _stop(self, view: View, row: int, holding: Holding) -> float:
        n = holding.column
        atr = view.past("atr", row, n, holding.evaluated) if self.lock_atr else view.at("atr", row, n)
        return entry_price(view, row, holding) - self.atr * atr


@layer("trailing_stop")
class TrailingStop(Layer):
    """Sell when the close falls some ATRs under the highest close since entry.

    Formula: C < peak - atr x ATR; peak = max(entry price, closes from the entry session on).
    Source: STRATEGY section 4, ATRExit and LayeredExit.
    """

    needs: ClassVar[int] = 14
    atr: float = Field(default=3, ge=0.1, le=20, description="ATRs under the peak")
    confidence: float = Field(default=0.9, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell under the stop."""
        stop = self._stop(view, row, holding)
        if not is_under(view, row, holding, stop):
            return None
        highest = money(in_yen(view, row, holding, peak(view, row, holding)))
        reason = (
            f"{close_in_words(view, row, holding)} is under {money(in_yen(view, row, holding, stop))}, "
            f"{self.atr:g} ATR under the peak {highest}"
        )
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        stops = peak_along(view, rows, holding) - self.atr * view.along("atr", rows, holding.column)
        return are_under(view, rows, holding, stops)

    def level(self, view: View, row: int, holding: Holding) -> float | None:
        """The stop."""
        return in_yen(view, row, holding, self._stop(view, row, holding))

    def _stop(self, view: View, row: int, holding: Holding) -> float:
        return peak(view, row, holding) - self.atr * view.at("atr", row, holding.column)


@layer("stop_loss")
class StopLoss(Layer):
    """Sell when the loss against the entry price reaches a percentage.

    Formula: pnl <= -loss_pct.
    Source: STRATEGY section 4, LayeredExit.
    """

    loss_pct: float = Field(default=8, ge=0.5, le=50, description="loss that sells, in percent")
    confidence: float = Field(default=1.0, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell at the loss."""
        pnl = profit(view, row, holding)
        if not pnl <= -self.loss_pct:
            return None
        return Verdict(
            self.trigger, 100, self.confidence, _against_entry(view, row, holding, pnl, -self.loss_pct)
        )

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        return profit_along(view, rows, holding) <= -self.loss_pct

    def level(self, view: View, row: int, holding: Holding) -> float | None:  # noqa: ARG002
        """The price at which the loss is reached."""
        return holding.entry_price * (1 - self.loss_pct / 100)


@layer("take_profit")
class TakeProfit(Layer):
    """Sell a part, once a position, when the gain against the entry price reaches a percentage.

    Formula: pnl >= gain_pct.
    Source: STRATEGY section 4, LayeredExit.
    """

    gain_pct: float = Field(default=15, ge=0.5, le=1000, description="gain that sells, in percent")
    sell_pct: Fraction = Field(default=50, description="how much of the position to sell, in percent")
    confidence: float = Field(default=0.7, ge=0, le=1, description="confidence of the signal")

    @property
    def once(self) -> bool:
        """True where a part is sold. A layer that sells everything has no position left to sell again."""
        return self.sell_pct < 100

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell at the gain, unless a part was sold already."""
        pnl = profit(view, row, holding)
        if not pnl >= self.gain_pct or (self.once and self.trigger in holding.taken):
            return None
        reason = _against_entry(view, row, holding, pnl, self.gain_pct)
        return Verdict(self.trigger, self.sell_pct, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        gained = profit_along(view, rows, holding) >= self.gain_pct
        return gained & (not self.once or self.trigger not in holding.taken)

    def level(self, view: View, row: int, holding: Holding) -> float | None:  # noqa: ARG002
        """The price at which the gain is reached; None after the part was sold."""
        taken = self.once and self.trigger in holding.taken
        return None if taken else holding.entry_price * (1 + self.gain_pct / 100)


def _against_entry(view: View, row: int, holding: Holding, pnl: float, limit: float) -> str:
    close = close_in_words(view, row, holding)
    return f"{close} is {pnl:+.2f} % against the entry {money(holding.entry_price)} (limit {limit:+g} %)"


@layer("score_decay")
class ScoreDecay(Layer):
    """Sell when the composite score has fallen well under that of the opening signal.

    Formula: opening score - composite now > buffer; confidence min(decay / 50, 1). Both with the entry's
    weights and before any earnings penalty; a position without an opening score cannot be judged.
    Source: STRATEGY section 4, ScoreBasedExit.
    """

    settles: ClassVar[int] = 200
    buffer: float = Field(default=15, ge=0.5, le=100, description="fall of the score that sells, in points")
    weights: WeightsField = Field(
        SIMPLE, description="weights of the four scores; the entry's where not given"
    )
    flows: Variant = Field(default="simple", description="whose flows count; the entry's where not given")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell after the fall."""
        if holding.score is None:
            raise UnknowableError(f"the opening signal of {holding.code} had no score to compare with")
        now = float(composite(view, self.weights, self.flows).value[row, holding.column])
        decay = round_decimals(holding.score - now)
        if not decay > self.buffer:
            return None
        reason = f"score {now:g} is {decay:g} under the opening {holding.score:g} (limit {self.buffer:g})"
        return Verdict(self.trigger, 100, round_decimals(min(decay / 50, 1.0)), reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        if holding.score is None:
            return np.ones(rows.stop - rows.start, dtype=np.bool_)
        now = composite(view, self.weights, self.flows).value[rows, holding.column]
        return round_decimals(holding.score - now) > self.buffer


@layer("time_review")
class TimeReview(Layer):
    """Every so many days, sell what is at a loss and scores low.

    Formula: pnl < 0 and composite < score, asked once per k = 1, 2, ...: at the group's first complete
    decision on or after entry + k x days calendar days; where the sell found no fill, again every morning
    until it is filled or the condition ends. A missed morning delays the question.
    Source: STRATEGY section 4 (LayeredExit), and section 8 for when it is asked.
    """

    settles: ClassVar[int] = 200
    days: int = Field(default=90, ge=5, le=1000, description="calendar days between reviews")
    score: float = Field(
        default=55, ge=1, le=100, description="composite under which a losing position is sold"
    )
    weights: WeightsField = Field(
        SIMPLE, description="weights of the four scores; the entry's where not given"
    )
    flows: Variant = Field(default="simple", description="whose flows count; the entry's where not given")
    confidence: float = Field(default=0.7, ge=0, le=1, description="confidence of the signal")

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell at a review with a loss and a low score."""
        age = self._due(view, row, holding)
        if age is None:
            return None
        pnl = profit(view, row, holding)
        if not pnl < 0:
            return None
        now = float(composite(view, self.weights, self.flows).value[row, holding.column])
        if not now < self.score:
            return None
        reason = f"held {age} calendar days, {pnl:+.2f} %, and the score {now:g} is under {self.score:g}"
        return Verdict(self.trigger, 100, self.confidence, reason)

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where `verdict` sells."""
        ages = (view.sessions[rows] - np.datetime64(holding.entry_session, "D")).astype(np.int64)
        asked = np.concatenate(([self._asked(view, rows.start, holding)], np.maximum(ages[:-1], 0)))
        due = (ages // self.days > asked // self.days) | (self.trigger in holding.unsold)
        if not due.any():
            return due
        now = composite(view, self.weights, self.flows).value[rows, holding.column]
        return due & (profit_along(view, rows, holding) < 0) & (now < self.score)

    def _due(self, view: View, row: int, holding: Holding) -> int | None:
        """The position's age in calendar days if it is reviewed now, else None."""
        today = view.panel.session(view.first_row + row)
        age = (today - holding.entry_session).days
        reviews = self._asked(view, row, holding) // self.days
        return age if age // self.days > reviews or self.trigger in holding.unsold else None

    def _asked(self, view: View, row: int, holding: Holding) -> int:
        """The position's age in calendar days at the last decision that could review it; 0 without one."""
        asked, s = holding.reviewed, view.first_row + row
        if asked is None:
            asked = view.panel.session(s - 1) if s else view.panel.session(s) - timedelta(days=1)
        return max((asked - holding.entry_session).days, 0)
