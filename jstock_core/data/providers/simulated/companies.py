"""The companies of the simulated market: 59 invented stocks and two ETFs (companies.csv).

No listed security bears a code below 1301 or a letter code below 130A, so none of these can be taken for a
real one. `price` is yen at the first session, `vol_pct` the yearly volatility of the stock's own movements
(market and sector come on top), `year_end` the month that the fiscal year ends in, `profits` the profit
lines that the company reports, `sales_billion` its yearly sales at the start in billions of yen.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jstock_core.market.listings import Listing

MARKETS = {
    "0111": "プライム",
    "0112": "スタンダード",
    "0113": "グロース",
    "0109": "その他",
}


@dataclass(frozen=True)
class Company:
    """One security of the simulated market and the parameters of its behaviour."""

    listing: Listing
    market: str
    price: int
    beta: float
    vol_pct: float
    shares: int
    year_end: int
    basis: str
    profits: tuple[str, ...]
    sales: int

    @property
    def code(self) -> str:
        """Four characters."""
        return self.listing.code

    @property
    def reports(self) -> bool:
        """Whether it publishes statements: companies do, funds do not."""
        return self.listing.kind == "stock"


@cache
def companies() -> tuple[Company, ...]:
    """All of them, in order of code: the column order of every simulated array."""
    with (Path(__file__).parent / "companies.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_company(row) for row in csv.DictReader(file))


@cache
def company_columns() -> dict[str, int]:
    """Column of each code."""
    return {company.code: n for n, company in enumerate(companies())}


def _company(row: dict[str, str]) -> Company:
    return Company(
        Listing(row["code"], row["name"], row["sector"], row["kind"], row["scale"], int(row["unit"])),
        row["market"],
        int(row["price"]),
        float(row["beta"]),
        float(row["vol_pct"]),
        round(float(row["shares_million"]) * 1_000_000),
        int(row["year_end"] or 0),
        row["basis"],
        tuple(row["profits"].split()),
        int(row["sales_billion"] or 0) * 1_000_000_000,
    )
