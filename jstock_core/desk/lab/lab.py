"""The lab: rules and groups tried on a copy of a desk, which itself is never touched.

lab = open_lab()                          a copy in a temporary folder, gone when the process ends
lab = lab.with_rules(source)              a file of rules, named in the copy's params/desk.yaml
lab.check("MyRule")                       its certificate
group = lab.group("mine", declared)       a group, from the keys of a group file
trial = lab.backtest([group], first)      measured beside TOPIX
lab.evaluate(groups, first)               each group alone, over one set of features
lab.prove(trial)                          mornings decided again from what was known then
day = lab.morning(trial)                  the morning after the trial's last session
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import ParamsError
from jstock_core.base.intent import Intent
from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group, make_group
from jstock_core.decide.morning import morning
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.day.market import morning_market
from jstock_core.desk.day.result import Day
from jstock_core.desk.lab.comparison import Comparison
from jstock_core.desk.lab.replays import panel_through
from jstock_core.desk.lab.strategies import check_strategies
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.copies import copy_parameters
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.monitored import UniverseHistory
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.research.certificates import Certificate
from jstock_core.research.combinations import GroupEvaluation, evaluate_groups
from jstock_core.research.proof import SAMPLE, MorningsProof, prove_mornings

_STATE = ("state", "certificates", ".*", "fetched.json")
"""What a copy of the data leaves behind: the journal, what was proven, locks."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A backtest in the lab, and the market it ran on, as it is stored."""

    desk: Desk = field(repr=False)
    done: Backtest
    market: Panel

    @cached_property
    def panel(self) -> Panel:
        """The market as known on the morning after the last session: no later bar, and no later split."""
        return self.market.known_at(decision_time(tse().next(self.done.last)))

    @property
    def comparison(self) -> Comparison:
        """The metrics of each group beside TOPIX."""
        return Comparison.of(self.desk, self.done, self.market)


@dataclass(frozen=True, eq=False)
class Lab:
    """A copy of a desk to try things on. `now` is the time it lives at, "" for the clock's."""

    desk: Desk
    now: str

    def with_rules(self, source: str, name: str = "my_rules.py") -> Lab:
        """Write Python source to `params/<name>` and open the desk again with the rules in it.

        Raises:
            ParamsError: the file cannot be imported, or registers a name that is taken.

        """
        relative = f"params/{name}"
        write_atomically(self.desk.workspace.inside(relative), source.encode())
        _name_plugin(self.desk.workspace, relative)
        return replace(self, desk=open_desk(self.desk.workspace.root, now=self.now))

    def group(self, id_: str, declared: Mapping[str, Any]) -> Group:
        """Make a group from the keys of a group file; it may name the lab's own rules.

        Raises:
            ParamsError: a key, a rule or a parameter is unknown, missing or out of range.

        """
        return make_group(id_, declared, where=f"the group {id_}", rules=self.desk.rules)

    def check(self, name: str) -> Certificate:
        """Certify a rule with its defaults.

        Raises:
            UsageError: no rule has that name. DataError: there is too little data to try it on.

        """
        return check_strategies(self.desk, name).certificates[0]

    def backtest(self, groups: Sequence[Group], first: str | date, last: str | date = "") -> Trial:
        """Run the groups from `first` to `last`, by default up to the last session that is known.

        Raises:
            UsageError: a date is malformed. DataError: no data for all of these sessions.

        """
        end = self._end(last)
        panel, (conditions, universes) = panel_through(self.desk, end), self._watch()
        done = backtest(panel, groups, conditions, parse_date(first), end, monitored=universes.codes_on)
        return Trial(self.desk, done, panel)

    def evaluate(
        self, groups: Sequence[Group], first: str | date, last: str | date = "", *, workers: int = 1
    ) -> tuple[GroupEvaluation, ...]:
        """Backtest and measure each group alone, as `backtest` would, over one set of features.

        Raises:
            UsageError: a date is malformed, or `workers` is under 1.
            DataError: no data for all of these sessions.

        """
        end = self._end(last)
        panel, (conditions, universes) = panel_through(self.desk, end), self._watch()
        return evaluate_groups(
            panel, groups, conditions, parse_date(first), end, monitored=universes.codes_on, workers=workers
        )

    def prove(self, trial: Trial, sample: int = SAMPLE) -> MorningsProof:
        """Decide a sample of a trial's mornings again from what was known then, in another process."""
        conditions, universes = self._watch()
        return prove_mornings(trial.done, trial.market, conditions, universes.codes_on, sample=sample)

    def morning(self, trial: Trial) -> Day:
        """Preview the morning after a trial's last session, on the books that the trial left.

        Raises:
            UsageError: the bars of the trial's last session are not public yet.
            DataError: the market data is stale, or forbids deciding.

        """
        done = trial.done
        wanted = self.desk.trade_date(self.desk.calendar.next(done.last))
        market = morning_market(self.desk.with_universe_of(wanted), trial.market, wanted)
        market = replace(market, conditions=replace(market.conditions, late=False))
        step = morning(done.book, market.view, 0, done.groups, market.conditions)
        events = (*done.events, *step.events)
        return Day.of(self.desk, wanted, Intent.PREVIEW, events, market, groups=tuple(done.groups))

    def _end(self, last: str | date) -> date:
        """The last session to run, by default the last that is known."""
        return parse_date(last) if last else self.desk.calendar.previous(self.desk.next_trade_date)

    def _watch(self) -> tuple[Conditions, UniverseHistory]:
        """What the desk's groups share, and what is monitored when."""
        return desk_conditions(self.desk), UniverseHistory.read(self.desk.workspace, self.desk.monitored)


def open_lab(workspace: str | Path = "", *, now: str = "") -> Lab:
    """Copy the workspace named, or found from here, into a temporary folder: parameters and market data.

    Raises:
        UsageError: no workspace. ParamsError: a file in it is wrong.

    """
    desk = open_desk(workspace, now=now)
    place = tempfile.mkdtemp(prefix="jstock-lab-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    root = Path(place) / "desk"
    _copy(desk, root)
    return Lab(open_desk(root, now=now), now)


def _copy(desk: Desk, root: Path) -> None:
    """Market data that can be fetched again is not copied: only the universes that it is watched with are.

    The copy has no name, so that it can never write into a journal that is kept on a server.
    """
    source = desk.workspace
    copy_parameters(desk, root, "")
    data = source.data / "universe" if desk.provider.capabilities.reproducible else source.data
    if data.exists():
        target = root / data.relative_to(source.root)
        ignored = shutil.ignore_patterns(*_STATE)
        shutil.copytree(data, target, ignore=ignored, dirs_exist_ok=True)


def _name_plugin(workspace: Workspace, relative: str) -> None:
    """Add a file to `plugins` in `params/desk.yaml`."""

    def change(content: Any) -> None:
        named = content.setdefault("plugins", [])
        if not isinstance(named, list):
            raise ParamsError(
                "plugins is not a list", where=str(workspace.desk_yaml), do="write a list of Python files"
            )
        if relative not in named:
            named.append(relative)

    edit_yaml(workspace.desk_yaml, change)
