"""A morning in a line, as Python prints it."""

from __future__ import annotations

from collections import Counter

from jstock_core.base.words import plural
from jstock_core.reports.model.morning import Morning
from jstock_core.state.facts.events import OrderPlaced


def morning_line(morning: Morning) -> str:
    """Which morning it is, and what it orders."""
    own = (e for e in morning.events if isinstance(e, OrderPlaced) and e.session == morning.trade_date)
    sides = Counter(order.side for order in own)
    orders = f"{plural(sides['BUY'], 'buy order')}, {plural(sides['SELL'], 'sell order')}"
    return f"<Morning of {morning.trade_date}, {morning.intent.value}: {orders}>"
