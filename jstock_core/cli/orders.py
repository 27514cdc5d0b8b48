"""`jstock trade orders`: list and cancel."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from jstock_core.base.words import count
from jstock_core.cli.command import command
from jstock_core.cli.options import ReasonOption
from jstock_core.cli.show import console, show_table
from jstock_core.desk.trading.orders import (
    CancelledOrders,
    ListedOrder,
    OrderList,
    cancel_orders,
    list_orders,
)
from jstock_core.desk.workspace.desk import Desk


def show_orders(found: OrderList) -> None:
    """Print orders as a table; in a narrow terminal without their ids."""
    columns = {
        "for": "left", "group": "left", "side": "left", "code": "left", "shares": "right",
        "filled by": "left", "is": "wrap", "id": "spare left",
    }  # fmt: skip
    show_table("orders", columns, [_row(order) for order in found.orders])


def _row(order: ListedOrder) -> list[str]:
    placed = order.placed
    partial = order.open not in (0, placed.shares)
    return [
        str(placed.session), placed.group, placed.side, placed.code, count(placed.shares),
        order.filled_by, f"{order.outcome}, {count(order.open)} open" if partial else order.outcome,
        placed.id,
    ]  # fmt: skip


def show_cancelled(cancelled: CancelledOrders) -> None:
    """Print the ids of the orders that were cancelled."""
    console().print(f"cancelled {escape(', '.join(cancelled.ids))}", soft_wrap=True)


@command(name="list", show=show_orders, example="jstock trade orders list --all --date 2026-01-21")
def list_(
    desk: Desk,
    *,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only those of this session.")] = "",
    include_done: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
) -> OrderList:
    """List the open orders: who fills them, and what became of those that are done."""
    return list_orders(desk, date, include_done=include_done)


@command(show=show_cancelled, example="jstock trade orders cancel 7203")
def cancel(
    desk: Desk,
    names: Annotated[list[str], typer.Argument(metavar="ORDER...", help="Ids or codes of open orders.")],
    *,
    reason: ReasonOption = "taken back by the trader",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only among this session's.")] = "",
) -> CancelledOrders:
    """Cancel open orders: all of those named, or none.

    At the broker you cancel them yourself.
    """
    return cancel_orders(desk, names, reason=reason, date=date)
