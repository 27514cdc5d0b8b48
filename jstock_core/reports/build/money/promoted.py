"""Promoted sets beside their backtests: from what the decisions recorded, and the curves of the groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any

from jstock_core.market.calendar import tse
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.promoted import PROMOTIONS, PromotedGroup
from jstock_core.reports.model.money.returns import ReturnCurve


def build_promoted(
    facts: Facts, sessions: Sequence[date], curves: Sequence[ReturnCurve]
) -> Iterator[PromotedGroup]:
    """Each group whose newest decision for the trade date recorded a promotion."""
    by_group = {curve.group: curve for curve in curves}
    for group, decided in sorted(facts.decided.items()):
        kept = decided.provenance.get(PROMOTIONS, {}).get(group)
        if kept is not None:
            yield _promoted(group, kept, sessions, by_group.get(group))


def _promoted(
    group: str, kept: Mapping[str, Any], sessions: Sequence[date], curve: ReturnCurve | None
) -> PromotedGroup:
    since = date.fromisoformat(kept["since"])
    track = [] if curve is None else _since(since, sessions, curve)
    count = max(0, len(track) - 1)
    mean, deviation, depth = (kept.get(key) for key in ("mean", "deviation", "drawdown"))
    return PromotedGroup(
        group=group,
        candidate=str(kept["candidate"]),
        by=str(kept["by"]),
        since=since,
        edited=bool(kept["edited"]),
        sessions=count,
        return_pct=100 * (track[-1] - 1) if count else None,
        expected_pct=None if mean is None or not count else 100 * ((1 + mean) ** count - 1),
        spread_pct=None if deviation is None or not count else 100 * deviation * sqrt(count),
        drawdown_pct=_deepest(track) if count else None,
        tested_drawdown_pct=None if depth is None else 100 * depth,
    )


def _since(since: date, sessions: Sequence[date], curve: ReturnCurve) -> list[float]:
    """The growth of a yen from the close before `since`, or from the curve's beginning, to D."""
    before = tse().previous(since)
    known = [
        1 + value / 100
        for day, value in zip(sessions, curve.return_pct, strict=True)
        if value is not None and day >= before
    ]
    return [level / known[0] for level in known] if known else []


def _deepest(track: Sequence[float]) -> float:
    top, deepest = track[0], 0.0
    for level in track:
        top = max(top, level)
        deepest = min(deepest, 100 * (level / top - 1))
    return deepest
