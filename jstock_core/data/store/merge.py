"""Stored rows and fresh ones made one: every key once, in the order of the key.

The result depends on the rows alone, not on how they were cut into deliveries: appending in any chunks
gives the same table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError
from jstock_core.data.store.manifest import AFRESH
from jstock_core.data.tables.schema import DataSet

if TYPE_CHECKING:
    import pyarrow as pa

_FRESH = "fresh"


def merge(form: DataSet, stored: pa.Table, fresh: pa.Table, *, where: str) -> pa.Table:
    """Both tables' rows, equal ones once, sorted by the key of the data set.

    Raises:
        DataError: two rows have the same key and other content. What was stored is never written over.

    """
    both = _sort_rows(form, stored, fresh)
    again = _repeats(both, form.key)
    revised = again & ~_repeats(both, form.arrow.names)
    if revised.any():
        raise _revision(form, both, np.flatnonzero(revised), where)
    return _rows(both, ~again).drop_columns([_FRESH])


def replace_rows(form: DataSet, stored: pa.Table, fresh: pa.Table, *, where: str) -> pa.Table:
    """As `merge`, but fresh rows take the place of stored ones with their key (undated snapshots)."""
    new_keys = set(fresh.column(form.key[0]).to_pylist())
    kept = np.array([key not in new_keys for key in stored.column(form.key[0]).to_pylist()], dtype=bool)
    return merge(form, _rows(stored, kept), fresh, where=where)


def _sort_rows(form: DataSet, stored: pa.Table, fresh: pa.Table) -> pa.Table:
    import pyarrow as pa

    origin = np.repeat(np.array([0, 1], dtype=np.int8), [len(stored), len(fresh)])
    both = pa.concat_tables([stored, fresh]).append_column(_FRESH, pa.array(origin))
    return both.sort_by([(name, "ascending") for name in (*form.key, _FRESH)]).combine_chunks()


def _rows(table: pa.Table, keep: NDArray[np.bool_]) -> pa.Table:
    import pyarrow as pa

    return table.filter(pa.array(keep))


def _repeats(table: pa.Table, names: tuple[str, ...] | list[str]) -> NDArray[np.bool_]:
    """(rows,): whether a row equals the row before it in all the named columns."""
    found = np.ones(len(table), dtype=bool)
    found[:1] = False
    for name in names:
        found[1:] &= _equal(table.column(name)[:-1], table.column(name)[1:])
    return found


def _equal(left: pa.ChunkedArray, right: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Element by element; null equals null."""
    import pyarrow.compute as pc

    nulls = pc.and_(pc.is_null(left), pc.is_null(right))
    either = pc.or_(nulls, pc.fill_null(pc.equal(left, right), False))
    equal: NDArray[np.bool_] = either.to_numpy()
    return equal


def _revision(form: DataSet, both: pa.Table, rows: NDArray[np.intp], where: str) -> DataError:
    before, after = both.slice(int(rows[0]) - 1, 2).to_pylist()
    key = ", ".join(f"{name} {after[name]}" for name in form.key)
    changes = ", ".join(f"{n} {before[n]} -> {after[n]}" for n in form.arrow.names if before[n] != after[n])
    twice = (
        "delivered twice, differently"
        if before[_FRESH] == after[_FRESH]
        else "stored, and delivered otherwise now"
    )
    return DataError(
        f"{form.name}: {len(rows)} rows were {twice}; the first: {key}: {changes}",
        where=where,
        do="what is stored stays as it is. Ask the provider which is right; if the new numbers are, "
        + AFRESH,
    )
