"""Units as systemd itself reads them, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.ops.schedule.platform import ToolAnswer, run_tool
from jstock_core.ops.schedule.systemd import SystemdUnits, quote_word
from tests.ops.schedule.machines import NOW, ODD_PATHS, Tools, declared, host, job, nothing

UNITS = SystemdUnits()
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


def texts(workspace: str = "/srv/desk", *jobs: object) -> dict[str, str]:
    wanted = UNITS.wanted(declared(workspace, *jobs), host(), nothing)  # type: ignore[arg-type]
    return {name: content.decode() for name, content in wanted.items()}


def test_a_job_has_a_service_and_a_timer_and_one_service_tells_of_deaths() -> None:
    found = texts("/srv/desk", job(), job("evening", "17:30"))
    assert list(found) == [
        "jstock-tokyo-failed@.service", "jstock-tokyo-morning.service", "jstock-tokyo-morning.timer",
        "jstock-tokyo-evening.service", "jstock-tokyo-evening.timer",
    ]  # fmt: skip
    timer, service = found["jstock-tokyo-morning.timer"], found["jstock-tokyo-morning.service"]
    for line in (
        "OnCalendar=Mon..Fri *-*-* 07:00:00 Asia/Tokyo", "Persistent=true", "AccuracySec=1s",
        "WantedBy=timers.target",
    ):  # fmt: skip
        assert line in timer.splitlines()
    for line in (
        "Type=oneshot", "OnFailure=jstock-tokyo-failed@morning.service", "UMask=0077",
        "TimeoutStartSec=60min",
        "WorkingDirectory=/srv/desk", "EnvironmentFile=-/home/me/.config/jstock/tokyo.env",
    ):  # fmt: skip
        assert line in service.splitlines()
    assert service.splitlines()[12] == (
        'ExecStart="/opt/jstock env/bin/python" "-P" "-m" "jstock_core.cli" "daily" "--scheduled" '
        '"--workspace" "/srv/desk"'
    )
    assert "%i" in found["jstock-tokyo-failed@.service"]


def test_a_job_that_is_not_caught_up_is_not_persistent() -> None:
    found = texts("/srv/desk", job("reminder", "08:30", catch_up=False))
    assert "Persistent=false" in found["jstock-tokyo-reminder.timer"]


@needs_systemd
@pytest.mark.parametrize("workspace", ODD_PATHS)
def test_systemd_accepts_the_units_of_any_path(workspace: str, tmp_path: Path) -> None:
    """It verifies that what is started exists, so a real program stands for the interpreter."""
    from dataclasses import replace

    made = replace(declared(workspace, job(), job("evening", "17:30")), python=Path("/bin/true"))
    files = UNITS.wanted(made, host(), nothing)
    assert UNITS.check(files, tmp_path, host(tools=run_tool)) == []  # type: ignore[arg-type]


@needs_systemd
def test_what_systemd_refuses_is_named(tmp_path: Path) -> None:
    files = UNITS.wanted(declared(), host(), nothing)
    broken = {name: c.replace(b"OnCalendar=Mon..Fri", b"OnCalendar=Mon..Fry") for name, c in files.items()}
    assert "Failed to parse calendar" in " ".join(UNITS.check(broken, tmp_path, host(tools=run_tool)))  # type: ignore[arg-type]


@needs_systemd
def test_the_timer_elapses_at_seven_in_tokyo_on_weekdays() -> None:
    """Asked for ten runs: each is 22:00 UTC of the evening before."""
    [when] = re.findall(r"OnCalendar=(.*)", texts()["jstock-tokyo-morning.timer"])
    base = f"--base-time={NOW:%Y-%m-%d %H:%M}"
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=10", base, when],
        capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    found = re.findall(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", done.stdout)
    runs = [datetime.fromisoformat(f"{text}+00:00").astimezone(JST) for text in found]
    assert len(runs) == 10
    assert {(run.hour, run.minute) for run in runs} == {(7, 0)}
    assert {run.weekday() for run in runs} == {0, 1, 2, 3, 4}
    assert runs[-1] - runs[0] < timedelta(days=14)


@pytest.mark.parametrize("word", ['a "b"', "50%", "$HOME", "back\\slash", "株 式"])
def test_a_word_is_what_it_was_to_systemd(word: str) -> None:
    """Read back by its rules: quotes and backslashes, then specifiers and variables."""
    quoted = quote_word(word)
    assert quoted[0] == quoted[-1] == '"'
    plain = re.sub(r"\\(.)", r"\1", quoted[1:-1])
    assert plain.replace("%%", "%").replace("$$", "$") == word
    assert not re.search(r"(?<!%)%(?!%)|(?<!\$)\$(?!\$)", plain.replace("%%", "").replace("$$", ""))


@needs_systemd
@pytest.mark.skipif(not shutil.which("systemd-run"), reason="systemd-run is not installed")
def test_the_units_can_be_read_by_all(tmp_path: Path) -> None:
    """Nothing in them is secret."""
    from jstock_core.ops.schedule.place import SchedulePlace

    place = SchedulePlace.of("systemd", host(), str(tmp_path))
    place.write(UNITS.wanted(declared(), host(), nothing))
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_timers_are_enabled_and_started_after_a_reload() -> None:
    tools = Tools({"systemctl --user": ToolAnswer(0, "")})
    assert UNITS.activate(declared(), Path(), host(tools=tools)) == ""
    assert tools.asked == [
        "systemctl --user daemon-reload",
        "systemctl --user enable jstock-tokyo-morning.timer",
        "systemctl --user restart jstock-tokyo-morning.timer",
    ]


def test_a_manager_that_cannot_be_reached_is_said() -> None:
    tools = Tools({"systemctl --user": ToolAnswer(1, "Failed to connect to bus")})
    said = UNITS.activate(declared(), Path(), host(tools=tools))
    assert said.startswith("systemctl --user daemon-reload: Failed to connect to bus (")
    assert "--kind cron" in said


@pytest.mark.parametrize(("lingers", "told"), [("yes", False), ("no", True)])
def test_a_user_that_does_not_linger_is_told(lingers: str, told: bool) -> None:
    tools = Tools({"loginctl": ToolAnswer(0, lingers)})
    assert bool(UNITS.notes(declared(), host(tools=tools))) is told
