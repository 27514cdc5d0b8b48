"""The steps of a day: from a trade date to recorded decisions. All of them may be repeated.

Lock, fetch, load and check, then what the day's `Intent` says: decide and journal, decide in memory, or show
what was decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import PublishError, UsageError, WriteError
from jstock_core.base.intent import Intent, parse_intent
from jstock_core.base.progress import Say, silent
from jstock_core.decide.given.halts import halted_groups
from jstock_core.decide.morning import DecisionRecord, Step, morning, settle_through
from jstock_core.desk.day.again.changes import changes_since_decision
from jstock_core.desk.day.again.revise import (
    DecidedMorning,
    is_before_open,
    revised_events,
    revision_end,
)
from jstock_core.desk.day.again.revised import revised_before
from jstock_core.desk.day.due import resolve_intent
from jstock_core.desk.day.history import lacks_history, seed_history, simulate_history
from jstock_core.desk.day.market import (
    MorningMarket,
    is_late,
    market_as_decided,
    market_known_now,
    market_to_revise,
    morning_market,
    recorded_late_data,
    with_halts,
)
from jstock_core.desk.day.orders.approval import ask_approval, require_time_to_approve
from jstock_core.desk.day.orders.order_facts import order_facts
from jstock_core.desk.day.provenance import recorded_provenance
from jstock_core.desk.day.result import Day
from jstock_core.desk.day.sealing import newest_seal
from jstock_core.desk.workspace.checks.declared import refuse_contradictions
from jstock_core.desk.workspace.checks.splits import block_split_differences, reconcile_splits
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.required import require_desk
from jstock_core.state.book.book import Book
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import Decided, Event
from jstock_core.state.journal.in_force.corrections import restate_reversed, reversed_ids
from jstock_core.state.journal.in_force.dependents import apply_corrections
from jstock_core.state.journal.in_force.past import corrections_since, events_before, events_through
from jstock_core.state.journal.journal import Journal

_RECORDED = (Intent.JOURNAL, Intent.SHOW_AGAIN)
_STEPS = {Intent.JOURNAL: "decide and journal", Intent.SHOW_AGAIN: "read the journal"}


def decide_day(
    desk: Desk, trade_date: str | date = "", intent: Intent | str = Intent.JOURNAL, say: Say = silent
) -> Day:
    """Decide the morning of a trade date (ISO; "" for the next possible one).

    What cannot be written after the decisions are recorded (views, backups) is an alert of the day.

    Raises:
        JstockError: parameters, data or state are not fit for it; nothing was changed.

    """
    require_desk(desk)
    session, asked = desk.trade_date(trade_date), parse_intent(intent)
    unwritten: list[Alert] = []
    with _open_journal(desk, f"the day of {session}", asked, unwritten) as journal:
        _refuse_contradictions(desk, journal, asked)
        day = _run(desk.with_universe_of(session), journal, session, asked, say)
    return replace(day, unwritten=tuple(unwritten)) if unwritten else day


def prepare_day(desk: Desk, trade_date: date, intent: Intent, say: Say = silent) -> None:
    """Fetch, load and check for a trade date, and give a new desk its simulated history, under the lock.

    All of it is repeated harmlessly by the day itself; here it fails early, and shows its progress.

    Raises:
        JstockError: the day could not be run.

    """
    reason = f"the preparation of {trade_date}"
    with desk.hold(reason):
        journal = desk.journal()
        if intent.records:
            journal.require_writable()
        with journal.reading_once():
            _refuse_contradictions(desk, journal, intent)
            desk.fetch(trade_date, say)
            market = _load_market(desk, journal, trade_date, intent, say)
            resolved = resolve_intent(intent, journal.events(), trade_date, desk.next_trade_date)
        if intent is Intent.REVISE and resolved is Intent.SHOW_AGAIN:
            _require_time_to_revise(desk, trade_date)
        if intent.records and trade_date >= desk.next_trade_date and lacks_history(desk, journal):
            with _open_journal(desk, reason, intent, []) as written:
                seed_history(desk, written, market.whole, say)


@contextmanager
def _open_journal(desk: Desk, reason: str, intent: Intent, unwritten: list[Alert]) -> Iterator[Journal]:
    """Open the journal: to write it where the intent records, else to read it once. A damaged one is refused.

    Views and backups that cannot be written on leaving stop no morning: an alert is added to `unwritten`.
    """
    if not intent.records:
        with desk.hold(reason):
            journal = desk.journal()
            with journal.reading_once():
                yield journal
        return
    ended = False
    try:
        with desk.writing(reason) as journal:
            yield journal
            ended = True
    except (PublishError, WriteError) as error:
        if not ended:
            raise
        text = f"{error.what} ({error.where})" if error.where else error.what
        unwritten.append(Alert("unwritten", Severity.ALERT, "desk", text, error.do))


def _refuse_contradictions(desk: Desk, journal: Journal, intent: Intent) -> None:
    """Refuse to decide where group files contradict the journal; what was decided can still be shown."""
    if intent is not Intent.SHOW_AGAIN:
        refuse_contradictions(desk, journal.book())
        require_time_to_approve(desk)


def _load_market(desk: Desk, journal: Journal, trade_date: date, intent: Intent, say: Say) -> MorningMarket:
    """Load the market of the morning: as its decision saw it, or as stored now in a rehearsal."""
    say("load and check")
    events = journal.events()
    if intent is Intent.REHEARSE:
        return morning_market(desk, desk.panel(), trade_date, late=recorded_late_data(events, trade_date))
    return market_as_decided(desk, events, trade_date)


def _run(desk: Desk, journal: Journal, trade_date: date, asked: Intent, say: Say) -> Day:
    stored = asked is Intent.PREVIEW and desk.store.covers(desk.calendar.previous(trade_date))
    if not stored:  # a preview makes do with what is stored
        desk.fetch(trade_date, say)
    market = _load_market(desk, journal, trade_date, asked, say)
    next_date = desk.next_trade_date
    if asked.records and trade_date >= next_date:
        seed_history(desk, journal, market.whole, say)
    intent = resolve_intent(asked, journal.events(), trade_date, next_date)
    say(_STEPS.get(intent, "decide in memory"))
    if intent is Intent.JOURNAL:
        market = _record(desk, journal, trade_date, market)
    elif intent is Intent.SHOW_AGAIN and asked.records:
        intent, market = _revise(desk, journal, trade_date, market, buys=asked is Intent.REVISE)
    if intent in (Intent.REHEARSE, Intent.PREVIEW):
        late = intent is Intent.PREVIEW and market.conditions.late
        market = replace(market, conditions=replace(market.conditions, late=late))
        through, market = _decide_in_memory(desk, trade_date, journal, market)
        since = None
    else:
        since = changes_since_decision(desk, journal, trade_date, market)
        planned, market = _planned(desk, journal, trade_date, market, asked)
        intent = Intent.PREVIEW if planned else intent
        through = journal.events().refold(events_through((*journal.history(), *planned), trade_date))
    corrections = corrections_since(journal.history(), trade_date)
    day = Day.of(desk, trade_date, intent, through, market, corrections=corrections)
    recorded = intent in _RECORDED
    is_newest = trade_date >= next_date and intent is not Intent.REHEARSE
    return replace(
        day,
        since=since,
        revised=revised_before(desk, journal.history(), trade_date) if is_newest else day.revised,
        decided_ahead=_decided_ahead(journal, trade_date, next_date),
        taken_back=reversed_ids(journal.history()),
        order_facts=order_facts(journal.events(), trade_date) if recorded else None,
        opened=recorded and is_late(desk, trade_date),
        halts=journal.book().halts if is_newest else through.book.halts,  # of an older morning as it was
        seal=_seal(desk, journal, trade_date, intent),
    )


def _seal(desk: Desk, journal: Journal, trade_date: date, intent: Intent) -> str:
    """The seal of the recorded decision, "" where the desk shows none."""
    shown = desk.settings.seal and intent in _RECORDED
    return newest_seal(journal.history(), trade_date) if shown else ""


def _decided_ahead(journal: Journal, trade_date: date, next_date: date) -> date | None:
    """The session of the newest decision, where it lies after the next possible trade date; else None."""
    newest = max((e.session for e in journal.events() if isinstance(e, Decided)), default=next_date)
    return newest if trade_date == next_date < newest else None


def _record(desk: Desk, journal: Journal, trade_date: date, market: MorningMarket) -> MorningMarket:
    """Decide and record; return the market with the conditions of the decision.

    What is recorded after the open is late, also where it was decided before.
    """
    journal.append(reconcile_splits(journal.history(), journal.events(), market.view.panel, trade_date))
    origin, book = recorded_provenance(desk, market.view, trade_date), journal.events().book
    step = _decide(desk, book, market, origin)
    if not market.conditions.late and is_late(desk, trade_date):
        market = replace(market, conditions=replace(market.conditions, late=True))
        step = _decide(desk, book, market, origin)
    journal.append(restate_reversed(journal.history(), step.events))
    return market


def _revise(
    desk: Desk, journal: Journal, trade_date: date, seen: MorningMarket, *, buys: bool
) -> tuple[Intent, MorningMarket]:
    """Revise a decision where there is time and reason to; return the intent carried out, and its market.

    What happened is settled by what is known now; a decision is taken again on the market that it saw.

    Raises:
        UsageError: buys are wanted, and the time for them has passed.

    """
    if buys:
        _require_time_to_revise(desk, trade_date)
    if desk.now() >= revision_end(desk, trade_date):
        return Intent.SHOW_AGAIN, seen
    known = market_known_now(desk, journal.events(), trade_date)
    journal.append(reconcile_splits(journal.history(), journal.events(), known.view.panel, trade_date))
    resolved = settle_through(journal.book(), known.view, known.view.first_row, known.conditions).events
    decided = DecidedMorning.of(journal, trade_date).followed_by(resolved)
    market = known if decided.is_degraded else market_to_revise(desk, journal.events(), seen)
    market = _without_split_differences(market, journal.book())
    market = with_halts(market, halted_groups(journal.book()))
    origin = recorded_provenance(desk, market.view, trade_date)
    made = (*resolved, *revised_events(desk, decided, market, origin, buys=buys))
    if not made or not is_before_open(desk, trade_date):
        return Intent.SHOW_AGAIN, seen
    journal.append(restate_reversed(journal.history(), made))
    return Intent.JOURNAL, market


def _require_time_to_revise(desk: Desk, trade_date: date) -> None:
    """Make sure that the decision for the trade date may still be revised.

    Raises:
        UsageError: it is too late.

    """
    until = revision_end(desk, trade_date)
    if desk.now() >= until:
        raise UsageError(
            f"the decision for {trade_date} can be revised until {until:%Y-%m-%d %H:%M}, which is past",
            where="revise_until in params/desk.yaml",
            do="run it without a revision; what was recorded counts from the next morning on",
        )


def _planned(
    desk: Desk, journal: Journal, trade_date: date, seen: MorningMarket, asked: Intent
) -> tuple[tuple[Event, ...], MorningMarket]:
    """The events that a revision would record, () where none is possible or asked for, and its market."""
    if asked is not Intent.PREVIEW or desk.now() >= revision_end(desk, trade_date):
        return (), seen
    decided, events = DecidedMorning.of(journal, trade_date), journal.events()
    again = decided.is_degraded
    market = market_known_now(desk, events, trade_date) if again else market_to_revise(desk, events, seen)
    market = with_halts(market, halted_groups(journal.book()))
    planned = revised_events(desk, decided, market, {}, buys=False)
    return planned, market if planned else seen


def _decide_in_memory(
    desk: Desk, trade_date: date, journal: Journal, market: MorningMarket
) -> tuple[FoldedEvents, MorningMarket]:
    """The journal before the trade date with decisions made in memory, and the market with its halts."""
    recorded = events_before(journal.history(), trade_date)
    before = journal.events().refold(recorded or simulate_history(desk, market.whole, trade_date))
    added = reconcile_splits(before, before, market.view.panel, trade_date)
    before = before.refold(apply_corrections(before, added)) if added else before
    market = with_halts(market, halted_groups(before.book))
    return before.followed_by(_decide(desk, before.book, market, {}).events), market


def _decide(desk: Desk, book: Book, market: MorningMarket, origin: Mapping[str, Any]) -> Step:
    """Decide the morning on a book."""
    record = DecisionRecord(provenance=origin)
    market = _without_split_differences(market, book)
    step = morning(book, market.view, 0, desk.groups, market.conditions, record)
    trade_date: date = market.view.trade_dates[0].astype(object)
    return step._replace(events=ask_approval(desk, trade_date, step.events))


def _without_split_differences(market: MorningMarket, book: Book) -> MorningMarket:
    """The market where stocks are blocked whose splits in the journal are not those of the market data."""
    conditions = block_split_differences(market.conditions, book, market.view.panel)
    return replace(market, conditions=conditions)
