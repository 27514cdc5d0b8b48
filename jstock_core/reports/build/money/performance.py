"""The Performance section: cumulative returns and drawdowns of each group, the desk and TOPIX; measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from jstock_core.market.panel import Floats
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.money.counterfactuals import build_judged_month
from jstock_core.reports.build.money.measures import benchmark_levels, measure_accounts
from jstock_core.reports.build.money.periods import build_months, build_years
from jstock_core.reports.build.money.promoted import build_promoted
from jstock_core.reports.build.money.returns import return_curve, returns_of, unknown_returns, value_past
from jstock_core.reports.build.money.tax import build_tax
from jstock_core.reports.model.money.curves import TOPIX_TOTAL, Performance
from jstock_core.reports.model.money.returns import ReturnCurve

TOPIX = "TOPIX"


def build_performance(facts: Facts) -> Performance:
    """Value every session since the desk began; a position without a price leaves the past unknown."""
    past = _past(facts)
    promoted = tuple(build_promoted(facts, past.sessions, past.groups))
    return replace(past, judged=build_judged_month(facts), promoted=promoted)


def _past(facts: Facts) -> Performance:
    past = value_past(facts)
    if isinstance(past, str):
        topix = ReturnCurve(group="", name=TOPIX, return_pct=(), drawdown_pct=())
        return Performance(**vars(unknown_returns(past)), topix=topix, tax=build_tax(facts))
    made = returns_of(facts, past)
    days, whole = made.sessions[1:], made.whole
    topix = _benchmark(TOPIX, benchmark_levels(facts, facts.panel.topix, days[0], len(days)))
    return Performance(
        **vars(made),
        topix=topix,
        topix_total=_with_dividends(facts, days),
        measured=tuple(measure_accounts(facts, past)),
        months=build_months(made.sessions, whole.return_pct, topix.return_pct),
        years=build_years(made.sessions, whole.return_pct, topix.return_pct),
        tax=build_tax(facts),
    )


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
    return return_curve("", name, line / line[have[0]] if len(have) else line)
