"""Bars that cannot be what was traded: one mask for the checks before a decision and for settlement.

The mask is a pure function of a panel and causal: whether a bar is trusted follows from the bars up to its
own session and from what was public once that session's bars were, so a cut panel has the same mask as the
whole one on the rows both have. Two rows of one bar never reach a panel: the store refuses them. A price off
the tick grid tells of its source (adjusted or rounded prices), not of one bar: it blocks decisions only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jstock_core.market.bars.gaps import PriceGaps, confirmed_bars, price_gaps
from jstock_core.market.panel import Bools, Panel

_COMPARE = "compare with the exchange's figures; correct it at the source and import again"
_SPLITS = "compare with the exchange's list of splits; correct AdjFactor at the source and import again"


TILE = 256
"""Stocks that are looked at together."""


@dataclass(frozen=True)
class BarFault:
    """A kind of fault: what is wrong with such a bar, what to do, and how to find such bars, (S, N)."""

    what: str
    do: str
    find: Callable[[PriceGaps], Bools]


@dataclass(frozen=True, eq=False)
class UntrustedBars:
    """The faults of every bar: (S, N), bit n for `FAULTS[n]`, 0 where the bar can be trusted."""

    faults: NDArray[np.uint16]

    @property
    def mask(self) -> Bools:
        """(S, N): whether the bar cannot be trusted."""
        found: Bools = self.faults != 0
        return found

    def of(self, fault: BarFault) -> Bools:
        """(S, N): whether the bar has this fault."""
        found: Bools = self.faults & (1 << FAULTS.index(fault)) != 0
        return found

    def reason(self, row: int, column: int) -> str:
        """What is wrong with a bar, the gravest first; "" where it can be trusted."""
        bits = self.faults.item(row, column)
        if not bits:
            return ""
        return next((fault.what for n, fault in enumerate(FAULTS) if bits & (1 << n)), "")


def untrusted_bars(panel: Panel) -> UntrustedBars:
    """Find every bar of the panel that cannot be trusted, once for each panel."""
    return panel.memo("untrusted_bars", lambda: _find_untrusted(panel))


def _find_untrusted(panel: Panel) -> UntrustedBars:
    """In a wide market some stocks at a time: a bar depends on its stock alone, and the work needs memory."""
    stocks = panel.close.shape[1]
    if stocks <= TILE:
        return UntrustedBars(_find_faults(price_gaps(panel)))
    tiles = (panel.with_columns(slice(start, start + TILE)) for start in range(0, stocks, TILE))
    return UntrustedBars(np.concatenate([_find_faults(PriceGaps(tile)) for tile in tiles], axis=1))


def _find_faults(gaps: PriceGaps) -> NDArray[np.uint16]:
    confirmed, faults = confirmed_bars(gaps.panel), np.zeros(gaps.panel.close.shape, dtype=np.uint16)
    for n, fault in enumerate(FAULTS):
        found = fault.find(gaps)
        faults |= (found if fault in CONTRADICTIONS else found & ~confirmed) * np.uint16(1 << n)
    return faults


def _partial(gaps: PriceGaps) -> Bools:
    panel = gaps.panel
    figures = (panel.open, panel.high, panel.low, panel.close, panel.volume)
    given = [~np.isnan(figure) for figure in figures]
    some, every = np.any(given, axis=0), np.all(given, axis=0)
    partial: Bools = some & ~every
    return partial


def _worthless(gaps: PriceGaps) -> Bools:
    panel = gaps.panel
    prices = (panel.open, panel.high, panel.low, panel.close)
    found: Bools = np.any([price <= 0 for price in prices], axis=0)
    return found


def _without_volume(gaps: PriceGaps) -> Bools:
    return gaps.panel.volume <= 0


def _outside(gaps: PriceGaps) -> Bools:
    panel = gaps.panel
    highest, lowest = np.fmax(panel.open, panel.close), np.fmin(panel.open, panel.close)
    return (highest > panel.high) | (lowest < panel.low) | (panel.low > panel.high)


def _missing_split(gaps: PriceGaps) -> Bools:
    return gaps.missing_split


def _missing_factor(gaps: PriceGaps) -> Bools:
    """The newest announcement known at the session's close says ex-date, and the bar has no factor."""
    panel = gaps.panel
    actions, column = panel.actions, panel.column
    announced = np.ones(panel.close.shape)
    rows = np.searchsorted(panel.sessions, actions.ex_date)
    for action in np.argsort(actions.known_at, kind="stable").tolist():
        row, n = int(rows[action]), column.get(str(actions.code[action]), -1)
        is_session = row < len(panel.sessions) and panel.sessions[row] == actions.ex_date[action]
        if n >= 0 and is_session and actions.known_at[action] <= panel.bars_known_at[row]:
            announced[row, n] = actions.adj_factor[action]
    found: Bools = panel.has_bar & (announced != 1.0) & (panel.adj_factor == 1.0)
    return found


MISSING_SPLIT = BarFault(
    "the price jumped beyond the daily limit as in a split, but there is no adjustment factor for it",
    _SPLITS,
    _missing_split,
)
MISSING_FACTOR = BarFault(
    "it was announced to go ex in this session, but there is no adjustment factor for it",
    _SPLITS,
    _missing_factor,
)

BEYOND_REACH = BarFault(
    "a price lies beyond every limit the session can have had",
    "compare with the exchange's prices and limits; correct it at the source and import again",
    lambda gaps: gaps.impossible,
)
WRONG_FACTOR = BarFault(
    "its adjustment factor is not plausible: the price opened as if there were none",
    _SPLITS,
    lambda gaps: gaps.wrong_factor,
)

CONTRADICTIONS = (
    BarFault("a bar lacks some of its prices or its volume", _COMPARE, _partial),
    BarFault("a price is zero or below", _COMPARE, _worthless),
    BarFault("open or close lies outside low to high", _COMPARE, _outside),
)
"""Faults of bars that contradict themselves: nobody can confirm such a bar."""
FAULTS = (
    *CONTRADICTIONS,
    BarFault("a bar has prices but no volume", _COMPARE, _without_volume),
    MISSING_SPLIT,
    MISSING_FACTOR,
    WRONG_FACTOR,
    BEYOND_REACH,
)
"""Every fault of a bar; the first of a bar's faults is the reason given for it."""
