"""A group opens with its first deposit: nothing is recorded from before it."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import Book, GroupBook
from jstock_core.state.facts.events import Deposit, Event


def require_opened(before: Book, after: Book, events: Iterable[Event]) -> None:
    """Refuse facts from before a group's first deposit: nothing could pay for them.

    Raises:
        StateError: such a fact is new; the command that lets the group open earlier is named.

    """
    for name, group in after.groups.items():
        if not _begins_unopened(group) or (name in before.groups and _begins_unopened(before.groups[name])):
            continue
        deposits = [e for e in events if isinstance(e, Deposit) and e.group == name]
        opening = min(deposits, key=lambda deposit: deposit.session)
        first = group.moves[0].session
        raise StateError(
            f"group {name} opened on {group.opened}, and this is of {first}",
            do="nothing was recorded; let the group open earlier with `jstock state correct "
            f'{opening.id} --date {first} --reason "opened earlier"`, then run this again',
        )


def _begins_unopened(group: GroupBook) -> bool:
    return bool(group.moves) and group.moves[0].session < group.opened
