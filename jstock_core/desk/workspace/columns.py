"""The columns of a CSV that is recorded, and what brokers call them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import did_you_mean

COLUMNS = ("group", "code", "action", "qty", "price", "date", "fee")
_SYNONYMS = {"ticker": "code", "quantity": "qty", "shares": "qty", "side": "action"}


def column_names(declared: Mapping[str, str], where: str) -> dict[str, str]:
    """Headings of brokers -> columns, checked.

    Raises:
        ParamsError: a column does not exist, or the heading names another column already.

    """
    names = {}
    for heading, column in declared.items():
        if column not in COLUMNS:
            raise ParamsError(
                f'csv_columns.{heading}: unknown column "{column}"{did_you_mean(column, COLUMNS)}',
                where=where,
            )
        key = heading_key(heading)
        if own_column(key) not in (None, column):
            raise ParamsError(
                f'csv_columns.{heading}: this heading already names the column "{own_column(key)}"',
                where=where,
            )
        names[key] = column
    return names


def own_column(key: str) -> str | None:
    """The column that jstock itself calls so."""
    return key if key in COLUMNS else _SYNONYMS.get(key)


def heading_key(heading: str) -> str:
    """A heading in its usual form: narrow where it can be, no spaces around, small letters."""
    return unicodedata.normalize("NFKC", heading).strip().lower()
