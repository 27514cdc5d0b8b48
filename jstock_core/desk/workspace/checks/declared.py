"""Checks of group files against the journal: groups at work that were removed, renamed or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.errors import ParamsError
from jstock_core.base.words import plural, yen
from jstock_core.decide.groups import Group
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.book.book import Book, GroupBook


def refuse_contradictions(desk: Desk, book: Book) -> None:
    """Make sure that the group files fit the accounts in the journal.

    Raises:
        ParamsError: no file declares a group that has cash, shares or orders, or `initial_capital` is not
            what the group was opened with; each is named, with what to do.

    """
    found = tuple(find_contradictions(desk.groups, book))
    if found:
        raise ParamsError(
            "\n".join(what for what, _ in found),
            where=str(desk.workspace.groups),
            do="\n".join(do for _, do in found),
        )


def find_contradictions(groups: Sequence[Group], book: Book) -> Iterator[tuple[str, str]]:
    """Each contradiction in a sentence, with what to do about it."""
    fresh = [group.id for group in groups if group.id not in book.groups]
    for account in undeclared_accounts(groups, book):
        yield _no_file(account, fresh[0] if len(fresh) == 1 else "NEW")
    for group in groups:
        opened = opening_amounts(book.groups[group.id]) if group.id in book.groups else ()
        if opened and group.initial_capital not in opened:
            yield _other_capital(group, max(opened))


def undeclared_accounts(groups: Sequence[Group], book: Book) -> tuple[GroupBook, ...]:
    """The accounts that have cash, shares or orders, and no group file."""
    declared = {group.id for group in groups}
    others = (account for name, account in sorted(book.groups.items()) if name not in declared)
    return tuple(account for account in others if account.cash or account.lots or account.orders)


def describe_account(account: GroupBook) -> str:
    """What a group has: cash, positions, orders."""
    parts = (
        f"{yen(account.cash)} in cash" if account.cash else "",
        plural(len(account.lots), "position") if account.lots else "",
        plural(len(account.orders), "open order") if account.orders else "",
    )
    return ", ".join(part for part in parts if part) or "nothing"


def _no_file(account: GroupBook, fresh: str) -> tuple[str, str]:
    name = account.id
    remedy = (
        f"if it was renamed, run `jstock trade group rename {name} {fresh}`; to go on with it as it was last "
        f"decided, `jstock trade group adopt {name}`; to sell all it holds, `jstock trade group wind-down "
        f"{name}`"
    )
    return f"no file declares the group {name}, which has {describe_account(account)}", remedy


def opening_amounts(account: GroupBook) -> tuple[int, ...]:
    """The yen put into a group in the session it was opened: its capital, perhaps among other deposits."""
    paid_in = [move for move in account.moves if move.given > 0 and not move.code]
    first = min((move.session for move in paid_in), default=None)
    return tuple(move.given for move in paid_in if move.session == first)


def _other_capital(group: Group, opened: int) -> tuple[str, str]:
    """The contradiction of a changed `initial_capital`: a running group has deposits and withdrawals."""
    more = group.initial_capital - opened
    verb = "deposit" if more > 0 else "withdraw"
    what = f"initial_capital is {group.initial_capital:_}, and the group was opened with {opened:_}"
    remedy = (
        f"write `initial_capital: {opened:_}` again in the file of {group.id}; to change what it has, run "
        f"`jstock trade cash {verb} {group.id} {abs(more)}`"
    )
    return f"{group.id}: {what}", remedy


def next_of_wind_down(account: GroupBook) -> str:
    """What a person does next with a group that is wound down."""
    if account.orders:
        return "its open orders are filled or end first (`jstock trade orders list`)"
    if account.lots:
        return "the next morning orders the sale of all it holds"
    if account.cash > 0:
        take_out = f"`jstock trade cash withdraw {account.id} {account.cash}`"
        return f"take its {yen(account.cash)} out with {take_out}, then remove its file"
    return "remove its file"
