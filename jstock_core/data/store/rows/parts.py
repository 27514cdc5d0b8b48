"""Parts of the parsed edition: files with the versions of some rows, read with their hash.

A part is a year of bars, or a month where a year has many, and all rows of another data set, or a year where
there are many. Which it is hangs on how many rows there are, not on how they were delivered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import DataError
from jstock_core.base.limits import read_file
from jstock_core.data.store.rows.content import WHOLE, content_hashes, take_where, unit_index, units
from jstock_core.data.store.rows.versions import EDITION, REST, newest, stored_form
from jstock_core.data.tables.schema import ALWAYS, DATA_SETS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa

LONG = 200_000
"""Rows of a part from which on it is cut."""
PIECE = 300_000
"""Rows of bars, about, that are stored at a time."""
FOLDER = "parsed"


@dataclass(frozen=True, kw_only=True)
class StoredPart:
    """What the manifest says of a part: its file with rows and SHA-256, and what they say.

    `keys` are rows of different keys, the others are versions of them. `last` is the newest date ("" for an
    undated data set), `edition` the newest in it, `content` the hash of each unit (see `content.py`).
    """

    dataset: str
    file: str
    rows: int
    keys: int
    sha256: str
    last: str = ""
    edition: int = 0
    content: Mapping[str, str] = field(default_factory=dict)

    @property
    def last_date(self) -> date | None:
        """The newest date in the part."""
        return date.fromisoformat(self.last) if self.last else None


class MissingPartError(DataError):
    """A part that is not there: it is lost, or a writer replaced it since the manifest was read."""


def cut_rows(form: DataSet, rows: pa.Table, names: Collection[str]) -> Iterator[tuple[str, pa.Table]]:
    """Rows by the part they belong to; `names` are the parts that there are.

    Bars lie in years, those of a year that was cut in its months; other data sets in one part, or in years.
    """
    if not len(rows):
        return
    is_cut = form.name == "bars" or any(name.startswith(f"{form.name}/2") for name in names)
    if not form.cut_by or not is_cut:
        yield f"{form.name}/{WHOLE}", rows
        return
    months = {name[-7:-3] for name in names if name.startswith("bars/") and "-" in name}
    units, index = unit_index(form, rows)
    labels = [unit if unit[:4] in months else unit.partition("-")[0] for unit in units]
    for label in sorted(set(labels)):
        inside = np.array([each == label for each in labels])
        yield f"{form.name}/{label}", take_where(rows, inside[index])


def cut_delivery(dataset: str, table: pa.Table) -> Iterator[pa.Table]:
    """A fetched table in pieces of whole months, oldest first, so that a long one takes less memory to store.

    Only bars with typed dates are cut: of other data sets a row may have its key again in another month.
    """
    import pyarrow as pa

    dates = table.column("Date") if dataset == "bars" and len(table) > PIECE else None
    if dates is None or not pa.types.is_date(dates.type):
        yield table
        return
    months = dates.to_numpy().astype("datetime64[M]")
    known, rows = np.unique(months, return_counts=True)
    piece = (np.cumsum(rows) - rows) // PIECE
    for number in np.unique(piece):
        own = known[piece == number]
        yield take_where(table, (months >= own[0]) & (months <= own[-1]))


def split_part(name: str, versions: pa.Table) -> dict[str, pa.Table]:
    """A part, or those it is to be cut into because it has become long: months of bars, else years."""
    dataset, _, label = name.partition("/")
    form = DATA_SETS[dataset]
    if not form.cut_by or "-" in label or len(versions) <= LONG or len(newest(form, versions)) <= LONG:
        return {name: versions}
    if dataset != "bars" and label != WHOLE:
        return {name: versions}
    return {f"{dataset}/{unit}": part for unit, part in units(form, versions)}


def encode_part(name: str, versions: pa.Table) -> tuple[StoredPart, bytes]:
    """The file of a part, and what the manifest says of it."""
    import pyarrow.compute as pc

    dataset, _, label = name.partition("/")
    form = DATA_SETS[dataset]
    rows, content = newest(form, versions), parquet_bytes(versions)
    digest, edition = hashlib.sha256(content).hexdigest(), pc.max(versions.column(EDITION)).as_py()
    last = pc.max(rows.column(form.dated_by)).as_py() if form.dated_by else None
    part = StoredPart(
        dataset=dataset,
        file=f"{FOLDER}/{dataset}/{label}.{edition:06}-{digest[:8]}.parquet",
        rows=len(versions),
        keys=len(rows),
        sha256=digest,
        last=last.isoformat() if last else "",
        edition=edition,
        content=content_hashes(dataset, rows),
    )
    return part, content


def read_part(root: Path, part: StoredPart) -> bytes:
    """The bytes of a part.

    Raises:
        MissingPartError: it is not there. DataError: it is damaged.

    """
    return _read(root, part.file, part.sha256)


def _read(root: Path, file: str, sha256: str) -> bytes:
    try:
        content = read_file(root / file)
    except FileNotFoundError:
        missing = damage(root, file, "is missing")
        raise MissingPartError(missing.what, where=missing.where, do=missing.do) from None
    except OSError as error:
        raise damage(root, file, f"cannot be read: {os_reason(error)}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise damage(root, file, "is damaged: its content is not what was stored")
    return content


def read_raw(root: Path, file: str, sha256: str) -> pa.Table:
    """The rows of a delivery as they were received.

    Raises:
        DataError: the file is missing, damaged or no parquet.

    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = _read(root, file, sha256)
    try:
        return pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise damage(root, file, f"is unreadable: {error}") from None


def decode_part(root: Path, part: StoredPart, content: bytes, columns: Sequence[str] = ()) -> pa.Table:
    """The versions in a part, with some of the stored columns, or with all.

    Raises:
        DataError: it is no parquet, or not of the stored form, although its hash is right.

    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    form = DATA_SETS[part.dataset]
    names = columns or stored_form(form).names
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        present = [name for name in names if name in file.schema_arrow.names]
        table = file.read(columns=present, use_threads=False)
        return _in_form(form, table, names)
    except (pa.ArrowException, KeyError, OSError) as error:
        raise damage(root, part.file, f"is unreadable: {error}") from None


def _in_form(form: DataSet, table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The named columns; those that an earlier version did not store as it would have stored them."""
    import pyarrow as pa

    stored = stored_form(form)
    arrays = [
        table.column(name) if name in table.column_names else _unstored(form, name, len(table))
        for name in names
    ]
    return pa.table(arrays, schema=pa.schema([stored.field(name) for name in names]))


def _unstored(form: DataSet, name: str, rows: int) -> pa.Array:
    """What a column would have been that an earlier version did not store."""
    import pyarrow as pa

    if name in (EDITION, REST):
        return pa.array(np.zeros(rows), stored_form(form).field(name).type)
    if name == "Listed":
        return pa.array(np.ones(rows))
    return pa.array([ALWAYS] * rows, pa.date32()) if name == "From" else form.absent(name, rows)


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as parquet bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def damage(root: Path, file: str, how: str) -> DataError:
    """The error of a harmed file."""
    return DataError(
        f"the data file {file} {how}",
        where=str(root / file),
        do="restore the file from a backup, or make the parsed files again from the raw ones with "
        "`jstock data rebuild`",
    )
