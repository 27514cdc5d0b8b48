"""Replays and backtests on a workspace: which days, where to, and what they must not touch."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import run_day
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.replays import replay_into_copy, run_replay
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.state.facts.events import Decided, OrderPlaced, content
from jstock_core.state.journal.journal import Journal
from jstock_core.testing import copy_desk
from tests.desk.days import MORNING, NEXT_MORNING, edited, journaled
from tests.execution.worlds import REAL, REAL_DESK, needs_real


def replayed(root, first, last, now=MORNING, **more):
    return run_replay(open_desk(root, now=now), first, last, **more)


def test_a_replay_leaves_the_journal_as_if_the_desk_had_run_each_morning(new, tmp_path):
    """The same decisions and orders as a desk that was started every day."""
    ticks = []
    found = replayed(
        new, "2026-01-13", "2026-01-16", tick=lambda done, total, day: ticks.append((done, total))
    )
    assert found.mornings == 4
    assert ticks == [(1, 4), (2, 4), (3, 4), (4, 4)]
    orders = [e for e in journaled(new) if isinstance(e, OrderPlaced)]
    assert found.orders == len(orders) > 0
    assert run_day(open_desk(new, now="2026-01-19T07:00"), "2026-01-19").intent is Intent.JOURNAL


def test_a_replay_that_is_stopped_leaves_nothing_and_can_be_run_again(new):
    def stop(done, _total, _day):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replayed(new, "2026-01-13", "2026-01-16", tick=stop)
    assert journaled(new) == ()
    assert replayed(new, "2026-01-13", "2026-01-16").mornings == 4


def test_a_replay_never_rewrites_the_past(desk):
    before = journaled(desk)
    with pytest.raises(StateError, match="a replay from 2026-01-09 would rewrite them") as caught:
        replayed(desk, "2026-01-09", "2026-01-16")
    assert "--into" in caught.value.do
    assert journaled(desk) == before


def test_a_replay_may_go_elsewhere(desk, tmp_path):
    before = journaled(desk)
    elsewhere = open_desk(desk, now=MORNING).with_journal_in(tmp_path / "there")
    found = run_replay(elsewhere, "2026-01-09", "2026-01-16")
    assert found.journal.parent == tmp_path / "there"
    assert (tmp_path / "there" / "production_state.json").exists()
    assert journaled(desk) == before


@pytest.mark.parametrize(
    ("first", "last", "kind", "said"),
    [
        ("2026-01-16", "2026-01-13", UsageError, "lies after"),
        ("2026-01-17", "2026-01-18", UsageError, "there is no session"),
        ("2026-01-13", "2026-02-13", UsageError, "too far ahead"),
        ("13.1.2026", "2026-01-16", UsageError, "is not a date"),
        ("2019-06-03", "2019-06-07", DataError, "no data for all of"),
    ],
)
def test_a_span_that_cannot_be_is_refused(new, first, last, kind, said):
    for do in (replayed, lambda root, *span: run_backtest(open_desk(root, now=MORNING), *span)):
        with pytest.raises(kind, match=said):
            do(new, first, last)
    assert journaled(new) == ()


@needs_real
def test_real_bars_are_imported_once_and_run(tmp_path):
    """32 stocks, splits, ETFs with units of 1 and 10, an alphanumeric code; the desk lives in their time."""
    root = create_workspace(tmp_path / "desk", "files").root
    edited(root, "params/desk.yaml", "live: true", "live: false")
    import_folder(open_desk(root, now=NEXT_MORNING), str(REAL))
    done = run_day(open_desk(root, now=NEXT_MORNING))
    assert (done.intent, done.status is DayStatus.DEGRADED) == ("journal", False)
    assert {str(event.session) for event in done.events if isinstance(event, Decided)} == {"2025-12-01"}
    again = import_folder(open_desk(root, now=NEXT_MORNING), str(REAL))
    assert not any(again.rows.values())
    assert run_day(open_desk(root, now=NEXT_MORNING), "2025-12-01").intent is Intent.SHOW_AGAIN
    assert run_day(open_desk(root, now=NEXT_MORNING), "2025-11-28").intent is Intent.REHEARSE


@needs_real
def test_a_preview_of_real_bars_is_what_the_morning_journals(shared_desk, tmp_path):
    """A desk on real prices has no history but its own: no made-up past stands in for it."""
    root = copy_desk(shared_desk(**REAL_DESK), tmp_path / "desk").workspace.root
    shown = run_day(open_desk(root, now=NEXT_MORNING), "2025-11-28", Intent.PREVIEW)
    rehearsed = run_day(open_desk(root, now=NEXT_MORNING), "2025-11-28", Intent.REHEARSE)
    done = run_day(open_desk(root, now=NEXT_MORNING), "2025-11-28")
    said = [[content(event) for event in day.events] for day in (shown, rehearsed, done)]
    assert said[0] == said[1] == said[2]


def test_real_and_made_up_prices_are_not_mixed(new, tmp_path):
    with pytest.raises(UsageError, match="imported data is not mixed with it"):
        import_folder(open_desk(new, now=MORNING), str(tmp_path))


def test_a_folder_that_is_none_is_named(tmp_path):
    root = create_workspace(tmp_path / "desk", "files").root
    with pytest.raises(UsageError, match="does not exist"):
        import_folder(open_desk(root, now=MORNING), str(tmp_path / "none"))


def test_a_journal_elsewhere_is_a_journal(desk, tmp_path):
    """It opens as any other, for the same provider."""
    elsewhere = open_desk(desk, now=MORNING).with_journal_in(tmp_path / "there")
    run_replay(elsewhere, "2026-01-09", "2026-01-09")
    file = tmp_path / "there" / "journal.sqlite"
    events = Journal.open(file, elsewhere.provider.id, elsewhere.clock).events()
    assert {e.session.isoformat() for e in events if isinstance(e, Decided)} == {"2026-01-09"}


# A workspace of its own


def test_a_replay_into_a_folder_makes_a_workspace_that_is_a_desk(desk, tmp_path):
    """It has a name of its own, opens, shows what was replayed, and goes on; the desk is untouched."""
    before = journaled(desk)
    found = replay_into_copy(
        open_desk(desk, now=MORNING), "2026-01-09", "2026-01-16", tmp_path / "a" / "replayed"
    )
    made = open_desk(tmp_path / "a" / "replayed", now=MORNING)
    assert found.workspace == made.workspace.root
    assert found.desk == made.settings.desk != open_desk(desk).settings.desk
    assert found.journal == made.workspace.journal
    status = portfolio_status(made)
    assert (status.desk, status.settled_through) == (found.desk, date(2026, 1, 15))
    assert sum(isinstance(e, OrderPlaced) for e in made.journal().events()) == found.orders > 0
    assert run_replay(made, "2026-01-19", "2026-01-20").mornings == 2
    assert run_day(open_desk(made.workspace.root, now=MORNING)).intent is Intent.JOURNAL
    assert journaled(desk) == before


def test_a_replay_into_a_folder_that_is_not_empty_is_refused(desk, tmp_path):
    tmp_path.joinpath("mine").mkdir()
    tmp_path.joinpath("mine", "note.txt").write_text("mine")
    opened = open_desk(desk, now=MORNING)
    for folder, said in (
        (tmp_path / "mine", "holds something"),
        (desk, "holds something"),
        (desk / "data" / "x", "lies inside"),
    ):
        with pytest.raises(UsageError, match=said):
            replay_into_copy(opened, "2026-01-09", "2026-01-16", folder)


def test_a_replay_that_fails_leaves_no_workspace(desk, tmp_path):
    with pytest.raises(DataError):
        replay_into_copy(open_desk(desk, now=MORNING), "2019-06-03", "2019-06-07", tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()


def test_a_replay_takes_along_what_lies_beside_parameters_and_data(desk, tmp_path):
    (desk / "lists").mkdir()
    shutil.move(desk / "data" / "monitor_list.json", desk / "lists" / "mine.json")
    edited(desk, "params/desk.yaml", "data/monitor_list.json", "lists/mine.json")
    replay_into_copy(open_desk(desk, now=MORNING), "2026-01-16", "2026-01-16", tmp_path / "b")
    assert open_desk(tmp_path / "b", now=MORNING).monitored == open_desk(desk, now=MORNING).monitored
