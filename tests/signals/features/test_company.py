"""What documents say of a company, as each morning knows it and on the basis of its prices."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.signals.features.company import (
    company_figure,
    dividend_yield,
    market_cap,
    price_book,
    price_earnings,
    return_on_equity,
)
from jstock_core.testing import Disclosure, Stock, panel
from tests.execution.worlds import REAL_DESK, needs_real
from tests.signals.panels import sessions_from, view_of

SESSIONS = sessions_from("2025-04-01", 120)
PRICE = 1_000.0
SPLIT = "2025-06-27"


def full_year(at: str = "2025-05-09T15:00", **figures: float) -> Disclosure:
    return Disclosure("1301", at, "FY", "2025-03-31", "2025-03-31", figures)


def first_quarter(at: str = "2025-08-05T15:00", **figures: float) -> Disclosure:
    return Disclosure("1301", at, "1Q", "2025-06-30", "2026-03-31", figures)


def revision(at: str, **figures: float) -> Disclosure:
    return Disclosure("1301", at, "FY", "2026-03-31", "2026-03-31", figures, kind="EarnForecastRevision")


def view(*documents: Disclosure, splits: dict[str, float] | None = None):
    price = np.full(len(SESSIONS), PRICE)
    for day, factor in (splits or {}).items():
        price[np.datetime64(day) <= SESSIONS] *= factor
    stock = Stock(price, splits=splits or {})
    return view_of(panel({"1301": stock}, sessions=SESSIONS, facts=documents))


def on(values: np.ndarray, day: str) -> float:
    """The value of the decision after the session `day`."""
    return float(values[np.searchsorted(SESSIONS, np.datetime64(day)), 0])


def test_a_figure_is_known_from_the_first_decision_after_its_disclosure():
    found = company_figure(view(full_year(EPS=80)), "eps")
    assert np.isnan(on(found, "2025-05-08"))  # decided at 07:00 of May 9, disclosed at 15:00
    assert on(found, "2025-05-09") == 80


def test_the_price_is_held_against_the_forecast_and_the_net_assets():
    v = view(full_year(EPS=80, BPS=500, NxFEPS=100, NxFDivAnn=30))
    assert on(price_earnings(v), "2025-05-12") == 10
    assert on(price_book(v), "2025-05-12") == 2
    assert on(dividend_yield(v), "2025-05-12") == 3
    assert on(return_on_equity(v), "2025-05-12") == 16


def test_no_price_earnings_ratio_of_a_loss():
    assert np.isnan(on(price_earnings(view(full_year(NxFEPS=-5))), "2025-05-12"))


def test_a_revised_forecast_replaces_and_an_interim_report_repeats_it():
    v = view(
        full_year(NxFEPS=100), revision("2025-07-01T16:00", FEPS=70), first_quarter(FEPS=75, EPS=1, BPS=9)
    )
    assert [on(company_figure(v, "forecast_eps"), d) for d in ("2025-06-30", "2025-07-01", "2025-08-05")] == [
        100,
        70,
        75,
    ]
    assert np.isnan(on(company_figure(v, "eps"), "2025-08-05"))  # a quarter is no year


def test_a_late_correction_of_an_older_period_does_not_come_back():
    v = view(
        full_year(NxFEPS=100, Eq=5),
        first_quarter(FEPS=90, Eq=6),
        Disclosure("1301", "2025-08-20T15:00", "FY", "2025-03-31", "2025-03-31", {"Eq": 4}),
    )
    assert on(company_figure(v, "net_assets"), "2025-08-21") == 6


def test_shares_are_those_issued_less_the_companys_own_and_follow_splits():
    v = view(full_year(ShOutFY=1_100, TrShFY=100), splits={SPLIT: 0.5})
    assert on(company_figure(v, "shares"), "2025-06-26") == 1_000
    assert on(company_figure(v, "shares"), SPLIT) == 2_000
    assert on(market_cap(v), "2025-06-26") == on(market_cap(v), SPLIT) == 1_000 * PRICE


def test_a_market_capitalisation_that_is_delivered_with_the_last_bar_counts():
    """A session without a trade has none, and one that was not delivered is made of the shares."""
    closes = np.full(len(SESSIONS), PRICE)
    closes[20:22] = np.nan
    delivered = np.full(len(SESSIONS), np.nan)
    delivered[10:25] = np.where(np.isnan(closes[10:25]), np.nan, 1_100_500.0)
    stock = Stock(closes, market_cap=delivered)
    documents = (
        Disclosure("1301", "2025-03-03T15:00", "FY", "2025-03-31", "2025-03-31", {"ShOutFY": 1_000}),
    )
    market = panel({"1301": stock}, sessions=SESSIONS, facts=documents)
    found = market_cap(view_of(market))[:, 0]
    assert found.tolist() == [1e6] * 10 + [1_100_500.0] * 15 + [1e6] * (len(SESSIONS) - 25)


def test_a_market_capitalisation_needs_no_statement_where_it_is_delivered():
    stock = Stock(np.full(len(SESSIONS), PRICE), market_cap=5e9, splits={SPLIT: 0.5})
    assert (market_cap(view_of(panel({"1301": stock}, sessions=SESSIONS))) == 5e9).all()


def test_a_rights_issue_moves_no_shares():
    found = view(full_year(ShOutFY=1_000), splits={SPLIT: 0.93})
    assert on(company_figure(found, "shares"), "2025-07-01") == 1_000


def test_a_profit_per_share_is_carried_over_a_split():
    v = view(full_year(EPS=80, NP=80_000, ShOutFY=1_000), splits={SPLIT: 0.2})
    assert on(company_figure(v, "eps"), "2025-06-26") == 80
    assert on(company_figure(v, "eps"), SPLIT) == pytest.approx(16)


def test_a_forecast_stated_for_shares_after_a_split_to_come_is_right_before_and_after_it():
    v = view(full_year(NxFEPS=20, NxFNp=100_000, ShOutFY=1_000), splits={SPLIT: 0.2})
    assert on(company_figure(v, "forecast_eps"), "2025-06-26") == pytest.approx(100)
    assert on(company_figure(v, "forecast_eps"), SPLIT) == pytest.approx(20)
    ratio = price_earnings(v)
    assert on(ratio, "2025-06-26") == pytest.approx(10)
    assert on(ratio, SPLIT) == pytest.approx(10)


def test_what_cannot_be_checked_is_not_known_after_a_split():
    v = view(full_year(NxFEPS=100, NxFDivAnn=30), splits={SPLIT: 0.2})
    for name in ("forecast_eps", "forecast_dividend"):
        assert not np.isnan(on(company_figure(v, name), "2025-06-26"))
        assert np.isnan(on(company_figure(v, name), SPLIT))


def test_a_split_about_the_end_of_the_period_leaves_a_contradiction_unknown():
    """The shares of June 30 may be those before the split of June 27 or after it."""
    quarter = first_quarter(FEPS=20, FNP=100_000, ShOutFY=1_000)
    v = view(quarter, splits={SPLIT: 0.2})
    assert np.isnan(on(company_figure(v, "forecast_eps"), "2025-08-06"))
    assert np.isnan(on(market_cap(v), "2025-08-06"))
    agreed = view(first_quarter(FEPS=20, FNP=100_000, ShOutFY=5_000), splits={SPLIT: 0.2})
    assert on(company_figure(agreed, "forecast_eps"), "2025-08-06") == 20


def test_an_unknown_figure_is_named():
    with pytest.raises(UsageError, match=r'"?forecast_eps'):
        company_figure(view(), "forcast_eps")


@needs_real
def test_toyota_before_and_after_its_split_of_2021(shared_desk):
    """FEPS 164.52 of 2021-05-12 counts the shares after the split of 2021-09-29 (10,385 to 2,073 yen)."""
    market = shared_desk(**REAL_DESK).panel().only(["7203"])
    v = view_of(market)

    def at(values: np.ndarray, day: str) -> float:
        return float(values[market.row(date.fromisoformat(day)), 0])

    shares, profit = 3_262_997_492 - 467_048_832, 2_300_000_000_000
    assert at(company_figure(v, "forecast_eps"), "2021-05-13") == pytest.approx(profit / shares)
    assert at(price_earnings(v), "2021-09-28") == pytest.approx(
        10_385 / (profit / (shares - 2_199_784)), rel=1e-3
    )
    assert at(price_earnings(v), "2021-09-29") == pytest.approx(2_073 / 164.62, rel=0.01)
    assert at(company_figure(v, "shares"), "2021-11-05") == 16_314_987_460 - 2_464_210_770
    assert at(company_figure(v, "bps"), "2021-09-29") == pytest.approx(8370.88 / 5)
