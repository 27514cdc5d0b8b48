"""An open desk: its parameters, its store, its journal and its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from jstock_core.base.clock import Clock, make_clock
from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.progress import Say, silent
from jstock_core.base.words import market_marks
from jstock_core.data.providers.protocol import Provider
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.rows.versions import NEWEST, Vintage
from jstock_core.data.store.store import MarketStore
from jstock_core.decide.groups import Group, read_groups
from jstock_core.desk.settings.monitor_list import read_monitor_list
from jstock_core.desk.settings.settings import Settings, read_settings
from jstock_core.desk.workspace.checks.radar import look_for_corrections
from jstock_core.desk.workspace.commit import follow_commit, run_all
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.journal import open_journal, remember_journal
from jstock_core.desk.workspace.kept.confirmed import confirm_bars
from jstock_core.desk.workspace.kept.fetched import read_fetch_time, write_fetch_time
from jstock_core.desk.workspace.kept.monitored import read_monitored, require_known, universe_on
from jstock_core.desk.workspace.kept.recorded_splits import read_recorded_splits
from jstock_core.desk.workspace.kept.trial_copies import try_to_back_up_trials
from jstock_core.desk.workspace.kept.value_files import read_desk_values
from jstock_core.desk.workspace.lock import hold
from jstock_core.desk.workspace.views import VIEWS, follow_journal
from jstock_core.desk.workspace.workspace import Workspace, find_workspace
from jstock_core.market.calendar import Calendar, decision_time, tse
from jstock_core.market.known_splits import with_recorded_splits
from jstock_core.market.panel import Panel
from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import Rules
from jstock_core.state.journal.backups import Backup, write_backup
from jstock_core.state.journal.journal import Journal

FRESH_FOR = timedelta(minutes=10)
"""How long a fetch is not repeated."""


@dataclass(frozen=True, repr=False)
class Desk:
    """An open workspace: its parameters are read and checked, and nothing else has been done yet.

    `fixed_now` is the time that its clock shows, "" for the wall clock; it is handed to other processes.
    `commits` are the facts that this process recorded, a number for each block of `writing`.
    """

    workspace: Workspace
    settings: Settings
    groups: tuple[Group, ...]
    monitored: tuple[str, ...]
    rules: Rules
    clock: Clock
    fixed_now: str = ""
    commits: list[int] = field(default_factory=list, compare=False)

    def __repr__(self) -> str:
        """Say in a line where it is, and when it lives."""
        return f"<Desk in {self.workspace.root} at {self.now():%Y-%m-%d %H:%M} JST>"

    @cached_property
    def store(self) -> MarketStore:
        """The market facts of this workspace."""
        return MarketStore(self.workspace.data)

    @property
    def calendar(self) -> Calendar:
        """TSE's sessions."""
        return tse()

    @property
    def provider(self) -> Provider:
        """Where market data comes from; its `id` is what the journal is bound to."""
        return self.settings.provider

    @property
    def historical(self) -> bool:
        """Whether the desk lives in the time of its data: no order of it can be placed any more."""
        return not self.settings.live

    @property
    def marks(self) -> tuple[str, ...]:
        """The words on everything that shows this desk's market; none on real prices of a live desk."""
        simulated = self.provider.capabilities.simulated
        return market_marks(simulated=simulated, historical=self.historical)

    def now(self) -> datetime:
        """The time by the desk's clock; for a historical desk at most the morning after its newest bars."""
        now = self.clock()
        newest = self.store.read().last("bars") if self.historical else None
        return now if newest is None else min(now, decision_time(self.calendar.next(newest)))

    @property
    def next_trade_date(self) -> date:
        """The next possible trade date: the one after the newest session whose bars are public."""
        return self.calendar.next_trade_date(self.now())

    @property
    def stale_since(self) -> date | None:
        """The last session, where a live desk still lacks its bars; None where it has or fetches them."""
        if self.provider.capabilities.fetches:
            return None
        last, newest = self.calendar.last_closed(self.now()), self.store.read().last("bars")
        return last if newest is None or newest < last else None

    def trade_date(self, given: str | date = "") -> date:
        """The trade date that was given, "" for the next possible one, which is also the last possible.

        Raises:
            UsageError: malformed, closed, beyond the calendar, or too far ahead.

        """
        if given == "":
            return self.next_trade_date
        session = self.calendar.session(parse_date(given))
        now = self.now()
        latest = self.calendar.next_trade_date(now)
        if session > latest:
            raise UsageError(
                f"{session} is too far ahead: the bars of the session before it are not public yet",
                where=f"it is {now:%Y-%m-%d %H:%M} JST, and the next possible trade date is {latest}",
                do=f"run it from 16:30 JST on {self.calendar.previous(session)}",
            )
        return session

    def with_universe_of(self, trade_date: date) -> Desk:
        """The desk as it monitored a trade date: a past one with the universe of its day."""
        known = universe_on(self.workspace, self.calendar.previous(trade_date))
        if known is None or trade_date >= self.next_trade_date:
            return self
        return replace(self, monitored=known)

    def with_journal_in(self, folder: Path) -> Desk:
        """The same desk with its journal, views and lock in another folder."""
        return replace(self, workspace=replace(self.workspace, journal_folder=folder))

    def journal(self) -> Journal:
        """Open and verify the journal: the workspace's own file, or the one that `JSTOCK_JOURNAL_URL` names.

        Raises:
            StateError: it is damaged, belongs to another provider or desk, or is not the one that the
                workspace remembers.
            ParamsError: it is named by URL, and the desk has no name.

        """
        return open_journal(self.workspace, self.settings, self.clock)

    @contextmanager
    def hold(self, reason: str) -> Iterator[None]:
        """Lock the desk for other runs while the block runs; a block inside may lock it again.

        Raises:
            LockedError: another run still holds the lock. WriteError: the folder cannot be written.

        """
        with hold(self.workspace.lock, reason):
            yield

    @contextmanager
    def writing(self, reason: str) -> Iterator[Journal]:
        """Lock the desk and hand out the journal to append to; on leaving, refresh views and backups.

        They are refreshed also where the block ends with an error after it recorded facts, or where an
        earlier process died between the journal and the views.

        Raises:
            LockedError: another run holds the desk.
            StateError: the journal is damaged.
            PublishError: facts are recorded, and views or a backup cannot be written.
            WriteError: nothing was recorded, and they cannot be written.

        """
        with self.hold(reason):
            journal = self.journal()
            journal.require_writable()
            with follow_commit(journal, self.refresh, self.commits), journal.reading_once():
                yield journal

    def refresh(self, journal: Journal) -> Backup | None:
        """Bring the views up to the journal, and take a backup in each place; the new one, None without.

        Before that, lots that were recorded after a split of theirs was settled get that split. No step waits
        for another: a view that cannot be written keeps no fact from its backup. Without market data the
        views wait for the next run, because their peaks need prices.

        Raises:
            StateError: the journal is damaged. WriteError: a file cannot be written.

        """
        views = [self.workspace.state / name for name in VIEWS]
        backups = (partial(write_backup, journal, views, place) for place in self.backup_places)
        remember = partial(remember_journal, self.workspace, self.settings, journal)
        steps: list[Callable[[], Backup | None]] = [partial(self._refresh_views, journal), remember, *backups]
        steps.append(partial(try_to_back_up_trials, self.workspace, self.backup_places))
        return run_all(steps)[2]

    @property
    def backup_places(self) -> tuple[Path, ...]:
        """The folders of backups: the one beside the journal, and the one that `backup_folder` names."""
        return self.workspace.backup_places(self.settings.backup_folder, self.settings.desk)

    def _refresh_views(self, journal: Journal) -> None:
        try:
            panel = load_panel(self.store, units=self.settings.trading_units)
        except DataError:
            return
        names = {group.id: group.name for group in self.groups}
        follow_journal(self.workspace.state, journal, panel, names, self.now())

    def last_fetch(self) -> datetime | None:
        """The time of the last fetch or import; None without one."""
        return read_fetch_time(self.workspace.fetched)

    def fetch(self, trade_date: date, say: Say = silent, *, anew: bool = False) -> None:
        """Fetch what is public for a trade date into the store, unless that was done within ten minutes.

        `anew` fetches whenever that was done. A desk on imported files fetches nothing: it imports its rows.
        """
        if not self.provider.capabilities.fetches or (self._is_fresh(trade_date) and not anew):
            return
        say("fetch market data")
        now = self.clock()
        self.store.update(self.provider, now)
        look_for_corrections(self.store, self.provider, self.workspace.last_look, now, say)
        self.record_fetch(now)

    def _is_fresh(self, trade_date: date) -> bool:
        fetched = self.last_fetch()
        through = self.store.read().last("bars")
        if fetched is None or through is None or through < self.calendar.previous(trade_date):
            return False
        asked = self.clock() - FRESH_FOR
        return fetched >= (asked if self.historical else min(asked, decision_time(trade_date)))

    def record_fetch(self, now: datetime) -> None:
        """Record that the store holds what was public at `now`."""
        write_fetch_time(self.workspace.fetched, now)

    def decision_time(self, trade_date: date) -> datetime:
        """The decision time: 07:00 JST of the trade date, or the last fetch, where that was earlier."""
        return min(self.now(), self.last_fetch() or self.now(), decision_time(trade_date))

    def panel(self) -> Panel:
        """Everything stored, with the monitored codes checked against it.

        Raises:
            DataError: the store is empty or damaged.
            ParamsError: there is no monitor list, or a monitored code is not in the market data.

        """
        panel, path = self.panel_of(NEWEST), self.workspace.inside(self.settings.monitor_list)
        if not self.monitored:
            read_monitor_list(path)
        require_known(self.monitored, panel, path)
        return panel

    def panel_of(self, vintage: Vintage, splits: Sequence[RecordedSplit] | None = None) -> Panel:
        """What a vintage of the store shows; monitored codes may be lacking in an early one.

        `splits` are those that a person recorded, None for those that the journal knows now.

        Raises:
            DataError: the store is empty or damaged, or a file of values is not readable.
            StateError: the journal is damaged.

        """
        if splits is None:
            splits = read_recorded_splits(self.workspace, self.settings, self.clock)
        stored = load_panel(self.store, units=self.settings.trading_units, vintage=vintage)
        panel = with_recorded_splits(confirm_bars(stored, self.workspace.confirmed_bars), splits)
        given = read_desk_values(self.workspace, self.settings.values)
        list_day = self.store.read().manifest.list_day if vintage == NEWEST else None
        source = replace(panel.source, historical=self.historical, list_day=list_day)
        return replace(panel, given=given, source=source)


def open_desk(workspace: str | Path = "", *, now: str = "") -> Desk:
    """Open the workspace named, or the one found from here, reading and checking all parameters.

    Raises:
        UsageError: no workspace. ParamsError: a file in it is wrong.

    """
    place = find_workspace(workspace)
    settings = read_settings(place.desk_yaml)
    place.backup_places(settings.backup_folder, settings.desk)  # not only once a morning is recorded
    root = place.root.resolve()
    rules = load_rules(root, [str(place.inside(name).relative_to(root)) for name in settings.plugins])
    groups, monitored = read_groups(place.groups, rules), read_monitored(place, settings)
    return Desk(place, settings, groups, monitored, rules, make_clock(now), now)
