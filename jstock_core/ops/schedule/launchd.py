"""Agents of launchd: a property list for each job, at the local times of the Mac (man launchd.plist).

launchd knows no zones: where the Mac has daylight saving time both hours are listed, and the job does nothing
at the wrong one. A job that the Mac slept over runs when it wakes, one that it was off for at the next login.
"""

from __future__ import annotations

import os
import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jstock_core.ops.schedule.declaration import TITLES, Declaration, ScheduledJob
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.scheduler import Files, Host, Read
from jstock_core.ops.schedule.times import has_several_offsets, host_times


class LaunchAgents:
    """Agents in `~/Library/LaunchAgents`."""

    kind: Kind = "launchd"
    secrets = (
        "from the keychain (`keyring set`), which is open while you are logged in; a property list holds none"
    )

    def place(self, host: Host) -> Path:
        """The folder of the user's agents."""
        del host
        return Path("~/Library/LaunchAgents").expanduser()

    def wanted(self, declared: Declaration, host: Host, read: Read) -> Mapping[str, bytes]:
        """A property list for each job."""
        del read
        return {
            f"{_agent(declared.label, job.name)}.plist": plistlib.dumps(_agent_keys(declared, job, host))
            for job in declared.jobs
        }

    def without(self, label: str, read: Read) -> Files:
        """Own property lists go."""
        agents = [_agent(label, job) for job in TITLES]
        return {f"{a}.plist": None for a in agents if _label_of(read(f"{a}.plist")) == a}

    def check(self, files: Mapping[str, bytes], folder: Path, host: Host) -> Sequence[str]:
        """What `plutil -lint` says."""
        del folder
        answers = [host.tool(["plutil", "-lint", "-"], content) for content in files.values()]
        return [answer.text for answer in answers if answer.status and not answer.missing]

    def activate(self, declared: Declaration, folder: Path, host: Host) -> str:
        """Load the agents, in the place of older ones."""
        for agent in (_agent(declared.label, job.name) for job in declared.jobs):
            host.tool(["launchctl", "bootout", f"{_domain()}/{agent}"], b"")
            answer = host.tool(["launchctl", "bootstrap", _domain(), str(folder / f"{agent}.plist")], b"")
            if answer.status:
                return f"launchctl bootstrap {agent}: {answer.text}"
        return ""

    def deactivate(self, label: str, names: Sequence[str], host: Host) -> None:
        """Unload agents."""
        del label
        for name in names:
            host.tool(["launchctl", "bootout", f"{_domain()}/{name.removesuffix('.plist')}"], b"")

    def inactive(self, declared: Declaration, host: Host) -> Sequence[str]:
        """Jobs whose agent is not loaded."""
        agents = {job.name: _agent(declared.label, job.name) for job in declared.jobs}
        asked = ("launchctl", "print")
        return [job for job, a in agents.items() if host.tool([*asked, f"{_domain()}/{a}"], b"").status]

    def notes(self, declared: Declaration, host: Host) -> Sequence[str]:
        """What launchd does not do."""
        del declared
        notes = ["agents run while you are logged in; let the Mac log in by itself after a restart"]
        if has_several_offsets(host.now, host.zone):
            notes.append(
                "the offset of this Mac changes in the year: both times are started, the wrong one idle"
            )
        return (*notes, "install again after the time zone of this Mac was changed")


def _domain() -> str:
    return f"gui/{getattr(os, 'getuid', lambda: 0)()}"


def _agent(label: str, job: str) -> str:
    return f"jstock.{label}.{job}"


def _label_of(content: bytes | None) -> str:
    try:
        return str(plistlib.loads(content or b"").get("Label", ""))
    except (plistlib.InvalidFileException, ValueError, AttributeError):
        return ""


def _agent_keys(declared: Declaration, job: ScheduledJob, host: Host) -> dict[str, Any]:
    times = host_times((job.at,), host.now, host.zone)
    return {
        "Label": _agent(declared.label, job.name),
        "ProgramArguments": list(declared.command(job.arguments)),
        "WorkingDirectory": str(declared.workspace),
        "StartCalendarInterval": [
            {"Weekday": (day + 1) % 7, "Hour": start.hour, "Minute": start.minute}
            for start, days in times.items()
            for day in days
        ],
        "RunAtLoad": job.catch_up,
        "ProcessType": "Standard",
        "Umask": 0o077,
    }
