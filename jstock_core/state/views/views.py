"""The JSON files that other people's programs read: views of the journal, made anew whenever they lag.

Nothing is ever read back from them but to migrate; their shapes are fixed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import StateError
from jstock_core.state.book.holdings import Book, GroupBook
from jstock_core.state.facts.events import Decided, Event, Filled, OrderPlaced

SIGNALS_SCHEMA = 1
_REQUIRED = (
    "ticker", "ticker_name", "signal_type", "action", "score", "confidence", "reason", "strategy_name",
    "current_price",
)  # fmt: skip
_OPTIONAL = (
    "suggested_qty", "required_capital", "position_qty", "entry_price", "entry_date", "holding_days",
    "unrealized_pl_pct",
)  # fmt: skip


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


def signals_file(decided: Iterable[Decided], names: Mapping[str, str]) -> dict[str, Any]:
    """The shape of `signals_YYYY-MM-DD.json`: the signals of all groups for one trade date.

    `names` maps codes to company names, for rows without a `ticker_name`.

    Raises:
        StateError: no decision, decisions for several dates, or a row without a required key.

    """
    decisions = tuple(decided)
    days = sorted({decision.session.isoformat() for decision in decisions})
    if len(days) != 1:
        raise StateError(f"a signals file is for one trade date, got {', '.join(days) or 'none'}")
    rows = [_signal(decision, row, names) for decision in decisions for row in decision.signals]
    return {"date": days[0], "signals": rows, "schema_version": SIGNALS_SCHEMA}


def _signal(decision: Decided, row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    named = {"ticker_name": names.get(row.get("ticker", ""), "")} | dict(row)
    missing = [key for key in _REQUIRED if key not in named]
    if missing:
        raise StateError(f"a signal has no {', '.join(missing)}", where=f"{decision.id}: {row}")
    kept = {key: named[key] for key in _OPTIONAL if named.get(key) is not None}
    return {"group_id": decision.group, **{key: named[key] for key in _REQUIRED}, **kept}


def read_signals(path: Path) -> dict[str, Any]:
    """Read a signals file in any of its forms, into the one that is written.

    `"signals"` may be a list, or an object of lists by group; the file may also be a bare list, whose date is
    then taken from its name (None where that has none).

    Raises:
        StateError: the file is missing, is no JSON, or has another shape.

    """
    data = _read_json(path)
    whole = data if isinstance(data, dict) else {"signals": data}
    rows = whole.get("signals")
    if isinstance(rows, dict):
        rows = [{"group_id": group, **row} for group, part in rows.items() for row in _objects(part, path)]
    in_name = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
    return {
        "date": whole.get("date", in_name and in_name.group()),
        "signals": _objects(rows, path),
        "schema_version": whole.get("schema_version", SIGNALS_SCHEMA),
    }


def _objects(rows: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise StateError(
            "no signals file: expected signals as a list, or as an object of lists by group",
            where=str(path),
            do="make it again from the journal",
        )
    return rows


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StateError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise StateError(f"no JSON: {error}", where=str(path), do="make it again from the journal") from None


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
