"""`jstock trade group`: groups that are renamed, whose file was removed, or that end."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import GroupArgument
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.trading.groups import (
    GroupFileChange,
    adopt_group,
    rename_group,
    wind_down_group,
)
from jstock_core.desk.workspace.desk import Desk


def show_group_file(change: GroupFileChange) -> None:
    """Print what was done with a group, and what to do next."""
    out = console()
    out.print(f"{escape(change.group)}: {escape(change.what)} ({escape(str(change.file))})", soft_wrap=True)
    out.print(f"it has {change.account}")
    if change.next_step:
        out.print(f"next: {escape(change.next_step)}", soft_wrap=True)


@command(show=show_group_file, example="jstock trade group rename aggressive bold")
def rename(
    desk: Desk,
    group: GroupArgument,
    to: Annotated[str, typer.Argument(metavar="NEW", help="Its new id, which no group has.")],
) -> GroupFileChange:
    """Let a group go on under another name, with its cash, shares, orders and past.

    Its file is renamed too, unless that was done already.
    """
    return rename_group(desk, group, to)


@command(show=show_group_file, example="jstock trade group adopt aggressive")
def adopt(desk: Desk, group: GroupArgument) -> GroupFileChange:
    """Go on with a group whose file was removed: write the file again as last decided.

    The comments of the file are lost; its parameters are those of the newest decision in the journal.
    """
    return adopt_group(desk, group)


@command(name="wind-down", show=show_group_file, example="jstock trade group wind-down aggressive")
def wind_down(desk: Desk, group: GroupArgument) -> GroupFileChange:
    """End a group: it sells all it holds and enters nothing any more.

    Writes `wind_down: true` into its file, which is written again where it was removed.
    """
    return wind_down_group(desk, group)
