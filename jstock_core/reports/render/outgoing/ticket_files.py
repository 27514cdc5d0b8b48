"""Tickets as files: CSV for a person, and JSON lines in the shape of kabu STATION's `/sendorder`.

Nothing here is ever sent. Lines for a program are the bodies of its requests, one a ticket; without a token
of the broker's program nobody can place them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from jstock_core.execution.orders.tickets import OrderTicket
from jstock_core.reports.render.outgoing.sheet import csv_sheet

SOR: Final = 9
"""kabu STATION's exchange of smart order routing, which knows no opening auction."""
ACCOUNTS: Final = {"一般": 2, "特定": 4, "法人": 12}
"""kabu STATION's number of each type of account."""

_COLUMNS = (
    "id", "valid_on", "groups", "code", "code_text", "name", "side", "shares", "order_type", "limit",
    "estimate", "lower", "upper", "account", "reason", "orders", "mark",
)  # fmt: skip
_MARKET, _OPENING_MARKET, _LIMIT, _OPENING_LIMIT = 10, 13, 20, 21


def order_type(limit: object) -> str:
    """What brokers call an order for the opening auction: 寄成 at the market, 寄指 with a limit."""
    return "寄成" if limit is None else "寄指"


def text_code(code: str) -> str:
    """A code as a formula that a spreadsheet shows as text."""
    return f'="{code}"'


def tickets_csv(tickets: Iterable[OrderTicket], account: str, marks: Sequence[str]) -> str:
    """Tickets as CSV for a spreadsheet (see `sheet`), a row for each.

    `code_text` is the code as a formula, so that a spreadsheet keeps it as text. `mark` is SIMULATED or
    HISTORICAL where these are not orders to place.
    """
    return csv_sheet(_COLUMNS, (_row(each, account, " ".join(marks)) for each in tickets), {"code_text"})


def _row(ticket: OrderTicket, account: str, mark: str) -> dict[str, Any]:
    limits = ticket.quote.limits if ticket.quote else None
    return {
        "id": ticket.id,
        "valid_on": ticket.session,
        "groups": " ".join(ticket.groups),
        "code": ticket.code,
        "code_text": text_code(ticket.code),
        "name": ticket.name,
        "side": ticket.side,
        "shares": ticket.shares,
        "order_type": order_type(ticket.limit),
        "limit": None if ticket.limit is None else float(ticket.limit),
        "estimate": ticket.estimate,
        "lower": None if limits is None else float(limits.lower),
        "upper": None if limits is None else float(limits.upper),
        "account": account,
        "reason": "; ".join(ticket.reasons),
        "orders": " ".join(ticket.order_ids),
        "mark": mark,
    }


def kabu_lines(tickets: Iterable[OrderTicket], account: str, exchange: int) -> str:
    """Tickets as JSON lines: each the body of a request to `/sendorder`."""
    bodies = (kabu_order(ticket, account, exchange) for ticket in tickets)
    return "".join(json.dumps(body, ensure_ascii=False) + "\n" for body in bodies)


def kabu_order(ticket: OrderTicket, account: str, exchange: int) -> dict[str, Any]:
    """A cash order for the opening auction of its session, and of no other day.

    Source: the reference of kabu STATION's API (kabucom/kabusapi, 2026-04-26).
    """
    buys = ticket.side == "BUY"
    kinds = (_MARKET, _LIMIT) if exchange == SOR else (_OPENING_MARKET, _OPENING_LIMIT)
    price = 0.0 if ticket.limit is None else float(ticket.limit)
    return {
        "Symbol": ticket.code,
        "Exchange": exchange,
        "SecurityType": 1,
        "Side": "2" if buys else "1",
        "CashMargin": 1,
        "DelivType": 2 if buys else 0,
        "FundType": "02" if buys else "  ",
        "AccountType": ACCOUNTS[account],
        "Qty": ticket.shares,
        "FrontOrderType": kinds[0] if ticket.limit is None else kinds[1],
        "Price": int(price) if price == int(price) else price,
        "ExpireDay": int(f"{ticket.session:%Y%m%d}"),
    }
