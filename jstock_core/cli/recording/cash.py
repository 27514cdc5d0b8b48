"""`jstock trade cash`: deposits, withdrawals, dividends, fees, and the balance as counted."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.words import yen as in_yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import (
    DifferenceReason,
    GroupArgument,
    ReasonOption,
    SessionOption,
    YenArgument,
)
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.trading import cash
from jstock_core.desk.trading.cash import GroupChange
from jstock_core.desk.workspace.desk import Desk

AgainOption = Annotated[
    bool, typer.Option("--again", help="It is another one, equal to one recorded already.")
]


def show_change(change: GroupChange) -> None:
    """Print what was recorded of a group, and what the group has now."""
    out = console()
    for fact in change.recorded:
        out.print(f"recorded {escape(fact)}", soft_wrap=True)
    if not change.recorded:
        out.print("nothing was recorded: there is no difference")
    held = f", {change.shares:,} shares of {change.code}" if change.code else ""
    reserved = f", {in_yen(change.reserved)} of it reserved" if change.reserved else ""
    out.print(f"{escape(change.group)} has {in_yen(change.cash)}{reserved}{held}")


@command(show=show_change, example='jstock trade cash deposit conservative 1000000 --reason "savings"')
def deposit(
    desk: Desk,
    group: GroupArgument,
    yen: YenArgument,
    *,
    reason: ReasonOption = "deposit",
    date: SessionOption = "",
    again: AgainOption = False,
) -> GroupChange:
    """Put cash into a group.

    The same deposit twice is refused, unless --again is given.
    """
    return cash.deposit(desk, group, yen, reason=reason, date=date, again=again)


@command(show=show_change, example='jstock trade cash withdraw conservative 100000 --reason "taxes"')
def withdraw(
    desk: Desk,
    group: GroupArgument,
    yen: YenArgument,
    *,
    reason: ReasonOption = "withdrawal",
    date: SessionOption = "",
    again: AgainOption = False,
) -> GroupChange:
    """Take cash out of a group, of what open orders do not need."""
    return cash.withdraw(desk, group, yen, reason=reason, date=date, again=again)


@command(show=show_change, example="jstock trade cash dividend conservative 7203 7969")
def dividend(
    desk: Desk,
    group: GroupArgument,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock it was paid for.")],
    yen: Annotated[str, typer.Argument(metavar="YEN", help="Whole yen as credited, after tax withheld.")],
    *,
    reason: ReasonOption = "dividend",
    date: SessionOption = "",
    again: AgainOption = False,
) -> GroupChange:
    """Record a dividend that a group received for a stock it holds or held."""
    return cash.record_dividend(desk, group, code, yen, reason=reason, date=date, again=again)


@command(show=show_change, example='jstock trade cash fee conservative 550 --reason "data feed"')
def fee(
    desk: Desk,
    group: GroupArgument,
    yen: YenArgument,
    *,
    reason: ReasonOption = "fee",
    date: SessionOption = "",
    again: AgainOption = False,
) -> GroupChange:
    """Record a fee for no fill in particular.

    The commission of a fill is recorded with the fill.
    """
    return cash.record_fee(desk, group, yen, reason=reason, date=date, again=again)


@command(
    name="set",
    show=show_change,
    example='jstock trade cash set conservative 4980000 --reason "as the broker says"',
)
def set_cash(
    desk: Desk,
    group: GroupArgument,
    yen: YenArgument,
    *,
    reason: DifferenceReason,
    date: SessionOption = "",
) -> GroupChange:
    """Set a group's cash to what was counted; journal the difference."""
    return cash.adjust_cash(desk, group, yen, reason=reason, date=date)
