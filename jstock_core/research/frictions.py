"""Costs and capacity: a backtest run again with other costs and with more capital.

Also the fills of a backtest as a fraction of each stock's turnover.

Every figure comes from a full backtest, because costs change what cash can buy, and whole trading units how
much of a budget is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np

from jstock_core.base.progress import Tick, silent
from jstock_core.decide.groups import WHOLE, Group
from jstock_core.execution.costs import Cost, Costs
from jstock_core.market.panel import Floats
from jstock_core.research.backtest import Backtest, fold_mornings
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import closing_panel, track_records
from jstock_core.research.sweep.cluster import Workers
from jstock_core.research.sweep.repeats import GroupRun, repeat_run
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import Filled

COMMISSIONS = (0.0, 0.05, 0.1, 0.22)
"""Commissions in percent of the traded value; 0.22 is the highest of the usual online tariffs."""
TICKS = (0, 1, 2, 3)
"""Slippage: ticks by which a fill is worse than the opening price."""
MULTIPLES = (1, 3, 10, 30, 100)
"""Multiples of the groups' capital."""
MOST_VOLUME_PCT = 5.0
"""Largest order with more capital, in percent of a stock's median turnover of 20 bars."""


@dataclass(frozen=True, eq=False)
class CostGrid:
    """Total return and Sharpe ratio by commission (rows, percent) and slippage (columns, ticks).

    NaN where a figure is not defined. Costs change what cash can buy, so neighbouring cells also differ in
    their trades. `turnover` is the value traded without costs, in multiples of the capital, and `gain` the
    total return without costs: together they say what costs take from the same trades.
    """

    commissions: tuple[float, ...]
    ticks: tuple[int, ...]
    total_return: Floats
    sharpe: Floats
    turnover: float
    gain: float

    @property
    def break_even_pct(self) -> float | None:
        """Costs in percent of the traded value that would use up the gain; None without a gain or trades."""
        return 100 * self.gain / self.turnover if self.gain > 0 and self.turnover else None


def cost_grid(
    done: Backtest,
    view: View,
    watch: Watch,
    commissions: Sequence[float] = COMMISSIONS,
    ticks: Sequence[int] = TICKS,
    tick: Tick = silent,
    workers: Workers = 1,
) -> CostGrid:
    """Run a backtest again with each commission and slippage.

    `view` and `watch` are those of the backtest. `workers` and errors are as in `repeat_run`.
    """
    run, costs = GroupRun(view, watch, done.groups), [(0.0, 0), *product(commissions, ticks)]
    free, *found = repeat_run(run, _at_costs, costs, workers, _named(tick, "costs"))
    total, sharpe, _ = np.array(found, dtype=np.float64).reshape(len(commissions), len(ticks), 3).T
    return CostGrid(tuple(commissions), tuple(ticks), total.T, sharpe.T, turnover=free[2], gain=free[0])


def _at_costs(run: GroupRun, costs: tuple[float, int]) -> tuple[float, float, float]:
    """Total return, Sharpe ratio and turnover with a commission in percent and a slippage in ticks."""
    cost = Cost(since=date.min, commission_pct=costs[0], slippage_ticks=costs[1])
    conditions = replace(run.watch.conditions, costs=Costs.of([cost]))
    again = fold_mornings(run.view, run.groups, conditions, run.watch.on)
    own = main_record(again, run.view).own
    return _number(own.total_return), _number(own.sharpe), _turnover(again)


def _named(tick: Tick, what: str) -> Tick:
    """Progress that names what is being done."""
    return lambda done, every, _: tick(done, every, what)


def _turnover(done: Backtest) -> float:
    """Value traded, in multiples of the capital."""
    traded = sum(event.amount for event in done.events if isinstance(event, Filled))
    return traded / sum(group.initial_capital for group in done.groups)


@dataclass(frozen=True, kw_only=True)
class CapacityStep:
    """A backtest with `multiple` times the capital (yen), with orders limited by the stock's turnover.

    `total_return` and `exposure` are fractions. `share_pct` is the 95th percentile of fills in percent of the
    stock's median turnover. None where a figure is not defined.
    """

    multiple: int
    capital: int
    total_return: float | None
    sharpe: float | None
    exposure: float | None
    share_pct: float | None


def measure_capacity(
    done: Backtest,
    view: View,
    watch: Watch,
    multiples: Sequence[int] = MULTIPLES,
    tick: Tick = silent,
    workers: Workers = 1,
) -> tuple[CapacityStep, ...]:
    """Run a backtest again with more capital, each order at most `MOST_VOLUME_PCT` of the stock's turnover.

    Lower limits of the groups stay in force. Orders do not move prices here, so the result is an upper bound
    of the capacity. `workers` and errors are as in `repeat_run`.

    Raises:
        ParamsError: a group would have more capital than a group may have.

    """
    run, named = GroupRun(view, watch, done.groups), _named(tick, "capacity")
    return tuple(repeat_run(run, _with_more_capital, multiples, workers, named))


def _with_more_capital(run: GroupRun, multiple: int) -> CapacityStep:
    groups = [_larger(group, multiple) for group in run.groups]
    again = fold_mornings(run.view, groups, run.watch.conditions, run.watch.on)
    return _step(again, run.view, multiple)


def _larger(group: Group, multiple: int) -> Group:
    declared = group.declared.get("limits") or {}
    most = min(MOST_VOLUME_PCT, declared.get("max_volume_pct") or MOST_VOLUME_PCT)
    limits = {**declared, "max_volume_pct": most}
    return group.but({"initial_capital": group.initial_capital * multiple, "limits": limits})


def _step(done: Backtest, view: View, multiple: int) -> CapacityStep:
    record, shares = main_record(done, view), turnover_shares(done, view)
    return CapacityStep(
        multiple=multiple,
        capital=sum(group.initial_capital for group in done.groups),
        total_return=record.own.total_return,
        sharpe=record.own.sharpe,
        exposure=record.activity.exposure,
        share_pct=100 * float(np.quantile(shares, 0.95)) if len(shares) else None,
    )


def turnover_shares(done: Backtest, view: View) -> Floats:
    """(n,): each fill as a fraction of the stock's median turnover of 20 bars, in the order of fills.

    Fills of stocks without a known turnover are left out.
    """
    return np.array(list(_shares(done, view)), dtype=np.float64)


def _shares(done: Backtest, view: View) -> Iterator[float]:
    days = view.trade_dates.tolist()
    row = {day: n for n, day in enumerate(days)}
    for event in done.events:
        if isinstance(event, Filled) and event.order_id and event.session in row:
            median = view.at("turnover_median_20", row[event.session], view.panel.column[event.code])
            if median > 0:
                yield event.amount / median


def main_record(done: Backtest, view: View) -> TrackRecord:
    """The track record of all groups together, or of the only group."""
    records = track_records(done, closing_panel(view))
    return records.get(WHOLE) or next(iter(records.values()))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
