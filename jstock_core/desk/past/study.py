"""A trial asked everything: the values of the research report of a backtest."""

from __future__ import annotations

from jstock_core.base.arguments import require_kind
from jstock_core.base.progress import Tick, silent
from jstock_core.desk.past.trial import Trial
from jstock_core.reports.model.lab.study import StudySheet
from jstock_core.reports.render.lab.study import BacktestPage
from jstock_core.research.frames.rolling import rolling_frame
from jstock_core.research.frictions import cost_grid, measure_capacity
from jstock_core.research.sweep.cluster import Workers


def backtest_page(
    trial: Trial, seeds: int | None = None, tick: Tick = silent, *, workers: Workers = 1
) -> BacktestPage:
    """The research report of a trial, a display for each of its sections.

    It runs the trial again with other costs, with more capital and with `seeds` random orders of candidates
    of equal score: 200 by default, 0 for none. Several `workers` share them: processes, or a `Cluster`.

    Raises:
        UsageError: `trial` is not one, `seeds` is under 0, `workers` under 1, or the cluster cannot be used.

    """
    require_kind(trial, Trial, "a trial", "give what `lab.backtest(...)` or `js.try_groups(...)` returns")
    sheet, given = trial.sheet, (trial.done, trial.view, trial.watch)
    return BacktestPage(
        StudySheet(
            trial=sheet,
            done=trial.done,
            panel=trial.panel,
            trades=trial.trades,
            rolling=rolling_frame(trial.equity, sheet.main),
            luck=None if seeds == 0 else trial.luck(seeds, tick, workers=workers).luck,
            costs=cost_grid(*given, tick=tick, workers=workers),
            capacity=measure_capacity(*given, tick=tick, workers=workers),
        )
    )
