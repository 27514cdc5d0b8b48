"""Tasks of Windows: an XML file for each job (MicrosoftDocs, Task Scheduler schema 1.2).

A start with an offset is that moment whatever the zone of the PC, so no daylight saving time matters. It is
repeated every day, since it is not documented in which zone a weekday is meant; on days without a session the
job does nothing.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from jstock_core.base.errors import UsageError
from jstock_core.ops.schedule.declaration import TITLES, Declaration, ScheduledJob
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.scheduler import Files, Host, Read

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
SINCE = "2026-01-05"
"""The first day of a repeated start; any past one, so that installing again changes nothing."""
SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "AllowHardTerminate": "true",
    "StartWhenAvailable": "true",
    "RunOnlyIfNetworkAvailable": "false",
    "Enabled": "true",
    "Hidden": "false",
    "WakeToRun": "true",
    "Priority": "7",
}
"""Settings whose defaults stop a job that runs by itself, and those that are said to be sure."""
RETRY = {"Interval": "PT5M", "Count": "3"}
_BOM = b"\xff\xfe"
_EXPANDED = re.compile(r"%[^%]+%|\$\(")


class TaskScheduler:
    """Tasks of the user, from files in the folder of the user's data."""

    kind: Kind = "windows"
    secrets = "from the Credential Manager (`keyring set`), or from variables of the user; a task holds none"

    def place(self, host: Host) -> Path:
        """The folder that the tasks are made from."""
        from platformdirs import user_data_path

        del host
        return user_data_path("jstock", appauthor=False) / "schedule"

    def wanted(self, declared: Declaration, host: Host, read: Read) -> Mapping[str, bytes]:
        """A task for each job."""
        del host, read
        return {f"{_task(declared.label, job.name)}.xml": task_xml(declared, job) for job in declared.jobs}

    def without(self, label: str, read: Read) -> Files:
        """Own files go."""
        tasks = [_task(label, job) for job in TITLES]
        return {
            f"{t}.xml": None
            for t in tasks
            if f"\\jstock\\{t}<".encode("utf-16-le") in (read(f"{t}.xml") or b"")
        }

    def check(self, files: Mapping[str, bytes], folder: Path, host: Host) -> Sequence[str]:
        """What is wrong with tasks, field by field: Windows has no tool that reads one without making it."""
        del folder, host
        return [
            f"{name}: {problem}" for name, content in files.items() for problem in find_task_faults(content)
        ]

    def activate(self, declared: Declaration, folder: Path, host: Host) -> str:
        """Make the tasks, in the place of older ones."""
        for task in (_task(declared.label, job.name) for job in declared.jobs):
            words = [
                "schtasks",
                "/Create",
                "/F",
                "/TN",
                f"\\jstock\\{task}",
                "/XML",
                str(folder / f"{task}.xml"),
            ]
            answer = host.tool(words, b"")
            if answer.status:
                return f"schtasks /Create {task}: {answer.text}"
        return ""

    def deactivate(self, label: str, names: Sequence[str], host: Host) -> None:
        """Delete tasks."""
        del label
        for name in names:
            host.tool(["schtasks", "/Delete", "/F", "/TN", f"\\jstock\\{name.removesuffix('.xml')}"], b"")

    def inactive(self, declared: Declaration, host: Host) -> Sequence[str]:
        """Jobs without a task."""
        tasks = {job.name: f"\\jstock\\{_task(declared.label, job.name)}" for job in declared.jobs}
        return [job for job, t in tasks.items() if host.tool(["schtasks", "/Query", "/TN", t], b"").status]

    def notes(self, declared: Declaration, host: Host) -> Sequence[str]:
        """What Windows does not do."""
        del declared, host
        return ("tasks run while you are logged on, also behind a locked screen",)


def _task(label: str, job: str) -> str:
    return f"{label}-{job}"


def task_xml(declared: Declaration, job: ScheduledJob) -> bytes:
    """The file of a task: UTF-16 with its mark, as `schtasks` wants it.

    Raises:
        UsageError: a path holds what Windows would expand.

    """
    program, *arguments = declared.command(job.arguments)
    texts = {
        "Command": program,
        "Arguments": subprocess.list2cmdline(arguments),
        "WorkingDirectory": str(declared.workspace),
    }
    for text in texts.values():
        if _EXPANDED.search(text):
            raise UsageError(
                f"a task cannot hold a path that Windows expands: {text}",
                do="rename the folder without % and $(",
            )
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    about = ET.SubElement(root, "RegistrationInfo")
    _add(about, {"Source": "jstock", "Description": f"jstock: {job.title}"})
    _add(about, {"URI": f"\\jstock\\{_task(declared.label, job.name)}"})
    trigger = ET.SubElement(ET.SubElement(root, "Triggers"), "CalendarTrigger")
    _add(trigger, {"Enabled": "true", "StartBoundary": f"{SINCE}T{job.at:%H:%M}:00+09:00"})
    _add(ET.SubElement(trigger, "ScheduleByDay"), {"DaysInterval": "1"})
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    _add(principal, {"LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"})
    settings = ET.SubElement(root, "Settings")
    limit = "PT1H" if job.minutes == 60 else f"PT{job.minutes}M"
    _add(settings, SETTINGS | {"ExecutionTimeLimit": limit})
    _add(ET.SubElement(settings, "RestartOnFailure"), RETRY)
    _add(ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec"), texts)
    ET.indent(root)
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
    return _BOM + text.replace("\n", "\r\n").encode("utf-16-le")


def _add(parent: ET.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = text


def find_task_faults(content: bytes) -> Iterator[str]:
    """What is wrong with the file of a task: its encoding, and each field that must be as it is."""
    if not content.startswith(_BOM):
        yield "it is not UTF-16 with a byte order mark, little end first"
        return
    text = content[2:].decode("utf-16-le")
    if not text.startswith('<?xml version="1.0" encoding="UTF-16"?>'):
        yield "it does not declare UTF-16"
    try:
        root = ET.fromstring(text.partition("?>")[2])  # noqa: S314 (a file of ours)
    except ET.ParseError as error:
        yield f"it is no XML: {error}"
        return
    if (root.tag, root.get("version")) != (f"{{{NAMESPACE}}}Task", "1.2"):
        yield "it is no task of version 1.2"
    for path, wanted in _FIELDS.items():
        found = root.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
        if found is None or not re.fullmatch(wanted, found):
            yield f"{path} is {found!r}"
    trigger = root.find(f".//{{{NAMESPACE}}}CalendarTrigger")
    order = (
        [each.tag.partition("}")[2] for each in trigger if trigger is not None] if trigger is not None else []
    )
    if order != ["Enabled", "StartBoundary", "ScheduleByDay"]:
        yield f"its trigger has {', '.join(order) or 'nothing'}, in this order"


_FIELDS: Mapping[str, str] = {
    "RegistrationInfo/URI": r"\\jstock\\[A-Za-z0-9_.-]+",
    "Triggers/CalendarTrigger/Enabled": "true",
    "Triggers/CalendarTrigger/StartBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:00\+09:00",
    "Triggers/CalendarTrigger/ScheduleByDay/DaysInterval": "1",
    "Principals/Principal/LogonType": "InteractiveToken",
    "Principals/Principal/RunLevel": "LeastPrivilege",
    **{f"Settings/{name}": re.escape(value) for name, value in SETTINGS.items()},
    "Settings/ExecutionTimeLimit": r"PT1H|PT\d{2,3}M",
    **{f"Settings/RestartOnFailure/{name}": value for name, value in RETRY.items()},
    "Actions/Exec/Command": r'[^"]+',
    "Actions/Exec/Arguments": r"-P -m jstock_core\.cli .+",
    "Actions/Exec/WorkingDirectory": r'[^"]+',
}
"""The fields of a task, each with the pattern of its text."""
