"""`jstock trade reconcile`: orders against fills, and holdings against the broker's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from jstock_core.base.words import count, price, signed_number, signed_yen
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.trading import reconcile as desk_reconcile
from jstock_core.desk.trading.holdings import HoldingDifference
from jstock_core.desk.trading.reconcile import FillSlippage, Reconciliation
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.fillers import order_filler


def show_reconciliation(found: Reconciliation) -> None:
    """Print orders against fills, slippage, and the differences to the broker's holdings."""
    if found.session:
        _show_orders(found)
        _show_fills(found)
    if found.differences is not None:
        _show_holdings(found, found.differences)


def _show_orders(found: Reconciliation) -> None:
    columns = {
        "group": "left", "side": "left", "code": "left", "by": "left", "ordered": "right", "filled": "right",
        "price": "right", "is": "left", "why": "cut",
    }  # fmt: skip
    rows = [
        [
            o.order.group, o.order.side, o.order.code, order_filler(o.order.source), count(o.order.shares),
            count(o.filled),
            "" if o.price is None else price(o.price), o.outcome, o.why,
        ]
        for o in found.orders
    ]  # fmt: skip
    show_table(f"orders of {found.session}", columns, rows)
    if found.missing:
        console().print(
            f"[bold red]{found.missing} missing[/]: neither a fill nor a quantity of 0 is recorded"
        )


def _show_fills(found: Reconciliation) -> None:
    columns = {
        "group": "left", "side": "left", "code": "left", "name": "cut", "shares": "right", "price": "right",
        "opening": "spare right", "slippage": "right", "bps": "spare right", "ticks": "spare right",
        "": "left",
    }  # fmt: skip
    show_table("fills against the opening price", columns, [_fill_row(fill) for fill in found.fills])
    if found.slippage is not None:
        console().print(
            f"slippage {signed_yen(round(found.slippage.yen))}, "
            f"{signed_number(found.slippage.bps)} basis points (+ is worse)"
        )


def _fill_row(row: FillSlippage) -> list[str]:
    fill = row.fill
    return [
        fill.group, fill.side, fill.code, row.name, count(fill.shares), price(float(fill.price)),
        *_slippage_cells(row), "unexpected" if row.unexpected else "inside" if row.inside else "",
    ]  # fmt: skip


def _slippage_cells(row: FillSlippage) -> list[str]:
    if row.opening is None or row.yen is None:
        return ["-", "-", "-", "-"]
    return [
        price(row.opening),
        signed_yen(round(row.yen)),
        signed_number(row.bps, 1),
        signed_number(row.ticks, 1),
    ]


def _show_holdings(found: Reconciliation, differences: Sequence[HoldingDifference]) -> None:
    columns = {
        "code": "left", "name": "cut", "desk": "right", "broker": "right", "difference": "right",
        "groups": "wrap",
    }  # fmt: skip
    rows = [
        [d.code, d.name, count(d.desk), count(d.broker), f"{d.shares:+,}", ", ".join(d.groups)]
        for d in differences
    ]
    account = ", ".join(found.account)
    show_table(f"holdings of {account} that differ", columns, rows, empty="the same as the broker's")
    for line in found.skipped:
        console().print(f"[dim]skipped[/] line {line.number}: {escape(line.why)}", soft_wrap=True)
    for fact in found.adjusted:
        console().print(f"recorded {escape(fact)}", soft_wrap=True)


@command(show=show_reconciliation, example="jstock trade reconcile --positions broker.csv")
def reconcile(
    desk: Desk,
    *,
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="The session; default: the newest with orders.")
    ] = "",
    positions: Annotated[
        str, typer.Option("--positions", metavar="FILE", help="What the broker holds: code, qty, price.")
    ] = "",
    adjust: Annotated[
        str, typer.Option("--adjust", metavar="REASON", help="Journal the differences, for this reason.")
    ] = "",
    group: Annotated[
        str, typer.Option("--group", "-g", metavar="GROUP", help="Whose the differences are.")
    ] = "",
) -> Reconciliation:
    """Compare orders with fills, and holdings with the broker's.

    Slippage is measured against the opening price. The exit status is 11 where something differs.
    """
    return desk_reconcile.reconcile(desk, date, positions=positions, adjust=adjust, group=group)
