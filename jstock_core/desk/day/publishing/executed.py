"""The daily notebook of a run, executed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import NotebookError
from jstock_core.base.progress import Tick
from jstock_core.desk.day.publishing.page import words_of
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.headline import HEADLINE, Headline, read_headline
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.notebook.convert import load_converter
from jstock_core.runs.notebook.execute import Failure, FailureKind, Outcome, execute
from jstock_core.runs.provenance import CodeVersion
from jstock_core.runs.publish import RunFolder

TIMEOUT_S = 900.0
CELL_TIMEOUT_S = 600


@dataclass(frozen=True, kw_only=True)
class NotebookRun:
    """The daily notebook executed, and the headline it recorded, None where it recorded none."""

    desk: Desk
    folder: RunFolder
    notebook: Path
    parameters: Mapping[str, Any]
    code: CodeVersion
    started: datetime
    outcome: Outcome
    headline: Headline | None

    @property
    def status(self) -> RunStatus:
        """How the run ended."""
        if self.headline is None or not self.outcome.ok:
            return RunStatus.FAILED
        return RunStatus.DEGRADED if self.headline.status is DayStatus.DEGRADED else RunStatus.OK


def execute_daily(
    desk: Desk, folder: RunFolder, parameters: Mapping[str, Any], code: CodeVersion, tick: Tick
) -> NotebookRun:
    """Execute the notebook; a headline that cannot be read is a failure like any other.

    While its first cells run, what will make the page of it is loaded.
    """

    def on_cell(done: int, total: int, title: str) -> None:
        tick(done, total, title)
        if done == 0:
            with suppress(Exception):  # what cannot be loaded fails where it is needed, when facts are safe
                load_converter(words_of(desk, str(parameters["lang"])))

    started, notebook = desk.clock(), desk.workspace.notebook("daily")
    outcome = execute(
        notebook,
        folder.path / "daily.ipynb",
        parameters,
        timeout_s=TIMEOUT_S,
        cell_timeout_s=CELL_TIMEOUT_S,
        contract=(HEADLINE,),
        on_cell=on_cell,
    )
    try:
        headline = read_headline(outcome.scraps)
    except NotebookError as error:
        failure = outcome.failure or Failure(kind=FailureKind.SCRAPS, message=error.what)
        outcome, headline = replace(outcome, failure=failure), None
    return NotebookRun(
        desk=desk, folder=folder, notebook=notebook, parameters=parameters, code=code, started=started,
        outcome=outcome, headline=headline,
    )  # fmt: skip
