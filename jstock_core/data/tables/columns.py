"""Columns of stored tables as NumPy arrays, and when each row became public."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.publication import publication_times

if TYPE_CHECKING:
    import pyarrow as pa


def numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A number column as float64, NaN where null."""
    values: NDArray[np.float64] = table.column(name).to_numpy()
    return values.astype(np.float64, copy=False)


def texts(table: pa.Table, name: str) -> NDArray[np.str_]:
    """A text column as a fixed-width array."""
    return np.array(table.column(name).to_pylist(), dtype=np.str_)


def days(table: pa.Table, name: str) -> NDArray[np.datetime64]:
    """A date or day column as datetime64[D], NaT where "" or null."""
    column = table.column(name)
    if str(column.type) == "string":
        return np.where(texts(table, name) == "", "NaT", texts(table, name)).astype("datetime64[D]")
    values: NDArray[np.datetime64] = column.to_numpy().astype("datetime64[D]")
    return values


def known_at(dataset: str, table: pa.Table) -> NDArray[np.datetime64]:
    """Minute (JST, datetime64[m]) at which each row became public; `master` has no such time.

    Statements and dividends are public at the time of day that they carry (rounded up to the minute); one
    without a time at the end of its day.
    """
    form = DATA_SETS[dataset]
    dated_by = form.dated_by
    if dated_by is None:
        raise ValueError(f"{dataset} is an undated snapshot")
    on = days(table, dated_by)
    if form.clock is None:
        return publication_times(dataset, on)
    clocks, row = np.unique(texts(table, form.clock), return_inverse=True)
    minutes = np.array([_minutes(str(clock)) for clock in clocks], dtype="timedelta64[m]")
    stamps: NDArray[np.datetime64] = on.astype("datetime64[m]") + minutes[row]
    return stamps


def _minutes(clock: str) -> int:
    """Minutes after midnight, rounded up; the end of the day where no time is given."""
    if not clock:
        return 24 * 60
    hours, minutes, *seconds = clock.split(":")
    return int(hours) * 60 + int(minutes) + (bool(seconds) and float(seconds[0]) > 0)
