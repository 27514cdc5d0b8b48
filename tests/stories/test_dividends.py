"""Dividends in a backtest are those of the desk that lived through the same mornings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group, make_group
from jstock_core.execution.costs import Costs
from jstock_core.market.panel import Panel
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.research.proof import prove_mornings
from jstock_core.research.records import track_records
from jstock_core.state.facts.events import Dividend, Event
from jstock_core.testing import DividendNotice, panel, with_facts
from tests.stories.test_parity import differences, journals, live

SESSIONS = 330
CODES = ("6501", "7203", "9984")


def closes(seed: int) -> list[float]:
    """A walk of prices that rises, so that it is bought."""
    steps = np.random.default_rng(seed).normal(0.001, 0.012, SESSIONS)
    return np.round(1000 * np.cumprod(1 + steps)).tolist()


BARE = panel({code: closes(seed) for seed, code in enumerate(CODES)})
DAYS = BARE.dates[210:]
EX, PAID, LATER = DAYS[50], DAYS[70], DAYS[75]


def notices(code: str, rate: float) -> list[DividendNotice]:
    """A forecast, the decision, a correction before the payment and another one after it."""
    return [
        DividendNotice(code, EX, rate - 5, None, f"{DAYS[30]}T15:30", is_decided=False),
        DividendNotice(code, EX, rate, PAID, f"{DAYS[55]}T15:30", number=f"{code} 1"),
        DividendNotice(code, EX, rate + 1, PAID, f"{DAYS[69]}T18:00", number=f"{code} 2", amends=f"{code} 1"),
        DividendNotice(code, EX, rate + 9, PAID, f"{LATER}T18:00", number=f"{code} 3", amends=f"{code} 1"),
    ]


MARKET = with_facts(BARE, *(each for n, code in enumerate(CODES) for each in notices(code, 20 + 10 * n)))
GROUPS: tuple[Group, ...] = tuple(
    make_group(
        name,
        {
            "name": name,
            "initial_capital": 3_000_000,
            "entry": {"use": "SimpleScorer", "buy_threshold": threshold},
            "exit": [{"layer": "stop_loss", "loss_pct": 30}],
            "sizing": {"use": "equal_weight", "max_positions": 3, "max_position_pct": 33},
            "fills": fills,
        },
        where="test",
    )
    for name, threshold, fills in (("slow", 50, "open"), ("fast", 40, "signal_price"))
)


def fold(market: Panel) -> Backtest:
    return backtest(market, GROUPS, Conditions(CODES, Costs()), DAYS[0], DAYS[-1])


def paid(events: tuple[Event, ...]) -> list[Dividend]:
    return [event for event in events if isinstance(event, Dividend)]


@pytest.fixture(scope="module")
def done() -> Backtest:
    return fold(MARKET)


def test_a_desk_is_paid_what_the_backtest_says(done: Backtest, tmp_path: Path) -> None:
    lived = live(MARKET, GROUPS, Conditions(CODES, Costs()), DAYS, journals(tmp_path, "test"))
    assert {event.group for event in paid(lived)} == {"fast", "slow"}
    assert differences(lived, done.events, DAYS[-2]) == []
    assert paid(lived) == paid(done.events)


def test_they_are_what_was_known_when_they_were_paid(done: Backtest) -> None:
    """The correction on the evening before counts, the one after the payment does not."""
    reasons = {event.code: event.reason for event in paid(done.events)}
    assert {event.session for event in paid(done.events)} == {PAID}
    assert all(f"at ¥{21 + 10 * CODES.index(code)}, ex {EX}" in reason for code, reason in reasons.items())


def test_what_becomes_known_later_changes_no_morning_before(done: Backtest) -> None:
    seen = MARKET.dividends.known_at <= np.datetime64(LATER, "m")
    without = fold(replace(MARKET, dividends=MARKET.dividends.take(seen)))
    assert len(seen) > seen.sum()
    assert without.events == done.events
    assert prove_mornings(done, MARKET, Conditions(CODES, Costs()), lambda _day: CODES).passed


def test_returns_are_shown_with_and_without_them(done: Backtest) -> None:
    records, bare = track_records(done, MARKET), track_records(fold(BARE), BARE)
    slow = records["slow"]
    assert slow.dividends == sum(e.amount for e in paid(done.events) if e.group == "slow") > 0
    assert slow.own.total_return > slow.price_return
    assert (bare["slow"].dividends, bare["slow"].price_return) == (
        0,
        pytest.approx(bare["slow"].own.total_return),
    )
    assert slow.price_return == pytest.approx(bare["slow"].own.total_return, abs=2e-3)
    assert "without dividends" in metrics_table("x", records).plain
    assert "without dividends" not in metrics_table("x", bare).plain
    assert metrics_notes(records.values()) != metrics_notes(bare.values())
