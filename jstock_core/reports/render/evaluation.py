"""The tables of what was not bought: near misses, and every monitored stock."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.base.words import UNKNOWN, escape_html, join_parts, number, plural, price
from jstock_core.decide import HOLD
from jstock_core.reports.model.evaluation import GroupMiss, GroupOpinion, NearMiss, StockEvaluation
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.cells import headings, numeric
from jstock_core.reports.render.table import Cell, Display, Table


def near_miss_table(report: Report) -> Table:
    """What came closest to a BUY, once a stock, and what each group missed."""
    heads = headings("Stock", *numeric("Price"), "Group", *numeric("Short", "Score"), "What was missing")
    rows = tuple(_miss(miss, missed) for miss in report.near_misses for missed in miss.groups)
    return Table(heads, rows, "Nothing came close to a BUY")


def _miss(miss: NearMiss, missed: GroupMiss) -> tuple[Cell, ...]:
    return (
        Cell(miss.code, note=miss.name),
        Cell(price(miss.price)),
        Cell(missed.group),
        Cell(number(missed.short, 1)),
        Cell(number(missed.score, 1)),
        Cell(missed.missing),
    )


def evaluation_table(report: Report) -> Display:
    """Every monitored stock with its score in each group; folded on the page."""
    return fold_table(
        all_stocks_table(report.evaluations), f"{plural(len(report.evaluations), 'monitored stock')}"
    )


def all_stocks_table(evaluated: Sequence[StockEvaluation]) -> Table:
    """The same, unfolded."""
    groups = [opinion.group for opinion in evaluated[0].opinions] if evaluated else []
    heads = headings("Stock", *numeric("Price", *groups), "Parts")
    return Table(heads, tuple(_stock(line) for line in evaluated), "No stock is monitored")


def _stock(line: StockEvaluation) -> tuple[Cell, ...]:
    age = f"{plural(line.age, 'session')} old" if line.age else ""
    reasons = dict.fromkeys(opinion.reason for opinion in line.opinions)
    return (
        Cell(line.code, note=line.name),
        Cell(price(line.price), note=age, note_tone="loss"),
        *(_opinion(opinion) for opinion in line.opinions),
        Cell(join_parts(reasons, "; ")),
    )


def _opinion(opinion: GroupOpinion) -> Cell:
    score = UNKNOWN if opinion.score is None else number(opinion.score, 1)
    return Cell(score, note=opinion.verdict, note_tone=_tone(opinion))


def _tone(opinion: GroupOpinion) -> str:
    if opinion.signal == HOLD:
        return "muted"
    if opinion.signal or opinion.score is None:
        return "gain" if opinion.signal == "BUY" else "loss"
    return "" if opinion.held else "muted"


def fold_table(table: Table, title: str) -> Display:
    """A long table behind its title on the page, unfolded by a click without any script; whole elsewhere."""
    html = f"<details><summary>{escape_html(title)}</summary>\n{table.html}\n</details>"
    return Display(html, table.markdown, table.plain)
