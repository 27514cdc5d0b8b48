"""The tax rate on gains and dividends of listed shares, by a dated table (tables/README.md)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from jstock_core.base.errors import UsageError


def tax_rate_pct(year: int) -> Decimal:
    """The tax on gains of a year in percent: national and local, for an individual resident in Japan.

    Raises:
        UsageError: the table has no rate for the whole year; no rate is guessed.

    """
    return Decimal(_rates_of(year)["total_pct"])


def withheld_tax(yen: int, year: int) -> int:
    """Yen withheld from a dividend of `yen` before tax that is paid in a calendar year.

    The national and the local part are each rounded down to whole yen.

    Raises:
        UsageError: as `tax_rate_pct`.

    """
    rates = _rates_of(year)
    return sum(int(yen * Decimal(rates[name]) / 100) for name in ("national_pct", "local_pct"))


def _rates_of(year: int) -> Mapping[str, str]:
    first, last = f"{year:04}-01-01", f"{year:04}-12-31"
    for row in _table():
        if row["from"] <= first and last <= row["to"]:
            return row
    known = ", ".join(f"{row['from'][:4]} to {row['to'][:4]}" for row in _table())
    raise UsageError(
        f"no tax rate is known for {year}",
        where=f"rates are known for {known}",
        do="give one of those years",
    )


@cache
def _table() -> tuple[Mapping[str, str], ...]:
    with (Path(__file__).parent / "tables" / "tax_rates.csv").open(encoding="ascii", newline="") as file:
        return tuple(csv.DictReader(file))
