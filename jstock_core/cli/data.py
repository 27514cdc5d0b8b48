"""`jstock data`: bring market data in, and say what is there."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

app = typer.Typer(no_args_is_help=True, help="Market data: import, fetch, status.")


@app.command("import", epilog="Example: jstock data import ~/jquants --workspace ~/desk")
def import_(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="J-Quants-V2-shaped parquet or CSV files.")],
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> int:
    """Import a folder of J-Quants-V2-shaped files; makes the workspace where there is none."""
    from jstock_core.cli.show import console, say
    from jstock_core.desk.care.imports import import_folder

    done = import_folder(folder, workspace, now=now, say=say)
    for dataset, rows in done.rows.items():
        console().print(f"  {dataset:<12} {rows:>9,} rows added")
    console().print(f"bars up to {done.through}; next: `jstock daily --workspace {workspace or '.'}`")
    return 0


@app.command(epilog="Example: jstock data fetch")
def fetch(workspace: WorkspaceOption = "", now: NowOption = "") -> int:
    """Fetch what became public since the last time."""
    from jstock_core.cli.show import console, say
    from jstock_core.desk.care.imports import fetch_now

    console().print(f"bars up to {fetch_now(workspace, now=now, say=say)}")
    return 0


@app.command(epilog="Example: jstock data status --json")
def status(workspace: WorkspaceOption = "", as_json: JsonOption = False, now: NowOption = "") -> int:
    """What the store holds, and what the checks say of it."""
    from jstock_core.cli.show import show_json, show_table
    from jstock_core.desk.care.imports import store_status

    found = store_status(workspace, now=now)
    if as_json:
        show_json(found)
        return 0
    rows = [
        [name, str(d["last"]), f"{d['rows']:,}", str(d["sha256"])[:12]] for name, d in found["data"].items()
    ]
    show_table(
        f"{found['provider']}{' (SIMULATED)' if found['simulated'] else ''}",
        {"data set": "left", "newest": "left", "rows": "right", "sha256": "left"},
        rows,
    )
    notes = [[f["severity"], f["code"] or "market", f["what"]] for f in found["findings"]]
    show_table("checks", {"": "left", "code": "left", "finding": "wrap"}, notes, empty="nothing to report")
    return 0
