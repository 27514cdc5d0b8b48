"""The commit point of a morning: from there on nothing keeps the tickets from the trader.

`guard_tickets` stands around everything that a run does: fetching, deciding, charts, report, publishing,
list of runs. Where any of it fails, the journal tells whether decisions were recorded, and their tickets are
read from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from jstock_core.base.errors import (
    JstockError,
    LockedError,
    NotebookError,
    PublishError,
    WriteError,
    error_reason,
)
from jstock_core.base.intent import Intent
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.approvals import waits
from jstock_core.execution.fillers import order_filler
from jstock_core.execution.netting import net
from jstock_core.execution.orders.states import order_state
from jstock_core.market.calendar import OPEN, at
from jstock_core.reports.render.outgoing.sheet import BOM, WAITS, csv_sheet
from jstock_core.state.facts.events import OrderPlaced

_UNSHOWN = (NotebookError, PublishError, WriteError)
"""Errors for which a date that an earlier run decided has no report, so that its tickets are shown."""


@dataclass(frozen=True)
class JournalTicket:
    """An open order as the journal has it; what is placed at the broker for it, with others of its code."""

    id: str
    trade_date: str
    group: str
    code: str
    side: str
    shares: int
    kind: str
    limit: str
    reason: str
    mark: str
    filled_by: str
    broker_ticket: str
    broker_side: str
    broker_shares: int | None
    crossed: int | None


@dataclass(frozen=True)
class JournalTickets:
    """The open orders of a trade date, sells first. `recorded` tells whether the run recorded decisions."""

    trade_date: date
    recorded: bool
    tickets: tuple[JournalTicket, ...]

    def as_text(self) -> str:
        """A heading, and the tickets in the columns of `orders.csv` that the journal knows."""
        if not self.tickets:
            return f"the tickets of {self.trade_date}: there are no open orders"
        rows = csv_sheet(tuple(JournalTicket.__dataclass_fields__), (asdict(t) for t in self.tickets))
        lines = rows.removeprefix(BOM).splitlines()
        return "\n".join((f"the tickets of {self.trade_date}:", *lines))

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "trade_date": str(self.trade_date),
            "recorded": self.recorded,
            "tickets": [asdict(ticket) for ticket in self.tickets],
        }


def read_tickets(desk: Desk, trade_date: date, *, recorded: bool) -> JournalTickets:
    """The tickets of a trade date from the journal alone: no market data, no report.

    Raises:
        StateError: the journal is damaged.

    """
    groups = desk.journal().book().groups.values()
    orders = [o for group in groups for o in group.orders.values() if o.session == trade_date]
    placed = {order.id: ticket for ticket in net(orders) for order in ticket.orders}
    rows = []
    for order in sorted(orders, key=lambda o: (o.side == "BUY", o.group, o.code)):
        ticket = placed.get(order.id)
        broker = ("", "", None, None) if ticket is None else (
            ticket.id, ticket.side or "", ticket.shares, ticket.crossed,
        )  # fmt: skip
        state = order_state(order, (), opened=desk.now() >= at(trade_date, OPEN))
        mark = WAITS if waits(order) else "" if state.is_open else state.phase.upper().replace("_", " ")
        rows.append(_journal_ticket(order, " ".join(each for each in (*desk.marks, mark) if each), *broker))
    return JournalTickets(trade_date, recorded, tuple(rows))


def _journal_ticket(order: OrderPlaced, mark: str, *broker: Any) -> JournalTicket:
    limit = "" if order.limit is None else str(order.limit)
    return JournalTicket(
        order.id, str(order.session), order.group, order.code, order.side, order.shares, order.kind, limit,
        order.reason, mark, order_filler(order.source), *broker,
    )  # fmt: skip


@dataclass(frozen=True)
class CommitWatch:
    """The decisions of a trade date that were journaled when a run began."""

    desk: Desk
    trade_date: date
    before: frozenset[tuple[str, int]]

    @classmethod
    def begin(cls, desk: Desk, trade_date: date) -> CommitWatch:
        """Watch a trade date from now on."""
        return cls(desk, trade_date, _decisions(desk, trade_date))

    def recorded(self) -> JournalTickets | None:
        """The tickets of the date, where decisions were journaled since `begin`; else None.

        Raises:
            StateError: the journal is damaged.

        """
        added = _decisions(self.desk, self.trade_date) - self.before
        return read_tickets(self.desk, self.trade_date, recorded=True) if added else None

    def translate(self, error: BaseException) -> BaseException:
        """The error to raise for one that ended the run: with the tickets, where there are any."""
        if isinstance(error, LockedError):
            return error  # what another run recorded it reports itself
        try:
            tickets = self.recorded() or self._unshown(error)
            if tickets is not None:
                return self._publish_error(error, tickets)
        except JstockError as unreadable:
            error.add_note(f"the journal cannot be read either: {unreadable.what}")
        return error

    def _unshown(self, error: BaseException) -> JournalTickets | None:
        """The tickets of an earlier run, where they can still be placed and have no report for the error."""
        open_still = self.before and self.trade_date >= self.desk.next_trade_date
        if not (open_still and isinstance(error, _UNSHOWN)):
            return None
        return read_tickets(self.desk, self.trade_date, recorded=False)

    def _publish_error(self, error: BaseException, tickets: JournalTickets) -> PublishError:
        known = error if isinstance(error, JstockError) else None
        again = f"then run `jstock trade report --date {self.trade_date}` for the report"
        failure = PublishError(
            f"the decisions for {self.trade_date} are journaled, but there is no complete report: "
            f"{error_reason(error)}",
            where=known.where if known else "",
            do=f"place the tickets as printed; {known.do + '; ' if known and known.do else ''}{again}",
        )
        failure.tickets = tickets
        return failure


def _decisions(desk: Desk, trade_date: date) -> frozenset[tuple[str, int]]:
    """Group and revision of each newest decision of that date."""
    decided = desk.journal().book().decided
    return frozenset((name, at.revision) for name, at in decided.items() if at.session == trade_date)


@contextmanager
def guard_tickets(desk: Desk, trade_date: date, intent: Intent) -> Iterator[CommitWatch]:
    """Let no failure of the block, a signal included, keep back the tickets that it journaled.

    Raises:
        PublishError: decisions for the date are journaled, by the block or, where it may still be traded, by
            an earlier run, and the block failed to show them; it carries their tickets.
        JstockError: it failed otherwise.

    """
    if intent not in (Intent.JOURNAL, Intent.REVISE, Intent.SHOW_AGAIN):
        yield CommitWatch(desk, trade_date, frozenset())
        return
    watch = CommitWatch.begin(desk, trade_date)
    try:
        yield watch
    except BaseException as error:
        raised = watch.translate(error)
        if raised is error:
            raise
        raise raised from error
