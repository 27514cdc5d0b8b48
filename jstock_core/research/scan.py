"""The opinions of entries on a whole market: every stock, on every session.

Stocks are processed in tiles of some columns. For each tile the features are computed, all entries asked, and
only their verdicts kept. So 4,000 stocks over years need little more memory than their bars, and temporaries
stay in cache. A column depends only on its own bars and on dated facts, so the verdicts are those of the
whole panel, bit for bit. Entries that declare `compares` are asked about all stocks at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from jstock_core.base.arguments import require_kind
from jstock_core.base.words import plural
from jstock_core.decide import trusted_features
from jstock_core.decide.exits.narrow import compares_stocks
from jstock_core.market.panel import Bools, Dates, Floats, Panel
from jstock_core.research.backtest import span
from jstock_core.research.wide import TILE, WORKERS, stock_tiles
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import entry_opinions
from jstock_core.signals.language.entry import Entry


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The verdicts of one entry; arrays (R, N). `score` is `EntryOpinions.display`."""

    buy: Bools
    score: Floats
    confidence: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Scan:
    """The verdicts of entries by name: row r is the session D `sessions[r]`, column n stock `codes[n]`."""

    sessions: Dates
    codes: tuple[str, ...]
    verdicts: Mapping[str, Verdicts]

    def __repr__(self) -> str:
        """Say in a line what was asked."""
        asked = f"{plural(len(self.codes), 'stock')}, {plural(len(self.sessions), 'session')}"
        return f"<Scan of {asked}: {', '.join(self.verdicts)}>"


def scan(panel: Panel, entries: Mapping[str, Entry], first: date, last: date) -> Scan:
    """Ask every entry about every stock on the mornings of `first` to `last`.

    Raises:
        DataError: the panel does not reach over these dates, or lacks what an entry needs.
        RuleError: an entry raises, or its answer is not valid.
        UsageError: `panel` is not a panel, or `entries` not a mapping.

    """
    require_kind(panel, Panel, "a panel", "give what `desk.panel()` returns")
    require_kind(entries, Mapping, "a mapping of entries", 'give them by name, as {"scorer": entry}')
    comparing = {name: entry for name, entry in entries.items() if compares_stocks(entry)}
    alone = {name: entry for name, entry in entries.items() if name not in comparing}

    def verdicts(part: Panel, asked: Mapping[str, Entry]) -> tuple[Dates, dict[str, Verdicts]]:
        view = span(part, trusted_features(part), first, last)
        return view.sessions, {name: _verdicts(entry, view) for name, entry in asked.items()}

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(partial(verdicts, asked=alone), stock_tiles(panel, TILE)))
    parts = [part for _, part in found]
    joined = {name: _join([part.pop(name) for part in parts]) for name in alone}
    every = joined | (verdicts(panel, comparing)[1] if comparing else {})
    return Scan(found[0][0], panel.codes, {name: every[name] for name in entries})


def _verdicts(entry: Entry, view: View) -> Verdicts:
    said = entry_opinions(entry, view)
    return Verdicts(said.buy, said.display, said.confidence)


def _join(parts: Sequence[Verdicts]) -> Verdicts:
    return Verdicts(*(np.concatenate(arrays, axis=1) for arrays in zip(*map(_arrays, parts), strict=True)))


def _arrays(verdicts: Verdicts) -> tuple[Any, ...]:
    return verdicts.buy, verdicts.score, verdicts.confidence
