"""`jstock data`: bring market data in, and show what is stored."""

from __future__ import annotations

import shlex
import sys
from datetime import date
from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption, WorkspaceOption
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, escape, say, show_table
from jstock_core.data.checks.absent import absent_line
from jstock_core.data.checks.findings import Finding
from jstock_core.data.checks.readiness import Readiness
from jstock_core.desk.care.checks import DataCheck, check_data
from jstock_core.desk.care.editions import (
    StorePurge,
    StoreRebuild,
    purge_store,
    rebuild_store,
    show_revisions,
)
from jstock_core.desk.care.import_target import import_target
from jstock_core.desk.care.imports import (
    DataFetch,
    DataImport,
    StoredDataSet,
    StoreStatus,
    confirm_bar,
    fetch_now,
    import_folder,
    store_status,
)
from jstock_core.desk.day.again.revised import RevisedData
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.kept.confirmed import ConfirmedBar
from jstock_core.desk.workspace.workspace import MARK


def _show_import(done: DataImport) -> None:
    for dataset, rows in done.rows.items():
        if not rows and not done.revised[dataset] and dataset != "bars":
            continue
        revised = f", {done.revised[dataset]:,} revised" if done.revised[dataset] else ""
        console().print(f"  {dataset:<12} {rows:>9,} rows added{revised}")
    for file, why in done.passed_over.items():
        console().print(f"[yellow]not read[/] {escape(f'{file}: {why}')}", soft_wrap=True)
    if done.adjusted:
        some = ", ".join(done.adjusted[:5]) + (" ..." if len(done.adjusted) > 5 else "")
        what = f"prices of {some} are adjusted for splits: before the newest split they were not traded so"
        console().print(f"[yellow]adjusted[/] {escape(what)}", soft_wrap=True)
    if done.left_out:
        codes = ", ".join(done.left_out[:10]) + (" ..." if len(done.left_out) > 10 else "")
        waiting = f"{plural(len(done.left_out), 'code')} with bars but no row in master: {codes}"
        console().print(f"[yellow]left out[/] {waiting}; add the rows to the master file and import it")
    place = escape(shlex.quote(str(done.workspace)))
    following = f"next: `jstock daily --workspace {place}`"
    if done.lacking is not None:
        following = (
            f"`jstock daily` needs those of {done.lacking} too; for a desk on the past write `live: false` "
            f"into {escape(str(done.workspace / MARK))}, or walk it with `jstock replay`"
        )
    console().print(f"bars up to {done.through}; {following}", soft_wrap=True)


def _show_fetch(done: DataFetch) -> None:
    empty = "no bars are stored; import them with `jstock data import FOLDER`"
    console().print(f"bars up to {done.through}" if done.through else empty)


def _data_set(name: str, stored: StoredDataSet | None, ready: Readiness | None) -> list[str]:
    """What is stored of a data set, and whether what is due is there."""
    newest = (ready.newest if ready else None) or (stored.last if stored else None)
    rows, digest = (f"{stored.rows:,}", stored.sha256[:12]) if stored else ("0", "")
    if ready is None:
        return [name, "", _day(newest), rows, "", "", digest]
    state = (
        "LATE" if ready.late else "absent" if not stored else "ready" if ready.due and ready.newest else ""
    )
    return [name, _day(ready.due), _day(newest), rows, state, ready.reason, digest]


def _day(day: date | None) -> str:
    return str(day or "-")


def _show_status(found: StoreStatus) -> None:
    if found.absent:
        console().print(absent_line(found.absent))
    ready = {each.dataset: each for each in found.readiness}
    names = tuple(dict.fromkeys((*ready, *found.data)))
    columns = {
        "data set": "left", "due": "left", "newest": "left", "rows": "right", "state": "left", "why": "wrap",
        "sha256": "spare left",
    }  # fmt: skip
    provider = f"{found.provider or 'nothing stored'}{' (SIMULATED)' if found.simulated else ''}"
    rows = [_data_set(name, found.data.get(name), ready.get(name)) for name in names]
    show_table(f"{provider} at {found.at:%Y-%m-%d %H:%M} JST", columns, rows)
    if found.fetched_at:
        console().print(f"[dim]last fetched or imported {found.fetched_at:%Y-%m-%d %H:%M} JST[/]")
    notes = [
        [each.severity, each.code or "market", each.what]
        for each in found.findings
        if each.severity != "info"
    ]
    show_table("checks", {"": "left", "code": "left", "finding": "wrap"}, notes, empty="nothing to report")
    facts = len(found.findings) - len(notes)
    if facts:
        console().print(f"[dim]{facts} more are only good to know: `jstock data check --all`[/]")


@command(name="import", example="jstock data import ~/jquants --workspace ~/desk", show=_show_import)
def import_(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder of files, or one file.")],
    code: Annotated[
        str, typer.Option("--code", metavar="CODE", help="The stock of a file that does not say it.")
    ] = "",
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> DataImport:
    """Import files of market data; makes the workspace where there is none.

    \b
    Only bars are required. Files are known by their columns, in subfolders too:
    parquet, or text in UTF-8, UTF-16 or Shift_JIS with commas, tabs or
    semicolons; also packed (.gz). More in docs/files.md.

    \b
    J-Quants V2 (API, official client and CLI, bulk files); usual names:
      bars_daily      Date Code O H L C Vo AdjFactor, also Va ExRT MktCap
      master          Code CoName S33Nm ScaleCat Mkt MktNm ProdCat, also Date
      topix           Date O H L C
      investor_types  PubDate StDate EnDate Section FrgnBal ...
      fins_summary    DiscDate DiscTime Code DiscNo DocType CurPerType ...
      earnings_date   PubDate SchDate Code, also FQName FYE
      fins_dividend   PubDate PubTime Code RefNo StatCode DivRate ExDate ...
      actions         PubDate ExDate Code AdjFactor: splits that are announced

    \b
    Plain prices, as traded; English or Japanese headings:
      7203.csv            Date Open High Low Close Volume
      株価_20260121.csv   銘柄コード 始値 高値 安値 終値 出来高: a day, all stocks
      topix.csv           Date Close
      data_j.csv          コード 銘柄名 33業種区分 規模区分 ...: JPX's list
    """  # noqa: D301 (click keeps the lines after the control character)
    with import_target(workspace) as place:
        return import_folder(open_desk(place.root, now=now), folder, say, code=code)


@command(example="jstock data fetch", show=_show_fetch)
def fetch(desk: Desk) -> DataFetch:
    """Fetch what became public since the last time."""
    return fetch_now(desk, say)


def _show_check(found: DataCheck) -> None:
    counts = [[rule.name, rule.holds, str(len(found.found_by(rule)) or "-")] for rule in found.rules]
    columns = {"check": "left", "what holds of sound data": "wrap", "found": "right"}
    show_table(f"checks of data up to {found.through}", columns, counts)
    shown = tuple(each for each in found.findings if found.whole or each.severity != "info")
    _show_findings("findings", shown)
    if len(shown) < len(found.findings):
        console().print(f"[dim]{len(found.findings) - len(shown)} more are only good to know: --all[/]")
    compared = found.crosscheck
    if compared is None:
        return
    bases = "; ".join(f"{plural(stocks, 'stock')} {basis}" for basis, stocks in compared.bases.items())
    console().print(f"compared {plural(compared.compared, 'close')} of {bases or 'no stock'}")
    for codes, why in ((compared.unknown, "not stored"), (compared.untouched, "no session in common")):
        if codes:
            some = ", ".join(codes[:10]) + (" ..." if len(codes) > 10 else "")
            console().print(f"not compared, {why}: {some}")
    _show_findings("differences", compared.findings)


def _show_findings(title: str, findings: tuple[Finding, ...]) -> None:
    columns = {"": "left", "code": "left", "finding": "wrap", "what to do": "wrap"}
    rows = [[each.severity, each.code or "market", each.what, each.do] for each in findings]
    show_table(title, columns, rows, empty="nothing to report")


@command(example="jstock data check --against ~/stooq", show=_show_check)
def check(
    desk: Desk,
    against: Annotated[
        str, typer.Option(metavar="FILES", help="Files of a second source: a date and a close.")
    ] = "",
    code: Annotated[str, typer.Option(metavar="CODE", help="The stock of a file that does not say it.")] = "",
    whole: Annotated[bool, typer.Option("--all", help="Show also what is only good to know.")] = False,
) -> DataCheck:
    """Check all stored data by every rule; with --against compare its closes with others'."""
    return check_data(desk, against, code, whole=whole)


def _show_confirmed(done: ConfirmedBar) -> None:
    prices = ", ".join(f"¥{price:,.1f}" for price in done.prices)
    console().print(f"confirmed {done.code} on {done.session}: {prices}", highlight=False)


@command(example="jstock data confirm 1514 2024-03-08", show=_show_confirmed)
def confirm(
    desk: Desk,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock, or TOPIX.")],
    session: Annotated[str, typer.Argument(metavar="DATE", help="The session of the bar.")],
    reason: Annotated[str, typer.Option(help="How you know, for the record.")] = "",
) -> ConfirmedBar:
    """Confirm that a blocked bar is what was traded, so that its stock is decided on again."""
    return confirm_bar(desk, code, session, reason)


@command(example="jstock data status --json", show=_show_status)
def status(desk: Desk) -> StoreStatus:
    """Show what the store holds, what of it is late, and what the checks find in it."""
    return store_status(desk)


def _show_revisions(found: RevisedData) -> None:
    rows = [
        [f"{r.received_at:%Y-%m-%d %H:%M}", r.dataset, r.code, str(r.day or r.row), r.change]
        for r in found.revisions
    ]
    columns = {"received": "left", "data set": "left", "code": "left", "of": "left", "change": "wrap"}
    show_table("revisions", columns, rows, empty="nothing was corrected")
    if found.revisions:
        console().print(f"{found.effect}.", soft_wrap=True, highlight=False)
    for text in (*(change.text for change in found.changes), *found.failed):
        console().print(f"  {escape(text)}", soft_wrap=True, highlight=False)


@command(example="jstock data revisions --since 2026-06-01", show=_show_revisions)
def revisions(
    desk: Desk,
    since: Annotated[str, typer.Option(metavar="DATE", help="Received from this day on; all without.")] = "",
    mornings: Annotated[int, typer.Option(min=0, help="How many of the last mornings to decide again.")] = 20,
) -> RevisedData:
    """Show what vendors corrected, and which past decisions would be others on it."""
    return show_revisions(desk, since, mornings)


def _show_rebuild(done: StoreRebuild) -> None:
    console().print(f"parsed files made again of {plural(done.deliveries, 'delivery', 'deliveries')}")


@command(example="jstock data rebuild", show=_show_rebuild)
def rebuild(desk: Desk) -> StoreRebuild:
    """Make the parsed files again from the rows as received."""
    return rebuild_store(desk)


def _show_purge(done: StorePurge) -> None:
    files = plural(done.files, "file")
    console().print(f"removed {files} of {done.provider}; journal, reports and parameters stay")


@command(example="jstock data purge --yes", show=_show_purge)
def purge(
    desk: Desk,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> StorePurge:
    """Remove the stored market data, as when a licence ends; the journal stays."""
    if not yes and not (sys.stdin.isatty() and ask(_PURGE, "") == "yes"):
        raise UsageError("nothing was removed", do="give --yes, or type yes when asked")
    return purge_store(desk)


_PURGE = "remove all market data? No past decision can be explained then. Type yes"
