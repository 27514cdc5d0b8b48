"""`jstock runs`: look back at published mornings, and tidy them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import UNKNOWN, count, pct, plural, signed_number, signed_yen, yen
from jstock_core.cli.day.runs_show import show_comparison, show_proof
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import FromOption, LangOption, ToOption
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, escape, progress, shortest_path, show_error, show_table
from jstock_core.desk.lookback.differences import MorningComparison, compare_mornings
from jstock_core.desk.lookback.kept import ReportFiles, show_kept, write_replay
from jstock_core.desk.lookback.listing import RunDetails, RunList, list_run_days, show_run
from jstock_core.desk.lookback.pruning import PruneResult, plan_pruning, prune, prune_rule
from jstock_core.desk.lookback.verification import MorningProof, verify_morning
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.catalogue.summary import SECTION, RunSummary, TradeDay
from jstock_core.runs.manifest import DataSnapshot, RunManifest

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A trade date as 2026-01-21, or the id of a run.")
]


def _show_list(found: RunList) -> None:
    columns = {
        "trade date": "left", "status": "left", "orders": "right", "signals": "spare right",
        "day P&L": "right", "equity": "right", "excess": "right", "alerts": "right", "runs": "spare right",
    }  # fmt: skip
    rows = [_day_row(day) for day in found.days]
    show_table("runs", columns, rows, empty="none is published; run the day with `jstock daily`")
    if found.more:
        console().print(f"[dim]{plural(found.more, 'trade date')} before them: --most 0 lists all[/]")
    if found.days:
        console().print(f"[dim]the same as a page: {escape(shortest_path(found.index))}[/]", soft_wrap=True)


def _day_row(day: TradeDay) -> list[str]:
    run = day.lead
    return [
        str(day.trade_date),
        _status(run),
        count(run.orders),
        count(run.signals),
        signed_yen(run.day_pnl),
        yen(run.equity),
        signed_number(run.excess_pct, 1),
        str(len(run.alerts) or ""),
        str(len(day.runs)),
    ]


def _status(run: RunSummary) -> str:
    return "rehearsal" if run.is_good and run.rehearsal else run.status


@command(name="list", example="jstock runs list --from 2026-01-01", show=_show_list)
def list_(
    desk: Desk,
    *,
    first: FromOption = "",
    last: ToOption = "",
    most: Annotated[
        int, typer.Option("--most", min=0, metavar="N", help="The newest N trade dates; 0 for all.")
    ] = 20,
) -> RunList:
    """List the trade dates with published runs: orders, P&L, equity, excess over TOPIX, alerts."""
    return list_run_days(desk, first, last, most)


def _show_details(found: RunDetails) -> None:
    run, out = found.summary, console()
    marks = "".join(f"  [yellow]{mark.upper()}[/]" for mark in run.marks)
    out.print(f"run [bold]{escape(run.run_id)}[/] of {run.trade_date}: {escape(run.status)}{marks}")
    out.print(f"  {escape(shortest_path(found.folder / run.page))}", soft_wrap=True)
    if run.error:
        show_error(run.error)
    _show_numbers(run)
    if found.manifest is not None:
        _show_origin(found.manifest)
    for alert in (*run.alerts, *run.warnings):
        out.print(f"[yellow]alert[/] {escape(alert)}", soft_wrap=True)
    others = [[other.run_id, _status(other), other.intent, other.finished] for other in found.others]
    if others:
        columns = {"run": "left", "status": "left", "intent": "left", "finished (JST)": "left"}
        show_table("other runs of this date", columns, others)
    for damaged in found.damage:
        show_error(f"damaged: {damaged}", do="restore the run's folder from a backup")


def _show_numbers(run: RunSummary) -> None:
    numbers = {
        "orders": count(run.orders),
        "signals": count(run.signals),
        f"P&L of {run.session or 'the session'}": signed_yen(run.day_pnl),
        "equity": yen(run.equity),
        "return": pct(run.total_return_pct),
        "excess over TOPIX": UNKNOWN if run.excess_pct is None else f"{signed_number(run.excess_pct)} points",
    }
    known = [[name, text] for name, text in numbers.items() if text != UNKNOWN]
    show_table("headline", {"": "left", "value": "right"}, known, empty="it recorded none")


def _show_origin(manifest: RunManifest) -> None:
    code = manifest.code
    commit = f", commit {code.git_sha[:12]}{' (changed)' if code.dirty else ''}" if code.git_sha else ""
    took = manifest.timings.items()
    seconds = ", ".join(f"{name} {each:.1f} s" for name, each in took if not name.startswith(SECTION))
    sections = ", ".join(
        f"{name.removeprefix(SECTION)} {each:.2f} s" for name, each in took if name.startswith(SECTION)
    )
    rows = [
        ["finished", f"{manifest.finished.jst:%Y-%m-%d %H:%M:%S} JST"],
        ["time", seconds],
        ["sections", sections],
        ["weighed", ", ".join(f"{name} {each:,}" for name, each in manifest.metrics.items())],
        ["code", f"jstock {code.version}{commit}, {(code.sha256 or '')[:12]}"],
        ["parameters", manifest.parameters_sha256[:12]],
        ["notebook", f"{manifest.notebook} {manifest.notebook_sha256[:12]}"],
        *([f"data: {name}", _data(data)] for name, data in manifest.data.items()),
        ["files", plural(len(manifest.files), "file")],
    ]
    show_table("made of", {"": "left", "what": "wrap"}, [row for row in rows if row[1].strip()])


def _data(data: DataSnapshot) -> str:
    return data.sha256[:12] + (f" up to {data.last_session}" if data.last_session else "")


@command(example="jstock runs show 2026-01-21", show=_show_details)
def show(desk: Desk, run: RunArgument) -> RunDetails:
    """Show a run: its numbers, what it was made of, and whether its files are as published."""
    return show_run(desk, run)


@command(example="jstock runs diff 2026-01-20 2026-01-21", show=show_comparison)
def diff(
    desk: Desk,
    first: Annotated[str, typer.Argument(metavar="D1", help="A trade date, or the id of a run.")],
    second: Annotated[str, typer.Argument(metavar="D2", help="Another one.")],
) -> MorningComparison:
    """Explain why two mornings differ: in data, parameters and code, and which orders with it."""
    return compare_mornings(desk, first, second)


@command(example="jstock runs verify 2026-01-21", show=show_proof)
def verify(
    desk: Desk,
    date: Annotated[str, typer.Argument(metavar="D", help="The trade date, as 2026-01-21.")],
    *,
    seal: Annotated[
        str, typer.Option("--seal", metavar="HASH", help="A seal that was mailed: is it of this decision?")
    ] = "",
) -> MorningProof:
    """Decide a past morning again from what was known then, and prove the same signals and orders."""
    return verify_morning(desk, date, seal)


def _show_pruning(found: PruneResult) -> None:
    rows = [[str(run.trade_date), run.run_id, run.why, _megabytes(run.size)] for run in found.removed]
    columns = {"trade date": "left", "run": "left", "why": "left", "MB": "right"}
    show_table("removed" if found.done else "would be removed", columns, rows, empty="nothing")
    out = console()
    if found.removed:
        out.print(f"{plural(len(found.removed), 'run')}, {_megabytes(found.size)} MB together")
    if found.needed:
        out.print(
            f"[dim]kept for the decisions in the journal that they made: {plural(found.needed, 'run')}[/]"
        )
    for run in found.damaged:
        what = f"damaged, so it stays: {run.folder}: {run.error}"
        out.print(f"[yellow]{escape(what)}[/]", soft_wrap=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.2f}"


@command(name="prune", example="jstock runs prune --keep 60 --dry-run", show=_show_pruning)
def prune_(
    desk: Desk,
    *,
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, metavar="N", help="Leave the newest N trade dates alone.")
    ] = None,
    older_than: Annotated[
        str,
        typer.Option("--older-than", metavar="AGE", help="Only dates before 2026-01-21, or older than 90d."),
    ] = "",
    also_latest: Annotated[
        bool, typer.Option("--also-latest", help="Remove the last good run of an older date too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> PruneResult:
    """Remove runs that nobody needs: reruns, rehearsals and failures of older trade dates.

    The last good run of a date stays, unless --also-latest is given, and every run that made a decision in
    the journal stays in any case.
    """
    plan = plan_pruning(desk, prune_rule(desk, keep, older_than, also_latest=also_latest))
    if dry_run or not plan.removed:
        return plan
    if not yes and not (sys.stdin.isatty() and _agrees(plan)):
        raise UsageError("nothing was removed", do="give --yes, or type yes when asked")
    return prune(desk, plan)


def _agrees(plan: PruneResult) -> bool:
    _show_pruning(plan)
    return ask("remove them? Type yes", "") == "yes"


def _show_files(done: ReportFiles) -> None:
    for path in done.files:
        console().print(f"wrote {escape(shortest_path(path))}", soft_wrap=True)


@command(example="jstock runs render 2026-01-21 --lang ja --into japanese", show=_show_files)
def render(
    desk: Desk,
    date: Annotated[str, typer.Argument(metavar="DATE", help="A trade date as 2026-01-21.")],
    into: Annotated[str, typer.Option("--into", metavar="DIR", help="Where the files are written.")],
    lang: LangOption = "",
) -> ReportFiles:
    """Write a published report again as page, Markdown and mail, from what its run kept.

    Nothing is run, and neither market nor journal is read.
    """
    return show_kept(desk, date, into=into, lang=lang)


@command(name="replay", example="jstock runs replay --from 2026-01-05 --to 2026-01-30", show=_show_files)
def replay_(
    desk: Desk,
    *,
    first: FromOption = "",
    last: ToOption = "",
    into: Annotated[
        str,
        typer.Option("--into", metavar="FILE", help="The page; replay.html in the runs folder if not given."),
    ] = "",
    lang: LangOption = "",
) -> ReportFiles:
    """Write one offline page that steps through many mornings: orders, fills, positions, why."""
    with progress("read the mornings") as bar:
        return write_replay(desk, first, last, into=into, lang=lang, tick=bar.advance)
