"""The straightforward way: pandas, one stock after another, about half of the features."""

from __future__ import annotations

import pandas as pd

from jstock_core.market.panel import Panel


def frames(panel: Panel) -> dict[str, pd.DataFrame]:
    """Each stock's adjusted bars as a frame, as a vendor's file would be read."""
    index, k = pd.DatetimeIndex(panel.sessions), panel.forward
    found = {}
    for n, listing in enumerate(panel.listings):
        columns = {name: getattr(panel, name)[:, n] * k[:, n] for name in ("open", "high", "low", "close")}
        columns["volume"] = panel.volume[:, n] / k[:, n]
        found[listing.code] = pd.DataFrame(columns, index=index).dropna()
    return found


def features(bars: pd.DataFrame) -> pd.DataFrame:
    """Averages, RSI, MACD, ATR, bands, stochastic, volume and the score of the trend."""
    close, high, low, volume = bars["close"], bars["high"], bars["low"], bars["volume"]
    out = pd.DataFrame(index=bars.index)
    for span in (20, 50, 200):
        out[f"ema_{span}"] = close.ewm(span=span, adjust=False, min_periods=span).mean()
    change = close.diff()
    up = change.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    down = (-change.clip(upper=0)).ewm(alpha=1 / 14, adjust=False).mean()
    out["rsi"] = 100 - 100 / (1 + up / down)
    macd = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    out["macd"], out["macd_hist"] = macd, macd - macd.ewm(span=9, adjust=False).mean()
    before = close.shift()
    reach = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1).max(axis=1)
    out["atr"] = reach.ewm(alpha=1 / 14, adjust=False).mean()
    out["atr_z"] = (out["atr"] - out["atr"].rolling(60).mean()) / out["atr"].rolling(60).std()
    middle, spread = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    out["bb_upper"], out["bb_lower"] = middle + 2 * spread, middle - 2 * spread
    lowest, highest = low.rolling(14).min(), high.rolling(14).max()
    out["stoch_k"] = 100 * (close - lowest) / (highest - lowest)
    out["stoch_d"] = out["stoch_k"].rolling(3).mean()
    out["volume_sma_20"] = volume.rolling(20).mean()
    out["turnover_median_20"] = (close * volume).rolling(20).median()
    rising = (close > out["ema_20"]) & (out["ema_20"] > out["ema_50"])
    out["score"] = 50 + 20 * (rising & (out["ema_50"] > out["ema_200"])) + 15 * (out["macd_hist"] > 0)
    return out
