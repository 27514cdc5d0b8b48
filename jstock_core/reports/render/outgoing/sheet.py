"""CSV for a spreadsheet: UTF-8 that it recognises, codes that stay text, and nothing it would evaluate."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Tells a spreadsheet that the file is UTF-8."""

WAITS = "NOT APPROVED"
"""The mark of an order that waits for approval."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_sheet(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], formulas: Collection[str] = ()
) -> str:
    """A table as CSV: numbers plain, empty where there is none, all else quoted text.

    Each row has a value for every column; what else it has is left out. The columns `formulas` are evaluated.
    """
    out = io.StringIO()
    writer = csv.writer(
        out, quoting=csv.QUOTE_STRINGS if hasattr(csv, "QUOTE_STRINGS") else csv.QUOTE_NONNUMERIC
    )
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row[each] if each in formulas else _cell(row[each]) for each in columns])
    return BOM + out.getvalue()


def _cell(value: Any) -> str | int | float:
    match value:
        case None:
            return ""
        case float():
            return int(value) if value == int(value) else value
        case int():
            return value
        case _:
            return defuse_formula(str(value))


def defuse_formula(text: str) -> str:
    """Text that no spreadsheet evaluates: a formula's first character gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
