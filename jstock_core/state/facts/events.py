"""The kinds of fact that the journal keeps.

Each is a frozen value with the session it belongs to, its source ("paper", "manual", "csv:<hash>", "import",
"desk", ...) and a deterministic id: the same fact always has the same id, and the same id with other content
is an error. `ordinal` tells apart facts that are equal in everything else, as two fills of 100 at 3,000.
Money is whole yen (int > 0, the kind gives the direction), prices are Decimal yen per share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, ClassVar, Literal

from jstock_core.base.errors import StateError
from jstock_core.state.facts.amendments import CashAdjusted, Correction, PositionAdjusted
from jstock_core.state.facts.base import Event, GroupEvent, Json, revision_suffix
from jstock_core.state.facts.codec import canonical, decimal_text, field_reader, json_value
from jstock_core.state.facts.corporate import CodeMoved, SplitAnnounced, SplitApplied
from jstock_core.state.facts.decided import NO_DETAILS, Decided, Status, decision_details
from jstock_core.state.facts.permission import Approved, Halted, Resumed

__all__ = [
    "KINDS", "NO_DETAILS", "Approved", "CashAdjusted", "CodeMoved", "Correction", "Decided", "Deposit",
    "Dividend", "Event", "Fee", "Filled", "GroupEvent", "GroupRenamed", "Halted", "Json", "Missed",
    "Note", "OrderCancelled", "OrderExpired", "OrderPlaced", "PositionAdjusted", "Resumed", "Settled",
    "Side", "SplitAnnounced", "SplitApplied", "Status", "Withdrawal", "content",
    "decision_details", "from_json", "to_json",
]  # fmt: skip

Side = Literal["BUY", "SELL"]
AT_SIGNAL = "signal"
"""Source of fills that are made with the decision, at the price of the signal: the close of D."""
HALT = "halt"
"""Source of the cancellations that a halt makes."""
CROSSED = "crossed"
"""Source of fills between groups of the desk: no broker saw them."""


@dataclass(frozen=True, kw_only=True)
class _Cash(GroupEvent):
    amount: int
    reason: str
    ordinal: int = 0

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.group}:{self.amount}:{self.ordinal}"


@dataclass(frozen=True, kw_only=True)
class Deposit(_Cash):
    """Cash put into a group; the first deposit opens the group."""

    name: ClassVar[str] = "deposit"


@dataclass(frozen=True, kw_only=True)
class Withdrawal(_Cash):
    """Cash taken out of a group."""

    name: ClassVar[str] = "withdrawal"


@dataclass(frozen=True, kw_only=True)
class Dividend(_Cash):
    """Cash received for holding `code`, after withholding tax.

    `ex_date` is that of the announcement from which the desk worked it out, so that it is booked only once
    even if amount or day change later. None for what a person recorded.
    """

    name: ClassVar[str] = "dividend"
    code: str
    ex_date: date | None = None

    def _id(self) -> str:
        if self.ex_date is not None:
            return f"{self.name}:{self.group}:{self.code}:ex:{self.ex_date}"
        return f"{self.name}:{self.session}:{self.group}:{self.code}:{self.amount}:{self.ordinal}"


@dataclass(frozen=True, kw_only=True)
class Fee(_Cash):
    """Cash paid to a broker, for the fill `fill_id`; None if it is for no fill in particular."""

    name: ClassVar[str] = "fee"
    fill_id: str | None

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.group}:{self.fill_id or ''}:{self.amount}:{self.ordinal}"


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(GroupEvent):
    """An order for the session: a BUY reserves `reserve` yen, a SELL sells `fraction_pct` % of the position.

    `layer` is the exit layer that fired, "" for buys; `score` is that of the signal, None without one. A buy
    with `approve_until`, a minute (JST), waits until then for a person's approval, and expires without it.
    """

    name: ClassVar[str] = "order"
    unrecorded_if_empty: ClassVar[frozenset[str]] = frozenset({"by", "approve_until"})

    code: str
    side: Side
    shares: int
    kind: str = "open"
    limit: Decimal | None = None
    reserve: int
    fraction_pct: int | None
    score: float | None
    layer: str
    reason: str
    evaluated: date
    revision: int = 0
    approve_until: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.score is not None:
            object.__setattr__(self, "score", float(self.score))

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        if self.approve_until and self.side != "BUY":
            yield "a sell never waits for approval"

    @property
    def slot(self) -> str:
        """Session, group, code and side as text: at most one order with the same slot is open at a time."""
        return f"order:{self.session.isoformat()}:{self.group}:{self.code}:{self.side}"

    def _id(self) -> str:
        return f"{self.slot}{revision_suffix(self.revision)}"


@dataclass(frozen=True, kw_only=True)
class _OrderEnded(GroupEvent):
    code: str
    side: Side
    order_id: str
    reason: str

    def _id(self) -> str:
        return f"{self.name}:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class OrderExpired(_OrderEnded):
    """The end of an order, or of what was left of it, that found no fill."""

    name: ClassVar[str] = "expired"


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(_OrderEnded):
    """The end of an order that was withdrawn before it was filled."""

    name: ClassVar[str] = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Filled(GroupEvent):
    """Shares bought or sold at `price`, in yen per share. `order_id` is None for a trade without an order.

    `account` is the type of the broker's account: "特定", "一般", "NISA", or "" if unknown.
    """

    name: ClassVar[str] = "fill"

    code: str
    side: Side
    shares: int
    price: Decimal
    order_id: str | None
    ordinal: int = 0
    account: str = ""

    @property
    def amount(self) -> int:
        """Value of the trade: shares x price, rounded down to whole yen."""
        return int(self.shares * self.price)

    def _id(self) -> str:
        what = self.order_id or f"{self.group}:{self.code}:{self.side}"
        count = f"{self.ordinal}:{self.account}" if self.account else str(self.ordinal)
        return f"fill:{self.session.isoformat()}:{what}:{decimal_text(self.price)}:{self.shares}:{count}"


@dataclass(frozen=True, kw_only=True)
class GroupRenamed(GroupEvent):
    """The group is called `to` from now on."""

    name: ClassVar[str] = "group_rename"

    to: str

    def _id(self) -> str:
        return f"{self.name}:{self.session}:{self.group}:{self.to}"


@dataclass(frozen=True, kw_only=True)
class Missed(Event):
    """A morning without a decision; it stays a gap, and is never traded after the fact."""

    name: ClassVar[str] = "missed"
    reason: str

    def _id(self) -> str:
        return f"missed:{self.session}"


@dataclass(frozen=True, kw_only=True)
class Settled(Event):
    """All corporate actions and due orders up to and including this session are in the journal."""

    name: ClassVar[str] = "settled"

    def _id(self) -> str:
        return f"settled:{self.session}"


@dataclass(frozen=True, kw_only=True)
class Note(Event):
    """A remark that changes neither cash nor shares."""

    name: ClassVar[str] = "note"
    text: str

    def _id(self) -> str:
        return f"note:{self.session}:{sha256(self.text.encode()).hexdigest()[:16]}"


KINDS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in (
        Deposit, Withdrawal, Dividend, Fee, Decided, OrderPlaced, OrderExpired, OrderCancelled, Filled,
        SplitApplied, CodeMoved, GroupRenamed, Missed, Settled, Note, Correction, CashAdjusted,
        PositionAdjusted, Halted, Resumed, Approved, SplitAnnounced,
    )
}  # fmt: skip


_READERS = {
    name: {field.name: field_reader(str(field.type)) for field in fields(kind)}
    for name, kind in KINDS.items()
}
_OPTIONAL = {
    name: frozenset(field.name for field in fields(kind) if field.default is not MISSING)
    for name, kind in KINDS.items()
}


def to_json(event: Event) -> dict[str, Any]:
    """All fields of an event in JSON's types."""
    return {key: json_value(value) for key, value in event.recorded_fields().items()}


def content(event: Event) -> str:
    """The canonical JSON text of an event without its provenance: equal for equal facts."""
    return canonical(event.content_fields())


def from_json(name: str, data: Mapping[str, Any]) -> Event:
    """Read an event back. A field with a default may be missing, since it may be newer than the record.

    Raises:
        StateError: an unknown kind, a missing or unknown field, or a value of the wrong type.

    """
    kind = KINDS.get(name)
    if kind is None:
        raise StateError(f'unknown kind of event "{name}"', do=f"known: {', '.join(KINDS)}; update jstock")
    readers = _READERS[name]
    odd_keys = (data.keys() ^ readers.keys()) - (_OPTIONAL[name] - data.keys())
    if odd_keys:
        odd = ", ".join(sorted(odd_keys))
        raise StateError(f"{name}: missing or unknown fields: {odd}", do="update jstock")
    try:
        return kind(**{key: readers[key](value) for key, value in data.items()})
    except ValueError as error:
        raise StateError(f"{name}: {error}", where=canonical(data)) from None
