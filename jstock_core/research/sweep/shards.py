"""Results of sets, kept by key: one Parquet file for each chunk, written atomically.

A key is a hash of a set, the data and the code. A folder may hold results with other keys, which are ignored.
So a sweep can be extended, changed, or run again with newer code in the same folder.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.durable import (
    is_unwritable,
    lacks_room,
    make_private_folder,
    os_reason,
    write_atomically,
)
from jstock_core.base.errors import WriteError
from jstock_core.research.processes.columns import list_column, number_column, text_column
from jstock_core.research.sweep.task import FIGURES, SetResult

_NAME = "shard-*.parquet"


@dataclass(frozen=True)
class Shards:
    """A folder with shards."""

    folder: Path

    @property
    def any(self) -> bool:
        """Whether there are any shards."""
        return next(self.folder.glob(_NAME), None) is not None

    def add(self, found: Sequence[SetResult]) -> None:
        """Write the results of a chunk as a shard.

        Raises:
            WriteError: the folder cannot be written; earlier shards are not affected.

        """
        name = sha256("\n".join(result.key for result in found).encode()).hexdigest()[:32]
        self.write(f"shard-{name}.parquet", _pack(found))

    def write(self, name: str, content: bytes) -> Path:
        """Write a file into the folder, atomically.

        Raises:
            WriteError: the folder cannot be written.

        """
        path = self.folder / name
        try:
            make_private_folder(self.folder)
            write_atomically(path, content)
        except OSError as error:
            if not is_unwritable(error) and not isinstance(error, FileExistsError | NotADirectoryError):
                raise
            do = "make room there, or give another folder" if lacks_room(error) else "give another folder"
            raise WriteError(
                f"the results of the sweep cannot be kept: {os_reason(error)}",
                where=str(self.folder),
                do=f"{do}, and run it again: what is kept is not lost",
            ) from error
        return path

    def read(self, keys: Collection[str]) -> dict[str, SetResult]:
        """The kept results with these keys. Files that cannot be read are ignored."""
        wanted = set(keys)
        found: dict[str, SetResult] = {}
        for path in sorted(self.folder.glob(_NAME)):
            found |= {result.key: result for result in _unpack(path) if result.key in wanted}
        return found


def _pack(found: Sequence[SetResult]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ran = np.array([not result.reason for result in found])
    figures = np.array([[result.figures.get(name, np.nan) for name in FIGURES] for result in found])
    columns = {
        "key": text_column([result.key for result in found]),
        "reason": text_column([result.reason for result in found]),
        "seconds": number_column(np.array([result.seconds for result in found], dtype=np.float64)),
        **{name: number_column(figures[:, n], ran) for n, name in enumerate(FIGURES)},
        "returns": list_column([result.returns for result in found]),
    }
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(list(columns.values()), names=list(columns)), out)
    return out.getvalue()


def _unpack(path: Path) -> Iterator[SetResult]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows: list[Mapping[str, Any]] = file.read(use_threads=False).to_pylist()
    except (OSError, pa.ArrowException):
        return
    for row in rows:
        if not {"key", "reason", "seconds", "returns", *FIGURES} <= row.keys():
            return
        figures = {} if row["reason"] else {name: float(row[name]) for name in FIGURES}
        yield SetResult(row["key"], row["reason"], figures, np.array(row["returns"], float), row["seconds"])
