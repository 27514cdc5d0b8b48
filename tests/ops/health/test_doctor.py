"""The doctor comes to an end whatever state a desk is in, and its exit status says what is wrong first."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import context, doctor, environment, running
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.ops.health.doctor import FAMILIES, Examination, examine_desk
from tests.architecture import PACKAGE
from tests.ops.health.conftest import NOW

AT = datetime(2026, 1, 21, 7, 10, tzinfo=JST)
SLOW = (environment.examine_kernel, running.examine_schedule)
"""Checks of this machine, which have tests of their own."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: Examined) -> Iterator[HealthCheck]:
        yield HealthCheck("left out", State.OK, "it has a test of its own")

    families = {
        family: {name: nothing if look in SLOW else look for name, look in looks.items()}
        for family, looks in FAMILIES.items()
    }
    monkeypatch.setattr(doctor, "FAMILIES", families)


def examination(*checks: HealthCheck) -> Examination:
    return Examination(AT, "", {"one": checks[:1], "two": checks[1:]})


OK, NOTE, WARN = (HealthCheck("x", state, "text") for state in (State.OK, State.NOTE, State.WARN))
BROKEN = HealthCheck("x", State.FAIL, "text", exit=ExitStatus.STATE)
STALE = HealthCheck("x", State.FAIL, "text", exit=ExitStatus.DATA)


@pytest.mark.parametrize(
    ("checks", "state", "status"),
    [
        ((), State.OK, ExitStatus.OK),
        ((OK, NOTE), State.NOTE, ExitStatus.OK),
        ((OK, WARN, NOTE), State.WARN, ExitStatus.DEGRADED),
        ((WARN, BROKEN, STALE), State.FAIL, ExitStatus.STATE),
        ((STALE, BROKEN), State.FAIL, ExitStatus.DATA),
    ],
)
def test_the_worst_is_the_state_and_the_first_failure_the_exit_status(
    checks: tuple[HealthCheck, ...], state: State, status: ExitStatus
) -> None:
    assert (examination(*checks).state, examination(*checks).exit) == (state, status)


def ask(capsys: pytest.CaptureFixture[str], root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    status = run(["doctor", "-w", str(root), "--now", NOW, "--json", *options])
    return status, json.loads(capsys.readouterr().out)


def found(result: dict[str, Any], family: str) -> list[tuple[str, str]]:
    return [(each["state"], each["what"]) for each in result["checks"] if each["family"] == family]


def test_a_desk_after_its_first_morning_has_no_failure(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = ask(capsys, desk.workspace.root)
    assert [each["what"] for each in result["checks"] if each["state"] == "fail"] == []
    assert {each["family"] for each in result["checks"]} >= {"workspace", *FAMILIES, "context"}
    assert list(result) == ["state", "at", "workspace", "checks"]
    assert list(result["checks"][0]) == ["family", "name", "state", "what", "remedy", "exit"]


def test_everything_but_what_is_fine_has_a_remedy_or_is_a_note(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = ask(capsys, desk.workspace.root)
    bad = [each for each in result["checks"] if each["state"] in ("warn", "fail") and not each["remedy"]]
    assert bad == []


def test_without_a_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, result = ask(capsys, tmp_path)
    assert status == ExitStatus.USAGE
    ((state, what),) = found(result, "workspace")
    assert (state, "is not a workspace" in what) == ("fail", True)
    assert found(result, "environment")[0][0] == "ok"
    assert {state for state, _ in found(result, "records")} == {"note"}


def test_with_broken_parameters(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.workspace.desk_yaml.write_text("provider: {use: simulated, seed: 7}\nmonitor: x\n")
    status, result = ask(capsys, desk.workspace.root)
    assert status == ExitStatus.PARAMS
    ((state, what),) = found(result, "workspace")
    assert (state, "monitor" in what) == ("fail", True)
    assert ("note", "not checked: the desk cannot be opened") in found(result, "records")


def test_with_a_damaged_journal(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.workspace.journal.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    status, result = ask(capsys, desk.workspace.root)
    assert status == ExitStatus.STATE
    assert found(result, "records")[0][0] == "fail"
    assert found(result, "market data")[0][0] == "ok"


def test_with_a_damaged_store_and_no_runs(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.workspace.data / "store.json").write_text("{")
    status, result = ask(capsys, desk.workspace.root)
    assert status == ExitStatus.DATA
    assert found(result, "market data")[0][0] == "fail"


def test_both_kinds_of_run_are_compared(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    _, result = ask(capsys, desk.workspace.root, "--scheduled")
    assert found(result, "context")[0][0] == "note"
    _, result = ask(capsys, desk.workspace.root)
    assert found(result, "context") == [("ok", "a job of 2026-01-21 07:10 JST was given what a terminal is")]
    assert set(context.read_contexts(desk.workspace)) == {"scheduled", "by hand"}


def test_people_read_families_states_and_remedies(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor", "-w", str(desk.workspace.root), "--now", NOW])
    text = capsys.readouterr().out
    assert "records\n" in text
    assert "note" in text
    assert "do declare `notify` in params/desk.yaml" in text


def test_a_folder_that_cannot_be_written_does_not_stop_it(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(context, "record_context", refuse)
    assert examine_desk(examined).families["context"]


def named_checks() -> set[str]:
    """The names that checks are given in the code, and those they are asked by."""
    found = {name for looks in FAMILIES.values() for name in looks}
    for path in Path(context.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "HealthCheck" and node.args:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def test_the_documentation_names_every_check_and_no_other() -> None:
    text = (PACKAGE.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.partition("| checks | what they look at |")[2].partition("\n\n")[0]
    names = (row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    documented = {name for each in names for name in re.findall("`([^`]+)`", each)}
    assert documented == named_checks()
