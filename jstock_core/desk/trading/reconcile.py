"""`jstock trade reconcile`: what was ordered against what was filled, and holdings against the broker's.

Slippage is against the session's opening price, positive where the fill was worse than it. What a broker
holds more or less can be journaled as adjustments, with a reason (`reconcile_holdings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.fill_check import Market
from jstock_core.desk.trading.reconcile_holdings import Counted
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.execution.paper import MANUAL
from jstock_core.market.calendar import OPEN, at
from jstock_core.market.rules import tick
from jstock_core.state.facts.events import CROSSED, Event, Filled, OrderCancelled, OrderExpired, OrderPlaced

BASIS = 10_000  # basis points in one


def reconcile(
    workspace: str = "",
    *,
    day: str = "",
    positions: str = "",
    adjust: str = "",
    group: str = "",
    now: str = "",
) -> dict[str, Any]:
    """Orders against fills of a session, as plain JSON; with a CSV of `positions` also holdings.

    The session is the newest with orders that has opened, unless one is named; holdings are compared as of
    its close where it is named, else as of now. `adjust` is the reason under which differences are journaled,
    for `group` where it is not clear whose they are.

    Raises:
        UsageError: nothing was ordered, the file makes no sense, or it is not clear whose a difference is.
        StateError: an adjustment contradicts the journal; nothing was recorded.

    """
    if adjust and not positions:
        raise UsageError("--adjust needs the holdings to adjust to", do="name them with --positions FILE")
    desk = open_desk(workspace, now=now)
    panel, journal = desk.panel(), desk.journal()
    market = Market.known(panel, desk.now())
    session = _session(desk, journal.events(), day, needed=not positions)
    found = {"session": str(session) if session else None, **_filled(journal.events(), session, market)}
    if not positions:
        return {**found, "holdings": None, "adjusted": []}
    counted = Counted(desk, journal, market, as_of=session if day else None)
    differing = counted.against(positions)
    made: tuple[Event, ...] = ()
    if adjust:
        with desk.writing(f"reconciling {Path(positions).name}"):
            differing, made = counted.adjusted(positions, adjust, group)
    shown = {"account": list(counted.account), "differences": [d.as_json() for d in differing]}
    return {**found, "holdings": shown, "adjusted": [event.id for event in made]}


def _session(desk: Desk, events: Sequence[Event], day: str, *, needed: bool) -> date | None:
    if day:
        session = desk.calendar.session(parse_date(day))
        if desk.now() < at(session, OPEN):
            raise UsageError(f"{session} has not opened yet: there is nothing to compare")
        return session
    ordered = {event.session for event in events if isinstance(event, OrderPlaced | Filled)}
    opened = [session for session in ordered if desk.now() >= at(session, OPEN)]
    if needed and not opened:
        raise UsageError("nothing was ordered or filled yet", do="run `jstock daily` first")
    return max(opened, default=None)


# --- orders and fills -----------------------------------------------------------------------------------


def _filled(events: Sequence[Event], session: date | None, market: Market) -> dict[str, Any]:
    """Orders with what became of them, fills with their slippage, and fills that no order stands behind."""
    newest = {e.slot: e for e in events if isinstance(e, OrderPlaced) and e.session == session}
    fills = [e for e in events if isinstance(e, Filled) and e.session == session]
    ends = {e.order_id: e for e in events if isinstance(e, OrderExpired | OrderCancelled)}
    orders = [_order(order, fills, ends) for order in newest.values()]
    rows = [slippage(fill, market) for fill in fills]
    return {
        "orders": sorted(orders, key=lambda row: (row["side"] == "BUY", row["group"], row["code"])),
        "fills": rows,
        "unexpected": [row["id"] for row, fill in zip(rows, fills, strict=True) if fill.order_id is None],
        "slippage": _sum(rows),
    }


def _order(
    order: OrderPlaced, fills: Sequence[Filled], ends: Mapping[str, OrderExpired | OrderCancelled]
) -> dict[str, Any]:
    own = [fill for fill in fills if fill.order_id == order.id]
    shares = sum(fill.shares for fill in own)
    end = ends.get(order.id)
    return {
        "id": order.id,
        "group": order.group,
        "side": order.side,
        "code": order.code,
        "ordered": order.shares,
        "filled": shares,
        "price": float(sum(f.price * f.shares for f in own) / shares) if shares else None,
        "is": _outcome(order, shares, end),
        "why": end.reason if end else "",
    }


def _outcome(order: OrderPlaced, filled: int, end: OrderExpired | OrderCancelled | None) -> str:
    """What became of an order; it is missing where a person has not said, and due where the next run will."""
    if filled:
        return (
            "filled"
            if filled == order.shares
            else "partial"
            if filled < order.shares
            else "more than ordered"
        )
    if end is None:
        return "missing" if order.source == MANUAL else "due"
    return "cancelled" if isinstance(end, OrderCancelled) else "not filled"


def slippage(fill: Filled, market: Market) -> dict[str, Any]:
    """A fill against its session's open: yen, basis points and ticks, positive where it was worse."""
    bar = market.bar(fill.code, fill.session)
    row: dict[str, Any] = {
        "id": fill.id,
        "group": fill.group,
        "side": fill.side,
        "code": fill.code,
        "name": market.listing(fill.code).name,
        "shares": fill.shares,
        "price": float(fill.price),
        "source": fill.source,
        "inside": fill.source == CROSSED,
    }
    if bar is None:
        return row | dict.fromkeys(("open", "yen", "bps", "ticks"))
    worse = (fill.price - bar.open) * (1 if fill.side == "BUY" else -1)
    step = tick(bar.open, market.listing(fill.code), fill.session)
    return row | {
        "open": float(bar.open),
        "yen": float(worse * fill.shares) + 0.0,  # no -0
        "bps": round(float(worse / bar.open * BASIS), 2) + 0.0,
        "ticks": round(float(worse / step), 2) + 0.0,
    }


def _sum(rows: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """All fills together, weighted by what they would have cost at the open; None where no open is known."""
    known = [row for row in rows if row["open"] is not None]
    worth = sum(row["open"] * row["shares"] for row in known)
    if not worth:
        return None
    yen = sum(row["yen"] for row in known)
    return {"yen": yen, "bps": round(yen / worth * BASIS, 2)}
