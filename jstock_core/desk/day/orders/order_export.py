"""`jstock trade orders export`: the orders of a decided morning as tickets, in the form that is wanted.

They are withheld where nothing may be placed: after the open, and before a decision. No file is written then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import ExitStatus, UsageError, WriteError
from jstock_core.base.intent import Intent
from jstock_core.base.limits import cut_word
from jstock_core.desk.day.orders.order_checks import UnplacedOrder, check_orders
from jstock_core.desk.day.steps import decide_day
from jstock_core.desk.settings.tickets import TicketFormat, TicketSettings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.orders.tickets import OrderTicket
from jstock_core.market.calendar import OPEN, at
from jstock_core.reports.render.outgoing.ticket_files import kabu_lines, kabu_order, order_type, tickets_csv
from jstock_core.state.facts.events import Decided

TICKET_FILES: Mapping[TicketFormat, str] = {"csv": "tickets.csv", "kabu": "orders.kabu.jsonl"}
"""The file of each form in a run's folder."""


@dataclass(frozen=True)
class OrderExport:
    """The tickets of a trade date: the valid ones, in the order to be placed, and those with faults.

    `withheld` says why nothing at all is written, "" where it is; `notes` what else is good to know. `path`
    is the file written, None for none.
    """

    trade_date: date
    format: TicketFormat
    settings: TicketSettings
    marks: tuple[str, ...]
    tickets: tuple[OrderTicket, ...]
    faulty: tuple[OrderTicket, ...]
    unplaced: tuple[UnplacedOrder, ...]
    withheld: str = ""
    notes: tuple[str, ...] = ()
    path: Path | None = None

    @property
    def exit(self) -> ExitStatus:
        """Degraded where a person must look: something could not be written."""
        return ExitStatus.DEGRADED if self.withheld or self.faulty else ExitStatus.OK

    @property
    def text(self) -> str:
        """What the file holds."""
        if self.format == "csv":
            return tickets_csv(self.tickets, self.settings.account, self.marks)
        return kabu_lines(self.tickets, self.settings.account, self.settings.exchange)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "trade_date": str(self.trade_date),
            "format": self.format,
            "marks": list(self.marks),
            "withheld": self.withheld,
            "tickets": [self._ticket_json(ticket) for ticket in self.tickets],
            "faulty": [self._ticket_json(ticket) for ticket in self.faulty],
            "unplaced": [{"order": each.order_id, "why": each.why} for each in self.unplaced],
            "notes": list(self.notes),
            "file": None if self.path is None else str(self.path),
        }

    def _ticket_json(self, ticket: OrderTicket) -> dict[str, Any]:
        sendable = self.format == "kabu" and not ticket.faults
        account, exchange = self.settings.account, self.settings.exchange
        return {
            "id": ticket.id,
            "code": ticket.code,
            "side": ticket.side,
            "shares": ticket.shares,
            "order_type": order_type(ticket.limit),
            "limit": None if ticket.limit is None else float(ticket.limit),
            "account": account,
            "groups": list(ticket.groups),
            "orders": list(ticket.order_ids),
            "faults": list(ticket.faults),
            "sendorder": kabu_order(ticket, account, exchange) if sendable else None,
        }


def parse_format(text: str) -> TicketFormat:
    """A form by its name.

    Raises:
        UsageError: there is no such form.

    """
    for form in TICKET_FILES:
        if form == text:
            return form
    raise UsageError(f'"{cut_word(text)}" is not a form of tickets', do=f"use {' or '.join(TICKET_FILES)}")


def export_orders(desk: Desk, trade_date: str | date = "", form: TicketFormat = "csv") -> OrderExport:
    """The tickets of a decided trade date (ISO; "" for the next possible one); nothing is recorded.

    Raises:
        UsageError: nothing is decided for it. DataError: the market that it was decided on cannot be read.

    """
    session = desk.trade_date(trade_date)
    book = desk.journal().book()
    _require_decision(desk, session)
    nothing = OrderExport(session, form, desk.settings.tickets, desk.marks, (), (), ())
    if withheld := _why_withheld(desk, session, form):
        return replace(nothing, withheld=withheld)
    day = decide_day(desk, session, Intent.SHOW_AGAIN)
    found = check_orders(day, book)
    pending = day.since is not None and day.since.is_pending
    notes = ("facts were recorded since the decision: run `jstock daily` first",) if pending else ()
    return replace(nothing, tickets=found.valid, faulty=found.faulty, unplaced=found.unplaced, notes=notes)


def _require_decision(desk: Desk, session: date) -> None:
    decided = any(isinstance(e, Decided) and e.session == session for e in desk.journal().events())
    if not decided:
        raise UsageError(
            f"nothing is decided for {session}, so there is nothing to place", do="run `jstock daily` first"
        )


def _why_withheld(desk: Desk, session: date, form: TicketFormat) -> str:
    """Why nothing may be placed; "" where something may."""
    if desk.now() >= at(session, OPEN):
        return f"the opening auction of {session} is past: what is open is not to be placed any more"
    if desk.marks and form == "kabu":
        return f"this desk is {' and '.join(desk.marks)}: its orders are never written for a broker's program"
    return ""


def write_orders(export: OrderExport, path: Path) -> OrderExport:
    """Write the tickets into a file for its owner alone; nothing where they are withheld.

    Raises:
        WriteError: it cannot be written.

    """
    if export.withheld:
        return export
    try:
        write_atomically(path, export.text.encode())
    except OSError as error:
        raise WriteError(f"cannot be written: {os_reason(error)}", where=str(path)) from error
    return replace(export, path=path)


def publish_orders(desk: Desk, session: date, folder: Path) -> tuple[Path, ...]:
    """Write the declared forms into a run's folder, where anything may be placed; the files written.

    Raises:
        JstockError: as `export_orders` and `write_orders`.

    """
    written = (
        write_orders(export_orders(desk, session, form), folder / TICKET_FILES[form])
        for form in desk.settings.tickets.formats
    )
    return tuple(each.path for each in written if each.path is not None)
