"""The portfolio as of the last settled session: reading settles nothing and changes nothing."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.trading.portfolio import status
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Filled
from tests.desk.days import MORNING, D, T, journaled


def test_the_portfolio_is_that_of_the_journal_at_the_close_of_d(run):
    found = portfolio_status(open_desk(run, now=MORNING))
    book = replay(journaled(run))
    assert found.settled_through == D
    assert found.simulated is True
    panel = open_desk(run, now=MORNING).panel()
    for account in found.groups:
        group = book.group(account.group)
        closes = {code: panel.close[panel.row(D), panel.column[code]] for code in group.held}
        if any(close != close for close in closes.values()):  # noqa: PLR0124
            continue
        worth = sum(int(round(closes[c] * 10) * group.position(c).shares // 10) for c in group.held)
        assert account.cash == group.cash
        assert account.equity == group.cash + worth
    assert found.whole.equity == sum(account.equity for account in found.groups)


def test_where_nothing_is_decided_no_change_is_looked_for(run, monkeypatch):
    """Else a status would read all records, and not only the cached book."""
    looked = []
    monkeypatch.setattr(status, "changes_since_decision", lambda *given: looked.append(given))
    portfolio_status(open_desk(run, now="2026-01-21T18:00"))  # T is over, and the next morning is to come
    assert looked == []
    portfolio_status(open_desk(run, now=MORNING))
    assert len(looked) == 1


def test_open_orders_await_their_bar(run):
    found = portfolio_status(open_desk(run, now=MORNING))
    open_ = [o for g in replay(journaled(run)).groups.values() for o in g.orders.values()]
    assert len(found.orders) == len(open_) > 0
    assert {row.order.session for row in found.orders} == {T}
    assert {row.state for row in found.orders} == {"awaiting its bar"}


def test_in_the_evening_they_await_the_next_run(desk):
    """Newer bars move nothing: lots and prices are of one day."""
    before = journaled(desk)
    evening, morning = (
        portfolio_status(open_desk(desk, now="2026-01-21T18:00")),
        portfolio_status(open_desk(desk, now=MORNING)),
    )
    assert {row.state for row in evening.orders} == {"awaiting the next run"}
    assert evening.whole == morning.whole
    assert journaled(desk) == before


@pytest.mark.parametrize(
    ("now", "running"),
    [
        ("2026-01-21T08:59", None),
        ("2026-01-21T09:00", T),
        ("2026-01-21T18:00", T),
        ("2026-01-24T12:00", None),
    ],
)
def test_a_session_that_is_not_in_the_figures_is_named(run, now, running):
    """From its opening on: the closes shown are those of the session before."""
    assert portfolio_status(open_desk(run, now=now)).running == running
    assert portfolio_status(open_desk(run, now=now), "2026-01-20").running is None


def test_it_is_plain_json(run):
    assert json.loads(json.dumps(portfolio_status(open_desk(run, now=MORNING)).as_json(), allow_nan=False))


def test_a_desk_without_a_past_says_what_to_run(new):
    with pytest.raises(UsageError, match="nothing is recorded yet") as caught:
        portfolio_status(open_desk(new, now=MORNING))
    assert "jstock daily" in caught.value.do


def test_a_broken_stop_is_shown_with_what_follows(desk):
    """Of today, and of a past close with the date of the sale."""
    opened = open_desk(desk, now=MORNING)
    account = opened.journal().book().group("aggressive")
    busy = {*account.lots, *(order.code for order in account.orders.values())}
    code = next(code for code in opened.monitored if code not in busy)
    fill = Filled(
        session=date(2026, 1, 19), source="manual", group="aggressive", code=code, side="BUY",
        shares=100, price=Decimal(90_000), order_id=None,
    )  # fmt: skip
    with opened.writing("a test") as journal:
        journal.append([fill])

    def stop(as_of=""):
        found = portfolio_status(open_desk(desk, now=MORNING), as_of).as_json()
        [row] = [p for p in found["positions"] if (p["group"], p["code"]) == ("aggressive", code)]
        return row["stop"]

    assert (stop()["broken"], stop()["state"]) == (True, "sells on 2026-01-21")
    assert stop("2026-01-19")["state"] == "sells on 2026-01-20"
