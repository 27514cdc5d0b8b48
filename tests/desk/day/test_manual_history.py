"""Groups that a person fills, in sessions that nobody lived: filled on paper at the open, and it says so."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from jstock_core.desk.day.day import run_day
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import Filled, OrderPlaced
from tests.desk.days import MORNING, NEXT_MORNING, T, edited, journaled


@pytest.fixture(scope="module")
def first_morning(fetched, tmp_path_factory):
    """A new desk with a manual group, after its first morning; and what it said."""
    root = shutil.copytree(fetched, tmp_path_factory.mktemp("manual") / "desk")
    edited(root, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    said = []
    day = run_day(open_desk(root, now=MORNING), say=said.append)
    return root, day, said


def of(events, kind):
    return [e for e in events if isinstance(e, kind) and e.group == "conservative"]


def test_the_first_report_asks_for_no_fills_of_the_history(first_morning):
    """All its orders were filled or ended on paper; those of T are the person's."""
    _, day, said = first_morning
    assert (
        "replay 20 sessions of history; orders of conservative are filled on paper at the open there" in said
    )
    assert [alert for alert in day.alerts if alert.kind == "unresolved_order"] == []
    assert {order.source for order in of(day.events, OrderPlaced) if order.session < T} == {"paper"}
    assert {order.source for order in of(day.events, OrderPlaced) if order.session == T} == {"manual"}
    assert {fill.source for fill in of(day.events, Filled)} == {"paper"}


def test_the_report_says_that_the_past_was_on_paper_until_the_person_began(first_morning, tmp_path):
    root, day, _ = first_morning
    [alert] = [alert for alert in day.alerts if alert.kind == "paper_history"]
    assert (
        f"its {len(of(day.events, Filled))} fills up to 2026-01-20 were made on paper at the open"
        in alert.text
    )
    copy = shutil.copytree(root, tmp_path / "desk")
    later = run_day(open_desk(copy, now=NEXT_MORNING))
    assert [alert for alert in later.alerts if alert.kind == "paper_history"] == []


def test_the_past_is_that_of_a_group_filled_on_paper(first_morning, run):
    """Fill for fill."""
    root, *_ = first_morning
    mine, paper = ([e for e in of(journaled(r), Filled) if e.session < T] for r in (root, run))
    assert mine == paper != []


def test_a_backtest_of_a_manual_group_is_that_of_a_paper_group(first_morning, run):
    both = [
        run_backtest(open_desk(root, now=MORNING), "2025-12-01", "2026-01-20", group="conservative")
        for root in (first_morning[0], run)
    ]
    assert both[0].records == both[1].records
    assert both[0].records["conservative"].own.total_return != 0


def test_a_replay_fills_on_paper_and_says_so(first_morning, tmp_path):
    root, *_ = first_morning
    target = open_desk(root, now=MORNING).with_journal_in(tmp_path)
    done = run_replay(target, "2025-12-01", "2025-12-19")
    assert done.filled_on_paper == ("conservative",)
    events = target.journal().events()
    assert {fill.source for fill in of(events, Filled)} == {"paper"}
    assert max(fill.session for fill in of(events, Filled)) == date(2025, 12, 18)
