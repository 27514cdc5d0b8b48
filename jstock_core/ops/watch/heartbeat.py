"""The last end of each job, in one small file beside the runs: `runs/heartbeat.json`.

A watchdog on another machine sees only this file, or a copy of it: it names no folder and no money.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import MEGABYTE, parse_json, read_file
from jstock_core.runs.files import lock_runs

FILE = "heartbeat.json"
CLOSED = "closed"
"""The status of a job that found the market closed, and did nothing."""


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """How a job ended last: `status` is that of its run, "failed" where there is none, or "closed".

    Times are JST. `run_id` is "" without a published run; `next_expected` None where none is scheduled.
    """

    job: str
    trade_date: date
    status: str
    exit: int
    started: datetime
    finished: datetime
    run_id: str = ""
    next_expected: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "job": self.job,
            "trade_date": str(self.trade_date),
            "status": self.status,
            "exit": self.exit,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": self.finished.isoformat(timespec="seconds"),
            "run_id": self.run_id,
            "next_expected": None if self.next_expected is None else self.next_expected.isoformat(),
        }


def read_heartbeats(runs: Path) -> dict[str, Heartbeat]:
    """The last end of each job, by its name; empty where no job has ended yet.

    Raises:
        DataError: the file is damaged.

    """
    with _damage(runs):
        found = _content(runs)["jobs"]
        return {str(name): _read(str(name), fields) for name, fields in found.items()}


def read_scheduled(runs: Path) -> dict[str, datetime]:
    """The jobs that are scheduled, and since when they are known to be.

    Raises:
        DataError: the file is damaged.

    """
    with _damage(runs):
        return {str(name): _moment(since) for name, since in _content(runs).get("scheduled", {}).items()}


def _content(runs: Path) -> Any:
    try:
        return parse_json(read_file(runs / FILE, MEGABYTE))
    except FileNotFoundError:
        return {"jobs": {}}


@contextmanager
def _damage(runs: Path) -> Iterator[None]:
    """Name the file where its content is not such as was written.

    Raises:
        DataError: it is not.

    """
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"the heartbeat cannot be read: {type(error).__name__}",
            where=str(runs / FILE),
            do="remove the file; the next job writes it again",
        ) from None


def write_heartbeat(runs: Path, beat: Heartbeat, jobs: Collection[str]) -> None:
    """Put the end of a job in place of its last one; `jobs` are those scheduled, others are forgotten.

    The end of an older trade date, as of a report shown again, takes no newer one's place.

    Raises:
        OSError: the folder cannot be written.

    """
    make_private_folder(runs)
    with lock_runs(runs):
        try:
            known, since = read_heartbeats(runs), read_scheduled(runs)
        except DataError:
            known, since = {}, {}
        last = known.get(beat.job)
        if last is not None and last.trade_date > beat.trade_date:
            return
        kept = {name: each for name, each in known.items() if name in jobs}
        scheduled = {name: since.get(name, beat.finished) for name in jobs}
        write_atomically(runs / FILE, _text({**kept, beat.job: beat}, scheduled).encode())


def _text(beats: Mapping[str, Heartbeat], scheduled: Mapping[str, datetime]) -> str:
    since = {name: scheduled[name].isoformat(timespec="seconds") for name in sorted(scheduled)}
    jobs = {name: beats[name].as_json() for name in sorted(beats)}
    return json.dumps({"version": 1, "scheduled": since, "jobs": jobs}, indent=2) + "\n"


def _read(name: str, fields: Mapping[str, Any]) -> Heartbeat:
    expected = fields["next_expected"]
    return Heartbeat(
        job=name,
        trade_date=date.fromisoformat(fields["trade_date"]),
        status=str(fields["status"]),
        exit=int(fields["exit"]),
        started=_moment(fields["started"]),
        finished=_moment(fields["finished"]),
        run_id=str(fields["run_id"]),
        next_expected=None if expected is None else _moment(expected),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
