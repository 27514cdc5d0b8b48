"""Entries of a wide market, asked some columns at a time.

What an entry works with is many times what it says. Of each tile its opinions are taken and its work is
forgotten, so that a backtest of 4,000 stocks needs the memory of their features and little more. A column
depends on its own bars and on dated facts alone, so the opinions are those of the whole market, bit for bit;
an entry that declares that it compares stocks is left to be asked about all at once.
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
"""Columns in work at a time: fewer stay in cache better, more repeat less of what all stocks share."""

WORKERS = 2
"""Tiles in work side by side: NumPy lets two run at once, and each needs memory."""


def stock_tiles(panel: Panel, width: int) -> Iterator[Panel]:
    """The panel in parts of at most `width` stocks, each with the dated facts of its own stocks."""
    for start in range(0, max(len(panel.listings), 1), width):
        yield narrow_panel(panel, slice(start, start + width))


def ask_wide_market(view: View, groups: Sequence[Group]) -> None:
    """Ask the groups' entries about each tile of a wide market, and keep in the view what decides.

    Its opinions have neither parts nor members: they are for folding mornings, not for explaining them.

    Raises:
        RuleError: an entry raises, or gives no usable opinions.

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
"""The arrays of opinions that decisions are made of."""


def _empty(entry: Entry, view: View) -> EntryOpinions:
    score, opening, confidence = (np.empty(view.shape) for _ in range(3))
    buy = np.empty(view.shape, dtype=np.bool_)
    return EntryOpinions(buy, score, opening, confidence, {}, _words(entry, view))


def _words(entry: Entry, view: View) -> Callable[[int, int], str]:
    """The entry's words for one place, for which it is asked about that place again."""

    def explain(row: int, n: int) -> str:
        part = narrow_view(view, slice(n, n + 1), slice(row, row + 1))
        return entry_opinions(entry, part).why(0, 0)

    return explain
