"""Drills: each failure of the table in docs/operations.md, and the desk afterwards.

Each drill runs `jstock daily` as a schedule would, with one thing wrong. Afterwards the status and the words
are those of the table, nothing false is recorded, and the same command, run again, makes the morning whole.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.day.publishing import executed
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.lock import hold
from jstock_core.market.calendar import at, tse
from jstock_core.runs.latest import latest_run
from jstock_core.testing import copy_desk, simulated_exchange
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.faults import Fault
from tests.desk.days import MORNING, T, edited
from tests.postgres import running_server
from tests.recovery.desks import decisions, facts, typed
from tests.stories.vendor_year import BARS, LAST, desk_on_vendor

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(shared_desk, tmp_path):
    """A desk with some history on the simulated market, before the morning of T."""
    return copy_desk(shared_desk(ready="fetched", history_sessions=5), tmp_path / "desk").workspace.root


def notebook_with(root: Path, source: str) -> Path:
    """Give the desk a daily notebook with one more cell after its day is journaled."""
    notebook = nbformat.read(ROOT / "notebooks" / "daily.ipynb", as_version=4)
    notebook.cells.append(new_code_cell(source))
    path = root / "notebooks" / "daily.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def is_whole(root: Path, day: str = str(T), now: str = MORNING) -> bool:
    """Whether the morning was decided once for each group, is published, and the journal verifies."""
    groups = [event.group for event in decisions(root, day, now)]
    desk = open_desk(root, now=now)
    published = latest_run(root / "runs", desk.calendar.session(T if day == str(T) else LAST))
    verified = typed(root, "state", "verify", now=now)
    assert verified.status == ExitStatus.OK, verified.text
    return sorted(groups) == sorted(group.id for group in desk.groups) and published is not None


@pytest.mark.usefixtures("in_process")
class TestTheProvider:
    """What a vendor can do to a morning."""

    @pytest.fixture
    def vendor(self, tmp_path):
        exchange = simulated_exchange(at(LAST, time(7)), since=tse().back(LAST, 280))
        with desk_on_vendor(tmp_path, exchange, tse().previous(LAST)) as vendor:
            vendor.run(tse().previous(LAST))
            vendor.local.clock.seconds = at(LAST, time(7)).timestamp()
            yield vendor

    now = f"{LAST}T07:00"

    def test_it_is_down(self, vendor):
        before = facts(vendor.root, self.now)
        vendor.local.faults[:] = [Fault("", faults.status(503), times=10_000)]
        said = typed(vendor.root, "daily", "--scheduled", now=self.now)
        assert said.status == ExitStatus.DATA, said.text
        assert "503" in said.text
        assert facts(vendor.root, self.now) == before
        assert "STALE" in (vendor.root / "runs" / str(LAST) / "index.html").read_text(
            encoding="utf-8"
        ) or list((vendor.root / "runs" / str(LAST)).glob("*/report.html"))
        vendor.local.faults.clear()
        assert typed(vendor.root, "daily", "--scheduled", now=self.now).status in (0, ExitStatus.DEGRADED)
        assert is_whole(vendor.root, str(LAST), self.now)

    def test_the_plan_has_expired(self, vendor):
        before = facts(vendor.root, self.now)
        message = "The incoming api key is invalid or expired."
        vendor.local.faults[:] = [Fault("", faults.status(403, message), times=10_000)]
        said = typed(vendor.root, "daily", "--scheduled", now=self.now)
        assert said.status in (ExitStatus.DATA, ExitStatus.PARAMS), said.text
        assert "expired" in said.text
        assert "Traceback" not in said.text
        assert facts(vendor.root, self.now) == before

    def test_it_delivers_half_of_the_stocks(self, vendor):
        before = facts(vendor.root, self.now)
        vendor.local.faults[:] = [Fault(BARS, faults.rows(lambda rows: rows[: len(rows) // 2]), times=10_000)]
        said = typed(vendor.root, "daily", "--scheduled", now=self.now)
        assert said.status == ExitStatus.DATA, said.text
        assert "only 30 of the 60 stocks" in said.text
        assert facts(vendor.root, self.now) == before
        vendor.local.faults.clear()
        typed(vendor.root, "data", "fetch", now=self.now)
        assert typed(vendor.root, "daily", now=self.now).status in (ExitStatus.OK, ExitStatus.DEGRADED)
        assert is_whole(vendor.root, str(LAST), self.now)

    def test_one_stock_is_bad(self, vendor):
        vendor.local.faults[:] = [Fault(BARS, faults.value("C", -5.0), times=10_000)]
        said = typed(vendor.root, "daily", "--scheduled", now=self.now)
        assert said.status == ExitStatus.DEGRADED, said.text
        assert "1003 is blocked" in said.text
        assert is_whole(vendor.root, str(LAST), self.now), "the other stocks are decided"


class TestTheNotebook:
    """What can become of the kernel that runs the day."""

    def test_its_kernel_dies_after_the_decision(self, root):
        own = notebook_with(root, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
        said = typed(root, "daily", "--scheduled", now=MORNING)
        assert said.status == ExitStatus.PUBLISH, said.text
        assert "kernel" in said.text
        assert decisions(root, str(T), MORNING)
        own.unlink()
        self._again(root)

    def test_a_cell_hangs(self, root, monkeypatch):
        monkeypatch.setattr(executed, "CELL_TIMEOUT_S", 8)  # the day itself must pass on a slow machine
        own = notebook_with(root, "import threading\nthreading.Event().wait()")
        said = typed(root, "daily", "--scheduled", now=MORNING)
        assert said.status == ExitStatus.PUBLISH, said.text
        assert "limit" in said.text
        monkeypatch.undo()
        own.unlink()
        self._again(root)

    def _again(self, root):
        before = facts(root, MORNING)
        assert typed(root, "daily", "--scheduled", now=MORNING).status in (ExitStatus.OK, ExitStatus.DEGRADED)
        assert facts(root, MORNING) == before, "nothing is decided twice"
        assert is_whole(root)


NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]  # where everybody may mount


def on_disk(root: Path, disk: Path, prepare: str, mend: str) -> tuple[int, str, int, str]:
    """Run the morning with something mounted at `disk`, and once more after it was mended."""
    disk.mkdir(exist_ok=True)
    daily = f"{sys.executable} -m jstock_core.cli daily --scheduled --workspace {root} --now {MORNING}"
    script = f"{prepare}; {daily}; echo status $?; {mend}; echo; {daily}; echo status $?"
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, cwd=ROOT,
    )  # fmt: skip
    first, second = re.split(r"status (?=\d+)", done.stdout)[1:]
    texts = re.split(r"status \d+", done.stdout)
    return int(first.split()[0]), " ".join(texts[0].split()), int(second.split()[0]), texts[1]


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], check=False).returncode != 0,
    reason="disks are mounted in a namespace, which is not permitted here",
)
class TestTheDisk:
    """A disk that is full, or may only be read: real ones, in memory."""

    def test_it_may_only_be_read(self, root, tmp_path):
        status, text, again, mended = on_disk(
            root, tmp_path / "disk", f"mount --bind {root} {root} && mount -o remount,bind,ro {root}",
            f"mount -o remount,bind,rw {root}",
        )  # fmt: skip
        assert status == ExitStatus.UNWRITABLE, text
        assert "Read-only file system" in text or "read-only" in text.lower()
        assert again in (ExitStatus.OK, ExitStatus.DEGRADED), mended
        assert is_whole(root)

    def test_there_is_no_room_for_the_second_backup(self, root, tmp_path):
        disk = tmp_path / "disk"
        edited(root, "params/desk.yaml", "backup_folder: backups", f"backup_folder: {disk}")
        status, text, again, mended = on_disk(
            root, disk, f"mount -t tmpfs -o size=16k full {disk}", f"umount {disk}"
        )
        assert status == ExitStatus.PUBLISH, text
        assert "No space left" in text
        assert again in (ExitStatus.OK, ExitStatus.DEGRADED), mended
        assert is_whole(root)

    def test_there_is_no_room_for_the_report(self, root, tmp_path):
        runs = root / "runs"
        runs.mkdir(exist_ok=True)
        status, text, again, mended = on_disk(
            root, runs, f"mount -t tmpfs -o size=400k full {runs}", f"umount {runs}"
        )
        assert status == ExitStatus.PUBLISH, text
        assert "No space left" in text
        assert again in (ExitStatus.OK, ExitStatus.DEGRADED), mended
        assert is_whole(root)


@contextmanager
def held(root: Path) -> Iterator[None]:
    """The desk held by another process, as its writer holds it."""
    code = (
        "import sys\nfrom jstock_core.desk.workspace.desk import open_desk\n"
        f"with open_desk({str(root)!r}, now={MORNING!r}).hold('a test'):\n    print('held', flush=True)\n"
        "    sys.stdin.read()"
    )
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "held\n"
        yield
        other.stdin.close()


@pytest.mark.usefixtures("in_process")
class TestTheDesk:
    """Another program, or a person, got in the way."""

    def test_another_run_holds_it(self, root, monkeypatch):
        monkeypatch.setattr("jstock_core.desk.workspace.desk.hold", partial(hold, patience=0.1))
        with held(root):
            said = typed(root, "daily", "--scheduled", now=MORNING)
        assert said.status == ExitStatus.LOCKED, said.text
        assert not decisions(root, str(T), MORNING)
        assert typed(root, "daily", "--scheduled", now=MORNING).status in (ExitStatus.OK, ExitStatus.DEGRADED)
        assert is_whole(root)

    def test_its_parameters_are_broken_by_an_edit(self, root):
        edited(root, "params/groups/conservative.yaml", "buy_threshold: 65", "buy_treshold: 65")
        said = typed(root, "daily", "--scheduled", now=MORNING)
        assert said.status == ExitStatus.PARAMS, said.text
        assert "buy_treshold" in said.text
        assert "conservative.yaml" in said.text
        edited(root, "params/groups/conservative.yaml", "buy_treshold: 65", "buy_threshold: 65")
        assert typed(root, "daily", "--scheduled", now=MORNING).status in (ExitStatus.OK, ExitStatus.DEGRADED)
        assert is_whole(root)


class TestTheDatabase:
    """The journal is on a server, and the server goes."""

    @pytest.fixture
    def server(self):
        with running_server() as server:
            yield server

    def test_it_is_gone_in_the_middle_of_a_morning(self, root, server, monkeypatch):
        monkeypatch.setenv("JSTOCK_JOURNAL_URL", server.new_database("desk"))
        words = [*server.prefix, str(server.programs / "pg_ctl"), *server.stop_words()[1:]]
        own = notebook_with(root, f"import subprocess\nsubprocess.run({words!r}, check=True, cwd='/')")
        said = typed(root, "daily", "--scheduled", now=MORNING)
        assert said.status == ExitStatus.PUBLISH, said.text
        assert f"the report of {T} is published" in said.text
        assert latest_run(root / "runs", T) is not None
        own.unlink()
        down = typed(root, "daily", "--scheduled", now=MORNING)
        assert down.status == ExitStatus.STATE, down.text
        assert "see that the server runs" in down.text
        server.start()
        assert typed(root, "daily", "--scheduled", now=MORNING).status in (ExitStatus.OK, ExitStatus.DEGRADED)
        assert is_whole(root)
