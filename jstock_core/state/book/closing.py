"""What a fold reports about shares that left: the lots they came from, and cash paid for fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from jstock_core.state.book.lots import Match
from jstock_core.state.facts.events import CodeMoved, Event, SplitApplied

IN_LIEU = "cash_in_lieu"
"""Stands for the exit layer where a consolidation left no whole share of a position."""


class Closing(NamedTuple):
    """What one fact took from a group's lots. `proceeds` are yen, None for shares that were adjusted."""

    event: Event
    group: str
    matches: tuple[Match, ...]
    proceeds: int | None
    layer: str


class PaidInLieu(NamedTuple):
    """Cash in lieu: the yen that an account, named by its type, was paid for a fraction of a share."""

    event: SplitApplied | CodeMoved
    account: str
    fraction: Fraction
    yen: int
