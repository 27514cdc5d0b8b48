"""BUY and SELL signals of the morning, with what became of each."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.errors import JstockError
from jstock_core.decide import HOLD, URGENCY, Signal, shared_opinions
from jstock_core.explain.parts import Part, parts_of, threshold
from jstock_core.explain.verdicts import UNEXPLAINED
from jstock_core.market.prices import round_decimals
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.sections import BuySignal, Cause, SellSignal
from jstock_core.signals.language.refusal import Refusal, refusals_text


def build_buys(facts: Facts) -> tuple[BuySignal, ...]:
    """The BUY signals of all groups, by score."""
    found = (_buy(facts, group, signal) for group, signal in _signals(facts) if signal.is_buy)
    return tuple(sorted(found, key=_by_score))


def _by_score(buy: BuySignal) -> tuple[float, float, str, str]:
    return (-(buy.score or 0.0), -buy.confidence, buy.group, buy.code)


def build_sells(facts: Facts) -> tuple[SellSignal, ...]:
    """The SELL signals and unknown exits of all groups, by urgency."""
    found = (
        _sell(facts, group, signal) for group, signal in _signals(facts) if signal.action not in ("BUY", HOLD)
    )
    return tuple(sorted(found, key=_by_urgency))


def _by_urgency(sell: SellSignal) -> tuple[bool, int, str, str]:
    """An exit that is unknown comes before all others: a person must look at it."""
    return (not sell.unknown, URGENCY.index(sell.urgency or "LOW"), sell.group, sell.code)


def _signals(facts: Facts) -> Iterator[tuple[str, Signal]]:
    for group, signals in facts.signals.items():
        for signal in signals:
            yield group, signal


def _buy(facts: Facts, group: str, signal: Signal) -> BuySignal:
    code = signal.code
    listing, ordered = facts.listing(code), _is_ordered(facts, group, code, "BUY")
    return BuySignal(
        group=group,
        code=code,
        name=listing.name,
        sector=listing.sector,
        score=signal.score,
        confidence=signal.confidence,
        price=signal.price,
        shares=signal.shares,
        required=signal.required,
        ordered=ordered,
        why_not="" if ordered else _why_not(facts, group, code, "BUY"),
        reason=signal.reason,
        rule=signal.rule,
        note=_note(facts, group, signal) if ordered else refusals_text(signal.notes),
        cause="other" if ordered else _cause(facts, group, code),
        threshold=None if group not in facts.cases else threshold(facts.cases[group].group.entry),
        parts=_parts(facts, group, signal),
    )


def _note(facts: Facts, group: str, signal: Signal) -> str:
    """What limits cut from an ordered BUY, else what filters in shadow mode would have refused."""
    cut = (
        s.reason for s in facts.skipped[group] if (s.code, s.action) == (signal.code, "BUY") and s.by_limit
    )
    return next(cut, "") or refusals_text(signal.notes)


def _parts(facts: Facts, group: str, signal: Signal) -> tuple[Part, ...]:
    """The parts of a BUY's score, where the rule asked again gives that score."""
    if group not in facts.cases or signal.code not in facts.panel.column:
        return ()
    made, row, n = facts.cases[group].group, facts.row, facts.panel.column[signal.code]
    try:
        opinions = shared_opinions(facts.view, made)
        shown = float(opinions.display[row, n])
        if signal.score is None or round_decimals(shown - signal.score):
            return ()
        return parts_of(made.entry, opinions, facts.view, row, n)
    except JstockError:  # orders are decided already, and the report must appear
        return ()


_CAUSES: tuple[tuple[str, Cause], ...] = (
    ("positions full", "places"), ("cash: ", "cash"), ("one unit costs ", "budget"), ("risk: ", "risk"),
    ("score ", "score"), ("too few bars: ", "history"), ("order of ", "pending"),
    ("entries stopped: ", "halt"), ("the group is wound down", "halt"),
    ("group limit: ", "limit"), ("desk limit: ", "limit"),
)  # fmt: skip
"""How the reasons of checks begin."""


def find_cause(refusal: Refusal) -> Cause:
    """The kind of a reason against an order."""
    if refusal.kind != "check":
        return refusal.kind
    return next((cause for start, cause in _CAUSES if refusal.reason.startswith(start)), "other")


def _cause(facts: Facts, group: str, code: str) -> Cause:
    found = (skip.refusals for skip in facts.skipped[group] if (skip.code, skip.action) == (code, "BUY"))
    return next((find_cause(refusals[0]) for refusals in found if refusals), "other")


def _sell(facts: Facts, group: str, signal: Signal) -> SellSignal:
    code, price, entry, held = signal.code, signal.price, signal.entry_price, signal.held
    ordered = _is_ordered(facts, group, code, "SELL")
    return SellSignal(
        group=group,
        code=code,
        name=facts.listing(code).name,
        action=signal.action,
        urgency=signal.urgency,
        layer=signal.layer,
        reason=signal.reason,
        confidence=signal.confidence,
        score=signal.score,
        held=held,
        entry_price=entry,
        entry_session=signal.entry_session,
        price=price,
        pnl=None if price is None or entry is None else round((price - entry) * held),
        pnl_pct=signal.pnl_pct,
        days_held=signal.days_held,
        ordered=ordered,
        why_not="" if ordered else _why_not(facts, group, code, signal.action),
        rule=signal.rule,
    )


def _is_ordered(facts: Facts, group: str, code: str, side: str) -> bool:
    order = facts.orders.get((group, code, side))
    return order is not None and order.id not in facts.cancelled


def _why_not(facts: Facts, group: str, code: str, action: str) -> str:
    """Why a signal became no order, as the decision recorded it."""
    skipped = facts.skipped[group]
    reasons = (skip.reason for skip in skipped if (skip.code, skip.action) == (code, action))
    order = facts.orders.get((group, code, "BUY" if action == "BUY" else "SELL"))
    return next(reasons, UNEXPLAINED if order is None else facts.states[order.id].text)
