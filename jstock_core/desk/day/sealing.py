"""The seal of a morning: one hash of all that was decided, which can be published before the open.

It covers the trade date, each group's decision with its time, signals, refusals and what it was made of
(parameters, certificates, data), and every order placed. Of a decision that nobody can change unseen it is
the same for ever; who published it in time can prove later what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from jstock_core.state.facts.codec import canonical
from jstock_core.state.facts.events import Decided, Event, OrderCancelled, OrderPlaced, to_json

REVISED = "desk"
"""Source of the ends of orders that a revision of the decision withdrew."""


@dataclass(frozen=True)
class MorningSeal:
    """A seal (64 hexadecimal digits), and of which revision of the decision it is."""

    digest: str
    revision: int


def morning_seals(history: Iterable[Event], trade_date: date) -> tuple[MorningSeal, ...]:
    """The seals of a morning's decision and of each revision of it, the newest last; none undecided.

    `history` are the events as recorded: a group that was renamed since keeps the name it had then.
    """
    return tuple(_seals([event for event in history if event.session == trade_date]))


def newest_seal(history: Iterable[Event], trade_date: date) -> str:
    """The seal of a morning as it was decided last; "" where nothing was decided for it."""
    seals = morning_seals(history, trade_date)
    return seals[-1].digest if seals else ""


def _seals(events: Iterable[Event]) -> Iterator[MorningSeal]:
    """A seal after each group's decision with its orders: the last of a commit is the one of the morning."""
    decided: dict[str, Decided] = {}
    orders: dict[str, OrderPlaced] = {}
    open_ = False
    for event in events:
        if open_ and isinstance(event, Decided | OrderCancelled):
            yield _seal(decided, orders)
            open_ = False
        match event:
            case Decided():
                decided[event.group] = event
                open_ = True
            case OrderPlaced():
                orders[event.slot] = event
            case OrderCancelled(source=source) if source == REVISED:
                orders = {slot: order for slot, order in orders.items() if order.id != event.order_id}
            case _:
                pass
    if open_:
        yield _seal(decided, orders)


def _seal(decided: dict[str, Decided], orders: dict[str, OrderPlaced]) -> MorningSeal:
    content = {
        "decisions": [to_json(replace(decided[group], by="")) for group in sorted(decided)],
        "orders": [to_json(replace(orders[slot], by="")) for slot in sorted(orders)],
    }
    digest = sha256(canonical(["jstock morning", content]).encode()).hexdigest()
    return MorningSeal(digest, max(event.revision for event in decided.values()))
