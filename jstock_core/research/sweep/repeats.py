"""Run a backtest again several times, each time with something changed, in several processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from jstock_core.base.progress import Tick, silent
from jstock_core.decide.groups import Group
from jstock_core.research.collector import collector_paused
from jstock_core.research.sweep.cluster import Workers, open_workers
from jstock_core.research.sweep.market import MarketFile, SweepMarket, share_market
from jstock_core.research.sweep.task import begin_work, market_bench
from jstock_core.research.sweep.together import work_together
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View

G = TypeVar("G")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class GroupRun:
    """The inputs of a backtest: groups, a view, and the conditions of its mornings."""

    view: View
    watch: Watch
    groups: Sequence[Group]


def repeat_run(
    run: GroupRun,
    job: Callable[[GroupRun, G], T],
    given: Sequence[G],
    workers: Workers = 1,
    tick: Tick = silent,
) -> list[T]:
    """The results of `job(run, value)` for each of the values `given`, in their order.

    `job` is a function of a module. `workers` is as in `evaluate_groups`. This process works alone if the
    groups have rules of different workspaces.

    Raises:
        UsageError: `workers` is under 1, a worker ended, or the cluster cannot be used.
        WriteError: the file with the market cannot be written.

    """
    rules = {(each.rules.root, each.rules.files) for each in run.groups}
    with ExitStack() as shared:
        pool = shared.enter_context(open_workers(workers))
        pool = pool if len(given) > 1 and len(rules) == 1 else None
        files = [shared.enter_context(share_market(_market_of(run), pool.place))] if pool else []
        words = [(group.id, dict(group.declared)) for group in run.groups]
        return work_together(
            len(given),
            lambda n: _do(job, run, given[n]),
            lambda n: partial(_elsewhere, files[0], words, job, given[n]),
            pool,
            lambda _: partial(begin_work, files[0]),
            tick,
        )


def _market_of(run: GroupRun) -> SweepMarket:
    first, last = run.view.trade_dates[[0, -1]].tolist()
    return SweepMarket.of(run.view.panel, run.watch, first, last, run.groups[0].rules)


def _do(job: Callable[[GroupRun, G], T], run: GroupRun, given: G) -> T:
    with collector_paused():
        return job(run, given)


def _elsewhere(
    file: MarketFile,
    declared: Sequence[tuple[str, Mapping[str, Any]]],
    job: Callable[[GroupRun, G], T],
    given: G,
) -> T:
    """The job in another process, which builds the groups: rules of plug-ins cannot be sent there."""
    bench = market_bench(file)
    groups = [bench.make(*each) for each in declared]
    return _do(job, GroupRun(bench.view_for(groups[0]), bench.market.watch, groups), given)
