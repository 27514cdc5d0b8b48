"""The tables of a trial as CSV files for a spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import WriteError
from jstock_core.reports.render.outgoing.sheet import csv_sheet

if TYPE_CHECKING:
    import pandas as pd


def write_tables(tables: Mapping[str, pd.DataFrame], folder: str | Path) -> tuple[Path, ...]:
    """Write each table as `<name>.csv` into a folder, made where there is none; the files written.

    Days are written as 2026-01-21, times with their offset, and what is not known is empty.

    Raises:
        WriteError: the folder or a file cannot be written.

    """
    target = Path(folder).expanduser()
    try:
        target.mkdir(parents=True, exist_ok=True)
        return tuple(_write(target / f"{name}.csv", table) for name, table in tables.items())
    except OSError as error:
        raise WriteError(
            f"the tables cannot be written: {os_reason(error)}",
            where=str(target),
            do="name a folder that can be written, with room in it",
        ) from None


def _write(path: Path, table: pd.DataFrame) -> Path:
    write_atomically(path, csv_sheet(list(table.columns), _rows(table)).encode())
    return path


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a table in a spreadsheet's types."""
    import pandas as pd

    days = [name for name in table if str(table[name].dtype).startswith("datetime64[")]
    zoned = [name for name in days if getattr(table[name].dt, "tz", None) is not None]
    texts = {
        name: table[name].map(lambda value: value.isoformat())
        if name in zoned
        else table[name].dt.strftime("%Y-%m-%d")
        for name in days
    }
    for row in table.assign(**texts).to_dict("records"):
        yield {str(key): None if pd.isna(value) else _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    """A number as Python has it; one that is infinite in words."""
    plain = value.item() if hasattr(value, "item") else value
    return "infinite" if plain == math.inf else plain
