"""A CSV of fills or of holdings, the trader's own or the broker's, in UTF-8 or Shift_JIS.

Columns are known by jstock's names, their synonyms, or the names that `csv_columns` in `params/desk.yaml`
gives to a broker's. What a broker writes above the header is passed over, and so are columns nobody named.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from jstock_core.desk.record_columns import COLUMNS, heading_key, own_column
from jstock_core.desk.record_lines import Line, parse_amount, parse_day, parse_side, parse_whole, plain
from jstock_core.errors import JstockError, UsageError
from jstock_core.market.codes import parse_code

T = TypeVar("T")
Row = Mapping[str, Sequence[str]]

FILLS = frozenset({"code", "action", "qty", "price", "date"})
HOLDINGS = frozenset({"code", "qty"})
_SHOWN = 8


@dataclass(frozen=True)
class Holding:
    """Shares that a broker says are held; `price` is what it says they cost, None where it does not."""

    code: str
    shares: int
    price: Decimal | None


@dataclass(frozen=True)
class Sheet:
    """A CSV read: its name, what the journal knows it by, and its rows with their places in the file."""

    name: str
    source: str
    rows: tuple[tuple[int, Row], ...]


def read_sheet(path: Path, columns: Mapping[str, str], needed: frozenset[str]) -> Sheet:
    """Read a CSV that has the columns `needed`.

    Raises:
        UsageError: it cannot be read, is no text, or lacks a column.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", do="name the CSV file") from None
    table = list(csv.reader(io.StringIO(_text(content, path.name), newline="")))
    heads = [
        [columns.get(heading_key(cell)) or own_column(heading_key(cell)) for cell in row] for row in table
    ]
    at = next((n for n, head in enumerate(heads) if needed <= set(head)), None)
    if at is None:
        raise _no_header(heads, needed, path.name)
    rows = tuple((n, _row(heads[at], cells)) for n, cells in enumerate(table[at + 1 :], at + 2) if any(cells))
    return Sheet(path.name, f"csv:{hashlib.sha256(content).hexdigest()[:16]}", rows)


def _no_header(heads: Sequence[Sequence[str | None]], needed: frozenset[str], name: str) -> UsageError:
    """The error for the row that comes nearest to a header."""
    nearest = max((needed & set(head) for head in heads), key=len, default=frozenset())
    missing = ", ".join(sorted(needed - nearest))
    return UsageError(
        f"columns missing: {missing}",
        where=name,
        do=f"columns are {', '.join(COLUMNS)}; name a broker's in params/desk.yaml under csv_columns",
    )


def _row(head: Sequence[str | None], cells: Sequence[str]) -> Row:
    row: dict[str, list[str]] = {}
    for column, cell in zip(head, cells, strict=False):
        if column:
            row.setdefault(column, []).append(cell)
    return row


def _text(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError("the text is neither UTF-8 nor Shift_JIS", where=name, do="save it as UTF-8")


def fill_lines(sheet: Sheet) -> tuple[Line, ...]:
    """The fills of a sheet.

    Raises:
        UsageError: lines that make no sense, all of them named.

    """
    return _parsed(sheet, _fill)


def holdings(sheet: Sheet) -> tuple[Holding, ...]:
    """The holdings of a sheet.

    Raises:
        UsageError: lines that make no sense, all of them named.

    """
    return _parsed(sheet, _holding)


def _parsed(sheet: Sheet, parse: Callable[[int, Row], T]) -> tuple[T, ...]:
    made, faults = [], []
    for number, row in sheet.rows:
        try:
            made.append(parse(number, row))
        except JstockError as error:
            faults.append((number, error))
    if faults:
        raise _faulty(sheet.name, faults)
    return tuple(made)


def _faulty(name: str, faults: Sequence[tuple[int, JstockError]]) -> UsageError:
    number, first = faults[0]
    if len(faults) == 1:
        do = first.do or "correct the line; nothing was recorded"
        return UsageError(first.what, where=f"{name}, line {number}", do=do)
    said = [f"line {number}: {error.what}" for number, error in faults[:_SHOWN]]
    more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    return UsageError(
        "\n".join([f"{len(faults)} lines make no sense", *said, *more]),
        where=name,
        do="correct them; nothing was recorded",
    )


def _fill(number: int, row: Row) -> Line:
    return Line(
        number=number,
        group=plain(_one(row, "group")),
        code=parse_code(_one(row, "code")),
        side=parse_side(_one(row, "action")),
        shares=parse_whole(_one(row, "qty"), "the quantity"),
        price=parse_amount(_one(row, "price")),
        session=parse_day(_one(row, "date")),
        fee=sum(_fees(row)),
    )


def _fees(row: Row) -> Iterator[int]:
    """A broker may show the tax on its commission in a column of its own: both are the fee."""
    for cell in row.get("fee", ()):
        yield parse_whole(str(parse_amount(cell)), "the fee")


def _holding(_number: int, row: Row) -> Holding:
    price = parse_amount(_one(row, "price"))
    return Holding(
        parse_code(_one(row, "code")), parse_whole(_one(row, "qty"), "the quantity"), price or None
    )


def _one(row: Row, column: str) -> str:
    cells = row.get(column, ("",))
    if len(cells) > 1:
        raise UsageError(f"{len(cells)} columns are the {column}", do="name one of them in csv_columns")
    return cells[0].strip()
