"""One group's account while it is being folded: what a fill does to lots, cash and orders."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.market.calendar import tse
from jstock_core.state.book.holdings import GroupBook, Move, Trail
from jstock_core.state.book.lots import Lot, Match, consume
from jstock_core.state.facts.events import AT_SIGNAL, Event, Filled, OrderPlaced, PositionAdjusted

NEVER = date.min
_UNTOUCHED = Trail(NEVER, NEVER, NEVER)
REVERSE = (
    "reverse what is in its way first (`jstock state correct`), or record the difference as an adjustment"
)


@dataclass
class Account:
    """A `GroupBook` while it is being folded."""

    id: str
    cash: int
    lots: dict[str, tuple[Lot, ...]]
    orders: dict[str, OrderPlaced]
    deposited: int
    realized: int
    dividends: int
    fees: int
    taken: dict[str, frozenset[str]]
    trails: dict[str, Trail]
    adjusted: int
    moves: list[Move]
    reviewed: tuple[date, ...]
    unsold: dict[str, Mapping[str, date]]

    @classmethod
    def of(cls, group: GroupBook) -> Account:
        """A copy that may change."""
        return cls(**_copy_fields(vars(group)) | {"moves": list(group.moves)})

    def freeze(self) -> GroupBook:
        """A copy that does not change."""
        return GroupBook(**_copy_fields(vars(self)) | {"moves": tuple(self.moves)})

    def trail(self, code: str) -> Trail:
        """How far the past of a code is fixed."""
        return self.trails.get(code, _UNTOUCHED)

    def set_lots(self, code: str, lots: tuple[Lot, ...]) -> None:
        """These are the lots of the code now; where there are none, there is no position."""
        if lots:
            self.lots[code] = lots
        else:
            self.lots.pop(code, None)

    def add_move(self, move: Move) -> None:
        """Note what a fact moved; a late one finds its place among those before it."""
        insort(self.moves, move)

    def end(self, code: str, session: date, newest: date) -> None:
        """Nothing bought before `session` is left: what was done "once per position" may be done again."""
        self.taken.pop(code, None)
        self.unsold.pop(code, None)
        trail = self.trail(code)
        self.trails[code] = trail._replace(
            sold=max(trail.sold, session), consumed=max(trail.consumed, newest), ended=session
        )


def buy_shares(account: Account, event: Filled, order: OrderPlaced | None) -> None:
    """Shares enter for cash."""
    evaluated = _session_before(event.session) if order is None else order.evaluated
    score = None if order is None else order.score
    session = _effective_session(event, order)
    lot = Lot(event.code, event.shares, event.amount, event.price, session, score, evaluated, event.id)
    _enter(account, event, lot)
    account.cash -= lot.cost
    account.add_move(Move(event.session, event.code, event.shares, -lot.cost))


def _effective_session(event: Filled, order: OrderPlaced | None) -> date:
    """The session a fill counts for among lots and splits.

    At the signal's price shares change hands as of D's close: a split on the trade date comes after.
    """
    return event.session if event.source != AT_SIGNAL or order is None else order.evaluated


def _enter(account: Account, event: Filled | PositionAdjusted, lot: Lot) -> None:
    """A lot enters, sorted by its session; refused where a sale would have reached another lot."""
    trail = account.trail(event.code)
    if lot.session < max(trail.consumed, trail.ended):
        raise refusal_error(
            event,
            f"{event.code} was sold on {trail.sold} as if this were not, and FIFO would change",
            REVERSE,
        )
    lots = account.lots.get(event.code, ())
    at = bisect_right(lots, lot.session, key=lot_session)
    account.lots[event.code] = (*lots[:at], lot, *lots[at:])


def sell_shares(account: Account, event: Filled, order: OrderPlaced | None) -> tuple[Match, ...]:
    """Shares leave for cash; what was matched."""
    session = _effective_session(event, order)
    matches = _leave(account, event, event.shares, session)
    account.cash += event.amount
    account.realized += event.amount - sum(match.cost for match in matches)
    layer = "" if order is None else order.layer
    account.add_move(Move(event.session, event.code, -event.shares, event.amount, layer=layer))
    if order is not None and order.layer and not _has_ended(account, event.code, session):
        account.taken[event.code] = account.taken.get(event.code, frozenset()) | {order.layer}
    return matches


def adjust_shares(account: Account, event: PositionAdjusted) -> tuple[Match, ...]:
    """Shares enter or leave at what they cost, without cash; what was matched."""
    if event.price is not None:
        evaluated = _session_before(event.session)
        lot = Lot(
            event.code, event.difference, event.amount, event.price, event.session, event.score, evaluated,
            event.id,
        )  # fmt: skip
        _enter(account, event, lot)
        account.adjusted += lot.cost
        account.add_move(Move(event.session, event.code, event.difference, 0, given=lot.cost))
        return ()
    matches = _leave(account, event, -event.difference, event.session)
    cost = sum(match.cost for match in matches)
    account.adjusted -= cost
    account.add_move(Move(event.session, event.code, event.difference, 0, given=-cost))
    return matches


def _leave(
    account: Account, event: Filled | PositionAdjusted, shares: int, session: date
) -> tuple[Match, ...]:
    """Shares leave from the oldest lots up to the session; what was matched."""
    trail = account.trail(event.code)
    if session < trail.sold:
        raise refusal_error(event, f"{event.code} was sold again on {trail.sold}", REVERSE)
    lots = account.lots.get(event.code, ())
    held = bisect_right(lots, session, key=lot_session)
    try:
        matches, left = consume(lots[:held], shares)
    except StateError as error:
        raise refusal_error(event, f"group {account.id}: {event.code}: {error.what}", error.do) from None
    newest = matches[-1].lot.session
    account.trails[event.code] = Trail(session, max(trail.consumed, newest), trail.ended, event.id)
    if not left or left[0].session >= session:
        account.end(event.code, session, newest)
    account.set_lots(event.code, (*left, *lots[held:]))
    return matches


def _has_ended(account: Account, code: str, session: date) -> bool:
    """Whether the position came to its end with a sale in the session."""
    return account.trail(code).ended == session


def open_order(event: Event, order_id: str, orders: Mapping[str, OrderPlaced]) -> OrderPlaced:
    """The open order of that id.

    Raises:
        StateError: no such order is open.

    """
    order = orders.get(order_id)
    if order is None:
        raise refusal_error(
            event,
            f"{order_id} is not open: never placed, or filled, expired or replaced already",
            "name an open order, or leave the order out",
        )
    return order


def fill_order(event: Filled, order_id: str, account: Account) -> OrderPlaced:
    """The order a fill belongs to; it stays open with the shares still missing."""
    order = open_order(event, order_id, account.orders)
    if (order.session, order.code, order.side) != (event.session, event.code, event.side):
        raise refusal_error(
            event, f"{order_id} is an order for something else", "correct the fill or its order"
        )
    missing = order.shares - event.shares
    if missing > 0:
        reserve = -(-order.reserve * missing // order.shares)
        account.orders[order_id] = replace(order, shares=missing, reserve=reserve)
    else:
        del account.orders[order_id]
    return order


def lot_session(lot: Lot) -> date:
    """What lots are sorted by."""
    return lot.session


@cache
def _session_before(session: date) -> date:
    """D of a fill by hand (STRATEGY section 4)."""
    return tse().previous(session)


def refusal_error(event: Event, why: str, do: str) -> StateError:
    """The error for an event that contradicts the book."""
    return StateError(f"{event.name} refused: {why}", where=event.id, do=do)


_MAPPINGS = tuple(field.name for field in fields(GroupBook) if field.default_factory is dict)


def _copy_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, **{name: dict(fields[name]) for name in _MAPPINGS}}
