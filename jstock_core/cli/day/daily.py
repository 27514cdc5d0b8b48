"""`jstock daily` and `jstock trade report`: run and publish a day, and show its main numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import time
from pathlib import Path
from typing import Annotated

import typer

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import UsageError
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Tick
from jstock_core.base.words import pct, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption, LangOption, NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import Bar, console, escape, progress, say, shortest_path, show_historical
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.jobs.morning import pass_closed_day, run_morning, run_scheduled
from jstock_core.ops.jobs.opening import open_job_desk, tell_failures
from jstock_core.ops.schedule.gate import NothingToDo, judge_day
from jstock_core.reports.render.headlines import phases_text
from jstock_core.reports.render.outgoing.pdf import find_browser, print_pdf

SHOWN = 10
"""Alerts, and as many warnings, that the terminal shows."""

_INTENTS = {
    Intent.JOURNAL: "decided and journaled",
    Intent.SHOW_AGAIN: "already done: shown again from the journal, nothing was added",
    Intent.REHEARSE: "REHEARSAL: nothing was journaled",
}


def show_day(done: PublishedRun | NothingToDo) -> None:
    """Signals, orders, equity against TOPIX, alerts and warnings, and where the report is."""
    if isinstance(done, NothingToDo):
        console().print(done.text)
        return
    headline = done.headline
    out = console()
    market = "  SIMULATED MARKET" if headline.simulated else ""
    if done.historical:
        show_historical()
    out.print(f"[bold]{headline.trade_date}[/]  {_INTENTS.get(headline.intent, headline.intent)}{market}")
    out.print(f"  signals  {headline.buys} BUY, {headline.sells} SELL, {headline.unknown} unknown exits")
    by_you = f", {headline.orders_by_you} of them for you to place" if headline.orders_by_you else ""
    not_placed = phases_text(headline.orders_done)
    out.print(f"  orders   {headline.orders}{by_you}{not_placed and f', {not_placed}'}")
    topix = headline.topix_return_pct
    against = "" if topix is None else f", TOPIX {pct(topix, 2)} over the same sessions"
    out.print(f"  equity   {yen(headline.equity)} ({pct(headline.total_return_pct, 2)}){against}")
    _show_messages("[bold red]alert[/]   ", headline.alerts)
    _show_messages("[yellow]warning[/] ", headline.warnings)
    out.print(f"  report   {escape(shortest_path(done.report))}", soft_wrap=True)


def _show_messages(mark: str, texts: Sequence[str]) -> None:
    """Alerts or warnings, each in a line; the report has all of them."""
    for text in texts[:SHOWN]:
        console().print(f"  {mark} {escape(text)}", soft_wrap=True)
    if len(texts) > SHOWN:
        console().print(f"  {mark} and {len(texts) - SHOWN} more: the report has them")


def run_and_publish(desk: Desk, date: str, intent: Intent, lang: str, wait: int = 0) -> PublishedRun:
    """Run and publish a day under a progress bar."""
    with progress("daily notebook") as bar:
        return run_morning(desk, date, intent, bar.say, _ticks(bar), lang, wait)


def _ticks(bar: Bar) -> Tick:
    """The cells of the notebook on a progress bar."""
    return lambda done, total, title: bar.advance(done, total, title or "daily notebook")


@command(show=show_day, example="jstock daily --date 2026-01-21")
def daily(
    date: DateOption = "",
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="Journal nothing: everything in memory.")
    ] = False,
    revise: Annotated[
        bool,
        typer.Option(
            "--revise", help="Revise a decided date with new and larger buys too, for facts recorded since."
        ),
    ] = False,
    scheduled: Annotated[
        bool,
        typer.Option(
            "--scheduled",
            help="For schedulers: the morning of today, once; where it is closed, early or done, say so.",
        ),
    ] = False,
    wait: Annotated[
        int,
        typer.Option(
            "--wait",
            metavar="MINUTES",
            help="Fetch again so long where data is late, but not beyond the open.",
        ),
    ] = 0,
    lang: LangOption = "",
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> PublishedRun | NothingToDo:
    """Run the daily notebook for a trade date: fetch, settle, decide, journal, publish the report."""
    with tell_failures("morning", workspace, now, say) if scheduled else nullcontext():
        if scheduled and (closed := judge_day(make_clock(now)(), time.min, "morning")):
            pass_closed_day("morning", closed.day, workspace, now, say)
            return closed
        desk = open_job_desk(workspace, now)
        if scheduled and desk.historical:
            raise UsageError(
                "this desk is historical: its orders cannot be placed, so nothing of it is scheduled",
                where=f"{desk.workspace.desk_yaml}, live",
                do="schedule a live desk; run this one by hand, or walk its past with `jstock replay`",
            )
    if rehearsal and revise:
        raise UsageError("--rehearsal records nothing, and --revise does", do="give one of them")
    intent = Intent.REHEARSE if rehearsal else Intent.REVISE if revise else Intent.JOURNAL
    if scheduled and not date and intent is Intent.JOURNAL:
        with progress("daily notebook") as bar:
            return run_scheduled(desk, bar.say, _ticks(bar), lang, wait)
    return run_and_publish(desk, date, intent, lang, wait)


@command(show=show_day, example="jstock trade report --date 2026-01-21")
def report(
    desk: Desk,
    date: DateOption = "",
    lang: LangOption = "",
    pdf: Annotated[
        str,
        typer.Option(
            "--pdf", metavar="FILE", help="Print the page into a PDF too, by Chromium, Chrome or Edge."
        ),
    ] = "",
) -> PublishedRun:
    """Render the report of a trade date again, from what was recorded, as a new run."""
    browser = find_browser() if pdf else None
    done = run_and_publish(desk, date, Intent.SHOW_AGAIN, lang)
    if browser is not None:
        say(f"print {pdf}")
        print_pdf(done.report, Path(pdf), browser)
    return done
