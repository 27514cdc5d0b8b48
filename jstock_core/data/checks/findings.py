"""What a check of market data finds, and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jstock_core.market.panel import Panel

RECENT = 60
"""Sessions after which most faults are so old that no rule sees them."""

Severity = Literal["stop", "block", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("stop", "block", "warn", "info")
"""From the gravest on."""


@dataclass(frozen=True)
class Finding:
    """A fault found: its severity, the stock and session (the newest of several), and what to do.

    `stop`: nothing may be decided. `block`: the stock may not be traded until someone has looked. `warn`: it
    changes what is decided, or may. `info`: it is true of the data and good to know. `rule` is the name of
    the check that found it.
    """

    severity: Severity
    code: str | None
    session: date | None
    what: str
    do: str
    rule: str = ""


@dataclass(frozen=True)
class CheckedMarket:
    """What checks are given: a panel to be decided on after the session `through`, and all that is stored."""

    panel: Panel
    through: date
    whole: Panel


@dataclass(frozen=True)
class DataRule:
    """A check of market data: what holds of sound data, and how to find what does not.

    `holds` is the rule in one sentence, `severities` what a breach can be, `met` where it was met in real
    data ("" where it was not).
    """

    name: str
    holds: str
    severities: tuple[Severity, ...]
    find: Callable[[CheckedMarket], Iterable[Finding]]
    met: str = ""
