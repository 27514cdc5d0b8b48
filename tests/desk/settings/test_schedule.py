"""When the desk runs by itself: `schedule` in params/desk.yaml as it is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.settings.settings import read_settings
from jstock_core.testing import desk as make_desk


def read(**keys: object) -> ScheduleSettings:
    return build(ScheduleSettings, keys, where="desk.yaml, schedule")


@pytest.mark.parametrize(
    "keys",
    [
        {"morning": "07:15"},
        {"morning": "08:59"},
        {"reminder": ""},
        {"evening": "16:30"},
        {"evening": "23:59"},
    ],
)
def test_times_at_which_a_job_is_of_use(keys: dict[str, str]) -> None:
    found = read(**keys)
    assert {key: getattr(found, key) for key in keys} == keys


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("morning", "09:00", 'a time in JST before 09:00, as "07:00"'),
        ("morning", "", 'a time in JST before 09:00, as "07:00"'),
        ("morning", "7:00", 'a time in JST before 09:00, as "07:00"'),
        ("reminder", "09:30", 'a time in JST before 09:00, as "08:30", or ""'),
        ("evening", "16:00", 'a time in JST from 16:30 on, as "17:30", or ""'),
        ("evening", "25:00", 'a time in JST from 16:30 on, as "17:30", or ""'),
    ],
)
def test_a_time_at_which_a_job_would_never_do_its_work_is_refused(key: str, text: str, expected: str) -> None:
    """An evening before the bars are public would be started every day and do nothing."""
    with pytest.raises(ParamsError) as found:
        read(**{key: text})
    assert found.value.what == f"{key}: expected {expected}, got {text!r}"


def test_a_time_needs_no_quotes(tmp_path: Path) -> None:
    made = make_desk(tmp_path / "desk", ready="new")
    text = made.workspace.desk_yaml.read_text(encoding="utf-8")
    declared = "schedule: {morning: 07:10, evening: 17:30}"
    made.workspace.desk_yaml.write_text(
        re.sub("^schedule: .*$", declared, text, count=1, flags=re.MULTILINE), encoding="utf-8"
    )
    found = read_settings(made.workspace.desk_yaml).schedule
    assert (found.morning, found.evening) == ("07:10", "17:30")
