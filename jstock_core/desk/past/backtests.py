"""Backtests of a desk's groups, as they are or as variants, and the files that they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jstock_core.decide.groups import Group
from jstock_core.desk.day.history import desk_conditions, lived_mornings
from jstock_core.desk.past.comparison import Comparison
from jstock_core.desk.past.replays import panel_through, session_span
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.trials.holdout import end_before_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.desk.workspace.names import choose_groups, select_groups
from jstock_core.research.backtest import backtest


def run_backtest(
    desk: Desk,
    first: str,
    last: str,
    *,
    group: Group | str | Sequence[Group | str] = (),
    changes: Mapping[str, Any] | None = None,
) -> Comparison:
    """Backtest some groups of a desk, or all, from `first` to `last` (ISO), and measure them beside TOPIX.

    `changes` to keys of their files make variants of them, as {"entry.buy_threshold": 70}. A sample of the
    mornings is decided again from what was known then (see `prove_mornings`). With tables and charts beside
    the figures: `try_groups`, or `lab.backtest`.

    Raises:
        UsageError: a date is malformed, there is no session between them, or no group has that id.
        ParamsError: a change is not valid for one of the groups.
        DataError: no data for all of these sessions.

    """
    return try_groups(desk, first, last, group=group, changes=changes).prove().comparison


def try_groups(
    desk: Desk,
    first: str,
    last: str,
    *,
    group: Group | str | Sequence[Group | str] = (),
    changes: Mapping[str, Any] | None = None,
) -> Trial:
    """Backtest some groups of a desk, or all, from `first` to `last` (ISO): tables, charts and a card.

    `changes` to keys of their files make variants of them, as {"entry.buy_threshold": 70}.

    What was late on mornings that the desk lived is late here too. Each group is counted among the trials of
    the workspace, and a holdout that is not opened is kept out.

    Raises:
        UsageError, ParamsError, DataError: as `run_backtest`.

    """
    (start, end), ledger = session_span(desk, first, last), TrialLedger.of(desk.workspace)
    end = end_before_holdout(ledger, start, end)
    groups = _tried(desk, group)
    if changes:
        groups = tuple(each.but(changes) for each in groups)
    return fold_groups(desk, groups, start, end).count(ledger)


def _tried(desk: Desk, given: Group | str | Sequence[Group | str]) -> tuple[Group, ...]:
    """The groups given as such or by their ids; ids alone stand in the order of the desk."""
    each = (given,) if isinstance(given, Group | str) else tuple(given)
    names = [one for one in each if isinstance(one, str)]
    return select_groups(desk.groups, *names) if len(names) == len(each) else choose_groups(desk.groups, each)


def fold_groups(desk: Desk, groups: Sequence[Group], first: date, last: date) -> Trial:
    """Run groups over the trade dates from `first` to `last`, without counting them.

    Raises:
        DataError: no data for all of these sessions.

    """
    panel = panel_through(desk, last)
    late_on = lived_mornings(desk, first, last).late_on
    universes = UniverseHistory.read(desk.workspace, desk.monitored)
    conditions = desk_conditions(desk, late_on)
    done = backtest(panel, groups, conditions, first, last, monitored=universes.codes_on)
    return Trial(desk, done, panel, late_on=late_on)
