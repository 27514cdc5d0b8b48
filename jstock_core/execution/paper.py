"""The paper broker: what one session did to the desk's lots and due orders, once its bars are known.

Splits first, then sells, then buys in the order of placing, and at last the dividends that are paid. An
order fills at the opening price, or expires with the reason: no bar, or locked at the limit against it all
day. A buy is cut to the whole units that the group's cash pays. An order whose bar cannot be trusted is
unknown until the next session is settled. The same code settles the live desk, a replay and a backtest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from jstock_core.base.errors import StateError
from jstock_core.base.unchecked import unchecked
from jstock_core.data.checks.bars import untrusted_bars
from jstock_core.execution.approvals import approval_end, waits
from jstock_core.execution.commission import Commission
from jstock_core.execution.costs import Costs
from jstock_core.execution.dividends import pay_dividends
from jstock_core.execution.opening import Opening, find_opening, worsen_price
from jstock_core.execution.purse import Purse
from jstock_core.execution.sizing import shares_to_sell
from jstock_core.execution.splits import ex_rows, is_recorded, split_event
from jstock_core.market.calendar import OPEN
from jstock_core.market.panel import Panel
from jstock_core.market.prices import adjustments_due
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import (
    Event,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    Settled,
    SplitApplied,
)

PAPER = "paper"  # filled here, at the opening price
MANUAL = "manual"  # filled by a person, who records it
LATE = "late"  # issued after the opening auction: shown, and never filled at a price already past
_filled, _settled, _expired = unchecked(Filled), unchecked(Settled), unchecked(OrderExpired)
_Outcome = Filled | Fee | OrderExpired
_FILLERS = {MANUAL: "you", LATE: "nobody: late"}


def order_filler(source: str) -> str:
    """Who fills the orders of a source: "you", "paper", or "nobody: late"; so they are shown apart."""
    return _FILLERS.get(source, PAPER)


class _Auction(NamedTuple):
    """The opening auction of `session`, the one in `row`.

    `splits` are those that came first, `sold` the shares that orders of earlier sessions turned out to have
    sold since the session's orders were decided, by group and code.
    """

    panel: Panel
    row: int
    session: date
    costs: Costs
    splits: Mapping[str, Fraction]
    sold: Mapping[tuple[str, str], int]

    def outcome(self, book: Book, order: OrderPlaced, purse: Purse) -> Iterator[_Outcome]:
        """What became of an order; the group has that `purse` when its turn comes."""
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
        """Why the order cannot fill, or ""."""
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
        """Why a BUY cannot fill on an ex-date: what it was sized for is something else now."""
        adjustment = self.panel.adjustment(self.row, self.panel.column[code])
        if adjustment.is_price_only:
            return f"{code} went ex with an AdjFactor of {adjustment.factor:g}, which is no split"
        if code in self.splits and not is_split_announced(self.panel, code, self.session):
            return "a split that was not announced changed the shares on the ex-date"
        return ""

    def _sale(self, book: Book, order: OrderPlaced, unit: int) -> int:
        """Shares a sell can give: what is still held of them, and after a split its fraction of what is held.

        Its fraction was reckoned with the shares that an earlier order turned out to have sold.
        """
        held = shares_of(book.groups[order.group].lots.get(order.code, ()))
        sold, split = self.sold.get((order.group, order.code), 0), self.splits.get(order.code)
        wanted = order.shares
        if split is not None:
            sold = int(sold * split)
            wanted = shares_to_sell(held + sold, order.fraction_pct or 100, unit)
        return max(0, min(wanted - sold, shares_to_sell(held, 100, unit)))


def is_split_announced(panel: Panel, code: str, session: date) -> bool:
    """Whether the ex-date was announced before the session began: tickets then reckoned with it."""
    opens = np.datetime64(session, "D") + np.timedelta64(OPEN.hour, "h")
    return code in adjustments_due(panel.actions, session, opens - np.timedelta64(1, "m"))


def settle(
    book: Book, panel: Panel, row: int, costs: Costs, known: np.datetime64 | None = None
) -> tuple[Book, tuple[Event, ...]]:
    """Settle the session of `row`: (book after, events). The panel must hold that session's bars.

    `known` is the minute (JST) up to which announcements of dividends count, None for all in the panel.

    Orders of earlier sessions that were left unknown come first: filled where their bar can be trusted now,
    else expired. An order whose bar in this session cannot be trusted stays open, and is unknown.
    """
    session = panel.session(row)
    due = _due(book, session)
    found: tuple[_Outcome, ...] = ()
    if any(order.session < session for order in due):
        found = resolve_unknown(book, panel, costs, session, keep=False)
        due = _due(replay(found, book), session)
    made = (*found, *_events(replay(found, book), due, panel, row, costs, found))
    is_pay_day = session in panel.dividends.paid_in
    paid = pay_dividends(replay(made, book), panel, row, known) if is_pay_day else ()
    events = (*made, *paid, _settled(session=session, source="desk"))
    return replay(events, book), events


def resolve_unknown(
    book: Book, panel: Panel, costs: Costs, session: date, *, keep: bool
) -> tuple[_Outcome, ...]:
    """What became, by `session`, of the orders that are unknown: filled where their bar can be trusted now.

    Those whose bar still cannot be trusted stay unknown with `keep`, else they expire.
    """
    events: list[_Outcome] = []
    for order in unknown_orders(book):
        reason = distrust(panel, order)
        if reason and keep:
            continue
        untrusted = expiry(order, session, f"its bar of {order.session} cannot be trusted: {reason}")
        made = (untrusted,) if reason else _late_outcome(book, order, panel, costs, session)
        book = replay(made, book)
        events += made
    return tuple(events)


def _sold(events: Iterable[Event]) -> Mapping[tuple[str, str], int]:
    """The shares that fills sold, by group and code."""
    sold: dict[tuple[str, str], int] = {}
    for event in events:
        if isinstance(event, Filled) and event.side == "SELL":
            place = event.group, event.code
            sold[place] = sold.get(place, 0) + event.shares
    return sold


def unknown_orders(book: Book) -> tuple[OrderPlaced, ...]:
    """Paper orders whose session is settled without them, for their bar could not be trusted; sells first."""
    through = book.settled_through
    return () if through is None else tuple(o for o in _due(book, through) if o.source == PAPER)


def distrust(panel: Panel, order: OrderPlaced) -> str:
    """Why the bar of an order's session cannot be trusted; "" where it can, or is not known."""
    column, dates = panel.column.get(order.code), panel.dates
    if column is None or not dates[0] <= order.session <= dates[-1]:
        return ""
    return untrusted_bars(panel).reason(panel.row(order.session), column)


def _late_outcome(
    book: Book, order: OrderPlaced, panel: Panel, costs: Costs, ends: date
) -> tuple[_Outcome, ...]:
    """The outcome of an order whose bar was repaired, if the book can still take it."""
    split = split_event(panel, panel.row(order.session), order.code)
    if split is not None and not is_recorded(split, book):
        late = f"the split of {order.code} on {split.session} was found after the session was settled"
        return (expiry(order, ends, late),)
    splits = {} if split is None else {order.code: split.ratio}
    auction = _Auction(panel, panel.row(order.session), order.session, costs, splits, {})
    made = tuple(auction.outcome(book, order, Purse.of(book, order.group, order.session, costs)))
    try:
        replay(made, book)
    except StateError as error:
        return (expiry(order, ends, f"its bar was repaired too late: {error.what}"),)
    return made


def _events(
    book: Book, due: Sequence[OrderPlaced], panel: Panel, row: int, costs: Costs, found: Iterable[Event]
) -> Iterator[Event]:
    splits: tuple[SplitApplied, ...] = ()
    if row in ex_rows(panel):
        splits = tuple(_splits(book, due, panel, row))
        new = tuple(event for event in splits if not is_recorded(event, book))
        yield from new
        book = replay(new, book)
    if not due:
        return
    session = panel.session(row)
    auction = _Auction(
        panel, row, session, costs, {event.code: event.ratio for event in splits}, _sold(found)
    )
    purses = {name: Purse.of(book, name, session, costs) for name in {order.group for order in due}}
    for order in due:
        unsure = (order.source, order.session) == (PAPER, session) and not waits(order)
        if unsure and distrust(panel, order):
            purses[order.group] = purses[order.group].without(order.reserve)  # it may still be filled
            continue
        for event in auction.outcome(book, order, purses[order.group]):
            purses[order.group] = purses[order.group].after(event)
            yield event


def _due(book: Book, session: date) -> list[OrderPlaced]:
    """Orders up to the session, sells before buys, each in the order of placing; not those a person fills.

    One that a person fills and that nobody approved ends at its session like the others.
    """
    orders = [order for group in book.groups.values() for order in group.orders.values()]
    if not orders:
        return []
    due = [o for o in orders if (o.source != MANUAL or waits(o)) and o.session <= session]
    return sorted(due, key=lambda order: (order.side == "BUY", order.group))


def _splits(book: Book, due: Sequence[OrderPlaced], panel: Panel, row: int) -> Iterator[SplitApplied]:
    held = {code for group in book.groups.values() for code in group.lots}
    found = (split_event(panel, row, code) for code in sorted(held | {order.code for order in due}))
    return (event for event in found if event is not None)


def _unsold(shares: int, split: Fraction | None) -> str:
    """Why a sell could give only so many shares, in words."""
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
    """The fill of an order, which is all of it that is filled, and its commission in whole yen."""
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
