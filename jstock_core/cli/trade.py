"""`jstock trade`: prepare, record, status, report."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.options import DateOption, JsonOption, NowOption, WorkspaceOption

app = typer.Typer(no_args_is_help=True, help="Trading: prepare, record, status, report.")


@app.command(epilog="Example: jstock trade prepare --date 2026-01-21")
def prepare(
    date: DateOption = "", workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = ""
) -> int:
    """Show the signals and order tickets of a trade date; journals nothing."""
    from jstock_core.cli.show import show_json
    from jstock_core.cli.tickets import show_preparation
    from jstock_core.desk.tickets import preparation

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
            help="Fills: columns group, code, action, qty, price, date and perhaps fee.",
        ),
    ],
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Record what was really filled, from a CSV: all lines or none, and the same file twice adds nothing."""
    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.records import record_csv

    done = record_csv(csv, workspace=workspace, now=now)
    if as_json:
        show_json(done)
    else:
        console().print(f"{done['recorded']} fills recorded, {done['known']} known already")
    return 0


@app.command(epilog="Example: jstock trade status --json")
def status(workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = "") -> int:
    """The portfolio by group: cash, lots, P&L, stops, due orders. Reads only, settles nothing."""
    from jstock_core.cli.show import show_json
    from jstock_core.cli.status import show_status
    from jstock_core.desk.status import portfolio

    found = portfolio(workspace, now=now)
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
    from jstock_core.cli.daily import run_daily

    return run_daily(date, workspace, report_only=True, as_json=as_json, now=now)
