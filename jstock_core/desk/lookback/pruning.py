"""The removal of published runs that nobody needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jstock_core.base.errors import UsageError, WriteError, error_reason
from jstock_core.base.intent import Intent
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.catalogue.pruning import SuperfluousRun, remove_runs, superfluous_runs
from jstock_core.runs.catalogue.summaries import read_all_runs
from jstock_core.runs.catalogue.summary import DAMAGED, RunSummary, TradeDay
from jstock_core.state.facts.events import Decided


@dataclass(frozen=True)
class PruneRule:
    """Which trade dates are left as they are: the newest `keep`, and those from `since` on.

    Of older ones `also_latest` removes the good run that `latest` names too.
    """

    keep: int | None = None
    since: date | None = None
    also_latest: bool = False

    def applies_to(self, days: Sequence[TradeDay]) -> tuple[TradeDay, ...]:
        """The trade dates whose runs may go; `days` are all, newest first."""
        older = days[self.keep :] if self.keep is not None else days
        return tuple(day for day in older if self.since is None or day.trade_date < self.since)


def prune_rule(desk: Desk, keep: int | None, older_than: str, *, also_latest: bool = False) -> PruneRule:
    """The rule in words: `keep` trade dates, and those not `older_than` a date (2026-01-21) or age (90d).

    Raises:
        UsageError: neither is given, or the date is malformed.

    """
    if keep is None and not older_than:
        raise UsageError("which runs are to go?", do="give --keep 60, or --older-than 90d or a date")
    since = _since(desk, older_than) if older_than else None
    return PruneRule(keep, since, also_latest)


def _since(desk: Desk, text: str) -> date:
    days = text.removesuffix("d")
    if text.endswith("d") and days.isdecimal() and len(days) < 6:
        return desk.now().date() - timedelta(days=int(days))
    return parse_date(text)


@dataclass(frozen=True)
class PruneResult:
    """The runs that were `removed`, or would be; `needed` and `damaged` runs of these dates stay.

    `done` is False for a preview.
    """

    removed: tuple[SuperfluousRun, ...]
    needed: int
    damaged: tuple[RunSummary, ...]
    done: bool

    @property
    def size(self) -> int:
        """Bytes that they take together."""
        return sum(run.size for run in self.removed)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "removed": [run.as_json() for run in self.removed],
            "bytes": self.size,
            "needed": self.needed,
            "damaged": [run.folder for run in self.damaged],
            "done": self.done,
        }


def plan_pruning(desk: Desk, rule: PruneRule) -> PruneResult:
    """What pruning would remove; nothing is changed.

    A run stays that made a decision in the journal: its manifest says with what code, and `runs verify` asks
    for that.

    Raises:
        StateError: the journal is damaged: then nobody knows what its decisions need.

    """
    root = desk.workspace.runs
    decided = {event.session for event in desk.journal().history() if isinstance(event, Decided)}
    days = rule.applies_to(read_all_runs(root).days)
    needed = {run.run_id for day in days if day.trade_date in decided for run in deciding_runs(day)}
    found = superfluous_runs(root, days, needed, also_latest=rule.also_latest)
    damaged = (run for day in days for run in day.runs if run.status == DAMAGED)
    return PruneResult(found, len(needed), tuple(damaged), done=False)


def prune(desk: Desk, plan: PruneResult) -> PruneResult:
    """Remove the runs of a plan, and write the list of runs again.

    Raises:
        LockedError: a run of the day is going on. WriteError: the runs folder cannot be changed.

    """
    root = desk.workspace.runs
    try:
        with desk.hold("the removal of old runs"):
            remove_runs(root, plan.removed)
            write_index(root, desk.settings.words)
    except OSError as error:
        raise WriteError(f"not all runs could be removed: {error_reason(error)}", where=str(root)) from error
    return PruneResult(plan.removed, plan.needed, plan.damaged, done=True)


def deciding_runs(day: TradeDay) -> tuple[RunSummary, ...]:
    """The runs that made the decisions of a trade date: those that were to journal, and did not fail.

    Where all of them failed, the decision may have been made before the failure, and all of them count.
    """
    recording = tuple(_recording(day.runs))
    return tuple(run for run in recording if run.is_good) or recording


def _recording(runs: Iterable[RunSummary]) -> Iterator[RunSummary]:
    names = [str(intent) for intent in Intent if intent.records]
    yield from (run for run in runs if run.intent in names and not run.rehearsal and run.status != DAMAGED)
