"""`jstock replay` and `jstock backtest` on a workspace: which prices, which groups, where to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import UsageError
from jstock_core.decide import Conditions
from jstock_core.desk.day.history import Tick, replay_into, silent
from jstock_core.desk.lab.comparison import Comparison
from jstock_core.desk.lab.measures import compare
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.lock import hold
from jstock_core.desk.workspace.monitored import Watch
from jstock_core.desk.workspace.names import select_groups
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.state.facts.events import Filled, OrderPlaced

if TYPE_CHECKING:
    from jstock_core.market.panel import Panel


def run_replay(
    first: str, last: str, *, workspace: str = "", into: str = "", now: str = "", tick: Tick = silent
) -> dict[str, Any]:
    """Journal every morning from `first` to `last`; what was done, as plain JSON.

    Raises:
        StateError: the journal holds later decisions and no other folder was named.

    """
    desk = open_desk(workspace, now=now)
    start, end = _span(desk, first, last)
    target = replace(desk, workspace=_Elsewhere(desk.workspace.root, Path(into))) if into else desk
    with target.writing(f"a replay from {start} to {end}") as journal:
        panel = market(desk, end)
        mornings = replay_into(target, panel, start, end, journal, tick)
        events = journal.events()
    return {
        "mornings": mornings,
        "orders": sum(isinstance(event, OrderPlaced) for event in events),
        "fills": sum(isinstance(event, Filled) for event in events),
        "simulated": panel.source.simulated,
        "journal": str(target.workspace.journal),
    }


@dataclass(frozen=True)
class _Elsewhere(Workspace):
    """A workspace whose journal, views and lock lie in another folder."""

    elsewhere: Path

    @property
    def state(self) -> Path:
        return self.elsewhere

    @property
    def journal_url(self) -> str:
        return ""

    @property
    def lock(self) -> Path:
        return self.elsewhere / ".lock"


def market(desk: Desk, last: date) -> Panel:
    """Everything stored, after a fetch where the simulated market does not yet reach `last`."""
    with hold(desk.workspace.data / ".fetch", "a fetch"):
        desk.fetch(last)
    return desk.panel()


def _span(desk: Desk, first: str, last: str) -> tuple[date, date]:
    start, end = parse_date(first), parse_date(last)
    if start > end:
        raise UsageError(f"--from {start} lies after --to {end}", do="give the earlier date first")
    sessions = desk.calendar.between(start, end)
    if not sessions:
        raise UsageError(f"there is no session from {start} to {end}", do="give a longer span")
    desk.trade_date(sessions[-1])
    return sessions[0], sessions[-1]


def run_backtest(first: str, last: str, *, group: str = "", workspace: str = "", now: str = "") -> Comparison:
    """Fold the decisions of one group, or of all, over past sessions and measure them."""
    from jstock_core.research.backtest import backtest

    desk = open_desk(workspace, now=now)
    start, end = _span(desk, first, last)
    panel = market(desk, end)
    groups = select_groups(desk.groups, group)
    conditions = Conditions(desk.monitored, desk.settings.costs)
    watch = Watch.of(desk.workspace, desk.monitored)
    done = backtest(panel, groups, conditions, start, end, monitored=watch.on)
    return compare(done, panel)
