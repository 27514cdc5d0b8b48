"""Machines that are not there: their tools answer as they are told to, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from jstock_core.base.clock import JST
from jstock_core.ops.schedule.declaration import Declaration, ScheduledJob
from jstock_core.ops.schedule.platform import MISSING, ToolAnswer
from jstock_core.ops.schedule.scheduler import Host

NOW = datetime(2026, 1, 21, 12, 0, tzinfo=JST)
ZONES = ("Asia/Tokyo", "UTC", "America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland", "Asia/Kolkata")
ODD_PATHS = (
    "/srv/desk",
    "/srv/my desk",
    "/srv/株式 デスク",
    "/srv/50% of it & more",
    '/srv/it\'s "quoted"',
    "/srv/<a>&amp;$HOME ${X} `id`",
    "/srv/back\\slash",
)


@dataclass
class Tools:
    """The tools of a machine: `answers` by their first words; others are not installed."""

    answers: dict[str, ToolAnswer | Callable[[bytes], ToolAnswer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, words: Sequence[str], given: bytes = b"") -> ToolAnswer:
        line = " ".join(words)
        self.asked.append(line)
        for start, answer in self.answers.items():
            if line.startswith(start):
                return answer if isinstance(answer, ToolAnswer) else answer(given)
        return ToolAnswer(MISSING, f"{words[0]} is not installed")


@dataclass
class CronHost:
    """A machine with a crontab: `version` is what `crontab -V` says."""

    content: bytes | None = None
    version: str = ""
    zone: str = "UTC"

    def __call__(self, words: Sequence[str], given: bytes = b"") -> ToolAnswer:
        if words[1] == "-V":
            return ToolAnswer(0 if self.version else 1, self.version)
        if words[1] == "-l":
            return ToolAnswer(1, "no crontab") if self.content is None else ToolAnswer(0, "", self.content)
        if words[1] == "-":
            self.content = given
        return ToolAnswer(0, "")

    @property
    def host(self) -> Host:
        return Host(NOW, self, ZoneInfo(self.zone))


def host(zone: str = "UTC", tools: Tools | None = None, now: datetime = NOW) -> Host:
    return Host(now, tools or Tools(), ZoneInfo(zone))


def job(name: str = "morning", at: str = "07:00", *, catch_up: bool = True) -> ScheduledJob:
    commands = {
        "morning": ("daily", "--scheduled"),
        "reminder": ("notify", "remind"),
        "evening": ("evening",),
    }
    return ScheduledJob(name, time.fromisoformat(at), commands[name], catch_up)


def declared(workspace: str = "/srv/desk", *jobs: ScheduledJob, label: str = "tokyo") -> Declaration:
    return Declaration(
        label=label,
        python=Path("/opt/jstock env/bin/python"),
        workspace=Path(workspace),
        secrets=Path("/home/me/.config/jstock/tokyo.env"),
        jobs=jobs or (job(),),
    )


def nothing(name: str) -> bytes | None:
    """No file is there."""
    return None
