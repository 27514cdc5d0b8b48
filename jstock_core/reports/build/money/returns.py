"""Cumulative returns and drawdowns of each group and of the whole since the desk began."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Floats
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.returns import WHOLE, AccountReturns, ReturnCurve
from jstock_core.research.growth import drawdowns
from jstock_core.state.accounts.valuation import Curve, EquityCurve, equity_curve, price_returns, returns


def build_returns(facts: Facts) -> AccountReturns:
    """Value every session since the desk began; a position without a price leaves the past unknown."""
    past = value_past(facts)
    return unknown_returns(past) if isinstance(past, str) else returns_of(facts, past)


def value_past(facts: Facts) -> EquityCurve | str:
    """Every session's equity, of which one has money in it; or why that is not known."""
    try:
        curve = equity_curve(facts.book, facts.panel)
    except (DataError, UsageError) as error:
        return error.what
    return curve if curve.whole.funded.any() else "the first session is still to come"


def unknown_returns(why: str) -> AccountReturns:
    """No returns, and why."""
    empty = ReturnCurve(group="", name=WHOLE, return_pct=(), drawdown_pct=())
    return AccountReturns(sessions=(), groups=(), whole=empty, unknown=why)


def returns_of(facts: Facts, past: EquityCurve) -> AccountReturns:
    """The returns from the first session with money in it."""
    first_row = int(np.argmax(past.whole.funded))
    days: list[date] = past.sessions[first_row:].tolist()
    return AccountReturns(
        sessions=(tse().previous(days[0]), *days),
        groups=tuple(
            _curve(name, facts.group_name(name), value, first_row)
            for name, value in sorted(past.groups.items())
        ),
        whole=_curve("", WHOLE, past.whole, first_row),
        day_pnl={name: round(float(value.gains[-1])) for name, value in past.groups.items()},
    )


def _curve(group: str, name: str, value: Curve, first_row: int) -> ReturnCurve:
    """Growth from the close before the first money; None up to there for a group that joined later."""
    rates = returns(value)[first_row:]
    joined = int(np.argmax(value.funded)) - first_row
    without = float(np.prod(1 + price_returns(value)[first_row + joined :]))
    growth = np.concatenate([np.full(joined, np.nan), np.cumprod([1.0, *(1 + rates[joined:])])])
    curve = return_curve(group, name, growth)
    return replace(curve, price_return_pct=None if np.isnan(without) else 100 * (without - 1))


def return_curve(group: str, name: str, growth: Floats) -> ReturnCurve:
    """A curve of growth from 1, NaN where it is not known."""
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
