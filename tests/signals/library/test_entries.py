"""Entries are STRATEGY section 3: agreeing with plain loops, buying only on a bar of D, and saying why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.signals.features.scores import technical
from jstock_core.signals.library.make import make_entry
from tests.rules import ENTRIES
from tests.signals import slow
from tests.signals.histories import announcement_rows, documents_of, flow_rows, history
from tests.signals.panels import announcements_of, random_panel, same_bits, statements_of, view_of

PANEL = random_panel(41)
VIEW = view_of(PANEL)
STEPS = {
    "MACDCrossover": slow.macd_crossover,
    "BollingerSqueeze": slow.bollinger_squeeze,
    "IchimokuStoch": slow.ichimoku_stoch,
}


def opinions(name: str, view=VIEW, **parameters):
    return make_entry({"use": name, **parameters}, "test").evaluate(view)


@pytest.mark.parametrize("name", STEPS)
def test_a_stepwise_entry_agrees_with_plain_loops(name: str) -> None:
    found, plain, bought = opinions(name), STEPS[name], 0
    for row in range(0, 330, 2):
        for n in range(6):
            past = history(PANEL, n, row)
            buys, confidence = plain(past) if past["close"] else (False, 0.0)
            assert found.confidence[row, n] == confidence, (row, n)
            assert found.buy[row, n] == (buys and not np.isnan(PANEL.close[row, n]))
            bought += buys
    assert bought > 0
    assert np.isnan(found.score).all()


@pytest.mark.parametrize(
    ("name", "weights", "penalties"),
    [
        ("SimpleScorer", (0.40, 0.30, 0.20, 0.10), dict.fromkeys(range(8), 0.8)),
        (
            "EnhancedScorer",
            (0.35, 0.35, 0.20, 0.10),
            {0: 0.5, 1: 0.5, 2: 0.7, 3: 0.7} | dict.fromkeys(range(4, 8), 0.85),
        ),
    ],
)
def test_a_scorer_agrees_with_plain_loops(name: str, weights, penalties) -> None:
    found, flows, earnings = opinions(name), flow_rows(PANEL), announcement_rows(PANEL)
    for row in range(0, 330, 5):
        d, decided, t = (x[row].astype(object) for x in (VIEW.sessions, VIEW.decided_at, VIEW.trade_dates))
        for n, code in enumerate(PANEL.codes):
            past = history(PANEL, n, row)
            scores = (
                slow.technical(past),
                slow.institutional(flows, d, decided),
                slow.fundamental(documents_of(PANEL, code), decided),
                slow.volatility(past) if past["close"] else 50,
            )
            opening = slow.composite(scores, weights)
            score = round(opening * penalties.get(slow.days_to_earnings(earnings, code, t, decided), 1.0), 9)
            assert found.opening[row, n] == pytest.approx(opening, abs=1e-9)
            assert found.score[row, n] == pytest.approx(score, abs=1e-9)
            buys = score >= 65 and not np.isnan(PANEL.close[row, n])
            assert found.buy[row, n] == buys
            assert found.confidence[row, n] == pytest.approx(min(score / 100, 1) if buys else 0.0, abs=1e-9)
    assert found.buy.any()


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_buys_only_where_the_session_has_a_bar(name: str) -> None:
    generous = {"buy_threshold": 1} if "Scorer" in name else {"min_confidence": 0}
    found = opinions(name, **generous)
    assert found.buy.any()
    assert not found.buy[~VIEW.has_bar].any()


@pytest.mark.parametrize("name", ENTRIES)
def test_every_opinion_has_the_shape_of_the_view_and_a_reason(name: str) -> None:
    found = opinions(name)
    arrays = {"score": found.score, "opening": found.opening, "confidence": found.confidence, **found.parts}
    assert {a.shape for a in [found.buy, found.display, *arrays.values(), *found.neutral.values()]} == {
        VIEW.shape
    }
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert all(found.why(row, n) for row in (0, 100, 329) for n in range(6))


def test_a_scorer_says_its_parts_what_is_neutral_and_the_penalty() -> None:
    day = str(VIEW.trade_dates[329] + np.timedelta64(3, "D"))
    announced = announcements_of(("2024-01-01T10:05", "1301", day))
    panel = replace(PANEL, announcements=announced, statements=statements_of())
    view = view_of(panel, 329)
    found = opinions("SimpleScorer", view)
    names = ("technical", "institutional", "fundamental", "volatility")
    scores = [f"{found.parts[name][0, 0]:g}" for name in names]
    assert [found.neutral[name][0, 0] for name in names] == [False, False, True, False]
    assert found.why(0, 0) == (
        f"technical {scores[0]}, institutional {scores[1]}, fundamental 50 (neutral), "
        f"volatility {scores[3]}, earnings in 3 calendar days x 0.8"
    )
    early = opinions("SimpleScorer", view_of(panel, 2, 2))
    assert early.why(0, 0).startswith("technical 50 (neutral), institutional 50 (neutral)")


def test_a_stepwise_entry_says_its_steps_or_why_there_are_none() -> None:
    found = opinions("MACDCrossover")
    row, n = (int(i[0]) for i in np.nonzero(found.buy))
    assert found.why(row, n).startswith("cross +0.70, volume ")
    row, n = (int(i[0]) for i in np.nonzero(found.confidence == 0))
    assert found.why(row, n) == "no MACD cross"
    assert opinions("BollingerSqueeze").why(10, 0) == "under 50 bars"


def test_what_has_no_score_is_shown_at_a_hundred_times_its_confidence() -> None:
    found = opinions("IchimokuStoch")
    assert same_bits(found.display, 100 * found.confidence)
    assert same_bits(opinions("SimpleScorer").display, opinions("SimpleScorer").score)


def test_parameters_change_the_outcome() -> None:
    assert (
        opinions("SimpleScorer", buy_threshold=50).buy.sum()
        > opinions("SimpleScorer", buy_threshold=80).buy.sum()
    )
    plain = opinions("MACDCrossover", confirm_volume=False, confirm_trend=False)
    assert set(np.unique(plain.confidence)) == {0.0, 0.7}
    lenient, strict = (opinions("IchimokuStoch", require_cloud=flag).confidence for flag in (False, True))
    assert (lenient >= strict).all()
    assert (lenient > strict).any()
    alone = {"technical": 1.0, "institutional": 0.0, "fundamental": 0.0, "volatility": 0.0}
    assert same_bits(opinions("SimpleScorer", weights=alone).opening, technical(VIEW).value)
    assert not same_bits(opinions("SimpleScorer", flows="smart_money").score, opinions("SimpleScorer").score)
