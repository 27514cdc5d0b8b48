"""The market on which rules are checked, and its variants: cut, shortened, shuffled, thinned.

A `Sight` is a panel with its features and the rows to look at. The whole sight knows everything stored; a
cut one knows what was public at one decision. Everything random comes from one seed, so that a certificate
can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Floats, Ints, Panel
from jstock_core.market.read_only import read_only
from jstock_core.research.processes.other_process import OtherProcess, Setting
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.guards import Standing, Stop
from jstock_core.signals.language.layer import Holding

ROWS, CUTS, MOST_STOCKS = 250, 8, 120
FEWEST_SESSIONS = 120
BACK = 9
"""Rows that every second cut looks back over: a rule is asked of one row, as in a morning, and of several."""

BARS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, eq=False)
class InventedPast:
    """What an invented group went through up to a row of the panel, as filters and protections see it.

    `equity` (S,) is what a yen in the group is worth at each session; nothing after the row is shown.
    """

    row: int
    codes: frozenset[str]
    stops: tuple[Stop, ...]
    equity: Floats = field(repr=False)

    def standing(self, view: View) -> Standing:
        """The group on its row of a view."""
        return Standing(view, self.row - view.first_row, self.codes, self.stops, self._worth)

    def _worth(self, closes: int) -> Floats:
        shown = self.equity[max(0, self.row + 1 - closes) : self.row + 1]
        worth: Floats = shown / shown[0]
        return worth


@dataclass(frozen=True, eq=False)
class Sight:
    """Rows `first` to `last` of a panel, both included."""

    panel: Panel
    features: Features = field(repr=False)
    first: int
    last: int

    @classmethod
    def of(cls, panel: Panel, first: int, last: int) -> Sight:
        """Compute the features of the panel, and let nobody write into either."""
        locked = read_only(panel)
        return cls(locked, Features.of(locked), first, last)

    def view(self) -> View:
        """A view that has no memory of earlier ones."""
        dates = tse().next_days(self.panel.sessions[self.first : self.last + 1])
        return View.of(self.panel, self.features, self.first, self.last, dates)


@dataclass(frozen=True, eq=False)
class Ground:
    """A market and its variations.

    `whole` sees everything; `cuts` maps a row to the sight of that morning; `shuffled` has the same stocks
    in another order, `thinned` some of them, `crowded` as many again that never trade. `holdings` maps each
    cut's row to invented positions, `pasts` to the past of a group that holds stocks of `thinned`. `others`
    are the processes that were asked again.
    """

    whole: Sight
    cuts: Mapping[int, Sight]
    shuffled: Sight
    thinned: Sight
    holdings: Mapping[int, tuple[Holding, ...]]
    pasts: Mapping[int, InventedPast]
    others: dict[Setting, OtherProcess] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, panel: Panel, *, seed: int = 0, rows: int = ROWS, cuts: int = CUTS) -> Ground:
        """Make the ground from the newest `rows` sessions of a panel, and all that came before them.

        Raises:
            DataError: the panel has too few sessions.

        """
        last = len(panel.sessions) - 1
        if last < FEWEST_SESSIONS:
            raise DataError(
                f"{last + 1} sessions are too few to certify a rule on, {FEWEST_SESSIONS + 1} are the least",
                where=f"the store, provider {panel.source.provider}",
                do="fetch or import more history",
            )
        rng = np.random.default_rng(seed)
        some = rng.permutation(len(panel.listings))[:MOST_STOCKS]
        panel, first = select_stocks(panel, np.sort(some)), max(last + 1 - rows, FEWEST_SESSIONS // 2)
        at = np.sort(rng.choice(np.arange(first, last - 5), cuts, replace=False)).tolist()
        whole = Sight.of(panel, first, last)
        order = rng.permutation(len(panel.listings))
        fewer = select_stocks(panel, np.sort(order[: max(2, len(order) // 2)]))
        # A stream of its own: what is invented for one kind of rule does not change with another's.
        chance = np.random.default_rng([seed, 1])
        return cls(
            whole=whole,
            cuts={row: _cut(panel, first, row, n % 2 * BACK) for n, row in enumerate(at)},
            shuffled=Sight.of(select_stocks(panel, order), first, last),
            thinned=Sight.of(fewer, first, last),
            holdings={row: _holdings(whole, row, rng) for row in at},
            pasts={row: _past(fewer, row, chance) for row in at},
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are asked about."""
        return tuple(self.cuts)

    @cached_property
    def crowded(self) -> Sight:
        """The whole market among stocks that never trade."""
        return Sight.of(_with_silent_stocks(self.whole.panel), self.whole.first, self.whole.last)

    def short(self, row: int, bars: int, *, held: bool) -> Sight:
        """The morning of a row where each stock has but `bars` bars: before it, or before it was bought."""
        known = self.cuts[row].panel
        end = np.full(len(known.listings), row)
        if held:
            for holding in self.holdings[row]:
                end[holding.column] = known.row(holding.evaluated)
        return Sight.of(_shorten(known, self.whole.features.bar, end, bars), row, row)


def _past(panel: Panel, row: int, rng: np.random.Generator) -> InventedPast:
    """A group that holds some of the panel's stocks, and was stopped out of others, some this week."""
    codes = rng.permutation(panel.codes).tolist()
    back = rng.integers(0, min(row, FEWEST_SESSIONS), len(codes) // 4) // rng.integers(1, 40, len(codes) // 4)
    stops = (Stop(panel.session(row - int(n)), code) for n, code in zip(back, codes[::4], strict=False))
    equity: Floats = np.cumprod(1 + rng.normal(0, 0.01, len(panel.sessions)), dtype=np.float64)
    return InventedPast(row, frozenset(codes[1::4]), tuple(sorted(stops)), equity)


def select_stocks(panel: Panel, columns: Sequence[int] | Ints) -> Panel:
    """The panel with some of its stocks, in the order given.

    Dated facts of all stocks stay: a rule must pass over those of stocks it is not shown.
    """
    return panel.with_columns(columns)


def _with_silent_stocks(panel: Panel) -> Panel:
    """The panel with as many stocks again, in the same sectors, that have no bars."""
    count = len(panel.listings)
    both = panel.with_columns([*range(count), *range(count)])
    silent = (replace(each, code=f"{each.code}*") for each in panel.listings)
    arrays = {name: np.array(getattr(both, name)) for name in BARS}
    for array in arrays.values():
        array[:, count:] = np.nan
    return replace(both, listings=(*panel.listings, *silent), **cast("dict[str, Any]", arrays))


def _cut(panel: Panel, first: int, row: int, back: int) -> Sight:
    """What the morning after a row's session is given."""
    known = panel.known_at(decision_time(tse().next(panel.session(row))))
    return Sight.of(known, max(first, row - back), row)


def _shorten(panel: Panel, bar: Ints, end: Ints, bars: int) -> Panel:
    """Take away every bar but the last `bars` up to row `end` of each column, and what follows it."""
    columns = np.arange(len(end))
    kept = bar[: len(panel.sessions)] > bar[end, columns] - bars
    arrays: dict[str, Any] = {name: np.where(kept, getattr(panel, name), np.nan) for name in BARS}
    return replace(panel, **arrays)


def _holdings(sight: Sight, row: int, rng: np.random.Generator) -> tuple[Holding, ...]:
    """One invented position in every stock: gains and losses, young and old, some sold from before."""
    panel, view = sight.panel, sight.view()
    found = []
    for n in np.flatnonzero(sight.features.bar[row] >= 1).tolist():
        opened = int(rng.integers(max(1, row - FEWEST_SESSIONS), row + 1))
        price = view.last_close(row - sight.first, n) * rng.uniform(0.75, 1.2)
        taken = frozenset({"take_profit"} if rng.random() < 0.3 else ())
        session, evaluated = panel.session(opened), panel.session(opened - 1)
        score = float(rng.integers(50, 95))
        code = panel.listings[n].code
        found.append(Holding(code, n, 100, round(price, 2), session, evaluated, score, taken))
    return tuple(found)
