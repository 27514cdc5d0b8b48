"""Views of fewer stocks: in a wide market an exit is asked on a view of its own stock alone.

A rule computes arrays over the whole view, but a backtest of 4,000 stocks holds only about five at a time. A
column depends only on its stock's bars and dated facts, so the narrow view gives the same values, bit for
bit. A rule that declares that it compares stocks always sees all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from jstock_core.market.panel import Ints, Panel, Texts
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding, Layer

WIDE = 1024
"""The number of stocks from which a market counts as wide."""


def is_wide(view: View) -> bool:
    """Whether rules should be asked about a few stocks at a time."""
    return view.shape[1] >= WIDE


def exit_view(view: View, exit_: Exit, holding: Holding) -> tuple[View, Holding]:
    """The view and holding to ask an exit about; in a wide market's backtest they have its stock alone."""
    rows, n = view.shape[0], holding.column
    if rows == 1 or not is_wide(view) or _is_about_all(view, exit_):
        return view, holding
    alone = view.memo(("stock", n), lambda: narrow_view(view, slice(n, n + 1), slice(0, rows)))
    return alone, holding._replace(column=0)


def _is_about_all(view: View, exit_: Exit) -> bool:
    _, compares = view.memo(("compares", id(exit_)), lambda: (exit_, compares_stocks(exit_)))
    return compares


def narrow_view(view: View, columns: slice, rows: slice) -> View:
    """Some rows and columns of a view; features are not copied."""
    first, last = view.first_row + rows.start, view.first_row + rows.stop - 1
    panel = narrow_panel(view.panel, columns)
    features = view.features.of_columns(panel, columns)
    dates, times = view.trade_dates[rows], view.decided_at[rows]
    return View.of(panel, features, first, last, dates, decided_at=times)


def narrow_panel(panel: Panel, columns: slice) -> Panel:
    """Some columns of a panel, with the dated facts of their stocks."""
    statements, announcements = panel.memo("facts_by_column", lambda: _facts_by_column(panel))
    return replace(
        panel.with_columns(columns),
        statements=panel.statements.take(statements.rows(columns)),
        announcements=panel.announcements.take(announcements.rows(columns)),
    )


class _ByColumn(NamedTuple):
    """Rows of dated facts sorted by the column of their stock, -1 for stocks that the panel lacks."""

    column: Ints
    row: Ints

    def rows(self, columns: slice) -> Ints:
        """The rows of the facts about some columns, in the order of the facts."""
        first, end = np.searchsorted(self.column, (columns.start, columns.stop))
        return np.sort(self.row[first:end])


def _facts_by_column(panel: Panel) -> tuple[_ByColumn, _ByColumn]:
    """The rows of statements, and those of announcements."""
    return _by_column(panel, panel.statements.code), _by_column(panel, panel.announcements.code)


def _by_column(panel: Panel, codes: Texts) -> _ByColumn:
    columns = np.array([panel.column.get(code, -1) for code in codes.tolist()], dtype=np.int64)
    row = np.argsort(columns)
    return _ByColumn(columns[row], row)


def compares_stocks(rule: object) -> bool:
    """Whether the rule, or a rule inside it, declares that it compares stocks."""
    return any(getattr(part, "compares", False) for part in (rule, *rule_parts(rule)))


def rule_parts(value: object) -> Iterator[Entry | Exit | Layer]:
    """The rule and every rule inside it, such as an exit's layers or a combination's members."""
    if isinstance(value, Entry | Exit | Layer):
        yield value
    inside: list[Any] = []
    if is_dataclass(value):
        inside += [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Exit):
        inside += value.layers
    if isinstance(value, list | tuple):
        inside += value
    for item in inside:
        yield from rule_parts(item)
