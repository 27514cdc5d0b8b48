"""A morning whose report could not be published is named in the next report, with what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import ExitStatus, WriteError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.runs.latest import latest_run
from jstock_core.runs.publish import RunFolder, unpublished_runs
from tests.desk.days import MORNING, NEXT_MORNING, D, T
from tests.runs.conftest import manifest_of


def found(root: Path, now: str = NEXT_MORNING, intent: Intent = Intent.JOURNAL) -> list[Alert]:
    """The alerts about runs in the desk's next report."""
    day = run_day(open_desk(root, now=now), intent=intent)
    return [alert for alert in day.report.alerts if alert.kind == "unpublished_run"]


def begin(root: Path, trade_date: date) -> RunFolder:
    desk = open_desk(root, now=MORNING)
    folder = RunFolder.begin(desk.workspace.runs, trade_date, desk.clock)
    (folder.path / "report.html").write_text("a report", encoding="utf-8")
    return folder


def refuse(root: Path, trade_date: date = T, **changes: object) -> Path:
    """Finish a run that cannot be moved into place, because a file is in the way; its folder."""
    folder = begin(root, trade_date)
    (root / "runs" / str(trade_date)).write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteError):
        folder.publish(manifest_of(trade_date=trade_date, **changes))
    return folder.path


def test_a_run_that_cannot_be_moved_is_named_with_its_date_and_what_to_do(desk: Path) -> None:
    folder = refuse(desk)
    (alert,) = found(desk)
    run = folder.name.removeprefix(".tmp-")
    assert alert.severity == Severity.WARNING
    assert alert.text == f"The run {run} for {T} is finished but not published; it is in runs/{folder.name}"
    assert alert.remedy == f"render it with `jstock trade report --date {T}`, then remove the folder"


def test_a_run_that_the_next_one_could_publish_is_not_named(desk: Path) -> None:
    refuse(desk)
    (desk / "runs" / str(T)).unlink()
    begin(desk, T).close()
    assert latest_run(desk / "runs", T)
    assert found(desk) == []


def test_its_own_date_and_rehearsals_are_not_named(desk: Path) -> None:
    refuse(desk)
    assert found(desk, MORNING, Intent.SHOW_AGAIN) == []
    refuse(desk, D, rehearsal=True)
    assert found(desk, MORNING, Intent.SHOW_AGAIN) == []


def test_a_run_with_a_damaged_manifest_is_named(desk: Path) -> None:
    folder = refuse(desk)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    (alert,) = found(desk)
    assert alert.text == f"A finished run in runs/{folder.name} is not published, and its manifest is damaged"


def test_decisions_without_any_report_are_named(desk: Path) -> None:
    """The disk was full before the run could even be finished: nothing of it is left."""
    begin(desk, D).publish(manifest_of(trade_date=D, headline={"intent": "journal"}))
    (alert,) = found(desk)
    assert alert.text == f"The decisions for {T} are journaled, but no report of them is published"


def test_a_rehearsal_of_the_date_is_no_report_of_its_decisions(desk: Path) -> None:
    begin(desk, D).publish(manifest_of(trade_date=D, headline={"intent": "journal"}))
    begin(desk, T).publish(manifest_of(trade_date=T, rehearsal=True, headline={"intent": "rehearse"}))
    (alert,) = found(desk)
    assert alert.text == f"The decisions for {T} are journaled, but no report of them is published"


@pytest.mark.parametrize(("intent", "rehearsal"), [("rehearse", True), ("show_again", False)])
def test_a_past_morning_that_was_looked_at_makes_no_report_missed(
    desk: Path, intent: str, rehearsal: bool
) -> None:
    """Mornings that were replayed before the desk's first own run have no report."""
    past = manifest_of(trade_date=D, rehearsal=rehearsal, headline={"intent": intent})
    begin(desk, D).publish(past)
    assert found(desk) == []


def test_a_desk_without_runs_misses_none(desk: Path) -> None:
    assert found(desk) == []


@pytest.mark.usefixtures("in_process")
def test_a_daily_run_that_is_not_published_prints_its_tickets_and_is_named_the_next_day(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "runs").mkdir()
    (desk / "runs" / str(T)).write_text("in the way", encoding="utf-8")
    assert jstock(["daily", "-w", str(desk), "--now", MORNING]) == ExitStatus.PUBLISH
    assert f"the tickets of {T}:" in capsys.readouterr().out
    (folder,) = unpublished_runs(desk / "runs")
    (alert,) = found(desk)
    assert folder.name in alert.text
