"""The day: from a trade date to recorded decisions, in steps that may all be repeated.

Lock, gate, fetch, load and check, then one of:

- `journaled`: T is newer than all decisions (or repairs a degraded one): settle, decide, journal
- `again`: T was decided and is shown from the journal
- `rehearsal`: T lies before the newest decision, or it was asked for: everything in memory
- `preview`: what the morning would do, in memory
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from jstock_core.data.checks import Finding, check
from jstock_core.decide import Conditions
from jstock_core.desk.desk import Desk, Say, fresh_through, open_desk, silent
from jstock_core.desk.gate import default_trade_date, gate
from jstock_core.desk.ledger import keep
from jstock_core.desk.lock import hold
from jstock_core.desk.past import before_decision, corrected_since, through_decision
from jstock_core.desk.provenance import provenance
from jstock_core.desk.views import write_views
from jstock_core.errors import DataError, UsageError
from jstock_core.groups import Group
from jstock_core.market.calendar import JST, OPEN, at
from jstock_core.market.panel import Panel
from jstock_core.morning import Step, morning
from jstock_core.signals.features import Features
from jstock_core.signals.view import View
from jstock_core.state.book import Book, replay
from jstock_core.state.corrections import said_again
from jstock_core.state.events import Correction, Decided, Event

if TYPE_CHECKING:
    from jstock_core.reports.model import Report

Mode = Literal["journaled", "again", "rehearsal", "preview"]


@dataclass(frozen=True, eq=False)
class Day:
    """A morning's result: `events` is the journal through T's decisions, `view` the market they saw."""

    desk: Desk
    trade_date: date
    mode: Mode
    events: tuple[Event, ...]
    view: View
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...]
    conditions: Conditions
    corrections: tuple[Correction, ...] = ()

    @property
    def decided(self) -> tuple[Decided, ...]:
        """T's newest decision of each group."""
        found = {e.group: e for e in self.events if isinstance(e, Decided) and e.session == self.trade_date}
        return tuple(found.values())

    @property
    def degraded(self) -> bool:
        """Whether a group could not be evaluated completely, or an alert needs a person."""
        return self.report.header.status == "degraded"

    @cached_property
    def report(self) -> Report:
        """What people look at."""
        from jstock_core.desk.notices import notices
        from jstock_core.reports.model import Report

        return Report.of(
            self.events, self.view.panel, self.view, 0, self.groups, self.trade_date,
            mode=self.mode, notices=notices(self), costs=self.conditions.costs, monitored=self.desk.monitored,
            corrections=self.corrections,
        )  # fmt: skip


def run_day(
    trade_date: str | date = "",
    *,
    workspace: str = "",
    rehearsal: bool = False,
    report_only: bool = False,
    preview: bool = False,
    now: str = "",
    say: Say = silent,
) -> Day:
    """Run the morning of a trade date (ISO; "" for the next possible one) in a workspace.

    Raises:
        JstockError: parameters, data or state are not fit for it; nothing was changed.

    """
    desk = open_desk(workspace, now=now)
    wanted = gate(desk, trade_date)
    with hold(desk.workspace.lock, f"the day of {wanted}"):
        desk = desk.on(wanted)
        return _run(desk, wanted, rehearsal=rehearsal, report_only=report_only, preview=preview, say=say)


def prepare(desk: Desk, wanted: date, *, rehearsal: bool, report_only: bool, say: Say = silent) -> None:
    """Fetch, load and check for a trade date, and give a new simulated desk its history, under the lock.

    All of it is repeated harmlessly by the day itself; here it fails early, and shows its progress.

    Raises:
        JstockError: the day could not be run.

    """
    evaluated = desk.calendar.previous(wanted)
    with hold(desk.workspace.lock, f"the preparation of {wanted}"):
        desk.journal()  # a damaged one is refused before anything is written
        desk.fetch(wanted, say)
        say("load and check")
        whole = desk.panel()
        known = whole.known_at(desk.decided_at(wanted))
        fresh_through(known, evaluated)
        conditions_of(desk, wanted, check(known, through=evaluated))
        if report_only:
            require_decided(desk.journal().events(), wanted)
        elif not rehearsal:
            seed(desk, whole, say)


def _run(desk: Desk, wanted: date, *, rehearsal: bool, report_only: bool, preview: bool, say: Say) -> Day:
    evaluated = desk.calendar.previous(wanted)
    journal = desk.journal()  # a damaged one is refused before anything is written
    if not (preview and desk.store.covers(evaluated)):  # a preview makes do with what is stored
        desk.fetch(wanted, say)
    say("load and check")
    whole = desk.panel()
    decided_at = desk.decided_at(wanted)
    view = one_morning(whole.known_at(decided_at), wanted, decided_at)
    findings = check(view.panel, through=evaluated)
    conditions = conditions_of(desk, wanted, findings)
    if not (rehearsal or report_only or preview):
        seed(desk, whole, say)
    events = tuple(journal.events())
    mode = _mode(
        events,
        wanted,
        rehearsal=rehearsal,
        report_only=report_only,
        preview=preview,
        redo=not conditions.late,
    )
    say({"journaled": "decide and journal", "again": "read the journal"}.get(mode, "decide in memory"))
    if mode == "again":
        past = through_decision(events, wanted)
    elif mode == "journaled":
        origin = provenance(desk, view.panel)
        step = _step(desk, events, view, conditions, wanted, origin)
        mode = "again" if repairs_nothing(step) else mode
        if mode == "journaled":
            journal.append(said_again(journal.history(), step.events))
        past = through_decision(events, wanted) if mode == "again" else journal.events()
    else:
        from jstock_core.desk.history import in_memory

        before = before_decision(events, wanted)
        history = before or in_memory(desk, whole, wanted)
        past = (*history, *_step(desk, history, view, replace(conditions, late=False), wanted, {}).events)
    if mode in ("again", "journaled") and not (report_only or preview):
        write_views(desk, journal, whole)
        keep(desk, journal)
    corrections = corrected_since(journal.history(), wanted)
    return Day(desk, wanted, mode, tuple(past), view, desk.groups, findings, conditions, corrections)


def one_morning(panel: Panel, trade_date: date, decided_at: datetime) -> View:
    """The view of the session before `trade_date`, on a panel cut at the decision time."""
    from jstock_core.market.calendar import tse

    fresh_through(panel, tse().previous(trade_date))
    row = len(panel.sessions) - 1
    minute = np.array([decided_at.astimezone(JST).replace(tzinfo=None)], dtype="datetime64[m]")
    dates = np.array([trade_date], dtype="datetime64[D]")
    return View.of(panel, Features.of(panel), row, row, dates, decided_at=minute)


def conditions_of(desk: Desk, trade_date: date, findings: Sequence[Finding]) -> Conditions:
    """What the checks and the clock mean for the decision.

    Raises:
        DataError: a finding forbids deciding at all.

    """
    for finding in findings:
        if finding.severity == "stop":
            raise DataError(finding.what, where=f"session {finding.session}", do=finding.do)
    blocked = {f.code: f.what for f in findings if f.severity == "block" and f.code}
    # Imported files are history: a desk on them lives in their time, not by the wall clock.
    late = desk.settings.simulated and desk.now() >= at(trade_date, OPEN)
    return Conditions(desk.monitored, desk.settings.costs, blocked, late=late)


def _mode(
    events: Sequence[Event],
    trade_date: date,
    *,
    rehearsal: bool,
    report_only: bool,
    preview: bool,
    redo: bool,
) -> Mode:
    decided = [e for e in events if isinstance(e, Decided)]
    newest = max((e.session for e in decided), default=None)
    today = {e.group: e.status for e in decided if e.session == trade_date}
    if report_only:
        require_decided(events, trade_date)
        return "again"
    if rehearsal or (newest is not None and trade_date < newest):
        return "rehearsal"
    final = bool(today) and not (redo and "degraded" in today.values())
    if final:
        return "again"
    return "preview" if preview else "journaled"


def require_decided(events: Sequence[Event], trade_date: date) -> None:
    """Make sure there is something to show again.

    Raises:
        UsageError: no group decided for the trade date.

    """
    if not any(isinstance(e, Decided) and e.session == trade_date for e in events):
        raise UsageError(
            f"nothing was decided for {trade_date}", do=f"run `jstock daily --date {trade_date}` first"
        )


def _step(
    desk: Desk,
    events: Sequence[Event],
    view: View,
    conditions: Conditions,
    trade_date: date,
    origin: Mapping[str, Any],
) -> Step:
    """The morning on the book those events make; of a repeated morning only the groups still degraded."""
    book = replay(events)
    due = due_groups(book, desk.groups, trade_date)
    revision = {g.id: book.decided[g.id].revision + 1 for g in due if decided_today(book, g.id, trade_date)}
    return morning(book, view, 0, due, conditions, revision=revision, provenance=origin)


def repairs_nothing(step: Step) -> bool:
    """Whether a repeated morning found what the one before it found: no order more, and still degraded."""
    return all(isinstance(e, Decided) and e.revision and e.status == "degraded" for e in step.events)


def due_groups(book: Book, groups: Sequence[Group], trade_date: date) -> tuple[Group, ...]:
    """The groups that have no complete decision for the trade date."""
    return tuple(
        g
        for g in groups
        if not (decided_today(book, g.id, trade_date) and book.decided[g.id].status == "complete")
    )


def decided_today(book: Book, group: str, trade_date: date) -> bool:
    """Whether the group has decided for the trade date, in whatever way."""
    return group in book.decided and book.decided[group].session == trade_date


def seed(desk: Desk, panel: Panel, say: Say) -> None:
    """Give a new simulated desk its history, so that the first report has holdings and a curve."""
    from jstock_core.desk.history import history_start, replay_into

    if not desk.settings.simulated or desk.journal().book().seq:
        return
    latest = default_trade_date(desk)
    start = history_start(desk, panel, latest)
    if start is not None:
        say(f"replay {desk.settings.history_sessions} sessions of history")
        replay_into(desk, panel, start, desk.calendar.previous(latest), desk.journal())
