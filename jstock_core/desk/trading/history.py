"""`jstock trade history`: what moved money or shares, newest last. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.codes import parse_code
from jstock_core.state.book.gains import fees_by_fill, fold_gains
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)

MOVED = (Filled, Deposit, Withdrawal, Dividend, Fee, SplitApplied, CashAdjusted, PositionAdjusted)


def ledger_history(
    workspace: str = "", *, code: str = "", group: str = "", first: str = "", last: str = "", now: str = ""
) -> dict[str, Any]:
    """The facts that moved money or shares, as corrected, by code, group and sessions; as plain JSON.

    A fee stands with its fill. `amount` is what a fact did to the group's cash, the fee aside, `gain` what a
    sale won before fees (FIFO).

    Raises:
        UsageError: no such group, a malformed code, or sessions the wrong way round.

    """
    desk = open_desk(workspace, now=now)
    events = desk.journal().events()
    _check_group(desk, events, group)
    since, until = _day(first), _day(last)
    if since and until and since > until:
        raise UsageError(f"--from {since} lies after --to {until}")
    stock = parse_code(code) if code else ""
    gains, fees = fold_gains(events)[1], fees_by_fill(events)
    rows = [
        _row(event, gains, fees)
        for event in events
        if isinstance(event, MOVED) and _wanted(event, stock, group, since, until, fees)
    ]
    rows.sort(key=lambda row: row["session"])
    fills = [row for row in rows if row["kind"] == "fill"]
    return {
        "facts": rows,
        "fills": len(fills),
        "bought": -sum(row["amount"] for row in fills if row["side"] == "BUY"),
        "sold": sum(row["amount"] for row in fills if row["side"] == "SELL"),
        "gain": sum(row["gain"] or 0 for row in fills),
        "fees": sum(row["fee"] for row in rows),
    }


def _day(text: str) -> date | None:
    return parse_date(text) if text else None


def _check_group(desk: Desk, events: Sequence[Event], group: str) -> None:
    known = {g.id for g in desk.groups} | {e.group for e in events if isinstance(e, Deposit)}
    if group and group not in known:
        raise UsageError(f'there is no group "{group}"{did_you_mean(group, sorted(known))}')


def _wanted(
    event: Event, code: str, group: str, since: date | None, until: date | None, fees: Mapping[str, int]
) -> bool:
    """Whether a fact is asked for; a fee that stands with its fill is not shown again."""
    return (
        (not code or getattr(event, "code", "") == code)
        and (not group or getattr(event, "group", group) == group)
        and (since is None or event.session >= since)
        and (until is None or event.session <= until)
        and not (isinstance(event, Fee) and event.fill_id in fees)
    )


def _row(event: Event, gains: Mapping[str, int], fees: Mapping[str, int]) -> dict[str, Any]:
    price: Decimal | None = getattr(event, "price", None)
    return {
        "session": str(event.session),
        "kind": event.name,
        "group": getattr(event, "group", ""),
        "code": getattr(event, "code", ""),
        "side": getattr(event, "side", ""),
        "shares": _shares(event),
        "price": None if price is None else float(price),
        "amount": _amount(event),
        "fee": fees.get(event.id, 0),
        "gain": gains.get(event.id),
        "text": _text(event),
        "source": event.source,
        "id": event.id,
    }


def _shares(event: Event) -> int | None:
    if isinstance(event, PositionAdjusted):
        return event.difference
    return event.shares if isinstance(event, Filled) else None


def _amount(event: Event) -> int | None:
    """What it did to the group's cash, the fee of a fill aside."""
    match event:
        case Filled():
            return event.amount if event.side == "SELL" else -event.amount
        case Deposit() | Dividend():
            return event.amount
        case Withdrawal() | Fee():
            return -event.amount
        case CashAdjusted():
            return event.difference
        case _:
            return None


def _text(event: Event) -> str:
    if isinstance(event, SplitApplied):
        return f"{event.numerator} for {event.denominator}"
    if isinstance(event, Filled):
        return "" if event.order_id else "no order"
    return str(getattr(event, "reason", ""))
