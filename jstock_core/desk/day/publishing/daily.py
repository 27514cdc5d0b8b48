"""`jstock daily`: the daily notebook through papermill, then page, Markdown, manifest and publishing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import (
    DataError,
    JstockError,
    NotebookError,
    PublishError,
    StateError,
    error_kind,
)
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.desk.day.orders.order_export import publish_orders
from jstock_core.desk.day.publishing.declarations import desk_declarations
from jstock_core.desk.day.publishing.executed import NotebookRun, execute_daily
from jstock_core.desk.day.publishing.measures import data_snapshot, measure_run, section_seconds
from jstock_core.desk.day.publishing.page import words_of
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.day.publishing.publishing import publish_run
from jstock_core.desk.day.publishing.refusal import publish_refusal
from jstock_core.desk.day.publishing.tickets import CommitWatch, guard_tickets
from jstock_core.desk.day.steps import prepare_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.links import page_links
from jstock_core.runs.manifest import Moment, RunManifest
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown
from jstock_core.runs.notebook.execute import Outcome
from jstock_core.runs.provenance import (
    CodeVersion,
    code_version,
    hash_notebook,
    hash_parameters,
    package_versions,
    python_version,
)
from jstock_core.runs.publish import RunFolder
from jstock_core.signals.language.plugins import plugin_sources


def publish_day(
    desk: Desk,
    trade_date: str = "",
    intent: Intent = Intent.JOURNAL,
    say: Say = silent,
    tick: Tick = silent,
    lang: str = "",
) -> PublishedRun:
    """Run the daily notebook for a trade date and publish the run.

    `lang` is the language of its report, "" for the desk's.

    Raises:
        DataError: the newest bars are not those of the session before, or the data forbids deciding. For the
            next trade date a page marked STALE is published.
        NotebookError: the notebook failed; the failed run is published and named.
        PublishError: decisions are journaled and something after that failed; it carries their tickets.
        WriteError: the run could not be published, and nothing is journaled for the date.
        JstockError: parameters, data or state are not fit for it; nothing was changed.

    """
    words = words_of(desk, lang)
    code = code_version()  # as the command began: an update before the kernel starts is noticed there
    wanted = desk.trade_date(trade_date)
    with guard_tickets(desk, wanted, intent) as watch:
        folder = RunFolder.begin(desk.workspace.runs, wanted, desk.clock)
        try:
            clock = time.monotonic()
            _prepare(desk, folder, intent, say)
            seconds = {"prepare": round(time.monotonic() - clock, 3)}
            parameters = {
                "trade_date": str(wanted),
                "workspace": str(desk.workspace.root),
                "intent": str(intent),
                "output": str(folder.path),
                "now": desk.fixed_now,
                "lang": words.language,
            }
            published = _run(desk, folder, parameters, code, seconds, say, tick)
        finally:
            folder.close()
        return _followed(desk, published, watch) if intent.records else published


def _followed(desk: Desk, published: PublishedRun, watch: CommitWatch) -> PublishedRun:
    """The run with its tickets, after what failed of views and backups in the notebook was tried once more.

    Raises:
        PublishError: that failed again, or the journal cannot be reached any more.

    """
    try:
        with desk.writing(f"what follows the day of {published.trade_date}"):
            pass
        return replace(published, tickets=watch.recorded())
    except StateError as error:
        raise PublishError(
            f"the report of {published.trade_date} is published, and after that {error.what}",
            where=f"{published.report}; {error.where}",
            do=f"{error.do}; then run the same command again",
        ) from error


def _prepare(desk: Desk, folder: RunFolder, intent: Intent, say: Say) -> None:
    """Prepare the day; where that is impossible there is no run, and no empty folder stays behind."""
    started = desk.clock()
    try:
        prepare_day(desk, folder.trade_date, intent, say)
    except JstockError as error:
        awaited = intent.records and folder.trade_date >= desk.next_trade_date
        if isinstance(error, DataError) and awaited:
            say("publish a page marked STALE")
            publish_refusal(desk, folder, error, started)
        if folder.path.exists():
            shutil.rmtree(folder.path)
        raise


def _run(
    desk: Desk,
    folder: RunFolder,
    parameters: dict[str, Any],
    code: CodeVersion,
    before: Mapping[str, float],
    say: Say,
    tick: Tick,
) -> PublishedRun:
    """Run the notebook and publish what it made; `before` are the seconds of the steps before."""
    say("run the daily notebook")
    run = execute_daily(desk, folder, parameters, code, tick)
    say("write report and publish")
    clock = time.monotonic()
    _write_report(run)
    if run.headline is not None and run.headline.intent in (Intent.JOURNAL, Intent.SHOW_AGAIN):
        publish_orders(desk, folder.trade_date, folder.path)
    took = {"notebook": round(run.outcome.seconds, 3), "report": round(time.monotonic() - clock, 3)}
    seconds = {**before, **took}
    published = publish_run(desk, folder, _manifest(run, {**seconds, **section_seconds(run.outcome)}))
    if run.headline is None or run.outcome.failure is not None:
        raise _notebook_error(run.outcome, published)
    return PublishedRun(
        published, folder.trade_date, run.status, run.headline, seconds, historical=desk.historical
    )


def _write_report(run: NotebookRun) -> None:
    folder, day = run.folder.path, run.folder.trade_date
    words = words_of(run.desk, str(run.parameters["lang"]))
    simulated = run.headline is not None and run.headline.simulated
    page = notebook_to_html(
        run.outcome.notebook,
        title=words("Trade report {day}", day=day),
        simulated=simulated,
        status=str(run.status),
        historical=run.desk.historical,
        words=words,
        links=page_links(run.folder.root, day, folder),
    )
    write_atomically(folder / "report.html", page.encode())
    text, images = notebook_to_markdown(run.outcome.notebook, words=words)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for name, image in images.items():
        (charts / name).write_bytes(image)
    write_atomically(folder / f"trade_report_{day}.md", text.encode())


def _manifest(run: NotebookRun, seconds: Mapping[str, float]) -> RunManifest:
    desk, asked = run.desk, Intent(run.parameters["intent"])
    return RunManifest(
        status=run.status,
        error=run.outcome.error,
        trade_date=run.folder.trade_date,
        run_id=run.folder.run_id,
        rehearsal=(run.headline.intent if run.headline else asked) is Intent.REHEARSE,
        simulated=desk.provider.capabilities.simulated,
        historical=desk.historical,
        parameters={**run.parameters, "desk": desk_declarations(desk)},
        parameters_sha256=hash_parameters(run.parameters),
        notebook=run.notebook.name,
        notebook_sha256=hash_notebook(run.notebook),
        code=run.code,
        kernel=run.outcome.kernel,
        data=data_snapshot(desk),
        edition=desk.store.read().token,
        plugins=plugin_sources(desk.rules),
        packages=package_versions(),
        python=python_version(),
        timings=seconds,
        metrics=measure_run(desk, run.folder.path, run.started),
        started=Moment.of(run.started),
        finished=Moment.of(desk.clock()),
        headline=run.headline.as_json() if run.headline else {},
    )


def _notebook_error(outcome: Outcome, folder: Path) -> JstockError:
    """The error of a failed notebook, with the exit status of what failed inside it where that is known."""
    kind = error_kind(outcome.failure.name) if outcome.failure else None
    return (kind or NotebookError)(
        f"the daily notebook failed: {outcome.error}",
        where=str(folder),
        do="read report.html there: it shows the failing cell; then run the same command again",
    )
