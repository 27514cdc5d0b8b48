"""Storms over the files of the state: killed runs, flipped bytes, many writers. Also a program:

    python -m tests.state.storms kills 200      killed (SIGKILL) at so many random points of a run
    python -m tests.state.storms writes         killed before every write to a file that a run makes
    python -m tests.state.storms calls          the same under strace: before every system call that writes
    python -m tests.state.storms flips 2000     so many bytes flipped or cut, over all files of the state
    python -m tests.state.storms writers 20     so many processes recording the same and their own at once

These are of a state in miniature (`miniature`); nothing in them sleeps or looks at a clock, the points are
drawn from a seed. Storms over a whole desk and its commands are in `tests.storms`, and can be named here:

    python -m tests.state.storms daily 200
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.journal.backups import sound_backups
from jstock_core.state.views.views import production_state, trade_history, write_json
from tests.state.events import buy

from .miniature import MEMORY, MORNINGS, VIEWS, child, compare, content, journal_in, run, uninterrupted

SEED = 20260105
ROOT = Path(__file__).parents[2]


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
        book = replay(wanted[1])
        state = production_state(book, {}, "2026-01-05T07:00:00+09:00")
        data = dict(zip(VIEWS, (state, trade_history(wanted[1], book)), strict=True))[file.name]
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


STORMS = {"kills": kills, "writes": writes, "calls": calls, "flips": flips, "writers": writers}


def main(what, *rest):
    if what == "run":
        run(Path(rest[0]))
        return ""
    if what == "idle":
        return ""
    if what in STORMS and all(word.isdigit() for word in rest):
        return STORMS[what](*map(int, rest)) + "\n"
    from tests.storms.__main__ import main as let_loose

    return let_loose([what, *rest]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))
