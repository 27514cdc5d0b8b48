"""Detect that something has stopped happening: orders of a group, sales by a layer.

The desk is compared with a backtest on the same data. There are two findings: the desk is silent and the
backtest is not, or both are silent for longer than chance explains.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

UNLIKELY = 0.01
"""Probability under which a silence is reported."""
LEAST = 5
"""Fewest times that something must have happened before its absence is judged."""
PATIENCE = 1.5
"""A silence that the backtest shares must be this many times as long as the longest pause before."""


class SilenceKind(StrEnum):
    """What a silence differs from."""

    UNLIKE_BACKTEST = "unlike backtest"
    """The backtest of the same sessions is not silent."""
    UNLIKE_PAST = "unlike past"
    """The backtest is silent too, and never was for nearly so long before."""


@dataclass(frozen=True)
class Silence:
    """Nothing happened in the last `sessions` sessions; in `expected` of them it happened in the backtest.

    `longest` is the longest pause of the backtest before. `chance` is the probability of a pause of this
    length at the usual rate.
    """

    kind: SilenceKind
    sessions: int
    expected: int
    longest: int
    chance: float


def find_silence(
    dates: Sequence[date], done: Collection[date], usual: Collection[date], lived: Collection[date]
) -> Silence | None:
    """The silence at the end of some sessions; None where there is none to report.

    `dates` are the sessions of a backtest in order, `usual` those on which it happened there, `done` those on
    which it happened on the desk. Only sessions `lived`, which the desk decided, count as silent.
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
    """The probability that nothing happens in so many independent sessions, at a rate a session."""
    return float((1 - min(rate, 1)) ** sessions)


def _longest_pause(dates: Sequence[date], usual: Collection[date]) -> int:
    """The most sessions between two events; the spans before the first and after the last do not count."""
    rows = [n for n, day in enumerate(dates) if day in usual]
    return max((later - earlier - 1 for earlier, later in pairwise(rows)), default=0)
