"""Storms over the files of the state: killed runs, flipped bytes, many writers. Also a program:

    python -m tests.state.storms kills 200      killed (SIGKILL) at so many random points of a run
    python -m tests.state.storms writes         killed before every write to a file that a run makes
    python -m tests.state.storms calls          the same under strace: before every system call that writes
    python -m tests.state.storms flips 2000     so many bytes flipped or cut, over all files of the state
    python -m tests.state.storms writers 20     so many processes recording the same and their own at once

A run is what a desk does to its state on one morning after another: append, views, backup. Each child is a
fork of this process, so that nothing but the run itself happens between two points. Nothing here sleeps or
looks at a clock; the points are drawn from a seed.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import sqlalchemy.dialects.sqlite
from filelock import FileLock

from jstock_core.errors import StateError
from jstock_core.state import tables
from jstock_core.state.backups import keep_backup, sound_backups
from jstock_core.state.book import replay
from jstock_core.state.corrections import correction
from jstock_core.state.journal import Journal
from jstock_core.state.verify import faults
from jstock_core.state.views import production_state, trade_history, write_json

from .facts import buy, cash_found, day, deposit, fee, order, sell, split

USED = (sqlalchemy.dialects.sqlite, FileLock, tables)  # imported here, so that no child imports them
FIRST = (deposit(), buy(300, 3000, 1))
MORNINGS = [
    FIRST,
    (order("BUY", 100, 2), buy(100, 3100, 2, order=order("BUY", 100, 2))),
    (sell(150, 3200, 4), fee(275, sell(150, 3200, 4), 4)),
    (correction(FIRST, FIRST[1].id, buy(300, 3010, 1), session=day(4), reason="typed wrongly"),),
    (split(2, 1, 7), cash_found(-40, 7)),
    (sell(100, 1700, 8), buy(100, 900, 8, code="6501")),
]  # fmt: skip
VIEWS = ("production_state.json", "trade_history.json")
SEED = 20260105
ROOT = Path(__file__).parents[2]
# A killed process loses nothing that it gave to the system, so a disk in memory proves the same, faster.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def journal_in(folder):
    """The journal of a state folder, with a clock that only counts."""
    ticks = count()
    start = datetime(2026, 1, 5, tzinfo=UTC)
    return Journal.open(
        folder / "journal.sqlite", "simulated:1", lambda: start + timedelta(minutes=next(ticks))
    )


def run(folder):
    """All mornings, each in an opened desk of its own; what was done already changes nothing."""
    for events in MORNINGS:
        journal = journal_in(folder)
        journal.append(events)
        state = production_state(journal.book(), {}, "2026-01-05T07:00:00+09:00")
        for name, data in zip(VIEWS, (state, trade_history(journal.events())), strict=True):
            write_json(folder / name, data)
        keep_backup(journal, [folder / name for name in VIEWS], folder / "backups")


def content(folder):
    """What the state says, but for when it was recorded."""
    journal = journal_in(folder)
    views = [(folder / name).read_bytes() for name in VIEWS]
    return journal.history(), journal.events(), journal.book(), views


def child(work, *arguments):
    """Run something in a fork; the signal it died of, 0 where it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work(*arguments)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a run failed that nobody killed")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def stepping(at, say=None):
    """Count every line of Python that is run, and die at number `at`."""
    done = count(1)
    last = [0]

    def trace(_frame, event, _argument):
        if event == "line":
            last[0] = next(done)
            if last[0] == at:
                die()
        return trace

    def stop():
        sys.settrace(None)
        if say is not None:
            os.write(say, str(last[0]).encode())

    sys.settrace(trace)
    return stop


def stepped_run(folder, at, say=None):
    stop = stepping(at, say)
    run(folder)
    stop()


WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def written_run(folder, at, say=None):
    """Count everything that changes a file and can be seen from Python, and die before number `at`."""
    done, last = count(1), [0]

    def before():
        last[0] = next(done)
        if last[0] == at:
            die()

    def hook(event, arguments):
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if event in WRITES or writes:
            before()

    sync = os.fsync

    def synced(handle):
        before()
        sync(handle)

    from sqlalchemy import Engine
    from sqlalchemy import event as events

    for name in ("before_cursor_execute", "commit"):
        events.listen(Engine, name, lambda *_: before())
    sys.addaudithook(hook)
    os.fsync = synced
    run(folder)
    if say is not None:
        os.write(say, str(last[0]).encode())


def points(counted):
    """How many points a whole run has."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        reading, writing = os.pipe()
        child(counted, Path(folder), 0, writing)
        os.close(writing)
        return int(os.read(reading, 20))


def killed_and_run_again(kill, at, wanted):
    """Kill a run at a point, run again, and compare with the run that nobody killed."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        assert kill(folder, at) == signal.SIGKILL, f"point {at} was not reached"
        run(folder)
        compare(folder, wanted, at)


def compare(folder, wanted, at):
    assert content(folder) == wanted, f"after a kill at {at} the state is another"
    assert not list(faults(journal_in(folder).events())), at
    backups = sound_backups(folder / "backups")
    assert 1 <= len(backups) <= 3, at
    assert backups[0].seq == len(wanted[0]), at
    left = [path.name for path in (folder / "backups").iterdir() if path.name.startswith(".")]
    assert left == [], at


def uninterrupted():
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        run(Path(name))
        return content(Path(name))


def kills(number):
    """Killed at random lines of Python, anywhere in it."""
    wanted, last = uninterrupted(), points(stepped_run)
    draw = random.Random(SEED)
    for at in sorted(draw.sample(range(1, last + 1), number)):
        killed_and_run_again(lambda folder, n: child(stepped_run, folder, n), at, wanted)
    return f"{number} kills at random points of {last:,}: no difference"


def writes(every=1):
    """Killed before each write that Python sees."""
    wanted, last = uninterrupted(), points(written_run)
    numbers = range(1, last + 1, every)
    for at in numbers:
        killed_and_run_again(lambda folder, n: child(written_run, folder, n), at, wanted)
    return f"{len(numbers)} kills before the writes of a run ({last} in all): no difference"


CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "mkdir", "openat")


def traced(words, log, call="", at=0):
    """This program under strace, killed when it makes that call for the `at`th time; the calls it made."""
    inject = ["-e", f"inject={call}:signal=KILL:when={at}"] if call else []
    command = ["strace", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}", *inject]
    program = [sys.executable, "-m", "tests.state.storms", *words]
    subprocess.run([*command, *program], check=False, capture_output=True, cwd=ROOT)
    made = re.findall(r"^(\w+)\(", log.read_text(errors="replace"), re.MULTILINE)
    log.unlink()
    return {name: made.count(name) for name in CALLS}


def calls(every=1):
    """Killed at each system call that may change a file, those inside of SQLite's commit included.

    What the interpreter's own start makes of them is counted first and passed over.
    """
    wanted, number = uninterrupted(), 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        log = Path(name) / "log"
        idle, made = traced(["idle"], log), traced(["run", _made(Path(name) / "whole")], log)
        for call, times in made.items():
            for at in range(idle[call] + 1, times + 1, every):
                number += 1
                folder = _made(Path(name) / str(number))
                traced(["run", folder], log, call, at)
                run(folder)
                compare(folder, wanted, (call, at))
    return f"{number} kills at system calls that write: no difference"


def _made(folder):
    folder.mkdir()
    return folder


def flips(number):
    """Bytes flipped, or files cut, one at a time: seen and left alone, or without effect."""
    draw, seen, harmless = random.Random(SEED), 0, 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name) / "state"
        folder.mkdir()
        run(folder)
        wanted = content(folder)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]
        for _ in range(number):
            file = draw.choice(files)
            whole = file.read_bytes()
            at = draw.randrange(len(whole))
            cut = draw.random() < 0.2
            file.write_bytes(whole[:at] if cut else _flipped(whole, at, draw.randrange(1, 256)))
            if _survives(folder, file, wanted):
                harmless += 1
            else:
                seen += 1
            file.write_bytes(whole)
        assert content(folder) == wanted
    return f"{number} bytes flipped or files cut: {seen} seen, {harmless} harmless, 0 written over"


def _flipped(whole, at, bits):
    damaged = bytearray(whole)
    damaged[at] ^= bits
    return bytes(damaged)


def _survives(folder, file, wanted):
    """Whether the journal says the same in spite of it; the file is looked at and not touched."""
    before, told = file.read_bytes(), True
    try:
        journal = journal_in(folder)
        same = journal.history() == wanted[0]
        journal.append([])
    except StateError as error:
        told = bool(error.where and error.do)
        same = None
    assert told, f"{file}: the error does not say where, or what to do"
    assert file.read_bytes() == before, f"{file} was written over"
    if file.parent.parent.name == "backups":
        assert not any(backup.folder == file.parent for backup in sound_backups(folder / "backups")), file
        return False
    if file.name in VIEWS:
        state = production_state(replay(wanted[1]), {}, "2026-01-05T07:00:00+09:00")
        data = dict(zip(VIEWS, (state, trade_history(wanted[1])), strict=True))[file.name]
        write_json(folder / "made.json", data)
        assert (folder / "made.json").read_bytes() != before
        (folder / "made.json").unlink()
        return False
    assert same in (None, True), f"{file} was damaged and believed"
    return same is True


def recorded(folder, number):
    """What one of many writers records: what all record, and a fill of its own."""
    own = buy(100, 1000 + number, 9, code="9984")
    for events in MORNINGS:
        journal_in(folder).append(events)
    journal_in(folder).append([own])


def writers(number):
    """Many processes at once: every fact once."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        pids = []
        for n in range(number):
            pid = os.fork()
            if pid == 0:
                recorded(folder, n)
                os._exit(0)
            pids.append(pid)
        assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * number
        history = journal_in(folder).history()
        facts = sum(len(events) for events in MORNINGS) + number
        assert len(history) == len({event.id for event in history}) == facts
        lots = journal_in(folder).book().group("core").lots["9984"]
        assert sorted(lot.cost for lot in lots) == [100 * (1000 + n) for n in range(number)]
    return f"{number} processes recorded at once: {facts} facts, each once"


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "run":
        run(Path(rest[0]))
    elif what != "idle":
        storm = {"kills": kills, "writes": writes, "calls": calls, "flips": flips, "writers": writers}[what]
        sys.stdout.write(storm(*map(int, rest)) + "\n")
