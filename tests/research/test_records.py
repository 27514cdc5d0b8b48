"""Track records of a backtest: of all its sessions, and of parts of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import WHOLE
from jstock_core.market.calendar import tse
from jstock_core.research.backtest import backtest, span
from jstock_core.research.records import closing_panel, measure_groups, measure_spans
from jstock_core.signals.library.make import make_exit
from jstock_core.testing import Stock, panel
from tests.execution.rules import Wants, a_group

CODES = ("1001", "1002", "1003")
FIRST, LAST = date(2025, 11, 4), date(2026, 1, 20)
SPLIT = date(2025, 12, 15), date(2025, 12, 16)


@pytest.fixture(scope="module")
def market():
    rng = np.random.default_rng(7)
    closes = [(1000 * n * np.exp(np.cumsum(rng.normal(0, 0.03, 120)))).round() for n in (1, 2, 3)]
    topix = 2000 * np.exp(np.cumsum(rng.normal(0, 0.01, 120)))
    stocks = {code: Stock(close) for code, close in zip(CODES, closes, strict=True)}
    return panel(stocks, sessions=120, topix=topix)


@pytest.fixture(scope="module")
def done(market):
    stops = make_exit([{"layer": "stop_loss", "loss_pct": 4}], "test")
    one = a_group(Wants({"1001": 70.0, "1002": 68.0}), stops)
    two = a_group(Wants({"1003": 70.0}), stops, name="two")
    return backtest(market, [one, two], Conditions(CODES), FIRST, LAST)


def test_parts_of_the_sessions_add_up_to_all(done, market):
    whole = measure_groups(done, market)
    parts = measure_spans(done, market, [(FIRST, SPLIT[0]), (SPLIT[1], LAST)])
    assert whole.keys() == {*(group.id for group in done.groups), WHOLE}
    for name, measured in whole.items():
        both = [part[name] for part in parts]
        assert np.concatenate([each.returns for each in both]).tobytes() == measured.returns.tobytes()
        assert sum(each.record.lots.closed for each in both) == measured.record.lots.closed > 0
        for found, days in zip(
            both, (tse().between(FIRST, SPLIT[0]), tse().between(SPLIT[1], LAST)), strict=True
        ):
            assert found.record.own.sessions == len(found.returns) == len(days)
            assert found.record.own.total_return == pytest.approx(np.prod(1 + found.returns) - 1)
            first, last = market.row(days[0]), market.row(days[-1])
            topix = market.topix[last] / market.topix[first - 1] - 1
            assert found.record.benchmark.total_return == pytest.approx(topix)


def test_one_part_of_all_sessions_is_the_whole(done, market):
    (part,) = measure_spans(done, market, [(date(2025, 1, 1), date(2026, 12, 31))])
    assert repr({name: each.record for name, each in part.items()}) == repr(
        {name: each.record for name, each in measure_groups(done, market).items()}
    )


@pytest.mark.parametrize("last", [LAST, date(2026, 1, 5)])
def test_backtests_over_one_view_are_measured_on_one_panel(market, last):
    """It is cut once at the last close, and says the same."""
    stops = make_exit([{"layer": "stop_loss", "loss_pct": 4}], "test")
    group = a_group(Wants({"1001": 70.0, "1003": 68.0}), stops)
    done = backtest(market, [group], Conditions(CODES), FIRST, last)
    view = span(market, trusted_features(market), FIRST, last)
    closed = closing_panel(view)
    assert closing_panel(view) is closed
    assert closed.session(-1) == last
    whole, again = (measure_groups(done, each)[group.id] for each in (market, closed))
    assert again.returns.tobytes() == whole.returns.tobytes()
    assert repr(again.record) == repr(whole.record)
