"""A schedule shown, installed, removed and compared with what is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from jstock_core.base.errors import UsageError, WriteError
from jstock_core.base.limits import read_utf8
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import VARIABLE
from jstock_core.ops.schedule.declaration import Declaration, declare_schedule
from jstock_core.ops.schedule.place import SchedulePlace
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.results import ScheduleChange, ScheduleStatus, ScheduleView
from jstock_core.ops.schedule.scheduler import Files, Host
from jstock_core.ops.schedule.times import NextRun, next_session_run
from jstock_core.runs.catalogue.summaries import read_trade_day
from jstock_core.runs.catalogue.summary import RunSummary
from jstock_core.runs.latest import run_days


def show_schedule(desk: Desk, place: SchedulePlace, python: str = "") -> ScheduleView:
    """The files of the desk's schedule and its next runs; nothing is changed.

    Raises:
        UsageError: the desk is historical, or a path cannot be written for this kind.

    """
    declared = declare_schedule(desk, python)
    files = place.scheduler.wanted(declared, place.host, place.read)
    runs, notes = _next_runs(declared, place.host), _notes(declared, place)
    return ScheduleView(declared=declared, place=place, files=files, next_runs=runs, notes=notes)


def install_schedule(desk: Desk, place: SchedulePlace, python: str = "") -> ScheduleChange:
    """Install the desk's schedule, or bring an older one up to the declaration.

    Raises:
        UsageError: as `show_schedule`, or a file of that name is not jstock's.
        WriteError: the platform refuses the files, or they cannot be written or taken up.

    """
    view = show_schedule(desk, place, python)
    declared, scheduler = view.declared, place.scheduler
    own = scheduler.without(declared.label, place.read)
    changes = place.differences({**own, **view.files})
    inactive = () if place.scratch or changes else scheduler.inactive(declared, place.host)
    about = {"kind": place.kind, "label": declared.label, "place": place.name}
    told = {"next_runs": view.next_runs, "notes": view.notes}
    if not changes and not inactive:
        return ScheduleChange(state="already installed", **about, **told)  # type: ignore[arg-type]
    _refuse_foreign(place, changes, own)
    _check(place, view.files)
    gone = tuple(name for name, content in changes.items() if content is None)
    if not place.scratch:
        scheduler.deactivate(declared.label, gone, place.host)
    place.write(changes)
    failed = "" if place.scratch else scheduler.activate(declared, place.folder or Path(), place.host)
    if failed:
        raise WriteError(
            f"the schedule is written and not taken up: {failed}",
            where=place.name,
            do="mend that, then run `jstock schedule install` again",
        )
    written = tuple(name for name in changes if name not in gone)
    state = "updated" if own else "installed"
    return ScheduleChange(state=state, written=written, removed=gone, **about, **told)  # type: ignore[arg-type]


def remove_schedule(desk: Desk, place: SchedulePlace) -> ScheduleChange:
    """Remove what was installed for the desk, and nothing else.

    Raises:
        WriteError: a file cannot be removed.

    """
    label = declare_schedule(desk).label
    own = place.scheduler.without(label, place.read)
    if own and not place.scratch:
        place.scheduler.deactivate(label, tuple(own), place.host)
    place.write(own)
    return ScheduleChange(
        state="removed" if own else "not installed", kind=place.kind, label=label, place=place.name,
        removed=tuple(own),
    )  # fmt: skip


def schedule_status(desk: Desk, place: SchedulePlace, python: str = "") -> ScheduleStatus:
    """How the machine's schedule stands to the declaration, when it runs next, and what ran last.

    Raises:
        UsageError: as `show_schedule`.

    """
    view = show_schedule(desk, place, python)
    own = place.scheduler.without(view.declared.label, place.read)
    differing = tuple(place.differences({**own, **view.files}))
    state: Literal["installed", "out of date", "not installed"] = (
        "not installed" if not own else "out of date" if differing else "installed"
    )
    asked = bool(own) and not place.scratch
    return ScheduleStatus(
        state=state,
        kind=place.kind,
        label=view.declared.label,
        place=place.name,
        differing=differing if own else (),
        inactive=tuple(place.scheduler.inactive(view.declared, place.host)) if asked else (),
        next_runs=view.next_runs if own else (),
        last_run=_last_run(desk),
    )


def _refuse_foreign(place: SchedulePlace, changes: Iterable[str], own: Files) -> None:
    """Make sure that no file is replaced that jstock did not write.

    Raises:
        UsageError: one would be.

    """
    for name in changes:
        if place.kind != "cron" and name not in own and place.read(name) is not None:
            raise UsageError(f"{name} is there, and not made by jstock", where=place.name, do="move it away")


def _check(place: SchedulePlace, files: Mapping[str, bytes]) -> None:
    """Let the platform's tool judge the files before they lie where its scheduler reads.

    Raises:
        WriteError: it refuses one.

    """
    faults = place.scheduler.check(files, place.folder or Path(), place.host)
    if faults:
        raise WriteError(
            f"the scheduler would refuse this: {'; '.join(faults)}",
            where=place.name,
            do="nothing was installed; see what `jstock schedule show` prints",
        )


def _next_runs(declared: Declaration, host: Host) -> tuple[NextRun, ...]:
    found = (next_session_run(job.name, job.at, host.now, host.zone) for job in declared.jobs)
    return tuple(sorted((run for run in found if run is not None), key=lambda run: run.jst))


def _notes(declared: Declaration, place: SchedulePlace) -> tuple[str, ...]:
    secrets = f"secrets: {place.scheduler.secrets.format(file=declared.secrets)}"
    lost = sorted(_set_here() - _given(declared, place.kind))
    names = f"set here and not given to jobs: {', '.join(lost)}"
    return (secrets, *([names] if lost else []), *place.scheduler.notes(declared, place.host))


def _set_here() -> set[str]:
    """The variables of jstock and J-Quants that this process has; a job gets the workspace as an option."""
    return {name for name in os.environ if name.startswith(("JSTOCK_", "JQUANTS_"))} - {VARIABLE}


def _given(declared: Declaration, kind: Kind) -> set[str]:
    """The variables among them that a job gets: those of the file; on Windows all that the user has."""
    if kind == "windows":
        return _set_here()
    try:
        lines = read_utf8(declared.secrets).splitlines() if kind in ("systemd", "cron") else []
    except (OSError, ValueError):
        return set()
    return {line.removeprefix("export ").partition("=")[0].strip() for line in lines}


def _last_run(desk: Desk) -> RunSummary | None:
    """The newest run of the newest trade date that has one; a rehearsal is no run of the schedule."""
    for name in reversed(run_days(desk.workspace.runs)):
        day = read_trade_day(desk.workspace.runs / name)
        for run in day.runs if day else ():
            if not run.rehearsal:
                return run
    return None
