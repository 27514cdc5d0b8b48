"""A group's filters and protections on one morning: what they are told about the group, and what they refuse.

Everything comes from the moves in the group's book. Stops are sales by stop layers. The value of the group at
a past close is what it has now, less what moved since, at the prices of that close. So a desk, which reads
its journal, and a backtest, which folds its own events, see the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from math import nan

import numpy as np

from jstock_core.decide.given.given import MorningView
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Floats
from jstock_core.market.prices import carried_closes
from jstock_core.signals.features.view import View
from jstock_core.signals.language.guards import STOPS, Mode, Standing, Stop, ask_guard
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.accounts.valuation import (
    Curve,
    Prices,
    opening_price,
    returns,
    value_group,
    value_together,
)
from jstock_core.state.book.book import GroupBook, Move


def group_standing(book: GroupBook, at: MorningView) -> Standing:
    """What the group's filters and protections are told about it."""
    moves = [move for move in book.moves if move.layer in STOPS and move.session <= at.evaluated]
    oldest = at.view.panel.dates[0]
    stops = sorted({Stop(move.session, move.code) for move in moves if move.session >= oldest})
    ordered = {order.code for order in book.orders.values() if order.side == "BUY"}
    return Standing(
        view=at.view,
        row=at.row,
        codes=frozenset(ordered.union(book.lots)),
        stops=tuple(stops),
        worth=lambda closes: growth_curve(book, at.view, at.row, closes),
    )


def refusals(group: Group, mode: Mode, column: int, stands: Standing) -> Iterator[Refusal]:
    """Why the filters of a mode refuse a stock, in the order of declaration."""
    for guard in group.filters:
        if guard.mode == mode:
            reason = ask_guard(guard.rule, partial(guard.rule.refusal, column, stands))
            if reason:
                yield Refusal.of(guard.rule, mode, reason)


def ask_filters(group: Group, book: GroupBook, view: View, row: int, column: int) -> Iterator[Refusal]:
    """What each filter that is not off says about a stock; the reason is "" if the stock passes.

    Orders of the same morning are not counted, so a sector that they fill still passes here.
    """
    stands = group_standing(book, MorningView(view, row))
    for guard in group.filters:
        if guard.mode != "off":
            reason = ask_guard(guard.rule, partial(guard.rule.refusal, column, stands))
            yield Refusal.of(guard.rule, guard.mode, reason)


def pauses(group: Group, mode: Mode, stands: Standing) -> Iterator[Refusal]:
    """Why the protections of a mode pause the group's entries, in the order of declaration."""
    for guard in group.protections:
        if guard.mode == mode:
            reason = ask_guard(guard.rule, partial(guard.rule.reason, stands))
            if reason:
                yield Refusal.of(guard.rule, mode, reason)


def first_pause(book: GroupBook, at: MorningView, group: Group) -> Refusal | None:
    """The first enforced reason why protections pause the group's entries; None if none does."""
    if not group.protections:
        return None
    return next(pauses(group, "enforce", group_standing(book, at)), None)


def growth_curve(book: GroupBook, view: View, row: int, closes: int) -> Floats:
    """Growth of one yen in the group over the last `closes` closes up to D, 1.0 at the first: (<= closes,).

    The product of the daily returns of the group's equity curve. A position without a price counts as 0, and
    a session without money in the group has a return of 0.
    """
    rows = _last_rows(view, row, closes)
    curve = value_group(book, view.panel.sessions[rows], _prices(view, rows), _moves_in(book, view, rows))
    return _grow(curve)


def desk_growth_curve(groups: Sequence[GroupBook], view: View, row: int, closes: int) -> Floats:
    """As `growth_curve`, for all groups together: money moved from one group to another is netted."""
    rows = _last_rows(view, row, closes)
    accounts = [(book, _moves_in(book, view, rows)) for book in groups]
    return _grow(value_together(accounts, view.panel.sessions[rows], _prices(view, rows)))


def _last_rows(view: View, row: int, closes: int) -> slice:
    last = view.first_row + row
    return slice(max(0, last + 1 - closes), last + 1)


def _moves_in(book: GroupBook, view: View, rows: slice) -> Sequence[Move]:
    return book.moves[bisect_left(book.moves, view.panel.dates[rows.start], key=_session) :]


def _grow(curve: Curve) -> Floats:
    growth = returns(curve)[1:]
    return np.concatenate(([1.0], np.cumprod(1.0 + np.where(np.isnan(growth), 0.0, growth))))


def _session(move: Move) -> date:
    return move.session


def _prices(view: View, rows: slice) -> Prices:
    """Prices over some rows of the view's panel, in yen; 0 where there is none."""
    panel = view.panel

    def closes(code: str) -> Floats:
        column = panel.column.get(code)
        if column is None:
            return np.zeros(rows.stop - rows.start)
        bars = view.features.bar_rows(rows, column)
        return np.nan_to_num(carried_closes(panel, bars, rows, column))

    def opening(code: str, row: int) -> float:
        column = panel.column.get(code)
        price = nan if column is None else opening_price(panel, rows.start + row, column)
        return price if price > 0 else 0.0

    return Prices(closes, opening)
