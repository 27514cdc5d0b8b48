from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.data.checks.checks import check_panel
from jstock_core.data.checks.findings import RECENT, Finding
from jstock_core.data.checks.stocks import GAP_RECENT
from jstock_core.data.providers.files import Files
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.market.bars.gaps import price_gaps
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Flows, Panel
from jstock_core.market.prices import base_closes
from jstock_core.market.rules import limits
from jstock_core.testing import InvestorWeek, Stock
from jstock_core.testing.facts import flows_of
from tests.data.rows import NOW, REAL, needs_real

LAST = date(2025, 11, 28)
SESSIONS = 300
_FRIDAYS = [date(2024, 9, 6) + timedelta(weeks=n) for n in range(63)]
WEEKS = [InvestorWeek(str(day), str(day + timedelta(days=6))) for day in _FRIDAYS]
Grid = np.ndarray[Any, np.dtype[np.float64]]


def flows(*published: str) -> Flows:
    return flows_of(InvestorWeek(day, day) for day in published)


def panel(*listings: Listing, price: float = 2000.0) -> Panel:
    """Stocks that trade 1,000 shares at one steady price, up and down a tick, for 300 sessions."""
    stocks = listings or (Listing("1301", "甲", "水産"), Listing("7203", "乙", "輸送", scale="TOPIX Core30"))
    steady = {"close": price, "high": price + 10, "low": price - 10, "volume": 1000.0}
    whole = testing.panel(
        {s.code: Stock(**steady) for s in stocks},
        sessions=SESSIONS, last=LAST, topix=2700.0, facts=WEEKS,
    )  # fmt: skip
    return replace(whole, listings=stocks)


def changed(whole: Panel, row: int, column: int = 0, **values: float) -> Panel:
    """The panel with some values of one bar changed."""
    arrays: dict[str, Grid] = {}
    for name, value in values.items():
        arrays[name] = getattr(whole, name).copy()
        arrays[name][row, column] = value
    return replace(whole, **arrays)


def multiplied(whole: Panel, row: int, by: float, column: int = 0) -> Panel:
    """The panel with all prices of a stock from a row on multiplied, and volume divided."""
    arrays = {name: getattr(whole, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for name, array in arrays.items():
        array[row:, column] *= 1 / by if name == "volume" else by
    return replace(whole, **arrays)


def found(whole: Panel, through: date = LAST) -> list[tuple[str, str | None]]:
    return [(finding.severity, finding.code) for finding in check_panel(whole, through=through)]


def only(whole: Panel, through: date = LAST) -> Finding:
    (finding,) = check_panel(whole, through=through)
    return finding


def test_a_sound_panel_has_no_findings() -> None:
    assert check_panel(panel(), through=LAST) == ()


# -- stop -----------------------------------------------------------------------------------------------


def test_a_panel_that_ends_before_the_last_session_stops() -> None:
    finding = only(panel(), through=date(2025, 12, 1))
    assert (finding.severity, finding.session) == ("stop", date(2025, 12, 1))
    assert finding.what == "no data for the last session 2025-12-01: the newest is 2025-11-28"


def test_an_empty_panel_stops() -> None:
    nothing = {
        name: getattr(panel(), name)[:0] for name in ("open", "high", "low", "close", "volume", "adj_factor")
    }
    empty = replace(panel(), sessions=panel().sessions[:0], topix=panel().topix[:0], **nothing)
    assert ("stop", None) in found(empty)


def without_bars(whole: Panel, row: int, columns: slice) -> Panel:
    names = ("open", "high", "low", "close", "volume")
    arrays = {name: getattr(whole, name).copy() for name in names}
    for array in arrays.values():
        array[row, columns] = np.nan
    return replace(whole, **arrays)


def test_a_last_session_without_any_bar_stops() -> None:
    severities = {
        finding.severity for finding in check_panel(without_bars(panel(), -1, slice(None)), through=LAST)
    }
    assert severities == {"stop"}


@pytest.mark.parametrize(("silent", "stops"), [(1, False), (5, False), (6, True), (9, True)])
def test_a_last_session_with_bars_of_under_half_the_stocks_stops(silent: int, stops: bool) -> None:
    """The vendor is still publishing."""
    ten = panel(*(Listing(f"13{n:02}", "甲", "水産") for n in range(1, 11)))
    assert bool(found(without_bars(ten, -1, slice(silent)))) == stops


@pytest.mark.parametrize(
    ("age", "severity"), [(1, "stop"), (RECENT - 1, "stop"), (RECENT, "info"), (200, "info")]
)
def test_a_session_that_no_stock_traded_in_was_not_delivered(age: int, severity: str) -> None:
    assert only(without_bars(panel(), -1 - age, slice(None))).severity == severity


def test_sessions_that_are_not_tses_in_order_stop() -> None:
    days = panel().sessions.copy()
    days[10], days[11] = days[11], days[10]
    assert ("stop", None) in found(replace(panel(), sessions=days))
    holiday = panel().sessions.copy()
    holiday[10] += np.timedelta64(400, "D")
    assert ("stop", None) in found(replace(panel(), sessions=holiday))


# -- block ----------------------------------------------------------------------------------------------

HARMS: list[tuple[str, dict[str, float]]] = [
    ("lacks some of its prices", {"open": np.nan}),
    ("lacks some of its prices", {"volume": np.nan}),
    ("lacks some of its prices", {"close": np.nan}),
    ("zero or below", {"open": 0.0, "high": 2010.0, "low": 0.0}),
    ("no volume", {"volume": 0.0}),
    ("outside low to high", {"high": 1995.0}),
    ("outside low to high", {"low": 2005.0}),
    ("outside low to high", {"high": 1980.0}),
    ("no tick grid", {"close": 2000.25}),
    ("no tick grid", {"open": 2000.1}),
    ("not a multiple of the known trading unit", {"volume": 1050.0}),
]


@pytest.mark.parametrize(("what", "values"), HARMS)
def test_a_bar_that_cannot_have_been_traded_blocks_its_stock_alone(
    what: str, values: dict[str, float]
) -> None:
    found_there = [f for f in check_panel(changed(panel(), -1, 1, **values), through=LAST) if what in f.what]
    assert [(f.severity, f.code, f.session) for f in found_there] == [("block", "7203", LAST)]


@pytest.mark.parametrize(("what", "values"), HARMS[:8])
def test_a_bar_blocks_its_stock_for_its_own_session_alone(what: str, values: dict[str, float]) -> None:
    found_there = [f for f in check_panel(changed(panel(), -2, 1, **values), through=LAST) if what in f.what]
    assert [(f.severity, f.code) for f in found_there] == [("info", "7203")]


@pytest.mark.parametrize("by", [10.0, 0.1, 2.0])
def test_a_jump_of_one_session_blocks_that_session_alone(by: float) -> None:
    """The next bar is near the one before it again, so neither it nor what follows is doubtful."""
    there = multiplied(panel(price=3000.0), -1, by)
    assert [f.severity for f in _gaps_of(there)] == ["block"]
    back = multiplied(multiplied(panel(price=3000.0), -2, by), -1, 1 / by)
    assert [f.severity for f in _gaps_of(back)] == ["info"]


@pytest.mark.parametrize(("age", "severity"), [(0, "block"), (RECENT - 1, "block"), (RECENT, "info")])
def test_an_old_bar_is_a_note(age: int, severity: str) -> None:
    assert only(changed(panel(), -1 - age, volume=1050.0)).severity == severity


def test_several_bars_of_a_stock_are_one_finding_at_the_newest() -> None:
    finding = only(changed(changed(panel(), 5, volume=1050.0), -1, volume=1050.0))
    assert finding.session == LAST
    assert "(2 sessions, this the newest)" in finding.what


def test_the_unit_is_the_stocks_own() -> None:
    ten = Listing("1306", "TOPIX", "-", kind="etf", unit=10)
    assert found(changed(panel(ten), -1, volume=1050.0)) == []
    assert "params/desk.yaml" in only(changed(panel(ten), -1, volume=1055.0)).do


def test_a_price_on_the_fine_grid_alone_warns_that_master_may_be_old() -> None:
    """Half yen at 2,000: legal in TOPIX 500, which 1301 does not belong to as far as master says."""
    finding = only(changed(panel(), -1, close=2000.5))
    assert (finding.severity, finding.code) == ("warn", "1301")
    assert "master" in finding.do
    assert found(changed(panel(), -1, 1, close=2000.5)) == []


def test_a_stock_whose_class_is_not_known_has_no_grid_of_its_own() -> None:
    unknown = panel(Listing("1301", "", "", scale=""))
    assert found(changed(unknown, -1, close=2000.5)) == []
    assert found(changed(unknown, -1, close=2000.3)) == [("block", "1301")]


def test_a_stock_without_any_bar_is_blocked() -> None:
    names = ("open", "high", "low", "close", "volume")
    arrays = {name: getattr(panel(), name).copy() for name in names}
    for array in arrays.values():
        array[:, 0] = np.nan
    assert found(replace(panel(), **arrays)) == [("block", "1301")]


# -- gaps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [0.5, 0.2, 0.1, 1 / 3, 2 / 3, 2.0, 10.0, 100.0])
def test_a_jump_like_a_split_without_a_factor_blocks(by: float) -> None:
    codes = [(f.severity, f.code) for f in _gaps_of(multiplied(panel(price=3000.0), -40, by))]
    assert codes == [("block", "1301")]


def _gaps_of(whole: Panel) -> list[Finding]:
    return [
        f
        for f in check_panel(whole, through=LAST)
        if f.rule in ("bars", "limits") and "daily limit" in f.what
    ]


def test_the_same_jump_with_its_factor_is_a_split() -> None:
    assert _gaps_of(changed(multiplied(panel(), -40, 0.5), -40, adj_factor=0.5)) == []


def test_a_factor_without_the_jump_blocks() -> None:
    assert found(changed(panel(), -40, adj_factor=0.5)) == [("block", "1301")]
    assert "not plausible" in only(changed(panel(), -40, adj_factor=0.5)).what


@pytest.mark.parametrize(("age", "severity"), [(GAP_RECENT - 1, "block"), (GAP_RECENT, "info")])
def test_a_missing_split_matters_as_long_as_the_slowest_average(age: int, severity: str) -> None:
    (finding,) = _gaps_of(multiplied(panel(), -1 - age, 0.2))
    assert finding.severity == severity


def test_a_split_over_sessions_without_a_bar_is_seen() -> None:
    halted = without_bars(multiplied(panel(), -40, 0.2), -40, slice(0, 1))
    assert [f.severity for f in _gaps_of(halted)] == ["block"]


@pytest.mark.parametrize("by", [0.8, 1.2])
def test_a_move_inside_the_limit_is_nothing(by: float) -> None:
    """At 2,000 yen the limit is 500 yen."""
    assert _gaps_of(multiplied(panel(), -40, by)) == []


def test_a_move_beyond_the_limit_that_is_no_splits_ratio_is_a_note() -> None:
    """A quarter more than the limit: a special quote, or widened limits."""
    (finding,) = _gaps_of(multiplied(panel(), -40, 1.3))
    assert finding.severity == "info"


def locked(whole: Panel, row: int, price: float) -> Panel:
    return changed(whole, row, open=price, high=price, low=price, close=price)


def test_widened_limits_after_two_locked_sessions_explain_a_halving() -> None:
    """2,000 -> 1,500 -> 1,100 locked, then 550: far beyond 300 yen, inside four times that."""
    crash = locked(locked(multiplied(panel(), -40, 0.275), -42, 1500.0), -41, 1100.0)
    assert [f.severity for f in _gaps_of(crash)] == ["info"]


def test_a_locked_bar_is_no_split() -> None:
    assert [f.severity for f in _gaps_of(locked(panel(), -1, 1000.0))] == ["info"]


# -- notes ----------------------------------------------------------------------------------------------


def test_what_was_never_there_is_no_finding() -> None:
    """A desk without flows or TOPIX waits for neither; what is neutral for want of them is said elsewhere."""
    never = np.full(SESSIONS, np.nan)
    assert check_panel(replace(panel(), flows=flows(), topix=never), through=LAST) == ()


def test_the_gravest_come_first() -> None:
    topix = panel().topix.copy()
    topix[-9] = np.nan
    bad = replace(changed(panel(), -1, volume=1050.0), topix=topix)
    assert [f.severity for f in check_panel(bad, through=date(2025, 12, 1))] == ["stop", "block", "warn"]


# -- real bars ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    store = MarketStore(tmp_path_factory.mktemp("real"))
    store.update(Files(REAL), NOW)
    return load_panel(store)


@needs_real
def test_real_bars_block_nothing(real: Panel) -> None:
    """Of openings beyond a limit: those of 1514 were widened on 2024-03-13 after two locked sessions."""
    found = check_panel(real, through=LAST)
    assert {f.severity for f in found} == {"info"}
    assert [(f.code, str(f.session)) for f in found if f.rule == "limits"] == [("1514", "2024-03-13")]


@needs_real
def test_real_bars_without_their_factors_show_exactly_their_splits(real: Panel) -> None:
    bare = replace(real, adj_factor=np.ones_like(real.adj_factor))
    assert np.array_equal(price_gaps(bare).missing_split, real.adj_factor != 1.0)


@needs_real
def test_real_prices_adjusted_backward_are_told_from_traded_ones(real: Panel) -> None:
    """1822 split 5:1 on 2025-03-28: adjusted, its earlier prices are on no grid."""
    column = real.column["1822"]
    row = int(np.flatnonzero(real.adj_factor[:, column] != 1.0)[0])
    arrays = {name: getattr(real, name).copy() for name in ("open", "high", "low", "close")}
    for array in arrays.values():
        array[:row, column] = np.round(array[:row, column] / 5, 1)
    short = replace(real, **arrays).known_at(NOW.replace(year=2025, month=4, day=1))
    assert ("block", "1822") in found(short, through=date(2025, 3, 31))


@needs_real
def test_real_bars_lie_inside_the_limits_but_for_two_known_days(real: Panel) -> None:
    """1514: a special quote was the base on 2024-03-08's close, and on 2024-03-13 limits were widened."""
    base, beyond = base_closes(real), set()
    for column, stock in enumerate(real.listings):
        for row in np.flatnonzero(real.has_bar[:, column] & ~np.isnan(base[:, column])):
            session = real.session(int(row))
            known = limits(Decimal(str(round(base[row, column], 4))), stock, session)
            low, high = real.low[row, column], real.high[row, column]
            if low < float(known.lower) or high > float(known.upper):
                beyond.add((stock.code, str(session)))
    assert beyond == {("1514", "2024-03-08"), ("1514", "2024-03-13")}


def test_the_simulated_market_is_sound(tmp_path: Path) -> None:
    store = MarketStore(tmp_path)
    store.update(Simulated(), NOW)
    assert {f.severity for f in check_panel(load_panel(store), through=LAST)} == {"info"}


@needs_real
@pytest.mark.parametrize("unit", [10, 100])
def test_real_etf_of_unit_1_with_a_wrong_unit_is_blocked(real: Panel, unit: int) -> None:
    listings = tuple(replace(s, unit=unit) if s.code == "1321" else s for s in real.listings)
    assert ("block", "1321") in found(replace(real, listings=listings))


def test_checking_names_no_stock_that_is_sound() -> None:
    harms: list[Callable[[Panel], Panel]] = [
        lambda whole: changed(whole, -1, 0, volume=1050.0),
        lambda whole: multiplied(whole, -10, 0.5, 0),
    ]
    for harm in harms:
        assert {f.code for f in check_panel(harm(panel()), through=LAST)} == {"1301"}


def test_a_session_without_topix_is_a_finding():
    """It does not stop a decision, but is named; that of the last session is late."""
    whole = panel()
    topix = whole.topix.copy()
    topix[[-9, -5]] = np.nan
    (finding,) = check_panel(replace(whole, topix=topix), through=LAST)
    assert (finding.severity, finding.code, finding.session) == ("warn", None, whole.session(-5))
    assert "in 2 of" in finding.what
    topix[-1] = np.nan
    assert check_panel(replace(whole, topix=topix), through=LAST) == (finding,)
