"""How facts about shares change lots and cash: fills, adjustments, splits and changes of code.

They count in the order of `entries`, whatever the order in which they were recorded. So a fact that is
recorded late gives the same book as if it had come in time. It is refused where a sale would then take more
than was held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jstock_core.base.errors import StateError
from jstock_core.state.book.account import (
    Account,
    adjust_shares,
    buy_shares,
    note_unsold,
    refusal_error,
    sell_shares,
)
from jstock_core.state.book.closing import IN_LIEU, Closing, PaidInLieu
from jstock_core.state.book.conversion import convert
from jstock_core.state.book.entries import ShareEntry
from jstock_core.state.book.history import ShareHistory
from jstock_core.state.book.holdings import Book
from jstock_core.state.book.lots import Match
from jstock_core.state.facts.events import CodeMoved, Event, Filled, PositionAdjusted, SplitApplied

OnClose = Callable[[Closing], None]
OnLieu = Callable[[PaidInLieu], None]


class ShareFold:
    """A running fold of facts about shares onto the groups of a book.

    `on_close` is called with what each fact took from lots, `on_lieu` with what was paid for fractions of
    shares; both are called again where a late fact makes the fold start over. With `refused`, a fact that
    contradicts the others is added to that list and left out, instead of raising StateError.
    """

    def __init__(
        self,
        book: Book,
        on_close: OnClose | None = None,
        on_lieu: OnLieu | None = None,
        refused: list[Event] | None = None,
    ) -> None:
        self._groups = book.groups  # a mapping of a book never changes: a new one takes its place
        self._history = ShareHistory(book)
        self._on_close = on_close
        self._on_lieu = on_lieu
        self._refused = refused
        self.accounts: dict[str, Account] = {}

    def add_entry(self, entry: ShareEntry) -> None:
        """Let a fact about shares wait for `flush` as another fold kept it; its order is not looked for."""
        self._history.add(entry)

    def flush(self) -> None:
        """Fold the facts about shares that were added since.

        Raises:
            StateError: a sale would take more than is held; the fold must then be thrown away.

        """
        for entries, codes in self._history.take_pending():
            if codes:
                for group in self._groups:
                    self._open(group).forget(codes)
            for place in range(len(entries)):
                self._step(entries, place)

    def account(self, event: Event, group: str) -> Account:
        """The account of a group, which must exist."""
        if group not in self._groups:
            raise refusal_error(event, f'there is no group "{group}"', "deposit its initial cash first")
        return self._open(group)

    def _open(self, group: str) -> Account:
        account = self.accounts.get(group)
        if account is None:
            account = self.accounts[group] = Account.of(self._groups[group])
        return account

    def _step(self, entries: Sequence[ShareEntry], place: int) -> None:
        """Fold one fact about shares, in its turn."""
        try:
            self._change_lots(entries, place)
        except StateError:
            if self._refused is None:
                raise
            self._refused.append(entries[place].event)

    def _change_lots(self, entries: Sequence[ShareEntry], place: int) -> None:
        entry = entries[place]
        match entry.event:
            case Filled(side="BUY") as event:
                buy_shares(self._open(entry.group), entry, event)
            case Filled() as event:
                matches = sell_shares(self._open(entry.group), entry, event)
                if self._on_close is not None:
                    layer = "" if entry.order is None else entry.order.layer
                    self._close(Closing(event, entry.group, matches, event.amount, layer))
            case PositionAdjusted() as event:
                matches = adjust_shares(self._open(entry.group), event)
                self._close(Closing(event, entry.group, matches, None, ""))
            case SplitApplied() | CodeMoved() as event:
                self._convert(event, entries, place)
            case _:
                assert entry.order is not None
                note_unsold(self._open(entry.group), entry.order)

    def _convert(self, event: SplitApplied | CodeMoved, entries: Sequence[ShareEntry], place: int) -> None:
        holders = {
            group: self._open(group)
            for group in sorted(self._groups)
            if event.code in (self.accounts.get(group) or self._groups[group]).lots
        }
        paid, done = convert(holders, entries[place], entries[place + 1 :])
        if self._on_lieu is not None:
            for fraction in paid:
                self._on_lieu(fraction)
        for item in done:
            if not item.after:
                matches = tuple(Match(lot, lot.shares, lot.cost) for lot in item.before)
                self._close(Closing(event, item.group, matches, item.cash, IN_LIEU))

    def _close(self, closing: Closing) -> None:
        if self._on_close is not None and closing.matches:
            self._on_close(closing)
