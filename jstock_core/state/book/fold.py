"""How each kind of event changes the book.

Inside a session the order of money is split < sell < buy < cash, whatever the order of recording. So an
event that arrives late is accepted where it commutes with all that was recorded since, and the book is then
the same as if it had come in time; where it would move lots already consumed, it is refused with an
error that names what is in its way. Cash may go below 0 by what is recorded by hand: readers raise an alert,
the fold does not refuse it. The one freedom: a sale may take shares bought in its own session, if they were
recorded before it.

A `Fold` changes in place while it runs and gives out immutable books; its changes are not seen from outside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.state.book.account import (
    NEVER,
    REVERSE,
    Account,
    adjust_shares,
    buy_shares,
    fill_order,
    lot_session,
    open_order,
    refusal_error,
    sell_shares,
)
from jstock_core.state.book.holdings import Book, GroupBook, Latest, Move, Trail
from jstock_core.state.book.lots import ClosedLot, Match, cost_of, shares_of, split, split_proceeds
from jstock_core.state.facts.events import (
    CashAdjusted,
    Correction,
    Decided,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Settled,
    SplitApplied,
    Withdrawal,
)

OnClose = Callable[[ClosedLot], None]
OnMatch = Callable[[Event, tuple[Match, ...]], None]


class Fold:
    """A running fold from a book. `on_close` gets every closed lot, `on_match` what each event took."""

    def __init__(self, book: Book, on_close: OnClose | None = None, on_match: OnMatch | None = None) -> None:
        self._groups = dict(book.groups)
        self._decided = dict(book.decided)
        self._splits = dict(book.splits)
        self._settled = book.settled_through
        self._seq = book.seq
        self._on_close = on_close
        self._on_match = on_match
        self.accounts: dict[str, Account] = {}

    def add(self, event: Event) -> None:
        """Fold one event.

        Raises:
            StateError: it contradicts what came before; the fold must then be thrown away.

        """
        change = _CHANGES.get(type(event))
        if change is not None:
            change(self, event)
        self._seq += 1

    def book(self) -> Book:
        """The book as it is now."""
        groups = self._groups | {key: account.freeze() for key, account in self.accounts.items()}
        return Book(groups, self._settled, dict(self._decided), dict(self._splits), self._seq)

    def account(self, event: Event, group: str) -> Account:
        """The account of a group, which must exist."""
        account = self.accounts.get(group)
        if account is None:
            if group not in self._groups:
                raise refusal_error(event, f'there is no group "{group}"', "deposit its initial cash first")
            account = self.accounts[group] = Account.of(self._groups[group])
        return account

    def move_cash(self, event: Deposit | Withdrawal | Fee | Dividend) -> None:
        """Money that comes or goes without shares."""
        if isinstance(event, Deposit) and event.group not in self._groups:
            self._groups[event.group] = GroupBook(event.group)
        account = self.account(event, event.group)
        before, deposited = account.cash, account.deposited
        match event:
            case Deposit():
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
        given = account.deposited - deposited
        account.add_move(Move(event.session, "", 0, account.cash - before, given=given))

    def adjust_cash(self, event: CashAdjusted) -> None:
        """Cash was found, or found missing."""
        account = self.account(event, event.group)
        account.cash += event.difference
        account.adjusted += event.difference
        account.add_move(Move(event.session, "", 0, event.difference, given=event.difference))

    def take_decision(self, event: Decided) -> None:
        """Time only moves forward, and a repair has a higher revision."""
        account = self.account(event, event.group)
        latest = self._decided.get(event.group)
        if latest is not None and (event.session, event.revision) <= (latest.session, latest.revision):
            raise refusal_error(
                event, f"{event.group} has decided for {latest.session} already", "decide later dates"
            )
        self._decided[event.group] = Latest(event.session, event.status, event.revision)
        evaluated = event.evaluated
        if evaluated is not None and event.status == "complete":
            before = [session for session in account.reviewed if session < evaluated]
            account.reviewed = (*before[-1:], evaluated)

    def place_order(self, event: OrderPlaced) -> None:
        """An order opens; a higher revision takes the place of the one before."""
        orders = self.account(event, event.group).orders
        for key, order in tuple(orders.items()):
            if order.slot == event.slot:
                if order.revision >= event.revision:
                    raise refusal_error(event, f"{key} is open already", "give the change a higher revision")
                del orders[key]
        orders[event.id] = event

    def end_order(self, event: OrderExpired | OrderCancelled) -> None:
        """An order, or what is left of it, goes without a fill."""
        account = self.account(event, event.group)
        order = open_order(event, event.order_id, account.orders)
        if event.session < order.session:
            raise refusal_error(
                event, f"{order.id} is for {order.session}, which is later", "correct the session"
            )
        del account.orders[order.id]
        if order.layer and order.code in account.lots:
            layers = account.unsold.get(order.code, {})
            account.unsold[order.code] = {**layers, order.layer: order.evaluated}

    def fill(self, event: Filled) -> None:
        """Shares and cash change hands."""
        account = self.account(event, event.group)
        self._not_before_split(event)
        order = None if event.order_id is None else fill_order(event, event.order_id, account)
        if event.side == "BUY":
            buy_shares(account, event, order)
        else:
            layer = "" if order is None else order.layer
            self._report_closed(event, account.id, event.amount, sell_shares(account, event, order), layer)

    def adjust_position(self, event: PositionAdjusted) -> None:
        """Shares were found, or found missing."""
        account = self.account(event, event.group)
        self._not_before_split(event)
        self._report_matches(event, adjust_shares(account, event))

    def refuse_correction(self, event: Correction) -> None:
        """A correction changes what lies before it, which a fold cannot."""
        raise refusal_error(event, "a correction changes past events", "fold the effective events")

    def _not_before_split(self, event: Filled | PositionAdjusted) -> None:
        applied = self._splits.get(event.code, NEVER)
        if event.session < applied:
            raise refusal_error(event, f"{event.code} was split on {applied}, after this", REVERSE)

    def apply_split(self, event: SplitApplied) -> None:
        """Lots bought before the ex-date are split in every group; the total cost stays."""
        applied = self._splits.get(event.code, NEVER)
        if event.session <= applied:
            raise refusal_error(event, f"{event.code} was split on {applied} already", REVERSE)
        for key, group in self._groups.items():
            if key in self.accounts or event.code in group.trails or event.code in group.lots:
                self._split_group(event, self.account(event, key))
        self._splits[event.code] = event.session

    def end_session(self, event: Settled) -> None:
        """The session is done."""
        self._settled = event.session if self._settled is None else max(self._settled, event.session)

    def _split_group(self, event: SplitApplied, account: Account) -> None:
        trail = account.trail(event.code)
        if trail.sold >= event.session:
            raise _unsplit_sale_error(event, account.id, trail)
        lots = account.lots.get(event.code, ())
        due = bisect_left(lots, event.session, key=lot_session)
        if not due:
            return
        after, fraction = split(lots[:due], event.ratio)
        lieu = cash_in_lieu(event, fraction)
        account.cash += lieu
        account.realized += lieu
        if not after:
            cost = cost_of(lots[:due])
            account.realized -= cost
            matches = tuple(Match(lot, lot.shares, lot.cost) for lot in lots[:due])
            self._report_closed(event, account.id, lieu, matches, "cash_in_lieu")
            account.end(event.code, event.session, lots[due - 1].session)
        account.set_lots(event.code, (*after, *lots[due:]))
        change = shares_of(after) - shares_of(lots[:due])
        account.add_move(Move(event.session, event.code, change, lieu))

    def _report_closed(
        self, event: Event, group: str, proceeds: int, matches: tuple[Match, ...], layer: str
    ) -> None:
        """Report the closed lots to `on_match` and `on_close`."""
        self._report_matches(event, matches)
        if self._on_close is None:
            return
        for (lot, count, cost), part in split_proceeds(proceeds, matches):
            self._on_close(
                ClosedLot(group, lot.code, count, cost, part, lot.session, event.session, layer, lot.score)
            )

    def _report_matches(self, event: Event, matches: tuple[Match, ...]) -> None:
        if self._on_match is not None and matches:
            self._on_match(event, matches)


_CHANGES: Mapping[type[Event], Callable[[Fold, Any], None]] = {
    Deposit: Fold.move_cash,
    Withdrawal: Fold.move_cash,
    Fee: Fold.move_cash,
    Dividend: Fold.move_cash,
    Decided: Fold.take_decision,
    OrderPlaced: Fold.place_order,
    OrderExpired: Fold.end_order,
    OrderCancelled: Fold.end_order,
    Filled: Fold.fill,
    SplitApplied: Fold.apply_split,
    Settled: Fold.end_session,
    CashAdjusted: Fold.adjust_cash,
    PositionAdjusted: Fold.adjust_position,
    Correction: Fold.refuse_correction,
}


def cash_in_lieu(event: SplitApplied, fraction: Fraction) -> int:
    """Whole yen paid for a fraction of a share that a split leaves.

    Raises:
        StateError: the event has no price for it.

    """
    if not fraction:
        return 0
    if event.cash_in_lieu_price is None:
        raise refusal_error(
            event, f"it leaves {fraction} of a share", "give the price paid in lieu of fractions"
        )
    return int(fraction * Fraction(event.cash_in_lieu_price))


def _unsplit_sale_error(event: SplitApplied, group: str, trail: Trail) -> StateError:
    correct = f"jstock state correct {trail.sale} --reason TEXT"
    return refusal_error(
        event,
        f"group {group} sold {event.code} on {trail.sold} as if unsplit ({trail.sale})",
        f"take that sale back with `{correct} --reverse`, run this again so that the split is recorded, "
        f"then put the sale after it with `{correct} --restore`",
    )
