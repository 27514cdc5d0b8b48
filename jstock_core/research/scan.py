"""What entries say of a whole market: every stock, on every session.

The stocks are taken some columns at a time. Of each such tile the features are computed, all entries asked,
and only their verdicts kept: 4,000 stocks over years need little more memory than their bars, and what is in
work stays in cache. A column depends on its own bars and on dated facts alone, so the verdicts are those of
the whole panel, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from jstock_core.decide import trusted_features
from jstock_core.market.panel import Bools, Dates, Floats, Ints, Panel, Texts
from jstock_core.research.backtest import span
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import entry_opinions
from jstock_core.signals.language.rules import Entry

TILE = 256
"""Columns in work at a time: fewer stay in cache better, more repeat less of what all stocks share."""

WORKERS = 2
"""Tiles in work side by side: NumPy lets two run at once, and each needs memory."""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What one entry says; arrays (R, N). `score` is the one shown: 100 x confidence where it has none."""

    buy: Bools
    score: Floats
    confidence: Floats


@dataclass(frozen=True, eq=False)
class Scan:
    """The verdicts of entries by name: row r is the session D `sessions[r]`, column n stock `codes[n]`."""

    sessions: Dates
    codes: tuple[str, ...]
    verdicts: Mapping[str, Verdicts]


def scan(panel: Panel, entries: Mapping[str, Entry], first: date, last: date) -> Scan:
    """Ask every entry about every stock on the mornings of `first` to `last`.

    Raises:
        DataError: the panel does not reach over these dates, or lacks what an entry needs.
        RuleError: an entry raises, or gives no usable opinions.

    """

    def verdicts(part: Panel) -> tuple[Dates, dict[str, Verdicts]]:
        view = span(part, trusted_features(part), first, last)
        return view.sessions, {name: _verdicts(entry, view) for name, entry in entries.items()}

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(verdicts, stock_tiles(panel, TILE)))
    parts = [part for _, part in found]
    joined = {name: _join([part.pop(name) for part in parts]) for name in entries}
    return Scan(found[0][0], panel.codes, joined)


def _verdicts(entry: Entry, view: View) -> Verdicts:
    said = entry_opinions(entry, view)
    return Verdicts(said.buy, said.display, said.confidence)


def _join(parts: Sequence[Verdicts]) -> Verdicts:
    return Verdicts(*(np.concatenate(arrays, axis=1) for arrays in zip(*map(_arrays, parts), strict=True)))


def _arrays(verdicts: Verdicts) -> tuple[Any, ...]:
    return verdicts.buy, verdicts.score, verdicts.confidence


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
