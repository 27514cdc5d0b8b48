"""Recording what was really filled, from a CSV of the trader's or the broker's.

All lines or none. A line belongs to the order of its session, group, code and side where there is one. The
same file again, or the same lines in another file, add nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jstock_core.desk.desk import Desk, open_desk
from jstock_core.desk.gate import parse_date
from jstock_core.desk.lock import hold
from jstock_core.desk.views import write_views
from jstock_core.errors import JstockError, UsageError
from jstock_core.market.calendar import OPEN, at
from jstock_core.market.codes import parse_code
from jstock_core.state.events import Event, Fee, Filled, OrderExpired, OrderPlaced

COLUMNS = ("group", "code", "action", "qty", "price", "date", "fee")
_SYNONYMS = {"ticker": "code", "quantity": "qty", "shares": "qty", "side": "action"}


@dataclass(frozen=True)
class _Line:
    """One fill as typed; `shares` 0 says that the order found no fill."""

    number: int
    group: str
    code: str
    side: str
    shares: int
    price: Decimal
    session: date
    fee: int


def record_csv(path: str, *, workspace: str = "", now: str = "") -> dict[str, Any]:
    """Record the fills of a CSV file; how many were new and how many known, as plain JSON.

    Raises:
        UsageError: the file is missing, or a line makes no sense; nothing was recorded.
        StateError: a line contradicts the journal (more sold than held); nothing was recorded.

    """
    desk = open_desk(workspace, now=now)
    content = _read(Path(path))
    with hold(desk.workspace.lock, f"recording {Path(path).name}"):
        panel, journal = desk.panel(), desk.journal()
        source = f"csv:{hashlib.sha256(content).hexdigest()[:16]}"
        lines = tuple(_lines(content, desk, Path(path).name))
        events = _events(lines, journal.events(), source)
        added = journal.append(events)
        write_views(desk, journal.events(), panel)
    fills = sum(isinstance(event, Filled | OrderExpired) for event in added)
    return {"recorded": fills, "known": len(lines) - fills, "source": source}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", do="name the CSV file of your fills"
        ) from None


def _lines(content: bytes, desk: Desk, name: str) -> Iterator[_Line]:
    reader = csv.DictReader(io.StringIO(_text(content, name)))
    heads = {
        head: _SYNONYMS.get(head.strip().lower(), head.strip().lower()) for head in reader.fieldnames or ()
    }
    missing = {"code", "action", "qty", "price", "date"} - set(heads.values())
    if missing:
        raise UsageError(
            f"columns missing: {', '.join(sorted(missing))}",
            where=name,
            do=f"columns are {', '.join(COLUMNS)}",
        )
    for number, row in enumerate(reader, start=2):
        yield _line({heads[k]: (v or "").strip() for k, v in row.items() if k in heads}, number, desk, name)


def _text(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError("the text is neither UTF-8 nor Shift_JIS", where=name, do="save it as UTF-8")


def _line(row: Mapping[str, str], number: int, desk: Desk, name: str) -> _Line:
    try:
        line = _Line(
            number=number,
            group=row.get("group", ""),
            code=parse_code(row["code"]),
            side=_side(row["action"]),
            shares=int(row["qty"].replace(",", "")),
            price=Decimal(row["price"].replace(",", "") or "0"),
            session=desk.calendar.session(parse_date(row["date"])),
            fee=int((row.get("fee") or "0").replace(",", "")),
        )
        _check(line, desk)
    except JstockError as error:
        raise UsageError(
            error.what,
            where=f"{name}, line {number}",
            do=error.do or "correct the line; nothing was recorded",
        ) from None
    except (ValueError, InvalidOperation) as error:
        raise UsageError(
            f"no number: {error}", where=f"{name}, line {number}", do="correct the line; nothing was recorded"
        ) from None
    return line


def _side(action: str) -> str:
    word = action.upper()
    side = "BUY" if word == "BUY" else "SELL" if word == "SELL" or word.startswith("SELL_") else ""
    if not side:
        raise UsageError(f'action "{action}" is neither BUY nor SELL')
    return side


def _check(line: _Line, desk: Desk) -> None:
    if desk.now() < at(line.session, OPEN):
        raise UsageError(f"{line.session} has not opened yet: nothing can have been filled")
    worth = line.price.is_finite() and (line.price > 0 or not line.shares)
    if line.shares < 0 or line.fee < 0 or not worth:
        raise UsageError(f"{line.shares} shares at {line.price} with fee {line.fee} cannot be")
    known = {group.id for group in desk.groups}
    if line.group and line.group not in known:
        raise UsageError(f'there is no group "{line.group}"; known: {", ".join(sorted(known))}')


def _events(lines: Sequence[_Line], past: Sequence[Event], source: str) -> tuple[Event, ...]:
    orders = [event for event in past if isinstance(event, OrderPlaced)]
    seen: Counter[tuple[Any, ...]] = Counter()
    events: list[Event] = []
    for line in sorted(lines, key=lambda line: (line.session, line.side == "BUY", line.number)):
        order = _order_of(line, orders)
        group = line.group or (order.group if order else "")
        if not group:
            raise UsageError(
                f"whose {line.code} is it?", where=f"line {line.number}", do="add a column group"
            )
        if line.shares == 0:
            events.append(_none(line, order, source))
            continue
        same = (line.session, group, line.code, line.side, line.price, line.shares)
        fill = Filled(
            session=line.session,
            source=source,
            group=group,
            code=line.code,
            side="BUY" if line.side == "BUY" else "SELL",
            shares=line.shares,
            price=line.price,
            order_id=order.id if order else None,
            ordinal=seen[same],
        )
        seen[same] += 1
        events.append(fill)
        if line.fee:
            events.append(
                Fee(
                    session=line.session,
                    source=source,
                    group=group,
                    amount=line.fee,
                    reason="commission",
                    fill_id=fill.id,
                )
            )
    return tuple(events)


def _order_of(line: _Line, orders: Sequence[OrderPlaced]) -> OrderPlaced | None:
    """The newest order of the line's session, code and side, in its group where it names one."""
    found = [
        order
        for order in orders
        if (order.session, order.code, order.side) == (line.session, line.code, line.side)
        and line.group in ("", order.group)
    ]
    groups = {order.group for order in found}
    if len(groups) > 1:
        raise UsageError(
            f"{line.code} was ordered by {', '.join(sorted(groups))}",
            where=f"line {line.number}",
            do="name the group of the line",
        )
    return found[-1] if found else None


def _none(line: _Line, order: OrderPlaced | None, source: str) -> OrderExpired:
    if order is None:
        raise UsageError(
            f"no order for {line.side} {line.code} on {line.session}", where=f"line {line.number}"
        )
    return OrderExpired(
        session=line.session,
        source=source,
        group=order.group,
        code=order.code,
        side=order.side,
        order_id=order.id,
        reason="recorded as not filled",
    )
