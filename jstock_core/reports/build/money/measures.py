"""What is measured of each group and of the whole desk since the first money, against TOPIX.

Of too little data there is no number, but a reason: `LEAST_SESSIONS` for what compares returns with TOPIX,
`LEAST_TRADED_SESSIONS` for a turnover a year, `LEAST_LOTS` for rates of closed trades. Below these, one week
or one trade decides the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import isinf

import numpy as np

from jstock_core.market.calendar import tse
from jstock_core.market.panel import Floats
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.measures import AccountMeasures, AlphaRange, Measure
from jstock_core.reports.model.money.returns import WHOLE
from jstock_core.research.growth import drawdowns, growth
from jstock_core.research.performance import (
    RelativeMetrics,
    ReturnsBeside,
    TrackRecord,
    returns_beside,
    track_record,
)
from jstock_core.research.statistics.bootstrap import alpha_interval
from jstock_core.state.accounts.valuation import Curve, EquityCurve, returns
from jstock_core.state.facts.events import CROSSED, Fee, Filled

LEAST_SESSIONS = 60
LEAST_TRADED_SESSIONS = 20
LEAST_LOTS = 10
FEW_SESSIONS = "{have} of at least {need} sessions"
FEW_LOTS = "{have} of at least {need} closed trades"
NO_BENCHMARK = "TOPIX is not known"
LOST_ALL = "in one session more was lost than there was"
NO_LOSS = "no closed trade lost money"
NO_EQUITY = "there was no equity"
NO_MOVEMENT = "the returns do not differ enough to compare them"


@dataclass(frozen=True, eq=False)
class _Past:
    """A group's sessions since its first money: `days[0]` is the close before it."""

    group: str
    days: tuple[date, ...]
    value: Curve
    begin: int
    rates: Floats
    topix: Floats
    topix_total: Floats | None

    @property
    def equity(self) -> Floats:
        return self.value.equity[self.begin :]

    @property
    def invested(self) -> Floats:
        return self.value.market_value[self.begin :]


@dataclass(frozen=True)
class _Against:
    """The measures against TOPIX."""

    beta: Measure
    information_ratio: Measure
    alpha_pct: Measure
    alpha_range: AlphaRange | None


def measure_accounts(facts: Facts, curve: EquityCurve) -> Iterator[AccountMeasures]:
    """Measure each group that has had money, by name, and last the whole."""
    for group, value in sorted(curve.groups.items()):
        if value.funded.any():
            yield _measure(facts, _past(facts, curve, group, value), facts.group_name(group))
    yield _measure(facts, _past(facts, curve, "", curve.whole), WHOLE)


def _past(facts: Facts, curve: EquityCurve, group: str, value: Curve) -> _Past:
    begin = int(np.argmax(value.funded))
    days: list[date] = curve.sessions[begin:].tolist()
    base, total = tse().previous(days[0]), facts.panel.topix_total
    return _Past(
        group=group,
        days=(base, *days),
        value=value,
        begin=begin,
        rates=returns(value)[begin:],
        topix=benchmark_levels(facts, facts.panel.topix, days[0], len(days)),
        topix_total=None if total is None else benchmark_levels(facts, total, days[0], len(days)),
    )


def benchmark_levels(facts: Facts, levels: Floats, first: date, count: int) -> Floats:
    """(count + 1,): an index at the close before a session and at those of `count` sessions; NaN: unknown."""
    row = facts.panel.row(first)
    known = levels[max(row - 1, 0) : row + count]
    return np.concatenate([np.full(count + 1 - len(known), np.nan), known])


def _measure(facts: Facts, past: _Past, name: str) -> AccountMeasures:
    lots = [lot for lot in facts.closed_lots if past.group in ("", lot.group)]
    record = track_record(
        past.rates,
        past.topix,
        past.days,
        lots=lots,
        traded=_traded(facts, past.group),
        equity=past.equity,
        invested=past.invested,
    )
    total, worst = record.own.total_return, record.own.max_drawdown
    topix = _change(past.topix)
    with_dividends = None if past.topix_total is None else _change(past.topix_total)
    against = _against(record.against, returns_beside(past.rates, past.topix))
    return AccountMeasures(
        group=past.group,
        name=name,
        since=past.days[0],
        sessions=len(past.rates),
        return_pct=_percent(total),
        topix_pct=_percent(topix),
        excess_pct=_excess(total, topix),
        topix_total_pct=_percent(with_dividends),
        excess_total_pct=_excess(total, with_dividends),
        drawdown_pct=None if total is None else 0.0 if worst is None else 100 * worst.depth,
        drawdown_from=None if worst is None else worst.peak,
        drawdown_to=None if worst is None else worst.trough,
        drawdown_now_pct=None if total is None else float(100 * drawdowns(growth(past.rates))[-1]),
        exposure_pct=_percent(record.activity.exposure),
        exposure_now_pct=_share(past.invested[-1], past.equity[-1]),
        turnover=_turnover(record, len(past.rates)),
        closed=len(lots),
        win_rate_pct=_win_rate(record),
        profit_factor=_profit_factor(record),
        costs=_costs(facts, past.group),
        beta=against.beta,
        information_ratio=against.information_ratio,
        alpha_pct=against.alpha_pct,
        alpha_range=against.alpha_range,
    )


def _against(found: RelativeMetrics, beside: ReturnsBeside) -> _Against:
    have, known = len(beside.own), bool(len(beside.known))
    if not known:
        return _unknown(Measure(unknown=NO_BENCHMARK))
    if have < LEAST_SESSIONS:
        return _unknown(Measure(unknown=FEW_SESSIONS, have=have, need=LEAST_SESSIONS))
    if np.isnan(beside.own).any():
        return _unknown(Measure(unknown=LOST_ALL))
    return _Against(
        beta=_or_no_movement(found.beta),
        information_ratio=_or_no_movement(found.information_ratio),
        alpha_pct=_or_no_movement(_percent(found.alpha)),
        alpha_range=_alpha_range(beside),
    )


def _unknown(why: Measure) -> _Against:
    return _Against(beta=why, information_ratio=why, alpha_pct=why, alpha_range=None)


def _or_no_movement(value: float | None) -> Measure:
    return Measure(unknown=NO_MOVEMENT) if value is None else Measure(value=value)


def _alpha_range(beside: ReturnsBeside) -> AlphaRange | None:
    found = alpha_interval(beside.own, beside.benchmark, n=beside.n)
    if found is None:
        return None
    return AlphaRange(
        low_pct=100 * found.low,
        high_pct=100 * found.high,
        level_pct=found.level_pct,
        draws=found.draws,
        block=found.block,
    )


def _turnover(record: TrackRecord, sessions: int) -> Measure:
    if sessions < LEAST_TRADED_SESSIONS:
        return Measure(unknown=FEW_SESSIONS, have=sessions, need=LEAST_TRADED_SESSIONS)
    found = record.activity.turnover
    return Measure(unknown=NO_EQUITY) if found is None else Measure(value=found)


def _win_rate(record: TrackRecord) -> Measure:
    return _few_lots(record.lots.closed) or Measure(value=_percent(record.lots.win_rate))


def _profit_factor(record: TrackRecord) -> Measure:
    found = record.lots.profit_factor
    none = Measure(unknown=NO_LOSS) if found is None or isinf(found) else Measure(value=found)
    return _few_lots(record.lots.closed) or none


def _few_lots(closed: int) -> Measure | None:
    return Measure(unknown=FEW_LOTS, have=closed, need=LEAST_LOTS) if closed < LEAST_LOTS else None


def _traded(facts: Facts, group: str) -> int:
    """Yen bought and sold through D; what groups pass to each other is no trade of the whole desk."""
    fills = (e for e in facts.moves if isinstance(e, Filled) and e.session <= facts.evaluated)
    if group:
        return sum(fill.amount for fill in fills if fill.group == group)
    return sum(fill.amount for fill in fills if fill.source != CROSSED)


def _costs(facts: Facts, group: str) -> int:
    """Yen of fees paid through D."""
    fees = (e for e in facts.moves if isinstance(e, Fee) and e.session <= facts.evaluated)
    return sum(fee.amount for fee in fees if group in ("", fee.group))


def _change(levels: Floats) -> float | None:
    """From the first level that is known to the last session's; None where that is not known."""
    known: Sequence[int] = np.flatnonzero(levels > 0).tolist()
    return float(levels[-1] / levels[known[0]] - 1) if known and levels[-1] > 0 else None


def _excess(own: float | None, benchmark: float | None) -> float | None:
    """Percentage points above a benchmark."""
    return None if own is None or benchmark is None else 100 * (own - benchmark)


def _share(part: float, whole: float) -> float | None:
    return float(100 * part / whole) if whole > 0 else None


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction
