"""The paper broker: settles a session once its bars are known.

In order: splits of what is held, sells, buys in the order of placing, dividends that are paid. The opening
auction (`auction`) says what becomes of each order. An order whose bar cannot be trusted stays unknown until
the next session is settled. The same code settles the live desk, a replay and a backtest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from jstock_core.base.errors import StateError
from jstock_core.base.unchecked import unchecked
from jstock_core.execution.approvals import waits
from jstock_core.execution.auction import Auction, Outcome, expiry
from jstock_core.execution.costs import Costs
from jstock_core.execution.dividends import pay_dividends
from jstock_core.execution.fillers import MANUAL, PAPER
from jstock_core.execution.purse import Purse
from jstock_core.execution.splits import ex_rows, is_recorded, split_event
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Event, Filled, OrderPlaced, Settled, SplitApplied

_settled = unchecked(Settled)


def settle(
    book: Book, panel: Panel, row: int, costs: Costs, known: np.datetime64 | None = None
) -> tuple[Book, tuple[Event, ...]]:
    """Settle the session in the panel's row `row`: the book after it, and its events in order.

    `known` is the minute (JST) up to which announcements of dividends count, None for all in the panel.

    Orders of earlier sessions that are still unknown come first: each is filled if its bar can be trusted by
    now, and else expires. An order whose bar in this session cannot be trusted stays open, as unknown.
    """
    session, after, events = panel.session(row), book, list[Event]()
    due = _due(book, session)
    if any(order.session < session for order in due):
        events += resolve_unknown(book, panel, costs, session, keep=False)
        after = replay(events, book)
        due = _due(after, session)
    sold = _sold(events)
    splits: tuple[SplitApplied, ...] = ()
    if row in ex_rows(panel):
        splits = tuple(_splits(after, due, panel, row))
        new = [split for split in splits if not is_recorded(split, after)]
        after = replay(new, after)
        events += new
    if due:
        ratios = {split.code: split.ratio for split in splits}
        events += _fill_due(after, due, Auction(panel, row, session, costs, ratios, sold))
    if session in panel.dividends.paid_in:
        events += pay_dividends(replay(events, book), panel, row, known)
    events.append(_settled(session=session, source="desk"))
    return replay(events, book), tuple(events)


def _fill_due(book: Book, due: Sequence[OrderPlaced], auction: Auction) -> Iterator[Outcome]:
    """The fills and ends of the orders that are due, in their order; `book` is the one before the first.

    An order whose bar cannot be trusted may still turn out to be filled, so its reserve is set aside.
    """
    panel, session = auction.panel, auction.session
    purses = {name: Purse.of(book, name, session, auction.costs) for name in {order.group for order in due}}
    for order in due:
        is_of_today = order.source == PAPER and order.session == session and not waits(order)
        if is_of_today and distrust(panel, order):
            purses[order.group] = purses[order.group].without(order.reserve)
            continue
        for event in auction.outcome(book, order, purses[order.group]):
            purses[order.group] = purses[order.group].after(event)
            yield event


def resolve_unknown(
    book: Book, panel: Panel, costs: Costs, session: date, *, keep: bool
) -> tuple[Outcome, ...]:
    """The fills and ends of unknown orders whose bars can be trusted by now; ends are dated `session`.

    Orders whose bars still cannot be trusted stay unknown if `keep`, and else expire.
    """
    events: list[Outcome] = []
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
    """Paper orders still open after their session was settled: its bar could not be trusted. Sells first."""
    through = book.settled_through
    return () if through is None else tuple(o for o in _due(book, through) if o.source == PAPER)


def distrust(panel: Panel, order: OrderPlaced) -> str:
    """Why the bar of an order's session cannot be trusted; "" if it can, or if the panel does not have it."""
    column, dates = panel.column.get(order.code), panel.dates
    if column is None or not dates[0] <= order.session <= dates[-1]:
        return ""
    return untrusted_bars(panel).reason(panel.row(order.session), column)


def _late_outcome(
    book: Book, order: OrderPlaced, panel: Panel, costs: Costs, ends: date
) -> tuple[Outcome, ...]:
    """What becomes of an order whose bar was repaired: it expires if the book can no longer take its fill."""
    split = split_event(panel, panel.row(order.session), order.code)
    if split is not None and not is_recorded(split, book):
        late = f"the split of {order.code} on {split.session} was found after the session was settled"
        return (expiry(order, ends, late),)
    splits = {} if split is None else {order.code: split.ratio}
    auction = Auction(panel, panel.row(order.session), order.session, costs, splits, {})
    made = tuple(auction.outcome(book, order, Purse.of(book, order.group, order.session, costs)))
    try:
        replay(made, book)
    except StateError as error:
        return (expiry(order, ends, f"its bar was repaired too late: {error.what}"),)
    return made


def _due(book: Book, session: date) -> list[OrderPlaced]:
    """The orders for `session` or earlier that end here: sells before buys, each in the order of placing.

    Orders that a person fills are left out, except those that still wait for approval: they expire.
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
