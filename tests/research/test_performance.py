"""Metrics against numbers worked out by hand or by another library, never by the code itself."""

from __future__ import annotations

import math
from datetime import date, timedelta
from statistics import NormalDist, correlation, covariance, mean, stdev, variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.research.lot_metrics import measure_lots
from jstock_core.research.performance import (
    BenchmarkSpan,
    TrackRecord,
    activity,
    drawdowns,
    growth,
    metrics,
    relative_metrics,
    track_record,
)
from jstock_core.state.book.lots import ClosedLot

BASE = date(2025, 1, 6)
R = [0.01, -0.02, 0.03, -0.01, 0.0]
B = [0.005, -0.01, 0.02, 0.0, -0.005]


def days(count: int, years: float | None = None) -> list[date]:
    """A base and so many sessions after it; with `years`, the last so many years after the base."""
    made = [BASE + timedelta(days=n) for n in range(count + 1)]
    if years is not None:
        made[-1] = BASE + timedelta(days=round(365.25 * years))
    return made


def lot(
    cost: int, proceeds: int, opened: date = date(2026, 1, 5), closed: date = date(2026, 1, 9)
) -> ClosedLot:
    return ClosedLot("core", "7203", 100, cost, proceeds, opened, closed, "stop_loss", 70.0)


def test_total_return_compounds() -> None:
    assert metrics([0.1, -0.5, 1.0], days(3)).total_return == pytest.approx(1.1 * 0.5 * 2 - 1)


def test_cagr_runs_over_calendar_days() -> None:
    """21 % in two years of 365.25 days is 10 % a year (the odd half day is rounded)."""
    assert metrics([0.1, 0.1], days(2, years=2)).cagr == pytest.approx(0.10, abs=1e-4)


def test_losing_everything_is_minus_one_a_year() -> None:
    found = metrics([-1.0], days(1, years=3))
    assert (found.total_return, found.cagr) == (-1.0, -1.0)
    assert found.max_drawdown is not None
    assert found.max_drawdown.depth == -1.0


def test_volatility_and_sharpe_use_the_sample_deviation_and_245_sessions() -> None:
    found = metrics(R, days(5))
    assert found.volatility == pytest.approx(stdev(R) * math.sqrt(245))
    assert found.sharpe == pytest.approx(mean(R) / stdev(R) * math.sqrt(245))


def test_the_risk_free_rate_and_the_year_are_parameters() -> None:
    found = metrics(R, days(5), n=252, rf=0.0252)
    excess = [r - 0.0001 for r in R]
    assert found.sharpe == pytest.approx(mean(excess) / stdev(R) * math.sqrt(252))
    downside = math.sqrt(mean(min(x, 0) ** 2 for x in excess))
    assert found.sortino == pytest.approx(mean(excess) / downside * math.sqrt(252))


def test_sortino_divides_by_the_downside_of_all_sessions() -> None:
    """Mean 0.002; squares of the losses 0.0004 and 0.0001 over five sessions: sqrt(0.0001) = 0.01."""
    assert metrics(R, days(5)).sortino == pytest.approx(0.2 * math.sqrt(245))


def test_the_maximum_drawdown_has_its_dates() -> None:
    """1, 1.2, 0.9, 1.08, 0.54, 1.62: from 1.2 after the first session to 0.54 after the fourth, -55 %."""
    found = metrics([0.2, -0.25, 0.2, -0.5, 2.0], days(5)).max_drawdown
    assert found is not None
    assert found.depth == pytest.approx(-0.55)
    assert (found.peak, found.trough) == (days(5)[1], days(5)[4])


def test_a_fall_from_the_start_counts_from_the_base() -> None:
    found = metrics([-0.1, 0.05], days(2)).max_drawdown
    assert found is not None
    assert (found.depth, found.peak, found.trough) == (pytest.approx(-0.1), BASE, days(2)[1])


def test_calmar_is_cagr_over_the_depth() -> None:
    found = metrics([0.5, -0.2], days(2, years=1))
    assert found.cagr == pytest.approx(0.2, abs=1e-3)
    assert found.calmar == pytest.approx(found.cagr / 0.2)


def test_without_a_fall_there_is_no_drawdown_calmar_or_sortino() -> None:
    found = metrics([0.01, 0.02], days(2))
    assert found.max_drawdown is found.calmar is found.sortino is None
    assert found.sharpe is not None


def test_without_variance_there_is_no_sharpe() -> None:
    for flat in ([0.0, 0.0, 0.0], [0.001] * 5):
        found = metrics(flat, days(len(flat)))
        assert found.volatility == 0.0
        assert found.sharpe is None


def test_one_session_has_no_deviation_and_none_has_nothing() -> None:
    one, none = metrics([0.01], days(1)), metrics([], days(0))
    assert (one.volatility, one.sharpe) == (None, None)
    assert (none.sessions, none.total_return, none.cagr, none.volatility, none.max_drawdown) == (
        0,
        None,
        None,
        None,
        None,
    )


def test_returns_and_sessions_must_agree() -> None:
    with pytest.raises(ValueError, match="3 sessions need as many returns"):
        metrics([0.1], days(3))


# --- against a benchmark ---------------------------------------------------------------------------------


def test_beta_alpha_and_the_rest_against_the_statistics_module() -> None:
    found = relative_metrics(R, B)
    beta = covariance(R, B) / variance(B)
    spread = [r - b for r, b in zip(R, B, strict=True)]
    assert found.beta == pytest.approx(beta)
    assert found.alpha == pytest.approx(245 * (mean(R) - beta * mean(B)))
    assert found.correlation == pytest.approx(correlation(R, B))
    assert found.tracking_error == pytest.approx(stdev(spread) * math.sqrt(245))
    assert found.information_ratio == pytest.approx(245 * mean(spread) / (stdev(spread) * math.sqrt(245)))


def test_the_benchmark_against_itself() -> None:
    found = relative_metrics(B, B)
    assert (found.beta, found.correlation) == (pytest.approx(1.0), pytest.approx(1.0))
    assert found.alpha == pytest.approx(0.0, abs=1e-12)
    assert (found.tracking_error, found.information_ratio) == (0.0, None)


def test_twice_the_benchmark_has_a_beta_of_two() -> None:
    assert relative_metrics([2 * b for b in B], B).beta == pytest.approx(2.0)


def test_alpha_is_what_the_risk_free_rate_leaves() -> None:
    """Beta 2, rf 2.45 %, so 0.0001 a session: alpha = 245 x (2b - 0.0001 - 2 (b - 0.0001)) = 0.0245."""
    assert relative_metrics([2 * b for b in B], B, rf=0.0245).alpha == pytest.approx(0.0245)


def test_a_benchmark_that_stands_still_has_no_beta() -> None:
    found = relative_metrics(R, [0.0] * 5)
    assert found.beta is found.alpha is found.correlation is None
    assert found.tracking_error == pytest.approx(stdev(R) * math.sqrt(245))


# --- closed lots -----------------------------------------------------------------------------------------


def test_closed_lots_are_counted_in_yen() -> None:
    """Gains 300 and 100, losses 50 and 150, one even: 2 of 5 won, 400 / 200, 200 / 5 a lot."""
    lots = [lot(1000, 1300), lot(1000, 1100), lot(1000, 950), lot(1000, 850), lot(1000, 1000)]
    found = measure_lots(lots)
    assert found is not None
    assert (found.closed, found.win_rate, found.profit_factor) == (5, 0.4, 2.0)
    assert (found.average_win, found.average_loss, found.expectancy) == (200.0, -100.0, 40.0)


def test_without_losses_the_profit_factor_is_infinite() -> None:
    found = measure_lots([lot(1000, 1300)])
    assert found is not None
    assert (found.profit_factor, found.average_loss, found.win_rate) == (math.inf, None, 1.0)


def test_without_gains_it_is_zero_and_without_either_it_is_none() -> None:
    lost, even = measure_lots([lot(1000, 900)]), measure_lots([lot(1000, 1000)])
    assert lost is not None
    assert (lost.profit_factor, lost.average_win) == (0.0, None)
    assert even is not None
    assert (even.profit_factor, even.win_rate) == (None, 0.0)


def test_without_trades_there_is_nothing_to_measure() -> None:
    found = measure_lots([])
    assert (found.closed, found.win_rate, found.expectancy) == (0, None, None)


def test_a_profit_factor_that_is_no_number_says_why() -> None:
    said = [
        measure_lots(lots).as_json()["profit_factor"]
        for lots in ([], [lot(1000, 1300)], [lot(1000, 1000)], [lot(1000, 1300), lot(1000, 900)])
    ]
    assert said == ["no trades", "infinite", "no gains or losses", 3.0]


def test_holding_counts_sessions_and_not_days() -> None:
    """From Friday 2026-01-09 to Tuesday 13: Monday is Coming of Age Day, so one session."""
    lots = [lot(1, 2, date(2026, 1, 9), date(2026, 1, 13)), lot(1, 2, date(2026, 1, 5), date(2026, 1, 8))]
    found = measure_lots(lots)
    assert found is not None
    assert found.holding_sessions == 2.0


# --- activity, and everything together -------------------------------------------------------------------


def test_turnover_is_a_year_s_trades_over_the_mean_equity() -> None:
    """6,000 traded in two sessions at a mean equity of 1,500: 4 in two sessions, 490 in 245."""
    found = activity(6_000, [1_000, 2_000], [500, 500])
    assert found.turnover == pytest.approx(490.0)
    assert found.exposure == pytest.approx((0.5 + 0.25) / 2)


def test_without_sessions_nothing_was_turned_over() -> None:
    assert activity(0, [], []) == activity(100, [], [])
    assert activity(0, [], []).turnover is None


def beside(levels: list[float], returns: list[float] = R) -> TrackRecord:
    return track_record(
        returns, levels, days(5), lots=[lot(1000, 900)], traded=1000, equity=[100] * 5, invested=[50] * 5
    )


LEVELS = [1000.0, *(1000 * np.cumprod([1 + b for b in B])).tolist()]


def test_the_track_record_puts_the_benchmark_beside() -> None:
    found = beside(LEVELS)
    assert found.own == metrics(R, days(5))
    assert found.benchmark.total_return == pytest.approx(metrics(B, days(5)).total_return)
    assert found.against.beta == pytest.approx(relative_metrics(R, B).beta)
    assert found.lots == measure_lots([lot(1000, 900)])
    assert found.activity.exposure == 0.5
    assert found.span == BenchmarkSpan(first=days(5)[0], last=days(5)[-1])


def test_a_benchmark_with_a_hole_is_measured_over_it() -> None:
    """The two sessions around it count as one return of both; the hole is named."""
    levels = [*LEVELS[:2], math.nan, *LEVELS[3:]]
    found, whole = beside(levels), beside(LEVELS)
    assert found.own == whole.own
    assert found.span.missing == (days(5)[2],)
    assert found.benchmark.total_return == pytest.approx(whole.benchmark.total_return)
    joined = [R[0], (1 + R[1]) * (1 + R[2]) - 1, *R[3:]]
    market = [B[0], (1 + B[1]) * (1 + B[2]) - 1, *B[3:]]
    n = 245 * 4 / 5
    assert found.benchmark.volatility == pytest.approx(stdev(market) * math.sqrt(n))
    assert found.against.beta == pytest.approx(relative_metrics(joined, market).beta)
    assert found.against.tracking_error == pytest.approx(relative_metrics(joined, market, n=n).tracking_error)


def test_a_benchmark_that_begins_late_says_so() -> None:
    found = beside([math.nan, math.nan, *LEVELS[2:]])
    assert (found.span.first, found.span.missing) == (days(5)[2], tuple(days(5)[:2]))
    assert found.benchmark.total_return == pytest.approx(LEVELS[-1] / LEVELS[2] - 1)


def test_without_a_benchmark_nothing_is_said_of_it() -> None:
    found = beside([math.nan] * 6)
    assert found.span.first is found.benchmark.total_return is found.benchmark.volatility is None
    assert found.against.beta is found.against.tracking_error is None


def test_a_return_that_is_not_known_gives_no_metrics() -> None:
    """Neither nan nor a volatility of 0."""
    found = metrics([0.01, math.nan, 0.02], days(3))
    assert (found.sessions, found.total_return, found.volatility, found.max_drawdown) == (3, None, None, None)


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40))
def test_a_drawdown_is_never_above_zero_nor_below_minus_one(returns: list[float]) -> None:
    falls = drawdowns(growth(returns))
    assert falls[0] == 0
    assert ((falls <= 0) & (falls > -1)).all()
    worst = metrics(returns, days(len(returns))).max_drawdown
    assert (worst.depth if worst else 0.0) == falls.min()


@given(st.lists(st.floats(-0.1, 0.1), min_size=3, max_size=40), st.floats(0.1, 3))
def test_leverage_scales_risk_and_leaves_the_sharpe_ratio(returns: list[float], leverage: float) -> None:
    if np.std(returns) < 1e-6:
        return
    plain, levered = (
        metrics(returns, days(len(returns))),
        metrics([leverage * r for r in returns], days(len(returns))),
    )
    assert plain.volatility is not None
    assert plain.sharpe is not None
    assert levered.volatility == pytest.approx(leverage * plain.volatility)
    assert levered.sharpe == pytest.approx(plain.sharpe, rel=1e-6, abs=1e-9)


def test_a_normal_year_has_the_volatility_it_was_made_with() -> None:
    """Quantiles of a normal distribution with a daily deviation of 1 %: so 15.65 % a year of 245."""
    quantiles = [NormalDist(0, 0.01).inv_cdf((n + 0.5) / 2000) for n in range(2000)]
    assert metrics(quantiles, days(2000)).volatility == pytest.approx(0.01 * math.sqrt(245), rel=0.01)
