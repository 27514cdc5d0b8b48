"""`jstock tax`: what the sales of a year come to as taxed, an estimate."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

tax_command = typer.Typer(add_completion=False, rich_markup_mode="rich")


@tax_command.command(epilog="Example: jstock tax --year 2026 --csv tax_2026.csv")
def tax(
    year: Annotated[str, typer.Option("--year", metavar="YEAR", help="The year of settlement, as 2026.")],
    csv: Annotated[
        str, typer.Option("--csv", metavar="FILE", help="Write every sale into this file, for a spreadsheet.")
    ] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Estimate the tax of a year.

    It is reckoned on sales by moving-average cost, not on the FIFO gains that reports show.
    """
    from jstock_core.cli.show import show_json
    from jstock_core.desk.trading.tax import tax_estimate

    found = tax_estimate(year, workspace=workspace, csv=csv, now=now)
    if as_json:
        show_json(found)
    else:
        _show(found)
    return 0


def _show(found: dict[str, Any]) -> None:
    from rich.markup import escape

    from jstock_core.base.words import signed_yen, yen
    from jstock_core.cli.show import console, show_table

    simulated = " (SIMULATED)" if found["simulated"] else ""
    columns = {"code": "left", "name": "cut", "shares": "right", "proceeds": "right", "cost": "right"}
    show_table(
        f"tax estimate {found['year']}{simulated}: sales of {found['trades_from']} to {found['trades_to']}",
        columns | {"gain": "right", "settled": "wrap"},
        [_row(line) for line in found["codes"]],
        empty="nothing was sold",
    )
    total, out = found["total"], console()
    out.print(
        f"proceeds {yen(total['proceeds'])}, cost {yen(total['cost'])}, gain {signed_yen(total['gain'])}"
    )
    tax = f"estimated tax {yen(total['estimated_tax'])}"
    out.print(f"[bold]{tax}[/] ({total['rate_pct']:g} % of the sum of all gains and losses){simulated}")
    for note in found["notes"]:
        out.print(f"[dim]- {escape(note)}[/]")
    if found["csv"]:
        out.print(f"{len(found['sales'])} sales written to {escape(found['csv'])}")


def _row(line: dict[str, Any]) -> list[str]:
    from jstock_core.base.words import signed_yen, yen

    return [
        line["code"],
        line["name"],
        f"{line['shares']:,}",
        yen(line["proceeds"]),
        yen(line["cost"]),
        signed_yen(line["gain"]),
        _days(line["settlement_dates"]),
    ]


def _days(days: list[str]) -> str:
    """A day, or the first and last of several."""
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} days)"
