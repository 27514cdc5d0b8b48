"""Pruning leaves what the journal's decisions need, and asks before it removes anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import StateError, UsageError, WriteError
from jstock_core.desk.lookback import pruning
from jstock_core.desk.lookback.pruning import plan_pruning, prune, prune_rule
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunStatus
from tests.desk.days import T

from .conftest import Put

OLDER = date(2026, 1, 20)
"""A date that was replayed: the journal has its decisions, made by no run."""
UNDECIDED = date(2025, 6, 2)


def removed(desk: Desk, keep: int | None = 0, older: str = "", *, also_latest: bool = False) -> list[str]:
    rule = prune_rule(desk, keep, older, also_latest=also_latest)
    return [run.run_id for run in plan_pruning(desk, rule).removed]


def test_reruns_go_and_the_run_that_decided_stays_whatever_is_asked(opened: Desk, put: Put) -> None:
    deciding = put()
    again, rehearsal, latest = put(intent="show_again"), put(rehearsal=True), put(intent="show_again")
    assert removed(opened) == [again.name, rehearsal.name]
    assert removed(opened, also_latest=True) == [again.name, rehearsal.name, latest.name]
    rule = prune_rule(opened, 0, "", also_latest=True)
    done = prune(opened, plan_pruning(opened, rule))
    assert (done.done, done.needed, done.size > 0) == (True, 1, True)
    assert latest_run(opened.workspace.runs, T) == deciding
    assert [path.name for path in deciding.parent.glob("2*")] == [deciding.name]


def test_a_failed_run_that_may_have_decided_stays_while_there_is_no_other(opened: Desk, put: Put) -> None:
    failed = put(status=RunStatus.FAILED, error="x", headline={}, parameters={"intent": "journal"})
    put(intent="show_again"), put(intent="show_again")
    assert failed.name not in removed(opened)
    put()
    assert failed.name in removed(opened)


def test_without_a_decision_nothing_is_needed(opened: Desk, put: Put) -> None:
    first, latest = put(UNDECIDED), put(UNDECIDED)
    assert removed(opened) == [first.name]
    assert removed(opened, also_latest=True) == [first.name, latest.name]


def test_the_newest_trade_dates_are_left_alone(opened: Desk, put: Put) -> None:
    old = put(UNDECIDED)
    put(UNDECIDED), put(OLDER), put(OLDER)
    assert removed(opened, keep=1) == [old.name]
    assert removed(opened, keep=2) == []


@pytest.mark.parametrize(("age", "goes"), [("2025-06-02", False), ("2025-06-03", True), ("100d", True)])
def test_an_age_is_a_date_or_days(opened: Desk, put: Put, age: str, goes: bool) -> None:
    old = put(UNDECIDED)
    put(UNDECIDED)
    assert removed(opened, None, age) == ([old.name] if goes else [])


@pytest.mark.parametrize("age", ["soon", "d", "9999999d", "-3d"])
def test_a_wrong_age_is_refused(opened: Desk, age: str) -> None:
    with pytest.raises(UsageError):
        prune_rule(opened, None, age)


def test_without_a_rule_nothing_is_removed(opened: Desk) -> None:
    with pytest.raises(UsageError, match="which runs are to go"):
        prune_rule(opened, None, "")


def test_a_damaged_run_stays_and_is_named(opened: Desk, put: Put) -> None:
    damaged, _ = put(UNDECIDED), put(UNDECIDED)
    (damaged / "manifest.json").write_text("{")
    plan = plan_pruning(opened, prune_rule(opened, 0, ""))
    assert plan.removed == ()
    assert [run.run_id for run in plan.damaged] == [damaged.name]


def test_with_a_damaged_journal_nothing_is_removed(opened: Desk, put: Put) -> None:
    put(), put()
    journal = opened.workspace.journal
    journal.write_bytes(journal.read_bytes()[:5_000])
    with pytest.raises(StateError):
        plan_pruning(opened, prune_rule(opened, 0, ""))


def test_the_list_of_runs_follows(opened: Desk, put: Put) -> None:
    old, _ = put(UNDECIDED), put(UNDECIDED)
    prune(opened, plan_pruning(opened, prune_rule(opened, 0, "")))
    assert old.name not in (opened.workspace.runs / "index.html").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_changed_is_named(
    opened: Desk, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(UNDECIDED), put(UNDECIDED)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "runs")

    monkeypatch.setattr(pruning, "remove_runs", refuse)
    with pytest.raises(WriteError, match="not all runs could be removed: Permission denied"):
        prune(opened, plan_pruning(opened, prune_rule(opened, 0, "")))


def test_a_plan_changes_nothing(opened: Desk, put: Put) -> None:
    put(), put()
    before = sorted(map(str, Path(opened.workspace.runs).rglob("*")))
    plan_pruning(opened, prune_rule(opened, 0, ""))
    assert sorted(map(str, Path(opened.workspace.runs).rglob("*"))) == before
