"""How each kind of event changes the book.

Orders, cash, decisions and halts count in the order in which they were recorded. Facts about shares wait, and
are folded in the order of their sessions (`shares`). Cash may go below 0: readers of the book raise an alert.

A `Fold` changes in place while it runs and gives out immutable books.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.base.unchecked import unchecked
from jstock_core.state.book.account import (
    correct_cash,
    fill_order,
    open_order,
    pay,
    refusal_error,
)
from jstock_core.state.book.entries import entry_of, unsold_entry
from jstock_core.state.book.holdings import Book, GroupBook, Halt, Latest, without_key
from jstock_core.state.book.recorded import MANUAL, record_split_of
from jstock_core.state.book.shares import OnClose, OnLieu, ShareFold
from jstock_core.state.facts.events import (
    Approved,
    CashAdjusted,
    CodeMoved,
    Correction,
    Decided,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    GroupRenamed,
    Halted,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Resumed,
    Settled,
    SplitAnnounced,
    SplitApplied,
    Withdrawal,
)

_book = unchecked(Book)


class Fold(ShareFold):
    """A running fold of all events from a book; its arguments are those of `ShareFold`."""

    def __init__(
        self,
        book: Book,
        on_close: OnClose | None = None,
        on_lieu: OnLieu | None = None,
        refused: list[Event] | None = None,
    ) -> None:
        super().__init__(book, on_close, on_lieu, refused)
        self._decided = book.decided
        self._halts = book.halts
        self._splits = book.recorded_splits
        self._settled = book.settled_through
        self._seq = book.seq

    def add(self, event: Event) -> None:
        """Fold one event; a fact about shares waits for `flush`.

        Raises:
            StateError: it contradicts what came before; the fold must then be thrown away.

        """
        change = _CHANGES.get(type(event))
        if change is not None:
            try:
                change(self, event)
            except StateError:
                if self._refused is None:
                    raise
                self._refused.append(event)
        self._seq += 1

    def book(self) -> Book:
        """The book as it is now.

        Raises:
            StateError: as `flush`.

        """
        self.flush()
        groups = {**self._groups, **{key: account.freeze() for key, account in self.accounts.items()}}
        return _book(
            groups=groups, settled_through=self._settled, decided=self._decided, seq=self._seq,
            entries=self._history.entries(), halts=self._halts, moved=self._history.moved(),
            recorded_splits=self._splits,
        )  # fmt: skip

    def move_cash(self, event: Deposit | Withdrawal | Fee | Dividend) -> None:
        """Money that comes or goes without shares."""
        if isinstance(event, Deposit) and event.group not in self._groups:
            self._groups = {**self._groups, event.group: GroupBook(event.group)}
        pay(self.account(event, event.group), event)

    def adjust_cash(self, event: CashAdjusted) -> None:
        """Cash was found, or found missing."""
        correct_cash(self.account(event, event.group), event)

    def take_decision(self, event: Decided) -> None:
        """Time only moves forward, and a repair has a higher revision."""
        account = self.account(event, event.group)
        latest = self._decided.get(event.group)
        if latest is not None and (event.session, event.revision) <= (latest.session, latest.revision):
            raise refusal_error(
                event, f"{event.group} has decided for {latest.session} already", "decide later dates"
            )
        newest = Latest(event.session, event.status, event.revision)
        self._decided = {**self._decided, event.group: newest}
        evaluated = event.evaluated
        if evaluated is not None and event.status == "complete":
            before = [session for session in account.reviewed if session < evaluated]
            account.reviewed = (*before[-1:], evaluated)

    def place_order(self, event: OrderPlaced) -> None:
        """An order opens; a higher revision takes the place of the one before."""
        account = self.account(event, event.group)
        same = [key for key, order in account.orders.items() if order.slot == event.slot]
        for key in same:
            if account.orders[key].revision >= event.revision:
                raise refusal_error(event, f"{key} is open already", "give the change a higher revision")
            account.orders = without_key(account.orders, key)
        account.orders = {**account.orders, event.id: event}

    def end_order(self, event: OrderExpired | OrderCancelled) -> None:
        """An order, or what is left of it, goes without a fill."""
        account = self.account(event, event.group)
        order = open_order(event, event.order_id, account.orders)
        if event.session < order.session:
            raise refusal_error(
                event, f"{order.id} is for {order.session}, which is later", "correct the session"
            )
        account.orders = without_key(account.orders, order.id)
        if order.layer:
            self._history.add(unsold_entry(event, self._seq, order))

    def approve_order(self, event: Approved) -> None:
        """An open order waits no longer; one that has ended stays as it is."""
        account = self.account(event, event.group)
        order = account.orders.get(event.order_id)
        if order is not None and order.approve_until:
            account.orders = {**account.orders, order.id: replace(order, approve_until="")}

    def halt_buys(self, event: Halted) -> None:
        """Nothing is bought from now on; the newest reason stands."""
        if event.scope:
            self.account(event, event.scope)
        self._halts = {**self._halts, event.scope: Halt(event.session, event.at, event.reason)}

    def resume_buys(self, event: Resumed) -> None:
        """May be bought again."""
        self._halts = without_key(self._halts, event.scope)

    def add_shares(self, event: Filled | PositionAdjusted) -> None:
        """Shares that a group buys, sells, finds or misses."""
        account = self.account(event, event.group)
        order = None
        if isinstance(event, Filled) and event.order_id is not None:
            order = fill_order(event, event.order_id, account)
        self._history.add(entry_of(event, event.group, self._seq, order))

    def add_conversion(self, event: SplitApplied | CodeMoved) -> None:
        """Shares that become others in every group."""
        self._history.add(entry_of(event, "", self._seq))
        if isinstance(event, SplitApplied) and event.source == MANUAL:
            self._splits = record_split_of(self._splits, event)

    def announce_split(self, event: SplitAnnounced) -> None:
        """Shares that will be split: the lots stay as they are until the settlement of its session."""
        self._splits = record_split_of(self._splits, event)

    def refuse_amendment(self, event: Correction | GroupRenamed) -> None:
        """A correction or a rename changes what lies before it, which a fold cannot."""
        raise refusal_error(event, f"a {event.name} changes past events", "fold the effective events")

    def end_session(self, event: Settled) -> None:
        """The session is done."""
        self._settled = event.session if self._settled is None else max(self._settled, event.session)


_CHANGES: Mapping[type[Event], Callable[[Fold, Any], None]] = {
    Deposit: Fold.move_cash,
    Withdrawal: Fold.move_cash,
    Fee: Fold.move_cash,
    Dividend: Fold.move_cash,
    Decided: Fold.take_decision,
    OrderPlaced: Fold.place_order,
    OrderExpired: Fold.end_order,
    OrderCancelled: Fold.end_order,
    Filled: Fold.add_shares,
    PositionAdjusted: Fold.add_shares,
    SplitApplied: Fold.add_conversion,
    SplitAnnounced: Fold.announce_split,
    CodeMoved: Fold.add_conversion,
    GroupRenamed: Fold.refuse_amendment,
    Settled: Fold.end_session,
    CashAdjusted: Fold.adjust_cash,
    Correction: Fold.refuse_amendment,
    Halted: Fold.halt_buys,
    Resumed: Fold.resume_buys,
    Approved: Fold.approve_order,
}
