"""A CSV read into rows by column: the trader's own or a broker's, in UTF-8, UTF-16 or Shift_JIS.

Columns are known by jstock's names, their synonyms, or the names that brokers give them (`columns`); they
are separated by commas, tabs or semicolons. A broker's file may have several tables, each with a title and a
header of its own: a row keeps the title it stands under. Text above the header, the header again and empty
lines are form and no rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import UsageError
from jstock_core.base.limits import MEGABYTE, decode_table, read_file
from jstock_core.desk.settings.columns import COLUMNS, UNUSED, heading_key, own_column

_MARKS = ",\t;"
_AS_TEXT = re.compile(r'\s*="(.*)"\s*')  # how spreadsheets are told that 0001 is a text
_MOST_CSV = 32 * MEGABYTE
MOST_CELL = 1_000
"""Characters of a cell: remarks of brokers have some hundred."""
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_HEADING = 2  # cells that name a column, from which on a row is the header of another table
Cells = Sequence[str]
Head = Sequence[str | None]


@dataclass(frozen=True)
class SheetRow:
    """A row: its line in the file, its cells by column, the `title` it stands under, and its texts.

    `is_certain` is False below a title that no header has followed yet: such a row may belong to a sum.
    `is_known` is False in a table that lacks the columns asked for. `overlong` says what is wrong with a row
    that has values beyond its header.
    """

    number: int
    cells: Mapping[str, Cells]
    title: str
    text: Cells
    is_certain: bool = True
    is_known: bool = True
    overlong: str = ""

    @property
    def is_alone(self) -> bool:
        """Whether it has one cell with a text, as a title or a remark has."""
        return len(self.text) == 1

    def join(self, column: str) -> str:
        """The cells of a column as one text."""
        return "".join(cell.strip() for cell in self.cells.get(column, ()))

    def check_length(self) -> None:
        """Make sure that every value has a column.

        Raises:
            UsageError: there are more values than columns.

        """
        if self.overlong:
            raise UsageError(
                self.overlong,
                do="put numbers with a comma into quotation marks, or leave the comma out",
            )

    def one(self, column: str) -> str:
        """The cell of a column; "" where there is none.

        Raises:
            UsageError: several columns have this name.

        """
        cells = self.cells.get(column, ("",))
        if len(cells) > 1:
            raise UsageError(
                f"{len(cells)} columns are named {column}",
                do=f"name one of them in csv_columns, and the others {UNUSED}",
            )
        return cells[0].strip()


@dataclass(frozen=True)
class Sheet:
    """A CSV read: its name, what the journal knows it by, and its rows."""

    name: str
    source: str
    rows: tuple[SheetRow, ...]


def read_sheet(path: Path, columns: Mapping[str, str], needed: frozenset[str]) -> Sheet:
    """Read a CSV that has a table with the columns `needed`.

    Raises:
        UsageError: it cannot be read, is not a text, or lacks a column.

    """
    try:
        content = read_file(path, _MOST_CSV)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {os_reason(error)}", do="name the CSV file") from None
    text = _text(content, path.name)
    tables = [_table(text, mark, path.name) for mark in _MARKS]
    known = [[_columns(row, columns) for row in table.rows] for table in tables]
    for table, heads in zip(tables, known, strict=True):
        if any(needed <= set(head) for head in heads):
            table.check()
            source = f"csv:{hashlib.sha256(content).hexdigest()[:16]}"
            return Sheet(path.name, source, tuple(_Rows(needed, path.name).read(table.rows, heads)))
    tables[0].check()
    raise _no_header(tables[0].rows, known[0], needed, path.name)


@dataclass(frozen=True)
class _Table:
    """A text cut into cells as far as possible, and the error that stopped it."""

    rows: tuple[Cells, ...]
    fault: UsageError | None

    def check(self) -> None:
        """Raise what stopped it, if anything did."""
        if self.fault:
            raise self.fault


def _table(text: str, mark: str, name: str) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[Cells] = []
    try:
        for row in reader:
            longest = max(map(len, row), default=0)
            if longest > MOST_CELL:
                error = UsageError(
                    f"a cell has {longest:,} characters",
                    where=f"{name}, line {len(rows) + 1}",
                    do="a quotation mark may be missing; nothing was recorded",
                )
                return _Table(tuple(rows), error)
            rows.append(row)
    except csv.Error as error:
        where = f"{name}, line {len(rows) + 1} or after it"
        do = "a quotation mark may be missing; nothing was recorded"
        return _Table(tuple(rows), UsageError(f"it is not a valid CSV: {error}", where=where, do=do))
    return _Table(tuple(rows), None)


def _columns(row: Cells, columns: Mapping[str, str]) -> Head:
    """The columns that the cells of a row name."""
    keys = [heading_key(cell) for cell in row]
    found = [columns.get(key) or own_column(key) for key in keys]
    return [None if column == UNUSED else column for column in found]


@dataclass
class _Rows:
    """Reads row after row, and remembers the header and the title above."""

    needed: frozenset[str]
    name: str
    head: Head = ()
    title: str = ""
    is_certain: bool = False
    is_known: bool = True
    _begun: bool = False

    def read(self, table: Sequence[Cells], heads: Sequence[Head]) -> Iterator[SheetRow]:
        """The rows below headers, numbered as in the file."""
        for number, (cells, columns) in enumerate(zip(table, heads, strict=True), start=1):
            text = [cell.strip() for cell in cells if cell.strip()]
            if not text or self._notice_header(columns):
                continue
            if len(text) == 1:
                self.title, self.is_certain = text[0], False
            if self._begun:
                yield self._row(number, cells, text)

    def _notice_header(self, columns: Head) -> bool:
        """Whether the row is a header; it is then the one in force."""
        named = [column for column in columns if column]
        is_whole = self.needed <= set(named)
        if not is_whole and (not self._begun or len(named) < _HEADING):
            return False
        self.head, self.is_certain, self.is_known, self._begun = columns, True, is_whole, True
        return True

    def _row(self, number: int, cells: Cells, text: Cells) -> SheetRow:
        extra = any(cell.strip() for cell in cells[len(self.head) :])
        return SheetRow(
            number,
            _by_column(self.head, cells),
            self.title,
            text,
            is_certain=self.is_certain,
            is_known=self.is_known,
            overlong=f"{len(cells)} values under {len(self.head)} columns" if extra else "",
        )


def _no_header(
    table: Sequence[Cells], heads: Sequence[Head], needed: frozenset[str], name: str
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


def _by_column(head: Head, cells: Cells) -> Mapping[str, Cells]:
    row: dict[str, list[str]] = {}
    for column, cell in zip(head, cells, strict=False):
        if column:
            text = _AS_TEXT.fullmatch(cell)
            row.setdefault(column, []).append(text[1] if text else cell)
    return row


def _text(content: bytes, name: str) -> str:
    if content.startswith(_WORKBOOK):
        raise UsageError("this is a workbook, not a CSV", where=name, do="save it as CSV (UTF-8)")
    try:
        return decode_table(content)
    except ValueError as error:
        raise UsageError(str(error), where=name, do="save it as UTF-8") from None
