"""The JSON files that other people's programs read: views of the journal, made anew whenever they lag.

Nothing is ever read back from them but to migrate; their shapes are fixed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import StateError
from jstock_core.state.book.holdings import Book, GroupBook
from jstock_core.state.facts.events import Event, Filled, OrderPlaced


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


def trade_history(events: Iterable[Event]) -> dict[str, Any]:
    """The shape of `trade_history.json`: every fill in the order of the journal."""
    return {"trades": list(_trades(events))}


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
        StateError: the folder cannot be written, or the data is no JSON; what was there is untouched.

    """
    try:
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
        write_atomically(path, (text + "\n").encode())
    except OSError as error:
        raise StateError(f"cannot be written: {error.strerror}", where=str(path)) from error
    except (TypeError, ValueError) as error:
        raise StateError(f"cannot be written as JSON: {error}", where=str(path)) from None
