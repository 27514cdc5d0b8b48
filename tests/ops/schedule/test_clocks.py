"""Drills of clocks and of what changes between mornings: nothing is decided twice, and all of it is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.runs.latest import latest_run, run_days
from jstock_core.runs.manifest import RunStatus, read_manifest
from jstock_core.state.facts.events import Decided, Event
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import panel
from tests.architecture import ROOT
from tests.desk.days import NEXT, D, T, journaled

GOOD = (ExitStatus.OK, ExitStatus.DEGRADED)
ZONES = ("America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Pacific/Auckland")


def start(root: Path, now: str) -> int:
    return run(["daily", "--scheduled", "-w", str(root), "--now", now])


def decisions(events: tuple[Event, ...], since: date) -> list[date]:
    """Sessions that were decided, as often as they were."""
    groups = {e.group for e in events if isinstance(e, Decided)}
    first = min(groups)
    return [e.session for e in events if isinstance(e, Decided) and e.group == first and e.session >= since]


# --- the zone of the host -------------------------------------------------------------------------------


@pytest.fixture
def zone() -> Iterator[pytest.MonkeyPatch]:
    """Sets the zone of this machine, for this process and those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set on Windows")
def test_a_host_whose_zone_changes_decides_what_one_in_tokyo_does(fresh: Path, tmp_path: Path, zone) -> None:
    other = Path(shutil.copytree(fresh, tmp_path / "tokyo", symlinks=True))
    sessions = tse().between(T, T + timedelta(days=7))[: len(ZONES)]
    for name, session in zip(ZONES, sessions, strict=True):
        zone.setenv("TZ", name)
        time.tzset()
        local = decision_time(session).astimezone(ZoneInfo(name))
        early, late = local - timedelta(hours=1), local + timedelta(hours=1)
        assert (
            start(fresh, early.isoformat()) == ExitStatus.OK
        )  # the other of the two hours that may be right
        assert start(fresh, local.isoformat()) in GOOD
        assert start(fresh, late.isoformat()) == ExitStatus.OK
    zone.delenv("TZ")
    time.tzset()
    for session in sessions:
        run_day(open_desk(other, now=f"{session}T07:00"))
    end = f"{sessions[-1]}T08:00"
    moved, still = journaled(fresh, end), journaled(other, end)
    assert decisions(moved, T) == list(sessions)
    assert [replace(e, details=None) if isinstance(e, Decided) else e for e in moved] == [
        replace(e, details=None) if isinstance(e, Decided) else e for e in still
    ]
    for session in sessions:
        assert len(list((fresh / "runs" / str(session)).glob("2*"))) == 1


# --- a clock that is wrong by a day ---------------------------------------------------------------------


def market(last: date) -> Panel:
    days = tse().between(date(2025, 12, 1), last)
    return panel({"7203": [1000.0 + n for n in range(len(days))]}, sessions=days)


def bring(root: Path, last: date, now: str, folder: Path) -> None:
    import_folder(open_desk(root, now=now), str(write_market(market(last), folder)))


def test_a_clock_a_day_ahead_decides_nothing_and_the_right_one_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Wednesday at seven the clock shows Thursday, for which Wednesday's bars are not there."""
    root = make_desk(tmp_path / "desk", market=market(D), ready="fetched").workspace.root
    assert start(root, f"{NEXT}T07:00") == ExitStatus.DATA
    assert f"decisions need the bars of {T}, the newest are of {D}" in capsys.readouterr().err
    assert journaled(root) == ()
    stale = latest_run(root / "runs", NEXT)
    assert stale is not None
    assert read_manifest(stale).status is RunStatus.STALE
    assert start(root, f"{T}T07:40") in GOOD
    bring(root, T, f"{T}T18:00", tmp_path / "files")
    assert start(root, f"{NEXT}T07:00") in GOOD
    assert decisions(journaled(root, f"{NEXT}T08:00"), T) == [T, NEXT]
    newest = latest_run(root / "runs", NEXT)
    assert newest is not None
    assert read_manifest(newest).status in (RunStatus.OK, RunStatus.DEGRADED)


def test_a_clock_a_day_behind_is_said_and_the_right_one_goes_on(
    done: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = journaled(done)
    for clock in ("06:55:00", "06:59:59"):  # what it shows on Thursday, when Wednesday is published already
        assert start(done, f"{T}T{clock}") == ExitStatus.STATE
        assert "the clock is behind" in capsys.readouterr().err
    assert journaled(done) == before
    assert start(done, f"{NEXT}T08:00") in GOOD
    events = journaled(done, f"{NEXT}T08:00")
    assert events[: len(before)] == before
    assert decisions(events, T) == [T, NEXT]


# --- the end of the calendar ----------------------------------------------------------------------------


def test_near_the_end_of_the_calendar_every_day_says_so_and_the_last_one_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = tse().last
    eve = tse().previous(last)
    days = tse().between(last - timedelta(days=45), eve)
    root = make_desk(
        tmp_path / "desk", market=panel({"7203": [1000.0 + n for n in range(len(days))]}, sessions=days),
        ready="fetched", now=f"{last}T07:00",
    ).workspace.root  # fmt: skip
    assert start(root, f"{last}T07:00") in GOOD
    newest = latest_run(root / "runs", last)
    assert newest is not None
    assert f"The calendar ends with {last}" in " ".join(read_manifest(newest).headline["warnings"])
    capsys.readouterr()
    assert start(root, (decision_time(last) + timedelta(days=1)).isoformat()) == ExitStatus.USAGE
    assert "update jstock for a longer calendar" in capsys.readouterr().err


# --- another version of jstock --------------------------------------------------------------------------


class Environment:
    """A Python environment with a copy of the package, to be replaced by another one under the same path."""

    def __init__(self, place: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
        self.place = place
        self.python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
        [self.packages] = place.rglob("site-packages")

    def install(self, change: str) -> None:
        """Put a copy of the package there whose code has a line more, before the packages of this one."""
        copied = self.place / "code"
        shutil.rmtree(copied, ignore_errors=True)
        for name in ("jstock_core", "notebooks", "params"):
            shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
        with (copied / "jstock_core" / "desk" / "day" / "day.py").open("a", encoding="utf-8") as code:
            code.write(change)
        others = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
        (self.packages / "all.pth").write_text("\n".join([str(copied), *others]), encoding="utf-8")


def test_a_package_that_is_upgraded_between_two_mornings_decides_each_once(
    fresh: Path, tmp_path: Path
) -> None:
    """As `pip install --upgrade` leaves the environment that the schedule names."""
    environment = Environment(tmp_path / "env")
    share = {"JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter"))}
    for change, session in (("", T), ("\nNEWER = 1\n", NEXT)):
        environment.install(change)
        words = ["-P", "-m", "jstock_core.cli", "daily", "--scheduled", "-w", str(fresh)]
        done = subprocess.run(
            [environment.python, *words, "--now", f"{session}T07:00"], capture_output=True, text=True,
            check=False, cwd=tmp_path, env=os.environ | share,
        )  # fmt: skip
        assert done.returncode in GOOD, done.stderr
    assert decisions(journaled(fresh, f"{NEXT}T08:00"), T) == [T, NEXT]
    assert run_days(fresh / "runs") == (str(T), str(NEXT))
    codes = [read_manifest(folder).code for day in (T, NEXT) if (folder := latest_run(fresh / "runs", day))]
    assert len({str(code) for code in codes}) == 2
    assert run(["state", "verify", "-w", str(fresh), "--now", f"{NEXT}T08:00"]) == ExitStatus.OK
