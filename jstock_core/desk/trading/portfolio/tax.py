"""`jstock tax`: the sales that settle in a year as a tax office sees them, an estimate. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.limits import cut_word
from jstock_core.base.words import join_parts, plural, signed_yen, yen
from jstock_core.data.store.load import load_panel
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import company_names
from jstock_core.desk.workspace.required import require_desk
from jstock_core.desk.workspace.sheets import write_sheet
from jstock_core.execution.dividend_tax import DividendSum, sum_dividends
from jstock_core.state.accounts.tax import LOSS_YEARS, TaxLine, TaxSale, TaxYear, tax_year
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Dividend, Event

COLUMNS = (
    "code", "name", "group", "kind", "trade_date", "settlement_date", "shares", "amount", "fees", "proceeds",
    "unit_cost", "cost", "gain", "account", "basis",
)  # fmt: skip
BASIS = "moving average, estimate"


@dataclass(frozen=True, repr=False)
class TaxEstimate:
    """A year's sales as taxed: `through` is the last settled session, `csv` the file written.

    `names` has the company name of every code that is known. `dividends` are those credited in the year, by
    type of account: they are no part of the estimate.
    """

    taxed: TaxYear
    names: Mapping[str, str]
    simulated: bool
    through: date | None
    csv: str = ""
    dividends: tuple[DividendSum, ...] = ()

    def __repr__(self) -> str:
        """Say in a line what it is of."""
        return f"<TaxEstimate of {self.taxed.year}: {plural(len(self.taxed.lines), 'sale')}>"

    @property
    def complete(self) -> bool:
        """Whether all sessions whose sales belong to the year are settled."""
        return self.through is not None and self.through >= self.taxed.last

    @property
    def proceeds(self) -> int:
        """Yen that the sales brought after fees."""
        return sum(line.proceeds for line in self.taxed.lines)

    @property
    def cost(self) -> int:
        """Yen that what was sold had cost."""
        return sum(line.cost for line in self.taxed.lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known to read the numbers."""
        return tuple(_notes(self))

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "year": self.taxed.year,
            "simulated": self.simulated,
            "estimate": True,
            "trades_from": str(self.taxed.first),
            "trades_to": str(self.taxed.last),
            "settled_through": str(self.through or ""),
            "complete": self.complete,
            "codes": [_code_json(line, self.names) for line in self.taxed.lines],
            "sales": [_sale_json(sale, self.names) for sale in self.taxed.sales],
            "untaxed": [_sale_json(sale, self.names) for sale in self.taxed.untaxed],
            "total": {
                "proceeds": self.proceeds,
                "cost": self.cost,
                "gain": self.taxed.gain,
                "rate_pct": float(self.taxed.rate_pct),
                "estimated_tax": self.taxed.estimate,
            },
            "dividends": [asdict(each) for each in self.dividends],
            "losses_before": {str(year): amount for year, amount in self.taxed.losses.items()},
            "notes": list(self.notes),
            "csv": self.csv,
        }


def tax_estimate(desk: Desk, year: str | int, *, csv: str = "") -> TaxEstimate:
    """A year's sales by code, their sum and the estimated tax.

    With `csv` every sale is also written there, one row each, for a spreadsheet.

    Raises:
        UsageError: no such year, nothing was ever recorded, or the CSV cannot be written.
        StateError: the journal is damaged.

    """
    require_desk(desk)
    number = parse_year(year)
    journal = desk.journal()
    events, through = journal.events(), journal.book().settled_through
    taxed = tax_year(events, number)
    if not events:
        raise UsageError(
            "nothing is recorded yet", where=str(desk.workspace.journal), do="run `jstock daily` first"
        )
    estimate = TaxEstimate(
        taxed, company_names(desk), desk.provider.capabilities.simulated, through,
        dividends=_dividends(desk, events, number),
    )  # fmt: skip
    return replace(estimate, csv=_export(estimate, csv, desk.marks)) if csv else estimate


def _dividends(desk: Desk, events: Sequence[Event], year: int) -> tuple[DividendSum, ...]:
    """The dividends of a year; without market data it is not known what of them was withheld."""
    if not any(isinstance(event, Dividend) and event.session.year == year for event in events):
        return ()
    try:
        panel = load_panel(desk.store)
    except DataError:
        panel = None
    return sum_dividends(replay(events), panel, year)


def parse_year(year: str | int) -> int:
    """A calendar year of four digits.

    Raises:
        UsageError: it is something else.

    """
    text = str(year).strip()
    if not re.fullmatch(r"\d{4}", text):
        raise UsageError(f'"{cut_word(text)}" is not a year', do="write the year of settlement as 2026")
    return int(text)


def _code_json(line: TaxLine, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": names.get(line.code, ""),
        "shares": share_count(line.shares),
        "proceeds": line.proceeds,
        "cost": line.cost,
        "gain": line.gain,
        "settlement_dates": [str(day) for day in line.settles],
    }


def _sale_json(sale: TaxSale, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": sale.code,
        "name": names.get(sale.code, ""),
        "group": sale.group,
        "kind": "cash in lieu" if sale.is_lieu else "sale",
        "trade_date": str(sale.session),
        "settlement_date": str(sale.settles),
        "shares": share_count(sale.shares),
        "amount": sale.amount,
        "fees": sale.fees,
        "proceeds": sale.proceeds,
        "unit_cost": sale.unit_cost,
        "cost": sale.cost,
        "gain": sale.gain,
        "account": sale.account,
    }


def share_count(shares: Fraction) -> int | float:
    """Shares as a number: only those paid in lieu are fractions."""
    return int(shares) if shares.denominator == 1 else float(shares)


def _export(estimate: TaxEstimate, place: str, marks: Iterable[str]) -> str:
    sales = (*estimate.taxed.sales, *estimate.taxed.untaxed)
    rows = ({**_sale_json(sale, estimate.names), "basis": BASIS} for sale in sales)
    return write_sheet(place, COLUMNS, rows, marks=marks)


def _notes(estimate: TaxEstimate) -> Iterator[str]:
    taxed = estimate.taxed
    if estimate.simulated:
        yield "SIMULATED MARKET: nothing of this was ever earned or lost, and nothing is owed."
    yield (
        "This is an estimate and no tax return: it takes all groups as one account at one broker and knows of"
        " nothing held elsewhere. What counts is the broker's annual statement (特定口座年間取引報告書)."
    )
    yield (
        "Cost is the moving average since the last sale (総平均法に準ずる方法). The FIFO gains of reports and"
        " of `jstock trade status` are the strategy's view: they are not taxable numbers."
    )
    if not estimate.complete:
        yield (
            f"The year is not complete: trades are recorded through {estimate.through or 'no session yet'},"
            f" and those up to {taxed.last} belong to {taxed.year}."
        )
    yield from _loss_notes(taxed)
    if taxed.untaxed:
        gain = sum(sale.gain for sale in taxed.untaxed)
        codes = join_parts(sorted({sale.code for sale in taxed.untaxed}))
        yield (
            f"Sales in NISA accounts are not taxed and not counted: {len(taxed.untaxed)} of {codes},"
            f" gain {signed_yen(gain)}."
        )
    if taxed.loose_fees:
        yield f"Fees of {yen(taxed.loose_fees)} belong to no trade and are not counted."
    if any(sale.is_lieu for sale in taxed.sales):
        yield "Fractions of a share paid out after a split count as sold on the ex-date; they are paid later."
    yield from _dividend_notes(taxed.year, estimate.dividends)


def _dividend_notes(year: int, sums: Sequence[DividendSum]) -> Iterator[str]:
    said = "; ".join(map(_sum_text, sums))
    received = f"those of {year} are {said}" if sums else f"none was recorded in {year}"
    yield f"Dividends are not counted, the tax on them is withheld: {received}."


def _sum_text(of: DividendSum) -> str:
    if of.withheld is None:
        return f"{yen(of.amount)} received, of which it is not known what was withheld"
    return f"{yen(of.amount)} received after {yen(of.withheld)} withheld ({of.account})"


def _loss_notes(taxed: TaxYear) -> Iterator[str]:
    if taxed.loss:
        yield (
            f"The loss of {yen(taxed.loss)} may be carried forward {LOSS_YEARS} years, to gains up to"
            f" {taxed.year + LOSS_YEARS}, if a return is filed for {taxed.year} and for each year after it."
        )
    if taxed.losses:
        each = join_parts(f"{yen(amount)} of {year}" for year, amount in taxed.losses.items())
        yield (
            f"Losses of earlier years ({each}) are not subtracted here:"
            " they may be, where a return was filed each year since."
        )
