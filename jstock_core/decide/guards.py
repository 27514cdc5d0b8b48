"""A group's filters and protections on one morning: what is known of the group, and what they refuse.

Everything comes from the group's book, which keeps what each fact moved: the stops are its sales by those
layers, and what the group was worth at past closes is what it is now, less what moved since, at the prices
of then. So a desk that reads its journal and a backtest that folds its own events see the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

import numpy as np

from jstock_core.decide.given import MorningView
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Floats
from jstock_core.market.prices import carried_closes
from jstock_core.signals.features.view import View
from jstock_core.signals.language.guards import STOPS, Mode, Standing, Stop, ask_guard
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.accounts.valuation import growth_factors
from jstock_core.state.book.book import GroupBook, Move
from jstock_core.state.book.lots import shares_of


def group_standing(book: GroupBook, at: MorningView) -> Standing:
    """What the group's filters and protections may know of it."""
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
    """Why the filters of that mode refuse a stock, in the order they are declared."""
    for guard in group.filters:
        if guard.mode == mode:
            reason = ask_guard(guard.rule, partial(guard.rule.refusal, column, stands))
            if reason:
                yield Refusal.of(guard.rule, mode, reason)


def ask_filters(group: Group, book: GroupBook, view: View, row: int, column: int) -> Iterator[Refusal]:
    """The answer of each filter that is not off for a stock; its reason is "" where the stock passes.

    Orders of the same morning are not counted: a sector may be full that is not yet here.
    """
    stands = group_standing(book, MorningView(view, row))
    for guard in group.filters:
        if guard.mode != "off":
            reason = ask_guard(guard.rule, partial(guard.rule.refusal, column, stands))
            yield Refusal.of(guard.rule, guard.mode, reason)


def pauses(group: Group, mode: Mode, stands: Standing) -> Iterator[Refusal]:
    """Why the protections of that mode pause the group's entries, in the order they are declared."""
    for guard in group.protections:
        if guard.mode == mode:
            reason = ask_guard(guard.rule, partial(guard.rule.reason, stands))
            if reason:
                yield Refusal.of(guard.rule, mode, reason)


def first_pause(book: GroupBook, at: MorningView, group: Group) -> Refusal | None:
    """Why the group may not enter by its protections, the first that is applied; None where it may."""
    if not group.protections:
        return None
    return next(pauses(group, "enforce", group_standing(book, at)), None)


def growth_curve(book: GroupBook, view: View, row: int, closes: int) -> Floats:
    """What a yen in the group became at each of the last `closes` closes up to D: (<= closes,).

    Time-weighted, as the daily returns, from 1.0 at the first of the closes. What has no price counts for
    nothing, and a session without money changes nothing.
    """
    last = view.first_row + row
    rows = slice(max(0, last + 1 - closes), last + 1)
    dates = view.panel.dates[rows]
    moves = book.moves[bisect_right(book.moves, dates[0], key=_session) :]
    at = [bisect_left(dates, move.session) for move in moves]
    equity = _before(book.cash, zip(at, (move.cash for move in moves), strict=True), len(dates))
    held = {move.code for move in moves if move.code}.union(book.lots)
    for code in sorted(held.intersection(view.panel.column)):
        traded = [(n, move.shares) for n, move in zip(at, moves, strict=True) if move.code == code]
        shares = _before(shares_of(book.lots.get(code, ())), traded, len(dates))
        column = view.panel.column[code]
        bars = view.features.bar_rows(rows, column)
        equity += shares * np.nan_to_num(carried_closes(view.panel, bars, rows, column))
    given = np.zeros(len(dates) + 1)
    np.add.at(given, at, [move.given for move in moves])
    growth = growth_factors(equity[:-1], given[1:-1], equity[1:])
    return np.concatenate(([1.0], np.cumprod(np.where(np.isnan(growth), 1.0, growth))))


def _session(move: Move) -> date:
    return move.session


def _before(now: int, changes: Iterable[tuple[int, int]], length: int) -> Floats:
    """A figure at each close, from what it is now and the changes since, by the place they fell on."""
    change = np.zeros(length + 1)
    for n, amount in changes:
        change[n] += amount
    level: Floats = now - np.cumsum(change[::-1])[::-1][1:]
    return level
