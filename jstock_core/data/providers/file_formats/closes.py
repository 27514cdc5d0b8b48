"""Closes of a second source, read from files to compare with what is stored, and for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError
from jstock_core.data.providers.file_formats.folder import DataFile, Folder
from jstock_core.data.providers.file_formats.headings import CLOSES
from jstock_core.data.providers.file_formats.plain import plain_closes
from jstock_core.market.codes import from_jquants

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class OtherCloses:
    """(R,) closes of another source: codes as jstock writes them, days, and yen as that source has them."""

    code: NDArray[np.str_]
    day: NDArray[np.datetime64]
    close: NDArray[np.float64]


def read_closes(place: Path, words: Mapping[str, str], code: str = "") -> OtherCloses:
    """Read the closes in a folder of files, or in one file: J-Quants-shaped, or with a date and a close.

    Raises:
        DataError: no file has closes, or one cannot be read.

    """
    folder = Folder(place, words, code, needed=CLOSES)
    parts = [_closes(file) for file in folder.of("bars")]
    return OtherCloses(
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.day for part in parts]),
        np.concatenate([part.close for part in parts]),
    )


def _closes(file: DataFile) -> OtherCloses:
    rows, where = file.table.read(), str(file.table.path)
    if file.columns is not None:
        rows = plain_closes(rows, file.columns, code=file.code, day=file.day, where=where)
    try:
        codes = [from_jquants(str(code)) for code in rows.column("Code").to_pylist()]
        days = np.array([str(day)[:10] for day in rows.column("Date").to_pylist()], dtype="datetime64[D]")
        return OtherCloses(np.array(codes, dtype=np.str_), days, _floats(rows.column("C")))
    except ValueError as error:
        raise DataError(f"its closes cannot be read: {error}", where=where, do="export it again") from None


def _floats(values: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers as floats, NaN where there is none.

    Raises:
        ValueError: one is no number, or infinite.

    """
    found = np.array([np.nan if v in ("", None) else float(v) for v in values.to_pylist()], dtype=np.float64)
    if np.isinf(found).any():
        raise ValueError("one is infinite")
    return found
