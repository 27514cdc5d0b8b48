"""Facts about whether the desk may buy: halts, ends of halts, approvals. Sells need no permission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from jstock_core.state.facts.amendments import require_reason
from jstock_core.state.facts.base import Event, GroupEvent


@dataclass(frozen=True, kw_only=True)
class _Permission(Event):
    """`scope` is the group it applies to, "" for all groups; `at` is the minute (JST) it was recorded in."""

    scope: str = ""
    at: str
    reason: str
    ordinal: int = 0

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        yield from require_reason(self.reason)
        if ":" in self.scope:
            yield f'scope must be a text without ":", got {self.scope!r}'

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.scope}:{self.ordinal}"


@dataclass(frozen=True, kw_only=True)
class Halted(_Permission):
    """From the open of `session` until `Resumed` nothing is bought; sells go on."""

    name: ClassVar[str] = "halt"


@dataclass(frozen=True, kw_only=True)
class Resumed(_Permission):
    """Buys are allowed again from the next decision on. `positions` is the broker's list compared then."""

    name: ClassVar[str] = "resume"

    positions: str = ""


@dataclass(frozen=True, kw_only=True)
class Approved(GroupEvent):
    """A person approved an order that waits for approval, exactly as it was placed."""

    name: ClassVar[str] = "approval"

    code: str
    order_id: str

    def _id(self) -> str:
        return f"{self.name}:{self.order_id}"
