"""Run a sweep of a desk's group, and show its results. Results are kept in a folder and reused."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import ExitStatus
from jstock_core.base.plain import plain_json
from jstock_core.base.progress import Tick, silent
from jstock_core.desk.past.replays import panel_through
from jstock_core.desk.sweeps.paths import SweepPaths
from jstock_core.desk.sweeps.place import SweepGround, SweepPlace
from jstock_core.desk.sweeps.sampling import find_results
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration
from jstock_core.desk.trials.tally import TrialTally
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Floats, Panel
from jstock_core.reports.render.lab.results.best import BestSetCard
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Bundle, Display, Table, stack, text_line
from jstock_core.reports.render.research.chance import SweepLuckCard, sweep_luck_table
from jstock_core.reports.render.research.sweep import sweep_heat_map, sweep_top_table
from jstock_core.reports.render.svg.files import figure_files
from jstock_core.research.sweep.run import ENDED
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.walk.paths import FoldScheme, combine_paths

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """The results of a sweep.

    - `tally`: all trials of the workspace at that time.
    - `topix`: levels (S + 1,) of TOPIX from the close before the first trade date on.
    - `marks`: as `Desk.marks`, such as SIMULATED.
    - `shown`: how many of the best sets are shown.
    """

    table: SweepTable
    declared: SweepDeclaration
    place: SweepPlace
    simulated: bool
    tally: TrialTally
    topix: Floats
    marks: tuple[str, ...] = ()
    shown: int = 10

    @property
    def rank(self) -> str:
        """The figure by which sets are compared by default."""
        return self.declared.rank

    @property
    def folder(self) -> Path:
        """The folder with its results."""
        return self.place.folder

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each set: its values, its figures, and the reason if it has none."""
        return self.table.frame

    @property
    def returns(self) -> pd.DataFrame:
        """Daily returns as fractions: a row for each trade date, a column for each set."""
        return self.table.returns

    @property
    def costs(self) -> pd.Series:
        """Seconds that each set took."""
        return self.table.costs

    @property
    def failed(self) -> dict[int, str]:
        """Reasons why sets have no figures, by number."""
        return self.table.failed

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the best set, a sentence each."""
        luck = self.luck.warnings if self.luck else ()
        return (*self.table.warnings(self.rank), *luck, *self.tally.notes)

    @cached_property
    def luck(self) -> SweepLuckCard | None:
        """Tests of the best set against chance; None if no set has the figure `rank`."""
        if not self.table.ranking(self.rank):
            return None
        found = SweepLuckCard.of(self.table, self.rank, self.topix, self.tally.judge)
        return replace(found, marks=self.marks)

    def best(self, metric: str = "") -> BestSetCard:
        """The best set by a figure, by default `rank`.

        Raises:
            UsageError: sets are not ranked by it. DataError: no set has it.

        """
        return BestSetCard(**vars(self.table.best(metric or self.rank)), marks=self.marks)

    def plateau(self, metric: str = "") -> pd.Series:
        """The mean figure of each set and its neighbours (see `SweepTable.plateau`)."""
        import pandas as pd

        return pd.Series(self.table.plateau(metric or self.rank), name="plateau").rename_axis("set")

    def heatmap(self, metric: str = "", down: str = "", across: str = "") -> Display:
        """A heat map of a figure over two keys, by default the first two, as the mean over the others."""
        axes = list(self.table.plan.ranges.values)
        chosen = down or axes[0], across or axes[1 % len(axes)]
        return sweep_heat_map(self.table, metric or self.rank, *chosen, self.marks)

    def top(self, count: int = 0, metric: str = "") -> Table:
        """The best sets as a table: `count` of them, 0 for as many as the card shows.

        Raises:
            UsageError: `count` is no whole number from 0 on, or there is no such figure.

        """
        shown = require_whole(count, "the number of sets to show", 0) or self.shown
        return sweep_top_table(self.table, metric or self.rank, shown)

    def paths(
        self, folds: int = 10, tests: int = 2, purge: int = 0, embargo: int = 0, metric: str = ""
    ) -> SweepPaths:
        """Combinatorial purged cross-validation of the sets (see `combine_paths`), with `tests` test folds.

        Raises:
            UsageError: the folds are too short, or the figure needs consecutive sessions.
            DataError: no set has the figure.

        """
        rank, scheme = metric or self.rank, FoldScheme(folds, tests, purge, embargo)
        return SweepPaths(self.table, combine_paths(self.table, scheme, rank), rank, self.marks)

    @property
    def title(self) -> str:
        """The group, the number of sets, the span, and marks of the market."""
        sessions, sets = self.table.sessions, len(self.table.results)
        marks = "".join(f"  {mark} MARKET" if mark == "SIMULATED" else f"  {mark}" for mark in self.marks)
        return f"{self.table.plan.group}: {sets} sets, {sessions[0]} to {sessions[-1]}{marks}"

    @property
    def exit(self) -> ExitStatus:
        """OK, or DEGRADED if a set raised or ended its process; sets that are not valid do not count."""
        planned = zip(self.table.plan.sets, self.table.results, strict=True)
        return ExitStatus.DEGRADED if any(r.reason and not p.reason for p, r in planned) else ExitStatus.OK

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """The card of a notebook: the best sets, tests and warnings."""
        luck = [sweep_luck_table(self.luck)] if self.luck else []
        warnings = (text_line(warning, "Note:") for warning in self.warnings)
        shown = titled(f"Sweep of {self.title}", stack([self.top(), *luck, *warnings]))
        return shown._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was swept, and which set is best."""
        ranked = self.table.ranking(self.rank)
        return f"<Sweep of {self.title}: {self.table.at(ranked[0]) if ranked else 'no set has figures'}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; the figures of every set are in the folder."""
        table = self.table
        return {
            "group": table.plan.group,
            "first": str(table.sessions[0]),
            "last": str(table.sessions[-1]),
            "simulated": self.simulated,
            "sets": len(table.results),
            "rank": self.rank,
            "best": [plain_json(table.at(n)) for n in table.ranking(self.rank)[: self.shown]],
            "failed": [{"set": n, "reason": reason} for n, reason in self.failed.items()],
            "warnings": list(self.warnings),
            "trials": self.tally.trials,
            "luck": self.luck.as_json() if self.luck else None,
            "seconds": plain_json(float(sum(found.seconds for found in table.results))),
            "ended": sum(found.reason == ENDED for found in table.results),
            "folder": str(self.folder),
        }


def run_sweep(desk: Desk, declared: SweepDeclaration, place: SweepPlace, tick: Tick = silent) -> Sweep:
    """Run a sweep. Sets with kept results are not evaluated again, and sessions of a closed holdout not used.

    Raises:
        ParamsError: no set can be made. UsageError: the workers or the cluster cannot be used.
        DataError: no data for all of these sessions. WriteError: the folder cannot be written.

    """
    return sweep_panel(desk, panel_through(desk, declared.last), declared, place, tick)


def sweep_panel(
    desk: Desk, panel: Panel, declared: SweepDeclaration, place: SweepPlace, tick: Tick = silent
) -> Sweep:
    """Run a sweep on a panel; see `run_sweep`."""
    declared = place.before_holdout(desk, declared)
    with place.beginning() as begun:
        ground = SweepGround.of(desk, panel, declared)
        counter = place.counter(desk, declared.group, "set", ground.sessions)
        plan, results = find_results(ground, declared, begun, counter, tick)
    table, tally = SweepTable(plan, results, ground.sessions), counter.tally(plan, results)
    return Sweep(table, declared, place, panel.source.simulated, tally, ground.topix, desk.marks)


def write_summary(done: Sweep) -> tuple[Path, ...]:
    """Write the table and a heat map of the first two keys beside the shards, for other programs.

    Raises:
        WriteError: the folder cannot be written.

    """
    frame, out = done.frame, io.BytesIO()
    mixed = [key for key in done.table.plan.ranges.values if frame[key].dtype == object]
    frame.astype(dict.fromkeys(mixed, str)).to_parquet(out)
    files = {"table.parquet": out.getvalue()}
    files |= {name: svg.encode() for name, svg in figure_files(done.heatmap().html).items()}
    shards = Shards(done.folder)
    return tuple(shards.write(name, content) for name, content in files.items())
