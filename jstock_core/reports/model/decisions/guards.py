"""The refusals of filters and protections, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GuardSummary:
    """The refusals of a filter or protection of a group, and the stocks; in shadow they were not applied.

    `rule` is "filter min_turnover". `reasons` has each once; every BUY that it concerns carries its own. A
    protection that pauses names the BUYs that it kept from an order.
    """

    group: str
    rule: str
    shadow: bool
    reasons: tuple[str, ...]
    stocks: tuple[str, ...]
