"""Read a file as a table: parquet, or text with columns, packed or not.

Text is UTF-8, UTF-16 with its mark, or Shift_JIS (cp932), with commas, tabs or semicolons between columns.
Lines above the header are passed over. All of it is read as text: codes keep their zeros.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import DataError
from jstock_core.base.limits import MEGABYTE, cut_word, open_file
from jstock_core.data.providers.file_formats.headings import Headings, count_known
from jstock_core.data.providers.file_formats.stacked import LINES, StackedHeader, stacked_header

if TYPE_CHECKING:
    import pyarrow as pa

MOST_TABLE = 1024 * MEGABYTE
"""Bytes of a text, unpacked: ten years of every stock in one file have less."""
_HEAD = 64 * 1024
_HEADER_WITHIN = 30  # lines
_MARKS = ",\t;"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class _Layout:
    """How a text is laid out: its encoding, what separates columns, and the last line of the header.

    `stacked` is a header of two lines, None for one of one.
    """

    encoding: str
    mark: str
    header: int
    headings: Headings
    stacked: StackedHeader | None = None


@dataclass(frozen=True)
class TableFile:
    """A file that holds a table. `words` are the headings that make a line its header."""

    path: Path
    words: Mapping[str, str]

    @cached_property
    def headings(self) -> Headings:
        """The names of its columns, read without the rest of it.

        Raises:
            DataError: it cannot be read.

        """
        if not self._is_parquet:
            stacked = self._layout.stacked
            return stacked.headings if stacked else self._layout.headings
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with open_file(self.path) as file:
                names: list[str] = pq.ParquetFile(file).schema_arrow.names
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from None
        return names

    def read(self) -> pa.Table:
        """Read all of its rows.

        Raises:
            DataError: it cannot be read.

        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if not self._is_parquet:
                return self._read_text()
            with open_file(self.path) as file:
                return pq.ParquetFile(file).read(use_threads=False)
        except (pa.ArrowException, OSError, EOFError, zlib.error, ValueError) as error:
            raise self._unreadable(error) from None

    @property
    def is_stacked(self) -> bool:
        """Whether it has a header of two lines, as downloads of yfinance."""
        return not self._is_parquet and self._layout.stacked is not None

    @property
    def first_line(self) -> str:
        """The headings as one short line, for messages."""
        return cut_word(", ".join(self.headings[:8]) or "nothing")

    @property
    def _is_parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"

    @cached_property
    def _layout(self) -> _Layout:
        try:
            return _find_layout(self._content(_HEAD, whole=False), self.words)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise self._unreadable(error) from None

    def _content(self, most: int, *, whole: bool) -> bytes:
        """The first bytes of the file, unpacked."""
        with open_file(self.path) as file:
            packed = self.path.suffix.lower() == ".gz"
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(most + 1)
        if whole and len(content) > most:
            raise OSError(f"it holds more than {most // MEGABYTE} MB of text; cut it into several files")
        return content[:most]

    def _read_text(self) -> pa.Table:
        import pyarrow as pa

        content, layout = self._content(MOST_TABLE, whole=True), self._layout
        if layout.stacked:
            return layout.stacked.unstack(_parse(content, layout, layout.headings))
        names = _different(layout.headings, self.words)
        if layout.encoding != "utf-8":
            return _parse(content, layout, names)
        try:
            return _parse(content, layout, names)
        except pa.ArrowInvalid:
            if _is_utf8(content):
                raise
        return _parse(content, _Layout("cp932", layout.mark, layout.header, names), names)

    def _unreadable(self, error: Exception) -> DataError:
        reason = os_reason(error)
        return DataError(
            f"{self.path.name} is unreadable: {reason}",
            where=str(self.path),
            do="export it again (parquet, or CSV in UTF-8, UTF-16 or Shift_JIS)",
        )


def _parse(content: bytes, layout: _Layout, names: Sequence[str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(
            use_threads=False,
            column_names=list(names),
            skip_rows=layout.header + 1,
            encoding=layout.encoding,
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.mark),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _different(names: Headings, words: Mapping[str, str]) -> tuple[str, ...]:
    """Names of columns, each once: a repeated one that nothing is read from gets its number.

    Raises:
        ValueError: a column that is read is there twice.

    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1 and count_known([name], words):
            raise ValueError(f"the column {name} is there twice: leave one of them out")
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(found)


def _find_layout(head: bytes, words: Mapping[str, str]) -> _Layout:
    """The layout of a text by its first bytes: the header is the first line with most known headings.

    Raises:
        ValueError: it is no text.

    """
    encoding, text = _decode(head)
    lines = text.splitlines()[:_HEADER_WITHIN] or [""]
    for mark in _MARKS:
        stacked = stacked_header([_cells(line, mark) for line in lines[:LINES]], words)
        if stacked:
            return _Layout(encoding, mark, LINES - 1, stacked.names, stacked)
    best = _Layout(encoding, _MARKS[0], 0, _cells(lines[0], _MARKS[0]))
    most = 1
    for number, line in enumerate(lines):
        for mark in _MARKS:
            cells = _cells(line, mark)
            if (known := count_known(cells, words)) > most:
                best, most = _Layout(encoding, mark, number, cells), known
    return best


def _cells(line: str, mark: str) -> Headings:
    try:
        cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=mark), [])
    except csv.Error:
        return ()
    return tuple(cell.strip() for cell in cells)


def _decode(head: bytes) -> tuple[str, str]:
    """The encoding of a text, and its beginning; a character that is cut at the end is left out."""
    for encoding in ("utf-16",) if head.startswith(_UTF16) else ("utf-8-sig", "cp932"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return ("utf-8" if encoding == "utf-8-sig" else encoding), text
    raise ValueError("the text is neither UTF-8 nor UTF-16 nor Shift_JIS")
