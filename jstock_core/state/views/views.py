"""The JSON files that other people's programs read: views of the journal, made anew whenever they lag.

Nothing is ever read back from them but to migrate; their shapes are fixed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import StateError, WriteError
from jstock_core.state.accounts.movements import cash_change
from jstock_core.state.book.holdings import Book, GroupBook
from jstock_core.state.facts.events import (
    CashAdjusted,
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderPlaced,
    SplitApplied,
    Withdrawal,
)


def production_state(
    book: Book,
    peaks: Mapping[tuple[str, str], float],
    updated: str,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The shape of `production_state.json`: every group with its cash and, one entry a lot, its holdings.

    `peaks` maps (group, code) to the highest price since entry (without one: the entry price), `updated` is
    an ISO time, `names` the groups' display names (else their ids). `initial_capital` is what was deposited
    less withdrawals.
    """
    groups = [_group_state(group, peaks, names or {}) for _, group in sorted(book.groups.items())]
    return {"last_updated": updated, "strategy_groups": groups}


def _group_state(
    group: GroupBook, peaks: Mapping[tuple[str, str], float], names: Mapping[str, str]
) -> dict[str, Any]:
    positions = [
        {
            "ticker": code,
            "quantity": lot.shares,
            "entry_price": float(lot.price),
            "entry_date": lot.session.isoformat(),
            "entry_score": lot.score,
            "peak_price": peaks.get((group.id, code), float(lot.price)),
        }
        for code in group.held
        for lot in group.lots[code]
    ]
    return {
        "id": group.id,
        "name": names.get(group.id, group.id),
        "initial_capital": group.deposited,
        "cash": group.cash,
        "positions": positions,
    }


def trade_history(events: Sequence[Event], book: Book) -> dict[str, Any]:
    """The shape of `trade_history.json`: every fill in the order of the journal, splits, and other cash.

    A group's cash is the sum of what its sales brought less what its purchases cost, of its cash in lieu,
    and of `cash`: deposits, withdrawals, dividends, fees and adjustments, with their signs.
    """
    return {
        "trades": list(_trades(events)),
        "splits": list(_splits(events, book)),
        "cash": list(_cash(events)),
    }


def _splits(events: Sequence[Event], book: Book) -> Iterator[dict[str, Any]]:
    """Splits and changes of code with what was paid for fractions: what the book moved beyond fills."""
    explained: dict[tuple[date, str, str], int] = {}
    for event in events:
        if isinstance(event, Filled):
            key = (event.session, event.code, event.group)
            explained[key] = explained.get(key, 0) + (cash_change(event) or 0)
    moved: dict[tuple[date, str, str], int] = {}
    for group in book.groups.values():
        for move in group.moves:
            key = (move.session, move.code, group.id)
            moved[key] = moved.get(key, 0) + move.cash
    for event in events:
        if isinstance(event, SplitApplied | CodeMoved):
            keys = [(event.session, event.code, group) for group in sorted(book.groups)]
            paid = {key[2]: moved.get(key, 0) - explained.get(key, 0) for key in keys}
            yield {
                "date": event.session.isoformat(),
                "ticker": event.code,
                "numerator": event.numerator,
                "denominator": event.denominator,
                **({"to": event.to} if isinstance(event, CodeMoved) else {}),
                "cash_in_lieu": [{"group_id": g, "total_jpy": yen} for g, yen in paid.items() if yen],
            }


def _cash(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    for event in events:
        if isinstance(event, Deposit | Withdrawal | Dividend | Fee | CashAdjusted):
            yield {
                "date": event.session.isoformat(),
                "group_id": event.group,
                "action": event.name.upper(),
                "ticker": getattr(event, "code", ""),
                "total_jpy": cash_change(event),
            }


def _trades(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    orders: dict[str, OrderPlaced] = {}
    for event in events:
        if isinstance(event, OrderPlaced):
            orders[event.id] = event
        elif isinstance(event, Filled):
            yield _trade(event, orders.get(event.order_id or ""))


def _trade(fill: Filled, order: OrderPlaced | None) -> dict[str, Any]:
    why: dict[str, Any] = {}
    if order is not None and fill.side == "BUY":
        why = {"entry_score": order.score}
    elif order is not None:
        why = {"exit_reason": order.reason, "exit_score": order.score}
    return {
        "date": fill.session.isoformat(),
        "group_id": fill.group,
        "ticker": fill.code,
        "action": fill.side,
        "quantity": fill.shares,
        "price": float(fill.price),
        "total_jpy": fill.amount,
    } | {key: value for key, value in why.items() if value is not None}


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a view: UTF-8, two-space indent, Japanese as it is; all of it or nothing.

    Raises:
        WriteError: the folder cannot be written; what was there is untouched.
        StateError: the data is no JSON.

    """
    try:
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
        make_private_folder(path.parent)
        write_atomically(path, (text + "\n").encode())
    except OSError as error:
        raise WriteError(f"cannot be written: {os_reason(error, path)}", where=str(path)) from error
    except (TypeError, ValueError) as error:
        raise StateError(f"cannot be written as JSON: {error}", where=str(path)) from None
