"""Metrics against those of empyrical-reloaded, which shares no code with them.

Where the two define a metric otherwise it is brought to one definition here: empyrical counts years by
sessions (here: by calendar days) and compounds alpha (here: n times that of a session).
"""

from __future__ import annotations

from datetime import date, timedelta
from math import sqrt

import empyrical
import numpy as np
import pytest

from jstock_core.research.performance import SESSIONS_A_YEAR, drawdowns, growth, metrics, relative_metrics

RF = 0.004


def market(seed: int, sessions: int):
    """Fat tails, days without a position, and a benchmark that it hangs on."""
    rng = np.random.default_rng(seed)
    topix = 0.0003 + 0.009 * rng.standard_t(4, sessions)
    own = 0.0002 + 0.6 * topix + 0.006 * rng.standard_t(5, sessions)
    return np.where(rng.random(sessions) < 0.1, 0.0, own), topix


@pytest.mark.parametrize("sessions", [2, 5, 61, 245, 1225])
@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_are_those_of_empyrical(seed: int, sessions: int) -> None:
    r, b = market(seed, sessions)
    days = [date(2021, 1, 4) + timedelta(days=n * 1461 // 980) for n in range(sessions + 1)]
    own, against = metrics(r, days, rf=RF), relative_metrics(r, b, rf=RF)
    n, years = SESSIONS_A_YEAR, (days[-1] - days[0]).days / 365.25
    yearly = empyrical.annual_return(r, annualization=sessions / years)
    assert own.total_return == pytest.approx(empyrical.cum_returns_final(r))
    assert own.cagr == pytest.approx(yearly)
    assert own.volatility == pytest.approx(empyrical.annual_volatility(r, annualization=n))
    assert own.sharpe == pytest.approx(empyrical.sharpe_ratio(r, RF / n, annualization=n))
    assert own.sortino == pytest.approx(empyrical.sortino_ratio(r, RF / n, annualization=n))
    deepest = empyrical.max_drawdown(r)
    assert (own.max_drawdown.depth if own.max_drawdown else 0.0) == pytest.approx(deepest)
    assert (own.calmar is None) == (deepest == 0)
    assert own.calmar is None or own.calmar == pytest.approx(yearly / -deepest)
    assert against.beta == pytest.approx(empyrical.beta(r, b, RF / n))
    assert against.alpha is not None
    compounded = (1 + against.alpha / n) ** n - 1
    assert compounded == pytest.approx(empyrical.alpha(r, b, RF / n, annualization=n))
    assert against.information_ratio == pytest.approx(sqrt(n) * empyrical.excess_sharpe(r, b))
    assert against.tracking_error == pytest.approx(empyrical.annual_volatility(r - b, annualization=n))


def test_curves_are_those_of_empyrical() -> None:
    r, _ = market(9, 500)
    assert growth(r)[1:] == pytest.approx(empyrical.cum_returns(r, starting_value=1))
    assert drawdowns(growth(r)).min() == pytest.approx(empyrical.max_drawdown(r))


def test_calmar_is_that_of_empyrical_where_years_are_sessions() -> None:
    r, _ = market(10, 490)
    days = [date(2024, 1, 4) + timedelta(days=n) for n in range(491)]
    expected = empyrical.calmar_ratio(r, annualization=365.25)
    assert metrics(r, days).calmar == pytest.approx(expected)
