"""`jstock tax`: the sales that settle in a year as a tax office sees them, an estimate. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.words import join_parts, yen
from jstock_core.data.store.load import load_panel
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.sheets import write_sheet
from jstock_core.state.accounts.tax import LOSS_YEARS, TaxLine, TaxSale, TaxYear, tax_year

COLUMNS = (
    "code", "name", "group", "kind", "trade_date", "settlement_date", "shares", "amount", "fees", "proceeds",
    "unit_cost", "cost", "gain", "basis",
)  # fmt: skip
BASIS = "moving average, estimate"


def tax_estimate(year: str, *, workspace: str = "", csv: str = "", now: str = "") -> dict[str, Any]:
    """A year's sales by code, their sum and the estimated tax, as plain JSON.

    With `csv` every sale is also written there, one row each, for a spreadsheet.

    Raises:
        UsageError: no such year, nothing was ever recorded, or the CSV cannot be written.
        StateError: the journal is damaged.

    """
    number = parse_year(year)
    desk = open_desk(workspace, now=now)
    journal = desk.journal()
    events, through = journal.events(), journal.book().settled_through
    found, names, simulated = tax_year(events, number), _names(desk), desk.provider.capabilities.simulated
    if not events:
        raise UsageError(
            "nothing is recorded yet", where=str(desk.workspace.journal), do="run `jstock daily` first"
        )
    return {
        "year": number,
        "simulated": simulated,
        "estimate": True,
        "trades_from": str(found.first),
        "trades_to": str(found.last),
        "settled_through": str(through or ""),
        "complete": through is not None and through >= found.last,
        "codes": [_code(line, names) for line in found.lines],
        "sales": [_sale(sale, names) for sale in found.sales],
        "total": _total(found),
        "losses_before": {str(lost): amount for lost, amount in found.losses.items()},
        "notes": list(_notes(found, through, simulated=simulated)),
        "csv": _export(found, names, csv, simulated=simulated) if csv else "",
    }


def parse_year(text: str) -> int:
    """A calendar year of four digits.

    Raises:
        UsageError: it is none.

    """
    if not re.fullmatch(r"\d{4}", text.strip()):
        raise UsageError(f'"{text}" is no year', do="give the year of settlement, as 2026")
    return int(text)


def _names(desk: Desk) -> dict[str, str]:
    """Code to company name; nothing where no market data is stored."""
    if desk.store.read().last("bars") is None:
        return {}
    return {listing.code: listing.name for listing in load_panel(desk.store).listings}


def _total(found: TaxYear) -> dict[str, Any]:
    return {
        "proceeds": sum(line.proceeds for line in found.lines),
        "cost": sum(line.cost for line in found.lines),
        "gain": found.gain,
        "rate_pct": float(found.rate_pct),
        "estimated_tax": found.estimate,
    }


def _code(line: TaxLine, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": names.get(line.code, ""),
        "shares": _count(line.shares),
        "proceeds": line.proceeds,
        "cost": line.cost,
        "gain": line.gain,
        "settlement_dates": [str(day) for day in line.settles],
    }


def _sale(sale: TaxSale, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": sale.code,
        "name": names.get(sale.code, ""),
        "group": sale.group,
        "kind": "cash in lieu" if sale.is_lieu else "sale",
        "trade_date": str(sale.session),
        "settlement_date": str(sale.settles),
        "shares": _count(sale.shares),
        "amount": sale.amount,
        "fees": sale.fees,
        "proceeds": sale.proceeds,
        "unit_cost": sale.unit_cost,
        "cost": sale.cost,
        "gain": sale.gain,
    }


def _count(shares: Fraction) -> int | float:
    return int(shares) if shares.denominator == 1 else float(shares)


def _export(found: TaxYear, names: Mapping[str, str], place: str, *, simulated: bool) -> str:
    rows = ({**_sale(sale, names), "basis": BASIS} for sale in found.sales)
    return write_sheet(place, COLUMNS, rows, simulated=simulated)


def _notes(found: TaxYear, through: date | None, *, simulated: bool) -> Iterator[str]:
    """What must be known to read the numbers."""
    if simulated:
        yield "SIMULATED MARKET: nothing of this was ever earned or lost, and nothing is owed."
    yield (
        "This is an estimate and no tax return: it takes all groups as one account at one broker and knows of"
        " nothing held elsewhere. What counts is the broker's annual statement (特定口座年間取引報告書)."
    )
    yield (
        "Cost is the moving average since the last sale (総平均法に準ずる方法). The FIFO gains of reports and"
        " of `jstock trade status` are the strategy's view: they are not taxable numbers."
    )
    if through is None or through < found.last:
        yield (
            f"The year is not complete: trades are recorded through {through or 'no session yet'},"
            f" and those up to {found.last} belong to {found.year}."
        )
    yield from _loss_notes(found)
    if found.loose_fees:
        yield f"Fees of {yen(found.loose_fees)} belong to no trade and are not counted."
    if any(sale.is_lieu for sale in found.sales):
        yield "Fractions of a share paid out after a split count as sold on the ex-date; they are paid later."
    yield "Dividends are not counted: they are recorded net of the tax withheld."


def _loss_notes(found: TaxYear) -> Iterator[str]:
    if found.loss:
        yield (
            f"The loss of {yen(found.loss)} may be carried forward {LOSS_YEARS} years, to gains up to"
            f" {found.year + LOSS_YEARS}, if a return is filed for {found.year} and for each year after it."
        )
    if found.losses:
        each = join_parts(f"{yen(amount)} of {lost}" for lost, amount in found.losses.items())
        yield (
            f"Losses of earlier years ({each}) are not subtracted here:"
            " they may be, where a return was filed each year since."
        )
