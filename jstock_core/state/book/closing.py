"""What the fold reports of shares that left: the lots they came from, and what was paid for fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from jstock_core.state.book.lots import Match
from jstock_core.state.facts.events import CodeMoved, Event, SplitApplied

IN_LIEU = "cash_in_lieu"
"""The layer of lots that a consolidation left no share of."""


class Closing(NamedTuple):
    """What one fact took from the lots of a group. `proceeds` are yen, None for shares that were adjusted."""

    event: Event
    group: str
    matches: tuple[Match, ...]
    proceeds: int | None
    layer: str


class PaidInLieu(NamedTuple):
    """What an account was paid for a fraction of a share, and of which type it is."""

    event: SplitApplied | CodeMoved
    account: str
    fraction: Fraction
    yen: int
