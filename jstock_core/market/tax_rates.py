"""The rate at which gains on listed shares are taxed, by a dated table (tables/README.md)."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from jstock_core.base.errors import UsageError


def tax_rate_pct(year: int) -> Decimal:
    """Percent of the gains of a calendar year: national and local tax of an individual resident in Japan.

    Raises:
        UsageError: the table has no rate for the whole of that year; none is guessed.

    """
    with (Path(__file__).parent / "tables" / "tax_rates.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    first, last = f"{year:04}-01-01", f"{year:04}-12-31"
    for row in rows:
        if row["from"] <= first and last <= row["to"]:
            return Decimal(row["total_pct"])
    known = ", ".join(f"{row['from'][:4]} to {row['to'][:4]}" for row in rows)
    raise UsageError(
        f"no tax rate is known for {year}",
        where=f"rates are known for {known}",
        do="give one of those years",
    )
