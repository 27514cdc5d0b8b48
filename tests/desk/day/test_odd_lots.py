"""An odd lot that a stop wants sold: no order can sell it, so a person must, and the day says how."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import ExitStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import Filled, OrderPlaced
from tests.desk.days import NEXT, NEXT_MORNING, T

AFTER = "2026-01-23T07:00"


def record(root, side, code, shares, session=T):
    """A fill by hand; bought at that price, every stop is broken."""
    fill = Filled(
        session=session, source="manual", group="aggressive", code=code, side=side,
        shares=shares, price=Decimal(90_000), order_id=None,
    )  # fmt: skip
    open_desk(root, now=NEXT_MORNING).journal().append([fill])


def buy(root, shares):
    """Shares of a stock that the group neither holds nor has ordered."""
    desk = open_desk(root, now=NEXT_MORNING)
    account = desk.journal().book().group("aggressive")
    busy = {*account.lots, *(order.code for order in account.orders.values())}
    code = next(code for code in desk.monitored if code not in busy)
    record(root, "BUY", code, shares)
    return code


def odd_lots(day):
    return [alert for alert in day.alerts if alert.kind == "odd_lot"]


def test_it_is_an_alert_every_morning_until_it_is_sold(desk):
    code = buy(desk, 99)
    for now in (NEXT_MORNING, AFTER):
        day = run_day(open_desk(desk, now=now))
        [alert] = odd_lots(day)
        assert (alert.severity, alert.subject) == ("alert", code)
        assert "no order can sell its odd lot of 99; sell it at the broker" in alert.message
        assert f"`aggressive SELL {code} 99 PRICE`" in alert.message
        assert (day.status, day.exit) == (DayStatus.DEGRADED, ExitStatus.DEGRADED)
        assert not [e for e in day.events if isinstance(e, OrderPlaced) and e.code == code and e.shares == 99]
    record(desk, "SELL", code, 99, session=NEXT)
    day = run_day(open_desk(desk, now="2026-01-26T07:00"))
    assert (odd_lots(day), day.status) == ([], DayStatus.COMPLETE)


def test_the_rest_beyond_whole_units_is_one_too(desk):
    """Of 150 shares the order sells 100: the other 50 are the odd lot."""
    code = buy(desk, 150)
    day = run_day(open_desk(desk, now=NEXT_MORNING))
    [alert] = odd_lots(day)
    assert f"`aggressive SELL {code} 50 PRICE`" in alert.message
    [order] = [o for o in day.events if isinstance(o, OrderPlaced) and (o.session, o.code) == (NEXT, code)]
    assert order.shares == 100


@pytest.mark.parametrize("shares", [100, 300])
def test_whole_units_are_none(desk, shares):
    buy(desk, shares)
    assert odd_lots(run_day(open_desk(desk, now=NEXT_MORNING))) == []


def test_a_preview_ends_with_its_status(desk):
    buy(desk, 99)
    assert preview_morning(open_desk(desk, now=NEXT_MORNING)).exit == ExitStatus.DEGRADED
