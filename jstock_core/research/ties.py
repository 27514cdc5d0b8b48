"""The luck of ties: how the result of a backtest depends on the order of candidates with equal scores.

Scores take few values, and often more candidates have the same score than there are places. Their order is
declared (`execution.ranking`), but has no merit. The spread of results over random orders shows how much of a
result is due to it (STRATEGY section 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.progress import Tick, silent
from jstock_core.decide.groups import WHOLE, Group
from jstock_core.execution.ranking import ShuffledRanking
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Floats, Panel
from jstock_core.research.backtest import Backtest, fold_mornings
from jstock_core.research.performance import metrics
from jstock_core.research.records import closing_panel
from jstock_core.research.statistics.order import are_equal
from jstock_core.research.sweep.cluster import Workers
from jstock_core.research.sweep.repeats import GroupRun, repeat_run
from jstock_core.research.tied_mornings import TieWatch, count_decided
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View
from jstock_core.state.accounts.valuation import equity_curve
from jstock_core.state.book.book import Book

if TYPE_CHECKING:
    import pandas as pd

SEEDS = range(200)
"""Seeds of the random orders that are tried by default."""

_FIGURES = ("total_return", "sharpe", "max_drawdown")


@dataclass(frozen=True, eq=False)
class LuckSpread:
    """A figure under random orders of ties: its `values` (n,), and its value under the declared order."""

    declared: float
    values: Floats

    @property
    def known(self) -> Floats:
        """The values that are defined, sorted."""
        return np.sort(self.values[~np.isnan(self.values)])

    def quantile(self, fraction: float) -> float:
        """A quantile of the values; NaN where none is defined."""
        return float(np.quantile(self.known, fraction)) if len(self.known) else float("nan")

    @property
    def beaten(self) -> float:
        """The fraction of random orders with a lower value than the declared one; equal ones count half."""
        if not len(self.known):
            return float("nan")
        equal = are_equal(self.known, self.declared)
        return float(np.mean(np.where(equal, 0.5, self.known < self.declared)))

    @property
    def varies(self) -> bool:
        """Whether any random order gave another value than the declared one, apart from rounding."""
        return not are_equal(self.known, self.declared).all()

    def as_json(self) -> dict[str, float | None]:
        """Quantiles, the declared value and its rank, as plain JSON."""
        named = {"p0": 0.0, "p5": 0.05, "p50": 0.5, "p95": 0.95, "p100": 1.0}
        values = {name: self.quantile(fraction) for name, fraction in named.items()}
        found = {"declared": self.declared, **values, "beaten": self.beaten}
        return {name: None if np.isnan(value) else value for name, value in found.items()}


@dataclass(frozen=True, eq=False)
class TieLuck:
    """The spread of a backtest's figures over random orders among candidates of equal score.

    `ties` counts the mornings of each group with ties, `decided` those on which at least one of the random
    orders buys other stocks or other shares than the declared one, from the same book. `spreads` has total
    return, Sharpe ratio and maximum drawdown by record. Without ties no random order is tried, and `seeds` is
    empty.
    """

    first: date
    last: date
    seeds: tuple[int, ...]
    ties: Mapping[str, int]
    decided: Mapping[str, int]
    spreads: Mapping[str, Mapping[str, LuckSpread]]

    @property
    def matters(self) -> bool:
        """Whether any random order gave another result than the declared one."""
        return any(each.varies for figures in self.spreads.values() for each in figures.values())

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a seed and record: seed, group, total_return, sharpe, max_drawdown (fractions)."""
        import pandas as pd

        parts = [
            pd.DataFrame({
                "seed": self.seeds, "group": name, **{key: each.values for key, each in figures.items()},
            })
            for name, figures in self.spreads.items()
        ]  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON: quantiles by record and figure."""
        return {
            "seeds": len(self.seeds),
            "ties": dict(self.ties),
            "decided": dict(self.decided),
            "groups": {
                name: {key: each.as_json() for key, each in figures.items()}
                for name, figures in self.spreads.items()
            },
        }


def tie_luck(
    done: Backtest,
    view: View,
    watch: Watch,
    seeds: Sequence[int] = SEEDS,
    tick: Tick = silent,
    workers: Workers = 1,
) -> TieLuck:
    """Run a backtest again with candidates of equal score in random orders, one for each seed.

    `view` and `watch` are those of the backtest. Groups without ties are not run again, because no order can
    change them. Where the desk has limits, groups affect each other, and all are run again. `workers` is as
    in `evaluate_groups`.

    Raises:
        UsageError, WriteError: as `repeat_run`.

    """
    watches = _watch_ties(done, view, watch)
    ties = {id_: len(each.equals) for id_, each in watches.items()}
    tied = [g for g in done.groups if ties[g.id]]
    run = list(done.groups) if tied and watch.conditions.limits else tied
    valued = _Valued.of(view, done.groups)
    own = valued.equities(done.book)
    again = repeat_run(GroupRun(view, watch, run), _equities, seeds if run else (), workers, tick)
    measured = [valued.measure({**own, **each}) for each in again]
    declared = valued.measure(own)
    spreads = {
        name: {
            key: LuckSpread(figures[key], np.array([each[name][key] for each in measured], dtype=np.float64))
            for key in _FIGURES
        }
        for name, figures in declared.items()
    }
    decided = count_decided(done, view, watch, watches, seeds)
    return TieLuck(done.first, done.last, tuple(seeds) if run else (), ties, decided, spreads)


def _equities(run: GroupRun, seed: int) -> dict[str, Floats]:
    """The equity of each group under the random order of a seed."""
    shuffled = [replace(each, ranking=ShuffledRanking(by=each.ranking.by, seed=seed)) for each in run.groups]
    again = fold_mornings(run.view, shuffled, run.watch.conditions, run.watch.on)
    return _Valued.of(run.view, run.groups).equities(again.book)


def _watch_ties(done: Backtest, view: View, watch: Watch) -> dict[str, TieWatch]:
    """The ties of a backtest, by group."""
    watches = {g.id: TieWatch(by=g.ranking.by, ties=g.ranking.ties) for g in done.groups}
    groups = [replace(group, ranking=watches[group.id]) for group in done.groups]
    fold_mornings(view, groups, watch.conditions, watch.on)
    return watches


@dataclass(frozen=True, eq=False)
class _Valued:
    """The sessions of a backtest, after the one before; the panel as known after the last; and capital."""

    sessions: tuple[date, ...]
    panel: Panel
    capital: Mapping[str, int]

    @classmethod
    def of(cls, view: View, groups: Sequence[Group]) -> _Valued:
        known, (first, last) = closing_panel(view), view.trade_dates[[0, -1]].tolist()
        sessions = (tse().previous(first), *tse().between(first, min(last, known.session(-1))))
        return cls(sessions, known, {group.id: group.initial_capital for group in groups})

    def equities(self, book: Book) -> dict[str, Floats]:
        """The equity (S + 1,) of each group of a book at the closes of the sessions, capital first."""
        curves = equity_curve(book, self.panel).groups
        kept = len(self.sessions) - 1
        return {
            name: np.concatenate(([float(self.capital[name])], curve.equity[-kept:]))
            for name, curve in curves.items()
        }

    def measure(self, equities: Mapping[str, Floats]) -> dict[str, dict[str, float]]:
        """The figures of each group, and of the whole where there are several."""
        named = dict(equities)
        if len(named) > 1:
            named[WHOLE] = np.sum(list(equities.values()), axis=0)
        return {name: dict(self._figures(equity)) for name, equity in named.items()}

    def _figures(self, equity: Floats) -> Iterator[tuple[str, float]]:
        own = metrics(equity[1:] / equity[:-1] - 1, self.sessions)
        worst = own.max_drawdown.depth if own.max_drawdown else 0.0
        for key, value in zip(_FIGURES, (own.total_return, own.sharpe, worst), strict=True):
            yield key, float("nan") if value is None else value
