"""The mask of bars that cannot be trusted: every kind of fault, and causal bit for bit."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.data.checks.checks import check_panel
from jstock_core.market.bars import faults as faults_module
from jstock_core.market.bars.faults import FAULTS, untrusted_bars
from jstock_core.market.bars.gaps import PriceGaps
from jstock_core.market.panel import Panel
from jstock_core.testing import SplitNotice, with_bar, with_facts, with_split, without_bar
from jstock_core.testing import panel as market
from tests.execution.market import MONDAY, TUESDAY, WEDNESDAY

FLAT = market({"1001": 1000.0, "1002": 1000.0}, sessions=30, last=WEDNESDAY)
NAN = float("nan")
EARLY = datetime(2026, 1, 13, 12, 0)


def found(panel: Panel) -> dict[tuple[date, str], str]:
    """Every bar that cannot be trusted, with the reason."""
    untrusted = untrusted_bars(panel)
    return {
        (panel.session(row), panel.codes[n]): untrusted.reason(row, n)
        for row, n in np.argwhere(untrusted.mask).tolist()
    }


def locked(panel: Panel, price: float, session: date) -> Panel:
    return with_bar(panel, "1001", session, open=price)


def test_sound_bars_are_trusted() -> None:
    assert found(FLAT) == {}
    assert untrusted_bars(FLAT).reason(0, 0) == ""


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"open": 1010.0, "high": 1005.0, "low": 1000.0, "close": 1000.0}, "open or close lies outside"),
        ({"open": 990.0, "high": 1005.0, "low": 1000.0, "close": 1000.0}, "open or close lies outside"),
        ({"open": 1000.0, "high": 1005.0, "low": 1000.0, "close": 1010.0}, "open or close lies outside"),
        ({"volume": 0.0}, "no volume"),
        ({"volume": NAN}, "lacks some"),
        ({"high": NAN}, "lacks some"),
        ({"open": 0.0, "low": 0.0, "high": 1000.0, "close": 1000.0}, "zero or below"),
        ({"open": 500.0}, "as in a split"),
        ({"open": 1750.0, "close": 1760.0}, "beyond every limit"),
        ({"open": 1000.0, "high": 1700.0, "low": 1000.0, "close": 1000.0}, "beyond every limit"),
        ({"adj_factor": 0.5, "high": 1005.0}, "not plausible"),
    ],
)
def test_a_faulty_bar_has_its_reason(figures: dict[str, float], reason: str) -> None:
    if "open" in figures and reason == "as in a split":
        figures |= {"high": 505.0, "low": 495.0}
    panel = with_bar(FLAT, "1001", WEDNESDAY, **figures)
    assert list(found(panel)) == [(WEDNESDAY, "1001")]
    assert reason in found(panel)[WEDNESDAY, "1001"]


def test_a_session_without_a_trade_is_no_fault() -> None:
    assert found(without_bar(FLAT, "1001", WEDNESDAY)) == {}


def test_a_split_with_its_factor_is_no_fault() -> None:
    panel = with_split(FLAT, "1001", WEDNESDAY, 0.5)
    assert found(panel) == {}
    assert found(with_facts(panel, SplitNotice("1001", WEDNESDAY, 0.5, EARLY))) == {}


def test_an_announced_ex_date_without_its_factor_is_a_fault() -> None:
    """Also where the price hardly moves, as for 1.1 shares for one."""
    panel = with_facts(FLAT, SplitNotice("1001", TUESDAY, 0.90909091, EARLY))
    assert found(panel) == {
        (
            TUESDAY,
            "1001",
        ): "it was announced to go ex in this session, but there is no adjustment factor for it"
    }


def test_an_announcement_made_later_does_not_reach_back() -> None:
    panel = with_facts(FLAT, SplitNotice("1001", TUESDAY, 0.5, datetime(2026, 1, 21, 9, 0)))
    assert found(panel) == {}


def test_an_announcement_that_was_taken_back_is_no_fault() -> None:
    first = with_facts(FLAT, SplitNotice("1001", TUESDAY, 0.5, EARLY))
    assert found(with_facts(first, SplitNotice("1001", TUESDAY, 1.0, datetime(2026, 1, 14, 9, 0)))) == {}


@pytest.mark.parametrize(("price", "reachable"), [(1300.0, True), (1600.0, True), (1610.0, False)])
def test_one_more_width_is_within_reach(price: float, reachable: bool) -> None:
    """Around 1,000 yen the width is 300: a special quote may have moved the base by as much."""
    assert (found(locked(FLAT, price, WEDNESDAY)) == {}) == reachable


@pytest.mark.parametrize(("price", "reachable"), [(2890.0, True), (3310.0, False)])
def test_after_two_locked_sessions_four_widths_are_within_reach(price: float, reachable: bool) -> None:
    """1,000 -> 1,300 -> 1,700 locked: the width is 400, and four of them are 1,600."""
    panel = market({"1001": 1000.0, "1002": 1000.0}, sessions=30, last=date(2026, 1, 22))
    panel = locked(locked(panel, 1300.0, MONDAY), 1700.0, TUESDAY)
    panel = with_bar(panel, "1001", WEDNESDAY, open=price, close=price - 5)
    assert ((WEDNESDAY, "1001") not in found(panel)) == reachable


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what[:20])
def test_the_checks_block_what_settlement_does_not_trust(fault) -> None:
    """One implementation: each fault of a bar of the last session is a finding that blocks its stock."""
    panels = (
        with_bar(FLAT, "1001", WEDNESDAY, volume=NAN),
        with_bar(FLAT, "1001", WEDNESDAY, open=0.0),
        with_bar(FLAT, "1001", WEDNESDAY, volume=0.0),
        with_bar(FLAT, "1001", WEDNESDAY, open=1000.0, high=990.0),
        with_bar(FLAT, "1001", WEDNESDAY, open=500.0, high=505.0),
        with_facts(FLAT, SplitNotice("1001", WEDNESDAY, 0.5, EARLY)),
        with_bar(FLAT, "1001", WEDNESDAY, open=1700.0),
        with_bar(FLAT, "1001", WEDNESDAY, adj_factor=0.5),
    )
    panel = next(panel for panel in panels if untrusted_bars(panel).of(fault).any())
    blocking = [f for f in check_panel(panel, through=WEDNESDAY) if f.severity == "block"]
    assert any(f.code == "1001" and fault.what in f.what for f in blocking)


def faulty_market() -> Panel:
    """Six stocks over 60 sessions with faults of every kind at random places."""
    rng = np.random.default_rng(7)
    whole = market(
        {str(1301 + n): np.round(1000 * np.cumprod(1 + rng.normal(0, 0.02, 60))) for n in range(6)},
        last=WEDNESDAY,
    )
    for _ in range(40):
        code = str(1301 + int(rng.integers(6)))
        day = whole.session(int(rng.integers(1, 60)))
        name = str(rng.choice(["open", "high", "low", "volume", "adj_factor"]))
        figure = rng.choice([0.5, 2.0] if name == "adj_factor" else [0.0, 480.0, 1000.0, 2500.0])
        whole = with_bar(whole, code, day, **{name: float(figure)})
        whole = with_facts(
            whole, SplitNotice(code, day, 0.5, whole.bars_known_at[int(rng.integers(60))].item())
        )
    return whole


def test_a_wide_market_is_looked_at_some_stocks_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """And has the same faults."""
    faults = untrusted_bars(faulty_market()).faults
    monkeypatch.setattr(faults_module, "TILE", 4)
    widths: list[int] = []
    monkeypatch.setattr(
        faults_module, "PriceGaps", lambda part: widths.append(len(part.codes)) or PriceGaps(part)
    )
    assert np.array_equal(untrusted_bars(faulty_market()).faults, faults)
    assert widths == [4, 2]


def test_a_cut_panel_has_the_mask_of_the_whole_one() -> None:
    whole = faulty_market()
    mask = untrusted_bars(whole).faults
    assert mask.any()
    for row in range(1, 60):
        evening = datetime.combine(whole.session(row), datetime.min.time(), JST).replace(hour=17)
        cut = untrusted_bars(whole.known_at(evening)).faults
        assert np.array_equal(cut, mask[: row + 1])
