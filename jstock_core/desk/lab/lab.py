"""The lab: data, rules and groups tried on a copy of a desk, which itself is never touched.

lab = js.lab()                            a copy in a temporary folder, gone when the process ends
lab.prices(["7203"]); lab.features("rsi")  tables of what is known at the lab's time
lab = lab.with_rules(source)              a file of rules, named in the copy's params/desk.yaml
lab.check("MyRule"); lab.check(MyRule)    its certificate; a cell `%%rule my_rules` does both
lab.save_rules()                          these files into the desk itself
group = lab.group("conservative")         a group of the desk; `group.but(entry__buy_threshold=70)` a variant
group = lab.group("mine", declared)       a group, from the keys of a group file
trial = lab.backtest(group, "2024")       measured beside TOPIX
lab.evaluate(groups, first)               each group alone, over one set of features
lab.sweep(group, {"exit.stop_loss_pct": [4, 6, 8]}, "2024")   many sets of parameters, and the best
lab.walk_forward(sweep, "1Y", "3M")   the best set of each year, traded on the quarter after it
lab.prove(trial)                          mornings decided again from what was known then
lab.diff(group)                           tomorrow's orders: the desk against the variant
lab.knobs("conservative")                 sliders: each turn against the desk's file
lab.save(group, "candidate")              params/candidates/candidate.yaml of the desk itself
day = lab.morning(trial)                  the morning after the trial's last session
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.intent import Intent
from jstock_core.base.limits import quote
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import morning
from jstock_core.desk.day.market import morning_market
from jstock_core.desk.lab.candidates import save_candidate
from jstock_core.desk.lab.copying import copy_into_lab
from jstock_core.desk.lab.difference import OrdersDifference, compare_orders
from jstock_core.desk.lab.interrupts import keep_what_is_done
from jstock_core.desk.lab.knobs.knobs import KNOB_DAYS, Knobs
from jstock_core.desk.lab.next_morning import NextMorning
from jstock_core.desk.lab.own_rules import LabRules
from jstock_core.desk.lab.rule_cell import register_rule_magic
from jstock_core.desk.lab.summary import summarize_lab
from jstock_core.desk.lab.tries import LabTries
from jstock_core.desk.past.trial import Trial, prove_trial
from jstock_core.desk.sweeps.place import SweepPlace, default_folder
from jstock_core.desk.sweeps.sweep_file import Sampler, SweepDeclaration, read_ranges
from jstock_core.desk.sweeps.sweeps import Sweep, sweep_panel
from jstock_core.desk.sweeps.walk_file import WalkDeclaration
from jstock_core.desk.sweeps.walks import WalkForward, walk_panel
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.reports.model.lab.lab import LabSummary
from jstock_core.reports.render.lab.results.proof import ProofCard
from jstock_core.reports.render.lab.summary import lab_card
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.research.proof import SAMPLE
from jstock_core.research.sweep.cluster import Cluster, as_cluster
from jstock_core.research.walk.windows import SpanLength, WindowScheme


@dataclass(frozen=True, eq=False, repr=False)
class Lab(LabRules, LabTries):
    """A copy of a desk to try things on.

    `now` is the time it lives at, "" for the clock's: its tables show nothing that became known later.
    `source` is the workspace that it is a copy of.
    """

    @property
    def summary(self) -> LabSummary:
        """What there is to try things on."""
        return summarize_lab(self.desk, self.panel, self.source.name, self.ledger)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return lab_card(self.summary)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what it is a copy of, and when it lives."""
        return f"<Lab on {self.source} at {self.desk.now():%Y-%m-%d %H:%M} JST>"

    def sweep(
        self,
        group: Group | str,
        sets: Mapping[str, Iterable[Any]],
        first: str | date = "",
        last: str | date = "",
        random: int | None = None,
        sampler: Sampler = "chance",
        workers: int | str | Cluster = 1,
    ) -> Sweep:
        """Try every combination of some values of a group's keys, or `random` of them.

        `{"entry.buy_threshold": range(55, 80, 5), "exit.stop_loss_pct": {"low": 4.0, "high": 8.0}}`, of which
        the latter takes any number. They are drawn by chance, or by the `sampler` "optuna", which looks where
        Sharpe ratios were high. Interrupted and run again in this lab it goes on where it was; with several
        `workers` as many processes share the sets, or those of a `Cluster`, whose folder keeps the results.

        Raises:
            UsageError: a date is malformed, a key has no values, there are too many sets, or the cluster
                cannot be used.
            ParamsError: no set is valid. DataError: no data for all of these sessions.

        """
        chosen, (start, end) = self._one(group), self._span(first, last)
        declared = SweepDeclaration(chosen, start, end, read_ranges(sets), random, sampler=sampler)
        place = _sweep_place(self.desk, workers, self.ledger)
        panel = self._through(end)
        with keep_what_is_done() as count:
            return sweep_panel(self.desk, panel, declared, place, count)

    def walk_forward(
        self,
        sweep: Sweep,
        train: str | int,
        test: str | int,
        *,
        anchored: bool = False,
        purge: int = 0,
        embargo: int = 0,
        plateau: bool = False,
    ) -> WalkForward:
        """Choose among the sets of a sweep on `train`, trade the choice on `test`, and so on over its span.

        Spans are "2Y", "6M" or numbers of sessions; `anchored` ones begin with the first session. `purge`
        sessions between them are left out, and of a later train span `embargo` sessions after each earlier
        test span. The sweep's `rank` chooses, with `plateau` that of a set together with its neighbours. What
        was evaluated is kept where the sweep is.

        Raises:
            UsageError: a span cannot be read, or the sweep's sessions are too few for one window.

        """
        _require(sweep, Sweep, "sweep")
        scheme = WindowScheme(SpanLength.of(train), SpanLength.of(test), anchored, purge, embargo)
        declared = WalkDeclaration(sweep.declared, scheme, plateau)
        panel = self._through(sweep.declared.last)
        with keep_what_is_done() as count:
            return walk_panel(self.desk, panel, declared, sweep.place, count)

    def prove(self, trial: Trial, sample: int = SAMPLE) -> ProofCard:
        """Decide a sample of a trial's mornings again from what was known then, in another process."""
        _require(trial, Trial, "backtest")
        return ProofCard(**vars(prove_trial(trial, sample)), marks=self.desk.marks)

    def morning(self, trial: Trial) -> NextMorning:
        """Preview the morning after a trial's last session, on the books that the trial left.

        Raises:
            UsageError: the bars of the trial's last session are not public yet.
            DataError: the market data is stale, or forbids deciding.

        """
        _require(trial, Trial, "backtest")
        done = trial.done
        wanted = self.desk.trade_date(self.desk.calendar.next(done.last))
        market = morning_market(trial.desk.with_universe_of(wanted), trial.market, wanted)
        market = replace(market, conditions=replace(market.conditions, late=False))
        step = morning(done.book, market.view, 0, done.groups, market.conditions)
        events = (*done.events, *step.events)
        return NextMorning.of(self.desk, wanted, Intent.PREVIEW, events, market, groups=tuple(done.groups))

    def diff(self, group: Group | str) -> OrdersDifference:
        """Compare tomorrow's orders: the desk's, against those with a variant in it; see `compare_orders`.

        Raises:
            DataError: the market data is stale, or forbids deciding. StateError: the journal is damaged.

        """
        variant = self._one(group)
        source = open_desk(self.source, now=self.now)
        return compare_orders(source, self.desk, self.panel, variant)

    def knobs(self, group: Group | str, first: str | date = "", last: str | date = "") -> Knobs:
        """Sliders for the parameters of a group: each turn is held against the desk's file; see `Knobs`.

        By default over the last two years that are known.

        Raises:
            UsageError: no group is called so, or a date is malformed.

        """
        chosen, (start, end) = self._one(group), self._span(first, last)
        file = next((own for own in self.desk.groups if own.id == chosen.id), chosen)
        start = start if first else max(start, end - timedelta(days=KNOB_DAYS))
        return Knobs(self, file, chosen, (start, end))

    def save(self, group: Group | str, name: str = "candidate", *, replace: bool = False) -> Path:
        """Save a group as `params/candidates/<name>.yaml` of the desk itself, with the comments of its file.

        Raises:
            ParamsError: a candidate may not be called so. WriteError: the folder cannot be written.
            UsageError: a candidate of that name is of another group or was promoted, and not to `replace`.

        """
        return save_candidate(find_workspace(self.source), self._one(group), name, replace=replace)


def _sweep_place(desk: Desk, workers: int | str | Cluster, ledger: TrialLedger) -> SweepPlace:
    """Sweeps are kept in the lab, or in the folder that a cluster sees."""
    folder = default_folder(desk, "lab")
    if isinstance(workers, int):
        return SweepPlace(folder, workers, ledger=ledger)
    there = as_cluster(workers)
    return SweepPlace(Path(there.folder or folder), dask=there.address, data=there.data, ledger=ledger)


def _require(given: object, kind: type, verb: str) -> None:
    """Refuse what is not the answer of a verb of the lab."""
    if not isinstance(given, kind):
        raise UsageError(f"{quote(given)} is no {kind.__name__}", do=f"give what `lab.{verb}(...)` answers")


def open_lab(workspace: str | Path = "", now: str = "") -> Lab:
    """Open a laboratory on a copy of the workspace named, or found from here, in a temporary folder.

    `now` is the time that it lives at, as "2026-01-21T07:00", "" for the clock's: nothing later is known in
    it. What can be done is in `dir(lab)`, and shown by `lab`; the desk itself is written to by `lab.save`,
    `lab.save_rules` and a holdout alone, and its trials are counted. In a notebook a cell that begins with
    `%%rule NAME` becomes a file of rules of the lab.

    Raises:
        UsageError: no workspace. ParamsError: a file in it is wrong.

    """
    desk = open_desk(workspace, now=now)
    place = tempfile.mkdtemp(prefix="jstock-lab-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    root = Path(place) / "desk"
    copy_into_lab(desk, root)
    register_rule_magic()
    return Lab(open_desk(root, now=now), now, desk.workspace.root)


lab = open_lab
"""The name that notebooks use: `js.lab()`."""
