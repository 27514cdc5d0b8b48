"""The sections on what was not bought: near misses, and what each group thought of every monitored stock."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.explain.parts import Part


@dataclass(frozen=True, kw_only=True)
class GroupMiss:
    """A group of which a stock was almost a BUY: `short` points of its shown score, and what was missing.

    `threshold` and `parts` are those of the entry's opinion, None and none where it declares none.
    """

    group: str
    score: float
    short: float
    threshold: float | None
    missing: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A stock that was almost a BUY, with each group that it was near to, the nearest first."""

    code: str
    name: str
    price: float | None
    groups: tuple[GroupMiss, ...]

    @property
    def short(self) -> float:
        """Points missing in the group that it was nearest to."""
        return self.groups[0].short


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
