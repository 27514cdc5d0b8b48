"""Filters and protections: what they refused, paused, or would have, as the decisions recorded it."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.decide import PAUSE, said
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.guards import GuardSummary
from jstock_core.state.facts.events import Decided


def build_guards(facts: Facts) -> tuple[GuardSummary, ...]:
    """Everything filters and protections said this morning, a rule of a group each."""
    reasons: dict[tuple[str, str, bool], dict[str, None]] = {}
    stocks: dict[tuple[str, str, bool], list[str]] = {}
    for group, decided in facts.decided.items():
        for code, text in _told(decided):
            for rule, reason, shadow in said(text):
                key = (group, rule, shadow)
                reasons.setdefault(key, {})[reason] = None
                stocks.setdefault(key, []).extend(
                    [f"{code} {facts.listing(code).name}".strip()] if code else []
                )
    return tuple(
        GuardSummary(group=key[0], rule=key[1], shadow=key[2], reasons=tuple(each), stocks=tuple(stocks[key]))
        for key, each in reasons.items()
    )


def _told(decided: Decided) -> Iterator[tuple[str, str]]:
    """Code and reason of everything that may be a filter's or a protection's, pauses first."""
    for row in decided.skipped:
        if row["action"] in (PAUSE, "BUY"):
            yield row["code"], row["reason"]
    for row in decided.signals:
        yield row["code"], row.get("note", "")
