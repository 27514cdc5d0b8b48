"""The universe: who passes, who is best and why, and that nobody looks ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import ParamsError
from jstock_core.market.panel import Panel
from jstock_core.research.universe import MEASURES, UniverseRules, make_universe_rules, percentile_ranks, rank
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from tests.signals.panels import panel_of, random_panel, sessions_from, trade_dates, view_of

WEIGHTS = {"liquidity": 0.25, "atr_ratio": 0.2, "trend": 0.2, "momentum": 0.2, "volume_surge": 0.15}
FILTERS = {
    "min_close": 100, "min_turnover": 500_000_000, "min_atr_pct": 1.5, "max_atr_pct": 5, "min_bars": 250,
    "max_age": 5,
}  # fmt: skip
OPEN = {
    "min_close": 0, "min_turnover": 0, "min_atr_pct": 0, "max_atr_pct": 100, "min_bars": 60, "max_age": 250
}  # fmt: skip


def rules(filters: dict | None = None, weights: dict | None = None, top: int = 10) -> UniverseRules:
    return make_universe_rules(
        {"top": top, "weights": weights or WEIGHTS, "filters": filters or FILTERS}, where="test"
    )


def market(**moved: np.ndarray) -> Panel:
    """Four stocks at 1,000 with a range of 3 % and a turnover of 1,000 million a session, 260 bars."""
    shape = (260, 4)
    close = np.full(shape, 1000.0)
    bars = {"open": close, "high": close * 1.015, "low": close * 0.985, "close": close}
    bars |= {"volume": np.full(shape, 1e6)} | moved
    return panel_of(sessions_from("2024-01-04", 260), bars)


def ranked(panel: Panel, **filters: float):
    return rank(view_of(panel, len(panel.sessions) - 1), 0, rules(FILTERS | filters))


def column(values: tuple[float, ...], rows: int = 260) -> np.ndarray:
    return np.tile(np.array(values), (rows, 1))


# Who passes


def test_everyone_passes_an_easy_market():
    found = ranked(market())
    assert [s.code for s in found.standings] == ["1301", "1302", "1303", "1304"]
    assert found.excluded == {}


def test_a_turnover_at_the_limit_does_not_pass():
    """Over 500 million is asked for; the second stock has exactly that."""
    found = ranked(market(volume=column((1e6, 5e5, 5.001e5, 1e5))))
    assert [s.code for s in found.standings] == ["1301", "1303"]
    assert found.excluded["1302"] == "turnover ¥500 million, not over ¥500 million"
    assert found.failed == {"turnover": 2}


def test_the_median_and_not_the_mean_counts():
    """One busy session does not make a stock liquid."""
    volume = column((1e6, 1e5, 1e6, 1e6))
    volume[-1, 1] = 1e9
    assert "1302" in ranked(market(volume=volume)).excluded


def test_a_price_of_100_does_not_pass():
    close = column((100.0, 100.5, 99.0, 1000.0))
    moved = {"open": close, "close": close, "high": close * 1.015, "low": close * 0.985}
    found = ranked(market(**moved, volume=np.full((260, 4), 1e8)))
    assert {s.code for s in found.standings} == {"1302", "1304"}
    assert found.excluded["1301"] == "close ¥100, not over ¥100"


def test_the_atr_ratio_has_a_floor_and_a_ceiling():
    """Ranges of 1, 1.5, 5 and 6 % of the close."""
    close = np.full((260, 4), 1000.0)
    half = column((5.0, 7.5, 25.0, 30.0))
    found = ranked(market(close=close, open=close, high=close + half, low=close - half))
    assert {s.code for s in found.standings} == {"1302", "1303"}
    assert found.excluded["1301"].startswith("ATR 1.00 %")
    assert found.excluded["1304"].startswith("ATR 6.00 %")


def test_a_young_stock_and_one_that_stopped_trading_are_out():
    panel = market()
    close, volume = panel.close.copy(), panel.volume.copy()
    close[:11, 1] = np.nan  # 249 bars
    close[-6:, 2] = np.nan  # six sessions without a bar
    close[-5:, 3] = np.nan
    gone = np.isnan(close)
    bars = {n: np.where(gone, np.nan, getattr(panel, n)) for n in ("open", "high", "low")}
    found = ranked(replace(panel, close=close, volume=np.where(gone, np.nan, volume), **bars))
    assert [s.code for s in found.standings] == ["1301", "1304"]
    assert found.excluded == {"1302": "249 bars of 250", "1303": "last bar 6 sessions old"}


def test_funds_are_no_stocks():
    panel = market()
    etf = replace(panel.listings[0], kind="etf")
    found = ranked(replace(panel, listings=(etf, *panel.listings[1:])))
    assert found.excluded == {"1301": "no stock: etf"}


def test_a_split_does_not_move_the_close_of_a_stock_that_has_not_traded_since():
    """Its last close of 150 is 75 in yen of D after the 1:2 split: under 100."""
    panel = market()
    close = panel.close * 0.15
    adj = np.ones_like(close)
    adj[-2, 1] = 0.5
    gone = np.zeros(close.shape, dtype=bool)
    gone[-2:, 1] = True
    hole = {name: np.where(gone, np.nan, getattr(panel, name) * 0.15) for name in ("open", "high", "low")}
    found = ranked(
        replace(
            panel, close=np.where(gone, np.nan, close), adj_factor=adj,
            volume=np.where(gone, np.nan, panel.volume * 10), **hole,
        )
    )  # fmt: skip
    assert found.excluded == {"1302": "close ¥75, not over ¥100"}


# Who is best


@pytest.mark.parametrize(
    ("values", "ranks"),
    [
        ([3.0, 1.0, 2.0], [100, 0, 50]),
        ([1.0, 1.0, 2.0], [25, 25, 100]),  # of two others, one ties and none lies below
        ([np.nan, 1.0, 2.0], [0, 50, 100]),
        ([7.0], [50]),
        ([], []),
    ],
)
def test_percentile_ranks(values: list[float], ranks: list[float]):
    assert percentile_ranks(np.array(values, dtype=float)).tolist() == ranks


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=2, max_size=30))
def test_ranks_are_the_share_of_others_below_and_half_of_the_ties(values: list[float]):
    """Against counting one by one."""
    x = [-np.inf if np.isnan(v) else v for v in values]
    for i, found in enumerate(percentile_ranks(np.array(values))):
        others = x[:i] + x[i + 1 :]
        points = sum(1.0 if o < x[i] else 0.5 if o == x[i] else 0.0 for o in others)
        assert found == pytest.approx(100 * points / len(others))


def test_the_score_is_the_weighted_sum_of_the_ranks():
    panel = random_panel(2, stocks=9)
    found = rank(view_of(panel, 329), 0, rules(OPEN))
    assert len(found.standings) > 3
    for s in found.standings:
        assert s.score == pytest.approx(sum(WEIGHTS[m] * s.ranks[m] for m in MEASURES), abs=1e-9)
    assert [s.score for s in found.standings] == sorted((s.score for s in found.standings), reverse=True)


def test_measures_are_the_features_of_the_last_bar():
    panel = random_panel(2, stocks=9)
    view = view_of(panel, 329)
    for s in rank(view, 0, rules(OPEN)).standings:
        n = panel.column[s.code]
        assert s.values["liquidity"] == view.at("turnover_median_20", 0, n)
        assert s.values["atr_ratio"] == 100 * view.at("atr_ratio", 0, n)
        assert s.values["trend"] == view.at("adx_14", 0, n)
        assert s.values["momentum"] == 100 * view.at("momentum_20", 0, n)
        assert s.values["volume_surge"] == view.at("volume", 0, n) / view.at("volume_sma_20", 0, n)


def test_one_weight_alone_orders_by_its_measure():
    panel = random_panel(4, stocks=9)
    for measure in MEASURES:
        alone = dict.fromkeys(MEASURES, 0) | {measure: 1}
        found = rank(view_of(panel, 329), 0, rules(OPEN, alone)).standings
        values = [s.values[measure] for s in found]
        assert values == sorted(values, reverse=True)


def test_the_reason_names_the_strongest_ranks():
    best = rank(view_of(random_panel(2, stocks=9), 329), 0, rules(OPEN)).standings[0]
    assert best.reason.count("(rank ") == 3


def test_an_equal_score_goes_to_the_more_liquid_and_then_to_the_lower_code():
    found = ranked(market())
    assert [s.score for s in found.standings] == [50.0] * 4
    assert [s.code for s in found.standings] == ["1301", "1302", "1303", "1304"]


# When


@pytest.mark.parametrize("row", [70, 200, 328])
def test_nobody_looks_ahead(row: int):
    """The panel cut at a session and the whole one give the same universe, bit for bit."""
    whole = random_panel(6, stocks=9)
    cut = replace(
        whole,
        **{
            name: getattr(whole, name)[: row + 1]
            for name in ("sessions", "open", "high", "low", "close", "volume", "adj_factor", "topix")
        },
    )
    features = Features.of(whole)
    seen = View.of(whole, features, row, row, trade_dates(whole)[row : row + 1])
    assert rank(view_of(cut, row), 0, rules(OPEN)) == rank(seen, 0, rules(OPEN))


def test_a_row_of_a_span_equals_the_morning_alone():
    whole = random_panel(6, stocks=9)
    features = Features.of(whole)
    assert rank(view_of(whole, 300, 329, features), 12, rules(OPEN)) == rank(
        view_of(whole, 312, 312, features), 0, rules(OPEN)
    )


# The rules


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"weights": WEIGHTS | {"trend": 0.5}}, "must sum to 1, they sum to 1.3"),
        ({"weights": WEIGHTS | {"trends": 0.1}}, 'did you mean "trend"'),
        ({"filters": FILTERS | {"min_turnover": "500"}}, "min_turnover"),
        ({"filters": FILTERS | {"min_atr_pct": 6}}, "min_atr_pct 6 is over max_atr_pct 5"),
        ({"filters": {k: v for k, v in FILTERS.items() if k != "min_bars"}}, "min_bars: required"),
        ({"top": 0}, "top"),
        ({"count": 3}, "count: unknown key"),
    ],
)
def test_a_mistake_in_the_rules_is_named(data: dict, said: str):
    with pytest.raises(ParamsError, match=said):
        make_universe_rules({"top": 10, "weights": WEIGHTS, "filters": FILTERS} | data, where="universe.yaml")
