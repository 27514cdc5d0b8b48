"""The evening: the session settled in memory is what the next morning records, and nothing is journaled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.evening import look_at_session
from jstock_core.desk.trading.reconcile import reconcile_session
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import OrderPlaced
from jstock_core.testing import desk as make_desk
from tests.desk.days import NEXT, NEXT_MORNING, D, T, journaled

EVENING = "2026-01-21T17:30"


def test_the_evening_shows_what_the_next_morning_records(desk: Path) -> None:
    before = journaled(desk)
    assert any(isinstance(e, OrderPlaced) and e.session == T for e in before)
    evening = look_at_session(open_desk(desk, now=EVENING))
    assert (evening.session, evening.next_trade_date) == (T, NEXT)
    assert journaled(desk) == before
    morning = run_day(open_desk(desk, now=NEXT_MORNING))
    assert evening.reconciliation == reconcile_session(morning.desk, morning.events, T)
    assert {order.outcome for order in evening.reconciliation.orders} <= {"filled", "partial", "not filled"}
    assert evening.equity == morning.report.headline.equity
    assert evening.day_pnl == morning.report.headline.day_pnl


def test_a_day_with_an_evening_is_the_same_as_one_without(desk: Path, tmp_path: Path) -> None:
    """Event by event, but for the time of the fetch in the provenance."""
    import shutil

    other = Path(shutil.copytree(desk, tmp_path / "other", symlinks=True))
    look_at_session(open_desk(desk, now=EVENING))
    for root in (desk, other):
        run_day(open_desk(root, now=NEXT_MORNING))
    with_evening, without = (journaled(root, NEXT_MORNING) for root in (desk, other))
    assert [e.id for e in with_evening] == [e.id for e in without]
    assert [e for e in with_evening if e.name != "decided"] == [e for e in without if e.name != "decided"]


def test_before_the_bars_are_public_it_looks_at_the_session_before(desk: Path) -> None:
    assert look_at_session(open_desk(desk, now="2026-01-21T15:40")).session == D


def test_bars_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    from jstock_core.testing import panel

    days = [date(2026, 1, 19), date(2026, 1, 20)]
    made = make_desk(tmp_path / "desk", market=panel({"7203": [1000.0, 1010.0]}, sessions=days))
    with pytest.raises(DataError, match="decisions need the bars of 2026-01-21"):
        look_at_session(open_desk(made.workspace.root, now=EVENING))


def test_an_order_that_a_person_has_to_record_is_named(tmp_path: Path) -> None:
    made = make_desk(
        tmp_path / "desk",
        groups={
            "manual": {
                "name": "Manual", "initial_capital": 300_000_000, "fills": "manual",
                "entry": {"use": "SimpleScorer", "buy_threshold": 40},
                "exit": {"use": "LayeredExit", "stop_loss_pct": 8},
                "sizing": {"use": "equal_weight", "max_positions": 20, "max_position_pct": 5},
            }
        },
    )  # fmt: skip
    evening = look_at_session(open_desk(made.workspace.root, now=EVENING))
    assert evening.reconciliation.missing
    assert evening.exit == ExitStatus.DIFFERENCES
    assert evening.todo[0].endswith("`jstock trade record --date 2026-01-21`")
