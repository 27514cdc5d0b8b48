"""The Performance section: cumulative returns and drawdowns of each group, the desk and TOPIX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Floats
from jstock_core.reports.model.facts import Facts
from jstock_core.reports.model.model import WHOLE, Curve, Performance
from jstock_core.research.performance import drawdowns
from jstock_core.state.accounts.valuation import Curve as Value
from jstock_core.state.accounts.valuation import EquityCurve, equity_curve, returns

TOPIX = "TOPIX"


@dataclass(frozen=True, eq=False)
class Track:
    """The performance, and what each group won or lost in D, in yen."""

    performance: Performance
    day_pnl: Mapping[str, int]

    def return_pct(self, group: str) -> float | None:
        """Cumulative return of a group up to D."""
        return next((curve.last for curve in self.performance.groups if curve.group == group), None)


def track(facts: Facts) -> Track:
    """Value every session since the desk began; a position without a price leaves the past unknown."""
    try:
        curve = equity_curve(facts.book, facts.panel)
    except (DataError, UsageError) as error:
        return Track(_nothing(error.what), {})
    begun = _begun(curve)
    if begun is None:
        return Track(_nothing("the first session is still to come"), {})
    return Track(_performance(facts, curve, begun), _day_pnl(curve))


def _nothing(why: str) -> Performance:
    empty = Curve(group="", name=WHOLE, return_pct=(), drawdown_pct=())
    topix = Curve(group="", name=TOPIX, return_pct=(), drawdown_pct=())
    return Performance(sessions=(), groups=(), whole=empty, topix=topix, unknown=why)


def _begun(curve: EquityCurve) -> int | None:
    """Row of the first session with money in it; None before there is one."""
    funded = np.flatnonzero(curve.whole.funded)
    return int(funded[0]) if len(funded) else None


def _performance(facts: Facts, curve: EquityCurve, begun: int) -> Performance:
    days = [day.astype(object) for day in curve.sessions[begun:]]
    first = facts.panel.row(days[0])
    return Performance(
        sessions=(tse().previous(days[0]), *days),
        groups=tuple(
            _curve(name, facts.group_name(name), value, begun) for name, value in sorted(curve.groups.items())
        ),
        whole=_curve("", WHOLE, curve.whole, begun),
        topix=_benchmark(facts.panel.topix, first, len(days)),
    )


def _curve(group: str, name: str, value: Value, begun: int) -> Curve:
    """Growth from the close before the first money; None up to there for a group that joined later."""
    rates = returns(value)[begun:]
    joined = int(np.argmax(value.funded)) - begun
    return _shown(
        group, name, np.concatenate([np.full(joined, np.nan), np.cumprod([1.0, *(1 + rates[joined:])])])
    )


def _benchmark(levels: Floats, first: int, count: int) -> Curve:
    """TOPIX from the close before the first session; from its first level, where that one is missing."""
    known = levels[max(first - 1, 0) : first + count]
    line = np.concatenate([np.full(count + 1 - len(known), np.nan), known])
    have = np.flatnonzero(line > 0)
    return _shown("", TOPIX, line / line[have[0]] if len(have) else line)


def _shown(group: str, name: str, growth: Floats) -> Curve:
    return Curve(
        group=group,
        name=name,
        return_pct=_percent(growth - 1),
        drawdown_pct=_percent(_falls(growth)),
    )


def _falls(growth: Floats) -> Floats:
    """Drawdowns of the part that is known."""
    falls = np.full(len(growth), np.nan)
    known = ~np.isnan(growth)
    falls[known] = drawdowns(growth[known])
    return falls


def _percent(fractions: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(x) else float(100 * x) for x in fractions)


def _day_pnl(curve: EquityCurve) -> dict[str, int]:
    """What each group won or lost in D: equity less the equity before and what was put in."""
    return {name: round(float(value.gains[-1])) for name, value in curve.groups.items()}
