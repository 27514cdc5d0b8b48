"""The Execution section: what was recorded since the morning before, and the orders of this one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.reports.build.recount import market
from tests.reports.build.recount.journal import Fact
from tests.reports.build.recount.morning import Counted

SHOWN = (
    "fill", "expired", "cancelled", "deposit", "withdrawal", "dividend", "missed", "cash_adjustment",
    "position_adjustment", "split", "code_move", "note",
)  # fmt: skip

ORDERED = ("shares", "limit", "reserve", "fraction_pct", "score", "revision")


def execution(counted: Counted) -> dict[str, Any]:
    """Every number of the section, by its name."""
    panel = counted.market.panel
    return {
        "events": [event(counted, f) for f in counted.recent if is_shown(f)],
        "tickets": [ticket(counted, order) for order in counted.orders],
        "broker": broker([order for order in counted.orders if is_open(counted, order)]),
        "fills": market.fills(counted.facts, panel, counted.recent),
        "slippage": market.slippage(counted.facts, panel),
    }


def is_shown(fact: Fact) -> bool:
    return fact.kind in SHOWN or (fact.kind == "fee" and fact.fill_id is None)


def event(counted: Counted, fact: Fact) -> dict[str, Any]:
    moved = fact.kind in ("fill", "deposit", "withdrawal", "dividend", "fee", "position_adjustment")
    price, group = fact.fields.get("price"), fact.fields.get("group")
    found = fact.kind in ("position_adjustment", "cash_adjustment")
    return {
        "shares": fact.difference if fact.kind == "position_adjustment" else fact.fields.get("shares"),
        "price": None if price is None else float(price),
        "amount": fact.difference if found and price is None else fact.amount if moved else None,
        "gain": None if group is None else counted.now[group].gain_of(fact.id),
    }


def is_open(counted: Counted, order: Fact) -> bool:
    ends = ("fill", "expired", "cancelled")
    return not any(f.kind in ends and f.order_id == order.id for f in counted.facts)


def ticket(counted: Counted, order: Fact) -> dict[str, Any]:
    stock = counted.stock(order.code)
    base = stock.tomorrow(counted.row, counted.due(order.code))
    lower, upper = stock.limits(base, counted.trade_date)
    filled = sum(f.shares for f in counted.facts if f.kind == "fill" and f.order_id == order.id)
    return {
        "shares": order.shares, "limit": None if order.limit is None else float(order.limit), "lower": lower,
        "upper": upper, "estimate": int(base * order.shares), "reserve": order.reserve,
        "filled": filled, "left": order.shares - filled,
    }  # fmt: skip


def broker(orders: list[Fact]) -> list[dict[str, Any]]:
    """What is placed: the orders of a stock against each other, but those with a limit by themselves."""
    alike: dict[Any, list[Fact]] = defaultdict(list)
    for order in orders:
        alike[order.code, order.source, order.id if order.limit else ""].append(order)
    found = []
    for (code, *_), same in alike.items():
        sold = sum(order.shares for order in same if order.side == "SELL")
        bought = sum(order.shares for order in same if order.side == "BUY")
        same.sort(key=lambda order: (order.side == "BUY", order.group))
        placed = {
            "shares": abs(sold - bought), "crossed": min(sold, bought),
            "orders": [
                {name: order.fields[name] for name in ORDERED}
                for order in same
            ],
        }  # fmt: skip
        first = min((order.side == "BUY", order.code, order.group) for order in same)
        found.append(((bought > sold, code), first, placed))
    return [placed for *_, placed in sorted(found, key=lambda each: each[:2])]
