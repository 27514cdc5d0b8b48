"""A year of starts by every kind of scheduler, in every zone: each session is run once, at seven in Tokyo."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jstock_core.base.clock import JST
from jstock_core.market.calendar import tse
from jstock_core.ops.schedule.gate import judge_day
from jstock_core.ops.schedule.install import install_schedule
from jstock_core.ops.schedule.place import SchedulePlace
from jstock_core.ops.schedule.platform import KINDS, Kind, ToolAnswer
from jstock_core.ops.schedule.scheduler import Host
from jstock_core.testing import desk as make_desk
from tests.ops.schedule.machines import NOW, ZONES, Tools
from tests.ops.schedule.starts import job_starts

FIRST, LAST = date(2026, 1, 21), date(2027, 1, 20)
MACHINES: tuple[tuple[Kind, str], ...] = (*((kind, "") for kind in KINDS), ("cron", "cronie 1.7.2"))


@pytest.fixture(scope="module", params=MACHINES, ids=" ".join)
def machine(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    found: tuple[Kind, str] = request.param
    return found


@pytest.fixture(params=ZONES)
def installed(request: pytest.FixtureRequest, machine: tuple[Kind, str], tmp_path: Path) -> Path:
    """The schedule in a scratch place, with its zone in a file beside it."""
    kind, version = machine
    made = make_desk(tmp_path / "desk", ready="new", changes={"desk": {"desk": "tokyo"}})
    tools = Tools({"crontab -V": ToolAnswer(0, version)} if version else {})
    folder = tmp_path / request.param.replace("/", "-")
    place = SchedulePlace.of(kind, Host(NOW, tools, ZoneInfo(request.param)), str(folder))
    install_schedule(made, place)
    return folder


def test_a_year_of_starts_runs_every_session_once_at_seven(
    installed: Path, machine: tuple[Kind, str]
) -> None:
    zone = installed.name.replace("-", "/", 1)
    starts = job_starts(installed, machine[0], zone, FIRST, LAST)
    ran: dict[date, str] = {}
    for start in starts:
        if start.date() not in ran and judge_day(start, time(7), "morning") is None:
            ran[start.date()] = f"{start:%H:%M}"
    assert ran == dict.fromkeys(tse().between(FIRST, LAST), "07:00")


def test_the_reminder_is_started_at_half_past_eight(installed: Path, machine: tuple[Kind, str]) -> None:
    zone = installed.name.replace("-", "/", 1)
    starts = job_starts(installed, machine[0], zone, FIRST, LAST, "reminder")
    due = {datetime.combine(day, time(8, 30), tzinfo=JST) for day in tse().between(FIRST, LAST)}
    assert due <= set(starts)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_starts_of_a_timer_are_those_that_systemd_reckons(tmp_path: Path) -> None:
    made = make_desk(tmp_path / "desk", ready="new", changes={"desk": {"desk": "tokyo"}})
    install_schedule(
        made, SchedulePlace.of("systemd", Host(NOW, Tools(), ZoneInfo("UTC")), str(tmp_path / "units"))
    )
    timer = (tmp_path / "units" / "jstock-tokyo-morning.timer").read_text()
    [when] = re.findall(r"OnCalendar=(.*)", timer)
    words = ["systemd-analyze", "calendar", "--iterations=60", "--base-time=2026-01-20 12:00:00 UTC", when]
    told = subprocess.run(
        words, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C.UTF-8"}
    ).stdout
    reckoned = [
        datetime.fromisoformat(f"{text}+00:00")
        for text in re.findall(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", told)
    ]
    assert len(reckoned) == 60
    ours = job_starts(tmp_path / "units", "systemd", "UTC", FIRST, FIRST + timedelta(days=90))
    assert reckoned == ours[:60]
