"""A CSV of fills or of holdings, the trader's own or the broker's, in UTF-8 or Shift_JIS.

Columns are known by jstock's names, their synonyms, or the names that `csv_columns` in `params/desk.yaml`
gives to a broker's; they are separated by commas, tabs or semicolons. Skipped are columns without a
known name and lines that are no fill: text above the header, the header again, empty lines, and sums.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.desk.recording.lines import (
    FillLine,
    normalize_text,
    parse_amount,
    parse_day,
    parse_side,
    parse_whole,
)
from jstock_core.desk.workspace.columns import COLUMNS, heading_key, own_column
from jstock_core.market.codes import parse_code

T = TypeVar("T")
Row = Mapping[str, Sequence[str]]

FILLS = frozenset({"code", "action", "qty", "price", "date"})
HOLDINGS = frozenset({"code", "qty"})
_SHOWN = 8
_MARKS = ",\t;"
_SUMS = ("合計", "総合計", "小計", "計", "total", "subtotal", "sum")
_AS_TEXT = re.compile(r'\s*="(.*)"\s*')  # how spreadsheets are told that 0001 is a text
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class BrokerHolding:
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
        UsageError: it cannot be read, is not a text, or lacks a column.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", do="name the CSV file") from None
    text = _text(content, path.name)
    tables = [_table(text, mark, path.name) for mark in _MARKS]
    known = [[_columns(row, columns) for row in table.rows] for table in tables]
    for table, heads in zip(tables, known, strict=True):
        at = next((n for n, head in enumerate(heads) if needed <= set(head)), None)
        if at is not None:
            table.check()
            source = f"csv:{hashlib.sha256(content).hexdigest()[:16]}"
            return Sheet(path.name, source, tuple(_rows(table.rows, at, heads[at], path.name)))
    tables[0].check()
    raise _no_header(tables[0].rows, known[0], needed, path.name)


@dataclass(frozen=True)
class _Table:
    """A text cut into cells as far as possible, and the error that stopped it."""

    rows: tuple[Sequence[str], ...]
    fault: UsageError | None

    def check(self) -> None:
        """Raise what stopped it, if anything did."""
        if self.fault:
            raise self.fault


def _table(text: str, mark: str, name: str) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[Sequence[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        where = f"{name}, line {len(rows) + 1} or after it"
        do = "a quotation mark may be missing; nothing was recorded"
        return _Table(tuple(rows), UsageError(f"it is not a valid CSV: {error}", where=where, do=do))
    return _Table(tuple(rows), None)


def _columns(row: Sequence[str], columns: Mapping[str, str]) -> list[str | None]:
    """The columns that the cells of a row name."""
    keys = [heading_key(cell) for cell in row]
    return [columns.get(key) or own_column(key) for key in keys]


def _rows(
    table: Sequence[Sequence[str]], at: int, head: Sequence[str | None], name: str
) -> Iterator[tuple[int, Row]]:
    """The rows below the header, numbered as in the file."""
    for number, cells in enumerate(table[at + 1 :], at + 2):
        if not any(cell.strip() for cell in cells) or list(cells) == list(table[at]):
            continue
        if any(cell.strip() for cell in cells[len(head) :]):
            raise UsageError(
                f"{len(cells)} values under {len(head)} columns",
                where=f"{name}, line {number}",
                do="put numbers with a comma into quotation marks, or leave the comma out",
            )
        yield number, _row(head, cells)


def _no_header(
    table: Sequence[Sequence[str]], heads: Sequence[Sequence[str | None]], needed: frozenset[str], name: str
) -> UsageError:
    """The error for the row that comes nearest to a header."""
    filled = [n for n, row in enumerate(table) if any(cell.strip() for cell in row)]
    if not filled:
        return UsageError("the file is empty", where=name)
    nearest = max(filled, key=lambda n: len(needed & set(heads[n])))
    missing = ", ".join(sorted(needed - set(heads[nearest])))
    return UsageError(
        f"columns missing: {missing}",
        where=f"{name}, line {nearest + 1}: {', '.join(table[nearest])[:200]}",
        do=f"a line must name the columns: {', '.join(COLUMNS)}; map a broker's own names for them with "
        "csv_columns in params/desk.yaml",
    )


def _row(head: Sequence[str | None], cells: Sequence[str]) -> Row:
    row: dict[str, list[str]] = {}
    for column, cell in zip(head, cells, strict=False):
        if column:
            text = _AS_TEXT.fullmatch(cell)
            row.setdefault(column, []).append(text[1] if text else cell)
    return row


def _text(content: bytes, name: str) -> str:
    if content.startswith(_WORKBOOK):
        raise UsageError("this is a workbook, not a CSV", where=name, do="save it as CSV (UTF-8)")
    encodings = ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError("the text is neither UTF-8 nor Shift_JIS", where=name, do="save it as UTF-8")


def parse_fills(sheet: Sheet) -> tuple[FillLine, ...]:
    """The fills of a sheet.

    Raises:
        UsageError: lines that cannot be read, all of them named.

    """
    return _parse_rows(
        sheet, _parse_fill, lambda row: not _join_cells(row, "action") and not _join_cells(row, "date")
    )


def parse_holdings(sheet: Sheet) -> tuple[BrokerHolding, ...]:
    """The holdings of a sheet.

    Raises:
        UsageError: lines that cannot be read, all of them named.

    """
    return _parse_rows(sheet, _parse_holding, lambda row: _join_cells(row, "code").lower() in _SUMS)


def _parse_rows(sheet: Sheet, parse: Callable[[int, Row], T], skip: Callable[[Row], bool]) -> tuple[T, ...]:
    """Every row parsed, but those to be skipped."""
    made, faults = [], []
    for number, row in sheet.rows:
        if skip(row):
            continue
        try:
            made.append(parse(number, row))
        except JstockError as error:
            faults.append((number, error))
    if faults:
        raise _error_of(sheet.name, faults)
    return tuple(made)


def _error_of(name: str, faults: Sequence[tuple[int, JstockError]]) -> UsageError:
    number, first = faults[0]
    if len(faults) == 1:
        do = first.do or "correct the line; nothing was recorded"
        return UsageError(first.what, where=f"{name}, line {number}", do=do)
    lines = [f"line {number}: {error.what}" for number, error in faults[:_SHOWN]]
    more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    return UsageError(
        "\n".join([f"{len(faults)} lines cannot be read", *lines, *more]),
        where=name,
        do="correct them; nothing was recorded",
    )


def _parse_fill(number: int, row: Row) -> FillLine:
    return FillLine(
        number=number,
        group=normalize_text(_one(row, "group")),
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


def _parse_holding(_number: int, row: Row) -> BrokerHolding:
    price = parse_amount(_one(row, "price"))
    return BrokerHolding(
        parse_code(_one(row, "code")), parse_whole(_one(row, "qty"), "the quantity"), price or None
    )


def _join_cells(row: Row, column: str) -> str:
    return normalize_text("".join(row.get(column, ())))


def _one(row: Row, column: str) -> str:
    cells = row.get(column, ("",))
    if len(cells) > 1:
        raise UsageError(f"{len(cells)} columns are named {column}", do="name one of them in csv_columns")
    return cells[0].strip()
