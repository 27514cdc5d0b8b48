"""Features of real bars against those another implementation computed on the same, unadjusted prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jstock_core.market.panel import Panel
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.indicators import RATIOS
from tests.signals.panels import panel_of, same_bits

FILE = Path(__file__).parents[3].parent / "shared" / "real" / "reference_features_unadjusted.parquet"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="real bars are not beside this checkout")

COLUMNS = {
    "EMA_20": "ema_20", "EMA_50": "ema_50", "EMA_200": "ema_200", "Ichi_Tenkan": "ichi_tenkan",
    "Ichi_Kijun": "ichi_kijun", "Ichi_SpanA": "ichi_span_a", "Ichi_SpanB": "ichi_span_b", "RSI": "rsi",
    "MACD": "macd", "MACD_Signal": "macd_signal", "MACD_Hist": "macd_hist", "Stoch_K": "stoch_k",
    "Stoch_D": "stoch_d", "BB_Upper": "bb_upper", "BB_Lower": "bb_lower", "BB_Middle": "bb_middle",
    "BB_Width": "bb_width", "BB_PctB": "bb_pct_b", "Volume_SMA_20": "volume_sma_20",
    "ATR": "atr", "ADX_14": "adx_14", "OBV": "obv",
}  # fmt: skip
LEADING_ZEROS = {"ATR": 13, "ADX_14": 27}


@pytest.fixture(scope="module")
def published():
    import pyarrow.parquet as pq

    return pq.ParquetFile(FILE).read(use_threads=False).to_pandas()


@pytest.fixture(scope="module")
def market(published) -> tuple[Panel, dict[str, int]]:
    """The published bars as a panel without any split, and the column of each code."""
    sessions = np.unique(published["Date"].to_numpy().astype("datetime64[D]"))
    codes = sorted(published["Code"].unique())
    rows = np.searchsorted(sessions, published["Date"].to_numpy().astype("datetime64[D]"))
    columns = np.searchsorted(codes, published["Code"])
    bars = {}
    for name in ("Open", "High", "Low", "Close", "Volume"):
        bars[name.lower()] = np.full((len(sessions), len(codes)), np.nan)
        bars[name.lower()][rows, columns] = published[name]
    return panel_of(sessions, bars), {code: n for n, code in enumerate(codes)}


@pytest.fixture(scope="module")
def values(market):
    return Features.of(market[0]).values


@pytest.mark.parametrize("column", COLUMNS)
def test_a_feature_of_real_bars_agrees_within_a_hundred_millionth(
    column: str, published, market, values
) -> None:
    """But for the zeros theirs starts with, and the volume theirs adds on first and flat bars."""
    for code, rows in published.groupby("Code"):
        expected = rows[column].to_numpy(dtype=float)
        found = values[COLUMNS[column]][: len(expected), market[1][code]]
        if column == "OBV":
            close = rows["Close"].to_numpy(dtype=float)
            moved = np.flatnonzero(np.diff(close) != 0)
            np.testing.assert_allclose(
                np.diff(found)[moved], np.diff(expected)[moved], rtol=1e-8, err_msg=code
            )
            continue
        first = LEADING_ZEROS.get(column, 0)
        assert np.isnan(found[:first]).all()
        scale = np.nanmax(np.abs(expected))
        atol = max(1e-10 * scale, 5e-10 if COLUMNS[column] in RATIOS else 0.0)  # ratios have 9 decimals
        np.testing.assert_allclose(found[first:], expected[first:], rtol=1e-8, atol=atol, err_msg=code)


def test_real_features_of_one_stock_are_those_of_the_market_bit_for_bit(market, values) -> None:
    panel = market[0]
    for n in (0, len(panel.codes) - 1):
        bars = {name: getattr(panel, name)[:, [n]] for name in ("open", "high", "low", "close", "volume")}
        alone = Features.of(panel_of(panel.sessions, bars)).values
        for name, found in alone.items():
            assert same_bits(found[:, 0], values[name][: len(found), n]), name
