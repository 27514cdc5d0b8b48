"""What is seen ahead of a position's exit: on which rows of a view it is to be asked at all.

Where a view has more rows than one, as in a backtest, a position is looked at along those that come, once;
on the rows on which its exit cannot fire it is simply held. A live morning has one row, and asks every exit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from jstock_core.data.checks.bars import untrusted_bars
from jstock_core.decide.exits.narrow import exit_view
from jstock_core.decide.exits.positions import holding
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import exit_fires
from jstock_core.signals.language.rules import Exit, Holding
from jstock_core.state.book.book import GroupBook
from jstock_core.state.book.lots import Lot

UNKNOWN_AFTER = 3
"""Sessions without a row after which the last price is no ground for an exit."""
_AHEAD = 64
"""Rows that a position is looked at: most are sold before."""
_KEPT = 20_000
"""Looks and opinions that a view keeps of each, so that those of many backtests do not fill the memory."""

T = TypeVar("T")
_NONE_TAKEN = frozenset[str]()


@dataclass(frozen=True, eq=False)
class Outlook:
    """Whether the exit of a position is to be asked on the rows `begin` to `end` - 1 of a view: a byte a row.

    It is of these very lots, with these once-only layers taken.
    """

    group: Group
    lots: tuple[Lot, ...]
    taken: frozenset[str]
    begin: int
    end: int
    asks: bytes


@dataclass(frozen=True, eq=False)
class Lookout:
    """The positions of a group on a row of a view, whose exits are seen ahead. `book` is the group's there.

    `follows` is whether the morning before was decided completely: without that nothing is seen.
    """

    view: View
    row: int
    book: GroupBook
    group: Group
    follows: bool
    seen: dict[str, Outlook]

    @classmethod
    def of(cls, view: View, row: int, book: GroupBook, group: Group) -> Lookout:
        """That of a row; a view of one row sees nothing ahead."""
        at = view.first_row + row
        follows = len(view.trade_dates) > 1 and at > 0 and book.reviewed[-1:] == (view.panel.session(at - 1),)
        return cls(view, row, book, group, follows, view.memo(("outlooks", group.id), dict))

    def is_held(self, code: str) -> bool:
        """Whether it was seen ahead that the exit of a position cannot fire on the row."""
        return self.next_exit(code, self.row + 1) > self.row

    def next_exit(self, code: str, end: int) -> int:
        """The first row from this on, before `end`, on which the exit is to be asked; `end` without one.

        On the rows after this one the position must be the same.
        """
        row, seen = self.row, self.seen.get(code)
        if not self.follows or self._is_unsold(code):
            return row
        if seen is not None and not self._is_same(code, seen):
            seen = None
        while row < end:
            if seen is None or row == seen.end:
                seen = _look(self, row, code, seen)
                if seen is None:
                    return row
                self.seen[code] = seen
            nearest = seen.asks.find(1, row - seen.begin, end - seen.begin)
            if nearest >= 0:
                return seen.begin + nearest
            row = seen.end
        return end

    def _is_unsold(self, code: str) -> bool:
        """Whether a sell of the code is left from the morning before."""
        book = self.book
        if code in book.unsold and any(wanted >= book.reviewed[-1] for wanted in book.unsold[code].values()):
            return True
        return bool(book.orders) and any(order.code == code for order in book.orders.values())

    def _is_same(self, code: str, seen: Outlook) -> bool:
        """Whether what was seen is of this position, and of this row or those up to it."""
        same = seen.group is self.group and seen.lots is self.book.lots[code]
        looked_at = same and seen.begin <= self.row <= seen.end
        return looked_at and seen.taken == self.book.taken.get(code, _NONE_TAKEN)


def _look(at: Lookout, row: int, code: str, seen: Outlook | None) -> Outlook | None:
    """Look at a position from `row` on, after what was `seen` of it; None where its exit cannot say."""
    view, book, exit_ = at.view, at.book, at.group.exit
    held = holding(book, code, view, row)
    if held is None:
        return None
    before = view.panel.session(view.first_row + row - 1)
    own = held if held.reviewed == before else replace(held, reviewed=before)
    asks = recall(view, "looks", row, exit_, own, lambda: _look_ahead(view, row, exit_, own))
    if asks is None:
        return None
    if seen is not None:
        return replace(seen, end=row + len(asks), asks=seen.asks + asks)
    taken = book.taken.get(code, _NONE_TAKEN)
    return Outlook(at.group, book.lots[code], taken, row, row + len(asks), asks)


def recall(view: View, what: str, row: int, exit_: Exit, held: Holding, find: Callable[[], T]) -> T:
    """What an exit says of a holding on a row, found once for all backtests that share the view.

    Where sets of a sweep share an exit, or seeds all rules, many of their positions are alike.
    """
    known: dict[tuple[Exit, int, Holding], T] = view.memo(what, dict)
    key = exit_, row, held
    try:
        return known[key]
    except KeyError:
        if len(known) >= _KEPT:
            known.clear()
        known[key] = found = find()
        return found
    except TypeError:  # the exit has a field that cannot be a key
        return find()


def _look_ahead(view: View, row: int, exit_: Exit, held: Holding) -> bytes | None:
    """Where the exit of a holding is to be asked, a byte a row from `row` on; None where it cannot say."""
    doubt = doubtful_bars(view)[row : row + _AHEAD, held.column]
    if doubt[1:].any():  # beyond it the holding may be another one
        doubt = doubt[: int(doubt[1:].argmax()) + 2]
    seen_view, own = exit_view(view, exit_, held)
    fires = exit_fires(exit_, seen_view, slice(row, row + len(doubt)), own)
    return None if fires is None else (fires | doubt).tobytes()


def doubtful_bars(view: View) -> Bools:
    """(R, N): whether a stock goes ex, has a bar that cannot be trusted, or no row for too long."""

    def make() -> Bools:
        panel = view.panel
        missing = ~panel.has_row
        for _ in range(UNKNOWN_AFTER - 1):
            missing[1:] &= missing[:-1].copy()
        doubtful: Bools = missing | untrusted_bars(panel).mask | (panel.adj_factor != 1.0)
        return doubtful[view.rows]

    return view.memo("doubtful", make)
