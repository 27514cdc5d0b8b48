"""Run a walk-forward of a desk's group, and show its results."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import ExitStatus
from jstock_core.base.plain import plain_json
from jstock_core.base.progress import Tick, silent
from jstock_core.base.words import number, pct, plural
from jstock_core.decide import trusted_features
from jstock_core.desk.past.replays import panel_through
from jstock_core.desk.sweeps.place import SweepGround, SweepPlace
from jstock_core.desk.sweeps.walk_file import WalkDeclaration
from jstock_core.desk.trials.tally import TrialTally
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.reports.model.lab.lab import WalkSheet, WindowLine
from jstock_core.reports.render.parts.table import Bundle, Display, Table
from jstock_core.reports.render.research.walk import walk_card, walk_plot, windows_table
from jstock_core.reports.render.svg.files import figure_files
from jstock_core.research.backtest import span
from jstock_core.research.frames.trials import metrics_frame, trades_frame
from jstock_core.research.frames.walks import chosen_frame, stability_frame, walk_equity_frame, windows_frame
from jstock_core.research.growth import drawdowns, growth
from jstock_core.research.performance import TrackRecord
from jstock_core.research.proof import SAMPLE, MorningsProof
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.walk.choice import WalkWindow, choose_sets, measure_without
from jstock_core.research.walk.walk import WalkRecord, trade_choices

if TYPE_CHECKING:
    import pandas as pd


UNPROVEN = "No morning of the curve was decided again: prove() does it for a sample of them."


@dataclass(frozen=True, eq=False, repr=False)
class WalkForward:
    """The results of a walk-forward: one curve out of sample, and the choices of all windows.

    - `tally`: all trials of the workspace at that time, without the sets of these train spans.
    - `marks`: as `Desk.marks`, such as SIMULATED.
    - `proof`: None if no morning was decided again.
    """

    record: WalkRecord
    scheme: str
    folder: Path
    tally: TrialTally
    marks: tuple[str, ...] = ()
    proof: MorningsProof | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each window: spans, set, values, figures in and out of sample (see `windows_frame`)."""
        return windows_frame(self.record)

    @property
    def equity(self) -> pd.DataFrame:
        """The curve of all test spans, beside TOPIX and the group as declared; see `walk_equity_frame`."""
        return walk_equity_frame(self.record)

    @property
    def chosen(self) -> pd.DataFrame:
        """The chosen values, a row for each window."""
        return chosen_frame(self.record)

    @property
    def stability(self) -> pd.DataFrame:
        """How stable the choice of each key was (see `KeyStability`)."""
        return stability_frame(self.record)

    @property
    def trades(self) -> pd.DataFrame:
        """Lots sold out of sample, one row each (see `trades_frame`)."""
        return trades_frame(self.record.done, self.record.panel)

    @property
    def records(self) -> dict[str, TrackRecord]:
        """The track records of the choices and of the group as declared."""
        return self.record.records

    @property
    def metrics(self) -> pd.DataFrame:
        """All metrics out of sample: of the choices, of the group as declared, and of TOPIX."""
        return metrics_frame(self.records)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the curve, a sentence each."""
        return (*self.record.warnings, *self.tally.notes)

    @cached_property
    def chance(self) -> dict[str, ChanceMeasure]:
        """Tests of both records against chance, with all trials of the workspace."""
        levels = self.record.topix
        measured = {"chosen": self.record.whole, "as declared": self.record.base}
        return {name: self.tally.judge(each.returns, levels) for name, each in measured.items()}

    @property
    def title(self) -> str:
        """The group, the number of windows, the span traded, and marks of the market."""
        done, windows = self.record.done, plural(len(self.record.windows), "window")
        marks = "".join(f"  {mark}" for mark in self.marks)
        return f"{self.record.group.id}: {windows}, {done.first} to {done.last}{marks}"

    @property
    def exit(self) -> ExitStatus:
        """OK; REFUTED if a morning was decided differently; DEGRADED if a set raised or ended its process.

        Sets that are not valid do not count.
        """
        if self.proof is not None and not self.proof.passed:
            return ExitStatus.REFUTED
        tables = [window.table for window in self.record.windows]
        broken = any(
            result.reason and not planned.reason
            for table in tables
            for planned, result in zip(table.plan.sets, table.results, strict=True)
        )
        return ExitStatus.DEGRADED if broken else ExitStatus.OK

    def prove(self, sample: int = SAMPLE) -> WalkForward:
        """Decide a sample of the mornings again from what was known then, each with its window's choice.

        The results of the sets over the train spans are not checked.
        """
        return replace(self, proof=self.record.prove(sample))

    def plot(self) -> Display:
        """Draw the curve out of sample beside the group as declared and TOPIX."""
        return walk_plot(self.sheet)

    def table(self) -> Table:
        """The windows with their choices and results."""
        return windows_table(self.sheet)

    @cached_property
    def sheet(self) -> WalkSheet:
        """The values that the card shows."""
        return _make_sheet(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return walk_card(self.sheet)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line the group, the span, return and Sharpe ratio."""
        figures = self.metrics["chosen"]
        total, sharpe = 100 * figures["total_return"], figures["sharpe"]
        return f"<Walk-forward of {self.title}: return {pct(total, 2)}, Sharpe {number(sharpe)}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; the figures of every set are in the folder."""
        own = {
            "trials": self.tally.trials,
            "chance": plain_json(self.chance),
            "warnings": list(self.warnings),
            "proof": None if self.proof is None else self.proof.as_json(),
        }
        return {**self.record.as_json(), **own, "scheme": self.scheme, "folder": str(self.folder)}


def run_walk(desk: Desk, declared: WalkDeclaration, place: SweepPlace, tick: Tick = silent) -> WalkForward:
    """Run a walk-forward. Sets with kept results are not evaluated again.

    Raises:
        ParamsError: no set can be made.
        UsageError: there are too few sessions for a window, or the workers or the cluster cannot be used.
        DataError: no data for all of these sessions. WriteError: the folder cannot be written.

    """
    return walk_panel(desk, panel_through(desk, declared.sweep.last), declared, place, tick)


def walk_panel(
    desk: Desk, panel: Panel, declared: WalkDeclaration, place: SweepPlace, tick: Tick = silent
) -> WalkForward:
    """Run a walk-forward on a panel; see `run_walk`."""
    declared = replace(declared, sweep=place.before_holdout(desk, declared.sweep))
    ground = SweepGround.of(desk, panel, declared.sweep)
    newest = panel.session(len(panel.sessions) - 1)
    days = [day for day in ground.sessions if day <= newest]
    cuts = declared.scheme.split(days)
    spans = [((days[c.train[0]], days[c.train[-1]]), (days[c.test[0]], days[c.test[-1]])) for c in cuts]
    plans = [ground.plan.over(*train) for train, _ in spans]
    every = replace(ground.plan, sets=tuple(each for plan in plans for each in plan.sets))
    counter = place.counter(desk, declared.sweep.group, "window", days)
    results, size = place.evaluate(ground.market, every, counter, tick), len(ground.plan.sets)
    tables = [
        SweepTable(plan, results[n * size : (n + 1) * size], tuple(days[place] for place in cut.train))
        for n, (plan, cut) in enumerate(zip(plans, cuts, strict=True))
    ]
    tables = [
        measure_without(table, [place - cut.train.start for place in cut.embargoed])
        for table, cut in zip(tables, cuts, strict=True)
    ]
    windows = choose_sets(tables, spans, declared.criterion)
    view = span(panel, trusted_features(panel), windows[0].test[0], windows[-1].test[1])
    group, watch = declared.sweep.group, ground.market.watch
    done, base = trade_choices(view, group, ground.plan, windows, watch)
    record = WalkRecord(group, ground.plan, windows, declared.criterion, panel, watch, done, base)
    traded = replace(counter, span=(record.done.first, record.done.last))
    how = f"{declared.scheme}, by {declared.criterion}"
    tally = traded.tally_walk(every, results, {"chosen": record.whole, "as declared": record.base}, how)
    return WalkForward(record, str(declared.scheme), place.folder, tally, desk.marks)


def write_walk(done: WalkForward) -> tuple[Path, ...]:
    """Write the windows, the curve and its chart beside the shards, for other programs.

    Raises:
        WriteError: the folder cannot be written.

    """
    shards, files = Shards(done.folder), {}
    for name, frame in (("windows", done.frame), ("equity", done.equity)):
        out = io.BytesIO()
        mixed = [column for column in frame if frame[column].dtype == object]
        frame.astype(dict.fromkeys(mixed, str)).to_parquet(out)
        files[f"{name}.parquet"] = out.getvalue()
    files |= {name: svg.encode() for name, svg in figure_files(done.plot().html).items()}
    return tuple(shards.write(name, content) for name, content in files.items())


def _make_sheet(walk: WalkForward) -> WalkSheet:
    record, records = walk.record, walk.records
    days, levels = tse().between(record.done.first, record.done.last), record.topix
    curve, base = growth(record.whole.returns), growth(record.base.returns)
    return WalkSheet(
        title=f"of {record.group.id}, {record.done.first} to {record.done.last}",
        marks=walk.marks,
        group=record.group.id,
        records=records,
        sessions=(tse().previous(days[0]), *days),
        walk=(100 * (curve - 1)).tolist(),
        declared=(100 * (base - 1)).tolist(),
        topix=(100 * (levels / levels[0] - 1)).tolist(),
        drawdown=(100 * drawdowns(curve)).tolist(),
        rank=record.criterion.rank,
        criterion=str(record.criterion),
        scheme=walk.scheme,
        keys=tuple(record.plan.ranges.values),
        windows=tuple(_window_lines(record)),
        stability=record.stability,
        chance=walk.chance,
        warnings=walk.warnings,
        proof=UNPROVEN if walk.proof is None else walk.proof.sentence,
    )


def _window_lines(record: WalkRecord) -> list[WindowLine]:
    rank = record.criterion.rank
    parts = zip(record.windows, record.values, record.trains, record.tests, strict=True)
    return [
        _line(window, values, train.get(rank, float("nan")), test, rank)
        for window, values, train, test in parts
    ]


def _line(window: WalkWindow, values: Any, train: float, test: dict[str, float], rank: str) -> WindowLine:
    return WindowLine(
        train_span=window.train,
        test_span=window.test,
        values=tuple(str(value) for value in values.values()),
        kept=window.kept,
        train=train,
        test=test[rank],
        total_return=test["total_return"],
        topix_return=test["topix_return"],
    )
