"""The page on operations shows schedules as they are written, and recipes that are Python."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest

from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.ops.schedule.cron import NAME, Crontab
from jstock_core.ops.schedule.declaration import Declaration
from jstock_core.ops.schedule.launchd import LaunchAgents
from jstock_core.ops.schedule.systemd import SystemdUnits
from jstock_core.ops.schedule.windows import TaskScheduler
from tests.architecture import ROOT
from tests.ops.schedule.machines import CronHost, declared, host, job, nothing

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SCHEDULE = PAGE.partition("## Schedule")[2].partition("\n## ")[0]
HOME = replace(
    declared("/home/me/desk"), python=Path("/home/me/env/bin/python"),
    secrets=Path("/home/me/.config/jstock/tokyo.env"),
)  # fmt: skip


def on_windows() -> Declaration:
    return replace(
        HOME,
        python=PureWindowsPath(r"C:\Users\me\env\Scripts\python.exe"),  # type: ignore[arg-type]
        workspace=PureWindowsPath(r"C:\Users\me\desk"),  # type: ignore[arg-type]
    )


def examples() -> dict[str, str]:
    """The files of a desk with a morning only, by what the page says of them."""
    morning_only = replace(HOME, jobs=(job(catch_up=False),))
    units = SystemdUnits().wanted(HOME, host(), nothing)
    crontabs = {
        f"cron {about}": Crontab().wanted(morning_only, machine.host, nothing)[NAME]
        for about, machine in (
            ("Europe/Berlin", CronHost(zone="Europe/Berlin")),
            ("cronie 1.7.2", CronHost(version="cronie 1.7.2")),
        )
    }
    agents = LaunchAgents().wanted(HOME, host("Asia/Tokyo"), nothing)
    tasks = TaskScheduler().wanted(on_windows(), host(), nothing)
    files = {**units, **crontabs, **agents}
    del files["jstock-tokyo-failed@.service"]
    return {name: content.decode() for name, content in files.items()} | {
        name: content.decode("utf-16").replace("\r\n", "\n") for name, content in tasks.items()
    }


@pytest.mark.parametrize("name", examples())
def test_the_page_shows_what_is_written(name: str) -> None:
    assert f"\n{examples()[name].strip()}\n" in SCHEDULE


def test_the_recipes_are_python() -> None:
    recipes = re.findall(r"^```python\n(.*?)^```", SCHEDULE, re.MULTILINE | re.DOTALL)
    assert len(recipes) == 3
    for recipe, package in zip(recipes, ("prefect", "dagster", "airflow"), strict=True):
        compile(recipe, package, "exec")
        assert re.search(rf"^from {package}", recipe, re.MULTILINE)
        assert '"jstock", "daily", "--scheduled"' in recipe or "jstock daily --scheduled" in recipe
        assert "Asia/Tokyo" in recipe


def test_every_key_of_the_declaration_is_explained() -> None:
    for key in ScheduleSettings.__dataclass_fields__:
        assert f"`{key}`" in SCHEDULE, key


def test_the_rows_on_clocks_are_in_the_recovery_table() -> None:
    table = PAGE.partition("## When something fails")[2]
    assert "| failure | what happens | what it says | exit | what to do |" in table
    for row in (
        "asleep at 07:00",
        "time zone of the host",
        "clock a day ahead",
        "clock a day behind",
        "calendar",
    ):
        assert row in table, row
