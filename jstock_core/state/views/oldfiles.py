"""Reading `production_state.json` and `trade_history.json` as other programs wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import JstockError, StateError
from jstock_core.base.limits import MOST_BYTES, parse_decimal, parse_json, quote, read_utf8
from jstock_core.market.codes import from_jquants, parse_code
from jstock_core.state.facts.events import Side

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class OldLot:
    """A position's line: shares held since `session` at `price` yen each."""

    code: str
    shares: int
    price: Decimal
    session: date
    score: float | None


@dataclass(frozen=True, slots=True)
class OldGroup:
    """A group as the state file has it; money in whole yen."""

    id: str
    capital: int
    cash: int
    lots: tuple[OldLot, ...]


@dataclass(frozen=True, slots=True)
class OldTrade:
    """A line of the history; `total` is the traded value in yen, None where it is not given."""

    session: date
    group: str
    code: str
    side: Side
    shares: int
    price: Decimal
    total: int | None


def read_old_state(path: Path) -> tuple[date, tuple[OldGroup, ...]]:
    """When the file was last updated, and its groups; they and their positions may be lists or objects by id.

    Raises:
        StateError: the file is missing or has another shape; the place is named.

    """
    data, where = _json(path), f"{path}"
    if not isinstance(data, dict):
        raise StateError("expected an object", where=where, do="see which program wrote the file")
    updated = _read(data, "last_updated", _date, where)
    groups = _rows(data.get("strategy_groups"), "id", f"{where}, strategy_groups")
    return updated, tuple(_group(row, place) for row, place in groups)


def read_old_history(path: Path) -> tuple[OldTrade, ...]:
    """The trades in the file's order; a list, or `{"trades": ...}` with a list or lists by group.

    Raises:
        StateError: the file is missing or has another shape; the place is named.

    """
    data = _json(path)
    trades = data.get("trades") if isinstance(data, dict) else data
    if isinstance(trades, dict):
        parts = [(group, _rows(part, "", f"{path}, trades {group}")) for group, part in trades.items()]
        trades = [{"group_id": group, **row} for group, rows in parts for row, _ in rows]
    return tuple(_trade(row, place) for row, place in _rows(trades, "", f"{path}, trades"))


def _group(row: Mapping[str, Any], where: str) -> OldGroup:
    lots = _rows(row.get("positions", []), "ticker", f"{where}, positions")
    return OldGroup(
        id=_read(row, "id", _name, where),
        capital=_read(row, "initial_capital", _whole, where),
        cash=_read(row, "cash", _whole, where),
        lots=tuple(_lot(lot, place) for lot, place in lots),
    )


def _lot(row: Mapping[str, Any], where: str) -> OldLot:
    score = row.get("entry_score")
    return OldLot(
        code=_read(row, "ticker", _code, where),
        shares=_read(row, "quantity", _count, where),
        price=_read(row, "entry_price", _price, where),
        session=_read(row, "entry_date", _date, where),
        score=None if score is None else _read(row, "entry_score", _score, where),
    )


def _trade(row: Mapping[str, Any], where: str) -> OldTrade:
    return OldTrade(
        session=_read(row, "date", _date, where),
        group=_read(row, "group_id", _name, where),
        code=_read(row, "ticker", _code, where),
        side=_read(row, "action", _side, where),
        shares=_read(row, "quantity", _count, where),
        price=_read(row, "price", _price, where),
        total=None if row.get("total_jpy") is None else _read(row, "total_jpy", _whole, where),
    )


def _json(path: Path) -> Any:
    try:
        return parse_json(read_utf8(path, MOST_BYTES))
    except OSError as error:
        raise StateError(f"cannot be read: {os_reason(error)}", where=str(path), do="name the file") from None
    except ValueError as error:
        raise StateError(
            f"no JSON: {error}", where=str(path), do="mend the file; nothing was imported"
        ) from None


def _rows(data: Any, key: str, where: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Objects with their places; an object of objects gives its keys to theirs."""
    if isinstance(data, dict) and key:
        data = [{key: name, **row} if isinstance(row, dict) else row for name, row in data.items()]
    if not isinstance(data, list):
        raise StateError("expected a list", where=where, do="see which program wrote the file")
    for number, row in enumerate(data, start=1):
        if not isinstance(row, dict):
            raise StateError("expected an object", where=f"{where} {number}", do="mend the file")
        yield row, f"{where} {number}"


def _read(row: Any, key: str, parse: Callable[[Any], _T], where: str) -> _T:
    try:
        return parse(row[key])
    except KeyError:
        raise StateError(f"{key} is missing", where=where, do="mend the file; nothing was imported") from None
    except (TypeError, ValueError, JstockError):
        found = row[key] if isinstance(row, dict) else row
        raise StateError(
            f'cannot read "{key}": {quote(found)}', where=where, do="mend the file; nothing was imported"
        ) from None


def _name(value: Any) -> str:
    """A name, or a number that serves as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(value)
    return str(value)


def _date(value: Any) -> date:
    return date.fromisoformat(_name(value)[:10])


def _code(value: Any) -> str:
    return parse_code(from_jquants(_name(value)))


def _side(value: Any) -> Side:
    word = _name(value).upper()
    if word == "BUY":
        return "BUY"
    if word == "SELL" or word.startswith("SELL_"):
        return "SELL"
    raise ValueError(word)


def _number(value: Any) -> Decimal:
    """A number as JSON has it: a text of digits is none, as in a file of parameters."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return parse_decimal(str(value))


def _score(value: Any) -> float:
    number = _number(value)
    if not 0 <= number <= 100:
        raise ValueError(value)
    return float(number)


def _whole(value: Any) -> int:
    """Yen; what other programs left of a fraction is dropped."""
    return int(_number(value))


def _count(value: Any) -> int:
    number = _number(value)
    if number != int(number) or number <= 0:
        raise ValueError(value)
    return int(number)


def _price(value: Any) -> Decimal:
    number = _number(value)
    if number <= 0:
        raise ValueError(value)
    return number
