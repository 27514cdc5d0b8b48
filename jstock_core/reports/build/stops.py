"""The stop of a position: the nearest price under the close at which its exit fires, or a broken one."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.decide import UNKNOWN, holding, shares_at_open
from jstock_core.execution.sizing import shares_to_sell
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.portfolio import NextStop
from jstock_core.signals.language.answers import exit_opinion, layer_level, layer_verdict
from jstock_core.signals.language.rules import SELL_PCT, Exit, ExitOpinion, Holding, Layer
from jstock_core.state.book.book import GroupBook

SELLS = "sells today"
_CLOSE = 1e-9
"""Levels so near to the close, relatively, are at it: percentages are compared rounded to 9 decimals."""


@dataclass(frozen=True)
class _Level:
    layer: str
    price: float
    broken: bool


def find_stop(facts: Facts, book: GroupBook, code: str, close: float | None) -> NextStop | None:
    """The stop that is broken, by the order of the layers; else the highest at or under the close."""
    group, seen = facts.groups.get(book.id), holding(book, code, facts.view, facts.row)
    if group is None or seen is None or close is None:
        return None
    levels = [
        level for layer in group.exit.layers if (level := _level(facts, layer, group.exit, seen, close))
    ]
    broken = [level for level in levels if level.broken]
    standing = sorted((level for level in levels if not level.broken), key=lambda level: -level.price)
    found = next(iter((*broken, *standing)), None)
    if found is None:
        return None
    opinion = exit_opinion(group.exit, facts.view, facts.row, seen)
    return NextStop(
        layer=found.layer,
        price=found.price,
        distance_pct=100 * (found.price - close) / close,
        broken=found.broken,
        state=_state(facts, book, seen, opinion, found),
    )


def _level(facts: Facts, layer: Layer, exit_: Exit, seen: Holding, close: float) -> _Level | None:
    """The layer's price if it is a stop: one that fires at it from above, or has fired under it."""
    if facts.view.bars.item(facts.row, seen.column) < max(layer.needs, exit_.needs):
        return None
    # Layers may come from a third party. What one raises makes the exit unknown, which its opinion says.
    try:
        price = layer_level(layer, facts.view, facts.row, seen)
        fired = layer_verdict(layer, facts.view, facts.row, seen) is not None
    except Exception:  # noqa: BLE001
        return None
    if price is None or not price > 0:
        return None
    reached = price >= close * (1 - _CLOSE) if fired else price <= close * (1 + _CLOSE)
    return _Level(layer.trigger, price, fired) if reached else None


def _state(facts: Facts, book: GroupBook, seen: Holding, opinion: ExitOpinion, found: _Level) -> str:
    """What follows from a stop: "" where it stands, else `SELLS` or why it does not."""
    code, today = seen.code, facts.signals.get(book.id, ())
    blocked = any(signal.code == code and signal.action == UNKNOWN for signal in today)
    if blocked or opinion.action == UNKNOWN:
        return "exit unknown"
    if not found.broken:
        return ""
    waiting = [o for o in book.orders.values() if o.code == code and o.session < facts.trade_date]
    if waiting:
        return f"order of {waiting[0].session} unresolved"
    held = shares_at_open(seen.shares, code, facts.morning)
    unit = facts.listing(code).unit
    return SELLS if shares_to_sell(held, SELL_PCT[opinion.action], unit) else "odd lot, no order"
