"""Facts about facts: corrections of what was recorded, and adjustments with a reason.

Nothing in the journal is ever edited. A correction names an earlier event and gives what replaces it, or
removes it; an adjustment books a difference that no other fact explains.
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

    `place` says where in the journal's order the replacement is folded: "there", in the place of the target,
    or "here", in that of the correction, where it belongs after a fact that came late. Corrections of one
    target are numbered by `revision` from 0, and the newest is in force. `session` is that of the correction.
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
    """Cash that was found (`difference` > 0 yen) or found missing (< 0), and that no other fact explains."""

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
    """Shares that were found (`difference` > 0) or found missing (< 0), without cash.

    Shares that enter are a lot of that `session` at `price`, in yen per share, with the `score` of the signal
    if it is known. Shares that leave are taken from the oldest lots, at their cost.
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
        """Cost of shares that enter, rounded down to whole yen; 0 for shares that leave."""
        return 0 if self.price is None else int(self.difference * self.price)

    def _id(self) -> str:
        price = "" if self.price is None else decimal_text(self.price)
        return f"{self.name}:{self.session}:{self.group}:{self.code}:{self.difference}:{price}:{self.ordinal}"


def require_reason(reason: str) -> Iterator[str]:
    """The fault of a fact without a reason."""
    if not reason.strip():
        yield "a reason must be given"
