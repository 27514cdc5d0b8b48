"""The sections on what was not bought: near misses, and what each group thought of every monitored stock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A stock that was almost a BUY of a group: `short` points of the score, and what was missing."""

    group: str
    code: str
    name: str
    score: float
    short: float
    price: float | None
    missing: str


@dataclass(frozen=True, kw_only=True)
class GroupOpinion:
    """The opinion of a group's entry on one stock. `score` is None where the entry could not be evaluated.

    `signal` is the action that the group decided, "" where there was none; `verdict` is it in words.
    """

    group: str
    score: float | None
    verdict: str
    signal: str
    held: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class StockEvaluation:
    """One monitored stock as every group that decided sees it; `age` counts sessions since its last bar."""

    code: str
    name: str
    price: float | None
    age: int
    opinions: tuple[GroupOpinion, ...]
