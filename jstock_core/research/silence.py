"""Whether something that should happen now and then has stopped: a group that orders, a rule that fires.

What never happened says nothing about itself; it is compared with a backtest, which does the same on the same
data. Two findings are told apart: the desk is silent where its backtest is not, and both are silent for
longer than chance explains.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

UNLIKELY = 0.01
"""How likely a silence is at most that is told."""
LEAST = 5
"""How often something must have happened before its silence means anything."""
PATIENCE = 1.5
"""How many times the longest pause before a silence that the backtest shares must be."""


class SilenceKind(StrEnum):
    """What a silence is compared with."""

    UNLIKE_BACKTEST = "unlike backtest"
    """A backtest on the same sessions is not silent."""
    UNLIKE_PAST = "unlike past"
    """A backtest is silent too, and never was for nearly so long before."""


@dataclass(frozen=True)
class Silence:
    """Nothing happened in the last `sessions`; `expected` is in how many of them the backtest did it.

    `longest` is its longest pause before, `chance` how likely a pause of that length is at its usual rate.
    """

    kind: SilenceKind
    sessions: int
    expected: int
    longest: int
    chance: float


def find_silence(
    dates: Sequence[date], done: Collection[date], usual: Collection[date], lived: Collection[date]
) -> Silence | None:
    """The silence at the end of some sessions, None where there is none to be told.

    `dates` are the sessions of a backtest in their order, `usual` those on which it did it, `done` those on
    which the desk did, `lived` those that it decided; others of its silence do not count.
    """
    last = max(done, default=date.min)
    pause = [day for day in dates if day > last and day in lived]
    silent, expected = len(pause), sum(day in usual for day in pause)
    if not silent:
        return None
    rate = sum(day in usual for day in dates) / len(dates)
    longest, chance = _longest_pause(dates, usual), _chance(rate, silent)
    if expected >= LEAST and _chance(expected / silent, silent) < UNLIKELY:
        unlikely = _chance(expected / silent, silent)
        return Silence(SilenceKind.UNLIKE_BACKTEST, silent, expected, longest, unlikely)
    often = sum(day in usual for day in dates) >= LEAST
    if often and not expected and silent > PATIENCE * longest and chance < UNLIKELY:
        return Silence(SilenceKind.UNLIKE_PAST, silent, expected, longest, chance)
    return None


def _chance(rate: float, sessions: int) -> float:
    """How likely nothing happens in so many sessions, each by itself, at a rate."""
    return float((1 - min(rate, 1)) ** sessions)


def _longest_pause(dates: Sequence[date], usual: Collection[date]) -> int:
    """The most sessions between two on which it was done: the pause at either end is none."""
    rows = [n for n, day in enumerate(dates) if day in usual]
    return max((later - earlier - 1 for earlier, later in pairwise(rows)), default=0)
