"""A number of too little data is none, and the reason says what there is and what it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.market.breadth import build_trend_breadth
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.codec import report_from_json, report_json
from jstock_core.reports.model.money.curves import Performance
from jstock_core.state.facts.events import Dividend
from tests.reports import hand_made
from tests.reports.mornings import BASE, D, T, fill, panel, quiet, report, this_morning

ALL = ("beta", "information_ratio", "alpha_pct")


def test_few_sessions_are_no_measure_of_the_market_s_part() -> None:
    [alpha, core, whole] = report().performance.measured
    assert [m.group for m in (alpha, core, whole)] == ["alpha", "core", ""]
    for name in ALL:
        measured = getattr(whole, name)
        assert measured.value is None
        assert measured.reason == "33 of at least 60 sessions"
    assert whole.alpha_range is None
    assert whole.turnover.value is not None
    assert (whole.since, whole.sessions, whole.closed) == (BASE, 33, 1)
    assert whole.win_rate_pct.reason == whole.profit_factor.reason == "1 of at least 10 closed trades"


def test_the_excess_is_over_the_same_sessions() -> None:
    """alpha lost 14,000 of 3,000,000, and TOPIX rose from 2,000 to 2,010."""
    alpha, *_ = report().performance.measured
    assert alpha.topix_pct == pytest.approx(0.5)
    assert alpha.excess_pct == pytest.approx(-100 * 14_000 / 3_000_000 - 0.5)


def test_a_first_morning_has_no_measure_but_a_reason() -> None:
    past = quiet().performance
    assert (past.measured, past.months, past.unknown) == ((), (), "the first session is still to come")
    assert past.tax is not None
    assert (past.tax.year, past.tax.sales, past.tax.tax) == (2026, 0, 0)


def with_topix(trade_date: date, levels) -> Performance:
    morning = hand_made.morning(trade_date)
    shown = replace(morning.view.panel, topix=levels(morning.view.panel.topix.copy()))
    changed = replace(morning, view=replace(morning.view, panel=shown))
    return build_report(changed, DayStatus.COMPLETE, ()).performance


def test_without_topix_nothing_is_compared_with_it() -> None:
    whole = with_topix(hand_made.MORNINGS[-1], lambda levels: np.full(len(levels), np.nan)).measured[-1]
    assert whole.topix_pct is whole.excess_pct is whole.alpha_range is None
    assert {getattr(whole, name).reason for name in ALL} == {"TOPIX is not known"}
    assert whole.return_pct is not None
    assert whole.drawdown_pct is not None


def test_a_topix_that_never_moves_gives_no_beta() -> None:
    whole = with_topix(hand_made.MORNINGS[-1], lambda levels: np.full(len(levels), 2000.0)).measured[-1]
    assert whole.beta.reason == whole.alpha_pct.reason == "the returns do not differ enough to compare them"
    assert whole.information_ratio.value is not None
    assert whole.alpha_range is None


def test_a_profit_factor_without_losses_is_none() -> None:
    """Twenty sales, each of 100 bought at 1,000."""
    bought = (fill("alpha", "6758", "BUY", 2000, "1000", date(2025, 12, 2)),)
    sold = tuple(fill("alpha", "6758", "SELL", 100, str(1001 + n), date(2025, 12, 3)) for n in range(20))
    alpha, *_ = report((*bought, *sold, *this_morning())).performance.measured
    assert alpha.closed == 21
    assert alpha.win_rate_pct.value == 100
    assert alpha.profit_factor.reason == "no closed trade lost money"


def test_a_year_without_a_rate_has_no_tax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jstock_core.market.tax_rates._table", tuple)
    tax = report().performance.tax
    assert tax is not None
    assert (tax.tax, tax.unknown) == (None, "no tax rate is known for 2026")


def test_the_report_of_a_long_desk_is_read_back_as_it_was() -> None:
    found = build_report(hand_made.morning(hand_made.MORNINGS[-1]), DayStatus.COMPLETE, ())
    assert report_from_json(report_json(found)) == found


# The market


def test_stocks_without_a_past_are_not_counted() -> None:
    """33 sessions of the market are too few for a year's range; 9984 did not trade in D."""
    trend = report().market.trend
    assert (trend.with_mean, trend.above_mean, trend.above_mean_pct) == (2, 1, 50.0)
    assert (trend.with_range, trend.highs, trend.lows) == (0, 0, 0)


def test_nothing_monitored_is_no_breadth() -> None:
    morning = hand_made.morning(hand_made.MORNINGS[-1])
    trend = build_trend_breadth(Facts.of(morning), np.array([], dtype=np.int64))
    assert (trend.with_mean, trend.above_mean_pct, trend.with_range) == (0, None, 0)


def test_weeks_without_a_figure_are_none() -> None:
    [first, second] = report().market.weeks
    assert (first.foreigners, first.individuals, second.foreigners) == (-1.0, 0.0, 5000.0)
    flows = panel().flows
    balance = {**flows.balance, "Frgn": np.full(len(flows.section), np.nan)}
    gone = replace(panel(), flows=replace(flows, balance=balance))
    assert [week.foreigners for week in report(market=gone).market.weeks] == [None, None]


# Fills


def test_fills_say_why_they_have_no_reference() -> None:
    """9984 has no bar in D, 6758 has; a fill of T lies before its session."""
    by_hand = (fill("alpha", "9984", "SELL", 100, "8000", D), fill("core", "6758", "BUY", 100, "990", T))
    found = report((*by_hand, *this_morning())).execution
    [first, second] = found.fills[-2:]
    assert first.against_open is first.against_close is second.against_open is None
    assert first.open_unknown == "the market data has no opening price of the session"
    assert second.open_unknown == "the session is still to come"
    assert {first.close_unknown, second.close_unknown} == {"recorded without an order"}
    assert sum(total.fills for total in found.slippage) == 5  # that of T is still to come


def test_a_dividend_is_no_trade() -> None:
    paid = Dividend(session=D, source="manual", group="core", amount=100, reason="", code="7203")
    before, after = (report((*extra, *this_morning())) for extra in ((), (paid,)))
    assert before.execution.slippage == after.execution.slippage
    assert Decimal(after.portfolio.whole.dividends) == 100
