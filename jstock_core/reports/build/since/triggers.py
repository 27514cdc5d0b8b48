"""The triggers of each position, then and now: what fired, what came near, what moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan

import numpy as np

from jstock_core.decide import holding
from jstock_core.market.prices import known
from jstock_core.reports.build.decisions.stops import find_levels, is_stop
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.since.earlier import EarlierMorning
from jstock_core.reports.model.decisions.since import LevelChange, StopWatch
from jstock_core.reports.model.money.portfolio import HeldPosition, LayerLevel

NEAR_ATR = 1.0
"""A trigger is near within so many ATRs of the close."""
NEAR_PCT = 2.0
"""Or within so many percent of it."""


def watch_stops(
    facts: Facts, earlier: EarlierMorning | None, held: Sequence[HeldPosition]
) -> tuple[StopWatch, ...]:
    """The triggers of each position that its group's exit judges."""
    return tuple(_watch(facts, earlier, line) for line in held if line.levels and line.close is not None)


def _watch(facts: Facts, earlier: EarlierMorning | None, line: HeldPosition) -> StopWatch:
    column = facts.panel.column[line.code]
    then, close_then = _then(facts, earlier, line, column)
    low, high = _range(facts, earlier, column)
    nearest = _nearest(line.levels)
    changes = tuple(_change(level, then.get(level.layer)) for level in line.levels)
    return StopWatch(
        group=line.group,
        code=line.code,
        name=line.name,
        close_then=close_then,
        close=line.close,
        low=low,
        high=high,
        levels=tuple(change for change in changes if _says_something(change)),
        trigger="" if nearest is None else nearest.layer,
        trigger_price=None if nearest is None else nearest.price,
        distance_pct=None if nearest is None else nearest.distance_pct,
        distance_atr=None if nearest is None else nearest.distance_atr,
        is_near=nearest is not None and _is_near(nearest),
        touched=tuple(_touched(line, then, close_then, low)),
        action=line.action,
    )


def _says_something(change: LevelChange) -> bool:
    return change.fires_now or change.fired_then or change.then is not None or change.now is not None


def _then(
    facts: Facts, earlier: EarlierMorning | None, line: HeldPosition, column: int
) -> tuple[Mapping[str, LayerLevel], float | None]:
    """Each layer then, and the close then, in yen of D; nothing where the position was not held then."""
    case = earlier.cases.get(line.group) if earlier else None
    if earlier is None or earlier.view is None or case is None or line.code not in case.book.lots:
        return {}, None
    seen = holding(case.book, line.code, earlier.view)
    close = earlier.view.last_close(0, column)
    if seen is None or isnan(close):
        return {}, None
    carried = earlier.view.k(0, column) / facts.view.k(facts.row, column)
    found = find_levels(earlier.view, 0, case.group.exit, seen)
    return {level.layer: _carry(level, carried) for level in found}, close * carried


def _carry(level: LayerLevel, factor: float) -> LayerLevel:
    """A level of then in yen of D."""
    return level if level.price is None else replace(level, price=level.price * factor)


def _range(facts: Facts, earlier: EarlierMorning | None, column: int) -> tuple[float | None, float | None]:
    """The lowest and the highest price in yen of D since the session that the decision before saw."""
    if earlier is None or earlier.view is None:
        return None, None
    rows = slice(earlier.view.first_row + 1, facts.panel_row + 1)
    bars = facts.view.features.bar_rows(rows, column)
    trusted = bars == np.arange(rows.start, rows.stop)
    if not trusted.any():
        return None, None
    k = facts.panel.forward
    scale = (k[rows, column] / k[facts.panel_row, column])[trusted]
    low, high = (
        facts.panel.low[rows, column][trusted] * scale,
        facts.panel.high[rows, column][trusted] * scale,
    )
    return known(float(low.min())), known(float(high.max()))


def _change(now: LayerLevel, then: LayerLevel | None) -> LevelChange:
    return LevelChange(
        layer=now.layer,
        then=None if then is None else then.price,
        now=now.price,
        fired_then=then is not None and then.stance == "fires",
        fires_now=now.stance == "fires",
    )


def _nearest(levels: Sequence[LayerLevel]) -> LayerLevel | None:
    """The level that stands nearest to the close, below or above it."""
    standing = [level for level in levels if level.stance == "stands" and level.distance_pct is not None]
    return min(standing, key=lambda level: abs(level.distance_pct or 0.0), default=None)


def _is_near(level: LayerLevel) -> bool:
    by_atr = level.distance_atr is not None and abs(level.distance_atr) <= NEAR_ATR
    return by_atr or (level.distance_pct is not None and abs(level.distance_pct) <= NEAR_PCT)


def _touched(
    line: HeldPosition, then: Mapping[str, LayerLevel], close_then: float | None, low: float | None
) -> Sequence[str]:
    """The stops of then that the low reached; those that fire now are broken, not touched."""
    if close_then is None or low is None:
        return ()
    fires = {level.layer for level in line.levels if level.stance == "fires"}
    stops = [level for level in then.values() if level.stance == "stands" and is_stop(level, close_then)]
    return [s.layer for s in stops if s.price is not None and s.price >= low and s.layer not in fires]
