"""Filters and protections: what they refused, paused, or would have, as the decisions recorded it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jstock_core.decide import PAUSE, said

if TYPE_CHECKING:
    from jstock_core.reports.facts import Facts
    from jstock_core.state.events import Decided


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """What a filter or protection of a group said, and of which stocks; in shadow it was not applied.

    `rule` is "filter min_turnover". A protection that pauses names the BUYs that it kept from an order.
    """

    group: str
    rule: str
    shadow: bool
    reason: str
    stocks: tuple[str, ...]


def guarded(facts: Facts) -> tuple[Guarded, ...]:
    """Everything filters and protections said this morning; the stocks of one reason are together."""
    alike: dict[tuple[str, str, bool, str], list[str]] = {}
    for group, decided in facts.decided.items():
        for code, text in _told(decided):
            for rule, reason, shadow in said(text):
                stocks = alike.setdefault((group, rule, shadow, reason), [])
                stocks += [f"{code} {facts.listing(code).name}".strip()] if code else []
    return tuple(
        Guarded(group=group, rule=rule, shadow=shadow, reason=reason, stocks=tuple(stocks))
        for (group, rule, shadow, reason), stocks in alike.items()
    )


def _told(decided: Decided) -> Iterator[tuple[str, str]]:
    """Code and reason of everything that may be a filter's or a protection's, pauses first."""
    for row in decided.skipped:
        if row["action"] in (PAUSE, "BUY"):
            yield row["code"], row["reason"]
    for row in decided.signals:
        yield row["code"], row.get("note", "")
