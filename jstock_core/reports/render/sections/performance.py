"""The money of the groups and of the whole desk, and what they did against TOPIX."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.reports.model.money.curves import Performance
from jstock_core.reports.model.money.measures import TaxToDate
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.money.counterfactuals import judged_month
from jstock_core.reports.render.money.curves import drawdown_chart, returns_chart
from jstock_core.reports.render.money.measured import (
    months_map,
    months_table,
    notes,
    tear_sheets,
    years_table,
)
from jstock_core.reports.render.money.money import money_table
from jstock_core.reports.render.money.promoted import promoted_part
from jstock_core.reports.render.parts.figures import folded, side_by_side, small_line, titled
from jstock_core.reports.render.parts.table import Display, Table, section, stack
from jstock_core.reports.render.parts.words import Words


def performance_section(report: Report, words: Words) -> Display:
    """The money of the groups, their returns against TOPIX, months, and the tax to date."""
    return section("performance", words("Portfolio and performance"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display | Table]:
    past = report.performance
    yield money_table(report.portfolio, words)
    if past.unknown:
        yield small_line(words.sentence(past.unknown), words("Returns:"))
    else:
        yield side_by_side((returns_chart(report, words), drawdown_chart(report, words)))
        yield side_by_side((_against_topix(past, words), _by_month(past, words)))
    if past.promoted:
        yield promoted_part(past.promoted, words)
    if past.judged is not None:
        yield judged_month(past.judged, words)
    if past.tax is not None:
        yield small_line(_tax(past.tax, words), words("Tax to date:"))


def _against_topix(past: Performance, words: Words) -> Display:
    parts = (*tear_sheets(past, words), *notes(past, words))
    return titled(words("Against TOPIX") if past.benchmarks else words("Measures"), stack(parts))


def _by_month(past: Performance, words: Words) -> Display:
    tables = years_table(past, words), folded(words("All months"), months_table(past, words))
    return titled(words("By month"), stack((*months_map(past, words), *tables)))


def _tax(tax: TaxToDate, words: Words) -> str:
    if tax.unknown:
        return words.sentence(tax.unknown)
    if not tax.sales:
        return words("no sale settles in {year} so far.", year=tax.year)
    text = words.plural(
        tax.sales,
        "about {tax} on {gain} from {n} sale that settles in {year}: an estimate, see "
        "`jstock tax --year {year}`.",
        "about {tax} on {gain} from {n} sales that settle in {year}: an estimate, see "
        "`jstock tax --year {year}`.",
        tax=words.yen(tax.tax),
        year=tax.year,
        gain=words.signed_yen(tax.gain),
    )
    if not tax.untaxed:
        return text
    untaxed = words.plural(
        tax.untaxed, "{n} sale in a NISA account is not taxed.", "{n} sales in NISA accounts are not taxed."
    )
    return f"{text} {untaxed}"
