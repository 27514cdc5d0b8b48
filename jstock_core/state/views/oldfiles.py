"""Reading `production_state.json` and `trade_history.json` as other programs wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from jstock_core.base.errors import JstockError, StateError
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
    data = _json(path)
    where = f"{path}"
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
        trades = [{"group_id": group, **row} for group, part in trades.items() for row in part]
    return tuple(_trade(row, place) for row, place in _rows(trades, "", f"{path}, trades"))


def _group(row: Mapping[str, Any], where: str) -> OldGroup:
    lots = _rows(row.get("positions", []), "ticker", f"{where}, positions")
    return OldGroup(
        id=_read(row, "id", str, where),
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
        score=None if score is None else _read(row, "entry_score", float, where),
    )


def _trade(row: Mapping[str, Any], where: str) -> OldTrade:
    return OldTrade(
        session=_read(row, "date", _date, where),
        group=_read(row, "group_id", str, where),
        code=_read(row, "ticker", _code, where),
        side=_read(row, "action", _side, where),
        shares=_read(row, "quantity", _count, where),
        price=_read(row, "price", _price, where),
        total=None if row.get("total_jpy") is None else _read(row, "total_jpy", _whole, where),
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise StateError(f"cannot be read: {error.strerror}", where=str(path), do="name the file") from None
    except ValueError as error:
        raise StateError(
            f"no JSON: {error}", where=str(path), do="mend the file; nothing was imported"
        ) from None


def _rows(data: Any, key: str, where: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Objects with their places; an object of objects gives its keys to theirs."""
    if isinstance(data, dict) and key:
        data = [{key: name, **row} for name, row in data.items() if isinstance(row, dict)]
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
    except (TypeError, ValueError, InvalidOperation, JstockError):
        found = row[key] if isinstance(row, dict) else row
        raise StateError(
            f'cannot read "{key}": {found!r}', where=where, do="mend the file; nothing was imported"
        ) from None


def _date(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


def _code(value: Any) -> str:
    return parse_code(from_jquants(str(value)))


def _side(value: Any) -> Side:
    word = str(value).upper()
    if word == "BUY":
        return "BUY"
    if word == "SELL" or word.startswith("SELL_"):
        return "SELL"
    raise ValueError(word)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


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
