"""`jstock daily`: the daily notebook through papermill, then page, Markdown, manifest and publishing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jstock_core.base.alerts import DayStatus
from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import ExitStatus, JstockError, NotebookError, PublishError, error_kind
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.desk.day.day import prepare_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.catalogue import write_index
from jstock_core.runs.manifest import DataSnapshot, Moment, RunManifest, RunStatus
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown, skip_slow_grammars
from jstock_core.runs.notebook.execute import Failure, Outcome, execute
from jstock_core.runs.provenance import (
    code_version,
    hash_notebook,
    hash_parameters,
    package_versions,
    python_version,
)
from jstock_core.runs.publish import RunFolder

CONTRACT = ("headline",)
TIMEOUT_S = 900.0
CELL_TIMEOUT_S = 600


@dataclass(frozen=True)
class PublishedRun:
    """A finished run: where it is, and its headline numbers."""

    folder: Path
    trade_date: date
    status: RunStatus
    headline: Mapping[str, Any]
    seconds: Mapping[str, float]

    @property
    def exit(self) -> ExitStatus:
        """The exit status of the command that ran the day."""
        return ExitStatus.DEGRADED if self.status is RunStatus.DEGRADED else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Where the run is, and its headline numbers."""
        return {"run": str(self.folder), "status": str(self.status), **self.headline}

    @property
    def report(self) -> Path:
        """The page to read."""
        return self.folder / "report.html"


def publish_day(
    desk: Desk,
    trade_date: str = "",
    intent: Intent = Intent.JOURNAL,
    say: Say = silent,
    tick: Tick = silent,
) -> PublishedRun:
    """Run the daily notebook for a trade date and publish the run.

    Raises:
        NotebookError: the notebook failed; the failed run is published and named.
        PublishError: the run could not be published.
        JstockError: parameters, data or state are not fit for it; nothing was changed.

    """
    wanted = desk.trade_date(trade_date)
    folder = RunFolder.begin(desk.workspace.runs, wanted, desk.clock)
    try:
        _prepare(desk, folder, intent, say)
        parameters = {
            "trade_date": str(wanted),
            "workspace": str(desk.workspace.root),
            "intent": str(intent),
            "output": str(folder.path),
            "now": desk.fixed_now,
        }
        return _run(desk, folder, parameters, say, tick)
    finally:
        folder.close()


def _prepare(desk: Desk, folder: RunFolder, intent: Intent, say: Say) -> None:
    """Prepare the day; where that is impossible there is no run, and no empty folder stays behind."""
    try:
        prepare_day(desk, folder.trade_date, intent, say)
    except JstockError:
        folder.path.rmdir()
        raise


def _run(desk: Desk, folder: RunFolder, parameters: dict[str, Any], say: Say, tick: Tick) -> PublishedRun:
    skip_slow_grammars()
    started = desk.now()
    notebook = desk.workspace.notebook("daily")
    say("run the daily notebook")
    outcome = execute(
        notebook,
        folder.path / "daily.ipynb",
        parameters,
        timeout_s=TIMEOUT_S,
        cell_timeout_s=CELL_TIMEOUT_S,
        contract=CONTRACT,
        on_cell=tick,
    )
    say("write report and publish")
    clock = time.monotonic()
    headline = outcome.scraps.get("headline") or {}
    status = _status(outcome, headline)
    _write_report(folder, outcome, headline, status)
    seconds = {"notebook": round(outcome.seconds, 3), "report": round(time.monotonic() - clock, 3)}
    manifest = _manifest(desk, folder, notebook, parameters, outcome, started, seconds)
    published = _publish(folder, manifest)
    _index(desk.workspace.runs)
    if outcome.failure is not None:
        raise _failed(outcome.failure, published)
    return PublishedRun(published, folder.trade_date, status, headline, seconds)


def _status(outcome: Outcome, headline: Mapping[str, Any]) -> RunStatus:
    if not outcome.ok:
        return RunStatus.FAILED
    return RunStatus.DEGRADED if headline.get("status") == DayStatus.DEGRADED else RunStatus.OK


def _write_report(
    folder: RunFolder, outcome: Outcome, headline: Mapping[str, Any], status: RunStatus
) -> None:
    title = f"Trade report {folder.trade_date}"
    simulated = bool(headline.get("simulated", False))
    page = notebook_to_html(outcome.notebook, title=title, simulated=simulated, status=str(status))
    write_atomically(folder.path / "report.html", page.encode())
    text, images = notebook_to_markdown(outcome.notebook)
    charts = folder.path / "charts"
    charts.mkdir(exist_ok=True)
    for name, image in images.items():
        (charts / name).write_bytes(image)
    write_atomically(folder.path / f"trade_report_{folder.trade_date}.md", text.encode())


def _manifest(
    desk: Desk,
    folder: RunFolder,
    notebook: Path,
    parameters: Mapping[str, Any],
    outcome: Outcome,
    started: datetime,
    seconds: Mapping[str, float],
) -> RunManifest:
    headline = outcome.scraps.get("headline") or {}
    return RunManifest(
        status=_status(outcome, headline),
        error=outcome.error,
        trade_date=folder.trade_date,
        run_id=folder.run_id,
        rehearsal=headline.get("intent", parameters["intent"]) == Intent.REHEARSE,
        simulated=desk.provider.capabilities.simulated,
        parameters={**parameters, "desk": _declared(desk)},
        parameters_sha256=hash_parameters(parameters),
        notebook=notebook.name,
        notebook_sha256=hash_notebook(notebook),
        code=code_version(),
        data=_snapshot(desk),
        packages=package_versions(),
        python=python_version(),
        timings=seconds,
        started=Moment.of(started),
        finished=Moment.of(desk.now()),
        headline=headline,
    )


def _snapshot(desk: Desk) -> dict[str, DataSnapshot]:
    contents = desk.store.read()
    return {
        name: DataSnapshot(last_session=contents.last(name), sha256=digest)
        for name, digest in contents.snapshot().items()
    }


def _declared(desk: Desk) -> dict[str, Any]:
    """The parameters of the desk and its groups as they stood in this run."""
    return {
        "provider": dict(desk.settings.declared_provider),
        "groups": {g.id: dict(g.declared) for g in desk.groups},
    }


def _publish(folder: RunFolder, manifest: RunManifest) -> Path:
    """Publish; where that fails after orders were journaled, the tickets still reach the trader."""
    try:
        return folder.publish(manifest)
    except PublishError as error:
        tickets = folder.path / "orders.csv"
        text = tickets.read_text(encoding="utf-8-sig") if tickets.exists() else "no tickets were written"
        raise PublishError(
            f"{error.what}\nthe tickets of {folder.trade_date}:\n{text.rstrip()}",
            where=error.where,
            do=error.do,
        ) from error


def _index(runs: Path) -> None:
    try:
        write_index(runs)
    except OSError as error:
        raise PublishError(
            f"the run is published, but the index is not: {error}",
            where=str(runs / "index.html"),
            do="make it writable",
        ) from error


def _failed(failure: Failure, folder: Path) -> JstockError:
    """The error of a failed notebook, with the exit status of what failed inside it where that is known."""
    kind = error_kind(failure.name) or NotebookError
    return kind(
        f"the daily notebook failed: {failure.message}",
        where=str(folder),
        do="read report.html there: it shows the failing cell; then run the same command again",
    )
