"""Agents as property lists: local times of the Mac, absolute words, no secret."""

from __future__ import annotations

import plistlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from jstock_core.ops.schedule.launchd import LaunchAgents
from jstock_core.ops.schedule.platform import ToolAnswer, run_tool
from tests.ops.schedule.machines import ODD_PATHS, ZONES, Tools, declared, host, job, nothing
from tests.ops.schedule.test_times import SEVEN

AGENTS = LaunchAgents()
KNOWN = {
    "Label": str, "ProgramArguments": list, "WorkingDirectory": str, "StartCalendarInterval": list,
    "RunAtLoad": bool, "ProcessType": str, "Umask": int,
}  # fmt: skip
"""Keys of `man launchd.plist` that are written, with their types."""


def agent(zone: str = "Asia/Tokyo", workspace: str = "/srv/desk", **options: Any) -> dict[str, Any]:
    wanted = AGENTS.wanted(declared(workspace, job(**options)), host(zone), nothing)
    [(name, content)] = wanted.items()
    assert name == f"jstock.tokyo.{options.get('name', 'morning')}.plist"
    found: dict[str, Any] = plistlib.loads(content)
    return found


def test_every_key_is_one_that_launchd_knows() -> None:
    found = agent()
    assert {key: type(value) for key, value in found.items()} == KNOWN
    assert found["Label"] == "jstock.tokyo.morning"
    assert found["Umask"] == 0o077
    assert found["ProcessType"] == "Standard"


@pytest.mark.parametrize("zone", ZONES)
def test_the_times_are_those_of_the_mac(zone: str) -> None:
    """Sunday is 0."""
    found = {(i["Weekday"], i["Hour"], i["Minute"]) for i in agent(zone)["StartCalendarInterval"]}
    assert found == {
        ((day + 1) % 7, start.hour, start.minute) for start, days in SEVEN[zone].items() for day in days
    }


@pytest.mark.parametrize("workspace", ODD_PATHS)
def test_any_path_is_what_it_was(workspace: str) -> None:
    found = agent(workspace=workspace)
    assert found["WorkingDirectory"] == workspace
    assert found["ProgramArguments"] == [
        "/opt/jstock env/bin/python", "-P", "-m", "jstock_core.cli", "daily", "--scheduled", "--workspace",
        workspace,
    ]  # fmt: skip


@pytest.mark.parametrize("catch_up", [True, False])
def test_a_mac_that_was_off_catches_up_at_login(catch_up: bool) -> None:
    assert agent(catch_up=catch_up)["RunAtLoad"] is catch_up


@pytest.mark.skipif(not shutil.which("plutil"), reason="plutil is on a Mac only")
@pytest.mark.parametrize("workspace", ODD_PATHS)
def test_plutil_accepts_them(workspace: str) -> None:
    files = AGENTS.wanted(declared(workspace), host(), nothing)
    assert AGENTS.check(files, Path(), host(tools=run_tool)) == []  # type: ignore[arg-type]


def test_what_plutil_refuses_is_named() -> None:
    files = AGENTS.wanted(declared(), host(), nothing)
    tools = Tools(
        {"plutil -lint": lambda given: ToolAnswer(0 if given.startswith(b"<?xml") else 1, "no plist")}
    )
    assert AGENTS.check(files, Path(), host(tools=tools)) == []
    assert AGENTS.check(dict.fromkeys(files, b"x"), Path(), host(tools=tools)) == ["no plist"]


def test_an_agent_is_loaded_in_the_place_of_an_older_one() -> None:
    tools = Tools({"launchctl": ToolAnswer(0, "")})
    assert AGENTS.activate(declared(), Path("/agents"), host(tools=tools)) == ""
    assert [line.split("/")[0] for line in tools.asked] == [
        "launchctl bootout gui",
        "launchctl bootstrap gui",
    ]
    assert tools.asked[1].endswith(" /agents/jstock.tokyo.morning.plist")


def test_the_agent_of_somebody_else_is_not_ours() -> None:
    foreign = {
        "jstock.tokyo.morning.plist": plistlib.dumps({"Label": "other"}),
        "jstock.tokyo.evening.plist": b"x",
    }
    assert AGENTS.without("tokyo", foreign.get) == {}
    own = AGENTS.wanted(declared(), host(), nothing)
    assert AGENTS.without("tokyo", own.get) == {"jstock.tokyo.morning.plist": None}
