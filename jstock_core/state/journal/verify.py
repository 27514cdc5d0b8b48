"""Checks of rules that every book must keep, whatever its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from jstock_core.state.book.book import replay
from jstock_core.state.book.holdings import GroupBook
from jstock_core.state.book.overdrafts import session_ends
from jstock_core.state.facts.events import Event


def find_faults(events: Iterable[Event], *, margin: bool = False) -> Iterator[str]:
    """Find what breaks a rule: cost is conserved to the yen; lots hold shares, and the oldest come first.

    No group has facts from before its first deposit. Without `margin` no purchase may take a group's cash
    below 0 at the end of a session: inside one the order of recording is not the order of money. Where a
    sale or a fee does, that is a fact (`find_overdrafts`).

    Raises:
        StateError: an event contradicts what came before it.

    """
    for name, group in sorted(replay(events).groups.items()):
        yield from (f"group {name}: {fault}" for fault in _faults(group))
        if not margin:
            yield from (f"group {name}: {fault}" for fault in _find_overdrafts(group))


def _faults(group: GroupBook) -> Iterator[str]:
    if group.unexplained:
        yield f"{group.unexplained:+,} yen are not accounted for"
    if group.moves and group.moves[0].session < group.opened:
        yield f"a fact of {group.moves[0].session} lies before the opening deposit of {group.opened}"
    for code, lots in group.lots.items():
        if not lots or any(lot.shares <= 0 or lot.cost < 0 for lot in lots):
            yield f"{code} has a lot without shares or of negative cost"
        if any(older.session > newer.session for older, newer in pairwise(lots)):
            yield f"the lots of {code} are not the oldest first"


def _find_overdrafts(group: GroupBook) -> Iterator[str]:
    for end in session_ends(group):
        if end.cash < 0 and end.bought:
            yield f"cash was {end.cash:,} yen at the end of {end.session}, in which it bought"
