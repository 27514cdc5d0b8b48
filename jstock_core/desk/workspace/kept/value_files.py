"""Files of values that `values` of `params/desk.yaml` names: code, known_at and value, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import DataError, JstockError
from jstock_core.base.limits import read_file
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.codes import parse_code
from jstock_core.market.given import GivenValues

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("code", "known_at", "value")
_HOW = "write the columns code, known_at (JST, as 2026-01-21T06:30) and value, one row a value"
_KEPT = 8
"""Files that a process remembers as it read them."""


def read_desk_values(workspace: Workspace, named: Mapping[str, str]) -> dict[str, GivenValues]:
    """The values of a desk, of which `named` are the names and files that its parameters have.

    Raises:
        ParamsError: a file lies outside the workspace. DataError: as `read_value_files`.

    """
    return read_value_files(
        workspace.root, {name: str(workspace.inside(file)) for name, file in named.items()}
    )


def read_value_files(root: Path, files: Mapping[str, str]) -> dict[str, GivenValues]:
    """The values of each file by the name that the desk gives it; paths are relative to `root`.

    Raises:
        DataError: a file is missing, is not readable, lacks a column, has a value twice, or a bad row.

    """
    return {name: _read(root / file, name) for name, file in files.items()}


def _read(path: Path, name: str) -> GivenValues:
    try:
        told = path.stat()
        return _parse(path, told.st_mtime_ns, told.st_size)
    except JstockError as error:
        raise DataError(f"the values {name}: {error.what}", where=str(path), do=error.do) from None
    except OSError as error:
        what = f"the values {name} cannot be read: {os_reason(error)}"
        raise DataError(what, where=str(path), do="correct values in params/desk.yaml") from None
    except ValueError as error:  # Arrow's own say which row and column
        raise DataError(f"the values {name} are not readable: {error}", where=str(path), do=_HOW) from None


@lru_cache(maxsize=_KEPT)
def _parse(path: Path, _changed: int, _size: int) -> GivenValues:
    table = _table(path)
    missing = [column for column in COLUMNS if column not in table.column_names]
    if missing:
        raise DataError(f"no column {missing[0]}", do=_HOW)
    codes, times, values = (table[column].combine_chunks() for column in COLUMNS)
    if codes.null_count or times.null_count:
        raise DataError("a row without a code or without known_at", do=_HOW)
    known, inverse = np.unique(np.array(codes.to_pylist(), dtype=np.str_), return_inverse=True)
    code = np.array([parse_code(each) for each in known.tolist()], dtype=np.str_)[inverse]
    known_at = np.asarray(times.to_numpy(zero_copy_only=False), dtype="datetime64[s]")
    # What became known within a minute is known at its end.
    minutes = known_at.astype("datetime64[m]")
    minutes = np.where(minutes < known_at, minutes + np.timedelta64(1, "m"), minutes)
    order = np.lexsort((code, minutes))
    found = GivenValues(code[order], minutes[order], values.to_numpy(zero_copy_only=False)[order])
    twice = (found.code[1:] == found.code[:-1]) & (found.known_at[1:] == found.known_at[:-1])
    if twice.any():
        n = int(np.flatnonzero(twice)[0])
        raise DataError(f"{found.code[n]} has two values known at {found.known_at[n]}", do="keep one of them")
    return found


def _table(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv, parquet

    types: dict[str, Any] = {"code": pa.string(), "known_at": pa.timestamp("s"), "value": pa.float64()}
    content = pa.BufferReader(read_file(path))
    if path.suffix != ".parquet":
        options = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
        return csv.read_csv(content, convert_options=options)
    table = parquet.ParquetFile(content).read(use_threads=False)
    wanted = [column for column in COLUMNS if column in table.column_names]
    if any(getattr(table.schema.field(column).type, "tz", None) for column in wanted):
        raise DataError("known_at has a time zone", do="write JST without a zone")
    return pa.table({column: table[column].cast(types[column]) for column in wanted})
