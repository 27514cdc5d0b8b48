"""Where a sweep is kept, who works on it, and what its sets are evaluated on."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.progress import Tick
from jstock_core.decide import trusted_features
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.monitored import UniverseHistory
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import span
from jstock_core.research.sweep.cluster import dask_pool
from jstock_core.research.sweep.market import MarketFile, SweepMarket, code_digest, pack_market
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.pools import WorkerPool, local_pool
from jstock_core.research.sweep.run import run_sets
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.task import SetResult
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View


@dataclass(frozen=True)
class SweepPlace:
    """Where a sweep is kept and who works on it.

    `folder` holds shards; `dask` is the address of a scheduler, "" for processes of this machine; `data` is
    the URL under which the workers find the folder, "" where they share it.
    """

    folder: Path
    workers: int = 1
    dask: str = ""
    data: str = ""

    def pool(self) -> WorkerPool:
        """Who evaluates."""
        return dask_pool(self.dask) if self.dask else local_pool(self.workers)

    def evaluate(self, market: SweepMarket, plan: SweepPlan, tick: Tick) -> tuple[SetResult, ...]:
        """Evaluate every set of a plan that the folder does not hold yet.

        Raises:
            UsageError: the workers or the cluster cannot be used. WriteError: the folder cannot be written.

        """
        pool, shards = self.pool(), Shards(self.folder)
        try:
            return run_sets(plan, _write_market(market, shards, self), shards, pool, tick)
        finally:
            pool.close()
            if not self.dask:
                _drop_markets(self.folder)


@dataclass(frozen=True, eq=False)
class SweepGround:
    """A sweep's sets before they are evaluated, and the market, as it is and as it travels to workers."""

    plan: SweepPlan
    market: SweepMarket
    view: View

    @classmethod
    def of(cls, desk: Desk, panel: Panel, declared: SweepDeclaration) -> SweepGround:
        """What a declaration means on a panel.

        Raises:
            ParamsError: no set can be made. DataError: no data for all of these sessions.

        """
        view = span(panel, trusted_features(panel), declared.first, declared.last)
        universes = UniverseHistory.read(desk.workspace, desk.monitored)
        watch = Watch.of(view, desk_conditions(desk), universes.codes_on)
        group = declared.group
        market = SweepMarket.of(panel, watch, declared.first, declared.last, group.rules)
        plan = SweepPlan.of(
            group.id, group.declared, declared.ranges, declared.chosen, group.rules, market.digest()
        )
        return cls(plan, market, view)

    @property
    def sessions(self) -> tuple[date, ...]:
        """The trade dates."""
        days: list[date] = self.view.trade_dates.tolist()
        return tuple(days)


def _write_market(market: SweepMarket, shards: Shards, place: SweepPlace) -> MarketFile:
    """Write the market into the sweep's folder, once; other markets in it are of no use any more."""
    content = pack_market(market)
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"market-{sha256[:32]}.bin"
    path = shards.folder / name
    if not path.exists():
        _drop_markets(shards.folder)
        shards.write(name, content)
    where = f"{place.data.rstrip('/')}/{name}" if place.data else str(path.resolve())
    return MarketFile(where, sha256, code_digest())


def _drop_markets(folder: Path) -> None:
    for path in folder.glob("market-*.bin"):
        with suppress(OSError):  # Windows keeps a file that is still mapped
            path.unlink()


def default_folder(desk: Desk, name: str) -> Path:
    """Where a sweep of that name is kept when no folder is named."""
    return desk.workspace.data / "sweeps" / name
