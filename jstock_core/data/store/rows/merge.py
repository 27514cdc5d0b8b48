"""What a delivery makes of a store: the versions that it adds, part by part. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.data.store.rows.content import rest_hash
from jstock_core.data.store.rows.lists import changed_rows, date_lists, left_lists, list_day, mark_left
from jstock_core.data.store.rows.parts import cut_rows, split_part
from jstock_core.data.store.rows.versions import (
    Rows,
    as_versions,
    join_versions,
    new_versions,
    single_rows,
    with_places,
)
from jstock_core.data.tables.normalise import parse_rows
from jstock_core.data.tables.schema import DATA_SETS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa

StoredVersions = Callable[[str], "pa.Table"]
"""The versions in the part of that name; none where there is none."""


@dataclass(frozen=True, eq=False)
class Arrival:
    """A delivered table on its way into the store, as edition `edition`.

    `received` is the day of receipt in Japan, `where` names the source in messages. `left` are stocks known
    to have left the list of stocks, None to find out.
    """

    dataset: str
    table: pa.Table
    edition: int
    received: date
    where: str
    left: Mapping[str, date] | None = None


@dataclass(frozen=True, eq=False)
class MergedParts:
    """The parts that a delivery changes, whole, by name; `dropped` are parts that were cut into others.

    `places` are the delivered rows that said something new, in their order. `list_day` is the day of a list
    of stocks, None for what is none.
    """

    parts: Mapping[str, pa.Table] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    places: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    left: Mapping[str, date] = field(default_factory=dict)
    list_day: date | None = None
    new: int = 0
    revised: int = 0
    completed: int = 0


def merge_arrival(arrival: Arrival, stored: StoredVersions, names: Collection[str]) -> MergedParts:
    """Compare a delivery with the stored parts, whose names are given.

    Raises:
        DataError: a column or value is not of the data set, or the delivery contradicts itself.

    """
    form = DATA_SETS[arrival.dataset]
    parsed = parse_rows(arrival.dataset, arrival.table, where=arrival.where)
    rest = rest_hash(arrival.table, form)[parsed.rows]
    fresh = with_places(as_versions(parsed.table, arrival.edition, rest), parsed.rows)
    done = MergedParts()
    if arrival.dataset == "master" and (len(fresh) or arrival.left):
        before = stored("master/all")
        day = list_day(form, before, fresh, arrival.received)
        fresh, left = _lists(form, arrival, before, fresh)
        done = replace(done, left=left, list_day=day)
    for name, rows in cut_rows(form, fresh, names):
        done = _merge_part(form, done, name, stored(name), single_rows(form, rows, where=arrival.where))
    dropped = tuple(name for name in names if name in done.dropped)
    return replace(done, dropped=dropped, places=np.unique(done.places[done.places >= 0]))


def _merge_part(
    form: DataSet, done: MergedParts, name: str, stored: pa.Table, fresh: pa.Table
) -> MergedParts:
    added = new_versions(form, stored, fresh)
    if not len(added.table):
        return done
    made = split_part(name, join_versions(form, stored, added.table))
    return replace(
        done,
        parts={**done.parts, **made},
        dropped=done.dropped if name in made else (*done.dropped, name),
        places=np.concatenate([done.places, added.places]),
        new=done.new + added.new,
        revised=done.revised + added.revised,
        completed=done.completed + added.completed,
    )


def _lists(
    form: DataSet, arrival: Arrival, stored: pa.Table, fresh: pa.Table
) -> tuple[pa.Table, Mapping[str, date]]:
    """The rows of lists of stocks that say something new, and who left them."""
    import pyarrow as pa

    dated = single_rows(form, date_lists(stored, fresh, arrival.received), where=arrival.where)
    left = left_lists(form, stored, dated) if arrival.left is None else arrival.left
    marked = mark_left(form, stored, dated, left, arrival.edition)
    changed = dated.filter(pa.array(changed_rows(form, stored, dated)))
    return pa.concat_tables([changed, marked.select(changed.column_names)]), left
