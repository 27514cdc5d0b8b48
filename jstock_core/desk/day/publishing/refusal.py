"""The page of a morning that was refused: a phone that shows a report shows that there is none today."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from jstock_core.base.clock import JST
from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError, JstockError
from jstock_core.base.intent import Intent
from jstock_core.desk.day.publishing.publishing import publish_run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.parts.words import Words
from jstock_core.runs.links import page_links
from jstock_core.runs.manifest import Moment, RunManifest, RunStatus
from jstock_core.runs.notebook.shell import render_page
from jstock_core.runs.provenance import code_version, hash_parameters, package_versions, python_version
from jstock_core.runs.publish import RunFolder


def publish_refusal(desk: Desk, folder: RunFolder, error: DataError, started: datetime) -> None:
    """Publish a page marked STALE in the place of the report; it displaces no report of that trade date.

    Where the store is damaged nothing is written, and where publishing fails nothing is raised: it must not
    hide why the morning was refused.
    """
    with suppress(JstockError, OSError):
        desk.panel()
        _publish(desk, folder, error, started)


def _publish(desk: Desk, folder: RunFolder, error: DataError, started: datetime) -> None:
    last, words = _last_decided(desk), desk.settings.words
    page = render_page(
        "stale.html.j2",
        title=words("No decision for {day}", day=folder.trade_date),
        words=words,
        links=page_links(folder.root, folder.trade_date, folder.path),
        trade_date=folder.trade_date,
        error=error,
        tried=f"{started.astimezone(JST):%Y-%m-%d %H:%M}",
        last=last,
    )
    write_atomically(folder.path / "report.html", page.encode())
    text = _markdown(folder.trade_date, error, last, words)
    write_atomically(folder.path / f"trade_report_{folder.trade_date}.md", text.encode())
    publish_run(desk, folder, _manifest(desk, folder, error, started))


def _last_decided(desk: Desk) -> date | None:
    return max((decided.session for decided in desk.journal().book().decided.values()), default=None)


def _markdown(trade_date: date, error: DataError, last: date | None, words: Words) -> str:
    nothing = words("There is no decision and there are no orders for {day}.", day=trade_date)
    lines = [
        f"> **{words('STALE')}** {nothing}",
        f"# {words('No decision for {day}', day=trade_date)}",
        words.sentence(error.what),
        error.where,
        words("What to do: {what}", what=words.sentence(error.do)),
        words("The last decision is for {day}; its orders were for that session only.", day=last)
        if last
        else "",
    ]
    return "\n\n".join(line for line in lines if line) + "\n"


def _manifest(desk: Desk, folder: RunFolder, error: DataError, started: datetime) -> RunManifest:
    parameters = {
        "trade_date": str(folder.trade_date),
        "workspace": str(desk.workspace.root),
        "intent": str(Intent.JOURNAL),
        "now": desk.fixed_now,
    }
    return RunManifest(
        status=RunStatus.STALE,
        error=error.what,
        trade_date=folder.trade_date,
        run_id=folder.run_id,
        rehearsal=False,
        simulated=desk.provider.capabilities.simulated,
        historical=desk.historical,
        parameters=parameters,
        parameters_sha256=hash_parameters(parameters),
        notebook="",
        notebook_sha256="",
        code=code_version(),
        data={},
        packages=package_versions(),
        python=python_version(),
        timings={},
        started=Moment.of(started),
        finished=Moment.of(desk.clock()),
        headline={},
    )
