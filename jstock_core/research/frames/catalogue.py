"""What each feature is: its unit, formula, the bars it needs and its range (STRATEGY section 1).

Words for people: the definitions are the functions of `signals.features.indicators`, and a test holds names
and bars equal. It stands apart from them, since a certificate holds for the text of all of `signals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.signals.features.own import Feature, FeatureUnit


@dataclass(frozen=True)
class FeatureDoc:
    """One feature. `needs` counts a stock's bars up to the first value, that bar included.

    Yen are adjusted forward from a stock's first bar, so that a later split changes no earlier value, and
    shares likewise; only turnover is in yen as traded. `range` is "" where nothing bounds it.
    """

    name: str
    unit: FeatureUnit
    formula: str
    needs: int
    range: str = ""


def _list_features() -> tuple[FeatureDoc, ...]:
    averages = (FeatureDoc(f"ema_{n}", "yen", f"EMA of close, span {n}", n, "over 0") for n in (20, 50, 200))
    return (
        *(FeatureDoc(name, "yen", f"{name} x K", 1, "over 0") for name in ("open", "high", "low", "close")),
        FeatureDoc("volume", "shares", "volume / K", 1, "0 and over"),
        FeatureDoc("turnover", "yen", "close x volume, as traded", 1, "0 and over"),
        *averages,
        FeatureDoc("macd", "yen", "EMA 12 - EMA 26 of close", 26),
        FeatureDoc("macd_signal", "yen", "EMA 9 of macd, from its first value", 34),
        FeatureDoc("macd_hist", "yen", "macd - macd_signal", 34),
        FeatureDoc("rsi", "percent", "Wilder's RSI of close, 14 bars", 14, "0 to 100"),
        FeatureDoc("atr", "yen", "Wilder's mean of the true range, 14 bars", 14, "0 and over"),
        FeatureDoc("atr_ratio", "fraction", "atr / close", 14, "0 and over"),
        FeatureDoc("atr_z", "ratio", "atr against its mean of 60 (at least 20), in deviations", 33),
        FeatureDoc("adx_14", "percent", "Wilder's mean of directional movement, 14 bars", 28, "0 to 100"),
        FeatureDoc("ichi_tenkan", "yen", "middle of highest and lowest, 9 bars", 9, "over 0"),
        FeatureDoc("ichi_kijun", "yen", "middle of highest and lowest, 26 bars", 26, "over 0"),
        FeatureDoc("ichi_span_a", "yen", "(ichi_tenkan + ichi_kijun) / 2, not displaced", 26, "over 0"),
        FeatureDoc("ichi_span_b", "yen", "middle of highest and lowest, up to 52 bars", 1, "over 0"),
        FeatureDoc("stoch_k", "percent", "close between lowest and highest of 14 bars", 14, "0 to 100"),
        FeatureDoc("stoch_d", "percent", "mean of stoch_k, 3 bars", 16, "0 to 100"),
        FeatureDoc("bb_middle", "yen", "mean of close, 20 bars", 20, "over 0"),
        FeatureDoc("bb_upper", "yen", "bb_middle + 2 deviations of 20 bars", 20),
        FeatureDoc("bb_lower", "yen", "bb_middle - 2 deviations of 20 bars", 20),
        FeatureDoc("bb_width", "percent", "(bb_upper - bb_lower) / bb_middle", 20, "0 and over"),
        FeatureDoc("bb_width_rank", "percent", "rank of bb_width in its last 20 to 100", 39, "0 to 100"),
        FeatureDoc("bb_pct_b", "ratio", "(close - bb_lower) / (bb_upper - bb_lower)", 20),
        FeatureDoc("volume_sma_20", "shares", "mean of volume, 20 bars", 20, "0 and over"),
        FeatureDoc("obv", "shares", "running sum of volume by the sign of the change of close", 1),
        FeatureDoc("turnover_median_20", "yen", "median of turnover, 20 bars", 20, "0 and over"),
        FeatureDoc("momentum_20", "fraction", "close / close of 20 bars before - 1", 21, "over -1"),
    )  # fmt: skip


FEATURES: tuple[FeatureDoc, ...] = _list_features()
"""Every feature, in the order of the specification."""


def find_feature(wanted: str | Feature, own: Mapping[str, Feature]) -> str | Feature:
    """A feature by its name, as features take it: a built-in one's name, one of somebody's own itself.

    Raises:
        UsageError: no feature has that name.

    """
    if isinstance(wanted, Feature) or any(each.name == wanted for each in FEATURES):
        return wanted
    if wanted not in own:
        names = [*(each.name for each in FEATURES), *own]
        what = f"no feature is called {wanted!r}{did_you_mean(wanted, names)}"
        raise UsageError(what, do="lab.feature_list()")
    return own[wanted]


def feature_name(feature: str | Feature) -> str:
    """The name of a feature."""
    return feature if isinstance(feature, str) else feature.name


def describe_own_feature(feature: Feature) -> FeatureDoc:
    """What a feature that somebody wrote is, by its own words."""
    return FeatureDoc(feature.name, feature.unit, feature.meaning.rstrip("."), feature.needs)
