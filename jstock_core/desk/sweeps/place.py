"""The folder of a sweep, its workers, and the market and plan that they work on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.progress import Tick
from jstock_core.decide import trusted_features
from jstock_core.decide.groups import Group
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.sweeps.counting import SetCounter
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration
from jstock_core.desk.trials.holdout import end_before_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialKind
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.market.panel import Floats, Panel
from jstock_core.research.backtest import span
from jstock_core.research.sweep.cluster import dask_pool
from jstock_core.research.sweep.market import MarketFile, SweepMarket, code_digest, pack_market
from jstock_core.research.sweep.plan import SweepPlan, plan_sets
from jstock_core.research.sweep.pools import WorkerPool, keep_pool, local_pool
from jstock_core.research.sweep.run import run_sets
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.task import SetResult, get_ready
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View

Evaluate = Callable[[SweepPlan, Tick], tuple[SetResult, ...]]


@dataclass(frozen=True)
class SweepPlace:
    """Where the results of a sweep are kept, and which workers evaluate it.

    - `folder` holds the shards.
    - `workers` is the number of processes. With `dask`, the address of a scheduler, its workers are used.
    - `data` is the URL under which those workers find the folder, "" where they can read it.
    - `ledger` counts the sets; None for the desk's.
    - `begun` is a pool that was started ahead.
    """

    folder: Path
    workers: int = 1
    dask: str = ""
    data: str = ""
    ledger: TrialLedger | None = None
    begun: WorkerPool | None = field(default=None, repr=False, compare=False)

    def pool(self) -> WorkerPool:
        """The pool of workers.

        Raises:
            UsageError: as `dask_pool` or `local_pool`.

        """
        return dask_pool(self.dask) if self.dask else local_pool(self.workers)

    @contextmanager
    def beginning(self) -> Iterator[SweepPlace]:
        """The same place with processes that are started now, so that they import while sets are planned.

        They are not started if the folder holds results: perhaps there is nothing left to evaluate.
        """
        if self.dask or Shards(self.folder).any:
            yield self
            return
        code_digest()  # cached, so that forked workers need not compute it
        with keep_pool(self.pool()) as pool:
            with suppress(BrokenExecutor):  # the sweep opens the pool again, or reports the error
                executor = pool.open()
                for _ in range(pool.workers):
                    executor.submit(get_ready)
            yield replace(self, begun=pool)

    def before_holdout(self, desk: Desk, declared: SweepDeclaration) -> SweepDeclaration:
        """The declaration with its span cut before a closed holdout.

        Raises:
            UsageError: the whole span is in the holdout.

        """
        last = end_before_holdout(self._ledger(desk), declared.first, declared.last)
        return replace(declared, last=last)

    def counter(self, desk: Desk, group: Group, kind: TrialKind, days: Sequence[date]) -> SetCounter:
        """A counter of sets over the trade dates `days`."""
        return SetCounter(self._ledger(desk), kind, group, (days[0], days[-1]), desk.clock())

    def _ledger(self, desk: Desk) -> TrialLedger:
        return self.ledger or TrialLedger.of(desk.workspace)

    def evaluate(
        self, market: SweepMarket, plan: SweepPlan, counter: SetCounter, tick: Tick
    ) -> tuple[SetResult, ...]:
        """Evaluate the sets of a plan whose results are not in the folder; each is counted before it is kept.

        Raises:
            UsageError: the workers or the cluster cannot be used. WriteError: the folder cannot be written.

        """
        with self.working(market, counter) as evaluate:
            return evaluate(plan, tick)

    @contextmanager
    def working(self, market: SweepMarket, counter: SetCounter) -> Iterator[Evaluate]:
        """A function that evaluates plans on a market, with workers that are started once.

        Raises:
            UsageError: the workers or the cluster cannot be used. WriteError: the folder cannot be written.

        """
        shards = Shards(self.folder)
        with nullcontext(self.begun) if self.begun else keep_pool(self.pool()) as pool:
            try:
                yield partial(_run, _write_market(market, shards, self), shards, pool, counter)
            finally:
                if not self.dask:
                    _drop_markets(self.folder)


def _run(
    market: MarketFile, shards: Shards, pool: WorkerPool, counter: SetCounter, plan: SweepPlan, tick: Tick
) -> tuple[SetResult, ...]:
    return run_sets(plan, market, shards, pool, tick, partial(counter.record, plan))


@dataclass(frozen=True, eq=False)
class SweepGround:
    """The plan of a sweep, the view for this process, and the market for workers.

    `digest` is a hash of everything that the sets share.
    """

    plan: SweepPlan
    market: SweepMarket
    view: View
    digest: str

    @classmethod
    def of(cls, desk: Desk, panel: Panel, declared: SweepDeclaration) -> SweepGround:
        """Plan a declaration on a panel.

        Raises:
            ParamsError: no set can be made. DataError: no data for all of these sessions.

        """
        view = span(panel, trusted_features(panel), declared.first, declared.last)
        universes = UniverseHistory.read(desk.workspace, desk.monitored)
        watch = Watch.of(view, desk_conditions(desk), universes.codes_on)
        market = SweepMarket.of(panel, watch, declared.first, declared.last, declared.group.rules)
        empty = SweepPlan(declared.group.id, declared.ranges, ())
        ground = cls(empty, market, view, market.digest())
        plan = ground.plan_of(declared, declared.chosen)
        plan.require_one()
        return replace(ground, plan=plan)

    def plan_of(self, declared: SweepDeclaration, chosen: Sequence[Mapping[str, Any]]) -> SweepPlan:
        """Plan the sets `chosen` of a declaration."""
        group = declared.group
        sets = plan_sets(group.id, group.declared, chosen, group.rules, self.digest)
        return SweepPlan(group.id, declared.ranges, sets)

    @property
    def sessions(self) -> tuple[date, ...]:
        """The trade dates."""
        days: list[date] = self.view.trade_dates.tolist()
        return tuple(days)

    @property
    def topix(self) -> Floats:
        """(S + 1,): levels of TOPIX at the close before the first trade date, and at each trade date's close.

        NaN where unknown, such as for a last session that is not over.
        """
        levels, count = self.view.panel.topix[self.view.first_row :], len(self.view.trade_dates) + 1
        return np.concatenate([levels[:count], np.full(max(count - len(levels), 0), np.nan)])


def _write_market(market: SweepMarket, shards: Shards, place: SweepPlace) -> MarketFile:
    """Write the market into the sweep's folder unless it is there, and remove older markets."""
    content = pack_market(market)
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"market-{sha256[:32]}.arrow"
    path = shards.folder / name
    if not path.exists():
        _drop_markets(shards.folder)
        shards.write(name, content)
    where = f"{place.data.rstrip('/')}/{name}" if place.data else str(path.resolve())
    return MarketFile(where, sha256, code_digest())


def _drop_markets(folder: Path) -> None:
    for path in folder.glob("market-*"):
        with suppress(OSError):  # Windows keeps a file that is still mapped
            path.unlink()


def default_folder(desk: Desk, name: str) -> Path:
    """The default folder of a sweep with a name."""
    return desk.workspace.data / "sweeps" / name
