"""The luck of ties: what a backtest would have given with equals in another order, as a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.base.words import number, pct, plural
from jstock_core.decide.groups import WHOLE
from jstock_core.market.panel import Floats
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import figure, marked
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, text_line
from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.values import Caption, ChartColumn
from jstock_core.research.ties import LuckSpread, TieLuck

if TYPE_CHECKING:
    import pandas as pd

_BINS = 24
_OWN = "▲"
"""Stands under the column in which the declared order lies."""


@dataclass(frozen=True, eq=False, repr=False)
class LuckCard:
    """The luck of ties of a trial, which shows itself in a notebook."""

    luck: TieLuck
    marks: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """A row a random order and record: seed, group, total_return, sharpe, max_drawdown (fractions)."""
        return self.luck.frame

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return luck_card(self.luck, self.marks)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what came out."""
        return f"<Luck of ties: {'; '.join(luck_notes(self.luck))}>"


def luck_card(luck: TieLuck, marks: Sequence[str] = ()) -> Display:
    """The luck of ties on a card."""
    return marked("Luck of ties", marks, luck_parts(luck, marks))


def luck_parts(luck: TieLuck, marks: Sequence[str] = ()) -> tuple[Display | Table, ...]:
    """Sentences, the spread of every record, and how the returns of the main one are distributed."""
    parts: list[Display | Table] = [text_line(note) for note in luck_notes(luck)]
    if luck.matters:
        main = WHOLE if WHOLE in luck.spreads else next(iter(luck.spreads))
        parts += [luck_table(luck), _histogram(main, luck.spreads[main]["total_return"], marks)]
    return tuple(parts)


def luck_notes(luck: TieLuck) -> tuple[str, ...]:
    """What a reader must know of ties, a line each."""
    return tuple(_notes(luck))


def luck_table(luck: TieLuck) -> Table:
    """Each figure of each record: by the declared order, and under random ones."""
    heads = headings(
        "Random orders", "Figure", *numeric("declared", "worst", "5 %", "median", "95 %", "best")
    )
    rows = tuple(
        (Cell(name), Cell(label), *_cells(figures[key], percent=percent))
        for name, figures in luck.spreads.items()
        if luck.ties.get(name, 1)
        for key, label, percent in _FIGURES
    )
    return Table(heads, rows, "no order was tried")


_FIGURES = (
    ("total_return", "total return", True),
    ("sharpe", "Sharpe", False),
    ("max_drawdown", "max drawdown", True),
)


def _cells(spread: LuckSpread, *, percent: bool) -> Iterator[Cell]:
    values = (spread.declared, *(spread.quantile(q) for q in (0, 0.05, 0.5, 0.95, 1)))
    for value in values:
        yield Cell(_signed(value) if percent else number(value))


def _notes(luck: TieLuck) -> Iterator[str]:
    for group, mornings in luck.ties.items():
        if not mornings:
            yield f"{group}: no two candidates of equal score ever competed; no order could change anything"
            continue
        decided = plural(luck.decided[group], "morning")
        spread = luck.spreads[group]["total_return"]
        yield (
            f"{group}: equal scores competed on {plural(mornings, 'morning')}, and their declared order"
            f" decided on {decided} what was bought; {_spread(spread, len(luck.seeds))}"
        )


def _spread(spread: LuckSpread, orders: int) -> str:
    if not spread.varies:
        return f"{plural(orders, 'random order')} gave the same return"
    low, high = _signed(spread.quantile(0.05)), _signed(spread.quantile(0.95))
    return (
        f"{plural(orders, 'random order')} gave a return of {low} to {high} (5 to 95 %), median"
        f" {_signed(spread.quantile(0.5))}; the declared one gave {_signed(spread.declared)}, more than"
        f" {100 * spread.beaten:.0f} % of them"
    )


def _signed(fraction: float) -> str:
    return pct(None if np.isnan(fraction) else 100 * fraction)


def _histogram(name: str, spread: LuckSpread, marks: Sequence[str]) -> Display:
    """How many random orders gave what return; the bin of the declared order is named."""
    values = 100 * np.array([*spread.known, spread.declared])
    edges = np.linspace(values.min(), values.max(), _BINS + 1)
    counts, _ = np.histogram(values[:-1], edges)
    own = min(int(np.searchsorted(edges, values[-1], side="right")) - 1, _BINS - 1)
    labels = {n: text for n, text in named_bins(edges).items() if abs(n - own) > 2} | {own: _OWN}
    columns = [
        ChartColumn(float(found), labels.get(n, ""), _bin(edges[n], edges[n + 1], int(found)))
        for n, found in enumerate(counts)
    ]
    title, meaning = f"Return of {name} under random orders of equals", _spread(spread, len(spread.values))
    caption = Caption(title, meaning, " ".join(marks))
    svg = column_chart(caption, columns, form=lambda value: number(value, 0), toned=False)
    return figure(
        f"{name}-luck", title, svg, meaning, f"Random orders by their total return; {_OWN} the declared one."
    )


def _bin(low: float, high: float, found: int) -> str:
    return f"{pct(low)} to {pct(high)}: {plural(found, 'order')}"


def named_bins(edges: Floats) -> dict[int, str]:
    """The labels of a histogram of percentages: the middles of three of its bins.

    They have as many decimals as tell them from each other, two at most.
    """
    last = len(edges) - 2
    middles = {n: float(edges[n] + edges[n + 1]) / 2 for n in (last // 8, last // 2, last - last // 8)}
    labels = {n: pct(middle, 0) for n, middle in middles.items()}
    for decimals in (1, 2):
        if len({*labels.values()}) < len(labels):
            labels = {n: pct(middle, decimals) for n, middle in middles.items()}
    return labels
