"""What J-Quants answers, as tables: JSON rows and files of CSV in one form, every column kept.

Columns of numbers are float64, null where missing; all others are text as delivered, "" where missing. A
column that a row lacks, or a value of the wrong kind, is a `DataError` that names both.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.endpoints import Endpoint

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PLAIN = 2 * 2**30
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REPORT = "run the command again; if it says the same, J-Quants has changed and jstock must follow"


def table_of_rows(endpoint: Endpoint, rows: Sequence[Any], where: str) -> pa.Table:
    """Rows of JSON as a table.

    Raises:
        DataError: a row is no object, lacks a column, or has a value of the wrong kind.

    """
    import pyarrow as pa

    if not all(isinstance(row, dict) for row in rows):
        raise DataError("a row is no JSON object", where=where, do=_REPORT)
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in endpoint.required if rows else ():
        lacking = sum(name not in row for row in rows)
        if lacking:
            raise _missing(name, f"{lacking} of {len(rows)} rows", where)
    columns = {name: _column(endpoint, name, [row.get(name) for row in rows], where) for name in names}
    return pa.table(columns) if columns else empty_table(endpoint)


class DamagedFileError(DataError):
    """A file did not arrive as it was sent; it may when it is asked for again."""


def unpack(content: bytes, where: str) -> bytes:
    """The plain content of a file compressed with gzip.

    Raises:
        DamagedFileError: it is truncated, or fails its checksum.

    """
    problem = ""
    try:
        with gzip.open(BytesIO(content)) as file:
            plain = file.read(MOST_PLAIN + 1)
    except (OSError, EOFError, zlib.error) as error:
        plain, problem = b"", str(error)
    if len(plain) > MOST_PLAIN:
        problem = f"it holds more than {MOST_PLAIN // 2**30} GB"
    if problem:
        raise DamagedFileError(f"the file arrived damaged: {problem}", where=where, do=_REPORT)
    return plain


def table_of_file(endpoint: Endpoint, plain: bytes, where: str) -> pa.Table:
    """A file of CSV as a table.

    Raises:
        DataError: it is no CSV, lacks a column, or has a value of the wrong kind.

    """
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ReadOptions(use_threads=False)
    try:
        with csv.open_csv(pa.BufferReader(plain), read_options=options) as reader:
            names = reader.schema.names
        as_text = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        )
        raw = csv.read_csv(pa.BufferReader(plain), read_options=options, convert_options=as_text)
    except pa.ArrowException as error:
        raise DataError(f"the file is no CSV: {error}", where=where, do=_REPORT) from None
    for name in endpoint.required:
        if name not in raw.column_names:
            raise _missing(name, "the file", where)
    columns = {
        name: _numbers_of_text(name, raw.column(name), where)
        if name in endpoint.numbers
        else raw.column(name)
        for name in raw.column_names
    }
    for name in _days(endpoint):
        _check_days(name, raw.column(name).unique().to_pylist(), where)
    return pa.table(columns)


def empty_table(endpoint: Endpoint) -> pa.Table:
    """A table of an endpoint without rows."""
    import pyarrow as pa

    kinds = [(name, pa.float64() if name in endpoint.numbers else pa.string()) for name in endpoint.required]
    return pa.schema(kinds).empty_table()


def check_repeats(table: pa.Table, key: Sequence[str], where: str) -> None:
    """Make sure that no two rows of a key differ: one of them would be wrong.

    Raises:
        DataError: two rows have the same key and other content.

    """
    import pyarrow.compute as pc

    counted = table.group_by(list(key)).aggregate([([], "count_all")])
    if len(counted) == len(table):
        return
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    twice = counted.filter(pc.greater(counted.column("count_all"), 1)).drop_columns(["count_all"])
    for row in table.join(twice, keys=list(key), join_type="inner", use_threads=False).to_pylist():
        name = tuple(row[column] for column in key)
        if seen.setdefault(name, row) != row:
            told = ", ".join(f"{column} {value}" for column, value in zip(key, name, strict=True))
            raise DataError(f"two rows of {told} differ", where=where, do=_REPORT)


def _column(endpoint: Endpoint, name: str, values: list[Any], where: str) -> pa.Array:
    import pyarrow as pa

    if name in endpoint.numbers:
        return pa.array([_number(name, value, where) for value in values], pa.float64())
    if name in endpoint.required and name not in endpoint.figures:
        wrong = next((v for v in values if not (v is None or isinstance(v, str))), None)
        if wrong is not None:
            raise _wrong(name, wrong, "text", where)
    if name in _days(endpoint):
        _check_days(name, dict.fromkeys(values), where)
    return pa.array([_text(value) for value in values], pa.string())


def _number(name: str, value: Any, where: str) -> float | None:
    if value is None or value == "":
        return None
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise _wrong(name, value, "a number", where)
    number = float(value)
    if not math.isfinite(number):
        raise _wrong(name, value, "a number", where)
    return number


def _numbers_of_text(name: str, values: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    sound = pc.match_substring_regex(values, rf"^({_NUMBER.pattern})?$")
    if not pc.all(sound).as_py():
        raise _wrong(name, pc.filter(values, pc.invert(sound))[0].as_py(), "a number", where)
    filled = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    return filled.cast(pa.float64())


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _days(endpoint: Endpoint) -> tuple[str, ...]:
    """The columns that must hold a date: by them it is seen that the answer fits the question."""
    return (endpoint.dated_by,) if endpoint.dated_by else ()


def _check_days(name: str, values: Any, where: str) -> None:
    for value in values:
        try:
            sound = isinstance(value, str) and _DAY.fullmatch(value) and date.fromisoformat(value)
        except ValueError:
            sound = False
        if not sound:
            raise _wrong(name, value, "a date like 2026-01-21", where)


def _wrong(name: str, value: Any, kind: str, where: str) -> DataError:
    return DataError(f"{name} is {str(value)[:60]!r}, expected {kind}", where=where, do=_REPORT)


def _missing(name: str, place: str, where: str) -> DataError:
    return DataError(f"the column {name} is missing in {place}", where=where, do=_REPORT)


def describe(path: str, asked: Mapping[str, str]) -> str:
    """A request, for messages."""
    return f"J-Quants {path}" + "".join(f" {name}={value}" for name, value in asked.items())
