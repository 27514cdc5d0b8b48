"""Metrics of closed lots (STRATEGY section 7): yen a lot, before fees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.plain import plain_json
from jstock_core.market.calendar import day_array, tse
from jstock_core.state.book.lots import ClosedLot


@dataclass(frozen=True, kw_only=True)
class LotMetrics:
    """Results of closed lots, before fees, in yen a lot.

    `win_rate` is a fraction. `profit_factor` is gains / abs(losses): infinite without losses, None where
    nothing was won or lost. `average_win` and `average_loss` (< 0) are None without such a lot.
    `holding_sessions` is the mean number of sessions from purchase to sale. Without a closed lot, all but
    `closed` are None.
    """

    closed: int
    win_rate: float | None = None
    profit_factor: float | None = None
    average_win: float | None = None
    average_loss: float | None = None
    expectancy: float | None = None
    holding_sessions: float | None = None

    @property
    def profit_factor_shown(self) -> float | str:
        """The profit factor, or a word where it is not a number."""
        if not self.closed:
            return "no trades"
        if self.profit_factor is None:
            return "no gains or losses"
        return "infinite" if isinf(self.profit_factor) else self.profit_factor

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, with `profit_factor_shown` as the profit factor."""
        return {**plain_json(self), "profit_factor": self.profit_factor_shown}


def measure_lots(lots: Sequence[ClosedLot]) -> LotMetrics:
    """Measure closed lots."""
    if not lots:
        return LotMetrics(closed=0)
    gains = np.array([lot.gain for lot in lots], dtype=np.float64)
    won, lost = gains[gains > 0], gains[gains < 0]
    return LotMetrics(
        closed=len(lots),
        win_rate=len(won) / len(lots),
        profit_factor=_profit_factor(float(won.sum()), float(-lost.sum())),
        average_win=_mean(won),
        average_loss=_mean(lost),
        expectancy=float(gains.mean()),
        holding_sessions=float(np.mean(_held_sessions(lots))),
    )


def _profit_factor(won: float, lost: float) -> float | None:
    if lost == 0:
        return float("inf") if won else None
    return won / lost


def _held_sessions(lots: Sequence[ClosedLot]) -> NDArray[np.int64]:
    """(n,): sessions from the purchase of each lot to its sale, 0 for a sale in the same session."""
    bought, sold = (
        np.searchsorted(tse().days, day_array(ends))
        for ends in ([lot.opened for lot in lots], [lot.closed for lot in lots])
    )
    return sold - bought


def _mean(x: NDArray[np.float64]) -> float | None:
    return float(np.mean(x)) if len(x) else None
