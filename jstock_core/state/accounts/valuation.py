"""The equity curve: a book's moves and raw prices, by group and session; and the returns it gives.

1. What a group has now, less its moves since, are its cash and its shares at each close (`value_group`).
2. Shares are worth the raw close of the stock's last trusted bar at or before the session; a close from
   before a split is carried over it. A position is valued after the fills of its session, so what was
   bought at the open of T moves until T's close.
3. For returns, what comes in counts from the open of its session, and what is taken out at its close: both
   earn what the group earned. Shares that an adjustment puts in or takes out count at their market value
   then, whatever they cost; those of one code are netted within the session first. For the whole desk, what
   one group gives and another takes in the same session is netted first, too.

A fact on a day without a session counts for the next one, a fact before the first session for the first;
facts after the panel's last session are not seen. The report, the P&L, track records and protections all
take their returns from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.bars.closes import base_close, closes, trusted_bars
from jstock_core.market.calendar import day_array
from jstock_core.market.panel import Bools, Dates, Floats, Ints, Panel
from jstock_core.market.read_only import lock_array
from jstock_core.state.book.holdings import Book, GroupBook, Move
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Dividend

Shares = dict[tuple[int, str], int]
"""Shares by row and code: what adjustments put in, less what they took out."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Yen at each session's close, (S',) float64, whole yen but for prices with a fraction.

    `market_value` is that of the shares held. `deposits` is what came in, less what was taken out, as it is
    booked (shares at their cost). `paid_in` counts from the session's open and `paid_out` at its close, both
    >= 0: money, and shares at their market value. `dividends` is what of the gains they are.
    """

    cash: Floats
    market_value: Floats
    deposits: Floats
    paid_in: Floats
    paid_out: Floats
    dividends: Floats

    @cached_property
    def equity(self) -> Floats:
        """Cash and market value."""
        return self.cash + self.market_value

    @cached_property
    def gains(self) -> Floats:
        """Yen won or lost in each session, as they are booked: equity less the equity before and deposits."""
        return self.equity - self.before - self.deposits

    @cached_property
    def funded(self) -> Bools:
        """Sessions with money in them, or coming in."""
        found: Bools = (self.paid_in != 0) | (self.paid_out != 0) | (self.equity != 0)
        return found

    @cached_property
    def before(self) -> Floats:
        """Equity at the close before each session, 0 before the first."""
        return np.concatenate(([0.0], self.equity[:-1]))


@dataclass(frozen=True, eq=False)
class EquityCurve:
    """A curve for each group, and for all together: from the first event's session to the panel's last."""

    sessions: Dates
    groups: Mapping[str, Curve]
    whole: Curve


@dataclass(frozen=True, eq=False)
class Prices:
    """Raw yen of a stock over the sessions of a curve.

    `closes` gives (S',): the last close at or before each session. `opening` gives the opening price of a
    row, or the last close before it, in yen of that session, where it has no bar.
    """

    closes: Callable[[str], Floats]
    opening: Callable[[str, int], float]


@dataclass(frozen=True, eq=False)
class _Flows:
    """What came into a group and was taken out, by row: yen (S',) >= 0, booked yen (S',), shares."""

    came_in: Floats
    taken_out: Floats
    booked: Floats
    shares: Shares


def returns(curve: Curve) -> Floats:
    """Daily returns net of what came in and was taken out, (S',).

    (equity + paid out) / (equity before + paid in) - 1: the first element is the first session's own, from
    its open. Nothing invested and nothing left is 0; a loss of more than there was is NaN.
    """
    return _growth(curve, curve.equity + curve.paid_out)


def price_returns(curve: Curve) -> Floats:
    """As `returns`, without dividends: as if each had been taken out at the close of its session."""
    return _growth(curve, curve.equity + curve.paid_out - curve.dividends)


def _growth(curve: Curve, result: Floats) -> Floats:
    base = curve.before + curve.paid_in
    factors: Floats = np.divide(result, base, out=np.full(len(base), np.nan), where=base > 0)
    return np.where((base == 0) & (result == 0), 0.0, factors - 1.0)


def equity_curve(book: Book, panel: Panel) -> EquityCurve:
    """Value every group at every session's close, from the session of the book's first move.

    Raises:
        UsageError: no money has come in before the panel ends.
        DataError: a stock that is held is not in the panel, or had no bar yet.

    """
    moved = {name: group for name, group in sorted(book.groups.items()) if group.moves}
    begun = min((group.moves[0].session for group in moved.values()), default=None)
    if begun is None or not len(panel.sessions):
        raise UsageError("nothing to value: no money came in yet, or there are no bars", do="run a day first")
    if begun > panel.session(-1):
        raise UsageError("the first session is still to come", do="fetch newer sessions")
    first = int(np.searchsorted(panel.sessions, np.datetime64(begun, "D")))
    sessions, prices = panel.sessions[first:], _panel_prices(panel, first)
    seen = {name: group for name, group in moved.items() if group.moves[0].session <= panel.session(-1)}
    flows = {name: _flows(group.moves, sessions) for name, group in seen.items()}
    groups = {name: _value(group, group.moves, sessions, flows[name], prices) for name, group in seen.items()}
    whole = _sum(tuple(groups.values()), _net(tuple(flows.values())), prices)
    return EquityCurve(sessions, groups, whole)


def value_group(group: GroupBook, sessions: Dates, prices: Prices, moves: Sequence[Move]) -> Curve:
    """One group's curve over some sessions, of which `moves` are all its moves from the first one on."""
    return _value(group, moves, sessions, _flows(moves, sessions), prices)


def value_together(
    accounts: Sequence[tuple[GroupBook, Sequence[Move]]], sessions: Dates, prices: Prices
) -> Curve:
    """Several groups as one over some sessions, each with its moves as for `value_group`."""
    flows = tuple(_flows(moves, sessions) for _, moves in accounts)
    curves = [
        _value(group, moves, sessions, flow, prices)
        for (group, moves), flow in zip(accounts, flows, strict=True)
    ]
    return _sum(curves, _net(flows), prices)


def _panel_prices(panel: Panel, first: int) -> Prices:
    """Prices of the sessions from row `first` of a panel on; a missing one is an error."""

    def column(code: str) -> int:
        found = panel.column.get(code)
        if found is None:
            raise DataError(f"{code} is held, but has no prices here", do="add it to the monitor list")
        return found

    def of(code: str) -> Floats:
        n = column(code)
        return panel.memo(("closes", n), lambda: lock_array(closes(panel, n)))[first:]

    return Prices(of, lambda code, row: opening_price(panel, first + row, column(code)))


def opening_price(panel: Panel, row: int, column: int) -> float:
    """A stock's opening price, the last close before where the bar is missing or untrusted, or else NaN."""
    if trusted_bars(panel).item(row, column):
        return panel.open.item(row, column)
    return base_close(panel, row, column)


def _flows(moves: Sequence[Move], sessions: Dates) -> _Flows:
    """The flows among the moves: money and shares from outside the group."""
    given = [move for move in moves if move.given]
    rows = _rows(given, sessions)
    seen = int(np.searchsorted(rows, len(sessions)))
    came_in, taken_out, booked = (np.zeros(len(sessions)) for _ in range(3))
    shares: Shares = {}
    for row, move in zip(rows[:seen].tolist(), given, strict=False):
        booked[row] += move.given
        if move.code:
            shares[row, move.code] = shares.get((row, move.code), 0) + move.shares
        elif move.given > 0:
            came_in[row] += move.given
        else:
            taken_out[row] -= move.given
    return _Flows(came_in, taken_out, booked, shares)


def _net(flows: Sequence[_Flows]) -> _Flows:
    """The groups' flows together, without what one gave and another took in the same session.

    The most that can have moved between different groups: no more than came in or went anywhere, and of what
    one group both took and gave, only what others can have given or taken.
    """
    came_in, taken_out = sum(f.came_in for f in flows), sum(f.taken_out for f in flows)
    others = np.min([came_in + taken_out - f.came_in - f.taken_out for f in flows], axis=0)
    moved = np.minimum(np.minimum(came_in, taken_out), others)
    shares: Shares = {}
    for f in flows:
        for key, count in f.shares.items():
            shares[key] = shares.get(key, 0) + count
    booked: Floats = np.sum([f.booked for f in flows], axis=0)
    return _Flows(came_in - moved, taken_out - moved, booked, shares)


def _value(group: GroupBook, moves: Sequence[Move], sessions: Dates, flows: _Flows, prices: Prices) -> Curve:
    rows = _rows(moves, sessions)
    codes, shares = _held(group, moves, rows, len(sessions))
    closes = np.array([prices.closes(code) for code in codes]).reshape(shares.shape)
    price = np.where(shares > 0, closes, 0.0)
    for n, row in np.argwhere(np.isnan(price)).tolist():
        price[n, row] = _paid(codes[n], [m for m, at in zip(moves, rows, strict=True) if at <= row])
    value: Floats = (shares * price).sum(axis=0)
    (cash,) = _levels([group.cash], [0] * len(moves), rows, [move.cash for move in moves], len(sessions))
    first = moves[0].session if moves else date.max
    received = [event for event in group.received if event.session >= first]
    dividends = np.zeros(len(sessions) + 1)
    np.add.at(dividends, _rows(received, sessions), [event.amount for event in received])
    return _curve(cash, value, dividends[:-1], flows, prices)


def _held(group: GroupBook, moves: Sequence[Move], rows: Ints, length: int) -> tuple[tuple[str, ...], Floats]:
    """The codes that were held at any close, sorted, and their shares at each, (codes, length)."""
    traded = [n for n, move in enumerate(moves) if move.shares]
    codes = sorted({*group.lots, *(moves[n].code for n in traded)})
    place = {code: n for n, code in enumerate(codes)}
    now = [shares_of(group.lots.get(code, ())) for code in codes]
    where = [place[moves[n].code] for n in traded]
    shares = _levels(now, where, rows[traded], [moves[n].shares for n in traded], length)
    found = np.flatnonzero(shares.any(axis=1))
    return tuple(codes[n] for n in found), shares[found]


def _paid(code: str, moves: Sequence[Move]) -> float:
    """What a share cost on average: its value before its first bar, as after a public offering.

    Raises:
        DataError: no purchase of the code is among the moves.

    """
    bought = [move for move in moves if move.code == code and move.shares > 0]
    shares = sum(move.shares for move in bought)
    if not shares:
        raise DataError(f"{code} is held before its first bar: it has no value", do="correct the fill")
    return sum(move.given - move.cash for move in bought) / shares


def _sum(groups: Sequence[Curve], flows: _Flows, prices: Prices) -> Curve:
    """The sum of the curves of all groups."""
    cash: Floats = np.sum([curve.cash for curve in groups], axis=0)
    value: Floats = np.sum([curve.market_value for curve in groups], axis=0)
    dividends: Floats = np.sum([curve.dividends for curve in groups], axis=0)
    return _curve(cash, value, dividends, flows, prices)


def _curve(cash: Floats, value: Floats, dividends: Floats, flows: _Flows, prices: Prices) -> Curve:
    paid_in, paid_out = flows.came_in.copy(), flows.taken_out.copy()
    for (row, code), count in flows.shares.items():
        if count > 0:
            paid_in[row] += count * prices.opening(code, row)
        elif count < 0:
            paid_out[row] -= count * float(prices.closes(code)[row])
    return Curve(cash, value, flows.booked, paid_in, paid_out, dividends)


def _rows(moves: Sequence[Move | Dividend], sessions: Dates) -> Ints:
    """The row each move or dividend counts for, `len(sessions)` for one after the last."""
    rows: Ints = np.searchsorted(sessions, day_array([move.session for move in moves]))
    return rows


def _levels(now: Sequence[int], places: Sequence[int], rows: Ints, amounts: Sequence[int], n: int) -> Floats:
    """Figures at each of n closes, (m, n), from what they are now and the amounts since, in whole numbers."""
    change = np.zeros((len(now), n + 1), dtype=np.int64)
    np.add.at(change, (np.array(places, dtype=np.int64), rows), amounts)
    since = np.cumsum(change[:, ::-1], axis=1)[:, ::-1]
    level: Floats = (np.array(now, dtype=np.int64)[:, None] - since[:, 1:]).astype(np.float64)
    return level
