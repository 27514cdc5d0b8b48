"""Plain rows made J-Quants-shaped: bars of one or many stocks, levels of TOPIX, a list of stocks.

Values become text in the form that J-Quants writes; what they are is judged where all data is parsed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.limits import cut_word
from jstock_core.data.providers.file_formats.headings import PlainColumns
from jstock_core.market.codes import parse_code, to_jquants

if TYPE_CHECKING:
    import pyarrow as pa

Factors = Mapping[tuple[str, str], str]
"""Adjustment factors by code and ex-date, all as text."""

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_MIDNIGHT = re.compile(r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:[+-]\d\d:?\d\d)?)?")
_DASHES = "-\u2015\u2014\uff0d"
_NONE = rf"^([{_DASHES}]+|\*+|null|none|nan|n/?a)$"
_SUFFIX = re.compile(r"[.\s](T|JP|JT|TYO)$")
_PARTS = re.compile(r"[^0-9A-Za-z]+")
_TOPIX = frozenset({"topix", "tpx"})
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
_MARKETS = {"プライム": "0111", "スタンダード": "0112", "グロース": "0113", "PRO": "0105"}
_PRODUCTS = {"ETF": "014", "REIT": "013"}
_OTHER_MARKET = "0109"


def code_in_name(path: Path) -> str:
    """The stock that the name of a file says, in five characters; "" where it says none or several.

    It is the first part of the name, or the only part, that can be a code: `7203.csv`, `stock_167A_d.csv`.
    """
    parts = [part.upper() for part in _PARTS.split(_stem(path)) if part]
    codes = [code for part in parts if (code := _read_code(part))]
    return codes[0] if codes and (len(codes) == 1 or _read_code(parts[0])) else ""


def is_topix_name(path: Path) -> bool:
    """Whether a file is named after TOPIX: `topix.csv`, `^tpx_d.csv`."""
    return not _TOPIX.isdisjoint(part.lower() for part in _PARTS.split(_stem(path)))


def day_in_name(path: Path) -> str:
    """The one day that the name of a file says, as YYYY-MM-DD; "" where it says none or several."""
    days = {"-".join(found.groups()) for found in _DAY_IN_NAME.finditer(_stem(path))}
    return days.pop() if len(days) == 1 and _is_day(next(iter(days))) else ""


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def plain_bars(table: pa.Table, columns: PlainColumns, *, code: str, day: str, where: str) -> pa.Table:
    """Bars of plain rows. `code` and `day` are those of every row where the file has no such column.

    The adjustment factor is 1.0 where the file has none; see `with_factors`.

    Raises:
        DataError: a date or a code cannot be read.

    """
    made = {
        **_of_day(table, columns, code, day, where),
        **_figures(table, columns, {"O": "open", "H": "high", "L": "low", "C": "close", "Vo": "volume"}),
        "AdjFactor": _constant("1.0", table),
    }
    if columns.has("factor"):
        made |= _figures(table, columns, {"AdjFactor": "factor"})
    return _table(made)


def _of_day(
    table: pa.Table, columns: PlainColumns, code: str, day: str, where: str
) -> dict[str, pa.ChunkedArray]:
    """Date and code of each row, by its columns or by the name of its file."""
    return {
        "Date": _dates(table, columns, where) if columns.has("date") else _constant(day, table),
        "Code": _codes(table, columns, where) if columns.has("code") else _constant(code, table),
    }


def plain_closes(table: pa.Table, columns: PlainColumns, *, code: str, day: str, where: str) -> pa.Table:
    """Date, Code and C of plain rows. `code` and `day` are as in `plain_bars`.

    Raises:
        DataError: a date or a code cannot be read.

    """
    return _table({**_of_day(table, columns, code, day, where), **_figures(table, columns, {"C": "close"})})


def with_factors(bars: pa.Table, factors: Factors) -> pa.Table:
    """Plain bars with the adjustment factors that are known of them."""
    import pyarrow as pa

    if not factors:
        return bars
    keys = zip(bars.column("Code").to_pylist(), bars.column("Date").to_pylist(), strict=True)
    column = pa.array([factors.get(key, "1.0") for key in keys], pa.string())
    return bars.set_column(bars.column_names.index("AdjFactor"), "AdjFactor", column)


def plain_topix(table: pa.Table, columns: PlainColumns, *, where: str) -> pa.Table:
    """Levels of TOPIX of plain rows; the close stands for what the file does not have.

    Raises:
        DataError: a date cannot be read.

    """
    prices = {"O": "open", "H": "high", "L": "low", "C": "close"}
    have = {name: column if columns.has(column) else "close" for name, column in prices.items()}
    return _table({"Date": _dates(table, columns, where), **_figures(table, columns, have)})


def plain_stocks(table: pa.Table, columns: PlainColumns, *, where: str) -> pa.Table:
    """A list of stocks of plain rows; what the file does not have is not known.

    Raises:
        DataError: a code cannot be read.

    """
    texts = {"CoName": "name", "S33Nm": "sector", "ScaleCat": "scale", "MktNm": "market"}
    made = {"Code": _codes(table, columns, where)}
    for name, column in texts.items():
        have = columns.has(column)
        made[name] = _map(_text(table, columns, column), str.strip) if have else _constant("", table)
    market = made["MktNm"]
    return _table({**made, "Mkt": _map(market, _market), "ProdCat": _map(market, _product)})


def _market(name: str) -> str:
    if not name:
        return ""
    return next((code for word, code in _MARKETS.items() if word in name), _OTHER_MARKET)


def _product(name: str) -> str:
    if not name:
        return ""
    return next((code for word, code in _PRODUCTS.items() if word in name.upper()), "011")


def _table(columns: dict[str, pa.ChunkedArray]) -> pa.Table:
    import pyarrow as pa

    return pa.table(columns)


def _constant(value: str, table: pa.Table) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), len(table))])


def _text(table: pa.Table, columns: PlainColumns, column: str) -> pa.ChunkedArray:
    """A column as text, full-width figures as narrow ones; null is "".

    Raises:
        DataError: it holds lists or other values that are no text.

    """
    import pyarrow as pa
    import pyarrow.compute as pc

    heading = columns.headings[column]
    values = table.column(heading)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        text = values.cast(pa.string())
    except pa.ArrowException:
        raise DataError(
            f"values of the type {values.type} cannot be read",
            where=f"column {heading}",
            do="export the file again, with a date, a code or a number in each cell",
        ) from None
    return pc.fill_null(pc.utf8_normalize(text, form="NFKC"), "")


def _figures(table: pa.Table, columns: PlainColumns, names: dict[str, str]) -> dict[str, pa.ChunkedArray]:
    return {name: _numbers(table, columns, column) for name, column in names.items()}


def _numbers(table: pa.Table, columns: PlainColumns, column: str) -> pa.ChunkedArray:
    """Numbers without commas, units and signs for "none"."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = table.column(columns.headings[column])
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        return values
    text = pc.replace_substring_regex(_text(table, columns, column), r"[,\s円株¥￥]", "")
    none = pc.match_substring_regex(text, _NONE, ignore_case=True)
    return pc.if_else(none, "", text)


def _dates(table: pa.Table, columns: PlainColumns, where: str) -> pa.ChunkedArray:
    return _named(table, columns, "date", _read_date, where)


def _codes(table: pa.Table, columns: PlainColumns, where: str) -> pa.ChunkedArray:
    return _named(table, columns, "code", _read_code, where)


def _named(
    table: pa.Table, columns: PlainColumns, column: str, read: Callable[[str], str], where: str
) -> pa.ChunkedArray:
    """A column read by a function that returns "" for what it cannot read."""

    def read_or_raise(text: str) -> str:
        found = read(text)
        if not found:
            raise DataError(
                f'"{cut_word(text)}" is not a {column}',
                where=f"{where}, column {columns.headings[column]}",
                do="correct it at its source and import again",
            )
        return found

    return _map(_text(table, columns, column), read_or_raise)


def _map(values: pa.ChunkedArray, function: Callable[[str], str]) -> pa.ChunkedArray:
    """A function of every text, called once for each that occurs."""
    import pyarrow as pa

    coded = values.combine_chunks().dictionary_encode()
    found = pa.array([function(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([found.take(coded.indices)])


def _read_date(text: str) -> str:
    """A date as YYYY-MM-DD; "" for what is none, and for a moment within a day."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DATE.match(plain)
    if not found or not _MIDNIGHT.fullmatch(plain[found.end() :]):
        return ""
    year, month, day = (part for part in found.groups() if part)
    made = f"{year}-{month:>02}-{day:>02}"
    return made if _is_day(made) else ""


def _read_code(text: str) -> str:
    """A code in five characters, as vendors write it: 7203, 72030, 7203.T, 7203.JP; "" for what is none."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    plain = _SUFFIX.sub("", plain.removeprefix("TYO:"))
    if not re.fullmatch(r".{4}\d?", plain):
        return ""
    try:
        return to_jquants(parse_code(plain[:4]) + plain[4:])
    except UsageError:
        return ""
