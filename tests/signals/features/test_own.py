"""Features of one's own: the kit gives what loops give, knows no later bar, and says what is wrong."""

from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.contain import PlugInError
from jstock_core.base.errors import JstockError, ParamsError, UsageError
from jstock_core.market.given import GivenValues
from jstock_core.rules import BarHistory, BarSeries, Feature, feature, where
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.indicators import BUILT_IN_FEATURES
from jstock_core.signals.features.own import FeatureError
from jstock_core.signals.features.series import values_of
from jstock_core.testing import Disclosure, Stock, panel
from tests.rules import forgetting_rules
from tests.signals.panels import random_panel, same_bits, view_of

PANEL = random_panel(3, count=120)
FEATURES = Features.of(PANEL)
HOLES = np.random.default_rng(1).normal(100, 10, (90, 4))
HOLES[np.random.default_rng(2).random(HOLES.shape) < 0.03] = np.nan
LONG = np.random.default_rng(4).integers(0, 40, (400, 2)).astype(float)


@pytest.fixture(autouse=True)
def _forgetting() -> Iterator[None]:
    with forgetting_rules():
        yield


def made(make: Callable[[BarHistory], BarSeries], needs: int = 1, unit: str = "yen") -> Feature:
    """A feature of a lambda, which has no documentation of its own."""
    make.__doc__ = "A feature of a test."
    return feature("of_a_test", unit=unit, needs=needs)(make)  # type: ignore[arg-type]


@pytest.mark.parametrize("bars", [2, 5, 21, 64])
@pytest.mark.parametrize(
    ("kit", "slow"),
    [
        (lambda x, n: x.sum(n), lambda x, n: x.rolling(n).sum()),
        (lambda x, n: x.mean(n), lambda x, n: x.rolling(n).mean()),
        (lambda x, n: x.max(n), lambda x, n: x.rolling(n).max()),
        (lambda x, n: x.min(n), lambda x, n: x.rolling(n).min()),
        (lambda x, n: x.std(n), lambda x, n: x.rolling(n).std()),
        (lambda x, n: x.median(n), lambda x, n: x.rolling(n).median()),
        (lambda x, n: x.rank(n), lambda x, n: 100 * (x.rolling(n).rank(method="max") - 1) / (n - 1)),
        (lambda x, n: x.ago(n), lambda x, n: x.shift(n)),
    ],
    ids=["sum", "mean", "max", "min", "std", "median", "rank", "ago"],
)
def test_windows_are_those_of_pandas(bars: int, kit, slow) -> None:
    """A window with a hole is NaN, and so is one that is not full."""
    for values in (HOLES, HOLES[:3]):
        found, expected = values_of(kit(BarSeries(values), bars)), slow(pd.DataFrame(values), bars)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_rank_over_more_than_a_byte_of_bars() -> None:
    found = values_of(BarSeries(LONG).rank(300))
    expected = 100 * (pd.DataFrame(LONG).rolling(300).rank(method="max") - 1) / 299
    np.testing.assert_allclose(found, expected)


def test_exponential_means_are_those_of_the_built_in_features() -> None:
    ema = made(lambda bars: bars.close.ema(20), needs=20)
    assert same_bits(FEATURES.rounded(ema), FEATURES.values["ema_20"])
    assert values_of(BarSeries(np.array([[1.0], [2.0], [np.nan], [4.0], [6.0]])).wilder(2)).ravel().tolist()[
        1::3
    ] == [1.5, 5.0]


def test_a_streak_counts_bars_in_a_row() -> None:
    closes = BarSeries(np.array([[1.0], [2.0], [3.0], [2.0], [np.nan], [3.0], [4.0]]))
    up = closes > closes.ago(1)
    assert values_of(up.streak()).ravel().tolist() == [0, 1, 2, 0, 0, 0, 1]
    assert values_of(where(up & ~(closes > 3), 1, 0)).ravel().tolist() == [0, 1, 1, 0, 0, 0, 0]


KIT: dict[str, Callable[[BarHistory], BarSeries]] = {
    "arithmetic": lambda b: 2 - abs(-b.close / b.open) ** 0.5 * (1 / b.low + b.high - 3) / 2,
    "numpy": lambda b: np.log(np.maximum(b.close, b.open.ago(1))) + np.sqrt(b.volume),  # type: ignore[return-value]
    "truths": lambda b: where((b.close > b.open) | (b.low == b.high), b.close, b.open.mean(3)),
    "windows": lambda b: b.high.max(25) - b.low.min(7) + b.close.std(12) + b.turnover.median(9),
    "ranks": lambda b: (b.close / b.close.ago(5) - 1).rank(30) + (b.close >= b.close.mean(4)).streak(),
    "smooth": lambda b: b.close.ema(9) - (b.close - b.close.ago(1)).wilder(14),
    "others": lambda b: b.feature("rsi") - b.feature("atr_ratio").ema(5),
    "benchmark": lambda b: b.close / b.topix - (b.close / b.topix).max(20).known(),
}


@pytest.mark.parametrize("name", KIT)
def test_what_the_kit_makes_knows_no_later_bar_and_no_other_stock(name: str) -> None:
    """Bit for bit, over cuts at bars with halts, splits and listings."""
    whole = FEATURES.rounded(made(KIT[name]))
    assert np.isfinite(whole).any()
    for count in (30, 77, 101):
        cut = Features.of(PANEL.known_at(PANEL.bars_known_at[count - 1].astype(object).replace(tzinfo=JST)))
        known = cut.rounded(made(KIT[name]))
        mask = cut.row >= 0
        assert same_bits(known[mask], whole[: len(known)][mask])
    order = [4, 1, 3]
    few = Features.of(PANEL.with_columns(order)).rounded(made(KIT[name]))
    assert same_bits(few, whole[: len(few), order])


def test_a_rule_reads_it_as_itself_and_a_ratio_is_rounded() -> None:
    distance = made(lambda b: 100 * (b.close / b.high.max(30) - 1), needs=30, unit="percent")
    view = view_of(PANEL, 100)
    found = view.value(distance)
    assert found.shape == view.shape
    assert (np.isnan(found) == (view.bars < 30)).all()
    assert same_bits(found, np.round(found, 9))
    n = int(np.flatnonzero(~np.isnan(found[0]))[0])
    assert view.at(distance, 0, n) == found[0, n]
    assert view.at(distance, 0, n, 1) == view.value(distance, 1)[0, n]
    with pytest.raises(ValueError, match="read-only"):
        FEATURES.rounded(distance)[:] = 0


def test_its_values_begin_with_the_bars_that_it_needs() -> None:
    early = made(lambda b: b.close, needs=10)
    found = FEATURES.rounded(early)
    assert np.isnan(found[:9]).all()
    assert same_bits(found[9:], FEATURES.values["close"][9:])


@pytest.mark.parametrize(
    "use",
    [
        lambda b: b.close[-1],
        lambda b: len(b.close),
        lambda b: np.asarray(b.close),
        lambda b: np.add.reduce(b.close),
        lambda b: np.cumsum(b.close),
        lambda b: list(b.close),
        lambda b: float(b.close),
        lambda b: b.close + np.ones(3),
        lambda b: b.close + "x",
        lambda b: max(b.close, b.open),
        lambda b: np.where(b.close > 1, 1, 0),
        lambda b: b.close.ago(-1),
        lambda b: b.close.mean(0),
        lambda b: b.close.mean(2.5),
        lambda b: b.close.mean(10**6),
        lambda b: b.feature("rsl"),
        lambda b: b.feature("close").nothing(),
    ],
)
def test_there_is_no_way_to_a_later_bar(use) -> None:
    """Each names the feature's own line, not one of the kit."""
    with pytest.raises((UsageError, FeatureError)) as caught:
        FEATURES.rounded(made(use))
    assert "test_own.py" in caught.value.where
    assert caught.value.do


def test_what_is_no_series_of_the_history_is_refused() -> None:
    for wrong in (None, 3.0, BarSeries(np.ones((2, 2)))):
        with pytest.raises(FeatureError, match="no series of its history"):
            FEATURES.rounded(made(lambda _, wrong=wrong: wrong))


def test_a_feature_that_prints_or_ends_the_process_is_an_error() -> None:
    with pytest.raises(PlugInError, match="of_a_test prints"):
        FEATURES.rounded(made(lambda b: sys.stdout.write("hello") and b.close))
    with pytest.raises(PlugInError, match="ends the process"):
        FEATURES.rounded(made(lambda _: sys.exit(0)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "High"}, "no name for a feature"),
        ({"name": "rsi"}, "is built in"),
        ({"unit": "dollars"}, "has the unit 'dollars'"),
        ({"needs": 0}, "needs 0 bars"),
        ({"needs": "5"}, "needs 5 bars"),
        ({"doc": ""}, "has no docstring"),
    ],
)
def test_a_wrong_declaration_is_refused(given: dict[str, object], said: str) -> None:
    asked: dict[str, object] = {"name": "mine", "unit": "yen", "needs": 1, "doc": "A feature."} | given

    def make(bars: BarHistory) -> BarSeries:
        return bars.close

    make.__doc__ = str(asked.pop("doc"))
    with pytest.raises(ParamsError, match=said):
        feature(str(asked.pop("name")), **asked)(make)  # type: ignore[arg-type]


def test_the_same_function_defined_again_replaces_itself_and_another_is_refused() -> None:
    made(lambda b: b.close)

    def other(bars: BarHistory) -> BarSeries:
        """Be another."""
        return bars.open

    with pytest.raises(ParamsError, match="already the name of"):
        feature("of_a_test", unit="yen", needs=1)(other)


def test_a_feature_given_by_its_name_is_told_how() -> None:
    with pytest.raises(UsageError) as caught:
        view_of(PANEL, 100).value("of_a_test")
    assert "as itself" in caught.value.do


def test_built_in_names_are_those_that_are_computed() -> None:
    assert set(BUILT_IN_FEATURES) == set(FEATURES.values)


def test_one_that_cannot_be_imported_cannot_be_handed_over() -> None:
    handed = pickle.dumps(made(lambda b: b.close))
    with pytest.raises(AttributeError, match="of_a_test is in no file"):
        pickle.loads(handed)


def test_an_error_of_the_kit_keeps_its_kind() -> None:
    with pytest.raises(JstockError) as caught:
        FEATURES.rounded(made(lambda b: where(b.close > 0, math.nan, [1])))
    assert type(caught.value) is UsageError


def test_what_a_company_reported_is_known_from_the_morning_after_it_did() -> None:
    """Adjusted as prices are: a split changes no ratio."""

    def forecast(at: str, eps: float) -> Disclosure:
        figures = {"FEPS": eps, "FNP": 1e6 * eps, "ShOutFY": 1e6}
        return Disclosure("7203", at, "2Q", "2025-09-30", "2026-03-31", figures)

    market = panel(
        {"7203": Stock([1000.0, 1000.0, 1010.0, 505.0], splits={"2026-01-20": 0.5})},
        facts=[forecast("2025-11-05T15:00", 50.0), forecast("2026-01-16T17:30", 80.0)],
    )
    assert market.sessions.astype(str).tolist()[1] == "2026-01-16"
    features = Features.of(market)
    per = features.rounded(made(lambda b: b.close / b.company("forecast_eps"), unit="ratio"))
    assert per.ravel().tolist() == [1000 / 50, 1000 / 80, 1010 / 80, 505 / 40]
    shares = features.rounded(made(lambda b: b.company("shares"), unit="shares"))
    assert shares.ravel().tolist() == [1e6] * 4
    with pytest.raises(UsageError, match="no figure of a company"):
        features.rounded(made(lambda b: b.company("forecast_epos")))
    cut = market.known_at(datetime(2026, 1, 16, 17, 0, tzinfo=JST))
    before = Features.of(cut).rounded(made(lambda b: b.company("forecast_eps")))
    assert before.ravel().tolist() == [50, 50]


def test_given_values_hold_for_so_many_mornings_and_none_before_it_is_known() -> None:
    def moment(text: str) -> np.datetime64:
        return np.datetime64(text, "m")

    known = np.array([moment("2026-01-16T06:00"), moment("2026-01-20T07:00"), moment("2026-01-20T07:00")])
    given = GivenValues(np.array(["7203", "6758", "9999"]), known, np.array([1.0, 2.0, 3.0]))
    market = replace(panel({"7203": [1.0] * 5, "6758": [1.0] * 5}), given={"score": given})
    assert market.sessions.astype(str).tolist()[0] == "2026-01-14"
    features = Features.of(market)

    def told(name: str, within: int) -> np.ndarray:
        return features.rounded(made(lambda b: b.given(name, within)))

    found = {n: told("score", n) for n in (1, 3)}
    assert np.nan_to_num(found[1]).T.tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 2, 0]]
    assert np.nan_to_num(found[3]).T.tolist() == [[0, 1, 1, 1, 0], [0, 0, 0, 2, 2]]
    for name, within, said in (("scores", 1, '"score"'), ("score", 0, "within 0")):
        with pytest.raises(UsageError, match=said):
            told(name, within)
    cut = market.known_at(datetime(2026, 1, 20, 6, 59, tzinfo=JST))
    assert cut.given["score"].code.tolist() == ["7203"]


def test_a_market_without_bars_and_one_bar_alone_have_no_values_before_they_need() -> None:
    for closes, count in (([np.nan] * 3, 0), ([np.nan, np.nan, 5.0], 1)):
        features = Features.of(panel({"7203": closes}))
        for make in KIT.values():
            assert features.rounded(made(make, needs=2)).shape == (count, 1)
