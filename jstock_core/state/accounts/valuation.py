"""The equity curve: a book's moves and raw prices, by group and session.

1. The moves of a group, added up session by session, are its cash and its shares at each close (`_running`).
2. Shares are worth the raw close of the stock's last bar at or before the session; a close from before a
   split is carried over it. A position is valued after the fills of its session, so what was
   bought at the open of T moves until T's close.

A fact on a day without a session counts for the next one, a fact before the first session for the first;
facts after the panel's last session are not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.panel import Bools, Dates, Floats, Ints, Panel
from jstock_core.market.prices import closes
from jstock_core.state.book.holdings import Book, Move


@dataclass(frozen=True, eq=False)
class Curve:
    """Yen at each session's close, (S',) float64, whole yen but for prices with a fraction.

    `market_value` is that of the shares held, `deposits` what came in (deposits less withdrawals, and
    adjustments: cash, and shares at their cost) in the session, before its open.
    """

    cash: Floats
    market_value: Floats
    deposits: Floats

    @cached_property
    def equity(self) -> Floats:
        """Cash and market value."""
        return self.cash + self.market_value

    @cached_property
    def gains(self) -> Floats:
        """Yen won or lost in each session: equity less the equity before and what came in."""
        return self.equity - np.concatenate(([0.0], self.equity[:-1])) - self.deposits

    @cached_property
    def funded(self) -> Bools:
        """Sessions with money in them, or coming in."""
        found: Bools = (self.deposits != 0) | (self.equity != 0)
        return found


@dataclass(frozen=True, eq=False)
class EquityCurve:
    """A curve for each group, over the sessions from the first event's to the panel's last."""

    sessions: Dates
    groups: Mapping[str, Curve]

    @cached_property
    def whole(self) -> Curve:
        """All groups together."""
        names = [field.name for field in fields(Curve)]
        zero = np.zeros(len(self.sessions))
        return Curve(*(sum((getattr(c, name) for c in self.groups.values()), zero) for name in names))


def returns(curve: Curve) -> Floats:
    """Daily returns net of deposits and withdrawals, (S',): equity / (equity before + deposits) - 1.

    Money comes in before the open, so it earns the session's return. The first element is the first session's
    own, from its open. Nothing invested and nothing left is 0; a loss of more than there was is NaN.
    """
    before = np.concatenate(([0.0], curve.equity[:-1]))
    empty = (before + curve.deposits == 0) & (curve.equity == 0)
    return np.where(empty, 0.0, growth_factors(before, curve.deposits, curve.equity) - 1.0)


def growth_factors(before: Floats, deposits: Floats, after: Floats) -> Floats:
    """What a yen became: equity after / (equity before + deposits), NaN where nothing was invested."""
    base = before + deposits
    factors: Floats = np.divide(after, base, out=np.full(len(base), np.nan), where=base > 0)
    return factors


def equity_curve(book: Book, panel: Panel) -> EquityCurve:
    """Value every group at every session's close, from the session of the book's first move.

    Raises:
        UsageError: no money has come in before the panel ends.
        DataError: a stock that is held is not in the panel, or had no bar yet.

    """
    moved = {name: group.moves for name, group in sorted(book.groups.items()) if group.moves}
    begun = min((moves[0].session for moves in moved.values()), default=None)
    if begun is None or not len(panel.sessions):
        raise UsageError("nothing to value: no money came in yet, or there are no bars", do="run a day first")
    if begun > panel.session(-1):
        raise UsageError("the first session is still to come", do="fetch newer sessions")
    first = int(np.searchsorted(panel.sessions, np.datetime64(begun, "D")))
    sessions, prices = panel.sessions[first:], _Prices(panel, first)
    curves = {name: _curve(moves, sessions, prices) for name, moves in moved.items()}
    return EquityCurve(sessions, {name: curve for name, curve in curves.items() if curve is not None})


class _Prices:
    """Raw closes of the sessions from row `first` of a panel on, gaps filled, a column at a time."""

    def __init__(self, panel: Panel, first: int) -> None:
        self._panel = panel
        self._first = first
        self._carried: dict[str, Floats] = {}

    def of(self, code: str) -> Floats:
        """(S',): the last raw close at or before each session, NaN before the first bar."""
        if code not in self._carried:
            column = self._panel.column.get(code)
            if column is None:
                raise DataError(f"{code} is held, but has no prices here", do="add it to the monitor list")
            self._carried[code] = closes(self._panel, column)[self._first :]
        return self._carried[code]


def _curve(moves: Sequence[Move], sessions: Dates, prices: _Prices) -> Curve | None:
    """The curve of one group; None where all of its moves come later."""
    days = np.array([move.session for move in moves], dtype="datetime64[D]")
    rows = np.searchsorted(sessions, days)
    seen = int(np.searchsorted(rows, len(sessions)))
    if not seen:
        return None
    moves, rows = moves[:seen], rows[:seen]
    by_code: dict[str, list[int]] = {}
    for n, move in enumerate(moves):
        if move.shares:
            by_code.setdefault(move.code, []).append(n)
    value = np.zeros(len(sessions))
    for code, own in by_code.items():
        shares = _running(rows[own], [moves[n].shares for n in own], len(sessions))
        held = shares > 0
        price = np.where(held, prices.of(code), 0.0)
        if np.isnan(price).any():
            raise DataError(f"{code} is held before its first bar: it has no value", do="correct the fill")
        value += shares * price
    cash = _running(rows, [move.cash for move in moves], len(sessions))
    given = np.zeros(len(sessions))
    np.add.at(given, rows, [move.given for move in moves])
    return Curve(cash, value, given)


def _running(rows: Ints, amounts: Sequence[int], length: int) -> Floats:
    """What the amounts up to each row come to, (length,): in whole numbers, so that no bit is lost."""
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, rows, amounts)
    return np.cumsum(total).astype(np.float64)
