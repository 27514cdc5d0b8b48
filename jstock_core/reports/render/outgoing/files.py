"""The files other programs read: tickets as CSV for a spreadsheet, signals and the report as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jstock_core.base.arguments import require_kind
from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import WriteError
from jstock_core.execution.netting import BrokerTicket
from jstock_core.execution.orders.states import DONE
from jstock_core.execution.orders.tickets import ticket_id
from jstock_core.reports.model.codec import REPORT_FILE, report_json
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import Ticket
from jstock_core.reports.render.outgoing.sheet import WAITS, csv_sheet
from jstock_core.reports.render.outgoing.signals_file import signals_json
from jstock_core.reports.render.outgoing.ticket_files import order_type, text_code
from jstock_core.state.views.views import write_json

_COLUMNS = (
    "id", "trade_date", "group", "code", "name", "side", "shares", "kind", "limit", "lower", "upper",
    "estimate", "reason", "mark", "filled_by", "broker_ticket", "broker_side", "broker_shares", "crossed",
    "broker_orders", "order_type", "code_text", "ticket",
    "outcome", "filled",
)  # fmt: skip


def write_files(report: Report, folder: str | Path) -> tuple[Path, ...]:
    """Write the signals, the tickets and the report's values into `folder`; with "" write nothing.

    Raises:
        WriteError: the folder cannot be written.

    """
    require_kind(report, Report, "a report", "give the `report` of the day that `js.run_day(...)` returns")
    if not folder:
        return ()
    signals = Path(folder) / f"signals_{report.header.trade_date}.json"
    write_json(signals, signals_json(report))
    texts = {"orders.csv": orders_csv(report), REPORT_FILE: report_json(report)}
    return (*(_write(Path(folder) / name, text) for name, text in texts.items()), signals)


def _write(path: Path, text: str) -> Path:
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise WriteError(f"cannot be written: {os_reason(error)}", where=str(path)) from error
    return path


def orders_csv(report: Report) -> str:
    """Today's tickets as CSV for a spreadsheet (see `sheet`), a row for each group's order.

    `mark` is SIMULATED, HISTORICAL, REHEARSAL, PREVIEW, NOT APPROVED, LATE, TO RECORD, FILLED or EXPIRED
    where these are not orders to place. `outcome` says what became of one, `filled` how many shares are
    filled.
    `filled_by` is "you" for those that a person places, "paper" for those filled on paper. The columns from
    `broker_ticket` on are what is placed for the orders of a code together, which are `broker_orders`, and
    `ticket` its id in `jstock trade orders export`; nothing for an order that waits, is late or done.
    `code_text` is the code as a formula, which a spreadsheet shows as text.
    """
    mark = " ".join(_marks(report))
    placed = {order: _placement(ticket) for ticket in report.execution.broker for order in ticket.order_ids}
    rows = (
        {
            **asdict(t), "mark": f"{mark} {_state_mark(t)}".strip(),
            **placed.get(t.id, _NOT_PLACED),
            "order_type": order_type(t.limit), "code_text": text_code(t.code),
        }
        for t in report.execution.standing
    )  # fmt: skip
    return csv_sheet(_COLUMNS, rows, {"code_text"})


def _state_mark(ticket: Ticket) -> str:
    """The word on an order that is not to be placed; "" for others."""
    if ticket.waits:
        return WAITS
    return ticket.phase.upper().replace("_", " ") if ticket.phase in DONE else ""


_NOT_PLACED = dict.fromkeys(
    ("broker_ticket", "broker_side", "broker_shares", "crossed", "broker_orders", "ticket"), None
)


def _placement(ticket: BrokerTicket) -> dict[str, Any]:
    own = ticket_id(ticket) if ticket.side else None
    columns = (ticket.id, ticket.side, ticket.shares, ticket.crossed, " ".join(ticket.order_ids), own)
    return dict(zip(_NOT_PLACED, columns, strict=True))


def _marks(report: Report) -> Iterator[str]:
    yield from report.header.market_marks
    if report.header.intent.mark:
        yield report.header.intent.mark
