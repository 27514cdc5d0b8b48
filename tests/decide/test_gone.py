"""Where nobody acts, a position of a stock that is gone is sold at its last price, by what was known then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.exits.outlook import UNKNOWN_AFTER
from jstock_core.decide.gone import GONE, GONE_AFTER
from jstock_core.decide.groups import make_group
from jstock_core.execution.sizing import EqualWeight
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.research.proof import prove_mornings
from jstock_core.state.facts.events import Filled, OrderPlaced
from jstock_core.testing import Stock, panel, without_rows
from tests.execution.rules import Says, Wants, a_group

DAYS = tse().between(date(2025, 11, 4), date(2026, 1, 30))
FIRST, LAST = date(2025, 11, 20), date(2026, 1, 30)
ENDS = date(2025, 12, 5)
CODES = ("1001", "1002")
MONITORED = Conditions(CODES)


def market(**first: object) -> Panel:
    """1001 has no row after `ENDS`."""
    prices = [1000.0 + 3 * n for n in range(len(DAYS))]
    whole = panel({"1001": Stock(prices, **first), "1002": Stock([500.0] * len(DAYS))}, sessions=DAYS)
    return without_rows(whole, "1001", tse().next(ENDS))


def ran(known: Panel) -> Backtest:
    """One group that buys both, one after the other has gone, for it has one place."""
    group = a_group(Wants({"1001": 70.0, "1002": 60.0}), Says({}), sizing=ONE)
    return backtest(known, [group], MONITORED, FIRST, LAST)


ONE = EqualWeight(max_positions=1, max_position_pct=100)


def sale(done: Backtest) -> Filled:
    (found,) = [e for e in done.events if isinstance(e, Filled) and e.side == "SELL"]
    return found


@pytest.mark.parametrize(("first", "after"), [({}, GONE_AFTER), ({"last_day": str(ENDS)}, UNKNOWN_AFTER)])
def test_it_is_sold_at_its_last_close_and_the_group_goes_on(first: dict[str, object], after: int) -> None:
    known = market(**first)
    done = ran(known)
    found = sale(done)
    bought = next(e for e in done.events if isinstance(e, Filled))
    assert (found.source, found.order_id, found.shares) == (GONE, None, bought.shares)
    assert found.session == tse().between(ENDS, LAST)[after]
    close = known.close[known.row(ENDS), known.column["1001"]]
    assert found.price == Decimal(str(close)), "its last close"
    later = [e for e in done.events if isinstance(e, OrderPlaced) and e.code == "1002"]
    assert later[0].session == tse().next(found.session)
    assert set(done.book.groups["core"].lots) == {"1002"}


def test_before_that_it_is_held() -> None:
    done = backtest(market(), [a_group(Wants({"1001": 70.0}), Says({}))], MONITORED, FIRST, tse().next(ENDS))
    assert not [e for e in done.events if isinstance(e, Filled) and e.side == "SELL"]
    assert set(done.book.groups["core"].lots) == {"1001"}


def test_mornings_with_such_a_sale_are_proven() -> None:
    declared = {
        "name": "One", "initial_capital": 5_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 1},
        "exit": [{"layer": "stop_loss", "loss_pct": 50}], "sizing": {"use": "equal_weight"},
    }  # fmt: skip
    days = tse().between(date(2024, 9, 2), LAST)
    wave = [1000.0 + 100 * np.sin(n / 7) for n in range(len(days))]
    known = without_rows(panel({"1001": wave, "1002": wave}, sessions=days), "1001", tse().next(ENDS))
    group = make_group("one", declared, where="one")
    done = backtest(known, [group], MONITORED, date(2025, 11, 27), date(2026, 1, 15))
    assert sale(done).code == "1001"
    proof = prove_mornings(done, known, MONITORED, sample=40)
    assert proof.passed, proof.sentence
