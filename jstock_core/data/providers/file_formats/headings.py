"""What columns are called: by J-Quants V2, and by those who offer plain prices.

A plain column is one of `PLAIN`. Its headings are known in English and Japanese, as Yahoo, Stooq, JPX and
Japanese sites write them; others are declared under `provider` in `params/desk.yaml`. Headings that are not
known are passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jstock_core.base.errors import DataError, ParamsError
from jstock_core.base.limits import cut_word
from jstock_core.base.params import did_you_mean
from jstock_core.data.tables.schema import DATA_SETS

PLAIN = (
    "date", "code", "open", "high", "low", "close", "volume", "factor", "name", "sector", "scale", "market",
)  # fmt: skip
UNUSED = "none"
"""What a heading is declared to be that is to be passed over."""
PRICES = frozenset({"date", "open", "high", "low", "close", "volume"})
"""The columns that plain bars must have; a date and a code may also come from the file's name."""
CLOSES = frozenset({"date", "close"})
"""The columns that plain closes must have, and plain levels of TOPIX."""
STOCKS = frozenset({"code", "name"})
"""The columns that a plain list of stocks must have."""

_WORDS = {
    "date": "date datetime 日付 日時 年月日 取引日 営業日",
    "code": "code ticker symbol コード 銘柄コード 証券コード sc",
    "open": "open o 始値",
    "high": "high h 高値",
    "low": "low l 安値",
    "close": "close c 終値 株価",
    "volume": "volume vol vo 出来高 売買高",
    "factor": "adjfactor 調整係数",
    "name": "name coname 銘柄名 会社名 名称",
    "sector": "sector s33nm 33業種区分 業種",
    "scale": "scalecat 規模区分",
    "market": "market mktnm 市場・商品区分 市場",
}
_KNOWN = {word: column for column, words in _WORDS.items() for word in words.split()}
_UNIT = re.compile(r"[\[(](円|株|千株|yen|jpy|shares)[\])]$")
_ADJUSTED = "adj close"
"""Yahoo's heading beside prices that are adjusted for splits."""

SIGNS: Mapping[str, frozenset[str]] = {
    "bars": frozenset({"Date", "Code", "O", "H", "L", "C", "Vo", "AdjFactor"}),
    "topix": frozenset({"Date", "O", "H", "L", "C"}),
    "flows": frozenset({"PubDate", "StDate", "EnDate", "Section"}),
    "statements": frozenset({"DiscDate", "DiscNo", "CurPerType"}),
    "earnings": frozenset({"PubDate", "SchDate", "Code"}),
    "actions": frozenset({"PubDate", "ExDate", "Code", "AdjFactor"}),
    "dividends": frozenset({"PubDate", "RefNo", "ExDate", "PayDate"}),
    "master": frozenset({"Code", "CoName", "Mkt"}),
}
"""The columns by which a file of J-Quants V2 is known, whatever its name."""
_BARS = frozenset({"O", "H", "L", "C", "Vo"})
"""Columns named as J-Quants does: such a file is never taken for plain prices, which need no factor."""
_INTRADAY = "Time"

Headings = Sequence[str]


def heading_word(heading: str) -> str:
    """A heading in its usual form: narrow, in small letters, without <>, spaces around and units."""
    plain = unicodedata.normalize("NFKC", heading).strip().strip("<>").strip().lower()
    return _UNIT.sub("", plain).strip()


def declared_headings(declared: Mapping[str, str], *, where: str) -> dict[str, str]:
    """Headings -> plain columns: those known and those declared, checked.

    Raises:
        ParamsError: there is no such column.

    """
    names = dict(_KNOWN)
    for heading, column in declared.items():
        if column not in (*PLAIN, UNUSED):
            what = f'columns.{cut_word(heading)}: unknown column "{cut_word(column)}"'
            raise ParamsError(f"{what}{did_you_mean(column, (*PLAIN, UNUSED))}", where=where)
        names[heading_word(heading)] = column
    return names


def jquants_data_set(headings: Headings) -> str | None:
    """The data set of J-Quants V2 that has these columns; None where it is none that jstock keeps."""
    names = set(headings)
    if _INTRADAY in names:
        return None
    if names - {"TR"} == SIGNS["topix"]:  # other indices have a code beside
        return "topix"
    return next((name for name, signs in SIGNS.items() if signs <= names and name != "topix"), None)


def are_plain(headings: Headings) -> bool:
    """Whether the columns of a file can be plain ones."""
    return not set(headings) >= _BARS


def count_known(headings: Headings, words: Mapping[str, str]) -> int:
    """How many headings name a column, of J-Quants or plain."""
    return sum(heading.strip() in _OFFICIAL or heading_word(heading) in words for heading in headings)


_OFFICIAL = {column.name for form in DATA_SETS.values() for column in form.columns}


@dataclass(frozen=True)
class PlainColumns:
    """The plain columns of a file: the heading of each. `adjusted` is whether it says that prices are."""

    headings: Mapping[str, str]
    adjusted: bool

    def has(self, *columns: str) -> bool:
        """Whether the file has all of these columns."""
        return self.headings.keys() >= set(columns)


def plain_columns(headings: Headings, words: Mapping[str, str], *, where: str) -> PlainColumns:
    """Find the plain columns among the headings of a file.

    Raises:
        DataError: two headings name one column.

    """
    found: dict[str, str] = {}
    for heading in headings:
        column = words.get(heading_word(heading), UNUSED)
        if column in found:
            raise DataError(
                f'two columns are the {column}: "{cut_word(found[column])}" and "{cut_word(heading)}"',
                where=where,
                do=f"say under provider in params/desk.yaml which to pass over: columns: "
                f"{{{cut_word(heading)}: {UNUSED}}}",
            )
        if column != UNUSED:
            found[column] = heading
    return PlainColumns(found, any(heading_word(heading) == _ADJUSTED for heading in headings))
