"""A job that died without a word: killed, out of time or memory, or before jstock began."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jstock_core.base.errors import ExitStatus, JstockError, UsageError
from jstock_core.base.progress import Say, silent
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.jobs.morning import follow
from jstock_core.ops.schedule.declaration import TITLES
from jstock_core.ops.watch.ended import Ended

_SILENT = (ExitStatus.OK, ExitStatus.INTERNAL, ExitStatus.USAGE)
"""Statuses that Python and the command line end with too, before a job begins."""


class JobDeathError(JstockError):
    """A job that ended without telling anybody how."""


@dataclass(frozen=True)
class DeathNotice:
    """What became of the report of a job that failed: `told` where the job had told by itself."""

    job: str
    how: str
    told: bool

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"job": self.job, "how": self.how, "told_by_itself": self.told}


def report_death(
    desk: Desk, job: str, say: Say = silent, variables: Mapping[str, str] = os.environ
) -> DeathNotice:
    """Do what follows a job that failed, where the job could not; `variables` are those of the scheduler.

    systemd says in `MONITOR_SERVICE_RESULT`, `MONITOR_EXIT_CODE` and `MONITOR_EXIT_STATUS` how it ended.

    Raises:
        UsageError: there is no such job.

    """
    require_job(job)
    how = _how(variables)
    told = variables.get("MONITOR_EXIT_CODE") == "exited" and _tells_itself(variables)
    if not told:
        now = desk.clock()
        error = JobDeathError(
            f"the {job} died: {how}",
            where="the scheduler of this machine",
            do="see its log (`journalctl --user`), then run the job's command again: it repairs itself",
        )
        day = desk.calendar.on_or_after(now.date())
        follow(Ended(desk=desk, job=job, trade_date=day, started=now, finished=now, error=error), say)
    return DeathNotice(job, how, told)


def require_job(name: str) -> None:
    """Make sure that there is such a job.

    Raises:
        UsageError: there is none.

    """
    if name not in TITLES:
        raise UsageError(f'"{name}" is no job', do=f"give one of {', '.join(TITLES)}")


def _how(variables: Mapping[str, str]) -> str:
    names = ("MONITOR_SERVICE_RESULT", "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS")
    return " ".join(value for name in names if (value := variables.get(name))) or "nobody knows how"


def _tells_itself(variables: Mapping[str, str]) -> bool:
    status = variables.get("MONITOR_EXIT_STATUS", "")
    known = {str(int(each)) for each in ExitStatus} - {str(int(each)) for each in _SILENT}
    return status in known
