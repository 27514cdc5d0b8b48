"""Count the sets of a sweep or a walk-forward in the trial ledger, as soon as they have results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from jstock_core.base.errors import LockedError, WriteError
from jstock_core.decide.groups import Group
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialKind, TrialRow, digest_strategies, strategy_digest
from jstock_core.desk.trials.tally import TrialTally, tally_trials
from jstock_core.research.records import MeasuredGroup
from jstock_core.research.sweep.digest import content_digest
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.task import SetResult


@dataclass(frozen=True)
class SetCounter:
    """Counts the sets of a group in a trial ledger, each once however often it is run.

    `span` is the first and last trade date of sets without a span of their own. `at` is when the work began.
    `digests` caches the strategy digests of sets by key.
    """

    ledger: TrialLedger
    kind: TrialKind
    group: Group
    span: tuple[date, date]
    at: datetime
    digests: dict[str, str] = field(default_factory=dict, repr=False)

    def record(self, plan: SweepPlan, found: Sequence[SetResult]) -> None:
        """Count some results of a plan. It is called before they are kept, so that all kept results count.

        A ledger that cannot be written does not stop a sweep: `tally` tries again at the end, and reports it.

        Raises:
            StateError: the ledger is damaged.

        """
        keys = {result.key for result in found}
        sets = {each.key: each for each in plan.sets if each.key in keys}
        with suppress(WriteError, LockedError):
            self.ledger.record(self._rows([sets[result.key] for result in found], found))

    def tally(self, plan: SweepPlan, found: Sequence[SetResult]) -> TrialTally:
        """Count all results of a plan, also those kept before, and tally all trials of the workspace.

        Raises:
            StateError: the ledger is damaged.

        """
        return tally_trials(self.ledger, self._rows(plan.sets, found))

    def tally_walk(
        self, plan: SweepPlan, found: Sequence[SetResult], curves: Mapping[str, MeasuredGroup], how: str
    ) -> TrialTally:
        """Count a walk-forward: the curve `chosen`, the curve `as declared`, and the sets of its windows.

        `how` describes what the choices depend on beside the sets. The sets count for later results. They do
        not count for the curve itself, which was not selected among them with hindsight.

        Raises:
            StateError: the ledger is damaged.

        """
        sets = self._rows(plan.sets, found)
        digests = {
            "chosen": content_digest((sorted({each.digest for each in sets}), how)),
            "as declared": strategy_digest(self.group.declared, self.group.rules),
        }
        kinds: dict[str, TrialKind] = {"chosen": "walk", "as declared": "backtest"}
        rows = [
            TrialRow.of(kinds[name], self.group.id, digest, self.span, curves[name].returns, self.at)
            for name, digest in digests.items()
        ]
        return tally_trials(self.ledger, rows, apart=sets)

    def _rows(self, sets: Sequence[PlannedSet], found: Sequence[SetResult]) -> list[TrialRow]:
        """Ledger rows of the sets that ran."""
        new = {each.key: each.declared for each in sets if each.key not in self.digests}
        self.digests.update(zip(new, digest_strategies(new.values(), self.group.rules), strict=True))
        span, at = self.span, self.at
        return [
            TrialRow.of(
                self.kind, self.group.id, self.digests[each.key], each.span or span, result.returns, at
            )
            for each, result in zip(sets, found, strict=True)
            if not result.reason
        ]
