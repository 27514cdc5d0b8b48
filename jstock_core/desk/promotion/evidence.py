"""What is known of a candidate when it is promoted: trials, backtests, luck, certificates, the holdout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.decide.groups import Group
from jstock_core.desk.past.backtests import fold_groups
from jstock_core.desk.past.replays import session_span
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.trials.holdout import Holdout, current_holdout, end_before_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.trials.tally import tally_trials
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.promotions import HoldoutState, PromotedLuck, PromotedSpan, PromotedTrial
from jstock_core.research.records import MeasuredGroup, measure_groups

Span = tuple[date, date]


@dataclass(frozen=True, kw_only=True)
class PromotionEvidence:
    """What the record of a promotion says of the set; see `Promotion`."""

    trials: int
    own_trials: tuple[PromotedTrial, ...]
    in_sample: PromotedSpan
    out_of_sample: PromotedSpan | None
    deflated: float | None
    holdout: HoldoutState
    luck: PromotedLuck | None
    notes: tuple[str, ...]


def gather_evidence(
    desk: Desk, group: Group, span: Span | None, orders: int, say: Say = silent, tick: Tick = silent
) -> PromotionEvidence:
    """Backtest a candidate again, in sample and out of sample, and count what was tried.

    In sample are the trade dates of its trials, or those of `span`; out of sample those since, or the
    holdout's where it was opened with this set. Windows of walk-forwards, and what was out of sample in an
    earlier look, are no trade dates that it was chosen on. `orders` random orders of equals are tried.

    Raises:
        UsageError: it was never tried, and no span is given. DataError: no data for these sessions.
        StateError: the trial ledger is damaged.

    """
    ledger, digest = TrialLedger.of(desk.workspace), strategy_digest(group.declared, group.rules)
    holdout = current_holdout(ledger)
    state = _holdout_state(holdout, digest)
    own = tuple(trial for trial in ledger.trials() if trial.digest == digest)
    tried = _given_span(desk, ledger, span) if span else _tried_span(own, holdout, state)
    say("backtest in sample")
    trial = _run(desk, group, tried)
    inside = _measure(trial, group)
    later = _later_span(desk, tried[1], holdout, state)
    outside = None
    if later is not None:
        say("backtest out of sample")
        outside = _measure(_run(desk, group, later), group)
    rows = [TrialRow.of("backtest", group.id, digest, tried, inside.returns, desk.now())]
    if later is not None and outside is not None:
        rows.append(TrialRow.of("window", group.id, digest, later, outside.returns, desk.now()))
    tally = tally_trials(ledger, rows)
    deflated = tally.deflate(inside.returns)
    if orders:
        say("luck of ties")
    return PromotionEvidence(
        trials=tally.trials,
        own_trials=tuple(_own_trial(trial) for trial in ledger.trials() if trial.digest == digest),
        in_sample=_span_record(tried, inside),
        out_of_sample=None if later is None or outside is None else _span_record(later, outside),
        deflated=None if deflated is None else deflated.deflated,
        holdout=state,
        luck=_luck(trial, group, orders, tick) if orders else None,
        notes=tally.notes,
    )


def _holdout_state(holdout: Holdout | None, digest: str) -> HoldoutState:
    if holdout is None:
        return "none"
    if holdout.opening is None:
        return "unused"
    return "used" if holdout.opening.digest == digest else "used by others"


def _tried_span(own: Sequence[TrialRow], holdout: Holdout | None, state: HoldoutState) -> Span:
    """The trade dates that the set was tried on, but for those of the holdout that was opened with it."""
    chosen_on = [trial for trial in own if trial.kind != "window"]
    seen = [t for t in chosen_on if state != "used" or holdout is None or t.last < holdout.first]
    if not seen:
        raise UsageError(
            "no trial of this candidate is known: nothing says how it would have done",
            do="give the trade dates to try it on, --from and --to, or backtest it in a lab first",
        )
    return min(trial.first for trial in seen), max(trial.last for trial in seen)


def _given_span(desk: Desk, ledger: TrialLedger, span: Span) -> Span:
    """The sessions of a span, but for those of a holdout that is kept back."""
    first, last = session_span(desk, str(span[0]), str(span[1]))
    return first, end_before_holdout(ledger, first, last)


def _later_span(desk: Desk, last: date, holdout: Holdout | None, state: HoldoutState) -> Span | None:
    """The trade dates that nobody chose the set by; None where there are none yet."""
    if state == "used" and holdout is not None and holdout.opening is not None:
        return holdout.first, holdout.opening.last
    end = desk.calendar.previous(desk.next_trade_date)
    if state == "unused" and holdout is not None:
        end = min(end, desk.calendar.previous(holdout.first))
    first = desk.calendar.next(last)
    return (first, end) if first <= end else None


def _run(desk: Desk, group: Group, span: Span) -> Trial:
    return fold_groups(desk, (group,), *span)


def _measure(trial: Trial, group: Group) -> MeasuredGroup:
    measured = measure_groups(trial.done, trial.market).get(group.id)
    if measured is None:
        raise DataError(f"{group.id} has no equity in this backtest", where=str(trial.done.first))
    return measured


def _span_record(span: Span, measured: MeasuredGroup) -> PromotedSpan:
    own, returns = measured.record.own, measured.returns
    known = returns[np.isfinite(returns)]
    fall = own.max_drawdown
    return PromotedSpan(
        first=span[0],
        last=span[1],
        sessions=len(returns),
        total_return=own.total_return,
        sharpe=own.sharpe,
        max_drawdown=None if fall is None else fall.depth,
        topix=measured.record.benchmark.total_return,
        mean=float(known.mean()) if len(known) else None,
        deviation=float(known.std(ddof=1)) if len(known) > 1 else None,
    )


def _own_trial(row: TrialRow) -> PromotedTrial:
    return PromotedTrial(kind=row.kind, first=row.first, last=row.last, sharpe=row.sharpe, at=row.at)


def _luck(trial: Trial, group: Group, orders: int, tick: Tick) -> PromotedLuck | None:
    """The spread of the total return; of no orders where equals never competed."""
    found = trial.luck(orders, tick).luck
    spread = found.spreads.get(group.id, {}).get("total_return")
    if spread is None:
        return None
    if not found.seeds:
        own = _known(spread.declared)
        return PromotedLuck(orders=0, mornings=0, total_return=own, low=own, median=own, high=own)
    low, median, high = (spread.quantile(part) for part in (0.05, 0.5, 0.95))
    return PromotedLuck(
        orders=len(found.seeds),
        mornings=found.decided.get(group.id, 0),
        total_return=_known(spread.declared),
        low=_known(low),
        median=_known(median),
        high=_known(high),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
