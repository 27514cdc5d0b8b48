"""`jstock trade cash|position|orders|history|reconcile`: what people say of the book, and what it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.errors import ExitStatus
from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

cash = typer.Typer(no_args_is_help=True, help="Cash of a group: deposit, withdraw, dividend, fee, set.")
position = typer.Typer(no_args_is_help=True, help="Positions of a group: set.")
orders = typer.Typer(no_args_is_help=True, help="Orders: list, cancel.")

Group = Annotated[str, typer.Argument(metavar="GROUP", help="The group's id.")]
Yen = Annotated[str, typer.Argument(metavar="YEN", help="Whole yen.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the fact.")]
Session = Annotated[
    str, typer.Option("--date", metavar="DATE", help="Its session; default: today's, else the next.")
]
Again = Annotated[bool, typer.Option("--again", help="It is another one, though it looks the same.")]


def register(app: typer.Typer) -> None:
    """Put the commands under `jstock trade`."""
    app.add_typer(cash, name="cash")
    app.add_typer(position, name="position")
    app.add_typer(orders, name="orders")
    app.command(epilog="Example: jstock trade history --code 7203 --from 2026-01-01")(history)
    app.command(epilog="Example: jstock trade reconcile --positions broker.csv")(reconcile)


@cash.command(epilog='Example: jstock trade cash deposit conservative 1000000 --reason "savings"')
def deposit(
    group: Group,
    yen: Yen,
    reason: Reason = "deposit",
    date: Session = "",
    again: Again = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Put cash into a group. The same deposit twice is refused, unless it is said to be another."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import deposit as put

    done = put(group, yen, reason=reason, workspace=workspace, date=date, again=again, now=now)
    return show_kept(done, as_json=as_json)


@cash.command(epilog='Example: jstock trade cash withdraw conservative 100000 --reason "taxes"')
def withdraw(
    group: Group,
    yen: Yen,
    reason: Reason = "withdrawal",
    date: Session = "",
    again: Again = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Take cash out of a group, of what open orders do not need."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import withdraw as take

    done = take(group, yen, reason=reason, workspace=workspace, date=date, again=again, now=now)
    return show_kept(done, as_json=as_json)


@cash.command(epilog="Example: jstock trade cash dividend conservative 7203 7969")
def dividend(
    group: Group,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock it was paid for.")],
    yen: Annotated[str, typer.Argument(metavar="YEN", help="Whole yen as credited, after tax withheld.")],
    reason: Reason = "dividend",
    date: Session = "",
    again: Again = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Record a dividend that a group received for a stock it holds or held."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import dividend as receive

    done = receive(group, code, yen, reason=reason, workspace=workspace, date=date, again=again, now=now)
    return show_kept(done, as_json=as_json)


@cash.command(epilog='Example: jstock trade cash fee conservative 550 --reason "data feed"')
def fee(
    group: Group,
    yen: Yen,
    reason: Reason = "fee",
    date: Session = "",
    again: Again = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Record a fee for no fill in particular; the commission of a fill is recorded with the fill."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import fee as pay

    done = pay(group, yen, reason=reason, workspace=workspace, date=date, again=again, now=now)
    return show_kept(done, as_json=as_json)


@cash.command(
    "set", epilog='Example: jstock trade cash set conservative 4980000 --reason "as the broker says"'
)
def cash_set(
    group: Group,
    yen: Yen,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it differs; it is kept.")],
    date: Session = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Set a group's cash to what was counted; the difference is journaled as an adjustment."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import count_cash

    done = count_cash(group, yen, reason=reason, workspace=workspace, date=date, now=now)
    return show_kept(done, as_json=as_json)


@position.command(
    "set", epilog='Example: jstock trade position set conservative 7203 300 --price 2900 --reason "moved in"'
)
def position_set(
    group: Group,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock.")],
    shares: Annotated[str, typer.Argument(metavar="SHARES", help="How many are held.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it differs; it is kept.")],
    price: Annotated[
        str,
        typer.Option(
            "--price",
            metavar="YEN",
            help="What each share that comes in cost; for as many as held, what all did.",
        ),
    ] = "",
    date: Session = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Set a group's position to what was counted; the difference is journaled as an adjustment."""
    from jstock_core.cli.book_show import show_kept
    from jstock_core.desk.trading.cash import count_position

    done = count_position(
        group, code, shares, price=price, reason=reason, workspace=workspace, date=date, now=now
    )
    return show_kept(done, as_json=as_json)


@orders.command("list", epilog="Example: jstock trade orders list --all --date 2026-01-21")
def orders_list(
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only those of this session.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """The orders that are open: who fills them, and which ticket stands for them at the broker."""
    from jstock_core.cli.book_show import show_orders
    from jstock_core.desk.trading.orders import listed

    return show_orders(listed(workspace, day=date, every=every, now=now), as_json=as_json)


@orders.command("cancel", epilog="Example: jstock trade orders cancel 7203")
def orders_cancel(
    names: Annotated[list[str], typer.Argument(metavar="ORDER...", help="Ids or codes of open orders.")],
    reason: Reason = "taken back by the trader",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only among this session's.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Take back open orders: all of those named, or none. At the broker you cancel them yourself."""
    from rich.markup import escape

    from jstock_core.cli.show import console, show_json
    from jstock_core.desk.trading.orders import cancel

    done = cancel(names, reason=reason, workspace=workspace, day=date, now=now)
    if as_json:
        show_json(done)
    else:
        console().print(f"cancelled {escape(', '.join(done['cancelled']))}", soft_wrap=True)
    return ExitStatus.OK


def history(
    code: Annotated[str, typer.Option("--code", "-c", metavar="CODE", help="Only this stock.")] = "",
    group: Annotated[str, typer.Option("--group", "-g", metavar="GROUP", help="Only this group.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, as 2026-01-21.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, as 2026-06-30.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """What moved money or shares, as corrected: fills, deposits, dividends, splits, adjustments."""
    from jstock_core.cli.book_show import show_history
    from jstock_core.desk.trading.history import ledger_history

    found = ledger_history(workspace, code=code, group=group, first=first, last=last, now=now)
    return show_history(found, as_json=as_json)


def reconcile(
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
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Orders against fills with slippage, and holdings against the broker's."""
    from jstock_core.cli.book_show import show_reconciled
    from jstock_core.desk.trading.reconcile import reconcile as compare

    found = compare(workspace, day=date, positions=positions, adjust=adjust, group=group, now=now)
    return show_reconciled(found, as_json=as_json)
