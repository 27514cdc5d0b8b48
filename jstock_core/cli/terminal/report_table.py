"""A report's table in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from jstock_core.cli.terminal.show import show_table
from jstock_core.reports.render.parts.table import Cell, Table


def show_report_table(title: str, table: Table, narrow: Mapping[str, str] | None = None) -> None:
    """Print a table: numbers right, texts left, and the last text wrapped.

    `narrow` says of some headings how they stand instead, so that the table fits (see `show_table`).
    """
    sides = {column.title: "right" if column.kind == "num" else "left" for column in table.headings}
    last = table.headings[-1]
    rows = [[_text(cell) for cell in row] for row in (*table.rows, *table.foot)]
    sides |= {last.title: "wrap"} if last.kind != "num" else {}
    show_table(title, sides | dict(narrow or {}), rows, empty=table.empty)


def _text(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.text and cell.note else cell.text or cell.note
