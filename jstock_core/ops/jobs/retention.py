"""Runs that nobody needs are removed after the days that `schedule.keep_runs_days` gives them."""

from __future__ import annotations

from jstock_core.desk.lookback.pruning import plan_pruning, prune, prune_rule
from jstock_core.ops.watch.ended import Ended


def prune_old_runs(ended: Ended) -> None:
    """After the last job of a day that went well, remove superseded runs of trade dates long past.

    A run that made a decision stays, and so does the newest good one of each trade date.

    Raises:
        JstockError: the journal is damaged, the desk is locked, or the runs folder cannot be changed.

    """
    schedule = ended.desk.settings.schedule
    last = "evening" if schedule.evening else "morning"
    went_well = ended.job == last and ended.error is None and ended.intent.records
    if not schedule.keep_runs_days or not went_well:
        return
    plan = plan_pruning(ended.desk, prune_rule(ended.desk, None, f"{schedule.keep_runs_days}d"))
    if plan.removed:
        prune(ended.desk, plan)
