"""Filters and protections, each on both sides of its boundary, at every cut, and when declared wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Announcements
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import RuleError
from jstock_core.signals.language.guards import Filter, Standing, Stop, ask_guard, filter_
from jstock_core.signals.library.make import make_filters, make_protections
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar, without_bar
from tests.execution.market import stock
from tests.rules import FILTERS, PROTECTIONS, forgetting_rules
from tests.signals.panels import random_panel, view_of

D, T = date(2026, 1, 19), date(2026, 1, 20)
CODES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0}
PANEL = market(CODES, last=D, sessions=60)
"""Flat prices, 10,000 shares a session: a median turnover of 10, 20 and 5 million yen."""
PANEL = replace(PANEL, high=PANEL.close * 1.01, low=PANEL.close * 0.99)
"""And a true range of 2 % of the close, so an ATR of 2 %."""


def group(panel=PANEL, *, codes=(), stops=(), worth=(1.0,)) -> Standing:
    """A group on the morning after the panel's last session."""
    row = len(panel.sessions) - 1
    following = tse().next(panel.session(row))
    view = View.of(panel, Features.of(panel), row, row, np.array([following], dtype="datetime64[D]"))
    return Standing(view, 0, frozenset(codes), tuple(stops), lambda k: np.array(worth[-k:]))


def refused(use: str, stands: Standing, code: str = "1001", **given) -> str:
    [guard] = make_filters([{"use": use} | given], "test")
    return guard.rule.refusal(stands.view.panel.column[code], stands)


def paused(use: str, stands: Standing, **given) -> str:
    [guard] = make_protections([{"use": use} | given], "test")
    return guard.rule.reason(stands)


def back(count: int) -> date:
    return tse().back(D, count) if count else D


# Filters


def test_min_turnover():
    assert refused("min_turnover", group(), yen=10_000_000) == ""
    assert refused("min_turnover", group(), yen=10_000_001) == (
        "20-bar median turnover ¥10,000,000 is under ¥10,000,001"
    )


def test_a_turnover_that_is_not_known_is_refused():
    young = market(CODES, last=D, sessions=19)
    assert refused("min_turnover", group(young), yen=1) == "the 20-bar median turnover is not known"


@pytest.mark.parametrize(("low", "high", "passes"), [
    (1000, 1000, True), (1000.5, 2000, False), (500, 999.5, False), (0, 1e6, True),
])  # fmt: skip
def test_price_range(low, high, passes):
    said = refused("price_range", group(), low=low, high=high)
    assert (said == "") == passes
    assert passes or said.startswith("close ¥1,000 is outside ¥")


def test_the_price_is_the_traded_one_and_not_adjusted():
    """After a split 1:2 a stock at 500 is at 500, whatever it was before."""
    adj = PANEL.adj_factor.copy()
    adj[30, 0] = 0.5
    prices = {name: getattr(PANEL, name).copy() for name in ("open", "high", "low", "close")}
    for values in prices.values():
        values[30:, 0] *= 0.5
    split = group(replace(PANEL, adj_factor=adj, **prices))
    assert refused("price_range", split, low=499, high=501) == ""
    assert refused("price_range", split, low=999, high=1001) == "close ¥500 is outside ¥999 to ¥1,001"


@pytest.mark.parametrize(("low", "high", "passes"), [
    (2.0, 2.0, True), (2.01, 5.0, False), (1.0, 1.99, False), (1.5, 5.0, True),
])  # fmt: skip
def test_atr_ratio_band(low, high, passes):
    said = refused("atr_ratio_band", group(), low_pct=low, high_pct=high)
    assert (said == "") == passes
    assert passes or said == f"ATR 2.00 % of the close is outside {low:g} to {high:g} %"


def test_an_atr_that_is_not_known_is_refused():
    assert refused("atr_ratio_band", group(market(CODES, last=D, sessions=5)), low_pct=1, high_pct=5) == (
        "the ATR is not known"
    )


def test_sector_cap_counts_what_is_held_and_on_order():
    banks = replace(PANEL, listings=(stock("1001"), stock("1002"), replace(stock("1003"), sector="Banks")))
    assert refused("sector_cap", group(banks, codes=["1003"]), positions=1) == ""
    assert refused("sector_cap", group(banks, codes=["1002"]), positions=2) == ""
    said = refused("sector_cap", group(banks, codes=["1002", "1003", "9999"]), positions=1)
    assert said == "1 of 1 positions in sector Machinery"
    joined = group(banks, codes=["1003"]).with_codes(("1002",))
    assert refused("sector_cap", joined, positions=1) == "1 of 1 positions in sector Machinery"


def test_stocks_without_a_sector_are_one_sector():
    bare = replace(PANEL, listings=tuple(replace(listing, sector="") for listing in PANEL.listings))
    assert refused("sector_cap", group(bare, codes=["1002"]), positions=1) == (
        "1 of 1 positions in stocks without a sector"
    )


def announced(*rows: tuple[str, str, str], period: str = "") -> Standing:
    facts = Announcements(
        np.array([r[0] for r in rows], "datetime64[m]"), np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows], "datetime64[D]"), np.array([period] * len(rows)),
    )  # fmt: skip
    return group(replace(PANEL, announcements=facts))


@pytest.mark.parametrize(("day", "days", "said"), [
    ("2026-01-20", 0, "earnings in 0 calendar days"),
    ("2026-01-25", 5, "earnings in 5 calendar days"),
    ("2026-01-26", 5, ""),
    ("2026-02-19", 30, "earnings in 30 calendar days"),
    ("2026-01-19", 30, ""),
])  # fmt: skip
def test_earnings_within(day, days, said):
    stands = announced(("2026-01-05T12:00", "1001", day))
    assert refused("earnings_within", stands, days=days) == said
    assert refused("earnings_within", stands, "1002", days=days) == ""


def test_earnings_announced_after_the_decision_are_not_known():
    late = announced(("2026-01-20T07:01", "1001", "2026-01-21"), ("2026-01-20T07:00", "1001", "2026-01-22"))
    assert refused("earnings_within", late, days=1) == ""
    assert refused("earnings_within", late, days=2) == "earnings in 2 calendar days"


def test_a_date_that_a_newer_announcement_replaced_refuses_nothing():
    rows = (("2026-01-05T12:00", "1001", "2026-01-22"), ("2026-01-15T12:00", "1001", "2026-02-10"))
    assert refused("earnings_within", announced(*rows, period="2026-03-31 3Q"), days=7) == ""
    assert refused("earnings_within", announced(*rows), days=7) == "earnings in 2 calendar days"
    late = (rows[0], ("2026-01-20T07:01", "1001", "2026-02-10"))
    assert refused("earnings_within", announced(*late, period="2026-03-31 3Q"), days=7) != ""


def test_without_announcements_earnings_are_not_near():
    assert refused("earnings_within", group(), days=90) == ""


@pytest.mark.parametrize(("ago", "said"), [
    (0, f"stopped on {D}, 1 of 3 sessions ago"),
    (2, f"stopped on {back(2)}, 3 of 3 sessions ago"),
    (3, ""),
])  # fmt: skip
def test_cool_down(ago, said):
    stands = group(stops=[Stop(back(9), "1001"), Stop(back(ago), "1001")])
    assert refused("cool_down", stands, sessions=3) == said
    assert refused("cool_down", stands, "1002", sessions=3) == ""


def test_blocked_codes():
    assert refused("blocked_codes", group(), codes=["1001"]) == "blocked by the group's parameters"
    assert refused("blocked_codes", group(), "1002", codes=["1001"]) == ""


# Protections


@pytest.mark.parametrize(("ages", "paused_"), [
    ([4, 2, 0], True),  # three stops in five sessions, the last in D
    ([5, 2, 0], False),  # in six
    ([2, 0], False),
    ([9, 7, 5], False),  # the pause of five sessions is over
    ([8, 6, 4], True),  # it is its last
    ([8, 6, 4, 0], True),  # the newest streak that still pauses counts
    ([4, 4, 4], True),  # three stocks in one session
])  # fmt: skip
def test_stop_streak(ages, paused_):
    stops = [Stop(back(age), str(1001 + n)) for n, age in enumerate(ages)]
    said = paused("stop_streak", group(stops=stops), stops=3, sessions=5, pause=5)
    assert bool(said) == paused_


def test_a_streak_says_since_when_and_how_long():
    stops = [Stop(back(3), "1001"), Stop(back(1), "1002")]
    assert paused("stop_streak", group(stops=stops), stops=2, sessions=3, pause=4) == (
        f"2 stops in 3 sessions, the last on {back(1)}: session 2 of 4 without entries"
    )
    assert paused("stop_streak", group(stops=stops[:1]), stops=1, sessions=1, pause=4) == (
        f"1 stop in 1 session, the last on {back(3)}: session 4 of 4 without entries"
    )


@pytest.mark.parametrize(("worth", "said"), [
    ((1.0, 1.2, 1.08), True), ((1.0, 1.2, 1.081), False), ((1.0,), False), ((), False), ((1.0, 1.1), False),
])  # fmt: skip
def test_drawdown(worth, said):
    found = paused("drawdown", group(worth=worth), depth_pct=10, sessions=5)
    assert bool(found) == said
    assert not said or found == "equity is 10.0 % under its peak of the last 5 sessions (10 % pauses)"


def test_a_peak_outside_the_window_is_forgotten():
    stands = group(worth=(1.5, 1.0, 1.0))
    assert paused("drawdown", stands, depth_pct=10, sessions=3)
    assert not paused("drawdown", stands, depth_pct=10, sessions=2)


def topix(last: float, before: float = 3000.0) -> Standing:
    closes = np.full(60, before)
    closes[-1] = last
    return group(replace(PANEL, topix=closes))


def test_market_trend():
    assert paused("market_trend", topix(3000.0), average=60) == ""
    assert paused("market_trend", topix(3000.1), average=60) == ""
    assert paused("market_trend", topix(2940.0), average=60) == (
        "TOPIX 2,940.00 is under its 60-session average 2,999.00"
    )


def test_a_trend_that_is_not_known_pauses():
    assert paused("market_trend", topix(3001.0), average=61) == "TOPIX is known for 60 of 61 sessions"
    assert paused("market_trend", topix(float("nan")), average=20) == "TOPIX is known for 19 of 20 sessions"


def test_every_rule_is_tried_here():
    assert set(FILTERS) == {
        "min_turnover", "price_range", "atr_ratio_band", "sector_cap", "earnings_within", "cool_down",
        "blocked_codes",
    }  # fmt: skip
    assert set(PROTECTIONS) == {"stop_streak", "drawdown", "market_trend"}


# Nothing newer than the decision


EVERY_FILTER = [
    {"use": "min_turnover", "yen": 3e8}, {"use": "price_range", "low": 900, "high": 1100},
    {"use": "atr_ratio_band", "low_pct": 2, "high_pct": 3}, {"use": "sector_cap", "positions": 1},
    {"use": "earnings_within", "days": 60}, {"use": "cool_down", "sessions": 5},
    {"use": "blocked_codes", "codes": ["1302"]},
]  # fmt: skip
EVERY_PROTECTION = [
    {"use": "stop_streak", "stops": 2, "sessions": 9, "pause": 6}, {"use": "market_trend", "average": 30},
    {"use": "drawdown", "depth_pct": 5, "sessions": 9},
]  # fmt: skip
WHOLE = {seed: view_of(random_panel(seed)) for seed in range(3)}


def falling(closes: int) -> np.ndarray:
    return np.linspace(1.0, 0.9, closes)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.sampled_from(sorted(WHOLE)),
    row=st.integers(0, 329),
    ages=st.lists(st.integers(0, 12), max_size=5),
)
def test_at_a_cut_they_say_what_they_say_in_the_whole(seed, row, ages):
    """The whole panel, its future included, or one cut at the decision time: the same reasons."""
    whole = WHOLE[seed]
    panel, moment = whole.panel, whole.decided_at[row].astype(object)
    known = view_of(panel.known_at(moment.replace(tzinfo=JST)), row)
    stops = sorted({Stop(panel.session(max(0, row - age)), panel.codes[age % 2]) for age in ages})
    sides = [
        Standing(view, at, frozenset(panel.codes[:1]), tuple(stops), falling)
        for view, at in ((known, 0), (whole, row))
    ]
    for guard in make_filters(EVERY_FILTER, "test"):
        for n in range(len(panel.codes)):
            then, now = (guard.rule.refusal(n, side) for side in sides)
            assert then == now
    for guard in make_protections(EVERY_PROTECTION, "test"):
        then, now = (guard.rule.reason(side) for side in sides)
        assert then == now


def test_what_the_future_brings_is_not_read():
    """D's answer stands whatever the sessions after it are."""
    longer = market(CODES, last=date(2026, 1, 26), sessions=65)
    wild = with_bar(without_bar(longer, "1002", date(2026, 1, 21)), "1001", T, close=5000, volume=1)
    row = longer.row(D)
    for panel in (longer, wild):
        days = np.array([T], dtype="datetime64[D]")
        view = View.of(panel, Features.of(panel), row, row, days)
        stands = Standing(view, 0, frozenset(), (), falling)
        assert refused("min_turnover", stands, yen=10_000_000) == ""
        assert refused("price_range", stands, low=1000, high=1000) == ""


# Declared wrongly


@pytest.mark.parametrize(("data", "what", "where"), [
    ({"use": "min_turnvoer"}, "unknown filter 'min_turnvoer'; did you mean \"min_turnover\"", ""),
    ({"yen": 1}, "no filter is named", ""),
    ({"use": "min_turnover"}, "yen: required, but missing", ", min_turnover"),
    ({"use": "min_turnover", "yne": 1}, 'yne: unknown key; did you mean "yen"', ", min_turnover"),
    ({"use": "min_turnover", "yen": 1, "mode": "shadwo"}, 'did you mean "shadow"', ""),
    ({"use": "min_turnover", "yen": 1, "mode": False}, "False; known: off, shadow, enforce", ""),
    ({"use": "min_turnover", "yen": 1, "mode": None}, "unknown mode None", ""),
    (
        {"use": "price_range", "low": 500, "high": 400},
        "high: must not be under the lower end 500, got 400", ", price_range",
    ),
    ({"use": "atr_ratio_band", "low_pct": 0.015, "high_pct": 5}, "did you mean 1.5?", ", atr_ratio_band"),
    ({"use": "sector_cap", "positions": 0}, "expected at least 1", ", sector_cap"),
    ({"use": "blocked_codes", "codes": []}, "codes: list should have at least 1 item", ", blocked_codes"),
    ({"use": "blocked_codes", "codes": [7203]}, "expected text, got 7203", ", blocked_codes"),
    ({"use": "blocked_codes", "codes": ["Toyota"]}, '"Toyota" is not a TSE stock code', ", blocked_codes"),
])  # fmt: skip
def test_a_filter_declared_wrongly_is_named_with_its_place(data, what, where):
    with pytest.raises(ParamsError) as caught:
        make_filters([{"use": "blocked_codes", "codes": ["1001"]}, data], "test")
    assert what in caught.value.what
    assert caught.value.where == f"test[1]{where}"


@pytest.mark.parametrize(("data", "what", "where"), [
    ({"use": "stop_strek"}, "unknown protection 'stop_strek'; did you mean \"stop_streak\"", ""),
    ({"use": "stop_streak", "stops": 3, "sessions": 10}, "pause: required, but missing", ", stop_streak"),
    ({"use": "drawdown", "depth_pct": 0.15, "sessions": 60}, "(percent: did you mean 15?)", ", drawdown"),
    ({"use": "market_trend", "average": 200.5}, "expected a whole number", ", market_trend"),
    ({"use": "market_trend", "average": 200, "mode": "on"}, "unknown mode 'on'", ""),
])  # fmt: skip
def test_a_protection_declared_wrongly_is_named_with_its_place(data, what, where):
    with pytest.raises(ParamsError) as caught:
        make_protections([{"use": "market_trend", "average": 200}, data], "test")
    assert what in caught.value.what
    assert caught.value.where == f"test[1]{where}"


def test_the_mode_is_enforce_unless_given():
    trend = {"use": "market_trend", "average": 5}
    made = make_protections([trend, trend | {"mode": "off"}, trend | {"mode": "shadow"}], "test")
    assert [guard.mode for guard in made] == ["enforce", "off", "shadow"]


# Third parties


@pytest.fixture
def _registry():
    with forgetting_rules():
        yield


@pytest.mark.usefixtures("_registry")
def test_a_third_partys_filter_that_fails_is_named():
    @filter_("broken")
    class Broken(Filter):
        """Divides by nothing."""

        def refusal(self, n, group):
            return str(1 / 0)

    @filter_("silent")
    class Silent(Filter):
        """Gives no text."""

        def refusal(self, n, group):
            return None

    with pytest.raises(RuleError, match="filter broken raised ZeroDivisionError"):
        ask_guard(Broken(), lambda: Broken().refusal(0, group()))
    with pytest.raises(RuleError, match="filter silent answered None, not a reason"):
        ask_guard(Silent(), lambda: Silent().refusal(0, group()))
