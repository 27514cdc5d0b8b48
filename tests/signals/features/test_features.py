"""Features are STRATEGY section 1, causal bit for bit, and blind to halts, splits and other stocks."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.market.read_only import lock_array
from jstock_core.signals.features import indicators
from jstock_core.signals.features.compare import crosses_above, falls_through
from jstock_core.signals.features.features import Features, LazyArrays
from jstock_core.signals.features.indicators import BARS, BUILT_IN_FEATURES, FAMILIES
from jstock_core.signals.features.view import View
from tests.signals import slow
from tests.signals.histories import _whole
from tests.signals.panels import panel_of, random_panel, same_bits, sessions_from

FIRST = {
    "ema_20": 19, "ema_50": 49, "ema_200": 199, "rsi": 13, "macd": 25, "macd_signal": 33, "macd_hist": 33,
    "atr": 13, "adx_14": 27, "ichi_tenkan": 8, "ichi_kijun": 25, "ichi_span_a": 25, "ichi_span_b": 0,
    "stoch_k": 13, "stoch_d": 15, "bb_middle": 19, "bb_upper": 19, "bb_lower": 19, "bb_width": 19,
    "bb_pct_b": 19, "volume_sma_20": 19, "obv": 0, "atr_ratio": 13, "turnover_median_20": 19,
    "momentum_20": 20, "atr_z": 32, "bb_width_rank": 38,
}  # fmt: skip

PANEL = random_panel(1)


@pytest.mark.parametrize("name", [*FIRST, "open", "high", "low", "close", "volume", "turnover"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_feature_agrees_with_a_plain_loop_over_each_stock(name: str, seed: int) -> None:
    """Including halts, splits, a consolidation, a late listing, a delisting and a stock that stands still."""
    if name == "bb_width_rank":
        pytest.skip("checked against linear percentiles below")
    panel = random_panel(seed)
    found = Features.of(panel).rounded(name)
    for n in range(len(panel.codes)):
        expected = np.array(_whole(panel, n)[1][name])
        scale = np.nanmax(np.abs(expected), initial=1.0)
        np.testing.assert_allclose(
            found[: len(expected), n], expected, rtol=1e-9, atol=max(1e-9 * scale, 2e-9), err_msg=f"stock {n}"
        )
        assert np.isnan(found[len(expected) :, n]).all()


@pytest.mark.parametrize(("name", "first"), FIRST.items())
def test_a_feature_starts_at_its_bar(name: str, first: int) -> None:
    panel = random_panel(3, stocks=1)
    values = Features.of(panel).values[name][:, 0]
    assert int(np.argmax(~np.isnan(values))) == first


@pytest.mark.parametrize("steps", [(3, 1, 2), (1, 5, 3)])
def test_equal_stochastics_cross_nothing(steps: tuple[int, int, int]) -> None:
    """%K of so many sevenths: the last is the mean of the three, but for noise in the last bits."""
    sessions = sessions_from("2025-01-06", 20)
    close = np.full((20, 1), 300.0)
    close[-4:-1, 0] += steps
    low, high = np.full((20, 1), 300.0), np.full((20, 1), 307.0)
    bars = {"open": close, "high": high, "low": low, "close": close, "volume": np.full((20, 1), 1e5)}
    panel = panel_of(sessions, bars)
    view = View.of(panel, Features.of(panel), 18, 18, panel.sessions[19:])
    assert view.value("stoch_k") == view.value("stoch_d")
    assert not crosses_above(view, "stoch_k", "stoch_d").any()
    assert not falls_through(view, "stoch_k", "stoch_d").any()


@pytest.mark.parametrize("name", slow.RATIOS)
def test_ratios_are_whole_billionths(name: str) -> None:
    """So that a rule of anybody compares rounded values, without rounding them itself."""
    values = Features.of(random_panel(5)).rounded(name)
    found = values[~np.isnan(values)]
    assert [float(x) for x in found] == [round(float(x), 9) for x in found]


@pytest.mark.parametrize("name", BUILT_IN_FEATURES)
def test_a_feature_read_alone_is_that_of_all(name: str) -> None:
    every = dict(Features.of(PANEL).values)
    assert same_bits(Features.of(PANEL).rounded(name), every[name])
    assert tuple(every) == BUILT_IN_FEATURES


def test_what_is_not_read_is_not_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a median was worked out")

    monkeypatch.setattr(indicators, "rolling_median", fail)
    features = Features.of(PANEL)
    assert "turnover_median_20" in features.values
    for name in BUILT_IN_FEATURES:
        if name != "turnover_median_20":
            features.rounded(name)
    with pytest.raises(AssertionError):
        features.rounded("turnover_median_20")


def test_no_family_changes_what_it_is_given() -> None:
    """Or a feature would depend on which others were read before it."""
    rng = np.random.default_rng(3)
    for family in FAMILIES:
        given = [lock_array(100 + rng.random((80, 3))) for _ in family.reads]
        assert not any(np.shares_memory(x, y) for x in family.compute(*given).values() for y in given)


def test_a_family_reads_bars_and_families_before_it() -> None:
    known = set(BARS)
    for family in FAMILIES:
        assert known.issuperset(family.reads), family.names
        known.update(family.names)


def test_features_of_some_columns_are_those_of_the_whole() -> None:
    whole, columns = Features.of(PANEL), slice(2, 4)
    part = whole.of_columns(PANEL.with_columns(columns), columns)
    assert same_bits(part.row, whole.row[:, columns])
    for name in ("stoch_d", "close"):
        assert same_bits(part.rounded(name), whole.rounded(name)[:, columns])
        assert np.shares_memory(part.rounded(name), whole.rounded(name))


def test_threads_that_read_at_once_get_the_same_array_worked_out_once() -> None:
    made: list[str] = []
    together = Barrier(4)

    def make(name: str, _known: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made.append(name)
        return {name: np.zeros(3), "other": np.ones(3)}

    arrays = LazyArrays(("one", "other"), make)

    def read(_: int) -> np.ndarray:
        together.wait(10)
        return arrays["one"]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(4)))
    assert made == ["one"]
    assert {id(each) for each in found} == {id(arrays["one"])}
    assert arrays["other"].tolist() == [1, 1, 1]
    assert made == ["one"]
    with pytest.raises(KeyError):
        arrays["another"]


@pytest.mark.parametrize("percent", [1.0, 12.5, 20.0, 50.0, 99.0])
def test_a_width_ranks_below_p_exactly_when_it_lies_below_the_linear_percentile(percent: float) -> None:
    panel = random_panel(4, stocks=3)
    values = Features.of(panel).values
    for n in range(3):
        widths = np.round(values["bb_width"][:, n], 9)
        for t in np.flatnonzero(~np.isnan(widths)):
            window = [w for w in widths[max(0, t - 99) : t + 1].tolist() if not np.isnan(w)]
            expected = len(window) >= 20 and widths[t] < slow.percentile(window, percent)
            assert (values["bb_width_rank"][t, n] < percent) == expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 5), cut=st.integers(1, 329))
def test_a_cut_panel_has_the_same_features_bit_for_bit(seed: int, cut: int) -> None:
    panel = random_panel(seed)
    moment = datetime.combine(panel.session(cut - 1), datetime.min.time(), JST).replace(hour=20)
    whole, known = Features.of(panel), Features.of(panel.known_at(moment))
    assert len(known.bar) == cut
    assert same_bits(known.bar, whole.bar[:cut])
    for n, bars in enumerate(known.bar[-1] + 1):
        assert same_bits(known.row[:bars, n], whole.row[:bars, n])
        for name, values in known.values.items():
            assert same_bits(values[:bars, n], whole.values[name][:bars, n]), name


@pytest.mark.parametrize("columns", [[0], [5, 2], [1, 3, 4]])
def test_a_subset_of_stocks_has_the_same_features_bit_for_bit(columns: list[int]) -> None:
    panel = random_panel(7)
    bars = {name: getattr(panel, name)[:, columns] for name in ("open", "high", "low", "close", "volume")}
    part = Features.of(panel_of(panel.sessions, bars, panel.adj_factor[:, columns]))
    whole = Features.of(panel)
    for name, values in part.values.items():
        assert same_bits(values, whole.values[name][: len(values), columns]), name


def test_more_stocks_than_a_tile_holds_are_computed_alike() -> None:
    panel = random_panel(8, count=80, stocks=5)
    bars = {name: np.tile(getattr(panel, name), 120) for name in ("open", "high", "low", "close", "volume")}
    many = Features.of(panel_of(panel.sessions, bars, np.tile(panel.adj_factor, 120)))
    few = Features.of(panel)
    for name, values in many.values.items():
        assert same_bits(values[:, 295:300], few.values[name]), name


def test_a_halt_leaves_no_trace_in_the_features() -> None:
    panel = random_panel(9, count=120, stocks=1)
    traded = ~np.isnan(panel.close[:, 0])
    bars = {name: getattr(panel, name)[traded] for name in ("open", "high", "low", "close", "volume")}
    k = panel.forward[traded]
    steps = np.concatenate([k[:1] ** -1, k[:-1] / k[1:]])
    pressed = Features.of(panel_of(panel.sessions[: traded.sum()], bars, steps))
    for name, values in Features.of(panel).values.items():
        np.testing.assert_allclose(values, pressed.values[name], rtol=1e-12, err_msg=name)


def test_a_split_changes_nothing_but_the_turnover_is_in_traded_yen() -> None:
    """A five for one split moves raw prices to a fifth; every feature stays as it was."""
    plain = random_panel(10, count=150, stocks=1)
    plain = replace(plain, adj_factor=np.ones((150, 1)))
    k = np.where(np.arange(150) >= 90, 5.0, 1.0)[:, None]
    adj = np.ones((150, 1))
    adj[90] = 0.2
    bars = {name: getattr(plain, name) / k for name in ("open", "high", "low", "close")} | {
        "volume": plain.volume * k
    }
    split = Features.of(panel_of(plain.sessions, bars, adj)).values
    for name, values in Features.of(plain).values.items():
        np.testing.assert_allclose(split[name], values, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("count", [1, 2, 13, 14, 20, 35, 63, 64])
def test_a_short_history_has_what_its_bars_allow(count: int) -> None:
    panel = random_panel(11, count=64, stocks=1)
    bars = {name: getattr(panel, name)[:count] for name in ("open", "high", "low", "close", "volume")}
    found = Features.of(panel_of(panel.sessions[:count], bars)).values
    whole = Features.of(panel_of(panel.sessions, {name: getattr(panel, name) for name in bars})).values
    for name, values in found.items():
        assert same_bits(values, whole[name][: len(values)]), name


@pytest.mark.parametrize("shape", [(0, 3), (5, 0), (5, 3)])
def test_no_bars_at_all_give_empty_features(shape: tuple[int, int]) -> None:
    bars = {name: np.full(shape, np.nan) for name in ("open", "high", "low", "close", "volume")}
    features = Features.of(panel_of(sessions_from("2025-01-06", shape[0]), bars))
    assert features.bar.shape == shape
    assert {values.shape for values in features.values.values()} <= {(0, shape[1])}
