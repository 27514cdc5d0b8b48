"""`jstock state`: the journal itself: backup, restore, verify, export, import, correct."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

app = typer.Typer(no_args_is_help=True, help="The journal: backup, restore, verify, export, import, correct.")


@app.command(epilog="Example: jstock state backup")
def backup(workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = "") -> int:
    """Take a backup of the journal and its views; three generations are kept."""
    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.care.ledger import backup as take

    done = take(workspace, now=now)
    if as_json:
        show_json(done)
        return ExitStatus.OK
    made = done["made"]
    console().print("nothing changed since the newest" if made is None else f"made backup {made}")
    _show_backups(done["backups"])
    return ExitStatus.OK


@app.command(epilog="Example: jstock state restore --backup 12")
def restore(
    number: Annotated[
        int, typer.Option("--backup", metavar="N", help="Its number; default: the newest sound one.")
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a sound journal too; what is there is kept aside.")
    ] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Put a backup in the place of a damaged journal; what is there now is kept aside."""
    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.care.ledger import restore as put

    done = put(workspace, number=number or None, force=force, now=now)
    if as_json:
        show_json(done)
        return ExitStatus.OK
    out = console()
    out.print(f"backup {done['backup']} is in place: {done['events']:,} events up to {done['last_session']}")
    if done["aside"]:
        out.print(f"what was there is kept in {done['aside']}")
    out.print("what was recorded after it is missing: record those fills again, then `jstock daily`")
    return ExitStatus.OK


@app.command(epilog="Example: jstock state verify")
def verify(
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Replay the journal from its first event and check chain, invariants, views and backups."""
    from jstock_core.cli.show import console, show_error, show_json
    from jstock_core.desk.care.ledger import verify as look

    found = look(workspace, now=now)
    if as_json:
        show_json(found)
        return ExitStatus.STATE if found["faults"] else ExitStatus.OK
    out = console()
    out.print(
        f"{found['events']:,} events, each following from the one before; {found['in_force']:,} in force"
    )
    _show_backups(found["backups"])
    for fault in found["faults"]:
        show_error(fault)
    if not found["faults"]:
        out.print("[bold]sound[/]: money adds up to the yen, and the views say what the journal says")
    return ExitStatus.STATE if found["faults"] else ExitStatus.OK


@app.command(epilog="Example: jstock state export --to ~/books")
def export(
    to: Annotated[str, typer.Option("--to", metavar="DIR", help="The folder to write into.")],
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Write all events as JSON lines, and the fills as CSV."""
    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.care.ledger import export as write

    done = write(workspace, to=to, now=now)
    if as_json:
        show_json(done)
    else:
        console().print(f"wrote {done['events']:,} events and {done['fills']:,} fills into {done['folder']}")
    return ExitStatus.OK


@app.command("import", epilog="Example: jstock state import --state production_state.json --preview")
def import_(
    state: Annotated[str, typer.Option("--state", metavar="FILE", help="A production_state.json.")] = "",
    history: Annotated[str, typer.Option("--history", metavar="FILE", help="A trade_history.json.")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it comes to, import nothing.")
    ] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Begin a journal with another program's state and trades; what they do not explain is shown."""
    from rich.markup import escape

    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.care.migrate import import_files

    done = import_files(state=state, history=history, preview=preview, workspace=workspace, now=now)
    if as_json:
        show_json(done)
        return ExitStatus.OK
    out = console()
    out.print(f"{done['fills']:,} fills; not explained by them: {len(done['remarks']) or 'nothing'}")
    for remark in done["remarks"]:
        out.print(f"  {escape(remark)}", soft_wrap=True)
    recorded = f"{done['recorded']:,} of {done['events']:,} events recorded"
    out.print("preview: nothing was recorded" if preview else recorded)
    return ExitStatus.OK


@app.command(epilog='Example: jstock state correct fill:2026-01-21:... --price 3010 --reason "typed wrongly"')
def correct(
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
        bool, typer.Option("--with-dependents", help="With --reverse: also what stands on it.")
    ] = False,
    shares: Annotated[str, typer.Option("--shares", metavar="N", help="The right shares.")] = "",
    price: Annotated[str, typer.Option("--price", metavar="YEN", help="The right price.")] = "",
    amount: Annotated[str, typer.Option("--amount", metavar="YEN", help="The right amount of cash.")] = "",
    session: Annotated[str, typer.Option("--session", metavar="DATE", help="The right session.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Correct a recorded fact: nothing is edited, the correction is recorded beside it."""
    from jstock_core.cli.show import show_json
    from jstock_core.desk.care import amends

    given = {"shares": shares, "price": price, "amount": amount, "session": session}
    changes = {key: text for key, text in given.items() if text}
    if sum([reverse, restore, bool(changes)]) != 1:
        raise UsageError("say what is right", do="give --reverse, --restore, or the right values")
    place: dict[str, Any] = {"reason": reason, "workspace": workspace, "now": now}
    if reverse:
        done = amends.reverse(fact, with_dependents=with_dependents, **place)
    elif restore:
        done = amends.put_back(fact, **place)
    else:
        done = amends.amend(fact, changes, **place)
    if as_json:
        show_json(done)
    else:
        _show_corrected(done)
    return ExitStatus.OK


def _show_corrected(done: dict[str, Any]) -> None:
    from rich.markup import escape

    from jstock_core.cli.show import console

    for name in done["recorded"]:
        console().print(f"recorded {escape(name)}", soft_wrap=True)
    for name in done["open_again"]:
        do = "record its fill, or 0 shares if it found none, with `jstock trade record`"
        console().print(f"[yellow]open again[/] {escape(name)}: {do}", soft_wrap=True)


def _show_backups(backups: list[dict[str, Any]]) -> None:
    from jstock_core.cli.show import show_table

    columns = {"backup": "right", "events": "right", "state": "left", "folder": "left"}
    rows = [
        [str(b["number"]), f"{b['events']:,}", "sound" if b["sound"] else "DAMAGED", b["folder"]]
        for b in backups
    ]
    show_table("backups", columns, rows)
