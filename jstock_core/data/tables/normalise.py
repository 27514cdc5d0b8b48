"""The boundary: tables as providers and files deliver them, brought to the form of `schema.py`, loudly.

A missing column, or a value of the wrong kind, is a `DataError` that names the column; nothing is skipped or
guessed. Types that drift (text dates, timestamps, large strings, numbers as text) are cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError, UsageError
from jstock_core.data.tables.columns import days, numbers
from jstock_core.data.tables.schema import CLOCK, DATA_SETS, DataColumn
from jstock_core.market.calendar import tse
from jstock_core.market.codes import parse_code

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class ParsedRows:
    """Delivered rows in the stored form, and the row of the delivered table that each was made of."""

    table: pa.Table
    rows: NDArray[np.intp]


def normalise(dataset: str, table: pa.Table, *, where: str) -> pa.Table:
    """A table in the stored form: columns in order, types exact; extra columns dropped, order of rows kept.

    Raises:
        DataError: a column is missing or has a value of the wrong kind; `where` names the file or provider.

    """
    return parse_rows(dataset, table, where=where).table


def parse_rows(dataset: str, table: pa.Table, *, where: str) -> ParsedRows:
    """As `normalise`, with the places of the rows in the delivered table: some are left out.

    Raises:
        DataError: as `normalise`.

    """
    import pyarrow as pa

    form = DATA_SETS[dataset]
    missing = [c.name for c in form.columns if c.required and c.name not in table.column_names]
    if missing:
        raise DataError(
            f"{dataset}: column {', '.join(missing)} is missing",
            where=f"{where}, which has {', '.join(table.column_names[:12]) or 'no columns'}",
            do="export the data set again with all columns of J-Quants V2",
        )
    arrays = [
        _array(column, table, where)
        if column.source(table.column_names) in table.column_names
        else form.absent(column.name, len(table))
        for column in form.columns
    ]
    whole = pa.table(arrays, schema=form.arrow)
    if "AdjFactor" in whole.column_names:
        whole = _checked_factor(whole, where)
    if dataset not in ("bars", "topix"):
        return ParsedRows(whole, np.arange(len(whole)))
    stray = _stray(whole, where)
    return ParsedRows(whole.filter(pa.array(~stray)) if stray.any() else whole, np.flatnonzero(~stray))


def on_sessions(table: pa.Table, *, where: str) -> pa.Table:
    """Drop the empty rows that a vendor writes for days that had no session after all (2020-10-01).

    Raises:
        DataError: there is a price on such a day.

    """
    import pyarrow as pa

    stray = _stray(table, where)
    return table.filter(pa.array(~stray)) if stray.any() else table


def _stray(table: pa.Table, where: str) -> NDArray[np.bool_]:
    """(rows,): the empty rows of days without a session.

    Raises:
        DataError: there is a price on such a day.

    """
    on = days(table, "Date")
    stray: NDArray[np.bool_] = ~np.isin(on, tse().days)
    wrong = np.flatnonzero(stray & ~np.isnan(numbers(table, "C")))
    if len(wrong):
        raise DataError(
            f"prices on {on[wrong[0]]}, which is not a TSE session ({len(wrong)} rows on such days)",
            where=where,
            do=f"check the source; the TSE calendar here covers {tse().first} to {tse().last}",
        )
    return stray


_KIND_NAMES = {
    "date": "dates",
    "since": "dates",
    "code": "codes",
    "number": "numbers",
    "text": "text",
    "clock": "times of day",
    "day": "dates",
    "figure": "numbers",
    "open_day": "dates",
    "open_figure": "numbers",
}
"""What a column of each kind holds, for messages."""


def _array(column: DataColumn, table: pa.Table, where: str) -> pa.ChunkedArray:
    import pyarrow as pa

    name = column.source(table.column_names)
    values = table.column(name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        return _CAST[column.kind](values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise DataError(
            f"{name} cannot be read as {_KIND_NAMES[column.kind]}: {str(error)[:200]}",
            where=f"{where}, column {name}",
            do="correct it at its source and fetch or import again",
        ) from None


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        day = values.cast(pa.date32())
        if not day.cast(values.type).equals(values):
            raise ValueError("a date has a time of day")
        values = day
    return pc.fill_null(values.cast(pa.string()), "")


def _filled(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with null where empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(_text(values))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _number(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """float64, null where missing (a NaN too)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        values = _filled(values)
    numbers = values.cast(pa.float64())
    if pc.any(pc.is_inf(numbers)).as_py():
        raise ValueError("a number is infinite")
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def _day(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates as delivered (dates, timestamps at midnight, text, 20210112) to YYYY-MM-DD, "" where not set."""
    import pyarrow.compute as pc

    text = pc.replace_substring_regex(_text(values), r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    text = pc.replace_substring_regex(text, r"[T ]00:00(:00(\.0+)?)?$", "")
    wrong = pc.filter(text, pc.invert(pc.match_substring_regex(text, r"^(\d{4}-\d{2}-\d{2})?$")))
    if len(wrong):
        raise ValueError(f"{wrong[0].as_py()!r} is not a date")
    return text


def _since(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    return _filled(_day(values)).cast(pa.date32())


def _date(values: pa.ChunkedArray) -> pa.ChunkedArray:
    days = _since(values)
    if days.null_count:
        raise ValueError(f"{days.null_count} rows have no date")
    return days


def _day_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    text = _day(values)
    _filled(text).cast(pa.date32())  # 2025-02-30 fails here
    return text


def _clock(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(_text(values))
    wrong = pc.filter(text, pc.invert(pc.match_substring_regex(text, CLOCK)))
    if len(wrong):
        raise ValueError(f"{wrong[0].as_py()!r} is not a time like 15:00:00")
    return text


def _figure(values: pa.ChunkedArray) -> pa.ChunkedArray:
    _number(values)
    return _text(values)


def _decided(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with "" where the vendor writes "-": what is not decided yet."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(_text(values))
    return pc.if_else(pc.equal(text, "-"), pa.scalar("", pa.string()), text)


def _open_day(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _day_text(_decided(values))


def _open_figure(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _figure(_decided(values))


def _code(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(values.type):
        raise ValueError("codes must be text, these are fractional numbers")
    coded = pc.dictionary_encode(_text(values)).combine_chunks()
    fives = [code + "0" if len(code) == 4 else code for code in coded.dictionary.to_pylist()]
    wrong = [code for code in fives if not _is_code(code)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not a TSE code")
    return pa.chunked_array([pa.array(fives, pa.string()).take(coded.indices)])


_CAST = {
    "date": _date,
    "since": _since,
    "code": _code,
    "number": _number,
    "text": _text,
    "clock": _clock,
    "day": _day_text,
    "figure": _figure,
    "open_day": _open_day,
    "open_figure": _open_figure,
}


def _is_code(five: str) -> bool:
    try:
        parse_code(five[:4])
    except UsageError:
        return False
    return len(five) == 5 and five[4].isdigit()


def _checked_factor(table: pa.Table, where: str) -> pa.Table:
    """Adjustment factors are positive, and none is missing where there is a price to adjust."""
    factor = table.column("AdjFactor").to_numpy()
    priced = numbers(table, "C") if "C" in table.column_names else np.ones(len(table))
    wrong = np.flatnonzero(np.where(np.isnan(factor), ~np.isnan(priced), factor <= 0))
    if len(wrong):
        row = table.slice(int(wrong[0]), 1).to_pylist()[0]
        raise DataError(
            f"AdjFactor is {row['AdjFactor']} in {row}; it must be above 0",
            where=where,
            do="correct it at its source (1.0 where there is no split) and fetch or import again",
        )
    return table
