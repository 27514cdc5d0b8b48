"""A market with something changed: one bar, a session without a bar, a split, more facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np

from jstock_core.market.panel import Panel
from jstock_core.testing.facts import Fact
from jstock_core.testing.markets import tables

PRICES = ("open", "high", "low", "close")
Change = Callable[[Any], None]
"""Writes into an array in place."""


def with_bar(panel: Panel, code: str, session: date | str, **figures: float) -> Panel:
    """Change figures of one bar: open, high, low, close, volume, adj_factor.

    Where only some prices are given, the others follow: the bar opens, or closes, at what is given, and its
    high and low enclose both.
    """
    prices = [figures[key] for key in ("open", "close") if key in figures]
    if prices:
        figures = {"high": max(prices), "low": min(prices), "close": prices[-1], "open": prices[0]} | figures
    at = panel.row(_day(session)), panel.column[code]
    return _change(panel, {name: _putting(at, figure) for name, figure in figures.items()})


def without_bar(panel: Panel, code: str, session: date | str) -> Panel:
    """Take one bar away: the stock did not trade in the session."""
    return with_bar(panel, code, session, **dict.fromkeys((*PRICES, "volume"), float("nan")))


def without_rows(panel: Panel, code: str, since: date | str) -> Panel:
    """Let the rows of a stock end before a session: from then on the source has not even an empty one."""
    row, column = panel.row(_day(since)), panel.column[code]

    def end(array: Any) -> None:
        array[row:, column] = False if array.dtype == bool else np.nan

    return _change(panel, dict.fromkeys((*PRICES, "volume", "has_row"), end))


def with_split(panel: Panel, code: str, session: date | str, adj_factor: float, ex_right: int = 0) -> Panel:
    """Let a stock go ex in a session: its prices from then on are `adj_factor` of what they were.

    `ex_right` is ExRT, 0 where it is not delivered.
    """
    row, column = panel.row(_day(session)), panel.column[code]

    def scale(array: Any) -> None:
        array[row:, column] *= adj_factor

    changes: dict[str, Change] = dict.fromkeys(PRICES, scale)
    kinds = {"adj_factor": adj_factor, "ex_right": ex_right}
    puts = {name: _putting((row, column), value) for name, value in kinds.items()}
    return _change(panel, {**changes, **puts})


def with_facts(panel: Panel, *facts: Fact) -> Panel:
    """Add statements, flows, earnings dates, announced splits and dividends, in order of publication."""
    return replace(panel, **{name: _join(getattr(panel, name), more) for name, more in tables(facts).items()})


def _day(session: date | str) -> date:
    return date.fromisoformat(str(session))


def _putting(at: tuple[int, int], figure: float) -> Change:
    def put(array: Any) -> None:
        array[at] = figure

    return put


def _change(panel: Panel, changes: dict[str, Change]) -> Panel:
    arrays = {name: getattr(panel, name).copy() for name in changes}
    for name, change in changes.items():
        change(arrays[name])
    return replace(panel, **arrays)


def _join(table: Any, more: Any) -> Any:
    """Two tables of one kind as one."""
    parts = {f.name: _both(getattr(table, f.name), getattr(more, f.name)) for f in fields(table)}
    whole = type(table)(**parts)
    return whole.take(np.argsort(whole.known_at, kind="stable"))


def _both(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {key: np.append(values, other[key]) for key, values in one.items()}
    return np.append(one, other)
