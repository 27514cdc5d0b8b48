"""Rolling figures agree with those of a span that is as long as the window."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from jstock_core.research.frames.rolling import rolling_frame
from jstock_core.research.performance import SESSIONS_A_YEAR, relative_metrics


def equity(count: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    day, topix = rng.normal(0, 0.01, (2, count))
    return pd.DataFrame({
        "group": "one", "session": pd.bdate_range("2025-01-06", periods=count), "equity": 100.0,
        "market_value": 40.0, "day_pct": 100 * day, "topix_pct": 100 * (np.cumprod(1 + topix) - 1),
    })  # fmt: skip


def test_each_window_has_the_figures_of_its_sessions():
    frame, given = rolling_frame(equity(), "one", 60), equity()
    assert frame["sharpe"].notna().sum() == 21
    day = given["day_pct"].to_numpy()[-60:] / 100
    levels = np.concatenate(([1.0], 1 + given["topix_pct"].to_numpy() / 100))
    topix = (levels[1:] / levels[:-1] - 1)[-60:]
    last = frame.iloc[-1]
    assert last["beta"] == pytest.approx(relative_metrics(day, topix).beta)
    assert last["sharpe"] == pytest.approx(day.mean() / day.std(ddof=1) * np.sqrt(SESSIONS_A_YEAR))
    assert frame["exposure_pct"].eq(40).all()


def test_what_does_not_move_has_no_ratio():
    still = equity().assign(day_pct=0.0, topix_pct=0.0)
    frame = rolling_frame(still, "one", 60)
    assert frame[["sharpe", "beta"]].isna().all(axis=None)
