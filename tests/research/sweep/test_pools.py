"""Processes that work on a sweep: copies of this one where that is safe, else new ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from threading import Event, Thread

from jstock_core.research.sweep.pools import PRELOADED, local_pool

said = []


def read():
    return said


def missing():
    return [name for name in PRELOADED if name not in sys.modules]


if __name__ == "__main__":
    ended = Event()
    if sys.argv[1] == "a thread":
        Thread(target=ended.wait).start()
    said.append("before")
    executor = local_pool(2).open()
    said.append("after")
    print(*executor.submit(read if sys.argv[1] == "nothing" else missing).result())
    executor.shutdown()
    ended.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
@pytest.mark.parametrize(("beside", "seen"), [("nothing", "before"), ("a thread", "")])
def test_processes_are_copies_of_this_one_where_no_other_thread_runs(beside, seen, tmp_path: Path):
    """A copy is made when the pool is opened. Else it is one of a process that has imported what it needs."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    words = [sys.executable, "-W", "error", str(script), beside]
    done = subprocess.run(words, cwd=Path.cwd(), capture_output=True, text=True, check=False)
    assert done.stdout.strip() == seen, done.stderr


CHANGED = """
import os
from threading import Event, Thread

from jstock_core.research.sweep.pools import local_pool


def ask():
    return os.environ.get("ADDED"), os.environ.get("REMOVED")


if __name__ == "__main__":
    ended = Event()
    Thread(target=ended.wait).start()
    os.environ["REMOVED"] = "first"
    for _ in range(2):
        executor = local_pool(2).open()
        print(executor.submit(ask).result())
        executor.shutdown()
        os.environ["ADDED"] = "second"
        os.environ.pop("REMOVED", None)
    ended.set()
"""


def test_processes_have_the_environment_of_the_time_at_which_the_pool_is_opened(tmp_path: Path):
    """Also beside other threads, as in a notebook, where what they are copies of was started before."""
    script = tmp_path / "script.py"
    script.write_text(CHANGED)
    words = [sys.executable, "-W", "error", str(script)]
    done = subprocess.run(words, cwd=Path.cwd(), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["(None, 'first')", "('second', None)"], done.stderr


KILLED = """
import os
import sys
from threading import Event, Thread

from jstock_core.research.sweep.pools import local_pool

if __name__ == "__main__":
    if sys.argv[1] == "a thread":
        Thread(target=Event().wait, daemon=True).start()
    executor = local_pool(2).open()
    for _ in range(2):
        executor.submit(os.getpid).result()
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed this way there")
@pytest.mark.parametrize("beside", ["nothing", "a thread"])
def test_processes_end_with_the_one_that_shares_out(beside, tmp_path: Path):
    """They hold its output, so that it is read to its end only when none is left."""
    script = tmp_path / "script.py"
    script.write_text(KILLED)
    done = subprocess.run(
        [sys.executable, str(script), beside], cwd=Path.cwd(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == -9
