"""`jstock schedule failed`: what a scheduler calls where a job died."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import console, escape, say
from jstock_core.ops.jobs.death import DeathNotice, report_death, require_job
from jstock_core.ops.jobs.opening import open_job_desk, tell_failures


def show_notice(notice: DeathNotice) -> None:
    """Say whether anything was left to tell."""
    end = "it has told by itself" if notice.told else "told"
    console().print(f"the {notice.job} failed ({escape(notice.how)}): {end}", soft_wrap=True)


@command(show=show_notice, example="jstock schedule failed morning")
def failed(
    job: Annotated[str, typer.Argument(metavar="JOB", help="morning, reminder or evening.")],
    *,
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> DeathNotice:
    """Tell people that a job died without a word; for schedulers, which call it by themselves."""
    require_job(job)
    with tell_failures(job, workspace, now, say):
        desk = open_job_desk(workspace, now)
    return report_death(desk, job, say)
