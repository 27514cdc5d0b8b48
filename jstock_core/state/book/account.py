"""One group's account during a fold: what fills, cash and adjustments do to lots, cash and orders."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from jstock_core.base.errors import StateError
from jstock_core.market.calendar import tse
from jstock_core.state.book.entries import ShareEntry, fills_of
from jstock_core.state.book.holdings import GroupBook, Move, without_key
from jstock_core.state.book.lots import Lot, Match, consume, cost_of
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderPlaced,
    PositionAdjusted,
    Withdrawal,
)


@dataclass
class Account:
    """A `GroupBook` during a fold. Its fields are replaced, the mappings in them are never changed.

    So books that were given out stay as they were, and only what an event touches is copied.
    """

    id: str
    opened: date
    cash: int
    lots: Mapping[str, tuple[Lot, ...]]
    orders: Mapping[str, OrderPlaced]
    deposited: int
    realized: int
    dividends: int
    fees: int
    taken: Mapping[str, frozenset[str]]
    adjusted: int
    moves: Sequence[Move]
    reviewed: tuple[date, ...]
    unsold: Mapping[str, Mapping[str, date]]
    received: tuple[Dividend, ...]

    @classmethod
    def of(cls, group: GroupBook) -> Account:
        """The account of a group as it is."""
        account = object.__new__(
            cls
        )  # it has the same fields; to set them all at once takes a fifth of the time
        vars(account).update(vars(group))
        return account

    def freeze(self) -> GroupBook:
        """The group as it is now."""
        made = object.__new__(GroupBook)  # as in `of`
        vars(made).update(vars(self), moves=tuple(self.moves))
        return made

    def set_lots(self, code: str, lots: tuple[Lot, ...]) -> None:
        """Replace the lots of a code; without lots there is no position."""
        self.lots = {**self.lots, code: lots} if lots else without_key(self.lots, code)

    def add_move(self, move: Move) -> None:
        """Note what a fact moved, at its place in the order of sessions if it came late."""
        if not isinstance(self.moves, list):
            self.moves = list(self.moves)
        if not self.moves or self.moves[-1] <= move:
            self.moves.append(move)
        else:
            insort(self.moves, move)

    def receive(self, event: Dividend) -> None:
        """Keep a dividend in the order of sessions, whenever it was recorded."""
        at = bisect_right(self.received, (event.session, event.id), key=lambda e: (e.session, e.id))
        self.received = (*self.received[:at], event, *self.received[at:])

    def forget(self, codes: Collection[str]) -> None:
        """Undo everything that facts about the shares of these codes did."""
        gone = [move for move in self.moves if move.code in codes]
        if not gone:
            return
        cash, given = sum(move.cash for move in gone), sum(move.given for move in gone)
        invested = sum(cost_of(self.lots.get(code, ())) for code in codes)
        self.moves = [move for move in self.moves if move.code not in codes]
        self.cash -= cash
        self.adjusted -= given
        self.realized -= cash + invested - given
        for code in codes:
            self.set_lots(code, ())
            self.end_position(code)

    def end_position(self, code: str) -> None:
        """Forget which exit layers sold part of the position, or found no fill for a sell."""
        self.taken, self.unsold = without_key(self.taken, code), without_key(self.unsold, code)


def pay(account: Account, event: Deposit | Withdrawal | Fee | Dividend) -> None:
    """Book money that comes or goes without shares."""
    before, deposited = account.cash, account.deposited
    match event:
        case Deposit():
            account.opened = min(account.opened, event.session)
            account.cash += event.amount
            account.deposited += event.amount
        case Withdrawal():
            account.cash -= event.amount
            account.deposited -= event.amount
        case Fee():
            account.cash -= event.amount
            account.fees += event.amount
        case Dividend():
            account.cash += event.amount
            account.dividends += event.amount
            account.receive(event)
    given = account.deposited - deposited
    account.add_move(Move(event.session, "", 0, account.cash - before, given=given))


def correct_cash(account: Account, event: CashAdjusted) -> None:
    """Book cash that was found, or found missing."""
    account.cash += event.difference
    account.adjusted += event.difference
    account.add_move(Move(event.session, "", 0, event.difference, given=event.difference))


def buy_shares(account: Account, entry: ShareEntry, event: Filled) -> None:
    """Book shares that were bought: a lot enters, cash leaves."""
    order, cost = entry.order, event.amount
    lot = Lot(
        code=event.code,
        shares=event.shares,
        cost=cost,
        paid=event.price,
        session=entry.effective,
        score=None if order is None else order.score,
        evaluated=_session_before(event.session) if order is None else order.evaluated,
        origin=event.id,
        fills=fills_of(event),
        account=event.account,
    )
    _enter(account, lot)
    account.cash -= cost
    account.add_move(Move(event.session, event.code, event.shares, -cost))


def _enter(account: Account, lot: Lot) -> None:
    """Add a lot at its place in the order of sessions."""
    lots = account.lots.get(lot.code, ())
    at = bisect_right(lots, lot.session, key=_session)
    account.set_lots(lot.code, (*lots[:at], lot, *lots[at:]))


def _session(lot: Lot) -> date:
    return lot.session


def sell_shares(account: Account, entry: ShareEntry, event: Filled) -> tuple[Match, ...]:
    """Book shares that were sold: cash enters, shares of the oldest lots leave. Returns what was matched."""
    matches, ended = _leave(account, event, event.shares, entry.effective, event.account)
    amount, layer = event.amount, "" if entry.order is None else entry.order.layer
    account.cash += amount
    account.realized += amount - sum(match.cost for match in matches)
    account.add_move(Move(event.session, event.code, -event.shares, amount, layer=layer))
    if layer and not ended:
        taken = account.taken.get(event.code, frozenset()) | {layer}
        account.taken = {**account.taken, event.code: taken}
    return matches


def adjust_shares(account: Account, event: PositionAdjusted) -> tuple[Match, ...]:
    """Book shares that enter or leave at their cost, without cash. Returns what was matched."""
    if event.price is not None:
        lot = Lot(
            event.code, event.difference, event.amount, event.price, event.session, event.score,
            _session_before(event.session), event.id, fills=fills_of(event),
        )  # fmt: skip
        _enter(account, lot)
        account.adjusted += lot.cost
        account.add_move(Move(event.session, event.code, event.difference, 0, given=lot.cost))
        return ()
    matches, _ = _leave(account, event, -event.difference, event.session, "")
    cost = sum(match.cost for match in matches)
    account.adjusted -= cost
    account.add_move(Move(event.session, event.code, event.difference, 0, given=-cost))
    return matches


def _leave(
    account: Account, event: Filled | PositionAdjusted, shares: int, session: date, kept_in: str
) -> tuple[tuple[Match, ...], bool]:
    """Take shares from the oldest lots: what was matched, and whether the position has ended.

    It has ended if nothing is left that was bought before the session.

    Raises:
        StateError: fewer shares are held.

    """
    try:
        matches, left = consume(account.lots.get(event.code, ()), shares, kept_in)
    except StateError as error:
        raise refusal_error(event, f"group {account.id}: {event.code}: {error.what}", error.do) from None
    ended = not left or left[0].session >= session
    if ended:
        account.end_position(event.code)
    account.set_lots(event.code, left)
    return matches, ended


def note_unsold(account: Account, order: OrderPlaced) -> None:
    """Note, where the position still exists, that the sell of an exit layer ended without all its shares."""
    if order.code in account.lots:
        layers = account.unsold.get(order.code, {})
        account.unsold = {**account.unsold, order.code: {**layers, order.layer: order.evaluated}}


def open_order(event: Event, order_id: str, orders: Mapping[str, OrderPlaced]) -> OrderPlaced:
    """The open order with that id.

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
    """The order that a fill belongs to; in the account it stays open with the shares still missing.

    Raises:
        StateError: it is not open, or is for another session, code or side.

    """
    order = open_order(event, order_id, account.orders)
    if (order.session, order.code, order.side) != (event.session, event.code, event.side):
        raise refusal_error(
            event, f"{order_id} is an order for something else", "correct the fill or its order"
        )
    missing = order.shares - event.shares
    if missing > 0:
        reserve = -(-order.reserve * missing // order.shares)
        left = replace(order, shares=missing, reserve=reserve)
        account.orders = {**account.orders, order_id: left}
    else:
        account.orders = without_key(account.orders, order_id)
    return order


@cache
def _session_before(session: date) -> date:
    """The session D on which a fill without an order counts as decided (STRATEGY section 4)."""
    return tse().previous(session)


def refusal_error(event: Event, why: str, do: str) -> StateError:
    """The error for an event that contradicts the book."""
    return StateError(f"{event.name} refused: {why}", where=event.id, do=do)
