"""Replays of a desk: which sessions, which prices, where to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Tick, silent
from jstock_core.decide.groups import manual_groups
from jstock_core.desk.day.history import (
    NONE_LIVED,
    LivedMornings,
    lived_mornings,
    replay_into,
)
from jstock_core.desk.workspace.checks.declared import refuse_contradictions
from jstock_core.desk.workspace.copies import copy_for_replay
from jstock_core.desk.workspace.dates import parse_date, require_order
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.lock import hold
from jstock_core.desk.workspace.required import require_desk
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import outside_data
from jstock_core.state.facts.events import Filled, OrderPlaced


@dataclass(frozen=True)
class ReplayResult:
    """How many mornings were replayed, the orders and fills in the journal afterwards, and where it is.

    `workspace` is the one that was made for it, `desk` the name it got; None and "" where it is the desk's.
    `filled_on_paper` are the groups that a person fills, whose orders were filled on paper at the open.
    """

    mornings: int
    orders: int
    fills: int
    simulated: bool
    journal: Path
    filled_on_paper: tuple[str, ...]
    workspace: Path | None = None
    desk: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        place = None if self.workspace is None else str(self.workspace)
        return {
            **asdict(self),
            "journal": str(self.journal),
            "filled_on_paper": list(self.filled_on_paper),
            "workspace": place,
        }


def run_replay(
    desk: Desk, first: str, last: str, *, tick: Tick = silent, lived: LivedMornings = NONE_LIVED
) -> ReplayResult:
    """Journal every morning from `first` to `last`; `lived` is what was so where they were lived.

    Raises:
        UsageError: a date is malformed, or there is no session between them.
        StateError: the journal holds decisions on or after `first`.

    """
    start, end = session_span(desk, first, last)
    with desk.writing(f"a replay from {start} to {end}") as journal:
        refuse_contradictions(desk, journal.book())
        panel = panel_through(desk, end)
        mornings = replay_into(desk, panel, start, end, journal, tick, lived)
        events = journal.events()
    return ReplayResult(
        mornings=mornings,
        orders=sum(isinstance(event, OrderPlaced) for event in events),
        fills=sum(isinstance(event, Filled) for event in events),
        simulated=panel.source.simulated,
        journal=desk.workspace.journal,
        filled_on_paper=manual_groups(desk.groups),
    )


def replay_into_copy(
    desk: Desk, first: str, last: str, folder: str | Path, *, tick: Tick = silent
) -> ReplayResult:
    """Replay into a workspace of its own, made in a new folder; the desk's journal is untouched.

    Raises:
        UsageError: as `run_replay`, or the folder holds something already.

    """
    lived = lived_mornings(desk, *session_span(desk, first, last))
    with copy_for_replay(desk, folder) as copy:
        done = run_replay(copy, first, last, tick=tick, lived=lived)
    return replace(done, workspace=copy.workspace.root, desk=copy.settings.desk)


def panel_through(desk: Desk, last: date) -> Panel:
    """Everything stored, after a fetch where the store does not yet reach `last`."""
    with hold(desk.workspace.data / ".fetch", "a fetch"):
        desk.fetch(last)
    return desk.panel()


def session_span(desk: Desk, first: str, last: str) -> tuple[date, date]:
    """The first and the last session from `first` to `last`.

    Raises:
        UsageError: a date is malformed or lies too far ahead, or there is no session between them.
        DataError: a date lies outside of the calendar.

    """
    require_desk(desk)
    start, end = parse_date(first), parse_date(last)
    require_order(start, end)
    require_calendar(start, end, desk.panel)
    sessions = desk.calendar.between(start, end)
    if not sessions:
        raise UsageError(f"there is no session from {start} to {end}", do="give a longer span")
    desk.trade_date(sessions[-1])
    return sessions[0], sessions[-1]


def require_calendar(first: date, last: date, panel: Callable[[], Panel]) -> None:
    """Make sure that the calendar covers a span: of one that it does not, the data that there is is named.

    Raises:
        DataError: a date lies outside of the calendar.

    """
    if first < tse().first or last > tse().last:
        raise outside_data(panel(), first, last)
