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

    A value of an optional column that one of two rows lacks is taken from the other: vendors add columns.

    Raises:
        DataError: two rows have the same key and other content. What was stored is never written over.

    """
    both = _fill_optional(form, _sort_rows(form, stored, fresh))
    again = _repeats(both, form.key)
    revised = again & ~_repeats(both, form.arrow.names)
    if revised.any():
        raise _revision(form, both, np.flatnonzero(revised), where)
    return _rows(both, ~again).drop_columns([_FRESH])


def merge_master(form: DataSet, stored: pa.Table, fresh: pa.Table, *, where: str) -> pa.Table:
    """As `merge`, but fresh rows take the place of stored ones with their key: master is undated.

    Stored codes that the fresh rows do not list get a `Listed` of 0, the fresh ones 1. Rows of less than half
    of the stored codes are an addition, not a list: they mark nothing.
    """
    key = form.key[0]
    new_keys = set(fresh.column(key).to_pylist())
    kept = np.array([code not in new_keys for code in stored.column(key).to_pylist()], dtype=bool)
    rest = _rows(stored, kept)
    if 2 * (len(stored) - len(rest)) >= len(stored):
        rest = _with_listed(rest, 0.0)
    return merge(form, rest, _with_listed(fresh, 1.0), where=where)


def _with_listed(master: pa.Table, listed: float) -> pa.Table:
    import pyarrow as pa

    values = pa.array(np.full(len(master), listed))
    return master.set_column(master.column_names.index("Listed"), "Listed", values)


def _fill_optional(form: DataSet, both: pa.Table) -> pa.Table:
    """Sorted rows; of those with one key, an optional value that is missing becomes the first that is not."""
    import pyarrow as pa

    again = _repeats(both, form.key)
    if not form.optional or not again.any():
        return both
    starts = np.flatnonzero(~again)
    group = np.cumsum(~again) - 1
    for name in form.optional:
        values = both.column(name).combine_chunks()
        missing = _is_missing(values)
        rows = np.arange(len(both))
        known = np.minimum.reduceat(np.where(missing, len(both), rows), starts)[group]
        source = np.where(missing & (known < len(both)), known, rows)
        both = both.set_column(both.column_names.index(name), name, values.take(pa.array(source)))
    return both


def _is_missing(values: pa.Array) -> NDArray[np.bool_]:
    """Whether an optional value was not delivered: null, or text that is empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.equal(values, "") if values.type == pa.string() else pc.is_null(values)
    missing: NDArray[np.bool_] = empty.to_numpy(zero_copy_only=False)
    return missing


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
