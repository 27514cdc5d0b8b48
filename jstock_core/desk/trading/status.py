"""`jstock trade status`: the portfolio as of a settled session, and what still waits. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.plain import plain_json
from jstock_core.desk.day.market import morning_view
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import BARS_PUBLIC, at, decision_time
from jstock_core.market.prices import market_value
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.performance import build_performance
from jstock_core.reports.build.portfolio import build_portfolio as portfolio_of
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import Lot
from jstock_core.state.facts.events import Event, Settled


def portfolio(workspace: str = "", *, now: str = "", as_of: str = "") -> dict[str, Any]:
    """The portfolio by group as plain JSON: cash, lots, P&L, stops, open orders.

    Valued at the close of the last settled session, never at a later one: lots and prices must be of one day.
    With `as_of` that of an earlier session, by all that is known of it now: facts recorded later count.

    Raises:
        UsageError: nothing was ever recorded, or `as_of` is no session that was settled.

    """
    desk = open_desk(workspace, now=now)
    journal = desk.journal()
    book = journal.book()
    if book.settled_through is None:
        raise UsageError(
            "nothing is recorded yet", where=str(desk.workspace.journal), do="run `jstock daily` first"
        )
    session = book.settled_through
    if as_of:
        events = journal.events()
        session = _settled(desk, parse_date(as_of), events, book.settled_through)
        book = replay(event for event in events if event.session <= session)
    whole = desk.panel()
    following = desk.calendar.next(session)
    panel = whole.known_at(at(session, BARS_PUBLIC))
    # What was ever held has a part in the performance, but only what is held now in the positions.
    held = panel.only(_held(book))
    view = morning_view(held, following, decision_time(following))
    groups = {group.id: group for group in desk.groups}
    facts = Facts(view=view, panel=held, groups=groups, trade_date=following, book=book)
    shown = portfolio_of(facts, build_performance(replace(facts, panel=panel)))
    return {
        "settled_through": str(session),
        "as_of": str(session) if as_of else None,
        "simulated": panel.source.simulated,
        "newest_bars": str(whole.session(len(whole.sessions) - 1)),
        "whole": _account(shown.whole),
        "groups": [_account(account) for account in shown.accounts],
        "positions": [_position(held, book, session) for held in shown.held],
        "orders": list(_orders(desk, book)),
    }


def _held(book: Book) -> set[str]:
    return {code for group in book.groups.values() for code in group.lots}


def _settled(desk: Desk, session: date, events: Sequence[Event], last: date) -> date:
    """A session whose close the journal can tell of.

    Raises:
        UsageError: it is none.

    """
    session = desk.calendar.session(session)
    first = min(event.session for event in events if isinstance(event, Settled))
    if first <= session <= last:
        return session
    way = "after the last" if session > last else "before the first"
    raise UsageError(f"{session} is {way} settled session", do=f"give one from {first} to {last}")


def _account(account: Any) -> dict[str, Any]:
    return {**plain_json(asdict(account)), "equity": account.equity, "unrealized": account.unrealized}


def _position(held: Any, book: Book, session: date) -> dict[str, Any]:
    lots = book.group(held.group).lots[held.code]
    return {
        **plain_json(asdict(held)),
        "pnl": held.pnl,
        "pnl_pct": held.pnl_pct,
        "lots": [_lot(lot, held.close, session) for lot in lots],
    }


def _lot(lot: Lot, close: float | None, session: date) -> dict[str, Any]:
    """One purchase: its value is the cost where the stock has no price."""
    worth = lot.cost if close is None else market_value(close, lot.shares)
    return {
        "opened": str(lot.session),
        "shares": lot.shares,
        "price": float(lot.price),
        "cost": lot.cost,
        "value": worth,
        "pnl": worth - lot.cost,
        "days_held": max(0, (session - lot.session).days),
        "fact": lot.origin,
    }


def _orders(desk: Desk, book: Book) -> Iterator[dict[str, Any]]:
    for group in book.groups.values():
        for order in group.orders.values():
            yield {
                "group": group.id,
                "session": str(order.session),
                "side": order.side,
                "code": order.code,
                "shares": order.shares,
                "reserve": order.reserve,
                "state": _waiting(desk, order.session, order.source),
            }


def _waiting(desk: Desk, session: date, source: str) -> str:
    if source == "manual":
        return "awaiting what the trader records"
    return "awaiting its bar" if desk.now() < at(session, BARS_PUBLIC) else "awaiting the next run"
