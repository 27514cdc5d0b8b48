"""A job that cannot even begin is told too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, StateError
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.calendar import tse
from jstock_core.ops.jobs.opening import tell_failures
from jstock_core.ops.notify import tell
from jstock_core.ops.notify.aside import keep_settings
from jstock_core.ops.notify.delivery import Ways
from jstock_core.ops.notify.outbox.places import open_outbox
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.testing import copy_desk
from tests.ops.notify.people import DOWN, FakeWay

NOW = "2026-01-21T07:00"


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> FakeWay:
    way = FakeWay()
    monkeypatch.setattr(tell, "open_ways", lambda settings, _: Ways(dict.fromkeys(settings.ways, way)))
    return way


@pytest.fixture
def root(shared_desk: Callable[..., Desk], tmp_path: Path) -> Path:
    """A desk whose section was kept by a job before."""
    made = copy_desk(shared_desk(ready="new"), tmp_path / "desk")

    def change(content: Any) -> None:
        content["notify"] = {"ways": {"mail": {"use": "fake"}}}

    edit_yaml(made.workspace.desk_yaml, change)
    desk = copy_desk(made, tmp_path / "copy")
    keep_settings(desk)
    return desk.workspace.root


def scheduled(root: Path) -> int:
    return run(["daily", "--scheduled", "-w", str(root), "--now", NOW])


@pytest.mark.parametrize("file", ["params/desk.yaml", "params/groups/conservative.yaml"])
def test_parameters_broken_by_an_edit_are_told_once(root: Path, mail: FakeWay, file: str) -> None:
    (root / file).write_text("a: [", encoding="utf-8")
    assert [scheduled(root) for _ in range(2)] == [ExitStatus.PARAMS] * 2
    (told,) = mail.sent
    assert "morning FAILED, status 3" in told["subject"]
    beat = read_heartbeats(root / "runs")["morning"]
    assert (beat.status, beat.exit) == ("failed", 3)
    line = json.loads((root / "data" / "log" / "jstock.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (line["job"], line["exit"], line["kind"]) == ("morning", 3, "ParamsError")
    assert "not readable as YAML" in told["text"]
    assert str(root / file) in told["text"]


def test_an_evening_without_parameters_is_told(root: Path, mail: FakeWay) -> None:
    (root / "params" / "desk.yaml").write_text("a: [", encoding="utf-8")
    given = ["-w", str(root), "--now", "2026-01-21T17:30"]
    assert run(["evening", *given]) == ExitStatus.PARAMS
    assert mail.sent == []
    assert run(["evening", "--scheduled", *given]) == ExitStatus.PARAMS
    assert "evening FAILED, status 3" in mail.subjects[0]


def test_the_end_of_the_calendar_is_told(root: Path, mail: FakeWay) -> None:
    beyond = f"{tse().last.year + 1}-01-21"
    given = ["-w", str(root), "--now", f"{beyond}T07:00"]
    assert run(["daily", "--scheduled", *given]) == ExitStatus.USAGE
    assert run(["notify", "remind", *given]) == ExitStatus.USAGE
    morning, reminder = mail.subjects
    assert f"{beyond}: morning FAILED, status 2" in morning
    assert f"{beyond}: reminder FAILED, status 2" in reminder


def test_a_person_at_the_terminal_sees_the_error_himself(root: Path, mail: FakeWay) -> None:
    (root / "params" / "desk.yaml").write_text("a: [", encoding="utf-8")
    assert run(["daily", "-w", str(root), "--now", NOW]) == ExitStatus.PARAMS
    assert mail.sent == []


def test_the_error_goes_on_whatever_becomes_of_the_message(root: Path, mail: FakeWay) -> None:
    mail.fault, said = DOWN, []
    with (
        pytest.raises(ParamsError, match="oops"),
        tell_failures("evening", str(root), NOW, said.append, lambda _: None),
    ):
        raise ParamsError("oops")
    assert said == ["nobody was told: 1 message not delivered: mail to me@mail.example: connection refused"]
    box = open_outbox(Workspace(root))
    assert box is not None
    assert [(entry.kind, entry.status) for entry in box.entries()] == [("failure", "pending")]


def test_stopping_at_the_terminal_tells_nobody(root: Path, mail: FakeWay) -> None:
    with pytest.raises(KeyboardInterrupt), tell_failures("morning", str(root), NOW):
        raise KeyboardInterrupt
    assert mail.sent == []


def test_without_a_workspace_nobody_can_be_told(tmp_path: Path, mail: FakeWay) -> None:
    said: list[str] = []
    with pytest.raises(StateError), tell_failures("morning", str(tmp_path), NOW, said.append):
        raise StateError("gone")
    assert said == [f"nobody was told: {tmp_path} is not a workspace: it has no params/desk.yaml"]


def test_a_desk_that_tells_nobody_says_nothing(
    shared_desk: Callable[..., Desk], tmp_path: Path, mail: FakeWay
) -> None:
    root = copy_desk(shared_desk(ready="new"), tmp_path / "desk").workspace.root
    said: list[str] = []
    with pytest.raises(StateError), tell_failures("morning", str(root), NOW, said.append):
        raise StateError("gone")
    assert (mail.sent, said) == ([], [])
