"""`jstock state`: the journal: backed up, restored, verified, relocated, exported, imported, corrected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, shortest_path, show_error, show_table
from jstock_core.desk.care.actions import ShareChange, move_code, record_split
from jstock_core.desk.care.backups import (
    BackupEntry,
    BackupResult,
    RestoreResult,
    TrialsRestored,
    restore_backup,
    restore_trials,
    take_backup,
)
from jstock_core.desk.care.correct import CorrectionResult, correct_fact, restore_fact, reverse_fact
from jstock_core.desk.care.export import ExportResult, export_journal
from jstock_core.desk.care.migrate import ImportResult, import_files
from jstock_core.desk.care.relocate import Destination, Relocation, relocate_journal
from jstock_core.desk.care.verify import Verification, verify_journal
from jstock_core.desk.workspace.desk import Desk


def _show_backup(done: BackupResult) -> None:
    made = "nothing changed since the newest backup" if done.made is None else f"made backup {done.made}"
    console().print(made)
    if done.trials:
        console().print(f"the trial ledger with {plural(done.trials, 'trial')} is copied beside it")
    _show_backups(done.backups)


@command(show=_show_backup, example="jstock state backup")
def backup(desk: Desk) -> BackupResult:
    """Take a backup of the journal, its views and the trial ledger."""
    return take_backup(desk)


def _show_trials(done: TrialsRestored) -> None:
    out = console()
    out.print(f"the trial ledger holds {plural(done.trials, 'trial')}, {done.added:,} of them put back")
    if done.aside:
        out.print(f"the damaged ledger is kept in {escape(str(done.aside))}", soft_wrap=True)


def _show_restore(done: RestoreResult | TrialsRestored) -> None:
    if isinstance(done, TrialsRestored):
        _show_trials(done)
        return
    out = console()
    out.print(f"backup {done.backup} is in place: {done.events:,} events up to {done.last_session}")
    if done.aside:
        out.print(f"the files that were in place are kept in {escape(str(done.aside))}", soft_wrap=True)
    missing = plural(done.missing, "event") if done.missing else "facts"
    out.print(f"{missing} recorded after it are missing: record those fills again, then `jstock daily`")
    if done.trials:
        _show_trials(done.trials)


@command(show=_show_restore, example="jstock state restore --backup 12")
def restore(
    desk: Desk,
    number: Annotated[
        int, typer.Option("--backup", metavar="N", help="Its number; default: the newest sound one.")
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a sound journal too; its files are kept aside.")
    ] = False,
    trials: Annotated[
        bool, typer.Option("--trials", help="Only the trial ledger: add what its copies know to it.")
    ] = False,
) -> RestoreResult | TrialsRestored:
    """Put a backup in the place of a damaged journal, whose files are kept aside."""
    if trials and (number or force):
        raise UsageError("--trials goes with no other option", do="the trial ledger has one copy a place")
    return restore_trials(desk) if trials else restore_backup(desk, number or None, force=force)


def _show_relocation(done: Relocation) -> None:
    out = console()
    out.print(f"the journal lies in {escape(done.place)}: {done.events:,} events", soft_wrap=True)
    if done.aside:
        out.print(f"the files that were in place are kept in {escape(str(done.aside))}", soft_wrap=True)
    if done.variable:
        out.print(done.variable)


@command(show=_show_relocation, example="jstock state relocate --to url")
def relocate(
    desk: Desk,
    to: Annotated[
        Destination | None,
        typer.Option("--to", help="The workspace's own file, or what JSTOCK_JOURNAL_URL names."),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take the journal that is there as it is, also an older one.")
    ] = False,
) -> Relocation:
    """Move the journal to another place, with its events."""
    if to is None and not accept:
        raise UsageError("where to?", do="give --to workspace or --to url, or --accept for the place in use")
    return relocate_journal(desk, to, accept=accept)


def _show_verification(found: Verification) -> None:
    console().print(found.summary)
    _show_backups(found.backups)
    console().print(found.dividends.text)
    for said in (*found.dividends.differences, *(each.advice for each in found.overdrafts)):
        console().print(f"  [yellow]{escape(said)}[/]", soft_wrap=True)
    for fault in found.faults:
        show_error(fault)
    if found.events and not found.faults:
        console().print("[bold]sound[/]: money adds up to the yen, and the views agree with the journal")


@command(show=_show_verification, example="jstock state verify")
def verify(desk: Desk) -> Verification:
    """Replay the journal from its first event and check chain, invariants, views and backups."""
    return verify_journal(desk)


def _show_export(done: ExportResult) -> None:
    console().print(
        f"wrote {done.events:,} events and {done.fills:,} fills into {escape(str(done.folder))}",
        soft_wrap=True,
    )


@command(show=_show_export, example="jstock state export --to ~/books")
def export(
    desk: Desk, to: Annotated[str, typer.Option("--to", metavar="DIR", help="The folder to write into.")]
) -> ExportResult:
    """Write all events as JSON lines, and the fills as CSV."""
    return export_journal(desk, to)


def _show_import(done: ImportResult) -> None:
    out = console()
    unexplained = plural(len(done.remarks), "difference") if done.remarks else "nothing"
    out.print(f"{done.fills:,} fills; not explained by them: {unexplained}")
    for remark in done.remarks:
        out.print(f"  {escape(remark)}", soft_wrap=True)
    for odd in done.odd:
        out.print(f"  [yellow]odd[/] {escape(odd)}", soft_wrap=True)
    recorded = f"{done.recorded:,} of {done.events:,} events recorded"
    out.print("preview: nothing was recorded" if done.preview else recorded)


@command(
    name="import",
    show=_show_import,
    example="jstock state import --state production_state.json --preview",
)
def import_(
    desk: Desk,
    state: Annotated[str, typer.Option("--state", metavar="FILE", help="A production_state.json.")] = "",
    history: Annotated[str, typer.Option("--history", metavar="FILE", help="A trade_history.json.")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it comes to, import nothing.")
    ] = False,
    accept_odd: Annotated[
        bool, typer.Option("--accept-odd", help="Import odd lots, and prices outside what traded.")
    ] = False,
) -> ImportResult:
    """Begin a journal with another program's state and trades; what they do not explain is shown."""
    return import_files(desk, state=state, history=history, preview=preview, accept_odd=accept_odd)


def _show_shares(done: ShareChange) -> None:
    out = console()
    for name in done.recorded:
        out.print(f"recorded {escape(name)}", soft_wrap=True)
    if not done.recorded:
        out.print(f"recorded already as {escape(done.fact)}", soft_wrap=True)
    verb = f"become on {done.session}" if done.is_ahead else "are"
    for group, code, before, after in done.groups:
        out.print(
            f"{escape(group)}: {before:,} shares of {code} {verb} {after:,}"
            if before != after
            else f"{escape(group)}: {after:,} shares of {code}"
        )


@command(show=_show_shares, example="jstock state split 7203 5:1 --date 2026-01-21")
def split(
    desk: Desk,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock.")],
    ratio: Annotated[
        str, typer.Argument(metavar="RATIO", help="New shares for old ones: 5:1 is five for each old one.")
    ],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Its ex-date, which may be to come.")],
    *,
    price: Annotated[
        str, typer.Option("--price", metavar="YEN", help="What was paid for each share in lieu of fractions.")
    ] = "",
    accept_odd: Annotated[
        bool, typer.Option("--accept-odd", help="Also where the prices around the date show no such split.")
    ] = False,
) -> ShareChange:
    """Record a split or consolidation that no data source has, or not yet."""
    return record_split(desk, code, ratio, date, price=price, accept_odd=accept_odd)


@command(show=_show_shares, example="jstock state move 9006 9010 --ratio 1:2 --date 2026-01-21")
def move(
    desk: Desk,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code as held.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The code that its shares have become.")],
    ratio: Annotated[
        str, typer.Option("--ratio", metavar="N:M", help="New shares for old ones; 1:1 for a change of code.")
    ] = "1:1",
    date: Annotated[
        str,
        typer.Option(
            "--date", metavar="DATE", help="First session of the new code; default: the first without rows."
        ),
    ] = "",
    *,
    price: Annotated[
        str, typer.Option("--price", metavar="YEN", help="What was paid for each share in lieu of fractions.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is recorded.")] = "",
) -> ShareChange:
    """Record that the shares of a code became those of another."""
    return move_code(desk, code, new, ratio, date, price=price, reason=reason)


def _show_correction(done: CorrectionResult) -> None:
    for name in done.recorded:
        console().print(f"recorded {escape(name)}", soft_wrap=True)
    for name in done.open_again:
        do = "record its fill, or 0 shares if it found none, with `jstock trade record`"
        console().print(f"[yellow]open again[/] {escape(name)}: {do}", soft_wrap=True)


@command(
    show=_show_correction,
    example='jstock state correct fill:2026-01-21:... --price 3010 --reason "typed wrongly"',
)
def correct(
    desk: Desk,
    fact: Annotated[
        str, typer.Argument(metavar="ID", help="The fact, as `jstock trade history --json` names it.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the correction.")
    ],
    reverse: Annotated[bool, typer.Option("--reverse", help="It never happened.")] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="It happened after all; it counts again.")
    ] = False,
    with_dependents: Annotated[
        bool, typer.Option("--with-dependents", help="With --reverse: also what depends on it.")
    ] = False,
    shares: Annotated[str, typer.Option("--shares", metavar="N", help="The right shares.")] = "",
    price: Annotated[str, typer.Option("--price", metavar="YEN", help="The right price.")] = "",
    amount: Annotated[str, typer.Option("--amount", metavar="YEN", help="The right amount of cash.")] = "",
    session: Annotated[str, typer.Option("--date", metavar="DATE", help="The right session.")] = "",
    fee: Annotated[str, typer.Option("--fee", metavar="YEN", help="Of a fill: all that it cost.")] = "",
    account: Annotated[
        str, typer.Option("--account", metavar="TYPE", help="Of a fill: 特定, 一般 or NISA; - for not known.")
    ] = "",
    ratio: Annotated[str, typer.Option("--ratio", metavar="N:M", help="Of a split: the right one.")] = "",
    accept_odd: Annotated[
        bool, typer.Option("--accept-odd", help="Also where a fill becomes odd: its price, shares or fee.")
    ] = False,
) -> CorrectionResult:
    """Correct a recorded fact: nothing is edited, the correction is recorded beside it."""
    given = {
        "shares": shares, "price": price, "amount": amount, "session": session, "fee": fee,
        "account": account, "ratio": ratio,
    }  # fmt: skip
    changes = {key: text for key, text in given.items() if text}
    if sum([reverse, restore, bool(changes)]) != 1:
        raise UsageError(
            "a correction needs one of --reverse, --restore or new values",
            do="give --reverse, --restore, or the right --price, --shares, --amount, --date, --fee ...",
        )
    if reverse:
        return reverse_fact(desk, fact, reason=reason, with_dependents=with_dependents)
    if restore:
        return restore_fact(desk, fact, reason=reason)
    return correct_fact(desk, fact, changes, reason=reason, accept_odd=accept_odd)


def _show_backups(backups: Iterable[BackupEntry]) -> None:
    columns = {"backup": "right", "events": "right", "state": "left", "folder": "left"}
    state = {True: "sound", False: "DAMAGED"}
    rows = [[str(b.number), f"{b.events:,}", state[b.sound], shortest_path(b.folder)] for b in backups]
    show_table("backups", columns, rows)
