"""One group's account while it is being folded: what a fill does to lots, cash and orders."""

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
    """A `GroupBook` while it is being folded: its fields change, the mappings in them never do.

    So what was given out stays as it was, and nothing is copied that no event touches.
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
        account = object.__new__(cls)  # the fields are the same; set at once that costs a fifth
        vars(account).update(vars(group))
        return account

    def freeze(self) -> GroupBook:
        """The group as it is now."""
        made = object.__new__(GroupBook)  # as in `of`
        vars(made).update(vars(self), moves=tuple(self.moves))
        return made

    def set_lots(self, code: str, lots: tuple[Lot, ...]) -> None:
        """These are the lots of the code now; where there are none, there is no position."""
        self.lots = {**self.lots, code: lots} if lots else without_key(self.lots, code)

    def add_move(self, move: Move) -> None:
        """Note what a fact moved; a late one finds its place among those before it."""
        if not isinstance(self.moves, list):
            self.moves = list(self.moves)
        if not self.moves or self.moves[-1] <= move:
            self.moves.append(move)
        else:
            insort(self.moves, move)

    def receive(self, event: Dividend) -> None:
        """Keep a dividend, by session, whenever it was recorded."""
        at = bisect_right(self.received, (event.session, event.id), key=lambda e: (e.session, e.id))
        self.received = (*self.received[:at], event, *self.received[at:])

    def forget(self, codes: Collection[str]) -> None:
        """Undo all that facts about the shares of these codes did."""
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
        """What was done "once per position" may be done again."""
        self.taken, self.unsold = without_key(self.taken, code), without_key(self.unsold, code)


def pay(account: Account, event: Deposit | Withdrawal | Fee | Dividend) -> None:
    """Money comes or goes without shares."""
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
    """Cash was found, or found missing."""
    account.cash += event.difference
    account.adjusted += event.difference
    account.add_move(Move(event.session, "", 0, event.difference, given=event.difference))


def buy_shares(account: Account, entry: ShareEntry, event: Filled) -> None:
    """Shares enter for cash."""
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
    """A lot enters, sorted by its session."""
    lots = account.lots.get(lot.code, ())
    at = bisect_right(lots, lot.session, key=_session)
    account.set_lots(lot.code, (*lots[:at], lot, *lots[at:]))


def _session(lot: Lot) -> date:
    return lot.session


def sell_shares(account: Account, entry: ShareEntry, event: Filled) -> tuple[Match, ...]:
    """Shares leave for cash; what was matched."""
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
    """Shares enter or leave at what they cost, without cash; what was matched."""
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
    """Shares leave from the oldest lots; what was matched, and whether the position came to its end.

    It ends where nothing bought before the session is left.
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
    """The sell of an exit layer ended without all its shares, and the position is still there."""
    if order.code in account.lots:
        layers = account.unsold.get(order.code, {})
        account.unsold = {**account.unsold, order.code: {**layers, order.layer: order.evaluated}}


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
        left = replace(order, shares=missing, reserve=reserve)
        account.orders = {**account.orders, order_id: left}
    else:
        account.orders = without_key(account.orders, order_id)
    return order


@cache
def _session_before(session: date) -> date:
    """D of a fill by hand (STRATEGY section 4)."""
    return tse().previous(session)


def refusal_error(event: Event, why: str, do: str) -> StateError:
    """The error for an event that contradicts the book."""
    return StateError(f"{event.name} refused: {why}", where=event.id, do=do)
