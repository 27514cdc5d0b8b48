"""The card of a lab: what data there is, what trading costs, which groups there are."""

from __future__ import annotations

from jstock_core.base.words import count, day, plural, yen
from jstock_core.reports.model.lab.lab import LabSummary
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, stack, text_line


def lab_card(lab: LabSummary) -> Display:
    """All of it, under one heading."""
    span = f"{lab.first} to {lab.last}" if lab.first else "no bars yet: fetch or import market data"
    parts: list[Display | Table] = [text_line(" ".join(lab.marks))] if lab.marks else []
    parts += [
        text_line(f"{lab.now:%Y-%m-%d %H:%M} JST, a copy of {lab.workspace}; nothing later is known here."),
        text_line(f"{span}; {plural(lab.stocks, 'stock')}, {count(lab.monitored)} monitored", "Backtests:"),
        text_line(lab.costs, "Costs:"),
        text_line(
            f"{plural(lab.trials, 'trial')} so far; results are judged by how many there are", "Tried:"
        ),
        *([text_line(lab.holdout)] if lab.holdout else []),
        _data_table(lab),
        _group_table(lab),
    ]
    return titled("Laboratory", stack(parts))


def _data_table(lab: LabSummary) -> Table:
    heads = headings(
        "Data", Heading("First", "day"), Heading("Last", "day"), *numeric("Facts", "Stocks"), "Note"
    )
    rows = tuple(
        (
            Cell(each.name),
            Cell(day(each.first)),
            Cell(day(each.last)),
            Cell(count(each.facts)),
            Cell("" if each.stocks is None else count(each.stocks)),
            Cell(each.note),
        )
        for each in lab.data
    )
    return Table(heads, rows, "There are no data sets")


def _group_table(lab: LabSummary) -> Table:
    heads = headings("Group", "Entry", "Exit", "Fills", *numeric("Capital"))
    rows = tuple(
        (
            Cell(group.id, note=group.name),
            Cell(group.entry),
            Cell(group.exit),
            Cell(group.fills),
            Cell(yen(group.initial_capital)),
        )
        for group in lab.groups
    )
    return Table(heads, rows, "No group is declared")
