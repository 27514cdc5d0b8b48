"""What every kind of scheduler has in common: files with names in a folder, some of them a desk's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Protocol

from jstock_core.ops.schedule.declaration import Declaration
from jstock_core.ops.schedule.platform import Kind, Tool

Read = Callable[[str], bytes | None]
"""Reads a file of a scheduler by its name; None where there is none."""
Files = Mapping[str, bytes | None]
"""The content that files are to have; None for a file that is to be gone."""


@dataclass(frozen=True)
class Host:
    """The machine that runs the schedule: its time, its zone (None for the one it is set to), its tools."""

    now: datetime
    tool: Tool
    zone: tzinfo | None = None


class Scheduler(Protocol):
    """A kind of scheduler. Nothing but `activate` and `deactivate` changes the machine."""

    kind: Kind
    secrets: str
    """How passwords and keys reach a job."""

    def place(self, host: Host) -> Path:
        """The folder of its files."""

    def wanted(self, declared: Declaration, host: Host, read: Read) -> Mapping[str, bytes]:
        """The files of a schedule.

        Raises:
            UsageError: a path cannot be written for this kind.

        """

    def without(self, label: str, read: Read) -> Files:
        """What is to become of the files that are the desk's own where its schedule is removed."""

    def check(self, files: Mapping[str, bytes], folder: Path, host: Host) -> Sequence[str]:
        """What the platform's own tool, or a check in its place, finds wrong with files in a folder."""

    def activate(self, declared: Declaration, folder: Path, host: Host) -> str:
        """Let the scheduler take up the files; what went wrong, "" where nothing did."""

    def deactivate(self, label: str, names: Sequence[str], host: Host) -> None:
        """Let the scheduler forget jobs, before their files go."""

    def inactive(self, declared: Declaration, host: Host) -> Sequence[str]:
        """The jobs that the scheduler does not know, though their files are there."""

    def notes(self, declared: Declaration, host: Host) -> Sequence[str]:
        """What else a person must know or do."""
