"""`jstock trade position`: the shares of a group as counted."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DifferenceReason, GroupArgument, SessionOption
from jstock_core.cli.recording.cash import show_change
from jstock_core.desk.trading.cash import GroupChange, adjust_position
from jstock_core.desk.workspace.desk import Desk


@command(
    name="set",
    show=show_change,
    example='jstock trade position set conservative 7203 300 --price 2900 --reason "moved in"',
)
def set_position(
    desk: Desk,
    group: GroupArgument,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock.")],
    shares: Annotated[str, typer.Argument(metavar="SHARES", help="How many are held.")],
    *,
    reason: DifferenceReason,
    price: Annotated[
        str,
        typer.Option(
            "--price",
            metavar="YEN",
            help="What each share that comes in cost; for as many as held, what all did.",
        ),
    ] = "",
    date: SessionOption = "",
) -> GroupChange:
    """Set a group's position to what was counted; journal the difference."""
    return adjust_position(desk, group, code, shares, price=price, reason=reason, date=date)
