"""The paper broker: what one session did to the desk's lots and due orders, once its bars are known.

Splits first, then sells, then buys in the order of placing. An order fills at the opening price, or expires
with the reason: no bar, or locked at the limit against it all day. A buy is cut to the whole units that the
group's cash pays. The same code settles the live desk, a replay and a backtest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from jstock_core.execution.costs import Costs
from jstock_core.execution.sizing import affordable_shares, commission_on, shares_to_sell
from jstock_core.execution.splits import split_event
from jstock_core.market.calendar import OPEN
from jstock_core.market.panel import Listing, Panel
from jstock_core.market.prices import adjustments_due, as_yen, base_close, day_limits
from jstock_core.market.rules import Limits, round_to_tick, tick
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import (
    Event,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    Settled,
    Side,
    SplitApplied,
)

PAPER = "paper"  # filled here, at the opening price
MANUAL = "manual"  # filled by a person, who records it
LATE = "late"  # issued after the opening auction: shown, and never filled at a price already past
_FILLERS = {MANUAL: "you", LATE: "nobody: late"}


def order_filler(source: str) -> str:
    """Who fills the orders of a source: "you", "paper", or "nobody: late"; so they are shown apart."""
    return _FILLERS.get(source, PAPER)


@dataclass(frozen=True)
class Opening:
    """A stock's session as an order meets it; prices in yen of that session."""

    price: Decimal
    only: Decimal | None  # the only price traded all day, None where there were several
    limits: Limits

    def lock(self, side: Side) -> str:
        """In words that the only price stood at the limit against an order, or beyond it; else "".

        Beyond it where TSE had widened the limit, or taken a special quote for the base: nobody takes the
        other side there either.
        """
        against = self.limits.upper if side == "BUY" else self.limits.lower
        if self.only is None or (self.only < against if side == "BUY" else self.only > against):
            return ""
        where = "at the limit of" if self.only == against else f"at ¥{self.only:,}, beyond the limit of"
        return f"locked {where} ¥{against:,} all day"


def settle(book: Book, panel: Panel, row: int, costs: Costs) -> tuple[Book, tuple[Event, ...]]:
    """Settle the session of `row`: (book after, events). The panel must hold that session's bars."""
    events = tuple(_events(book, panel, row, panel.session(row), costs))
    return replay(events, book), events


def _events(book: Book, panel: Panel, row: int, session: date, costs: Costs) -> Iterator[Event]:
    due = _due(book, session)
    done = tuple(_splits(book, due, panel, row))
    splits = {event.code: event.ratio for event in done}
    yield from done
    book = replay(done, book) if done else book
    cash = {name: group.cash for name, group in book.groups.items()}
    for order in due:
        for event in _outcome(book, order, splits.get(order.code), panel, row, costs, cash[order.group]):
            cash[order.group] += cash_moved(event)
            yield event
    yield Settled(session=session, source="desk")


def _due(book: Book, session: date) -> list[OrderPlaced]:
    """Orders up to the session, sells before buys, each in the order of placing; not those a person fills."""
    orders = [order for group in book.groups.values() for order in group.orders.values()]
    due = [order for order in orders if order.source != MANUAL and order.session <= session]
    return sorted(due, key=lambda order: (order.side == "BUY", order.group))


def _splits(book: Book, due: list[OrderPlaced], panel: Panel, row: int) -> Iterator[SplitApplied]:
    held = {code for group in book.groups.values() for code in group.lots}
    found = (split_event(panel, row, code) for code in sorted(held | {order.code for order in due}))
    return (event for event in found if event is not None)


def _outcome(
    book: Book, order: OrderPlaced, split: Fraction | None, panel: Panel, row: int, costs: Costs, cash: int
) -> Iterator[Event]:
    """What became of an order; `cash` is what the group has left when its turn comes."""
    session = panel.session(row)
    opening = _opening(panel, row, order.code)
    refusal = _refusal(order, split, opening, panel, session)
    if refusal or opening is None:
        yield expiry(order, session, refusal)
        return
    stock = panel.listings[panel.column[order.code]]
    price = _with_slippage(order.side, opening, stock, session, costs.slippage_ticks(session))
    if order.side == "BUY":
        shares = min(order.shares, affordable_shares(cash, price, stock.unit, costs.commission(session)))
        unfilled = shortage(cash, price, shares, order.shares)
    else:
        shares = _sale(book, order, panel, split)
        unfilled = _unsold(shares, split)
    if shares:
        yield from paper_fill(order, shares, price, session, costs)
    if shares < order.shares:
        yield expiry(order, session, unfilled)


def shortage(cash: int, price: Decimal, shares: int, wanted: int) -> str:
    """Why a buy got only so many of the shares wanted, in words."""
    paid = f"only {shares:,} of {wanted:,} shares" if shares else f"none of {wanted:,} shares"
    return f"cash: ¥{cash:,} paid for {paid} at ¥{price:,f}"


def _unsold(shares: int, split: Fraction | None) -> str:
    """Why a sell could give only so many shares, in words."""
    if shares:
        return (
            "the rest went with the consolidation of the shares" if split else "the rest is not held any more"
        )
    return "after the split less than one unit is held" if split else "the shares are not held any more"


def cash_moved(event: Event) -> int:
    """What a fill, or the fee on it, moved into a group's cash, in yen."""
    if isinstance(event, Filled):
        return event.amount if event.side == "SELL" else -event.amount
    return -event.amount if isinstance(event, Fee) else 0


def paper_fill(
    order: OrderPlaced, shares: int, price: Decimal, session: date, costs: Costs, source: str = PAPER
) -> Iterator[Filled | Fee]:
    """The fill of an order, and the commission on it in whole yen, rounded up."""
    fill = Filled(
        session=session, source=source, group=order.group, code=order.code, side=order.side,
        shares=shares, price=price, order_id=order.id,
    )  # fmt: skip
    yield fill
    commission = commission_on(fill.amount, costs.commission(session))
    if commission:
        yield Fee(
            session=session, source=source, group=order.group, amount=commission,
            reason="commission", fill_id=fill.id,
        )  # fmt: skip


def _refusal(
    order: OrderPlaced, split: Fraction | None, opening: Opening | None, panel: Panel, session: date
) -> str:
    """Why the order cannot fill, or ""."""
    if order.source == LATE:
        return "issued after the opening auction"
    if order.session < session:
        return f"its session {order.session} passed without being settled"
    if opening is None:
        return f"no trade in {order.code} on {session}"
    if order.side == "BUY" and (reason := _ex_date_refusal(order.code, split, panel, session)):
        return reason
    return opening.lock(order.side)


def _ex_date_refusal(code: str, split: Fraction | None, panel: Panel, session: date) -> str:
    """Why a BUY cannot fill on an ex-date: what it was sized for is something else now."""
    adjustment = panel.adjustment(panel.row(session), panel.column[code])
    if adjustment.is_price_only:
        return f"{code} went ex with an AdjFactor of {adjustment.factor:g}, which is no split"
    if split is not None and not is_split_announced(panel, code, session):
        return "a split that was not announced changed the shares on the ex-date"
    return ""


def expiry(order: OrderPlaced, session: date, reason: str) -> OrderExpired:
    """The end of an order, or of what is left of it, without a fill."""
    return OrderExpired(
        session=session, source=PAPER, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason=reason,
    )  # fmt: skip


def is_split_announced(panel: Panel, code: str, session: date) -> bool:
    """Whether the ex-date was announced before the session began: tickets then reckoned with it."""
    opens = np.datetime64(session, "D") + np.timedelta64(OPEN.hour, "h")
    return code in adjustments_due(panel.actions, session, opens - np.timedelta64(1, "m"))


def _opening(panel: Panel, row: int, code: str) -> Opening | None:
    column = panel.column.get(code, -1)
    if column < 0 or not panel.open[row, column] > 0:
        return None
    low, high = as_yen(float(panel.low[row, column])), as_yen(float(panel.high[row, column]))
    price, base = float(panel.open[row, column]), base_close(panel, row, column)
    session_limits = day_limits(panel, column, as_yen(base if base > 0 else price), panel.session(row))
    return Opening(as_yen(price), low if low == high else None, session_limits)


def _sale(book: Book, order: OrderPlaced, panel: Panel, split: Fraction | None) -> int:
    """Shares a sell can give: what is still held of them, and after a split its fraction of what is held."""
    position = book.groups[order.group].lots.get(order.code, ())
    held, unit = shares_of(position), panel.listings[panel.column[order.code]].unit
    if split is None:
        return min(order.shares, shares_to_sell(held, 100, unit))
    return shares_to_sell(held, order.fraction_pct or 100, unit)


def _with_slippage(side: Side, opening: Opening, stock: Listing, session: date, ticks: int) -> Decimal:
    """The opening price, worse by `ticks` and on the tick grid, inside the limits; never a better one."""
    if ticks == 0:
        return opening.price
    step = ticks * tick(opening.price, stock, session)
    if side == "BUY":
        worse = round_to_tick(opening.price + step, stock, session, up=True)
        return max(opening.price, min(worse, opening.limits.upper))
    worse = round_to_tick(opening.price - step, stock, session, up=False)
    return min(opening.price, max(worse, opening.limits.lower))
