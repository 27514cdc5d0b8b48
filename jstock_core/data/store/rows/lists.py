"""Lists of stocks as dated rows: each says from which day on it holds.

A provider delivers the list of a day, or the list of today without a day. Stored is what changed: a row that
says what is in force already adds nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.data.store.rows.versions import (
    EDITION,
    PLACE,
    Bools,
    as_versions,
    equals_previous,
    is_missing,
    newest,
    repeats,
    sort_rows,
    with_places,
)
from jstock_core.data.tables.schema import ALWAYS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa

_FRESH = "_fresh"


def date_lists(stored: pa.Table, fresh: pa.Table, received: date) -> pa.Table:
    """Delivered rows with the day from which each holds, marked as listed where they do not say.

    Without a day of its own a row holds from the day of receipt, the first of a stock since ever.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pc.is_in(fresh.column("Code"), value_set=pc.unique(stored.column("Code")))
    undated = pc.if_else(known, pa.scalar(received), pa.scalar(ALWAYS))
    since = pc.coalesce(fresh.column("From"), undated)
    listed = pc.fill_null(fresh.column("Listed"), 1.0)
    return _with_column(_with_column(fresh, "From", since), "Listed", listed)


def changed_rows(form: DataSet, stored: pa.Table, fresh: pa.Table) -> Bools:
    """(rows of fresh,): whether a row says otherwise than the one in force on its day."""
    import pyarrow as pa

    before = newest(form, stored)
    origin = np.repeat(np.array([-1, 0]), [len(before), len(fresh)])
    origin[len(before) :] = np.arange(len(fresh))
    both = pa.concat_tables([before.select(form.arrow.names), fresh.select(form.arrow.names)])
    both = sort_rows(both.append_column(_FRESH, pa.array(origin)), (*form.key, _FRESH))
    same = repeats(both, ["Code"])
    for name in form.arrow.names:
        if name in form.key:
            continue
        equal = equals_previous(both.column(name))
        if name in form.optional:
            equal |= is_missing(both.column(name))
        same &= equal
    place = both.column(_FRESH).to_numpy()
    found = np.ones(len(fresh), dtype=bool)
    found[place[same & (place >= 0)]] = False
    return found


def left_lists(form: DataSet, stored: pa.Table, fresh: pa.Table) -> Mapping[str, date]:
    """Stocks that a delivered list does not have any more, and the day of that list.

    An addition, which is no list, says nothing about others.
    """
    before = _in_force(form, stored)
    lists = sorted(set(fresh.column("From").unique().to_pylist()) - {ALWAYS})
    seen = fresh.group_by("Code").aggregate([("From", "max")])
    last = dict(zip(seen.column("Code").to_pylist(), seen.column("From_max").to_pylist(), strict=True))
    if not _is_list(before, last.keys()):
        return {}
    absent = {code: since for code, (since, listed) in before.items() if code not in last and listed}
    since_when = {code: since for code, since in last.items() if since != ALWAYS} | absent
    after = {code: bisect_right(lists, since) for code, since in since_when.items()}
    return {code: lists[n] for code, n in after.items() if n < len(lists)}


def mark_left(
    form: DataSet, stored: pa.Table, fresh: pa.Table, gone: Mapping[str, date], edition: int
) -> pa.Table:
    """The rows of stocks that left, as they were in force, with the day they left and `Listed` 0."""
    import pyarrow as pa

    both = pa.concat_tables([newest(form, stored), fresh.drop_columns([PLACE])])
    both = sort_rows(both, (*form.key, EDITION))
    codes = both.column("Code").to_pylist()
    row_of = {code: row for row, code in enumerate(codes) if code in gone}
    rows = both.take(pa.array(list(row_of.values()), pa.int64()))
    rows = _with_column(rows, "From", pa.array([gone[code] for code in row_of], pa.date32()))
    rows = _with_column(rows, "Listed", pa.array(np.zeros(len(rows))))
    return with_places(as_versions(rows.select(form.arrow.names), edition), np.full(len(rows), -1))


def list_day(form: DataSet, stored: pa.Table, fresh: pa.Table, received: date) -> date | None:
    """The day of a delivered list, that of receipt where it has none; None of what is an addition only."""
    import pyarrow.compute as pc

    before, codes = _in_force(form, stored), frozenset(fresh.column("Code").to_pylist())
    if not _is_list(before, codes):
        return None
    found: date = pc.max(pc.fill_null(fresh.column("From"), received)).as_py()
    return found


def _is_list(before: Mapping[str, tuple[date, bool]], codes: AbstractSet[str]) -> bool:
    """Whether rows are a list: those of less than half of the stored codes are an addition to one."""
    return len(codes) > 0 and 2 * len(before.keys() & codes) >= len(before)


def _in_force(form: DataSet, stored: pa.Table) -> dict[str, tuple[date, bool]]:
    """The newest row of each code: since when, and whether it is listed."""
    rows = newest(form, stored)
    columns = (rows.column(name).to_pylist() for name in ("Code", "From", "Listed"))
    return {code: (since, listed != 0) for code, since, listed in zip(*columns, strict=True)}


def _with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
