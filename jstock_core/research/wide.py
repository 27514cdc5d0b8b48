"""Entries of a wide market, asked some columns at a time.

What an entry works with is many times what it says. Of each tile its opinions are taken and its work is
forgotten, so that a backtest of 4,000 stocks needs the memory of their features and little more. A column
depends on its own bars and on dated facts alone, so the opinions are those of the whole market, bit for bit;
an entry that declares that it compares stocks is left to be asked about all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from jstock_core.decide import keep_opinions
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Ints, Panel, Texts
from jstock_core.research.certificates.identity import compares_stocks
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import entry_opinions
from jstock_core.signals.language.rules import Entry, EntryOpinions

WIDE = 1024
"""Stocks from which on a market is wide."""

TILE = 256
"""Columns in work at a time: fewer stay in cache better, more repeat less of what all stocks share."""

WORKERS = 2
"""Tiles in work side by side: NumPy lets two run at once, and each needs memory."""


def stock_tiles(panel: Panel, width: int) -> Iterator[Panel]:
    """The panel in parts of at most `width` stocks, each with the dated facts of its own stocks."""
    said, told = (_columns(panel, facts.code) for facts in (panel.statements, panel.announcements))
    for start in range(0, max(len(panel.listings), 1), width):
        part, end = slice(start, start + width), start + width
        yield replace(
            panel.with_columns(part),
            statements=panel.statements.take((start <= said) & (said < end)),
            announcements=panel.announcements.take((start <= told) & (told < end)),
        )


def _columns(panel: Panel, codes: Texts) -> Ints:
    """The column of each code, -1 for those of other stocks."""
    return np.array([panel.column.get(code, -1) for code in codes.tolist()], dtype=np.int64)


def ask_wide_market(view: View, groups: Sequence[Group]) -> None:
    """Ask the groups' entries about each tile of a wide market, and keep in the view what decides.

    Its opinions have neither parts nor members: they are for folding mornings, not for explaining them.

    Raises:
        RuleError: an entry raises, or gives no usable opinions.

    """
    asked = {group.entry_key: group for group in groups if not compares_stocks(group.entry)}
    if view.shape[1] < WIDE or not asked:
        return
    made = {key: _empty(group.entry, view) for key, group in asked.items()}

    def fill(numbered: tuple[int, Panel]) -> None:
        at, panel = numbered
        tile = slice(at * TILE, (at + 1) * TILE)
        part = _narrow(view, panel, tile, slice(0, view.shape[0]))
        for key, group in asked.items():
            said, kept = entry_opinions(group.entry, part), made[key]
            for name in _DECIDES:
                getattr(kept, name)[:, tile] = getattr(said, name)

    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(fill, enumerate(stock_tiles(view.panel, TILE))):
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
    whole = view.panel
    said, told = (_columns(whole, facts.code) for facts in (whole.statements, whole.announcements))

    def explain(row: int, n: int) -> str:
        panel = replace(
            whole.with_columns(slice(n, n + 1)),
            statements=whole.statements.take(said == n),
            announcements=whole.announcements.take(told == n),
        )
        part = _narrow(view, panel, slice(n, n + 1), slice(row, row + 1))
        return entry_opinions(entry, part).why(0, 0)

    return explain


def _narrow(view: View, panel: Panel, columns: slice, rows: slice) -> View:
    """Some rows of a view on the stocks in some columns, whose panel is given; features are not copied."""
    whole, first, last = view.features, view.first_row + rows.start, view.first_row + rows.stop - 1
    values = {name: value[:, columns] for name, value in whole.values.items()}
    features = Features(panel, whole.bar[:, columns], whole.row[:, columns], values)
    dates, times = view.trade_dates[rows], view.decided_at[rows]
    return View.of(panel, features, first, last, dates, decided_at=times)
