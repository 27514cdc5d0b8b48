"""An open desk: its parameters, its store, its journal and its clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.data.load import load
from jstock_core.data.store import Store
from jstock_core.desk.clock import Clock, make_clock
from jstock_core.desk.fetched import read_fetched, write_fetched
from jstock_core.desk.settings import Settings, make_provider, read_monitor_list, read_settings
from jstock_core.desk.workspace import Workspace, find_workspace
from jstock_core.errors import DataError, ParamsError
from jstock_core.groups import Group, read_groups
from jstock_core.market.calendar import Calendar, decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.params import did_you_mean
from jstock_core.signals.plugins import load_files

if TYPE_CHECKING:
    from jstock_core.state.journal import Journal

JUST_NOW = timedelta(minutes=10)

Say = Callable[[str], None]


def silent(_text: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Desk:
    """A workspace opened: parameters are read and checked, nothing else has happened yet."""

    workspace: Workspace
    settings: Settings
    groups: tuple[Group, ...]
    monitored: tuple[str, ...]
    clock: Clock

    @cached_property
    def store(self) -> Store:
        """The market facts of this workspace."""
        return Store(self.workspace.data)

    @property
    def calendar(self) -> Calendar:
        """TSE's sessions."""
        return tse()

    @property
    def provider_id(self) -> str:
        """What the journal is bound to."""
        provider = make_provider(self.settings)
        return provider.id if provider else str(self.settings.provider["use"])

    def now(self) -> datetime:
        """The time by the desk's clock."""
        return self.clock()

    def on(self, trade_date: date) -> Desk:
        """The desk as it watched the market for a trade date: a past one with the universe of its day."""
        from jstock_core.desk.gate import default_trade_date
        from jstock_core.desk.universe import monitored_on

        known = monitored_on(self.workspace, self.calendar.previous(trade_date))
        if known is None or trade_date >= default_trade_date(self):
            return self
        return replace(self, monitored=known)

    def journal(self) -> Journal:
        """The journal, opened and verified: the workspace's own file, or what `JSTOCK_JOURNAL_URL` names.

        Raises:
            StateError: it is damaged, on other prices, or kept for another desk.
            ParamsError: it is named by URL, and the desk has no name to keep it for.

        """
        from jstock_core.state.journal import Journal

        url = self.workspace.journal_url
        if not url:
            return Journal.open(self.workspace.journal, self.provider_id, self.clock)
        if not self.settings.desk:
            raise ParamsError(
                "a journal named by JSTOCK_JOURNAL_URL is kept for one desk, and this one has no name",
                where=str(self.workspace.desk_yaml),
                do="write `desk: NAME` there, or unset JSTOCK_JOURNAL_URL",
            )
        from jstock_core.state.owner import claim

        journal = Journal.open(url, self.provider_id, self.clock)
        claim(url, self.settings.desk)
        return journal

    def fetched_at(self) -> datetime | None:
        """When the store was last brought up to date; None where it never was."""
        return read_fetched(self.workspace.fetched)

    def fetch(self, trade_date: date, say: Say = silent) -> None:
        """Bring the store up to what is public for a trade date, unless that was done just now.

        Imported files have no provider to ask: their rows come by `jstock data import`.
        """
        provider = make_provider(self.settings)
        if provider is None or self._is_fresh(trade_date):
            return
        say("fetch market data")
        now = self.now()
        self.store.update(provider, now)
        self.mark_fetched(now)

    def _is_fresh(self, trade_date: date) -> bool:
        fetched = self.fetched_at()
        through = self.store.read().last("bars")
        if fetched is None or through is None or through < self.calendar.previous(trade_date):
            return False
        return fetched >= min(self.now() - JUST_NOW, decision_time(trade_date))

    def mark_fetched(self, now: datetime) -> None:
        """Remember that the store holds what was public at `now`."""
        write_fetched(self.workspace.fetched, now)

    def decided_at(self, trade_date: date) -> datetime:
        """The decision time: 07:00 JST of the trade date, or the last fetch, where that was earlier."""
        return min(self.now(), self.fetched_at() or self.now(), decision_time(trade_date))

    def panel(self) -> Panel:
        """Everything stored, with the monitored codes checked against it.

        Raises:
            DataError: the store is empty or damaged.
            ParamsError: a monitored code is not in the market data.

        """
        panel = load(self.store, units=self.settings.trading_units)
        self._check_monitored(panel)
        return panel

    def _check_monitored(self, panel: Panel) -> None:
        unknown = [code for code in self.monitored if code not in panel.column]
        if unknown:
            hints = "".join(
                f"\n{code}: not in the market data{did_you_mean(code, panel.codes)}" for code in unknown[:5]
            )
            raise ParamsError(
                f"{len(unknown)} of {len(self.monitored)} monitored codes are unknown:{hints}",
                where=str(self.workspace.inside(self.settings.monitor_list)),
                do="correct the list, or import the stocks' bars",
            )


def open_desk(workspace: str | Path = "", *, now: str = "", group: str = "") -> Desk:
    """Open the workspace named, or the one found from here, reading and checking all parameters.

    Raises:
        UsageError: no workspace. ParamsError: a file in it is wrong.

    """
    place = find_workspace(workspace)
    settings = read_settings(place.desk_yaml)
    load_files({name: place.inside(name) for name in settings.plugins})
    groups = chosen(read_groups(place.groups), group)
    monitored = read_monitor_list(place.inside(settings.monitor_list))
    return Desk(place, settings, groups, monitored, make_clock(now))


def chosen(groups: Sequence[Group], group: str) -> tuple[Group, ...]:
    """All groups, or the one named.

    Raises:
        ParamsError: no group has that id.

    """
    if not group:
        return tuple(groups)
    known = tuple(g.id for g in groups)
    if group not in known:
        raise ParamsError(f'there is no group "{group}"{did_you_mean(group, known)}', where="params/groups")
    return tuple(g for g in groups if g.id == group)


def fresh_through(panel: Panel, session: date) -> None:
    """Make sure the panel's newest session is `session`.

    Raises:
        DataError: it is older: the desk would decide on stale prices.

    """
    newest = panel.session(len(panel.sessions) - 1) if len(panel.sessions) else None
    if newest != session:
        raise DataError(
            f"no data for the last session: decisions need the bars of {session}, the newest are of {newest}",
            where=f"the store, provider {panel.source.provider}",
            do="fetch or import that session, then run again; nothing was decided",
        )
