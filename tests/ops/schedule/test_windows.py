"""Tasks of Windows: the file's encoding and every field, by the documents of the Task Scheduler schema."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.ops.schedule.declaration import Declaration
from jstock_core.ops.schedule.platform import ToolAnswer
from jstock_core.ops.schedule.windows import NAMESPACE, TaskScheduler, find_task_faults, task_xml
from tests.ops.schedule.machines import Tools, declared, host, job, nothing

TASKS = TaskScheduler()
NAME = "tokyo-morning.xml"
WORKSPACE = r"C:\Users\me\株式 デスク & <co>"
ORDER = {
    "RegistrationInfo": ["Source", "Description", "URI"],
    "CalendarTrigger": ["Enabled", "StartBoundary", "ScheduleByDay"],
    "ScheduleByDay": ["DaysInterval"],
    "RestartOnFailure": ["Interval", "Count"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
    "Principal": ["LogonType", "RunLevel"],
}
"""Children in the order of triggerBaseType, restartType, execActionType, principalType."""


def windows(workspace: str = WORKSPACE) -> Declaration:
    from dataclasses import replace

    return replace(declared(workspace), python=Path(r"C:\Program Files\jstock\python.exe"))


def task(content: bytes) -> ET.Element:
    return ET.fromstring(content.decode("utf-16").partition("?>")[2])


def text(root: ET.Element, path: str) -> str:
    found = root.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
    assert found is not None, path
    return found


def test_the_file_is_utf_16_with_its_mark_and_says_so() -> None:
    content = task_xml(windows(), job())
    assert content.startswith(b"\xff\xfe")
    whole = content.decode("utf-16")
    assert whole.startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" xmlns=')
    assert "\n" not in whole.replace("\r\n", "")


def test_every_field_is_as_the_desk_needs_it() -> None:
    root = task(task_xml(windows(), job()))
    assert (root.tag, root.attrib) == (f"{{{NAMESPACE}}}Task", {"version": "1.2"})
    fields = {
        "RegistrationInfo/URI": r"\jstock\tokyo-morning",
        "Triggers/CalendarTrigger/StartBoundary": "2026-01-05T07:00:00+09:00",
        "Triggers/CalendarTrigger/ScheduleByDay/DaysInterval": "1",
        "Principals/Principal/LogonType": "InteractiveToken",
        "Settings/StartWhenAvailable": "true",
        "Settings/DisallowStartIfOnBatteries": "false",
        "Settings/StopIfGoingOnBatteries": "false",
        "Settings/MultipleInstancesPolicy": "IgnoreNew",
        "Settings/ExecutionTimeLimit": "PT1H",
        "Settings/RestartOnFailure/Interval": "PT5M",
        "Settings/RestartOnFailure/Count": "3",
        "Settings/WakeToRun": "true",
        "Actions/Exec/Command": r"C:\Program Files\jstock\python.exe",
        "Actions/Exec/Arguments": rf'-P -m jstock_core.cli daily --scheduled --workspace "{WORKSPACE}"',
        "Actions/Exec/WorkingDirectory": WORKSPACE,
    }
    assert {path: text(root, path) for path in fields} == fields


def test_children_are_in_the_order_of_the_schema() -> None:
    root = task(task_xml(windows(), job()))
    for parent, children in ORDER.items():
        found = root.find(f".//{{{NAMESPACE}}}{parent}")
        assert found is not None
        assert [child.tag.partition("}")[2] for child in found] == children
    assert root.find(f"{{{NAMESPACE}}}Actions").get("Context") == "Author"  # type: ignore[union-attr]
    assert root.find(f".//{{{NAMESPACE}}}Principal").get("id") == "Author"  # type: ignore[union-attr]


@pytest.mark.parametrize("clock", ["07:00", "08:30", "17:30"])
def test_the_start_is_that_moment_in_tokyo_whatever_the_zone(clock: str) -> None:
    moment = datetime.fromisoformat(
        text(task(task_xml(windows(), job(at=clock))), "Triggers/CalendarTrigger/StartBoundary")
    )
    assert f"{moment.astimezone(JST):%H:%M}" == clock
    assert moment.utcoffset() == JST.utcoffset(moment.replace(tzinfo=None))


def test_a_sound_task_has_no_faults() -> None:
    files = TASKS.wanted(windows(), host(), nothing)
    assert list(files) == [NAME]
    assert TASKS.check(files, Path(), host()) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("+09:00", "", "Triggers/CalendarTrigger/StartBoundary is '2026-01-05T07:00:00'"),
        ("IgnoreNew", "Parallel", "Settings/MultipleInstancesPolicy is 'Parallel'"),
        ("<StartWhenAvailable>true", "<StartWhenAvailable>false", "Settings/StartWhenAvailable is 'false'"),
        ("PT1H", "PT72H", "Settings/ExecutionTimeLimit is 'PT72H'"),
        ("PT5M", "PT5S", "Settings/RestartOnFailure/Interval is 'PT5S'"),
        ('version="1.2"', 'version="1.0"', "it is no task of version 1.2"),
        ("</Task>", "", "it is no XML"),
        ('encoding="UTF-16"', 'encoding="UTF-8"', "it does not declare UTF-16"),
        ("<Enabled>true</Enabled>\r\n      <StartBoundary>2026-01-05T07:00:00+09:00</StartBoundary>",
         "<StartBoundary>2026-01-05T07:00:00+09:00</StartBoundary>\r\n      <Enabled>true</Enabled>",
         "its trigger has StartBoundary, Enabled, ScheduleByDay"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named(right: str, wrong: str, fault: str) -> None:
    whole = task_xml(windows(), job()).decode("utf-16")
    assert right in whole
    broken = b"\xff\xfe" + whole.replace(right, wrong).encode("utf-16-le")
    assert any(fault in found for found in find_task_faults(broken))


def test_another_encoding_is_named() -> None:
    whole = task_xml(windows(), job()).decode("utf-16")
    assert list(find_task_faults(whole.encode())) == [
        "it is not UTF-16 with a byte order mark, little end first"
    ]


@pytest.mark.parametrize("workspace", [r"C:\%USERNAME%\desk", r"C:\$(Arg0)\desk"])
def test_a_path_that_windows_would_expand_is_refused(workspace: str) -> None:
    with pytest.raises(UsageError, match="expands"):
        task_xml(windows(workspace), job())


def test_a_task_is_made_from_its_file() -> None:
    tools = Tools({"schtasks": ToolAnswer(0, "")})
    assert TASKS.activate(windows(), Path("here"), host(tools=tools)) == ""
    assert tools.asked == [f"schtasks /Create /F /TN \\jstock\\tokyo-morning /XML {Path('here') / NAME}"]
    assert TASKS.inactive(windows(), host(tools=Tools({"schtasks": ToolAnswer(1, "")}))) == ["morning"]


def test_the_file_of_somebody_else_is_not_ours() -> None:
    own = TASKS.wanted(windows(), host(), nothing)
    assert TASKS.without("tokyo", own.get) == {NAME: None}
    assert TASKS.without("tokyo", {NAME: b"\xff\xfe<\x00"}.get) == {}
