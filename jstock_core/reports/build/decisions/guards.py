"""Filters and protections: what they refused, paused, or would have, as the decisions recorded it."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.decide import PAUSE
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.guards import GuardSummary
from jstock_core.signals.language.refusal import Refusal


def build_guards(facts: Facts) -> tuple[GuardSummary, ...]:
    """The refusals of filters and protections this morning, one value for each rule of a group."""
    reasons: dict[tuple[str, str, bool], dict[str, None]] = {}
    stocks: dict[tuple[str, str, bool], list[str]] = {}
    for group in facts.decided:
        for code, refusal in _refusals(facts, group):
            key = (group, refusal.title, refusal.is_shadow)
            reasons.setdefault(key, {})[refusal.reason] = None
            stocks.setdefault(key, []).extend([f"{code} {facts.listing(code).name}".strip()] if code else [])
    return tuple(
        GuardSummary(group=key[0], rule=key[1], shadow=key[2], reasons=tuple(each), stocks=tuple(stocks[key]))
        for key, each in reasons.items()
    )


def _refusals(facts: Facts, group: str) -> Iterator[tuple[str, Refusal]]:
    """Code and refusal of each BUY that a filter or protection refused, pauses first."""
    for skip in facts.skipped[group]:
        if skip.action in (PAUSE, "BUY"):
            yield from ((skip.code, refusal) for refusal in skip.refusals if refusal.rule)
    for signal in facts.signals[group]:
        yield from ((signal.code, refusal) for refusal in signal.notes if refusal.rule)
