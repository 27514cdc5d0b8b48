"""What a lab's trials are of: groups, spans of sessions, and the market as far as they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.decide.groups import Group, make_group
from jstock_core.desk.lab.tables import LabTables
from jstock_core.desk.past.replays import panel_through, require_calendar
from jstock_core.desk.trials.holdout import end_before_holdout
from jstock_core.desk.workspace.dates import parse_span
from jstock_core.desk.workspace.names import choose_groups
from jstock_core.market.panel import Panel


@dataclass(frozen=True, eq=False, repr=False)
class LabChoices(LabTables):
    """The groups of a lab, and what is given of groups, dates and codes, read."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of the desk."""
        return self.desk.groups

    def group(self, id_: str, declared: Mapping[str, Any] | None = None) -> Group:
        """A group of the desk, or one from the keys of a group file; it may name the lab's own rules.

        Raises:
            UsageError: no group of the desk is called so.
            ParamsError: a key, a rule or a parameter is unknown, missing or out of range.

        """
        if declared is None:
            return self._one(id_)
        return make_group(id_, declared, where=f"the group {id_}", rules=self.desk.rules)

    def _each(self, given: Group | str | Sequence[Group | str]) -> tuple[Group, ...]:
        """The groups given, each to be tried alone: two may have the same id."""
        chosen = choose_groups(self.desk.groups, given)
        if not chosen:
            raise UsageError("there is no group to try", do="give a group, or the id of one of the desk")
        return chosen

    def _one(self, given: Group | str) -> Group:
        """The one group given."""
        chosen = self._each(given)
        if len(chosen) > 1:
            raise UsageError(f"{len(chosen)} groups are given, and one is asked for", do="give one of them")
        return chosen[0]

    def _groups(self, given: Group | str | Sequence[Group | str], fills: str) -> tuple[Group, ...]:
        chosen = self._each(given)
        twice = [id_ for id_, count in Counter(group.id for group in chosen).items() if count > 1]
        if twice:
            do = 'give groups of different ids; `group.named("other")` is a copy'
            raise UsageError(f"two groups are called {twice[0]}", do=do)
        return tuple(group.but(fills=fills) if fills else group for group in chosen)

    def _span(self, first: str | date, last: str | date) -> tuple[date, date]:
        """The first and the last day to run: of a month or year that is not over, what is known of it.

        So it is of one in which the data begin or end. A holdout that is not opened is kept out.

        Raises:
            UsageError: a date is malformed, or no session from the first one on is known.
            DataError: a date lies outside of the calendar.

        """
        start, end = parse_span(first, last)
        newest = self.desk.calendar.previous(self.desk.next_trade_date)
        if start is not None and start >= self.desk.next_trade_date:
            raise UsageError(
                f"no session from {start} on is known to the lab",
                where=f"it is {self.desk.now():%Y-%m-%d %H:%M} JST; the last session known is {newest}",
                do="give earlier dates, or open the lab at a later time",
            )
        known = min((newest, *self.panel.dates[-1:]))
        if end is None or (_is_period(last) and (parse_span(last, last)[0] or end) <= known):
            end = min(end or known, known)
        oldest = self.desk.calendar.next(self._stored.session(0))
        if start is None or (_is_period(first) and start < oldest <= (parse_span(first, first)[1] or start)):
            start = oldest
        require_calendar(start, end, lambda: self._stored)
        return start, end_before_holdout(self.ledger, start, end)

    def _through(self, last: date) -> Panel:
        """What is known at the lab's time, fetched as far as a trade date."""
        newest = self.panel.dates[-1:]
        if newest and last <= newest[0]:
            return self.panel
        return panel_through(self.desk, last).known_at(self.desk.now())


def _is_period(given: str | date) -> bool:
    """A month or a year, and no day."""
    return isinstance(given, str) and len(given) < len("2026-01-21")
