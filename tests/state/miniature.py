"""A desk's state in miniature: what a run does to it on one morning after another, and what it says then.

A run is append, views, backup. Each child is a fork of this process, so that nothing but the run itself
happens between two points.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import sqlalchemy.dialects.sqlite
from filelock import FileLock

from jstock_core.state.journal.backups import sound_backups, write_backup
from jstock_core.state.journal.in_force.corrections import make_correction
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.stores import tables
from jstock_core.state.journal.verify import find_faults
from jstock_core.state.views.views import production_state, trade_history, write_json
from tests.state.events import buy, cash_found, day, deposit, fee, order, sell, split

USED = (sqlalchemy.dialects.sqlite, FileLock, tables)  # imported here, so that no child imports them
FIRST = (deposit(), buy(300, 3000, 1))
MORNINGS = [
    FIRST,
    (order("BUY", 100, 2), buy(100, 3100, 2, order=order("BUY", 100, 2))),
    (sell(150, 3200, 4), fee(275, sell(150, 3200, 4), 4)),
    (make_correction(FIRST, FIRST[1].id, buy(300, 3010, 1), session=day(4), reason="typed wrongly"),),
    (split(2, 1, 7), cash_found(-40, 7)),
    (sell(100, 1700, 8), buy(100, 900, 8, code="6501")),
]  # fmt: skip
VIEWS = ("production_state.json", "trade_history.json")
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
        book = journal.book()
        state = production_state(book, {}, "2026-01-05T07:00:00+09:00")
        for name, data in zip(VIEWS, (state, trade_history(journal.events(), book)), strict=True):
            write_json(folder / name, data)
        write_backup(journal, [folder / name for name in VIEWS], folder / "backups")


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


def uninterrupted():
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        run(Path(name))
        return content(Path(name))


def compare(folder, wanted, at):
    assert content(folder) == wanted, f"after a kill at {at} the state is another"
    assert not list(find_faults(journal_in(folder).events())), at
    backups = sound_backups(folder / "backups")
    assert 1 <= len(backups) <= 3, at
    assert backups[0].seq == len(wanted[0]), at
    left = [path.name for path in (folder / "backups").iterdir() if path.name.startswith(".")]
    assert left == [], at
