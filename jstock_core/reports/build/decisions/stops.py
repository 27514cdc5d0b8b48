"""The levels of a position: where each layer of its exit fires, and the stop that is nearest or broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jstock_core.base.errors import JstockError
from jstock_core.decide import UNKNOWN, shares_at_open
from jstock_core.execution.sizing import shares_to_sell
from jstock_core.explain.assessments import layer_price
from jstock_core.market.prices import known
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.portfolio import LayerLevel, NextStop
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import exit_opinion, layer_verdict
from jstock_core.signals.language.exit import SELL_PCT, Exit, ExitOpinion
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.state.book.book import GroupBook

SELLS = "sells today"
EXIT_UNKNOWN = "exit unknown"
_CLOSE = 1e-9
"""Levels so near to the close, relatively, are at it: percentages are compared rounded to 9 decimals."""


def find_levels(view: View, row: int, exit_: Exit, seen: Holding) -> tuple[LayerLevel, ...]:
    """What each layer says of a position on a row of the view, in the order they are asked."""
    close, atr = view.last_close(row, seen.column), atr_in_yen(view, row, seen.column)
    bars = view.bars.item(row, seen.column)
    return tuple(
        _with_distance(_level(view, row, exit_, layer, seen, bars), close, atr) for layer in exit_.layers
    )


def atr_in_yen(view: View, row: int, column: int) -> float | None:
    """The ATR of D in yen of D; None while it is not known, or is 0."""
    atr = view.at("atr", row, column)
    return known(atr / view.k(row, column)) if atr > 0 else None


def _level(view: View, row: int, exit_: Exit, layer: Layer, seen: Holding, bars: int) -> LayerLevel:
    needs = max(layer.needs, exit_.needs)
    found = LayerLevel(layer=layer.trigger, stance="silent", price=None, distance_pct=None, distance_atr=None)
    if bars < needs:
        return replace(found, reason=f"{bars} bars of the {needs} it needs")
    try:
        verdict = layer_verdict(layer, view, row, seen)
    except JstockError as error:
        return replace(found, stance="unknown", reason=error.what)
    # A layer may come from a third party: what it raises stops no report, as it stops no decision.
    except Exception as error:  # noqa: BLE001
        return replace(found, stance="unknown", reason=f"it raised {type(error).__name__}: {error}")
    level = layer_price(layer, view, row, seen)
    price = level if level is not None and level > 0 else None
    if verdict is not None:
        return replace(found, stance="fires", price=price, reason=verdict.reason)
    sold = layer.once and layer.trigger in seen.taken
    return replace(found, stance="sold" if sold else "stands", price=price)


def _with_distance(level: LayerLevel, close: float, atr: float | None) -> LayerLevel:
    if level.price is None or not close > 0:
        return level
    away = level.price - close
    return replace(level, distance_pct=100 * away / close, distance_atr=None if atr is None else away / atr)


def find_stop(
    facts: Facts, book: GroupBook, seen: Holding | None, levels: Sequence[LayerLevel], close: float | None
) -> NextStop | None:
    """The next stop of a position, and what follows from it."""
    group = facts.rules(book.id)
    if group is None or seen is None or close is None:
        return None
    found = next_level(levels, close)
    if found is None or found.price is None:
        return None
    opinion = exit_opinion(group.exit, facts.view, facts.row, seen)
    is_broken = found.stance == "fires"
    return NextStop(
        layer=found.layer,
        price=found.price,
        distance_pct=100 * (found.price - close) / close,
        distance_atr=found.distance_atr,
        broken=is_broken,
        state=_state(facts, book, seen, opinion, broken=is_broken),
    )


def next_level(levels: Sequence[LayerLevel], close: float) -> LayerLevel | None:
    """The stop that is broken, by the order of the layers; else the highest at or under the close."""
    stops = [level for level in levels if is_stop(level, close)]
    broken = [level for level in stops if level.stance == "fires"]
    standing = sorted(
        (level for level in stops if level.stance != "fires"), key=lambda level: -(level.price or 0)
    )
    return next(iter((*broken, *standing)), None)


def is_stop(level: LayerLevel, close: float) -> bool:
    """Whether a layer fires on the way down: its price is at or below the close, or above where it fires."""
    if level.price is None:
        return False
    if level.stance == "fires":
        return level.price >= close * (1 - _CLOSE)
    return level.price <= close * (1 + _CLOSE)


def _state(facts: Facts, book: GroupBook, seen: Holding, opinion: ExitOpinion, *, broken: bool) -> str:
    """What follows from a stop: "" where it stands, else `SELLS` or why it does not."""
    code, today = seen.code, facts.signals.get(book.id, ())
    blocked = any(signal.code == code and signal.action == UNKNOWN for signal in today)
    if blocked or opinion.action == UNKNOWN:
        return EXIT_UNKNOWN
    if not broken:
        return ""
    if opinion.action not in SELL_PCT:
        return "the exit does not sell"
    waiting = [o for o in book.orders.values() if o.code == code and o.session < facts.trade_date]
    if waiting:
        return f"order of {waiting[0].session} unresolved"
    held = shares_at_open(seen.shares, code, facts.morning)
    unit = facts.listing(code).unit
    return SELLS if shares_to_sell(held, SELL_PCT[opinion.action], unit) else "odd lot, no order"
