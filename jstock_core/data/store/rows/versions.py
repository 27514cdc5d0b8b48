"""Versions of a row: what was stored of a key, what is delivered of it now, and which of them counts.

A row that is delivered otherwise than before is added beside the one that is stored, with the number of its
delivery: the edition of the store that first had it. So a store reads as it was at any edition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError
from jstock_core.data.tables.schema import DataSet

if TYPE_CHECKING:
    import pyarrow as pa

EDITION = "_edition"  # number of the delivery that a row came with
REST = "_rest"  # hash of the row's columns that the schema does not know, 0 without any
PLACE = "_place"  # row of the delivered table that a row was made of, -1 for one that was derived
_STORED = -2

Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Vintage:
    """What a reader sees of a store: the editions up to a number, None for all.

    `with_first` shows the first version of every key too, whenever it was received: what was published by
    then, without the revisions received since.
    """

    edition: int | None = None
    with_first: bool = False


NEWEST = Vintage()


@dataclass(frozen=True, eq=False)
class AddedVersions:
    """Rows to be stored, sorted by key, and the rows of the delivered table that they were made of.

    `new` rows have a key that was not stored. Of the others `revised` ones say otherwise what was known,
    `completed` ones only give optional values that were missing.
    """

    table: pa.Table
    places: Rows
    new: int
    revised: int
    completed: int


@cache
def stored_form(form: DataSet) -> pa.Schema:
    """The columns of a stored part."""
    import pyarrow as pa

    own = (pa.field(EDITION, pa.int32()), pa.field(REST, pa.uint64()))
    return pa.schema([*form.arrow, *own])


def as_versions(table: pa.Table, edition: int, rest: NDArray[np.uint64] | None = None) -> pa.Table:
    """Rows of a data set as the versions of one edition."""
    import pyarrow as pa

    unknown = np.zeros(len(table), dtype=np.uint64) if rest is None else rest
    table = table.append_column(EDITION, pa.array(np.full(len(table), edition, dtype=np.int32)))
    return table.append_column(REST, pa.array(unknown))


def with_places(versions: pa.Table, places: Rows) -> pa.Table:
    """Rows with the rows of the delivered table that they were made of."""
    import pyarrow as pa

    return versions.append_column(PLACE, pa.array(places.astype(np.int64)))


def new_versions(form: DataSet, stored: pa.Table, fresh: pa.Table) -> AddedVersions:
    """The versions that a delivery adds to the stored ones; rows that say nothing new add none.

    `fresh` are rows of `single_rows`. An optional value that a row lacks is taken from the stored one:
    vendors add columns.
    """
    import pyarrow as pa

    before = newest(form, _near(form, stored, fresh))
    before = with_places(before, np.full(len(before), _STORED))
    both = sort_rows(pa.concat_tables([before, fresh]), (*form.key, EDITION))
    is_fresh = both.column(PLACE).to_numpy() != _STORED
    known = is_fresh & repeats(both, form.key)
    both, differs, corrected = _compared(form, both, known)
    rest = both.column(REST).to_numpy()
    other = known & (rest != 0) & (rest != np.roll(rest, 1))
    added = both.filter(pa.array((is_fresh & ~known) | differs | other))
    return AddedVersions(
        added.drop_columns([PLACE]),
        added.column(PLACE).to_numpy(),
        new=int((is_fresh & ~known).sum()),
        revised=int(corrected.sum()),
        completed=int((differs & ~corrected).sum()),
    )


def single_rows(form: DataSet, fresh: pa.Table, *, where: str) -> pa.Table:
    """The rows of a delivery sorted by key, equal ones once; of several the first.

    Raises:
        DataError: the delivery has two rows of one key and other content.

    """
    import pyarrow as pa

    single = sort_rows(fresh, (*form.key, PLACE))
    again = repeats(single, form.key)
    if not again.any():
        return single
    single = _fill_optional(form, single, again)
    contrary = again & ~repeats(single, form.arrow.names)
    if contrary.any():
        raise _contradiction(form, single, np.flatnonzero(contrary), where)
    return single.filter(pa.array(~again))


def join_versions(form: DataSet, stored: pa.Table, added: pa.Table) -> pa.Table:
    """Stored versions and new ones, sorted by key and edition."""
    import pyarrow as pa

    return sort_rows(pa.concat_tables([stored, added]), (*form.key, EDITION))


def newest(form: DataSet, versions: pa.Table, vintage: Vintage = NEWEST) -> pa.Table:
    """Of each key the newest version that a vintage shows, in the order of the keys."""
    import pyarrow as pa

    if vintage.edition is not None:
        shown = versions.column(EDITION).to_numpy() <= vintage.edition
        if vintage.with_first:
            shown |= ~repeats(versions, form.key)
        versions = versions.filter(pa.array(shown)) if not shown.all() else versions
    last = np.ones(len(versions), dtype=bool)
    last[:-1] = ~repeats(versions, form.key)[1:]
    return versions if last.all() else versions.filter(pa.array(last))


def repeats(table: pa.Table, names: tuple[str, ...] | list[str]) -> Bools:
    """(rows,): whether a row equals the row before it in all the named columns."""
    found = np.ones(len(table), dtype=bool)
    found[:1] = False
    for name in names:
        if not found.any():
            break
        found &= equals_previous(table.column(name))
    return found


def equals_previous(values: pa.ChunkedArray) -> Bools:
    """(rows,): whether a value equals the one before it; null equals null, the first equals nothing."""
    import pyarrow.compute as pc

    found = np.zeros(len(values), dtype=bool)
    left, right = values[:-1], values[1:]
    nulls = pc.and_(pc.is_null(left), pc.is_null(right))
    either = pc.or_(nulls, pc.fill_null(pc.equal(left, right), False))
    found[1:] = either.to_numpy()
    return found


def sort_rows(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Rows in ascending order of the named columns; equal ones keep their order."""
    return table.sort_by([(name, "ascending") for name in names]).combine_chunks()


def is_missing(values: pa.ChunkedArray) -> Bools:
    """(rows,): whether an optional value was not delivered: null, or text that is empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.equal(values, "") if values.type == pa.string() else pc.is_null(values)
    missing: Bools = empty.to_numpy()
    return missing


def _near(form: DataSet, stored: pa.Table, fresh: pa.Table) -> pa.Table:
    """The stored rows whose first key lies within those delivered."""
    import pyarrow.compute as pc

    if not len(stored) or not len(fresh):
        return stored.slice(0, 0)
    ends = pc.min_max(fresh.column(form.key[0])).as_py()
    first = stored.column(form.key[0])
    inside = pc.and_(pc.greater_equal(first, ends["min"]), pc.less_equal(first, ends["max"]))
    return stored.filter(inside)


def _fill_optional(form: DataSet, both: pa.Table, again: Bools) -> pa.Table:
    """Of rows with one key, an optional value that is missing becomes the first that is not."""
    starts = np.flatnonzero(~again)
    group = np.cumsum(~again) - 1
    rows = np.arange(len(both))
    for name in form.optional:
        missing = is_missing(both.column(name))
        known = np.minimum.reduceat(np.where(missing, len(both), rows), starts)[group]
        both = _with_values_of(both, name, np.where(missing & (known < len(both)), known, rows))
    return both


def _with_values_of(table: pa.Table, name: str, rows: Rows) -> pa.Table:
    import pyarrow as pa

    values = table.column(name).take(pa.array(rows))
    return table.set_column(table.column_names.index(name), name, values)


def _compared(form: DataSet, both: pa.Table, known: Bools) -> tuple[pa.Table, Bools, Bools]:
    """The rows with their gaps filled; which `known` ones differ from the one before, and where in more."""
    differs, corrected = np.zeros(len(both), dtype=bool), np.zeros(len(both), dtype=bool)
    for name in form.arrow.names:
        if name in form.key:
            continue
        unequal = known & ~equals_previous(both.column(name))
        if name not in form.optional:
            differs, corrected = differs | unequal, corrected | unequal
            continue
        missing = is_missing(both.column(name))
        lacks = known & missing
        differs = differs | (unequal & ~lacks)
        corrected = corrected | (unequal & ~lacks & ~np.roll(missing, 1))
        if lacks.any():
            rows = np.arange(len(both))
            both = _with_values_of(both, name, np.where(lacks, rows - 1, rows))
    return both, differs, corrected


def _contradiction(form: DataSet, both: pa.Table, rows: Rows, where: str) -> DataError:
    before, after = both.slice(int(rows[0]) - 1, 2).to_pylist()
    key = ", ".join(f"{name} {after[name]}" for name in form.key)
    changes = ", ".join(f"{n} {before[n]} -> {after[n]}" for n in form.arrow.names if before[n] != after[n])
    return DataError(
        f"{form.name}: {len(rows)} rows were delivered twice, differently; the first: {key}: {changes}",
        where=where,
        do="ask the provider which is right, and fetch or import one of them; nothing of it was stored",
    )
