"""The columns of a CSV that is recorded, and what brokers call them.

The headings of these brokers are known without `csv_columns` in `params/desk.yaml`: SBI, Rakuten, Monex,
Matsui, Okasan and au Kabucom Securities, in lists of executions and of holdings. A heading that is declared
there wins.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import did_you_mean

COLUMNS = ("group", "code", "action", "qty", "price", "date", "fee", "account")
UNUSED = "none"
"""The column of a heading that is to be passed over."""
_SYNONYMS = {"ticker": "code", "quantity": "qty", "shares": "qty", "side": "action"}
_BROKERS = {
    "code": "銘柄コード 銘柄(コード) 銘柄コード・ティッカー 証券コード コード",
    "action": "取引 取引区分 取引種別 取引種類 売買 売買区分 売買種別 信用区分 商品 種別 取消区分 "
    "訂正取消区分 訂正・取消",
    "qty": "約定数量 約定株数 数量 数量[株] 数量(株) 株数 数量(株/口)/返済数量 保有数量 保有数量[株] "
    "保有株数",
    "price": "約定単価 約定単価(円) 約定価格 単価 単価[円] 単価(円) 単価/返済約定単価 取得単価 "
    "取得単価(円) 平均取得価額 平均取得価額[円] 平均取得単価",
    "date": "約定日 約定年月日 約定日時",
    "fee": "手数料 手数料[円] 手数料(円) 手数料/諸経費等 税額 税金等[円] 諸費用[円] 手数料(税込) 消費税 "
    "消費税(円)",
    "account": "口座 口座区分 預り 預り区分 預かり区分",
}
_KNOWN = {heading: column for column, headings in _BROKERS.items() for heading in headings.split()}


def column_names(declared: Mapping[str, str], where: str) -> dict[str, str]:
    """Headings of brokers -> columns: those known and those declared, checked.

    Raises:
        ParamsError: a column does not exist, or the heading names another column already.

    """
    names = dict(_KNOWN)
    for heading, column in declared.items():
        if column not in (*COLUMNS, UNUSED):
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
