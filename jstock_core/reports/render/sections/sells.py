"""The SELL signals and the exits that are unknown."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.words import capitalize
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import SellSignal
from jstock_core.reports.render.parts.cells import gain_cell, headings, numeric, stock_cell
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Cell, Display, Table, section
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.links import stock_link


@dataclass(frozen=True)
class _SellLine:
    """A signal with its reason in a sentence, what is held, and why it has no order, "" where it has one."""

    sell: SellSignal
    link: str
    reason: str
    held: str
    why_not: str


def sells_section(report: Report, words: Words) -> Display:
    """The SELL signals, those that need a person first."""
    lines = [_line(report, sell, words) for sell in report.sells]
    plain = section("sells", words("Sell signals"), (_table(lines, words),))
    return Display(markup("sells.html.j2", lines=lines, words=words), plain.markdown, plain.plain)


def _line(report: Report, sell: SellSignal, words: Words) -> _SellLine:
    reason, layer = words.sentence(sell.reason), words.layer(sell.layer)
    if layer:
        reason = words("{what}: {why}", what=capitalize(layer), why=reason)
    held = words(
        "{shares} shares since {day} at {price}",
        shares=words.count(sell.held),
        day=words.day(sell.entry_session),
        price=words.price(sell.entry_price),
    )
    why_not = "" if sell.unknown or not sell.why_not else words.sentence(sell.why_not)
    return _SellLine(sell, stock_link(report, sell.code), reason, held, why_not)


def _table(lines: list[_SellLine], words: Words) -> Table:
    heads = headings(
        words("Stock"),
        words("Group"),
        words("Signal"),
        *numeric(words("Profit"), words("Price")),
        words("Why"),
    )
    return Table(heads, tuple(_row(line, words) for line in lines), words("No position is to be sold."))


def _row(line: _SellLine, words: Words) -> tuple[Cell, ...]:
    sell = line.sell
    not_ordered = words("no order: {why}", why=line.why_not) if line.why_not else ""
    return (
        stock_cell(sell),
        Cell(sell.group),
        Cell(words.action(sell.action), "loss" if sell.unknown else ""),
        gain_cell(sell.pnl, sell.pnl_pct),
        Cell(words.price(sell.price)),
        Cell(line.reason, note=not_ordered),
    )
