"""Groups of the desk that have stopped ordering, or rules of theirs that have stopped firing, unnoticed.

Each morning alone is in order: nothing was to be done. Only beside a backtest over the same sessions does it
show that something is dead: a feature without data, an empty universe, a limit that refuses everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jstock_core.decide.given.halts import find_halt, halted_groups
from jstock_core.decide.groups import Group
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.research.backtest import backtest
from jstock_core.research.silence import Silence, SilenceKind, find_silence
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, Event, OrderPlaced

SESSIONS = 250
"""How far the backtest goes back at most."""
LEAST_SESSIONS = 60
"""With less history nothing is usual yet."""
WARM_UP = 60
"""Sessions before the first decided one, which features need."""
ORDERS = "orders"
Dates = Mapping[str, set[date]]
"""The trade dates of a group on which something happened, by what it was: orders, buys, a layer of exits."""


@dataclass(frozen=True)
class GroupSilence:
    """A group that is silent: about what, since when (its last, or the first decision), and how it shows."""

    group: str
    about: str
    since: date
    found: Silence

    @property
    def text(self) -> str:
        """One sentence that stays the same from day to day."""
        what = "no order" if self.about == ORDERS else f'nothing of "{self.about}"'
        said = f"{self.group}: {what} since {self.since}"
        if self.found.kind is SilenceKind.UNLIKE_BACKTEST:
            return f"{said}, while its backtest on the same data has some"
        return f"{said}, much longer than ever in its backtest"

    @property
    def numbers(self) -> str:
        """How long, and how unlikely."""
        found = self.found
        if found.kind is SilenceKind.UNLIKE_BACKTEST:
            return f"{found.sessions} sessions, in {found.expected} of them the backtest has some"
        pause = f"the longest pause of the backtest was {found.longest}"
        return f"{found.sessions} sessions, and {pause}; the chance of it is {found.chance:.2%}"

    @property
    def remedy(self) -> str:
        """How to find the reason."""
        return (
            f"see what stops it: `jstock explain CODE --group {self.group}`, `jstock data status`, the "
            f"refusals in the report, and "
            f"`jstock backtest --group {self.group} --from {self.since} --to DATE`"
        )


def find_silent_groups(desk: Desk) -> tuple[GroupSilence, ...]:
    """The groups that are silent as their backtest is not, or as never before; a rule where the group is not.

    Groups that are halted or wound down are silent on purpose. The backtest is on what is stored now, and
    without the halts and late data that the desk lived through.

    Raises:
        StateError: the journal is damaged. DataError: the store is.

    """
    if not desk.workspace.journal_url and not desk.workspace.journal.exists():
        return ()
    events = desk.journal().events()
    halted = halted_groups(replay(events))
    groups = [g for g in desk.groups if not g.wind_down and not find_halt(halted, g.id)]
    dates = _dates(desk, events)
    if not groups or len(dates) < LEAST_SESSIONS:
        return ()
    usual = _backtest(desk, groups, dates)
    return tuple(found for group in groups for found in _silences(group, dates, events, usual[group.id]))


def _dates(desk: Desk, events: Iterable[Event]) -> tuple[date, ...]:
    """The trade dates to look at, up to the newest decision."""
    last = max((event.session for event in events if isinstance(event, Decided)), default=None)
    sessions = desk.panel().dates if last is not None else ()
    if last is None or len(sessions) <= WARM_UP:
        return ()
    first = max(sessions[WARM_UP], desk.calendar.back(last, SESSIONS))
    return desk.calendar.between(first, last) if first <= last else ()


def _backtest(desk: Desk, groups: Iterable[Group], dates: tuple[date, ...]) -> dict[str, Dates]:
    universes = UniverseHistory.read(desk.workspace, desk.monitored)
    done = backtest(
        desk.panel(), tuple(groups), desk_conditions(desk), dates[0], dates[-1], monitored=universes.codes_on
    )
    return _ordered(done.orders)


def _ordered(orders: Iterable[OrderPlaced]) -> dict[str, Dates]:
    """On which trade dates each group ordered what."""
    found: dict[str, Dates] = defaultdict(lambda: defaultdict(set))
    for order in orders:
        for about in {ORDERS, order.layer or order.side}:
            found[order.group][about].add(order.session)
    return found


def _silences(
    group: Group, dates: tuple[date, ...], events: Iterable[Event], usual: Dates
) -> Iterator[GroupSilence]:
    own = [event for event in events if getattr(event, "group", "") == group.id]
    decided = {event.session for event in own if isinstance(event, Decided)} & set(dates)
    if not decided:
        return
    done = _ordered(event for event in own if isinstance(event, OrderPlaced))[group.id]
    silence = _silence(group.id, ORDERS, dates, done, usual, decided)
    if silence is not None:
        yield silence
        return
    for about in sorted(set(usual) - {ORDERS}):
        silence = _silence(group.id, about, dates, done, usual, decided)
        if silence is not None and silence.found.kind is SilenceKind.UNLIKE_BACKTEST:
            yield silence  # that a market gives a rule no reason to fire for long is no fault


def _silence(
    group: str, about: str, dates: tuple[date, ...], done: Dates, usual: Dates, decided: set[date]
) -> GroupSilence | None:
    own = done.get(about, set())
    found = find_silence(dates, own, usual.get(about, set()), decided)
    if found is None:
        return None
    return GroupSilence(group, about, max(own, default=min(decided)), found)
