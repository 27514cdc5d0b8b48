"""`jstock trade history`: what moved money or shares, newest last. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.base.words import plural
from jstock_core.desk.workspace.dates import parse_date, require_order
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import company_names, select_code, unknown
from jstock_core.desk.workspace.required import require_desk
from jstock_core.desk.workspace.sheets import write_sheet
from jstock_core.state.accounts.movements import cash_change
from jstock_core.state.book.gains import fees_by_fill, read_gains
from jstock_core.state.facts.events import (
    CashAdjusted,
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)

COLUMNS = (
    "session", "kind", "group", "code", "side", "shares", "price", "amount", "fee", "gain", "account", "text",
    "source", "id", "by",
)  # fmt: skip
MOVED = (
    Filled, Deposit, Withdrawal, Dividend, Fee, SplitApplied, CodeMoved, CashAdjusted, PositionAdjusted,
)  # fmt: skip


@dataclass(frozen=True)
class LedgerEntry:
    """A fact that moved money or shares.

    `amount` is what it did to the group's cash in yen, the `fee` of a fill aside; `gain` what a sale won
    before fees (FIFO). `account` is the type of the broker's account. None and "" stand where a kind of fact
    has no such thing. `by` is who recorded it, "" where that was not kept.
    """

    session: date
    kind: str
    group: str
    code: str
    side: str
    shares: int | None
    price: float | None
    amount: int | None
    fee: int
    gain: int | None
    account: str
    text: str
    source: str
    id: str
    by: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return vars(self) | {"session": str(self.session)}


@dataclass(frozen=True, repr=False)
class LedgerHistory:
    """Facts by session, and the sums of their fills in yen; `csv` is the file they were written to, or ""."""

    facts: tuple[LedgerEntry, ...]
    csv: str = ""

    def __repr__(self) -> str:
        """Say in a line how much there is."""
        return f"<LedgerHistory of {plural(len(self.facts), 'fact')}, {plural(len(self.fills), 'fill')}>"

    @property
    def fills(self) -> tuple[LedgerEntry, ...]:
        """The facts that are fills."""
        return tuple(fact for fact in self.facts if fact.kind == "fill")

    @property
    def bought(self) -> int:
        """Yen paid for shares."""
        return -sum(fact.amount or 0 for fact in self.fills if fact.side == "BUY")

    @property
    def sold(self) -> int:
        """Yen received for shares."""
        return sum(fact.amount or 0 for fact in self.fills if fact.side == "SELL")

    @property
    def gain(self) -> int:
        """Yen that sales won before fees, first in, first out."""
        return sum(fact.gain or 0 for fact in self.fills)

    @property
    def fees(self) -> int:
        """Yen of fees paid with fills."""
        return sum(fact.fee for fact in self.facts)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "facts": [fact.as_json() for fact in self.facts],
            "fills": len(self.fills),
            "bought": self.bought,
            "sold": self.sold,
            "gain": self.gain,
            "fees": self.fees,
            "csv": self.csv,
        }


@dataclass(frozen=True)
class _Filter:
    """Which facts are asked for; "" and None for all."""

    code: str
    group: str
    first: date | None
    last: date | None

    def accepts(self, event: Event) -> bool:
        """Whether a fact is one of them."""
        return (
            (not self.code or self.code in (getattr(event, "code", ""), getattr(event, "to", "")))
            and (not self.group or getattr(event, "group", self.group) == self.group)
            and (self.first is None or event.session >= self.first)
            and (self.last is None or event.session <= self.last)
        )


def ledger_history(
    desk: Desk, *, code: str = "", group: str = "", first: str = "", last: str = "", csv: str = ""
) -> LedgerHistory:
    """The facts that moved money or shares, as corrected, by code, group and sessions.

    A fee stands with its fill. With `csv` they are also written there, one row each.

    Raises:
        UsageError: no such group or code, `first` lies after `last`, or the CSV cannot be written.

    """
    require_desk(desk)
    events = desk.journal().events()
    wanted = _filter(desk, events, code, group, (first, last))
    gains, fees = read_gains(events.book), fees_by_fill(events)
    found = (
        _entry(event, gains, fees)
        for event in events
        if isinstance(event, MOVED)
        and wanted.accepts(event)
        and not (isinstance(event, Fee) and event.fill_id in fees)
    )
    entries = tuple(sorted(found, key=lambda entry: entry.session))
    if not csv:
        return LedgerHistory(entries)
    rows = (entry.as_json() for entry in entries)
    return LedgerHistory(entries, write_sheet(csv, COLUMNS, rows, marks=desk.marks))


def _filter(desk: Desk, events: Sequence[Event], code: str, group: str, span: tuple[str, str]) -> _Filter:
    groups = {g.id for g in desk.groups} | {e.group for e in events if isinstance(e, Deposit)}
    if group and group not in groups:
        raise unknown("group", group, sorted(groups))
    first, last = (parse_date(text) if text else None for text in span)
    if first and last:
        require_order(first, last)
    return _Filter(_select_code(desk, events, code) if code else "", group, first, last)


def _select_code(desk: Desk, events: Iterable[Event], code: str) -> str:
    return select_code(code, {getattr(event, "code", "") for event in events} | company_names(desk).keys())


def _entry(event: Event, gains: Mapping[str, int], fees: Mapping[str, int]) -> LedgerEntry:
    price: Decimal | None = getattr(event, "price", None)
    return LedgerEntry(
        session=event.session,
        kind=event.name,
        group=getattr(event, "group", ""),
        code=getattr(event, "code", ""),
        side=getattr(event, "side", ""),
        shares=_shares(event),
        price=None if price is None else float(price),
        amount=cash_change(event),
        fee=fees.get(event.id, 0),
        gain=gains.get(event.id),
        account=getattr(event, "account", ""),
        text=_text(event),
        source=event.source,
        id=event.id,
        by=event.by,
    )


def _shares(event: Event) -> int | None:
    if isinstance(event, PositionAdjusted):
        return event.difference
    return event.shares if isinstance(event, Filled) else None


def _text(event: Event) -> str:
    if isinstance(event, SplitApplied):
        return f"{event.numerator} for {event.denominator}"
    if isinstance(event, CodeMoved):
        return f"{event.numerator} of {event.to} for {event.denominator}"
    if isinstance(event, Filled):
        return "" if event.order_id else "no order"
    return str(getattr(event, "reason", ""))
