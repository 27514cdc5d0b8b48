"""Groups that were backtested each alone, as a card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from jstock_core.base.words import UNKNOWN, count, number, pct, plural
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, text_line
from jstock_core.research.combinations import GroupEvaluation

if TYPE_CHECKING:
    import pandas as pd


class EvaluationList(tuple[GroupEvaluation, ...]):  # noqa: SLOT001 (it has marks)
    """Evaluations in the order in which they were asked for, which a notebook shows as a card."""

    marks: tuple[str, ...]

    @classmethod
    def of(cls, found: Iterable[GroupEvaluation], marks: tuple[str, ...]) -> Self:
        """The evaluations; `marks` are the words of their market."""
        made = cls(found)
        made.marks = marks
        return made

    @property
    def frame(self) -> pd.DataFrame:
        """A row a group: group, orders, total_return, sharpe, max_drawdown (fractions), closed lots."""
        import pandas as pd

        return pd.DataFrame(
            [
                (each.group.id, len(each.orders), each.record.own.total_return, each.record.own.sharpe,
                 each.record.own.deepest, each.record.lots.closed)
                for each in self
            ],
            columns=["group", "orders", "total_return", "sharpe", "max_drawdown", "closed"],
        )  # fmt: skip

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return evaluations_card(self)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line how many there are, and which returned the most."""
        best = max(self, key=lambda each: each.record.own.total_return or 0.0, default=None)
        return f"<{plural(len(self), 'evaluation')}{f'; the most returned {best!r}' if best else ''}>"


def evaluations_card(found: EvaluationList) -> Display:
    """A row a group, beside TOPIX."""
    rows = tuple(_row(each) for each in found)
    heads = headings("Group", *numeric("Return", "Sharpe", "Max drawdown", "Closed lots", "Orders"))
    topix = {_percent(each.record.benchmark.total_return) for each in found}
    said = text_line(f"TOPIX {', '.join(sorted(topix)) or UNKNOWN}; each group alone, with its own capital")
    return marked("Evaluations", found.marks, [Table(heads, rows, "No group was evaluated"), said])


def _row(each: GroupEvaluation) -> tuple[Cell, ...]:
    own = each.record.own
    return (
        Cell(each.group.id, note=each.group.name),
        toned_cell(_percent(own.total_return), own.total_return),
        Cell(number(own.sharpe)),
        Cell(_percent(own.deepest)),
        Cell(count(each.record.lots.closed)),
        Cell(count(len(each.orders))),
    )


def _percent(fraction: float | None) -> str:
    return pct(None if fraction is None else 100 * fraction)
