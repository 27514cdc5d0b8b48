"""A notebook of one's own: a copy, which stays as it was left."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError, WriteError
from jstock_core.cli import run
from jstock_core.desk.lab import bench
from jstock_core.desk.lab.bench import copy_notebook, open_app, open_bench
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.runs.notebook.parameters import notebook_parameters
from jstock_core.runs.notebook.serve import ServedAt
from tests.desk.days import MORNING


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "mine.ipynb").write_text('{"cells": []}', encoding="utf-8")
    return Workspace(tmp_path)


def test_a_copy_lies_in_the_data_for_its_owner_alone(workspace: Workspace):
    copy = copy_notebook(workspace, "mine.ipynb")
    assert (copy.path, copy.fresh) == (workspace.data / "lab" / "mine.ipynb", True)
    assert copy.path.read_text(encoding="utf-8") == '{"cells": []}'
    assert os.name != "posix" or copy.path.stat().st_mode & 0o077 == 0


def test_work_is_found_again_and_never_written_over(workspace: Workspace):
    first = copy_notebook(workspace, "mine")
    first.path.write_text("work", encoding="utf-8")
    again = copy_notebook(workspace, "mine")
    assert (again.path, again.fresh) == (first.path, False)
    fresh = copy_notebook(workspace, "mine", fresh=True)
    assert (fresh.path.name, fresh.fresh) == ("mine-2.ipynb", True)
    assert first.path.read_text(encoding="utf-8") == "work"
    assert copy_notebook(workspace, "mine").path == fresh.path  # the newest one is gone on with
    assert copy_notebook(workspace, "mine", fresh=True).path.name == "mine-3.ipynb"


def test_the_notebook_of_the_laboratory_comes_with_jstock(workspace: Workspace):
    copy = copy_notebook(workspace, "lab")
    assert json.loads(copy.path.read_text(encoding="utf-8"))["cells"]
    assert not (workspace.root / "notebooks" / "lab.ipynb").exists()


@pytest.mark.parametrize("name", ["lab", "app", "guide_strategy", "backtest"])
def test_a_copy_lives_at_the_time_of_the_desk(workspace: Workspace, name: str):
    source = workspace.notebook(name)
    assert notebook_parameters(source)["now"].default == "2026-01-21T07:00"
    copy = copy_notebook(workspace, name)
    before, after = notebook_parameters(source), notebook_parameters(copy.path)
    assert after["now"] == replace(before["now"], default="")
    assert {**after, "now": before["now"]} == before
    assert len(json.loads(copy.path.read_bytes())["cells"]) == len(json.loads(source.read_bytes())["cells"])
    later = copy_notebook(workspace, name, fresh=True, now="2026-03-02T12:00")
    assert notebook_parameters(later.path)["now"].default == "2026-03-02T12:00"


@pytest.mark.parametrize("name", ["nothing", "../mine", "../../etc/passwd", ""])
def test_only_notebooks_are_copied(workspace: Workspace, name: str):
    with pytest.raises(UsageError, match="there is no notebook"):
        copy_notebook(workspace, name)


def test_a_folder_that_cannot_be_written_is_said(workspace: Workspace):
    workspace.data.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(WriteError, match="the copy cannot be written"):
        copy_notebook(workspace, "mine")


@pytest.mark.parametrize("opened", [open_bench, open_app])
def test_kernels_find_the_workspace(new: Path, opened, monkeypatch):
    served = []
    for name in ("serve_lab", "serve_app"):
        monkeypatch.setattr(bench, name, lambda path, at, announce: served.append((path, at)))
    copy = opened(open_desk(new, now=MORNING), "lab", ServedAt(port=8890), print)
    ((path, at),) = served
    assert path == copy.path
    assert notebook_parameters(path)["now"].default == MORNING
    assert at == ServedAt(port=8890, variables=(("JSTOCK_WORKSPACE", str(new)),))


@pytest.mark.parametrize("command", ["lab", "app"])
def test_a_fresh_copy_lies_beside_the_one_that_is_there(new: Path, command: str, monkeypatch):
    served = []
    for name in ("serve_lab", "serve_app"):
        monkeypatch.setattr(bench, name, lambda path, *_: served.append(path.name))
    for more in ([], [], ["--fresh"], []):
        assert run([command, "app", *more, "-w", str(new), "--now", MORNING]) == ExitStatus.OK
    assert served == ["app.ipynb", "app.ipynb", "app-2.ipynb", "app-2.ipynb"]
