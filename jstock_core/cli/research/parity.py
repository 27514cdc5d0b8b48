"""`jstock parity`: the desk's own mornings held against a backtest of them."""

from __future__ import annotations

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import FromOption, ToOption
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import console, escape, progress
from jstock_core.desk.parity.parity import measure_parity
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.lab.parity import ParityResult
from jstock_core.reports.render.research.parity import (
    classes_table,
    differences_table,
    parity_sentence,
    returns_table,
)


def _show(found: ParityResult) -> None:
    marks = "".join(f"  {mark}" for mark in found.marks)
    console().print(escape(f"{found.first} to {found.last}{marks}: {parity_sentence(found)}"), soft_wrap=True)
    show_report_table("return, %", returns_table(found))
    if found.differences:
        show_report_table("differences by class", classes_table(found))
        show_report_table("differences", differences_table(found))


@command(show=_show, example="jstock parity --from 2026-01-05 --to 2026-01-20")
def parity(desk: Desk, first: FromOption, last: ToOption) -> ParityResult:
    """Hold the mornings that the desk decided against a backtest of them: each difference with its class."""
    with progress("parity") as bar:
        return measure_parity(desk, first, last, bar.advance)
