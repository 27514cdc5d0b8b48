"""Once decisions are journaled, no failure after that keeps their tickets from the trader."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus, Stopped
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing import publishing
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.runs.latest import latest_run
from jstock_core.runs.publish import RunFolder
from jstock_core.state.facts.events import Event
from jstock_core.state.journal.backups import sound_backups
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.stores import store
from tests.desk.days import MORNING, T, journaled

Fault = Callable[[pytest.MonkeyPatch, Path], None]


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device", "somewhere")


def defect(*_: object, **__: object) -> None:
    raise KeyError("an unforeseen one")


def stop(*_: object, **__: object) -> None:
    raise Stopped(15)


def fail(place: str, how: Callable[..., None]) -> Fault:
    return lambda patch, _: patch.setattr(f"jstock_core.{place}", how)


def block(name: str) -> Fault:
    """A file in a folder's place stands for one that cannot be written: root may write anywhere."""

    def put(_: pytest.MonkeyPatch, root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("in the way", encoding="utf-8")

    return put


AFTER_COMMIT: dict[str, Fault] = {
    "page": fail("desk.day.publishing.daily.notebook_to_html", full_disk),
    "page, a defect": fail("desk.day.publishing.daily.notebook_to_html", defect),
    "Markdown": fail("desk.day.publishing.daily.notebook_to_markdown", defect),
    "manifest": fail("runs.publish.write_manifest", full_disk),
    "list of runs": fail("desk.day.publishing.publishing.write_index", full_disk),
    "list of runs, a defect": fail("desk.day.publishing.publishing.write_index", defect),
    "stopped": fail("desk.day.publishing.publishing.write_index", stop),
    "views": fail("desk.workspace.views.write_json", full_disk),
    "second backup": block("backups"),
    "folder of the day": block(f"runs/{T}"),
    "report": fail("desk.day.day.build_report", defect),
}


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("fault", AFTER_COMMIT)
def test_the_tickets_reach_stdout_and_the_next_run_repairs(
    fault: str, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["daily", "-w", str(new), "--now", MORNING]
    with monkeypatch.context() as patch:
        AFTER_COMMIT[fault](patch, new)
        assert jstock(words) == ExitStatus.PUBLISH
    said = capsys.readouterr()
    heading, *table = said.out.splitlines()[-1 - len(orders(new)) - 1 :]
    assert heading == f"the tickets of {T}:"
    assert {row["id"] for row in csv.DictReader(table)} == orders(new)
    assert f"the decisions for {T} are journaled" in said.err
    recorded = journaled(new)
    for name in ("backups", f"runs/{T}"):
        if (new / name).is_file():
            (new / name).unlink()
    assert jstock(words) in (ExitStatus.OK, ExitStatus.DEGRADED)
    assert journaled(new) == recorded
    assert latest_run(new / "runs", T)


def orders(root: Path) -> set[str]:
    groups = open_desk(root, now=MORNING).journal().book().groups.values()
    found = {order.id for group in groups for order in group.orders.values()}
    assert found
    return found


@pytest.mark.usefixtures("in_process")
def test_as_json_the_tickets_are_json(
    new: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publishing, "write_index", full_disk)
    assert jstock(["daily", "-w", str(new), "--now", MORNING, "--json"]) == ExitStatus.PUBLISH
    shown = json.loads(capsys.readouterr().out)
    assert shown["status"] == "unpublished"
    assert {ticket["id"] for ticket in shown["tickets"]} == orders(new)


@pytest.mark.usefixtures("in_process")
def test_the_output_is_a_step_after_the_commit_too(
    new: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from jstock_core.cli.day import daily as command

    monkeypatch.setattr(command, "pct", full_disk)
    assert jstock(["daily", "-w", str(new), "--now", MORNING]) == ExitStatus.PUBLISH
    said = capsys.readouterr()
    assert f"the tickets of {T}:" in said.out
    assert "the output cannot be written: No space left on device" in said.err
    assert latest_run(new / "runs", T)


@pytest.mark.usefixtures("in_process")
def test_before_the_commit_nothing_is_said_of_tickets(
    new: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = journaled(new)
    monkeypatch.setattr(RunFolder, "begin", full_disk)
    assert jstock(["daily", "-w", str(new), "--now", MORNING]) == ExitStatus.UNWRITABLE
    assert "tickets" not in capsys.readouterr().out
    assert journaled(new) == before


def test_a_day_whose_backup_fails_is_shown_with_an_alert(new: Path) -> None:
    (new / "backups").write_text("in the way", encoding="utf-8")
    day = run_day(open_desk(new, now=MORNING), T)
    assert any("the backup cannot be written" in alert.text for alert in day.alerts)
    assert day.exit == ExitStatus.DEGRADED
    assert list((new / "data" / "state" / "backups").iterdir())


def test_what_is_recorded_by_hand_is_backed_up_at_once_in_both_places(run: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(run, tmp_path / "desk"))
    words = ["trade", "cash", "deposit", "conservative", "1000", "-w", str(root), "--now", MORNING]
    assert jstock(words) == ExitStatus.OK
    events = open_desk(root, now=MORNING).journal().length()
    for place in (root / "data" / "state" / "backups", root / "backups"):
        newest = sound_backups(place)[0]
        assert newest.seq == events


def test_a_fact_whose_backup_fails_is_recorded_and_backed_up_in_the_other_place(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(run, tmp_path / "desk", ignore=shutil.ignore_patterns("backups")))
    (root / "data" / "state" / "backups").write_text("in the way", encoding="utf-8")
    words = ["trade", "cash", "deposit", "conservative", "1000", "-w", str(root), "--now", MORNING]
    before = len(journaled(root))
    assert jstock(words) == ExitStatus.PUBLISH
    assert "1 fact recorded in the journal" in capsys.readouterr().err
    assert len(journaled(root)) == before + 1
    assert sound_backups(root / "backups")[0].seq == open_desk(root, now=MORNING).journal().length()


def test_a_fact_is_not_denied_where_the_disk_fails_right_after_its_commit(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(run, tmp_path / "desk"))
    words = ["trade", "cash", "deposit", "conservative", "1000", "-w", str(root), "--now", MORNING]
    before = len(journaled(root))
    sweep, append = store.sweep, Journal.append

    def fail_once(*_: object) -> None:
        monkeypatch.setattr(store, "sweep", sweep)
        raise OSError(5, "Input/output error", "somewhere")

    def append_then_fail(self: Journal, *what: Any, **options: Any) -> tuple[Event, ...]:
        added = append(self, *what, **options)
        monkeypatch.setattr(Journal, "append", append)
        monkeypatch.setattr(store, "sweep", fail_once)
        return added

    monkeypatch.setattr(Journal, "append", append_then_fail)
    assert jstock(words) == ExitStatus.PUBLISH
    assert "1 fact recorded in the journal" in capsys.readouterr().err
    assert len(journaled(root)) == before + 1
