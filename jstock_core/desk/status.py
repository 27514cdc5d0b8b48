"""`jstock trade status`: the portfolio as of the last settled session, and what still waits. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from jstock_core.desk.day import one_morning
from jstock_core.desk.desk import Desk, open_desk
from jstock_core.errors import UsageError
from jstock_core.market.calendar import BARS_PUBLIC, at, decision_time
from jstock_core.reports.facts import Facts
from jstock_core.reports.portfolio import portfolio as portfolio_of
from jstock_core.reports.returns import track
from jstock_core.runs.scraps import plain
from jstock_core.state.book import Book


def portfolio(workspace: str = "", *, now: str = "") -> dict[str, Any]:
    """The portfolio by group as plain JSON: cash, lots, P&L, stops, open orders.

    Valued at the close of the last settled session, never at a later one: lots and prices must be of one day.

    Raises:
        UsageError: nothing was ever recorded.

    """
    desk = open_desk(workspace, now=now)
    journal = desk.journal()
    book, events = journal.book(), journal.events()
    if book.settled_through is None:
        raise UsageError(
            "nothing is recorded yet", where=str(desk.workspace.journal), do="run `jstock daily` first"
        )
    whole = desk.panel()
    following = desk.calendar.next(book.settled_through)
    panel = whole.known_at(at(book.settled_through, BARS_PUBLIC))
    view = one_morning(panel, following, decision_time(following))
    facts = Facts(events, panel, view, 0, {g.id: g for g in desk.groups}, following, book, {})
    shown = portfolio_of(facts, track(facts))
    return {
        "settled_through": str(book.settled_through),
        "simulated": panel.source.simulated,
        "newest_bars": str(whole.session(len(whole.sessions) - 1)),
        "whole": _account(shown.whole),
        "groups": [_account(account) for account in shown.accounts],
        "positions": [_position(held) for held in shown.held],
        "orders": list(_orders(desk, book)),
    }


def _account(account: Any) -> dict[str, Any]:
    return {**plain(asdict(account)), "equity": account.equity, "unrealized": account.unrealized}


def _position(held: Any) -> dict[str, Any]:
    return {**plain(asdict(held)), "pnl": held.pnl, "pnl_pct": held.pnl_pct}


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
