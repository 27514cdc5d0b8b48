"""`jstock trade`: prepare, record, status, pnl, history, reconcile, report, and the book itself."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.intent import Intent
from jstock_core.cli import book, pnl
from jstock_core.cli.options import DateOption, JsonOption, NowOption, WorkspaceOption

app = typer.Typer(
    no_args_is_help=True,
    help="Trading: prepare, record, status, pnl, history, reconcile, orders, cash, position, report.",
)
book.register(app)
pnl.register(app)


@app.command(epilog="Example: jstock trade prepare --date 2026-01-21")
def prepare(
    date: DateOption = "", workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = ""
) -> int:
    """Show the signals and order tickets of a trade date; journals nothing."""
    from jstock_core.cli.show import show_json
    from jstock_core.cli.tickets import show_preparation
    from jstock_core.desk.trading.preparation import preparation

    prepared = preparation(date, workspace=workspace, now=now)
    if as_json:
        show_json(prepared.as_json())
    else:
        show_preparation(prepared)
    return prepared.exit


@app.command(epilog="Example: jstock trade record --csv fills.csv")
def record(
    csv: Annotated[
        str,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="Fills: columns code, action, qty, price, date, perhaps group and fee, or your broker's "
            "(csv_columns in params/desk.yaml); UTF-8 or Shift_JIS.",
        ),
    ] = "",
    from_orders: Annotated[
        bool, typer.Option("--from-orders", help="All was filled as ordered, at a price of its session.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="PRICE", help="With --from-orders: open or close.")
    ] = "open",
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="Only the orders of this session; default: all due.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Refusals stay refusals.")] = False,
    accept_odd: Annotated[
        bool,
        typer.Option(
            "--accept-odd",
            help="Record what is odd unasked: odd lots, prices outside what traded, more than ordered, "
            "or not ordered at all.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be recorded, and stop.")
    ] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Record what was really filled: in a dialogue, or from a CSV. All or nothing, and nothing twice."""
    from jstock_core.cli.record import Manner
    from jstock_core.cli.record import record as run

    manner = Manner(yes, accept_odd, dry_run, as_json)
    return run(csv, from_orders=from_orders, at=at, date=date, workspace=workspace, now=now, manner=manner)


@app.command(epilog="Example: jstock trade status --date 2026-01-20 --json")
def status(
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="As of the close of this session, not of the last.")
    ] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """The portfolio by group: cash, lots, P&L, stops, due orders. Reads only, settles nothing."""
    from jstock_core.cli.show import show_json
    from jstock_core.cli.status import show_status
    from jstock_core.desk.trading.status import portfolio

    found = portfolio(workspace, now=now, as_of=date)
    if as_json:
        show_json(found)
    else:
        show_status(found)
    return 0


@app.command(epilog="Example: jstock trade report --date 2026-01-21")
def report(
    date: DateOption = "", workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = ""
) -> int:
    """Render the report of a trade date again, from what was recorded, as a new run."""
    from jstock_core.cli.daily import run_and_publish, show_day
    from jstock_core.cli.show import show_json
    from jstock_core.desk.workspace.desk import open_desk

    published = run_and_publish(open_desk(workspace, now=now), date, Intent.SHOW_AGAIN)
    if as_json:
        show_json(published.as_json())
    else:
        show_day(published)
    return published.exit
