"""A little of each storm over a whole desk; `python -m tests.storms` tells how to let loose the whole ones.

They fork, which a process with threads of its own must not, so they run in a process of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.workspace.desk import open_desk

from .commands import DAILY
from .desks import ROOT, copied, half_written, left_behind, report, said, unsound
from .trees import Tree

MINE = """
import os, signal, sys

def hook(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("{file}"):
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
"""
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(),
    reason="the storms look for processes in /proc, which is not here",
)


def test_a_desk_stands_a_little_of_each():
    done = subprocess.run(
        [sys.executable, "-m", "tests.storms", "sample"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    daily, ordered, faults, fact, damage, recorders = done.stdout.splitlines()
    assert "1 kills before the" in daily
    assert "2 kills before the" in ordered
    assert "1 errors and 1 full disks" in faults
    assert "1 errors and 1 full disks" in fact
    assert "0 faults" in damage
    assert "each fill once" in recorders


def test_three_days_without_a_person():
    """The short form of the year: as its schedule says, in three time zones, with all that befalls a year."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.storms", "year-here", "3"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 mornings" in done.stdout
    assert "1 killed" in done.stdout or "1 ended before the kill" in done.stdout
    assert "1 outages" in done.stdout


NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]  # where everybody may mount
TRACER = ["strace", "--quiet=all", "--output", os.devnull]


def works(*words: str) -> bool:
    """Whether a program is here and is permitted."""
    return bool(shutil.which(words[0])) and subprocess.run([*words, "true"], check=False).returncode == 0


@pytest.mark.parametrize(
    ("needed", "before", "words", "told"),
    [
        (TRACER, [], ["errors", "deposit", "60"], " errors at the"),
        (NAMESPACE, NAMESPACE, ["disks", "deposit", "2"], "2 disks with 0 to"),
    ],
    ids=["errors", "disks"],
)
def test_a_fact_stands_errors_below_python(needed, before, words, told):
    if not works(*needed):
        pytest.skip(f"{needed[0]} is not here, or not permitted")
    done = subprocess.run(
        [*before, sys.executable, "-m", "tests.storms", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert told in done.stdout


def mine_notebook(root: Path, file: str) -> Path:
    """Give the desk a daily notebook that kills its caller and its kernel where it would put `file` in place.

    Nothing reaches a kernel from outside: the notebook carries it.
    """
    notebook = nbformat.read(ROOT / "notebooks" / "daily.ipynb", as_version=4)
    at = next(n for n, cell in enumerate(notebook.cells) if "import jstock_core" in cell.source)
    notebook.cells.insert(at, new_code_cell(MINE.format(file=file)))
    path = root / "notebooks" / "daily.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def test_a_kernel_killed_with_its_caller_between_journal_and_views(tmp_path):
    """The whole command: the journal has the morning and nothing else does. Run again, all of it is there."""
    root = DAILY.desk(tmp_path / "desk")
    whole = copied(root, tmp_path / "whole")
    mined = mine_notebook(root, "state/production_state.json")
    killed = Tree.start(DAILY.on(root))
    assert killed.end(300)[0] == -signal.SIGKILL
    mined.unlink()
    assert killed.gone_within(30)
    assert not list(half_written(root))
    assert not list((root / "runs").glob("2*"))
    status, out = Tree.start(DAILY.on(root)).end(300)
    assert status == ExitStatus.OK, out
    assert report(root, DAILY.publishes).mode == "show_again"
    assert not unsound(root, DAILY.now)
    assert not left_behind(root)
    from jstock_core.desk.day.day import run_day

    run_day(open_desk(whole, now=DAILY.now))
    assert said(root, DAILY.now) == said(whole, DAILY.now)
