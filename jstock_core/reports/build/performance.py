"""The Performance section: cumulative returns and drawdowns of each group, the desk and TOPIX; measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Floats
from jstock_core.reports.build.counterfactuals import build_judged_month
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.measures import benchmark_levels, measure_accounts
from jstock_core.reports.build.periods import build_months, build_years
from jstock_core.reports.build.promoted import build_promoted
from jstock_core.reports.build.tax import build_tax
from jstock_core.reports.model.curves import TOPIX_TOTAL, Performance, ReturnCurve
from jstock_core.reports.model.measures import WHOLE
from jstock_core.research.performance import drawdowns
from jstock_core.state.accounts.valuation import Curve as Value
from jstock_core.state.accounts.valuation import EquityCurve, equity_curve, price_returns, returns

TOPIX = "TOPIX"


def build_performance(facts: Facts) -> Performance:
    """Value every session since the desk began; a position without a price leaves the past unknown."""
    past = _past(facts)
    promoted = tuple(build_promoted(facts, past.sessions, past.groups))
    return replace(past, judged=build_judged_month(facts), promoted=promoted)


def _past(facts: Facts) -> Performance:
    try:
        curve = equity_curve(facts.book, facts.panel)
    except (DataError, UsageError) as error:
        return _unknown(facts, error.what)
    first = _first_row(curve)
    if first is None:
        return _unknown(facts, "the first session is still to come")
    return _known_curve(facts, curve, first)


def _unknown(facts: Facts, why: str) -> Performance:
    empty = ReturnCurve(group="", name=WHOLE, return_pct=(), drawdown_pct=())
    topix = ReturnCurve(group="", name=TOPIX, return_pct=(), drawdown_pct=())
    return Performance(sessions=(), groups=(), whole=empty, topix=topix, tax=build_tax(facts), unknown=why)


def _first_row(curve: EquityCurve) -> int | None:
    """Row of the first session with money in it; None before there is one."""
    funded = np.flatnonzero(curve.whole.funded)
    return int(funded[0]) if len(funded) else None


def _known_curve(facts: Facts, curve: EquityCurve, first_row: int) -> Performance:
    days: list[date] = curve.sessions[first_row:].tolist()
    sessions = (tse().previous(days[0]), *days)
    whole = _curve("", WHOLE, curve.whole, first_row)
    topix = _benchmark(TOPIX, benchmark_levels(facts, facts.panel.topix, days[0], len(days)))
    return Performance(
        sessions=sessions,
        groups=tuple(
            _curve(name, facts.group_name(name), value, first_row)
            for name, value in sorted(curve.groups.items())
        ),
        whole=whole,
        topix=topix,
        topix_total=_with_dividends(facts, days),
        day_pnl={name: round(float(value.gains[-1])) for name, value in curve.groups.items()},
        measured=tuple(measure_accounts(facts, curve)),
        months=build_months(sessions, whole.return_pct, topix.return_pct),
        years=build_years(sessions, whole.return_pct, topix.return_pct),
        tax=build_tax(facts),
    )


def _curve(group: str, name: str, value: Value, first_row: int) -> ReturnCurve:
    """Growth from the close before the first money; None up to there for a group that joined later."""
    rates = returns(value)[first_row:]
    joined = int(np.argmax(value.funded)) - first_row
    without = float(np.prod(1 + price_returns(value)[first_row + joined :]))
    growth = np.concatenate([np.full(joined, np.nan), np.cumprod([1.0, *(1 + rates[joined:])])])
    curve = _return_curve(group, name, growth)
    return replace(curve, price_return_pct=None if np.isnan(without) else 100 * (without - 1))


def _with_dividends(facts: Facts, days: Sequence[date]) -> ReturnCurve | None:
    """TOPIX with dividends, where the data has it."""
    levels = facts.panel.topix_total
    if levels is None:
        return None
    line = benchmark_levels(facts, levels, days[0], len(days))
    return None if np.isnan(line).all() else _benchmark(TOPIX_TOTAL, line)


def _benchmark(name: str, line: Floats) -> ReturnCurve:
    """TOPIX from the close before the first session; from its first level, where that one is missing."""
    have = np.flatnonzero(line > 0)
    return _return_curve("", name, line / line[have[0]] if len(have) else line)


def _return_curve(group: str, name: str, growth: Floats) -> ReturnCurve:
    return ReturnCurve(
        group=group,
        name=name,
        return_pct=_percent(growth - 1),
        drawdown_pct=_percent(_known_drawdowns(growth)),
    )


def _known_drawdowns(growth: Floats) -> Floats:
    """Drawdowns of the part that is known."""
    found = np.full(len(growth), np.nan)
    known = ~np.isnan(growth)
    found[known] = drawdowns(growth[known])
    return found


def _percent(fractions: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(x) else float(100 * x) for x in fractions)
