"""`jstock trade status`: the portfolio as of a settled session, and the open orders. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.plain import plain_json
from jstock_core.base.words import plural, yen
from jstock_core.data.checks.checks import check_panel
from jstock_core.decide.given.late import LateData
from jstock_core.decide.groups import declared_changes
from jstock_core.desk.day.again.changes import SinceDecision, changes_since_decision
from jstock_core.desk.day.again.revise import is_before_open
from jstock_core.desk.day.alerts.edit_alerts import edit_alert
from jstock_core.desk.day.alerts.halt_alerts import halts_json
from jstock_core.desk.day.market import blocked_stocks, late_now, morning_view
from jstock_core.desk.trading.portfolio.lots import PositionStatus, position_status
from jstock_core.desk.workspace.checks.declared import find_contradictions
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.required import require_desk
from jstock_core.desk.workspace.views import read_declarations
from jstock_core.execution.approvals import approval_end, waits
from jstock_core.execution.dividends import outstanding_dividends
from jstock_core.execution.fillers import LATE, MANUAL, order_filler
from jstock_core.execution.orders.states import order_state
from jstock_core.market.calendar import BARS_PUBLIC, OPEN, at, decision_time
from jstock_core.market.panel import Panel
from jstock_core.reports.build.decisions.stops import EXIT_UNKNOWN, SELLS
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.money.portfolio import build_portfolio
from jstock_core.reports.build.money.returns import build_returns
from jstock_core.reports.model.money.portfolio import AccountSummary, ExpectedDividend, HeldPosition
from jstock_core.state.book.book import Book, Halt, replay
from jstock_core.state.facts.events import Event, OrderPlaced, Settled
from jstock_core.state.journal.journal import Journal


@dataclass(frozen=True)
class OrderStatus:
    """An open order, and what it waits for."""

    order: OrderPlaced
    state: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "group": self.order.group,
            "session": str(self.order.session),
            "side": self.order.side,
            "code": self.order.code,
            "shares": self.order.shares,
            "reserve": self.order.reserve,
            "filled_by": order_filler(self.order.source),
            "state": self.state,
        }


@dataclass(frozen=True, repr=False)
class DeskStatus:
    """What is owned at the close of `settled_through`, by group; `as_of` is that date where it was asked for.

    `expected` are dividends that are earned and not paid yet: no part of the figures of the groups.
    `desk` is the desk's name, its folder's without one. `newest_bars` is the newest session stored,
    `stale_since` the last session, where a live desk lacks it, `running` today's session, where it has opened
    and is not in the figures yet. `notes` are about group files: edited since the newest decision, or at odds
    with the journal. `late_data` are the data sets that are late for the next trade date, `halts` those
    of buys in force.
    """

    desk: str
    settled_through: date
    as_of: date | None
    simulated: bool
    newest_bars: date
    running: date | None
    whole: AccountSummary
    groups: tuple[AccountSummary, ...]
    positions: tuple[PositionStatus, ...]
    orders: tuple[OrderStatus, ...]
    notes: tuple[Alert, ...]
    expected: tuple[ExpectedDividend, ...] = ()
    stale_since: date | None = None
    since_decision: SinceDecision | None = None
    late_data: tuple[LateData, ...] = ()
    halts: Mapping[str, Halt] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say in a line what is owned."""
        owned = f"{yen(self.whole.equity)}, {plural(len(self.positions), 'position')}"
        return f"<DeskStatus at the close of {self.settled_through}: {owned}>"

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "desk": self.desk,
            "settled_through": str(self.settled_through),
            "as_of": None if self.as_of is None else str(self.as_of),
            "simulated": self.simulated,
            "newest_bars": str(self.newest_bars),
            "stale_since": None if self.stale_since is None else str(self.stale_since),
            "running": None if self.running is None else str(self.running),
            "whole": _account_json(self.whole),
            "groups": [_account_json(account) for account in self.groups],
            "positions": [position.as_json() for position in self.positions],
            "expected_dividends": [plain_json(asdict(each)) for each in self.expected],
            "orders": [order.as_json() for order in self.orders],
            "notes": [plain_json(asdict(note)) for note in self.notes],
            "since_decision": self.since_decision.as_json() if self.since_decision else None,
            "late_data": [late.as_json() for late in self.late_data],
            "halted": halts_json(self.halts),
        }


def _account_json(account: AccountSummary) -> dict[str, Any]:
    return {**plain_json(asdict(account)), "equity": account.equity, "unrealized": account.unrealized}


def portfolio_status(desk: Desk, as_of: str = "", *, date: str = "") -> DeskStatus:
    """The portfolio by group: cash, lots, P&L, stops, open orders.

    Valued at the close of the last settled session, never at a later one: lots and prices must be of one day.
    With `as_of` that of an earlier session, with `date` the morning of a trade date, which is the close of
    the session before it: by all that is known of it now, so that facts recorded later count.

    Raises:
        UsageError: no session was settled, or not the one asked for; both dates are given.

    """
    require_desk(desk)
    if date and as_of:
        raise UsageError("both a morning (date) and a close (as of) are given", do="give one of them")
    if date:
        as_of = str(desk.calendar.previous(desk.calendar.session(parse_date(date))))
    journal = desk.journal()
    book = journal.book()
    if book.settled_through is None:
        raise UsageError(
            "nothing is recorded yet", where=str(desk.workspace.journal), do="run `jstock daily` first"
        )
    session = book.settled_through
    if as_of:
        events = journal.events()
        session = _require_settled(desk, parse_date(as_of), events, book.settled_through)
        book = replay(event for event in events if event.session <= session)
    found = _status(desk, journal, book, session, as_of=session if as_of else None)
    return found if as_of else replace(found, since_decision=_since_decision(desk, journal, book))


def _since_decision(desk: Desk, journal: Journal, book: Book) -> SinceDecision | None:
    """What was recorded since the next trade date was decided, until it opens.

    It is None too where its market cannot be read: `jstock daily` says why. The journal is read only where
    something was decided, which a cached book knows too.
    """
    trade_date = desk.next_trade_date
    decided = any(latest.session >= trade_date for latest in book.decided.values())
    if not decided or not is_before_open(desk, trade_date):
        return None
    try:
        return changes_since_decision(desk, journal, trade_date)
    except DataError:
        return None


def _status(desk: Desk, journal: Journal, book: Book, session: date, *, as_of: date | None) -> DeskStatus:
    whole, following = desk.panel(), desk.calendar.next(session)
    panel = whole.known_at(at(session, BARS_PUBLIC))
    due = outstanding_dividends(book, panel, session)
    if due and book.entries is None:  # a cached book does not know who held what at a past close
        book = journal.events().book
    # What was ever held has a part in the performance, but only what is held now in the positions.
    codes = {code for group in book.groups.values() for code in group.lots}
    held = panel.only(codes | {dividend.code for dividend in due})
    view = morning_view(held, following, decision_time(following))
    groups = {group.id: group for group in desk.groups}
    facts = Facts(view=view, panel=held, groups=groups, trade_date=following, book=book)
    shown = build_portfolio(facts, build_returns(replace(facts, panel=panel)))
    blocked = _blocked(shown.held, held, session)
    return DeskStatus(
        desk=desk.settings.desk or desk.workspace.root.name,
        settled_through=session,
        as_of=as_of,
        simulated=panel.source.simulated,
        newest_bars=whole.session(len(whole.sessions) - 1),
        running=None if as_of else _running(desk, session),
        whole=shown.whole,
        groups=shown.accounts,
        positions=tuple(
            position_status(_dated(line, following, blocked), book, session) for line in shown.held
        ),
        expected=shown.expected,
        orders=tuple(_orders(desk, book)),
        notes=() if as_of else tuple(_notes(desk, book)),
        stale_since=desk.stale_since,
        late_data=() if as_of else late_now(desk, whole),
        halts=book.halts,
    )


def _blocked(lines: Sequence[HeldPosition], panel: Panel, session: date) -> Collection[str]:
    """The stocks that the checks block, as in a decision; not looked for where no stop is broken."""
    if not any(line.stop is not None and line.stop.state == SELLS for line in lines):
        return ()
    return blocked_stocks(check_panel(panel, through=session))


def _dated(held: HeldPosition, trade_date: date, blocked: Collection[str]) -> HeldPosition:
    """The position as shown at any time: what a report calls "today" is said with its date."""
    if held.stop is None or held.stop.state != SELLS:
        return held
    state = EXIT_UNKNOWN if held.code in blocked else f"sells on {trade_date}"
    return replace(held, stop=replace(held.stop, state=state))


def _notes(desk: Desk, book: Book) -> Iterator[Alert]:
    """Group files that do not fit the journal, and those that were edited since the newest decision."""
    for what, do in find_contradictions(desk.groups, book):
        yield Alert("group_files", Severity.ALERT, "desk", what, do)
    decided = read_declarations(desk.workspace.state)
    for group in desk.groups:
        session, declared = decided.get(group.id, (None, {}))
        latest = book.decided.get(group.id)
        if session is not None and latest is not None and session == latest.session:
            changes = declared_changes(declared, group.declared)
            yield from edit_alert(group.id, changes, session, "it counts from the next morning")


def _running(desk: Desk, settled: date) -> date | None:
    """Today's session, where it has opened and is later than the last one settled."""
    today = desk.now().date()
    opened = desk.calendar.is_session(today) and desk.now() >= at(today, OPEN)
    return today if opened and today > settled else None


def _require_settled(desk: Desk, session: date, events: Sequence[Event], last: date) -> date:
    """The session, which must be one that was settled.

    Raises:
        UsageError: it was not.

    """
    session = desk.calendar.session(session)
    first = min(event.session for event in events if isinstance(event, Settled))
    if first <= session <= last:
        return session
    way = "after the last" if session > last else "before the first"
    raise UsageError(f"{session} is {way} settled session", do=f"give one from {first} to {last}")


def _orders(desk: Desk, book: Book) -> Iterator[OrderStatus]:
    for group in book.groups.values():
        for order in group.orders.values():
            yield OrderStatus(order, _state(desk, order))


def _state(desk: Desk, order: OrderPlaced) -> str:
    if waits(order):
        is_late = f"{desk.now():%Y-%m-%dT%H:%M}" >= order.approve_until
        return f"{'not approved by' if is_late else 'waits for approval until'} {approval_end(order)}"
    if order.source == LATE:
        return order_state(order, (), opened=True).text
    if order.source == MANUAL:
        return "awaiting what the trader records"
    return "awaiting its bar" if desk.now() < at(order.session, BARS_PUBLIC) else "awaiting the next run"
