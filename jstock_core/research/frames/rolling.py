"""Figures of a track record over a window that moves with the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jstock_core.research.performance import SESSIONS_A_YEAR

if TYPE_CHECKING:
    import pandas as pd

WINDOW = 60
"""Sessions: fewer say nothing of a Sharpe ratio or a beta."""


def rolling_frame(equity: pd.DataFrame, group: str, window: int = WINDOW) -> pd.DataFrame:
    """A row a session of `equity_frame`: session, sharpe (a year's), beta against TOPIX, exposure_pct.

    Sharpe and beta are those of the last `window` sessions, NaN before there are as many and where they are
    not defined; exposure is the share of equity in positions at the close.
    """
    own = equity[equity["group"] == group].reset_index(drop=True)
    day = own["day_pct"] / 100
    levels = 1 + own["topix_pct"] / 100
    topix = levels / levels.shift(fill_value=1.0) - 1
    inside = day.rolling(window)
    with np.errstate(invalid="ignore", divide="ignore"):
        sharpe = inside.mean() / inside.std() * np.sqrt(SESSIONS_A_YEAR)
        beta = inside.cov(topix) / topix.rolling(window).var()
    found = own[["session"]].assign(
        sharpe=sharpe, beta=beta, exposure_pct=100 * own["market_value"] / own["equity"]
    )
    return found.replace([np.inf, -np.inf], np.nan)
