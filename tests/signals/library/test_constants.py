"""Each constant of entries and layers at its very edge; the values are those of STRATEGY sections 3 and 4.

A market of one stock is given by its features, so that one of them can stand exactly at a limit while the
others are quiet. `python -m tests.mutations` moves every constant and expects these tests to fail.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import EntryOpinions
from jstock_core.signals.language.exit import ExitOpinion
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.library.make import make_entry, make_exit
from tests.signals.panels import announcements_of, flows_of, framed

NAN = float("nan")
QUIET = {
    "open": 100, "high": 100, "low": 100, "close": 100, "volume": 1000, "volume_sma_20": 1000,
    "ema_20": 100, "ema_50": 100, "ema_200": 100, "rsi": 50, "macd": 0, "macd_signal": 0, "macd_hist": 0,
    "atr": 2, "atr_z": NAN, "adx_14": 10, "ichi_span_a": 100, "ichi_span_b": 100, "stoch_k": 50,
    "stoch_d": 50, "bb_pct_b": 0.5, "bb_lower": 90, "bb_width_rank": 50, "obv": 0, "momentum_20": 0,
    "turnover_median_20": 1e9, "atr_ratio": 0.02,
}  # fmt: skip


def market(count: int = 300, **last: Any) -> View:
    """The last of `count` bars; a feature is quiet but for the last values given, oldest first."""
    columns = {name: np.full(count, float(value)) for name, value in QUIET.items()}
    for name, values in last.items():
        given = np.atleast_1d(np.asarray(values, dtype=float))
        columns[name][-len(given) :] = given
    return framed(columns)


# Entries


def opinion(name: str, view: View, **parameters: Any) -> EntryOpinions:
    return make_entry({"use": name, **parameters}, "test").evaluate(view)


def steps(name: str, view: View, **parameters: Any) -> dict[str, float]:
    return {key: float(part[0, 0]) for key, part in opinion(name, view, **parameters).parts.items()}


def confidence(name: str, view: View, **parameters: Any) -> float:
    return float(opinion(name, view, **parameters).confidence[0, 0])


@pytest.mark.parametrize(("days", "simple", "enhanced"), [
    (0, 0.8, 0.5), (1, 0.8, 0.5), (2, 0.8, 0.7), (3, 0.8, 0.7), (4, 0.8, 0.85), (7, 0.8, 0.85), (8, 1.0, 1.0),
])  # fmt: skip
def test_the_earnings_penalty_by_calendar_days(days: int, simple: float, enhanced: float) -> None:
    view = market()
    trade_date = view.trade_dates[0].astype(object)
    row = ("2025-01-01T10:05", view.panel.codes[0], str(trade_date + timedelta(days=days)))
    near = replace(view, panel=replace(view.panel, announcements=announcements_of(row)), _memo={})
    assert steps("SimpleScorer", near)["earnings"] == simple
    assert steps("EnhancedScorer", near)["earnings"] == enhanced


def test_without_earnings_near_nothing_is_said_of_them() -> None:
    assert "earnings" not in opinion("SimpleScorer", market()).why(0, 0)


def test_a_scorers_confidence_is_its_score_in_hundredths() -> None:
    """Technical 95: close over all averages, rsi 40 to 65, the histogram and MACD above zero."""
    weights = {"technical": 1.0, "institutional": 0.0, "fundamental": 0.0, "volatility": 0.0}
    strong = market(close=103, ema_20=102, ema_50=101, rsi=50, macd=1, macd_hist=1)
    assert confidence("SimpleScorer", strong, weights=weights) == 0.95
    assert confidence("SimpleScorer", market(), weights=weights) == 0.0


CROSS = {"macd_hist": [5.0, -0.5, 0.5]}


@pytest.mark.parametrize(("hist", "cross"), [
    ([5, -0.5, 0.5], 0.7), ([-5, 0.5, 0.6], 0.0), ([-5, 0, 0.5], 0.0), ([-5, -0.5, 0], 0.0),
    ([-5, -1, -0.5], 0.0),
])  # fmt: skip
def test_a_macd_cross_is_strict_on_both_bars(hist: list[float], cross: float) -> None:
    assert steps("MACDCrossover", market(macd_hist=hist))["cross"] == cross


@pytest.mark.parametrize(("volume", "step"), [(1200, -0.05), (1210, 0.10), (1000, -0.05), (1290, 0.10)])
def test_a_macd_cross_with_volume(volume: float, step: float) -> None:
    assert steps("MACDCrossover", market(**CROSS, volume=volume))["volume"] == step


def test_a_macd_cross_before_there_is_a_mean_volume_or_a_trend() -> None:
    young = market(**CROSS, volume_sma_20=NAN)
    assert steps("MACDCrossover", young)["volume"] == 0.0
    assert confidence("MACDCrossover", young, confirm_trend=False) == 0.7
    assert confidence("MACDCrossover", market(macd_hist=[-2, -1])) == 0.0


@pytest.mark.parametrize(("close", "step"), [(100, -0.15), (100.01, 0.10), (99, -0.15)])
def test_a_macd_cross_with_the_trend(close: float, step: float) -> None:
    assert steps("MACDCrossover", market(**CROSS, close=close))["trend"] == step


@pytest.mark.parametrize(("rank", "step"), [(19.9, 0.2), (20, 0.0), (20.1, 0.0)])
def test_a_squeeze(rank: float, step: float) -> None:
    assert steps("BollingerSqueeze", market(bb_width_rank=rank))["squeeze"] == step


@pytest.mark.parametrize(("pct_b", "step"), [
    ([0.95, 1.05], 0.4), ([1.0, 1.01], 0.4), ([1.01, 1.02], 0.2), ([0.9, 1.0], 0.2), ([0.5, 0.8], 0.0),
    ([0.5, 0.81], 0.2), ([0.5, 0.79], 0.0),
])  # fmt: skip
def test_a_breakout(pct_b: list[float], step: float) -> None:
    assert steps("BollingerSqueeze", market(bb_pct_b=pct_b))["breakout"] == step


@pytest.mark.parametrize(("volume", "step"), [(1500, 0.0), (1501, 0.2)])
def test_a_breakout_with_volume(volume: float, step: float) -> None:
    assert steps("BollingerSqueeze", market(volume=volume))["volume"] == step


@pytest.mark.parametrize(("adx", "step"), [(20, -0.1), (20.1, 0.2)])
def test_a_breakout_in_a_trend(adx: float, step: float) -> None:
    assert steps("BollingerSqueeze", market(adx_14=adx))["trend"] == step


@pytest.mark.parametrize(("count", "squeeze"), [(49, 0.0), (50, 0.2)])
def test_a_squeeze_needs_fifty_bars(count: int, squeeze: float) -> None:
    narrow = market(count, bb_width_rank=10, adx_14=30)
    assert steps("BollingerSqueeze", narrow)["squeeze"] == squeeze
    assert confidence("BollingerSqueeze", narrow) == pytest.approx(2 * squeeze)


@pytest.mark.parametrize(
    ("close", "cloud", "open_"), [(101, 0.25, 0.25), (100, -0.30, 0.0), (99, -0.30, 0.0)]
)
def test_above_the_cloud(close: float, cloud: float, open_: float) -> None:
    assert steps("IchimokuStoch", market(close=close))["cloud"] == cloud
    assert steps("IchimokuStoch", market(close=close), require_cloud=False)["cloud"] == open_


@pytest.mark.parametrize(("span_a", "color", "open_"), [(101, 0.15, 0.15), (100, -0.20, 0.0)])
def test_the_color_of_the_cloud(span_a: float, color: float, open_: float) -> None:
    assert steps("IchimokuStoch", market(ichi_span_a=span_a))["cloud_color"] == color
    assert steps("IchimokuStoch", market(ichi_span_a=span_a), require_cloud=False)["cloud_color"] == open_


@pytest.mark.parametrize(("k", "d", "step"), [
    ([20, 29], [25, 25], 0.40), ([20, 30], [25, 25], 0.25), ([20, 29.9], [25, 25], 0.40),
    ([29, 29], [25, 25], 0.10), ([30, 30], [25, 25], 0.0), ([25, 26], [25, 25], 0.40),
    ([25, 25], [25, 25], 0.10),
])  # fmt: skip
def test_a_stochastic_turn(k: list[float], d: list[float], step: float) -> None:
    assert steps("IchimokuStoch", market(stoch_k=k, stoch_d=d))["stochastic"] == step


@pytest.mark.parametrize(("obv", "step"), [(-0.5, 0.20), (0.5, -0.10), (0, -0.10)])
def test_on_balance_volume_over_twenty_bars(obv: float, step: float) -> None:
    """It is compared with that of 19 bars before; those beside it would say the contrary."""
    values = [-obv * 9] * 4 + [-obv * 9, obv, -obv * 9] + [0.0] * 18
    assert len(values) == 25
    assert steps("IchimokuStoch", market(obv=values))["obv"] == step


def test_all_steps_together_are_certain() -> None:
    turning = market(close=102, ichi_span_a=101, stoch_k=[20, 29], stoch_d=[25, 25], obv=1)
    assert confidence("IchimokuStoch", turning) == 1.0


def test_confidence_is_never_below_zero() -> None:
    assert confidence("IchimokuStoch", market()) == 0.0
    assert sum(steps("IchimokuStoch", market()).values()) == pytest.approx(-0.6)


# Exits


def held(view: View, price: float = 100.0, **changes: Any) -> Holding:
    days = view.panel.dates
    known = Holding("1301", 0, 100, price, days[-10], days[-11], 70.0)
    return known._replace(**changes)


def judge(layer: str, view: View, holding: Holding | None = None, **parameters: Any) -> ExitOpinion:
    exit_ = make_exit([{"layer": layer, **parameters}], "test")
    return exit_.opinion(view, 0, held(view) if holding is None else holding)


def fires(layer: str, view: View, holding: Holding | None = None, **parameters: Any) -> bool:
    opinion = judge(layer, view, holding, **parameters)
    assert opinion.action in ("HOLD", "SELL_100%", "SELL_50%"), opinion.reason
    return opinion.action != "HOLD"


def layer(name: str) -> Layer:
    return make_exit([{"layer": name}], "test").layers[0]


@pytest.mark.parametrize(("name", "confidence"), [
    ("hard_stop", 1.0), ("trailing_stop", 0.9), ("momentum_exhaustion", 0.8), ("trend_breakdown", 0.85),
    ("deterioration", 0.88), ("stop_loss", 1.0), ("take_profit", 0.7), ("time_review", 0.7),
    ("weakness", 0.85), ("foreign_exodus", 1.0), ("band_break", 1.0), ("profit_protection", 0.85),
    ("overbought", 0.8),
    ("adx_exhaustion", 0.9), ("cloud_break", 0.88), ("volume_exhaustion", 0.75), ("ema_death_cross", 0.82),
])  # fmt: skip
def test_the_confidence_of_a_layer(name: str, confidence: float) -> None:
    assert layer(name).confidence == confidence


def test_confidences_that_a_layer_has_in_its_exit() -> None:
    """LayeredExit is surer of a broken trend than ATRExit, and less of its trail."""
    layers = make_exit({"use": "LayeredExit", "foreign_exodus": True}, "test").layers
    assert [part.confidence for part in layers] == [1.0, 1.0, 0.9, 0.88, 0.85, 0.75, 0.7, 0.7]
    assert [part.confidence for part in make_exit({"use": "ATRExit"}, "test").layers] == [1.0, 0.9, 0.8, 0.85]


@pytest.mark.parametrize(("count", "opinion"), [(51, ""), (52, "ema_death_cross")])
def test_trend_exhaustion_needs_52_bars(count: int, opinion: str) -> None:
    view = market(count, ema_20=[100, 99])
    assert make_exit({"use": "ADXTrendExhaustion"}, "test").opinion(view, 0, held(view)).layer == opinion


@pytest.mark.parametrize(("name", "parameters", "level"), [
    ("hard_stop", {}, 96.0), ("hard_stop", {"lock_atr": True}, 96.0), ("trailing_stop", {}, 94.0),
    ("stop_loss", {}, 92.0), ("take_profit", {}, 115.0), ("band_break", {}, 90.0), ("cloud_break", {}, 100.0),
])  # fmt: skip
def test_the_level_of_a_layer(name: str, parameters: dict[str, Any], level: float) -> None:
    made = make_exit([{"layer": name, **parameters}], "test").layers[0]
    assert made.level(market(), 0, held(market())) == pytest.approx(level)


@pytest.mark.parametrize(("name", "at", "under"), [("hard_stop", 96, 95.9), ("trailing_stop", 94, 93.9)])
def test_a_stop_is_strict(name: str, at: float, under: float) -> None:
    assert not fires(name, market(close=at))
    assert fires(name, market(close=under))


@pytest.mark.parametrize(("close", "sells"), [(92, True), (92.1, False)])
def test_a_stop_loss_fires_at_its_limit(close: float, sells: bool) -> None:
    assert fires("stop_loss", market(close=close)) == sells


@pytest.mark.parametrize(("close", "action"), [(115, "SELL_50%"), (114.9, "HOLD")])
def test_a_profit_is_taken_at_its_limit(close: float, action: str) -> None:
    assert judge("take_profit", market(close=close)).action == action


def test_a_profit_that_sells_everything_needs_no_memory() -> None:
    view = market(close=116)
    taken = held(view, taken=frozenset({"take_profit"}))
    assert judge("take_profit", view, taken, sell_pct=100).action == "SELL_100%"
    assert judge("take_profit", view, taken, sell_pct=75).action == "HOLD"


@pytest.mark.parametrize(("rsi", "close", "sells"), [(70, 99, False), (70.1, 99, True), (71, 100, False)])
def test_momentum_exhaustion(rsi: float, close: float, sells: bool) -> None:
    assert fires("momentum_exhaustion", market(rsi=rsi, close=close)) == sells


WEAK = {"rsi": [44, 44, 44, 44, 39]}
"""Persistent weakness of RSI, as the one sign beside that on trial."""


@pytest.mark.parametrize(("close", "sign"), [
    ([100, 99, 99], True), ([99, 100, 99], True), ([99, 99, 100], False), ([100, 100, 99], False),
    ([100.5, 99.5, 99.5], True), ([99, 100, 100, 99], False),
])  # fmt: skip
def test_below_ema200_now_and_in_two_of_the_last_three(close: list[float], sign: bool) -> None:
    assert fires("trend_breakdown", market(close=close, **WEAK)) == sign


@pytest.mark.parametrize(("hist", "sign"), [
    ([0.5, -0.5], True), ([0, -0.5], False), ([0.5, 0], False), ([-0.5, 0.5], False), ([9, -9, -0.5], False),
])  # fmt: skip
def test_a_death_cross_of_macd(hist: list[float], sign: bool) -> None:
    assert fires("trend_breakdown", market(macd_hist=hist, **WEAK)) == sign


@pytest.mark.parametrize(("rsi", "sign"), [
    ([44, 44, 44, 44, 39.9], True), ([44, 44, 44, 44, 40], False), ([50, 44, 44, 44, 39], True),
    ([44.9, 44.9, 44.9, 50, 39], True), ([44, 44, 44, 45, 39], True), ([45, 44, 44, 45, 39], False),
    ([44, 45, 44, 44, 44, 39], True), ([44, 45, 45, 44, 44, 39], False), ([44, 44, 50, 50, 44, 39], False),
    ([50, 44, 44, 45, 45, 39], False),
])  # fmt: skip
def test_persistent_weakness_of_rsi(rsi: list[float], sign: bool) -> None:
    assert fires("trend_breakdown", market(rsi=rsi, macd_hist=[0.5, -0.5])) == sign


@pytest.mark.parametrize(("volume", "before", "sign"), [
    (699, [90, 104, 90], True), (700, [90, 104, 90], False), (650, [90, 104, 90], True),
    (699, [110, 103, 110], False), (699, [90, 103.5, 90], True), (699, [110, 102.5, 110], False),
])  # fmt: skip
def test_a_volume_dry_up(volume: float, before: list[float], sign: bool) -> None:
    """The close of five bars before is the middle one; those beside it would say the contrary."""
    close = [*before, 100, 100, 100, 100]
    close[2:] = [before[2], 100, 100, 100, 100]
    assert fires("trend_breakdown", market(close=close, volume=volume, ema_200=50, **WEAK)) == sign


def test_one_sign_of_a_broken_trend_is_none() -> None:
    assert not fires("trend_breakdown", market(**WEAK))
    assert not fires("trend_breakdown", market(macd_hist=[0.5, -0.5]))


def turned(trend: bool, hist: float = 0.5, now: float = -0.5, then: float = 100.5) -> View:
    """Above EMA200 and with a positive histogram at entry, ten bars ago; both turned since, or MACD alone."""
    close = [then] * 2 + [100.0] * 9 + [99.5 if trend else 100.5]
    return market(close=close, macd_hist=[hist] * 2 + [0.0] * 9 + [now], ema_200=100)


def test_deterioration_is_two_turns_since_entry() -> None:
    assert fires("deterioration", turned(trend=True))
    assert not fires("deterioration", turned(trend=False))
    assert not fires("deterioration", turned(trend=True, hist=0.0))
    assert not fires("deterioration", turned(trend=True, now=0.0))
    assert not fires("deterioration", turned(trend=True, then=100.0))


def with_flows(view: View, *weeks: tuple[str, float]) -> View:
    flows = flows_of(*((day, day, {"Frgn": net}) for day, net in weeks))
    return replace(view, panel=replace(view.panel, flows=flows), _memo={})


def day(view: View, before: int, at: int = -1) -> str:
    """So many calendar days before a session."""
    return str(view.panel.dates[at] - timedelta(days=before))


def foreigners(
    *weeks: tuple[int, int, float], past: float | tuple[float, float] = 10.0, every: int = 100
) -> bool:
    """Whether deterioration fires by MACD and the flows: weeks (session, days before, balance), after 40."""
    view = turned(trend=False)
    nets = (past, past) if isinstance(past, float) else past
    old = [(day(view, 90 + every * n, -11), nets[n % 2]) for n in range(40)]
    known = [(day(view, before, session), net) for session, before, net in weeks]
    return fires("deterioration", with_flows(view, *old, *known))


def test_flows_at_entry_are_those_of_thirty_calendar_days() -> None:
    """D-30 < EnDate <= D, of the session that was evaluated at entry."""
    bought, sold = (-11, 29, 1.0), (-1, 1, -5.0)
    assert foreigners(bought, sold)
    assert foreigners(bought, (-11, 30, -9.0), sold)
    assert not foreigners((-11, 30, 1.0), sold)
    assert foreigners((-11, 29, 0.5), sold)
    assert not foreigners((-11, 29, -0.5), sold)
    assert not foreigners((-11, 29, 0.0), sold)


def test_flows_now_are_those_of_thirty_calendar_days() -> None:
    bought = (-11, 20, 50.0)
    assert foreigners(bought, (-1, 29, -5.0))
    assert foreigners(bought, (-1, 29, -5.0), (-1, 30, 9.0))
    assert not foreigners(bought, (-1, 30, -5.0))
    assert foreigners(bought, (-1, 1, -0.5))
    assert not foreigners(bought, (-1, 1, 0.5))
    assert not foreigners(bought, (-1, 1, 0.0))


def test_the_lowest_decile_is_of_sums_over_thirty_calendar_days() -> None:
    """Weeks 30 days apart are sums of their own, weeks 29 days apart go in pairs."""
    bought, sold = (-11, 20, 50.0), (-1, 1, -7.0)
    assert foreigners(bought, sold, past=-5.0, every=30)
    assert not foreigners(bought, (-1, 1, -5.0), past=-5.0, every=30)
    assert foreigners(bought, sold, past=(15.0, -20.0), every=29)


@pytest.mark.parametrize(("oldest", "sells"), [(13, True), (14, False)])
def test_an_exodus_looks_at_fourteen_calendar_days(oldest: int, sells: bool) -> None:
    """D-14 < EnDate: a week that ends 14 days before is out."""
    view = market()
    bad = with_flows(view, (day(view, oldest), -1e6), (day(view, 1), 1.0))
    assert fires("foreign_exodus", bad) == sells


def test_a_score_that_fell_by_fifty_points_is_as_sure_as_can_be() -> None:
    """The composite of the quiet market is 44: technical 35 for the histogram's want, the others 50."""
    view = market(close=99)
    now = float(opinion("SimpleScorer", view).opening[0, 0])
    for fall, confidence in ((20, 0.4), (49, 0.98), (50, 1.0), (55, 1.0)):
        found = judge("score_decay", view, held(view, score=now + fall))
        assert found.confidence == pytest.approx(confidence)
    assert not fires("score_decay", view, held(view, score=now + 15))
    assert fires("score_decay", view, held(view, score=now + 15.1))


def reviewed(close: float, age: int, **changes: Any) -> bool:
    view = market(close=close)
    holding = held(view, entry_session=view.panel.dates[-1] - timedelta(days=age), **changes)
    return fires("time_review", view, holding, score=100)


@pytest.mark.parametrize(("close", "sells"), [(99.5, True), (100, False), (100.5, False)])
def test_a_review_sells_what_is_at_a_loss(close: float, sells: bool) -> None:
    view = market()
    age = (view.panel.dates[-1] - view.panel.dates[-2]).days + 89
    assert reviewed(close, age) == sells


@pytest.mark.parametrize(("age", "due"), [(89, False), (90, True), (91, False)])
def test_a_review_in_the_first_session_that_is_stored(age: int, due: bool) -> None:
    """The day before counts as that of the question before."""
    view = market(1, close=99)
    first = view.panel.dates[0]
    holding = Holding("1301", 0, 100, 100.0, first - timedelta(days=age), first, 70.0)
    assert fires("time_review", view, holding, score=100) == due


def test_a_position_of_today_is_not_reviewed() -> None:
    assert not reviewed(99, 0)


@pytest.mark.parametrize(("scores", "sells"), [
    ({"technical": 51, "institutional": 51, "fundamental": 1}, True),
    ({"technical": 51, "institutional": 1, "fundamental": 1}, False),
])  # fmt: skip
def test_weakness_is_two_scores(scores: dict[str, float], sells: bool) -> None:
    """Institutional and fundamental are 50 for want of data, technical is what the bars say."""
    assert fires("weakness", market(close=99), **scores) == sells


@pytest.mark.parametrize(("pct_b", "sells"), [(-0.1, True), (0, False), (0.1, False)])
def test_a_band_break(pct_b: float, sells: bool) -> None:
    assert fires("band_break", market(bb_pct_b=pct_b)) == sells


def protected(close: float = 106, pct_b: tuple[float, float] = (0.75, 0.65), obv: float = 1.0) -> bool:
    """On-balance volume is compared with that of 9 bars before; those beside it say the contrary."""
    values = [-9.0, obv, -9.0] + [0.0] * 8
    return fires("profit_protection", market(close=close, bb_pct_b=pct_b, obv=values))


def test_a_profit_is_protected() -> None:
    assert protected()
    assert not protected(close=105)
    assert protected(close=105.1)
    assert not protected(pct_b=(0.75, 0.7))
    assert protected(pct_b=(0.7, 0.65))
    assert not protected(obv=0.0)


def overbought(pct_b: float = 0.95, k: tuple[float, float] = (80, 75)) -> bool:
    return fires("overbought", market(bb_pct_b=pct_b, stoch_k=k, stoch_d=[78, 78]))


def test_overbought() -> None:
    assert overbought()
    assert not overbought(pct_b=0.9)
    assert overbought(pct_b=0.91)
    assert not overbought(k=(80, 70))
    assert overbought(k=(80, 70.1))
    assert not overbought(k=(77, 75))


@pytest.mark.parametrize(("highest", "now", "sells"), [
    (25, 12.5, True), (24.9, 10, False), (25, 12.6, False), (30, 15, True), (30, 15.1, False),
])  # fmt: skip
def test_an_exhausted_trend(highest: float, now: float, sells: bool) -> None:
    assert fires("adx_exhaustion", market(adx_14=[highest, 20, now])) == sells


@pytest.mark.parametrize(("close", "sells"), [
    ([100, 99], True), ([99, 98], False), ([101, 100], False), ([101, 99, 98], False), ([99, 100, 99], True),
])  # fmt: skip
def test_a_cloud_break(close: list[float], sells: bool) -> None:
    assert fires("cloud_break", market(close=close)) == sells


def test_the_cloud_of_each_bar_is_its_own() -> None:
    """Yesterday's bottom was 90 and the close 95; today's is 100 and the close 99."""
    spans = {"ichi_span_a": [90, 90, 100], "ichi_span_b": [90, 90, 100]}
    assert fires("cloud_break", market(close=[80, 95, 99], **spans))
    assert not fires("cloud_break", market(close=[95, 89, 99], **spans))


@pytest.mark.parametrize(("volume", "mean", "close", "sells"), [
    (690, 1000, 99, True), (700, 1000, 99, False), (690, 1000, 100, False), (0, 0.5, 99, True),
    (0, 0, 99, False),
])  # fmt: skip
def test_exhausted_volume(volume: float, mean: float, close: float, sells: bool) -> None:
    assert fires("volume_exhaustion", market(volume=volume, volume_sma_20=mean, close=close)) == sells
