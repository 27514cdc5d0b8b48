"""Exits are STRATEGY section 4: the first layer that fires wins, and what cannot be judged is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.signals.features.scores import SIMPLE, composite, fundamental, institutional, technical
from jstock_core.signals.language.exit import ACTIONS, ExitOpinion
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.registry import layer
from jstock_core.signals.library.make import make_entry, make_exit
from tests.rules import EXITS, forgetting_rules
from tests.signals import slow
from tests.signals.histories import flow_rows, history, k_of, rows_of
from tests.signals.panels import flows_of, panel_of, random_panel, sessions_from, view_of

PANEL = random_panel(51)
VIEW = view_of(PANEL)
PLAIN = {
    "ATRExit": slow.atr_exit,
    "ScoreBasedExit": slow.score_based_exit,
    "LayeredExit": slow.layered_exit,
    "BollingerDynamicExit": slow.bollinger_exit,
    "ADXTrendExhaustion": slow.adx_exit,
}


def exit_of(data: Any):
    return make_exit(data, "test")


def random_holding(rng: np.random.Generator, n: int, row: int) -> Holding | None:
    """A position opened on an earlier bar, near the price of then, as a book would show it on the row."""
    bars = [s for s in rows_of(PANEL, n) if 1 <= s <= row]
    if not bars:
        return None
    opened = int(rng.choice(bars))
    price = history(PANEL, n, opened)["close"][-1] * rng.uniform(0.85, 1.15) / k_of(PANEL, n, row)
    return Holding(
        code=PANEL.codes[n],
        column=n,
        shares=100,
        entry_price=float(price),
        entry_session=PANEL.session(opened),
        evaluated=PANEL.session(opened - 1),
        score=float(rng.uniform(50, 90)),
        taken=frozenset({"take_profit"}) if rng.random() < 0.3 else frozenset(),
    )


def position(holding: Holding, row: int) -> dict[str, Any]:
    """The same position as plain numbers, for the slow exits."""
    n, flows = holding.column, flow_rows(PANEL)
    past, opened = history(PANEL, n, row), PANEL.row(holding.entry_session)
    then = PANEL.row(holding.evaluated)
    first_bar = sum(s < opened for s in rows_of(PANEL, n))
    entry = holding.entry_price * k_of(PANEL, n, row)
    moments = {
        at: (VIEW.sessions[at].astype(object), VIEW.decided_at[at].astype(object)) for at in (row, then)
    }
    weeks = [w[2] for w in slow.known_weeks(flows, moments[row][1]) if w[2] <= moments[row][0]]
    was = history(PANEL, n, then)
    return {
        "entry": entry,
        "peak": max([entry, *past["close"][first_bar:]]),
        "first_bar": first_bar,
        "then": {
            name: was[name][-1] if was["close"] else slow.NAN for name in ("close", "ema_200", "macd_hist")
        },
        "sum_then": slow.foreign_sum(flows, *moments[then], 30),
        "sum_now": slow.foreign_sum(flows, *moments[row], 30),
        "sums": [slow.foreign_sum(flows, end, moments[row][1], 30) for end in weeks],
        "technical": float(technical(VIEW).value[row, n]),
        "institutional": float(institutional(VIEW).value[row, n]),
        "fundamental": float(fundamental(VIEW).value[row, n]),
        "composite": composite(VIEW, SIMPLE).value[row, n],
        "score": holding.score,
        "taken": holding.taken,
        "entry_session": holding.entry_session,
        "today": PANEL.session(row),
        "yesterday": PANEL.session(row - 1),
    }


@pytest.mark.parametrize("name", EXITS)
def test_an_exit_agrees_with_plain_loops(name: str) -> None:
    rng, leave, fired = np.random.default_rng(5), exit_of({"use": name}), set()
    for _ in range(700):
        row, n = int(rng.integers(2, 330)), int(rng.integers(0, 6))
        holding = random_holding(rng, n, row)
        if holding is None:
            continue
        expected = PLAIN[name](history(PANEL, n, row), position(holding, row))
        opinion = leave.opinion(VIEW, row, holding)
        assert opinion.layer == expected, (row, holding, opinion)
        fired.add(opinion.layer)
    rare = {"deterioration", "time_review", "momentum_exhaustion", "profit_protection"}
    assert fired >= {"", *(part.trigger for part in leave.layers)} - rare


# One position in a market of our own


def market(closes: list[float], *, spread: float = 1.0, adj: dict[int, float] | None = None):
    """One stock that closes so, its range `spread` yen around the close."""
    close = np.array(closes, dtype=float)[:, None]
    factor = np.ones(close.shape)
    for row, value in (adj or {}).items():
        factor[row] = value
    bars = {
        "open": close, "high": close + spread, "low": close - spread, "close": close,
        "volume": np.where(np.isnan(close), np.nan, 1000.0),
    }  # fmt: skip
    return panel_of(sessions_from("2025-01-06", len(closes)), bars, factor)


def held(panel, price: float, opened: int = 30, **changes: Any) -> Holding:
    known = Holding("1301", 0, 100, price, panel.session(opened), panel.session(opened - 1), 70.0)
    return known._replace(**changes)


def judge(data: Any, panel, holding: Holding, row: int | None = None) -> ExitOpinion:
    at = len(panel.sessions) - 1 if row is None else row
    return exit_of(data).opinion(view_of(panel, at, at), 0, holding)


@pytest.mark.parametrize(
    ("close", "fires"),
    [(92.0, True), (92.01, False), (120.0, False)],
    ids=["exactly", "just above", "a gain"],
)
def test_a_loss_of_exactly_the_limit_sells(close: float, fires: bool) -> None:
    panel = market([100.0] * 40 + [close])
    opinion = judge([{"layer": "stop_loss", "loss_pct": 8}], panel, held(panel, 100.0))
    assert opinion.action == ("SELL_100%" if fires else "HOLD")


def test_a_loss_of_exactly_eight_percent_of_an_awkward_price_sells() -> None:
    """100 * (c - e) / e is off -8 in its last bits for many prices; rounding to 9 decimals decides."""
    for price in (1237.0, 1003.7, 99.9, 3456.78):
        panel = market([price] * 40 + [price * 0.92])
        assert judge([{"layer": "stop_loss", "loss_pct": 8}], panel, held(panel, price)).layer == "stop_loss"


def test_the_reason_names_the_traded_prices() -> None:
    panel = market([1000.0] * 40 + [900.0])
    opinion = judge({"use": "LayeredExit"}, panel, held(panel, 1000.0))
    assert opinion.reason == "close 900 is -10.00 % against the entry 1,000 (limit -8 %)"
    assert (opinion.action, opinion.urgency, opinion.confidence) == ("SELL_100%", "EMERGENCY", 1.0)


def test_a_profit_is_taken_once_a_position() -> None:
    panel = market([100.0] * 40 + [116.0])
    part = [{"layer": "take_profit", "gain_pct": 15, "sell_pct": 50}]
    first = judge(part, panel, held(panel, 100.0))
    assert (first.action, first.urgency, first.layer) == ("SELL_50%", "MEDIUM", "take_profit")
    assert judge(part, panel, held(panel, 100.0, taken=frozenset({"take_profit"}))).action == "HOLD"
    whole = [{"layer": "take_profit", "gain_pct": 15, "sell_pct": 100}]
    assert judge(whole, panel, held(panel, 100.0, taken=frozenset({"take_profit"}))).action == "SELL_100%"


@pytest.mark.parametrize(
    ("sell_pct", "urgency"), [(25, "LOW"), (50, "MEDIUM"), (75, "MEDIUM"), (100, "HIGH")]
)
def test_urgency_follows_what_is_sold(sell_pct: int, urgency: str) -> None:
    panel = market([100.0] * 40 + [116.0])
    opinion = judge([{"layer": "take_profit", "sell_pct": sell_pct}], panel, held(panel, 100.0))
    assert (opinion.action, opinion.urgency) == (ACTIONS[sell_pct], urgency)


def test_the_peak_counts_from_the_entry_session_and_never_from_before() -> None:
    """A high of 200 before the entry is not the position's; one of 130 after it is."""
    closes = [100.0] * 20 + [200.0] + [100.0] * 20 + [130.0] + [124.0] * 30
    panel = market(closes)
    trail = [{"layer": "trailing_stop", "atr": 2}]
    atr = view_of(panel, 70).at("atr", 0, 0)
    assert 130 - 2 * atr > 124
    assert judge(trail, panel, held(panel, 100.0, opened=25)).layer == "trailing_stop"
    assert judge(trail, panel, held(panel, 100.0, opened=43)).action == "HOLD"


def test_a_peak_since_before_the_stored_prices_cannot_be_known() -> None:
    panel = market([100.0] * 40)
    opinion = judge({"use": "ATRExit"}, panel, held(panel, 100.0, entry_session=date(2020, 1, 6)))
    assert opinion.action == "EXIT_UNKNOWN"
    assert "prices since 2020-01-06 are not known" in opinion.reason


def test_levels_are_prices_of_the_day_also_after_a_split() -> None:
    """Entered at 1,000, split two for one: the holding says 500, and so do the stops."""
    panel = market([1000.0] * 40 + [500.0] * 5, adj={40: 0.5}, spread=0.0)
    view = view_of(panel, 44)
    holding = held(panel, 500.0)
    levels = {part.name: part.level(view, 0, holding) for part in exit_of({"use": "LayeredExit"}).layers}
    assert levels["stop_loss"] == pytest.approx(460.0)
    assert levels["take_profit"] == pytest.approx(575.0)
    assert levels["trailing_stop"] == pytest.approx(500.0 - 2 * view.at("atr", 0, 0) / 2)
    assert levels["trend_breakdown"] is None
    assert judge({"use": "LayeredExit"}, panel, holding).action == "HOLD"


def test_a_stop_fires_exactly_under_its_level() -> None:
    stops = [{"layer": "hard_stop"}, {"layer": "trailing_stop"}, {"layer": "band_break"}]
    rng, seen = np.random.default_rng(1), set()
    for _ in range(300):
        row, n = int(rng.integers(60, 330)), int(rng.integers(0, 6))
        holding = random_holding(rng, n, row)
        for part in exit_of(stops).layers if holding else ():
            level = part.level(VIEW, row, holding)
            if level is not None and abs(level / VIEW.last_close(row, n) - 1) > 1e-9:
                fires = part.verdict(VIEW, row, holding) is not None
                assert fires == (VIEW.last_close(row, n) < level)
                seen.add((part.name, fires))
    assert len(seen) == 6


def test_the_hard_stop_can_keep_the_range_of_the_entry() -> None:
    panel = market([100.0] * 30 + [100.0 + 4 * (-1) ** t for t in range(30)])
    view, holding = view_of(panel, 59), held(panel, 100.0)
    now, locked = (exit_of([{"layer": "hard_stop", "lock_atr": flag}]).layers[0] for flag in (False, True))
    assert locked.level(view, 0, holding) == pytest.approx(100 - 2 * 2.0)
    assert now.level(view, 0, holding) < 90


@pytest.mark.parametrize(("age", "due"), [(89, False), (90, True), (91, False), (180, True), (181, False)])
def test_a_review_comes_at_each_multiple_of_its_days(age: int, due: bool) -> None:
    panel = market([100.0 - t / 20 for t in range(250)])
    review = [{"layer": "time_review", "days": 90, "score": 100}]
    holding = held(panel, 100.0, entry_session=panel.session(249) - timedelta(days=age))
    assert (judge(review, panel, holding).layer == "time_review") == due


def test_a_review_due_on_a_closed_day_comes_at_the_next_session() -> None:
    panel = market([100.0 - t / 20 for t in range(250)])
    monday = next(s for s in range(249, 0, -1) if panel.session(s).weekday() == 0)
    review = [{"layer": "time_review", "days": 90, "score": 100}]
    for days, due in ((90, True), (91, True), (92, True), (93, False)):
        holding = held(panel, 100.0, entry_session=panel.session(monday) - timedelta(days=days))
        assert (judge(review, panel, holding, monday).layer == "time_review") == due, days


def test_a_winner_or_a_good_score_passes_its_review() -> None:
    panel = market([100.0 - t / 20 for t in range(250)])
    entered = panel.session(249) - timedelta(days=90)
    review = [{"layer": "time_review", "days": 90, "score": 100}]
    assert judge(review, panel, held(panel, 50.0, entry_session=entered)).action == "HOLD"
    strict = [{"layer": "time_review", "days": 90, "score": 1}]
    assert judge(strict, panel, held(panel, 100.0, entry_session=entered)).action == "HOLD"


@pytest.mark.parametrize(("net", "fires"), [(-20_000, False), (-20_001, True), (50_000, False)])
def test_an_exodus_of_foreigners_sells_every_holding(net: float, fires: bool) -> None:
    panel = replace(market([100.0] * 40), flows=flows_of(("2025-02-21", "2025-02-27", {"Frgn": net})))
    opinion = judge({"use": "LayeredExit", "foreign_exodus": True}, panel, held(panel, 100.0))
    assert opinion.layer == ("emergency" if fires else "")
    assert judge({"use": "LayeredExit"}, panel, held(panel, 100.0)).action == "HOLD"
    if fires:
        assert "market-wide" in opinion.reason


def test_a_score_decays_against_the_opening_signal() -> None:
    panel = market([100.0] * 40)
    now = composite(view_of(panel, 39), SIMPLE).value[0, 0]
    at_limit = judge({"use": "ScoreBasedExit"}, panel, held(panel, 100.0, score=now + 15))
    beyond = judge({"use": "ScoreBasedExit"}, panel, held(panel, 100.0, score=now + 20))
    assert at_limit.action == "HOLD"
    assert (beyond.layer, beyond.confidence, beyond.urgency) == ("score_decay", 0.4, "HIGH")


def test_a_position_without_an_opening_score_is_unknown_and_not_held() -> None:
    panel = market([100.0] * 40)
    opinion = judge({"use": "ScoreBasedExit"}, panel, held(panel, 100.0, score=None))
    assert opinion.action == "EXIT_UNKNOWN"
    assert "no score" in opinion.reason


def test_a_position_without_any_price_is_unknown() -> None:
    panel = market([float("nan")] * 40)
    assert judge({"use": "LayeredExit"}, panel, held(panel, 100.0)).action == "EXIT_UNKNOWN"


def test_missing_flow_figures_make_the_exit_unknown() -> None:
    panel = replace(
        market([100.0] * 40), flows=flows_of(("2025-02-21", "2025-02-27", {"Frgn": float("nan")}))
    )
    opinion = judge([{"layer": "foreign_exodus"}], panel, held(panel, 100.0))
    assert opinion.action == "EXIT_UNKNOWN"
    assert opinion.reason.startswith("foreign_exodus: investor flows of the week to 2025-02-21")


def test_a_halted_stock_is_judged_by_its_last_bar_and_its_age_is_told() -> None:
    panel = market([100.0] * 40 + [85.0] + [float("nan")] * 3)
    sold = judge({"use": "LayeredExit"}, panel, held(panel, 100.0))
    assert sold.layer == "stop_loss"
    assert sold.reason.startswith("close 85 (3 sessions old)")
    kept = judge({"use": "LayeredExit"}, panel, held(panel, 85.0, opened=40))
    assert kept.reason == "no layer fired; the last bar is 3 sessions old"


def test_holding_says_which_layers_have_too_few_bars() -> None:
    panel = market([100.0] * 8)
    kept = judge({"use": "ATRExit"}, panel, held(panel, 100.0, opened=3))
    assert kept.reason == "no layer fired; silent with 8 bars: hard_stop, trailing_stop, momentum_exhaustion"
    young = judge({"use": "ADXTrendExhaustion"}, panel, held(panel, 100.0, opened=3))
    assert young.action == "HOLD"
    assert "silent with 8 bars: adx_exhaustion" in young.reason


def test_deterioration_compares_what_was_good_at_entry_with_what_is_bad_now() -> None:
    """A rise over 230 bars, then a fall: under ema200 and with macd below zero, both above at entry."""
    panel = market([100 * 1.004**t for t in range(230)] + [100 * 1.004**229 * 0.97**t for t in range(1, 31)])
    layer_alone = [{"layer": "deterioration"}]
    opinion = judge(layer_alone, panel, held(panel, 200.0, opened=220))
    assert (opinion.layer, opinion.confidence) == ("deterioration", 0.88)
    assert opinion.reason == "fell under EMA200 since entry AND MACD turned negative since entry"
    assert judge(layer_alone, panel, held(panel, 200.0, opened=256)).action == "HOLD"


def test_deterioration_counts_foreigners_who_turn_to_selling_as_hardly_ever() -> None:
    """Above ema200 still, macd and the flows are the two signs; under 26 weeks the flows are silent."""
    closes = [100 * 1.004**t for t in range(230)] + [100 * 1.004**229 * 0.99**t for t in range(1, 11)]
    fridays = [np.datetime64("2025-01-10") + np.timedelta64(7 * i, "D") for i in range(47)]
    nets = [50.0] * 44 + [-400.0] * 3
    weeks = [
        (str(end), str(end + np.timedelta64(6, "D")), {"Frgn": net})
        for end, net in zip(fridays, nets, strict=True)
    ]
    panel = replace(market(closes), flows=flows_of(*weeks))
    alone, holding = [{"layer": "deterioration"}], held(panel, 200.0, opened=220)
    assert judge(alone, panel, holding).reason == (
        "MACD turned negative since entry AND foreigners turned to heavy selling (market-wide)"
    )
    assert judge(alone, replace(panel, flows=flows_of(*weeks[22:])), holding).action == "HOLD"


def test_a_position_entered_on_a_session_not_stored_is_unknown_to_deterioration() -> None:
    panel = market([100.0] * 40)
    opinion = judge([{"layer": "deterioration"}], panel, held(panel, 100.0, evaluated=date(2020, 1, 6)))
    assert (opinion.action, opinion.reason) == ("EXIT_UNKNOWN", "deterioration: no bars for 2020-01-06")


# Layers of third parties


@pytest.fixture
def _forgetting() -> Iterator[None]:
    """Registries that forget what a test registers."""
    with forgetting_rules():
        yield


@pytest.mark.usefixtures("_forgetting")
def test_a_layer_that_raises_makes_the_exit_unknown_and_never_hold() -> None:
    @layer("broken")
    class Broken(Layer):
        """Divide by nothing."""

        by: int = Field(default=0)

        def verdict(self, view, row, holding):
            return 1 / self.by

    panel = market([100.0] * 40)
    opinion = judge([{"layer": "broken"}, {"layer": "stop_loss"}], panel, held(panel, 50.0))
    assert opinion == ExitOpinion(
        "EXIT_UNKNOWN", "", 0.0, "", "broken raised ZeroDivisionError: division by zero"
    )


@pytest.mark.usefixtures("_forgetting")
@pytest.mark.parametrize("answer", [Verdict("odd", 30, 1.0, "x"), "sell", True])  # type: ignore[arg-type]
def test_a_layer_that_answers_nonsense_makes_the_exit_unknown(answer: Any) -> None:
    @layer("odd")
    class Odd(Layer):
        """Answer what nobody asked."""

        def verdict(self, view, row, holding):
            return answer

    panel = market([100.0] * 40)
    opinion = judge([{"layer": "odd"}], panel, held(panel, 100.0))
    assert opinion.action == "EXIT_UNKNOWN"


def test_the_first_layer_that_fires_wins_and_is_named() -> None:
    panel = market([100.0] * 40 + [80.0])
    stop, trail = {"layer": "stop_loss"}, {"layer": "trailing_stop"}
    assert judge([stop, trail], panel, held(panel, 100.0)).layer == "stop_loss"
    assert judge([trail, stop], panel, held(panel, 100.0)).layer == "trailing_stop"


def test_exits_that_score_take_over_the_weights_of_the_entry() -> None:
    weights = {"technical": 0.1, "institutional": 0.2, "fundamental": 0.3, "volatility": 0.4}
    entry = make_entry({"use": "SimpleScorer", "weights": weights, "flows": "smart_money"}, "test")
    inherited = make_exit({"use": "ScoreBasedExit"}, "test", entry)
    assert (inherited.layers[0].weights, inherited.layers[0].flows) == (entry.weights, "smart_money")
    own = make_exit([{"layer": "score_decay", "flows": "simple"}], "test", entry)
    assert (own.layers[0].weights, own.layers[0].flows) == (entry.weights, "simple")
    plain = make_exit({"use": "ScoreBasedExit"}, "test", make_entry({"use": "MACDCrossover"}, "test"))
    assert plain.layers[0].weights == SIMPLE


def test_two_partial_profits_of_one_name_are_refused() -> None:
    ladder = [{"layer": "take_profit", "gain_pct": 10}, {"layer": "take_profit", "gain_pct": 20}]
    with pytest.raises(ParamsError, match="the second would never sell"):
        exit_of(ladder)
    exit_of([ladder[0], ladder[1] | {"sell_pct": 100}])
