"""Shares that an order bought and a person sold in the same session, without an order.

T is Wednesday 21 January 2026, D the Tuesday before. The group is filled by hand; on Tuesday it ordered
stocks.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.intent import Intent
from jstock_core.desk.care.correct import correct_fact
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.state.facts.events import Fee, Filled, OrderPlaced
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import Stock, panel

D, T = date(2026, 1, 20), date(2026, 1, 21)
GROUP = {
    "name": "Core",
    "initial_capital": 1_000_000,
    "fills": "manual",
    "entry": {"use": "SimpleScorer", "buy_threshold": 30},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}],
    "sizing": {"use": "equal_weight", "max_positions": 2, "max_position_pct": 30},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stocks near ¥1,000, whose bars are there through T."""
    days = tse().between(date(2025, 3, 3), T)
    close = 800.0 + np.arange(len(days))
    market = panel({"6501": Stock(close), "7203": Stock(close)}, sessions=days)
    return write_market(market, tmp_path_factory.mktemp("files"))


@pytest.fixture
def new(tmp_path: Path, files: Path) -> Desk:
    """A desk that has decided nothing."""
    made = make_desk(
        tmp_path / "desk", market=files, now="2026-01-20T07:00", ready="fetched", groups={"core": GROUP}
    )
    (made.workspace.data / "monitor_list.json").write_text('{"tickers": ["6501", "7203"]}')
    return made


@pytest.fixture
def desk(new: Desk, files: Path) -> Desk:
    """Tuesday's orders are placed; Tuesday's bars are there."""
    run(new, "2026-01-20T07:00")
    return load(new, files, "2026-01-21T06:30")


def load(desk: Desk, files: Path, now: str) -> Desk:
    there = open_desk(desk.workspace.root, now=now)
    import_folder(there, str(files))
    return there


def run(desk: Desk, now: str, intent: Intent = Intent.JOURNAL) -> ReportedDay:
    return run_day(open_desk(desk.workspace.root, now=now), intent=intent)


def record(desk: Desk, *events: Filled | Fee) -> None:
    with desk.writing("a test") as journal:
        journal.append(events)


def purchases(desk: Desk, session: date) -> list[Filled]:
    """The fills of every purchase that was ordered for a session."""
    placed = [e for e in desk.journal().events() if isinstance(e, OrderPlaced) and e.session == session]
    return [fill(order.code, "BUY", order.shares, session, order.id) for order in placed]


def fill(code: str, side: str, shares: int, session: date, order_id: str | None = None) -> Filled:
    return Filled(
        session=session, source="manual", group="core", code=code, side=side, shares=shares,
        price=Decimal(1010), order_id=order_id,
    )  # fmt: skip


def sale(bought: Filled, shares: int = 0) -> tuple[Filled, Fee]:
    """Sold again without an order, for a fee."""
    sold = fill(bought.code, "SELL", shares or bought.shares, bought.session)
    fee = Fee(session=sold.session, source="manual", group="core", amount=550, reason="fee", fill_id=sold.id)
    return sold, fee


def held(desk: Desk) -> dict[str, int]:
    lots = desk.journal().book().group("core").lots
    return {code: sum(lot.shares for lot in each) for code, each in lots.items()}


def test_recorded_together_the_next_morning_reports_it(desk, files):
    bought = purchases(desk, D)
    assert len(bought) == 2
    record(desk, *bought, *sale(bought[0]))
    assert run(desk, "2026-01-21T07:00").report is not None
    assert held(desk) == {bought[1].code: bought[1].shares}
    load(desk, files, "2026-01-21T18:00")
    assert run(desk, "2026-01-21T18:30").trade_date == date(2026, 1, 22)


def test_recorded_after_the_morning_its_revision_reports_it(desk):
    bought = purchases(desk, D)
    record(desk, *bought)
    run(desk, "2026-01-21T07:00")
    record(desk, *sale(bought[0]))
    assert run(desk, "2026-01-21T07:30").report is not None
    assert run(desk, "2026-01-21T07:40", Intent.REVISE).report is not None
    assert held(desk)[bought[1].code] == bought[1].shares
    assert bought[0].code not in held(desk)


def test_both_of_the_morning_itself_can_be_revised(new, files):
    """As on a simulated desk: what was ordered this morning is bought and sold already."""
    desk = load(new, files, "2026-01-21T06:30")
    run(desk, "2026-01-21T07:00")
    bought = purchases(desk, T)
    record(desk, bought[0], *sale(bought[0]))
    for now in ("2026-01-21T07:30", "2026-01-21T07:40"):
        assert run(desk, now, Intent.REVISE).report is not None
    load(desk, files, "2026-01-21T18:00")
    assert run(desk, "2026-01-21T18:30").report is not None


def test_a_purchase_that_was_two_is_corrected_after_its_sale(desk, files):
    """The part of the journal before the correction contradicts itself; the whole does not."""
    bought = fill("6501", "BUY", 300, D)
    record(desk, bought, *sale(bought))
    run(desk, "2026-01-21T07:00")
    record(desk, fill("6501", "BUY", 200, D))
    correct_fact(desk, bought.id, {"shares": "100"}, reason="it was two")
    load(desk, files, "2026-01-21T18:00")
    assert run(desk, "2026-01-21T18:30").report is not None
