"""What must always be true of the fold, looked at after every event from the first on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from jstock_core.state.book.account import Account
from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.fold import Fold
from jstock_core.state.facts.events import Event, GroupEvent, SplitApplied


def find_faults(events: Iterable[Event], *, margin: bool = False) -> Iterator[str]:
    """What is not as it must be: cost conserved to the yen, lots of shares above 0, the oldest first.

    Without `margin` no group's cash may be below 0 at the end of a session: inside one the order of recording
    is not the order of money.

    Raises:
        StateError: an event contradicts what came before it.

    """
    fold = Fold(EMPTY)
    flows: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    cash: dict[str, int] = defaultdict(int)
    for event in events:
        fold.add(event)
        names = (event.group,) if isinstance(event, GroupEvent) else _all_split(event, fold)
        for name in names:
            account = fold.accounts[name]
            yield from (f"after {event.id}: group {name}: {fault}" for fault in _faults(account))
            flows[name][event.session] += account.cash - cash[name]
            cash[name] = account.cash
    if not margin:
        yield from _find_overdrafts(flows)


def _all_split(event: Event, fold: Fold) -> Iterable[str]:
    return tuple(fold.accounts) if isinstance(event, SplitApplied) else ()


def _faults(account: Account) -> Iterator[str]:
    unexplained = account.freeze().unexplained
    if unexplained:
        yield f"{unexplained:+,} yen are not accounted for"
    for code, lots in account.lots.items():
        if not lots or any(lot.shares <= 0 or lot.cost < 0 for lot in lots):
            yield f"{code} has a lot without shares or of negative cost"
        if any(older.session > newer.session for older, newer in pairwise(lots)):
            yield f"the lots of {code} are not the oldest first"


def _find_overdrafts(flows: dict[str, dict[date, int]]) -> Iterator[str]:
    for name, by_session in sorted(flows.items()):
        cash = 0
        for session, flow in sorted(by_session.items()):
            cash += flow
            if cash < 0:
                yield f"group {name}: cash was {cash:,} yen at the end of {session}"
