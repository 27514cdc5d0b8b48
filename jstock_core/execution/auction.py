"""The opening auction: what becomes of an order in it.

An order fills at the opening price, or it expires with the reason: no trade, or a price locked at the limit
against it all day. A buy is cut to the whole units that the group's cash pays, a sell to what is still held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from jstock_core.base.unchecked import unchecked
from jstock_core.execution.approvals import approval_end, waits
from jstock_core.execution.commission import Commission
from jstock_core.execution.costs import Costs
from jstock_core.execution.fillers import LATE, PAPER
from jstock_core.execution.opening import Opening, find_opening, worsen_price
from jstock_core.execution.purse import Purse
from jstock_core.execution.sizing import shares_to_sell
from jstock_core.market.calendar import OPEN
from jstock_core.market.panel import Panel
from jstock_core.market.prices import adjustments_due
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Fee, Filled, OrderExpired, OrderPlaced

_filled, _expired = unchecked(Filled), unchecked(OrderExpired)
Outcome = Filled | Fee | OrderExpired
"""What becomes of an order: its fill, the fee on it, or its end without a fill."""


class Auction(NamedTuple):
    """The opening auction of `session`, which is the panel's row `row`.

    `splits` are the ratios of the splits that go ex in it, by code. `sold` are shares, by group and code:
    sold by orders of earlier sessions that were found to be filled after this session's orders were decided.
    """

    panel: Panel
    row: int
    session: date
    costs: Costs
    splits: Mapping[str, Fraction]
    sold: Mapping[tuple[str, str], int]

    def outcome(self, book: Book, order: OrderPlaced, purse: Purse) -> Iterator[Outcome]:
        """What becomes of an order; `book` is the one before the auction, `purse` the cash at its turn."""
        opening, session = find_opening(self.panel, self.row, order.code), self.session
        refusal = self._refusal(order, opening)
        if refusal or opening is None:
            yield expiry(order, session, refusal)
            return
        stock = self.panel.listing(opening.column, session)
        price = worsen_price(order.side, opening, stock, session, self.costs.slippage_ticks(session))
        if order.side == "BUY":
            shares = purse.commission.payable(purse.cash, price, stock.unit, order.shares)
        else:
            shares = self._sale(book, order, stock.unit)
        if shares:
            yield from paper_fill(order, shares, price, session, purse.commission)
        if shares < order.shares:
            is_buy, split = order.side == "BUY", self.splits.get(order.code)
            reason = purse.shortage(price, shares, order.shares) if is_buy else _unsold(shares, split)
            yield expiry(order, session, reason)

    def _refusal(self, order: OrderPlaced, opening: Opening | None) -> str:
        """Why the order cannot fill; "" if it can."""
        if order.source == LATE:
            return "issued after the opening auction"
        if waits(order):
            return f"not approved by {approval_end(order)}"
        if order.session < self.session:
            return f"its session {order.session} passed without being settled"
        if opening is None:
            return f"no trade in {order.code} on {self.session}"
        if order.side == "BUY" and (reason := self._ex_date_refusal(order.code)):
            return reason
        return opening.lock(order.side)

    def _ex_date_refusal(self, code: str) -> str:
        """Why a BUY cannot fill on an ex-date, where what it was sized for has changed; "" if it can."""
        adjustment = self.panel.adjustment(self.row, self.panel.column[code])
        if adjustment.is_price_only:
            return f"{code} went ex with an AdjFactor of {adjustment.factor:g}, which is no split"
        if code in self.splits and not is_split_announced(self.panel, code, self.session):
            return "a split that was not announced changed the shares on the ex-date"
        return ""

    def _sale(self, book: Book, order: OrderPlaced, unit: int) -> int:
        """The shares that a sell can deliver: at most what is held, and after a split its fraction of that.

        The order counted shares that an earlier order was found to have sold since; those are left out.
        """
        held = shares_of(book.groups[order.group].lots.get(order.code, ()))
        sold, split = self.sold.get((order.group, order.code), 0), self.splits.get(order.code)
        wanted = order.shares
        if split is not None:
            sold = int(sold * split)
            wanted = shares_to_sell(held + sold, order.fraction_pct or 100, unit)
        return max(0, min(wanted - sold, shares_to_sell(held, 100, unit)))


def is_split_announced(panel: Panel, code: str, session: date) -> bool:
    """Whether the split was announced before the session opened, so that orders were sized for it."""
    opens = np.datetime64(session, "D") + np.timedelta64(OPEN.hour, "h")
    return code in adjustments_due(panel.actions, session, opens - np.timedelta64(1, "m"))


def _unsold(shares: int, split: Fraction | None) -> str:
    """Why a sell delivered only so many shares, in words."""
    if shares:
        return (
            "the rest went with the consolidation of the shares" if split else "the rest is not held any more"
        )
    return "after the split less than one unit is held" if split else "the shares are not held any more"


def paper_fill(
    order: OrderPlaced,
    shares: int,
    price: Decimal,
    session: date,
    commission: Commission,
    source: str = PAPER,
) -> Iterator[Filled | Fee]:
    """The one fill of an order, and its commission as a fee in whole yen where there is one."""
    fill = _filled(
        session=session, source=source, group=order.group, code=order.code, side=order.side,
        shares=shares, price=price, order_id=order.id,
    )  # fmt: skip
    yield fill
    fee = commission.on(fill.amount)
    if fee:
        yield Fee(
            session=session, source=source, group=order.group, amount=fee,
            reason="commission", fill_id=fill.id,
        )  # fmt: skip


def expiry(order: OrderPlaced, session: date, reason: str) -> OrderExpired:
    """The end of an order, or of what is left of it, without a fill."""
    return _expired(
        session=session, source=PAPER, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason=reason,
    )  # fmt: skip
