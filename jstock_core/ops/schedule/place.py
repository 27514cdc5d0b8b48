"""Where the files of a scheduler lie: a folder, or the crontab of the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import WriteError
from jstock_core.base.limits import MEGABYTE, read_file
from jstock_core.ops.schedule.cron import Crontab, read_crontab, write_crontab
from jstock_core.ops.schedule.launchd import LaunchAgents
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.scheduler import Files, Host, Scheduler
from jstock_core.ops.schedule.systemd import SystemdUnits
from jstock_core.ops.schedule.windows import TaskScheduler

SCHEDULERS: Mapping[Kind, Scheduler] = {
    each.kind: each for each in (SystemdUnits(), Crontab(), LaunchAgents(), TaskScheduler())
}


@dataclass(frozen=True)
class SchedulePlace:
    """Where the files of a scheduler lie: `folder`, or the crontab of the user where that is None.

    `scratch` is a place that no scheduler reads, for tests and to look at.
    """

    kind: Kind
    folder: Path | None
    scratch: bool
    host: Host

    @classmethod
    def of(cls, kind: Kind, host: Host, into: str = "") -> SchedulePlace:
        """The place of a kind on a machine, or the folder `into` instead of it."""
        if into:
            return cls(kind, Path(into).expanduser().absolute(), scratch=True, host=host)
        own = None if kind == "cron" else SCHEDULERS[kind].place(host)
        return cls(kind, own, scratch=False, host=host)

    @property
    def scheduler(self) -> Scheduler:
        """Its kind."""
        return SCHEDULERS[self.kind]

    @property
    def name(self) -> str:
        """Where that is, for people."""
        return "the crontab of the user" if self.folder is None else str(self.folder)

    def read(self, name: str) -> bytes | None:
        """A file; None where there is none.

        Raises:
            WriteError: it cannot be read.

        """
        if self.folder is None:
            return read_crontab(self.host)
        try:
            return read_file(self.folder / name, MEGABYTE)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise WriteError(
                f"{name} cannot be read: {os_reason(error)}", where=self.name, do="check its permissions"
            ) from error

    def write(self, files: Files) -> None:
        """Write files, and remove those that are to be gone.

        Raises:
            WriteError: the place cannot be written.

        """
        for name, content in files.items():
            what = self._write(name, content)
            if what:
                raise WriteError(
                    f"{name} cannot be written: {what}", where=self.name, do="check its permissions"
                )

    def _write(self, name: str, content: bytes | None) -> str:
        if self.folder is None:
            return write_crontab(content or b"", self.host)
        try:
            if content is None:
                (self.folder / name).unlink(missing_ok=True)
            else:
                self.folder.mkdir(parents=True, exist_ok=True)
                write_atomically(self.folder / name, content, 0o644)
        except OSError as error:
            return os_reason(error)
        return ""

    def differences(self, files: Files) -> Files:
        """Those of some files that are not as they are to be."""
        return {name: content for name, content in files.items() if self.read(name) != content}
