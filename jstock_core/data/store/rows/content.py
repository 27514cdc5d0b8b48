"""Hashes of what rows say, whatever file they lie in and however they came to be there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.store.rows.versions import equals_previous, is_missing
from jstock_core.data.tables.schema import DATA_SETS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa

WHOLE = "all"
"""The unit of a data set that is not cut."""


def content_hashes(dataset: str, rows: pa.Table) -> dict[str, str]:
    """Hash of the rows of each unit: a month of bars, a year of other large data sets, else all.

    `rows` are the newest versions in the order of the key. Columns that nothing was delivered of add nothing,
    so that a column that the schema gains changes no hash before it is delivered.
    """
    form = DATA_SETS[dataset]
    if dataset == "master":
        rows = _changes_only(form, rows)
    if not form.cut_by:
        return {WHOLE: _hash(form, rows)} if len(rows) else {}
    return {unit: _hash(form, part) for unit, part in units(form, rows)}


def units(form: DataSet, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each unit of a data set that is cut, with its name: "2025-01", or "2025"."""
    names, index = unit_index(form, rows)
    for unit, name in sorted(enumerate(names), key=lambda pair: pair[1]):
        yield name, take_where(rows, index == unit)


def take_where(rows: pa.Table, mask: NDArray[np.bool_]) -> pa.Table:
    """The rows where `mask` is true: a slice, where they lie side by side."""
    place = np.flatnonzero(mask)
    if len(place) and place[-1] - place[0] + 1 == len(place):
        return rows.slice(int(place[0]), len(place))
    return rows.take(place)


def unit_index(form: DataSet, rows: pa.Table) -> tuple[list[str], NDArray[np.intp]]:
    """The units in some rows, and (rows,) the place of each row's among them.

    A key without a year belongs to the unit "other".
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = rows.column(form.cut_by)
    if values.type == pa.date32():
        days = values.to_numpy().astype("datetime64[M]" if form.name == "bars" else "datetime64[Y]")
        known, index = np.unique(days, return_inverse=True)
        return known.astype(np.str_).tolist(), index
    coded = pc.dictionary_encode(pc.utf8_slice_codeunits(values, 0, 4)).combine_chunks()
    years = coded.dictionary.to_pylist()
    names = [text if text.isdecimal() and len(text) == 4 else "other" for text in years]
    unique = sorted(set(names))
    place = np.array([unique.index(name) for name in names], dtype=np.intp)
    return unique, place[coded.indices.to_numpy()]


def joint_hash(hashes: Mapping[str, str]) -> str:
    """One hash of the hashes of all units."""
    lines = "".join(f"{unit} {digest}\n" for unit, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def rest_hash(table: pa.Table, form: DataSet) -> NDArray[np.uint64]:
    """(rows,): a hash of the delivered columns that the schema does not know, 0 without any."""
    known = {name for column in form.columns for name in (column.name, column.delivered_as)}
    unknown = [name for name in table.column_names if name not in known]
    if not unknown or not len(table):
        return np.zeros(len(table), dtype=np.uint64)
    import pandas as pd

    frame = table.select(unknown).to_pandas()
    hashes: NDArray[np.uint64] = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashes


def _changes_only(form: DataSet, master: pa.Table) -> pa.Table:
    """The rows that say otherwise than the one before of the same stock."""
    import pyarrow as pa

    same = np.ones(len(master), dtype=bool)
    for name in form.arrow.names:
        if name != "From":
            same &= equals_previous(master.column(name))
    return master.filter(pa.array(~same)) if same.any() else master


def _hash(form: DataSet, rows: pa.Table) -> str:
    digest = hashlib.sha256(str(len(rows)).encode())
    for name in form.arrow.names:
        values = rows.column(name)
        if name in form.optional and is_missing(values).all():
            continue
        digest.update(f"\n{name} ".encode())
        for part in _bytes(values):
            digest.update(part)
    return digest.hexdigest()


def _bytes(values: pa.ChunkedArray) -> Iterator[Any]:
    """The values as bytes: the same ones give the same bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if values.type == pa.string():
        yield pc.binary_length(values).to_numpy().astype("<i4").tobytes()
        yield "".join(values.to_pylist()).encode()
    elif values.type == pa.date32():
        yield values.to_numpy().astype("datetime64[D]").astype("<i8").tobytes()
    else:
        numbers = values.to_numpy().astype("<f8") + 0.0  # one zero
        numbers[np.isnan(numbers)] = np.nan  # one NaN
        yield numbers.tobytes()
