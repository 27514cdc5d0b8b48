"""What a lab tries: groups over past sessions, together or each alone, and one of them on the holdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from typing import Any
from warnings import warn

from jstock_core.base.params import build
from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.lab.choices import LabChoices
from jstock_core.desk.past.holdouts import HoldoutAnswer, open_holdout
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.trials.tally import tally_trials
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.execution.costs import Cost, Costs
from jstock_core.reports.render.lab.results.evaluations import EvaluationList
from jstock_core.research.backtest import backtest
from jstock_core.research.combinations import GroupEvaluation, evaluate_groups
from jstock_core.research.performance import SESSIONS_A_YEAR
from jstock_core.research.sweep.cluster import Cluster


@dataclass(frozen=True, eq=False, repr=False)
class LabTries(LabChoices):
    """Backtests of a lab; every group that is tried is counted in the desk's ledger."""

    def backtest(
        self,
        groups: Group | str | Sequence[Group | str],
        first: str | date = "",
        last: str | date = "",
        *,
        fills: str = "",
        costs: Mapping[str, Any] | None = None,
    ) -> Trial:
        """Run groups, or those of the desk by their ids, from `first` to `last`: dates, months or years.

        By default from the first trade date that has data up to the last session that is known. `fills`
        ("open", "signal_price") takes the place of the groups' own; `costs` that of the desk's, as
        `{"commission_pct": 0.1, "slippage_ticks": 1}`. Each group is counted among the desk's trials.

        Raises:
            UsageError: a date is malformed, no group is given, or two have the same id.
            ParamsError: fills or costs are not valid. DataError: no data for all of these sessions.

        """
        chosen, (start, end) = self._groups(groups, fills), self._span(first, last)
        desk = self.desk if costs is None else _with_costs(self.desk, costs, start)
        return self._fold(desk, chosen, start, end).count(self.ledger)

    def open_holdout(self, group: Group | str) -> HoldoutAnswer:
        """Try one group on the sessions kept back; this can be done once, and is recorded.

        Raises:
            UsageError: none is declared, it was opened before, or none of its sessions is over.

        """
        chosen = self._one(group)

        def run(first: date, last: date) -> Trial:
            return self._fold(self.desk, (chosen,), first, last)

        return open_holdout(self.ledger, self.desk, chosen, run)

    def _fold(self, desk: Desk, groups: Sequence[Group], first: date, last: date) -> Trial:
        panel, (conditions, universes) = self._through(last), _watch(desk)
        features = self._features if panel is self.panel else None
        done = backtest(panel, groups, conditions, first, last, features, universes.codes_on)
        return Trial(desk, done, panel)

    def evaluate(
        self,
        groups: Group | str | Sequence[Group | str],
        first: str | date,
        last: str | date = "",
        *,
        workers: int | str | Cluster = 1,
    ) -> EvaluationList:
        """Backtest, measure and count each group alone, as `backtest` would, over one set of features.

        Groups are given as such or by their ids, as there.
        `workers` share the groups: processes, or those of a `Cluster`. A holdout, and what could not be
        counted, are warnings.

        Raises:
            UsageError: a date is malformed, no group is given or called so, or `workers` is under 1.
            DataError: no data for all of these sessions.

        """
        chosen, (start, end) = self._each(groups), self._span(first, last)
        panel, (conditions, universes) = self._through(end), _watch(self.desk)
        found = evaluate_groups(
            panel, chosen, conditions, start, end, monitored=universes.codes_on, workers=workers
        )
        self._count(found, (start, end))
        return EvaluationList.of(found, self.desk.marks)

    def _count(self, found: Sequence[GroupEvaluation], span: tuple[date, date]) -> None:
        """Count groups that were evaluated among the trials."""
        days = self.desk.calendar.between(*span)
        rows = [
            TrialRow(
                kind="backtest",
                group=each.group.id,
                digest=strategy_digest(each.group.declared, each.group.rules),
                first=days[0],
                last=days[-1],
                sessions=each.record.own.sessions,
                sharpe=None if (sharpe := each.record.own.sharpe) is None else sharpe / sqrt(SESSIONS_A_YEAR),
                at=self.desk.clock(),
            )
            for each in found
        ]
        for note in tally_trials(self.ledger, rows).notes:
            warn(note, stacklevel=3)


def _watch(desk: Desk) -> tuple[Conditions, UniverseHistory]:
    """What the desk's groups share, and what is monitored when."""
    return desk_conditions(desk), UniverseHistory.read(desk.workspace, desk.monitored)


def _with_costs(desk: Desk, costs: Mapping[str, Any], since: date) -> Desk:
    """The desk with other costs, in force from a day on.

    Raises:
        ParamsError: a key is unknown, or its value out of range.

    """
    row = build(Cost, {"since": since, **costs}, where="the costs of the trial")
    return replace(desk, settings=replace(desk.settings, costs=Costs.of([row])))
