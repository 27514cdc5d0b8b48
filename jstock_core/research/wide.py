"""Evaluate entries on a wide market in tiles of some columns.

The temporaries of an entry take many times the memory of its opinions. After each tile only the opinions are
kept, so that a backtest of 4,000 stocks needs little more memory than their features. A column depends only
on its own bars and on dated facts, so the opinions are those of the whole market, bit for bit. Entries that
declare `compares` are not asked here, but later about all stocks at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from jstock_core.decide import keep_opinions
from jstock_core.decide.exits.narrow import compares_stocks, is_wide, narrow_panel, narrow_view
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Panel
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import entry_opinions
from jstock_core.signals.language.entry import Entry, EntryOpinions

TILE = 256
"""Columns of a tile. Smaller tiles fit the cache better, larger ones repeat less of the common work."""

WORKERS = 2
"""Tiles computed at the same time, in threads; each needs memory."""


def stock_tiles(panel: Panel, width: int) -> Iterator[Panel]:
    """Split a panel into parts of at most `width` stocks, each with the dated facts of its stocks."""
    for start in range(0, max(len(panel.listings), 1), width):
        yield narrow_panel(panel, slice(start, start + width))


def ask_wide_market(view: View, groups: Sequence[Group]) -> None:
    """Evaluate the groups' entries on a wide market by tiles, and keep the opinions in the view.

    The opinions have no parts and no members: they are for backtests, not for explanations.

    Raises:
        RuleError: an entry raises, or its answer is not valid.

    """
    asked = {group.entry_key: group for group in groups if not compares_stocks(group.entry)}
    if not is_wide(view) or not asked:
        return
    made = {key: _empty(group.entry, view) for key, group in asked.items()}

    def fill(start: int) -> None:
        tile = slice(start, start + TILE)
        part = narrow_view(view, tile, slice(0, view.shape[0]))
        for key, group in asked.items():
            said, kept = entry_opinions(group.entry, part), made[key]
            for name in _DECIDES:
                getattr(kept, name)[:, tile] = getattr(said, name)

    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(fill, range(0, view.shape[1], TILE)):
            pass
    for key, group in asked.items():
        keep_opinions(view, group, made[key])


_DECIDES = ("buy", "score", "opening", "confidence")
"""The arrays of opinions that decisions use."""


def _empty(entry: Entry, view: View) -> EntryOpinions:
    score, opening, confidence = (np.empty(view.shape) for _ in range(3))
    buy = np.empty(view.shape, dtype=np.bool_)
    return EntryOpinions(buy, score, opening, confidence, {}, _words(entry, view))


def _words(entry: Entry, view: View) -> Callable[[int, int], str]:
    """A function for the reason at one place; it evaluates the entry there again."""

    def explain(row: int, n: int) -> str:
        part = narrow_view(view, slice(n, n + 1), slice(row, row + 1))
        return entry_opinions(entry, part).why(0, 0)

    return explain
