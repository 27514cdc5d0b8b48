"""Many mornings in a row, without notebooks: replayed into a journal, or simulated in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from jstock_core.base.errors import StateError
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.halts import HaltsByDate, halts_by_date
from jstock_core.decide.given.late import LateByDate, late_by_date
from jstock_core.decide.groups import Group, fill_on_paper, manual_groups
from jstock_core.decide.morning import DecisionRecord, Step, morning
from jstock_core.desk.day.provenance import decision_provenance, values_provenance
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import span
from jstock_core.state.book.book import EMPTY, Book, replay
from jstock_core.state.facts.events import Decided, Event
from jstock_core.state.journal.journal import Journal


@dataclass(frozen=True)
class LivedMornings:
    """From the desk's journal: data sets that were late for its mornings, and groups halted on them."""

    late_on: LateByDate = field(default_factory=dict)
    halted_on: HaltsByDate = field(default_factory=dict)


NONE_LIVED = LivedMornings()


def mornings(
    desk: Desk, panel: Panel, first: date, last: date, book: Book = EMPTY, lived: LivedMornings = NONE_LIVED
) -> Iterator[Step]:
    """The mornings of every session from `first` to `last`, each as decided at 07:00 JST.

    `lived` is what was late and halted on mornings that the desk decided itself.

    Features are computed once over the whole panel: they are causal, and a view shows each morning no more
    than was public then. Groups that a person fills are filled on paper at the open.

    Raises:
        DataError: a session has no bars the day before it.

    """
    view = span(panel, trusted_features(panel), first, last)
    universes = UniverseHistory.read(desk.workspace, desk.monitored)
    origin, values = decision_provenance(desk, panel), values_provenance(panel.given, view.decided_at)
    groups = fill_on_paper(desk.groups)
    for row in range(view.shape[0]):
        monitored = universes.codes_on(panel.session(view.first_row + row))
        conditions = replace(
            desk_conditions(desk, lived.late_on), monitored=monitored, halted_on=lived.halted_on
        )
        record = DecisionRecord(provenance={**origin, **values[row]})
        step = morning(book, view, row, groups, conditions, record)
        book = step.book
        yield step


def desk_conditions(desk: Desk, late_on: LateByDate | None = None) -> Conditions:
    """What the desk's groups share when past mornings are decided."""
    settings = desk.settings
    return Conditions(
        desk.monitored,
        settings.costs,
        late_policy=settings.late_data,
        late_on=late_on or {},
        limits=settings.limits,
    )


def lived_mornings(desk: Desk, first: date, last: date) -> LivedMornings:
    """What was late and halted on mornings that the desk decided itself; nothing without a journal.

    Raises:
        StateError: the journal is damaged.

    """
    if not (desk.workspace.journal.exists() or desk.workspace.journal_url):
        return NONE_LIVED
    events, dates = desk.journal().events(), desk.calendar.between(first, last)
    return LivedMornings(late_by_date(events, dates), halts_by_date(events, dates))


def replay_into(
    desk: Desk,
    panel: Panel,
    first: date,
    last: date,
    journal: Journal,
    tick: Tick = silent,
    lived: LivedMornings = NONE_LIVED,
) -> int:
    """Journal the mornings from `first` to `last`; how many there were. `lived` is as for `mornings`.

    They are journaled in one transaction: of a history cut short the rest would count as missed mornings,
    which are never traded later.

    Raises:
        StateError: the journal holds decisions on or after `first`: the past is not rewritten.

    """
    events = tuple(journal.events())
    newest = max((e.session for e in events if isinstance(e, Decided)), default=None)
    if newest is not None and newest >= first:
        raise StateError(
            f"the journal holds decisions up to {newest}, and a replay from {first} would rewrite them",
            where=str(desk.workspace.journal),
            do="replay into a folder (`jstock replay --from DATE --to DATE --into DIR`), or a later date",
        )
    total = len(desk.calendar.between(first, last))
    made: list[Event] = []
    for done, step in enumerate(mornings(desk, panel, first, last, replay(events), lived), start=1):
        made += step.events
        tick(done, total, f"replay {step.decisions[0].trade_date}")
    journal.append(made)
    return total


def history_start(desk: Desk, panel: Panel, before: date) -> date | None:
    """The first trade date of a desk that opened `history_sessions` before; None where there is none."""
    count = desk.settings.history_sessions
    if count == 0 or not len(panel.sessions):
        return None
    earliest = desk.calendar.next(panel.session(0))
    start = max(desk.calendar.back(before, count), earliest)
    return start if start < before else None


def simulate_history(desk: Desk, panel: Panel, trade_date: date) -> tuple[Event, ...]:
    """The events of a desk that opened `history_sessions` before, for rehearsals older than its journal.

    () for a provider that seeds no history.
    """
    seeds = desk.provider.capabilities.seeds_history
    start = history_start(desk, panel, trade_date) if seeds else None
    if start is None:
        return ()
    last = desk.calendar.previous(trade_date)
    return tuple(event for step in mornings(desk, panel, start, last, EMPTY) for event in step.events)


def paper_note(groups: Sequence[Group]) -> str:
    """A note that orders of manual groups are filled on paper in past sessions; "" without such groups."""
    manual = ", ".join(manual_groups(groups))
    return f"; orders of {manual} are filled on paper at the open there" if manual else ""


def lacks_history(desk: Desk, journal: Journal) -> bool:
    """Whether nothing is recorded yet on a desk whose provider seeds a history."""
    return desk.provider.capabilities.seeds_history and not journal.book().seq


def seed_history(desk: Desk, journal: Journal, panel: Panel, say: Say) -> None:
    """Journal a simulated history for a new desk, if its provider seeds one: its first report has a curve."""
    if not lacks_history(desk, journal):
        return
    latest = desk.next_trade_date
    start = history_start(desk, panel, latest)
    if start is not None:
        say(f"replay {desk.settings.history_sessions} sessions of history{paper_note(desk.groups)}")
        replay_into(desk, panel, start, desk.calendar.previous(latest), journal)
