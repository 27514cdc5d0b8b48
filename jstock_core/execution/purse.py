"""What a group pays with while the orders of a session are filled, one after the other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jstock_core.execution.commission import Commission
from jstock_core.execution.costs import Costs
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, Fee, Filled


class Purse(NamedTuple):
    """A group's cash in yen when an order's turn comes, and what that order costs."""

    cash: int
    commission: Commission

    @classmethod
    def of(cls, book: Book, group: str, session: date, costs: Costs) -> Purse:
        """That of a group before the next order of a session is filled."""
        return cls(book.groups[group].cash, costs.commission_after(book, group, session))

    def after(self, event: Event) -> Purse:
        """What is left after a fill, or the fee on it; other events take nothing."""
        if isinstance(event, Filled):
            amount = event.amount
            cash = self.cash + amount if event.side == "SELL" else self.cash - amount
            return Purse(cash, self.commission.after(amount))
        return self.without(event.amount) if isinstance(event, Fee) else self

    def without(self, amount: int) -> Purse:
        """What is left beside an amount that is kept for something else, or paid."""
        return Purse(self.cash - amount, self.commission)

    def shortage(self, price: Decimal, shares: int, wanted: int) -> str:
        """Why a buy got only so many of the shares wanted, in words."""
        paid = f"only {shares:,} of {wanted:,} shares" if shares else f"none of {wanted:,} shares"
        return f"cash: ¥{self.cash:,} paid for {paid} at ¥{price:,f}"
