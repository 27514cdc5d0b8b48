"""A lived span beside its backtest: classes of difference, the differences, and both curves."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.words import join_parts, number, pct, plural, signed_number, signed_yen
from jstock_core.reports.model.lab.parity import WRONG, ParityResult
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import figure, titled
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, stack, text_line
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine

SHOWN = 40
"""Differences that are listed."""


@dataclass(frozen=True, eq=False, repr=False)
class ParityCard:
    """A lived span beside its backtest, which shows itself in a notebook."""

    result: ParityResult

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return parity_card(self.result)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what came out."""
        return f"<Parity {parity_sentence(self.result)}>"


def parity_card(result: ParityResult) -> Display:
    """All of it on one card."""
    parts: list[Display | Table] = [
        *([text_line(" ".join(result.marks))] if result.marks else []),
        text_line(parity_sentence(result)),
        parity_curve(result),
        returns_table(result),
        classes_table(result),
        differences_table(result),
    ]
    return titled(f"Live against backtest, {result.first} to {result.last}", stack(parts))


def parity_sentence(result: ParityResult) -> str:
    """How many mornings and orders, and how far they agree."""
    what = f"{plural(result.mornings, 'morning')} of {plural(result.days, 'trade date')}"
    orders = plural(result.orders, "order")
    if not result.differences:
        return f"{what}, {orders}: the desk did what its backtest does, order by order and fill by fill"
    return f"{what}, {orders}: {plural(len(result.differences), 'difference')}"


def parity_curve(result: ParityResult) -> Display:
    """The return of the whole desk, live and in the backtest, beside TOPIX."""
    live, paper = signed_number(result.live[-1], 1), signed_number(result.backtest[-1], 1)
    topix = signed_number(result.topix[-1], 1)
    lines = [
        ChartLine("topix", result.topix, "TOPIX", topix),
        ChartLine("group-1", result.backtest, "backtest", paper),
        ChartLine("whole", result.live, "live", live),
    ]
    title = "Return of the whole desk, %"
    meaning = join_parts((f"live {live} %", f"backtest {paper} %", f"TOPIX {topix} %"))
    caption = Caption(title, meaning, " ".join(result.marks))
    svg = line_chart(caption, result.sessions, lines, form=lambda value: number(value, 1))
    return figure("parity", title, svg, meaning)


def returns_table(result: ParityResult) -> Table:
    """The return of each group, live and in the backtest."""
    rows = tuple(
        (Cell(name), Cell(pct(live)), Cell(pct(paper)), toned_cell(number(live - paper, 2), live - paper))
        for name, (live, paper) in result.returns.items()
    )
    heads = headings("Return", *numeric("Live", "Backtest", "Points"))
    return Table(heads, rows, "nothing is settled yet", compact=True)


def classes_table(result: ParityResult) -> Table:
    """How many differences each class has, and what its fills cost."""
    rows = []
    for kind, count in result.counts.items():
        costs = [each.cost for each in result.differences if each.kind is kind and each.cost is not None]
        rows.append((
            Cell(kind.value, "loss" if kind in WRONG else ""),
            Cell(str(count)),
            Cell(signed_yen(sum(costs)) if costs else ""),
            Cell(kind.meaning),
        ))  # fmt: skip
    heads = headings("Class", *numeric("Differences", "Cost"), "Meaning")
    return Table(heads, tuple(rows), "no difference")


def differences_table(result: ParityResult, most: int = SHOWN) -> Table:
    """The differences in the order of sessions."""
    rows = tuple(
        (
            Cell(str(each.session)),
            Cell(each.group),
            Cell(f"{each.side} {each.code}"),
            Cell(each.live),
            Cell(each.backtest),
            Cell(signed_yen(each.cost) if each.cost is not None else ""),
            Cell(each.kind.value),
        )
        for each in result.differences[:most]
    )
    left = len(result.differences) - most
    foot = ((Cell(f"and {left} more"), *(Cell("") for _ in range(6))),) if left > 0 else ()
    heads = headings("Session", "Group", "Order", "Live", "Backtest", *numeric("Cost"), "Class")
    return Table(heads, rows, "no difference", foot=foot)
