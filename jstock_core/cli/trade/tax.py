"""`jstock tax`: what the sales of a year come to as taxed, an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from jstock_core.base.words import signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.trading.portfolio.tax import TaxEstimate, share_count, tax_estimate
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.accounts.tax import TaxLine


def show_tax(estimate: TaxEstimate) -> None:
    """Print a year's sales by code, the sums, and what must be known to read them."""
    simulated, taxed = " (SIMULATED)" if estimate.simulated else "", estimate.taxed
    columns = {"code": "left", "name": "cut", "shares": "right", "proceeds": "right", "cost": "right"}
    show_table(
        f"tax estimate {taxed.year}{simulated}: sales of {taxed.first} to {taxed.last}",
        columns | {"gain": "right", "settled": "wrap"},
        [_row(line, estimate.names.get(line.code, "")) for line in taxed.lines],
        empty="nothing was sold",
    )
    out = console()
    out.print(f"proceeds {yen(estimate.proceeds)}, cost {yen(estimate.cost)}, gain {signed_yen(taxed.gain)}")
    rate = f"{float(taxed.rate_pct):g} % of the sum of all gains and losses"
    out.print(f"[bold]estimated tax {yen(taxed.estimate)}[/] ({rate}){simulated}")
    for note in estimate.notes:
        out.print(f"[dim]- {escape(note)}[/]")
    if estimate.csv:
        out.print(f"{len(taxed.sales) + len(taxed.untaxed)} sales written to {escape(estimate.csv)}")


def _row(line: TaxLine, name: str) -> list[str]:
    return [
        line.code,
        name,
        f"{share_count(line.shares):,}",
        yen(line.proceeds),
        yen(line.cost),
        signed_yen(line.gain),
        _days(line.settles),
    ]


def _days(days: Sequence[date]) -> str:
    """A day, or the first and last of several."""
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} dates)"


@command(show=show_tax, example="jstock tax --year 2026 --csv tax_2026.csv")
def tax(
    desk: Desk,
    *,
    year: Annotated[str, typer.Option("--year", metavar="YEAR", help="The year of settlement, as 2026.")],
    csv: Annotated[
        str, typer.Option("--csv", metavar="FILE", help="Write every sale into this file, for a spreadsheet.")
    ] = "",
) -> TaxEstimate:
    """Estimate the tax of a year.

    Sales are taxed by moving-average cost, not by the FIFO gains that reports show.
    """
    return tax_estimate(desk, year, csv=csv)
