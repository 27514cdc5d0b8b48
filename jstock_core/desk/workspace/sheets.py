"""Tables that a command writes for a spreadsheet, where its reader wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import UsageError
from jstock_core.reports.render.outgoing.sheet import csv_sheet


def write_sheet(
    place: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, marks: Iterable[str]
) -> str:
    """Write rows as CSV with a last column `mark`, the words of their market (`Desk.marks`); its path.

    Raises:
        UsageError: it cannot be written.

    """
    path, mark = Path(place).expanduser(), " ".join(marks)
    text = csv_sheet((*columns, "mark"), ({**row, "mark": mark} for row in rows))
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise UsageError(
            f"cannot be written: {os_reason(error)}",
            where=str(path),
            do="name a file in a folder that exists",
        ) from None
    return str(path)
