"""A group's cash while the orders of a session are filled, one after the other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jstock_core.execution.commission import Commission
from jstock_core.execution.costs import Costs
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, Fee, Filled


class Purse(NamedTuple):
    """A group's cash in yen when an order's turn comes, and the commission of that order."""

    cash: int
    commission: Commission

    @classmethod
    def of(cls, book: Book, group: str, session: date, costs: Costs) -> Purse:
        """The purse of a group before the next order of a session is filled."""
        return cls(book.groups[group].cash, costs.commission_after(book, group, session))

    def after(self, event: Event) -> Purse:
        """The purse after a fill or its fee; other events change nothing."""
        if isinstance(event, Filled):
            amount = event.amount
            cash = self.cash + amount if event.side == "SELL" else self.cash - amount
            return Purse(cash, self.commission.after(amount))
        return self.without(event.amount) if isinstance(event, Fee) else self

    def without(self, amount: int) -> Purse:
        """The purse less an amount in yen that is paid, or set aside for another order."""
        return Purse(self.cash - amount, self.commission)

    def shortage(self, price: Decimal, shares: int, wanted: int) -> str:
        """Why a buy got only `shares` of the shares `wanted` at `price`, in words."""
        paid = f"only {shares:,} of {wanted:,} shares" if shares else f"none of {wanted:,} shares"
        return f"cash: ¥{self.cash:,} paid for {paid} at ¥{price:,f}"
