"""Look ahead along a view: on which rows a position's exit must be asked at all.

In a backtest, whose view has many rows, each position is examined once along the rows to come. On rows on
which its exit cannot fire the position is held without asking. A live morning has one row and asks every
exit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from jstock_core.decide.exits.narrow import exit_view
from jstock_core.decide.exits.positions import holding
from jstock_core.decide.groups import Group
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import exit_fires
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.language.recall import Recall
from jstock_core.state.book.book import GroupBook
from jstock_core.state.book.lots import Lot

UNKNOWN_AFTER = 3
"""Sessions without a row in the market data after which an exit is unknown: the last price is too old."""
_AHEAD = 128
"""How many rows to look ahead; most positions are sold before."""
_ASKED = b"\1"
"""Ask on the row itself, and know nothing about the rows after it."""


class Outlook(NamedTuple):
    """What is known ahead about a position: on the rows `begin` to `until` - 1 it is held without asking.

    `asks` has one byte for each row from `begin` on: whether the exit must be asked. It holds for this very
    tuple of lots, because whatever happens to a position gives it a new one.
    """

    lots: tuple[Lot, ...]
    begin: int
    until: int
    asks: bytes


class Lookout:
    """The outlooks of a group's positions along a view."""

    def __init__(self, view: View, group: Group) -> None:
        self._view = view
        self.group = group
        self._seen: dict[str, Outlook] = {}
        self._together: tuple[Mapping[str, tuple[Lot, ...]], int, int] = {}, 0, 0

    @classmethod
    def of(cls, view: View, group: Group) -> Lookout:
        """The lookout of a group over a view; a group with the same id replaces the one before it."""
        kept: dict[str, Lookout] = view.memo("lookouts", dict)
        found = kept.get(group.id)
        if found is None or found.group is not group:
            found = kept[group.id] = cls(view, group)
        return found

    def asked(self, book: GroupBook, row: int) -> Collection[str]:
        """The codes whose exit must be asked on a row, where the group has that book; the others are held."""
        if not self._follows(book, row):
            return book.lots
        unsold = _unsold_codes(book)
        if self._nearest(book, row) > row:
            return unsold
        return {
            code for code, lots in book.lots.items() if code in unsold or not self._is_held(code, lots, row)
        }

    def next_asked(self, book: GroupBook, row: int, end: int) -> int:
        """The first row from `row` on, before `end`, on which an exit must be asked; `end` if there is none.

        `book` is the group's on `row`; its positions must stay the same on the rows after it.
        """
        if book.lots and (not self._follows(book, row) or _unsold_codes(book)):
            return row
        while row < end:
            nearest = self._nearest(book, row)
            if nearest == row:
                return row
            row = nearest
        return end

    def _is_held(self, code: str, lots: tuple[Lot, ...], row: int) -> bool:
        """Whether these very lots are held on a row; another thread's outlook of others does not count."""
        seen = self._seen[code]
        return seen.lots is lots and seen.begin <= row < seen.until

    def _follows(self, book: GroupBook, row: int) -> bool:
        """Whether looking ahead is possible: not on a live morning, nor after an incomplete decision."""
        view, at = self._view, self._view.first_row + row
        return len(view.trade_dates) > 1 and at > 0 and book.reviewed[-1:] == (view.panel.session(at - 1),)

    def _nearest(self, book: GroupBook, row: int) -> int:
        """`row` if an exit must be asked there; else a later row, up to which all positions are held."""
        of, begin, until = self._together  # a book whose lots change has another mapping of them
        if of is book.lots and (row == begin or begin <= row < until):
            return until
        untils = []
        for code, lots in book.lots.items():
            seen = self._seen.get(code)
            if seen is None or seen.lots is not lots or not seen.begin <= row < seen.until:
                seen = self._seen[code] = self._look(book, row, code, seen)
            untils.append(seen.until)
        until = min(untils, default=self._view.shape[0])
        self._together = book.lots, row, until
        return until

    def _look(self, book: GroupBook, row: int, code: str, seen: Outlook | None) -> Outlook:
        """The outlook of a position from `row` on, reusing what was `seen` before."""
        lots, begin, asks = book.lots[code], row, b""
        if seen is not None and seen.lots is lots and seen.begin <= row <= seen.begin + len(seen.asks):
            begin = seen.begin if row == seen.until else row
            asks = seen.asks[begin - seen.begin :]
        if len(asks) == row - begin:
            found = _look_from(self._view, row, self.group.exit, book, code)
            asks += _ASKED if found is None else found
        nearest = asks.find(1, row - begin)
        return Outlook(lots, begin, begin + (len(asks) if nearest < 0 else nearest), asks)


def _unsold_codes(book: GroupBook) -> Collection[str]:
    """The codes with an open order, or whose sell was left unfilled since the newest complete decision."""
    if not book.unsold and not book.orders:  # on most mornings
        return ()
    newest, sells = book.reviewed[-1], book.unsold.items()
    ended = (code for code, layers in sells if any(wanted >= newest for wanted in layers.values()))
    return {*ended, *(order.code for order in book.orders.values() if order.code in book.lots)}


def _look_from(view: View, row: int, exit_: Exit, book: GroupBook, code: str) -> bytes | None:
    """Whether a position's exit must be asked, one byte for each row from `row` on; None if unknown."""
    held = holding(book, code, view, row)
    if held is None:
        return None
    before = view.panel.session(view.first_row + row - 1)
    own = held if held.reviewed == before else held._replace(reviewed=before)
    recall = Recall.of(view)
    place = recall.place((row, exit_.looks_at(own)))
    return recall.answer("looks", exit_, place, partial(_look_ahead, view, row, exit_, own))


def _look_ahead(view: View, row: int, exit_: Exit, held: Holding) -> bytes | None:
    """Whether a holding's exit must be asked, one byte for each row from `row` on; None if unknown.

    It ends at the next doubtful bar, which may change the holding.
    """
    doubts, end = _doubts(view, held.column), min(row + _AHEAD, view.shape[0])
    later = bisect_right(doubts, row)
    if later < len(doubts):
        end = min(end, doubts[later] + 1)
    seen_view, own = exit_view(view, exit_, held)
    fires = exit_fires(exit_, seen_view, slice(row, end), own)
    if fires is None:
        return None
    asks = bytearray(fires)
    for doubt in doubts[max(later - 1, 0) : later + 1]:
        if row <= doubt < end:
            asks[doubt - row] = True
    return bytes(asks)


def doubtful_rows(view: View) -> frozenset[int]:
    """The rows on which any stock's bar is doubtful."""
    return view.memo(
        "doubtful_rows", lambda: frozenset(np.flatnonzero(doubtful_bars(view).any(axis=1)).tolist())
    )


def _doubts(view: View, column: int) -> list[int]:
    """The rows on which a stock's bar is doubtful, sorted."""
    return view.memo(("doubts", column), partial(_doubtful_rows, view, column))


def _doubtful_rows(view: View, column: int) -> list[int]:
    return [int(row) for row in np.flatnonzero(doubtful_bars(view)[:, column])]


def doubtful_bars(view: View) -> Bools:
    """(R, N): whether a stock goes ex, has a bar that cannot be trusted, or had no row for too long."""

    def make() -> Bools:
        panel = view.panel
        missing = ~panel.has_row
        for _ in range(UNKNOWN_AFTER - 1):
            missing[1:] &= missing[:-1].copy()
        doubtful: Bools = missing | untrusted_bars(panel).mask | (panel.adj_factor != 1.0)
        return doubtful[view.rows]

    return view.memo("doubtful", make)
