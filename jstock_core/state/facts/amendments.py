"""Facts about facts: corrections of what was recorded, and adjustments with a reason.

Nothing in the journal is ever edited. A correction names an earlier event and gives what is to stand in its
place, or that nothing is; an adjustment books a difference that no other fact explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from jstock_core.state.facts.base import Event, GroupEvent, Json
from jstock_core.state.facts.codec import copy_json, decimal_text

Place = Literal["there", "here"]


@dataclass(frozen=True, kw_only=True)
class Correction(Event):
    """From now on the event `target` counts as `replacement` (its kind and fields as JSON), or not at all.

    `place` is where in the order of the journal the replacement is folded: "there", where its target was,
    or "here", where the correction is: what belongs after a fact that came late. Of several corrections of
    one target the newest is in force; they are numbered by `revision`, from 0. The session is the one in
    which it was corrected.
    """

    name: ClassVar[str] = "correction"

    target: str
    replacement: Json | None
    place: Place = "there"
    reason: str
    revision: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "replacement", copy_json(self.replacement))

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        yield from require_reason(self.reason)

    def _id(self) -> str:
        return f"correction:{self.target}:{self.revision}"


@dataclass(frozen=True, kw_only=True)
class CashAdjusted(GroupEvent):
    """Cash that was found to be there (`difference` > 0 yen) or not, and no other fact explains."""

    name: ClassVar[str] = "cash_adjustment"

    difference: int
    reason: str
    ordinal: int = 0

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        yield from require_reason(self.reason)

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.group}:{self.difference}:{self.ordinal}"


@dataclass(frozen=True, kw_only=True)
class PositionAdjusted(GroupEvent):
    """Shares that were found to be there (`difference` > 0) or not, without cash.

    Shares that come in are a lot bought in `session` at `price`, yen per share, with the `score` of the
    signal where that is known; shares that go leave from the oldest lots, at what they cost.
    """

    name: ClassVar[str] = "position_adjustment"

    code: str
    difference: int
    price: Decimal | None
    score: float | None = None
    reason: str
    ordinal: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.score is not None:
            object.__setattr__(self, "score", float(self.score))

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        yield from require_reason(self.reason)
        if type(self.difference) is int and (self.difference > 0) != (self.price is not None):
            yield "shares that come in have a price, shares that go have none"

    @property
    def amount(self) -> int:
        """Whole yen that shares coming in cost, the fraction of a yen dropped; 0 for shares that go."""
        return 0 if self.price is None else int(self.difference * self.price)

    def _id(self) -> str:
        price = "" if self.price is None else decimal_text(self.price)
        return f"{self.name}:{self.session}:{self.group}:{self.code}:{self.difference}:{price}:{self.ordinal}"


def require_reason(reason: str) -> Iterator[str]:
    """The fault of a fact without a reason."""
    if not reason.strip():
        yield "a reason must be given"
