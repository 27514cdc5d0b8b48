"""What fills cost: each since the morning before, and all so far."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import UNKNOWN, signed_number, tone
from jstock_core.execution.slippage import Slippage, SlippageSum
from jstock_core.reports.model.decisions.fills import FillQuality, SlippageTotal
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.figures import small_line
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, section
from jstock_core.reports.render.parts.words import Words

_BY = {"you": "by you", "paper": "on paper"}
_ALL_BY = {"you": "Filled by you", "paper": "Filled on paper"}


def execution_section(report: Report, words: Words) -> Display:
    """The slippage of fills against the opening price and against the close they were decided on; costs."""
    return section("execution", words("Execution"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display | Table]:
    execution = report.execution
    yield _fills_table(execution.fills, words)
    if execution.slippage:
        text = words(
            "Above zero it cost you: more was paid, or less received. "
            "Against the close, the night between is in it, and a dividend that the price lost."
        )
        yield _totals_table(execution.slippage, words)
        yield small_line(text, words("Slippage:"))
    yield small_line(words.sentence(execution.costs), words("Costs assumed on paper:"))


def _fills_table(fills: tuple[FillQuality, ...], words: Words) -> Table:
    heads = (
        Heading(words("Stock")),
        Heading(words("Filled")),
        Heading(words("Shares"), "num"),
        Heading(words("Price"), "num"),
        Heading(words("Against the open"), "num"),
        Heading(words("Against the close decided on"), "num"),
        Heading(words("Group")),
    )
    return Table(
        heads, tuple(_fill_row(fill, words) for fill in fills), words("No fills since the morning before")
    )


def _fill_row(fill: FillQuality, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(fill.code, note=fill.name),
        Cell(
            words.side(fill.side),
            note=words.join((words.day(fill.session), words(_BY[fill.filled_by]))),
        ),
        Cell(words.count(fill.shares)),
        Cell(words.price(fill.price)),
        _slip_cell(fill.against_open, fill.open_unknown, words),
        _slip_cell(fill.against_close, fill.close_unknown, words),
        Cell(fill.group),
    )


def _slip_cell(slip: Slippage | None, why: str, words: Words) -> Cell:
    if slip is None:
        return Cell(UNKNOWN, "muted", note=words(why) if why else "")
    at = words("{bp} bp, {ticks} ticks at {price}", bp=_signed(slip.bp, 1), ticks=_signed(slip.ticks, 1),
               price=words.price(slip.reference))  # fmt: skip
    return Cell(words.signed_yen(slip.yen), tone(-slip.yen), note=at)


def _totals_table(totals: tuple[SlippageTotal, ...], words: Words) -> Table:
    heads = (
        Heading(words("All fills so far")),
        Heading(words("Fills"), "num"),
        Heading(words("Against the open"), "num"),
        Heading(words("Against the close decided on"), "num"),
    )
    return Table(heads, tuple(_total_row(total, words) for total in totals), "", compact=True)


def _total_row(total: SlippageTotal, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words(_ALL_BY[total.filled_by])),
        Cell(words.count(total.fills)),
        _sum_cell(total, total.against_open, words),
        _sum_cell(total, total.against_close, words),
    )


def _sum_cell(total: SlippageTotal, found: SlippageSum | None, words: Words) -> Cell:
    if found is None:
        return Cell(UNKNOWN, "muted")
    mean = words("{bp} bp, {ticks} ticks", bp=_signed(found.bp, 1), ticks=_signed(found.ticks, 1))
    part = "" if found.fills == total.fills else words("of {n} fills", n=words.count(found.fills))
    return Cell(words.signed_yen(found.yen), tone(-found.yen), note=words.join((mean, part)))


def _signed(value: float, decimals: int) -> str:
    return signed_number(value, decimals)
