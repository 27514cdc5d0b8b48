"""The words of brokers for what was done, and for the type of account: whole words, never parts of them."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.terms import (
    account_in_title,
    parse_side,
    product_in_title,
    read_account,
    read_action,
)


@pytest.mark.parametrize(
    ("cells", "kind", "side"),
    [
        (("株式現物買",), "trade", "BUY"),
        (("株式現物売",), "trade", "SELL"),
        (("現物", "買付"), "trade", "BUY"),
        (("現物", "売付", "-"), "trade", "SELL"),
        (("株式", "お買付"), "trade", "BUY"),
        (("株式", "ご売却"), "trade", "SELL"),
        (("現買",), "trade", "BUY"),
        (("現売",), "trade", "SELL"),
        (("現物買取引",), "trade", "BUY"),
        (("現物売取引",), "trade", "SELL"),
        (("買い（現物）",), "trade", "BUY"),
        (("ＢＵＹ",), "trade", "BUY"),
        (("株式買取引",), "trade", "BUY"),
        (("国内株式現物買",), "trade", "BUY"),
        (("単元未満株売却",), "trade", "SELL"),
        (("Ｓ株買付",), "trade", "BUY"),
        (("立会外分売買付",), "offering", "BUY"),
        (("公開買付売却",), "tender", "SELL"),
        (("株式買取請求",), "buy-back", "SELL"),
        (("買付取消",), "cancellation", "BUY"),
        (("現物売訂正",), "correction", "SELL"),
        (("sell_50%",), "trade", "SELL"),
        (("株式現物買（募集）",), "offering", "BUY"),
        (("売出",), "offering", "BUY"),
        (("売出し",), "offering", "BUY"),
        (("公募・売出の取得",), "offering", "BUY"),
        (("新規公開", "買付"), "offering", "BUY"),
        (("立会外分売",), "offering", "BUY"),
        (("公開買付",), "tender", "SELL"),
        (("公開買付への応募",), "tender", "SELL"),
        (("公開買付け（売付）",), "tender", "SELL"),
        (("現物", "TOB"), "tender", "SELL"),
        (("買取",), "buy-back", "SELL"),
        (("単元未満株買取請求",), "buy-back", "SELL"),
        (("単元未満株", "買取"), "buy-back", "SELL"),
        (("買増請求",), "top-up", "BUY"),
        (("株式現物買(取消)",), "cancellation", "BUY"),
        (("現物", "売付", "訂正"), "correction", "SELL"),
        (("入庫",), "transfer", None),
        (("", "出庫"), "transfer", None),
        (("株式分割",), "transfer", None),
        (("配当金",), "cash", None),
        (("投信金額買付",), "fund", None),
        (("外国株式", "買付"), "other product", "BUY"),
    ],
)
def test_what_a_broker_calls_it(cells, kind, side):
    found = read_action(*cells)
    assert (found.kind, found.side) == (kind, side)


@pytest.mark.parametrize(
    "cells",
    [
        ("信用新規買",),
        ("信用返済売",),
        ("信用", "買付"),
        ("信用", "売付"),
        ("信買",),
        ("制度", "買"),
        ("空売",),
        ("新規",),
        ("返済",),
        ("現引",),
        ("現渡",),
        ("買建",),
        ("売埋",),
        ("信用新規", "半年新規買い"),
        ("買付", "制度(6ヶ月)"),
        ("信用（新規買）",),
        ("信用新規買建",),
        ("制度信用買付",),
        ("信用取引", "売付"),
    ],
)
def test_margin_and_short_trades_are_known_as_such(cells):
    assert read_action(*cells).kind == "margin"
    with pytest.raises(UsageError, match="margin trade"):
        parse_side(" ".join(cells))


@pytest.mark.parametrize(
    "cells",
    [
        ("",),
        ("現物",),
        ("現物売買",),
        ("公開買付買付",),
        ("売出売付",),
        ("買取消費税",),
        ("売買",),
        ("買売",),
        ("HOLD",),
        ("買付手数料",),
        ("買付余力",),
        ("売却代金",),
        ("買付", "売付"),
        ("公開買付", "買付"),
        ("買取", "買付"),
        ("取消",),
        ("仮買付",),
        ("買気配",),
        ("BUYBACK",),
        ("SELLER",),
    ],
)
def test_what_is_not_in_the_table_is_refused_and_never_guessed(cells):
    with pytest.raises(UsageError, match="neither BUY nor SELL"):
        read_action(*cells)


@pytest.mark.parametrize(
    ("cell", "account"),
    [
        ("特定", "特定"),
        (" 特定 ", "特定"),
        ("特定預り", "特定"),
        ("特定口座（源泉徴収あり）", "特定"),
        ("一般", "一般"),
        ("一般預り", "一般"),
        ("NISA", "NISA"),
        ("ＮＩＳＡ", "NISA"),
        ("NISA(成)", "NISA"),
        ("旧NISA", "NISA"),
        ("NISA預り（成長投資枠）", "NISA"),
        ("つみたてNISA", "NISA"),
        ("-", ""),
        ("--", ""),
        ("", ""),
    ],
)
def test_the_type_of_account(cell, account):
    assert read_account(cell) == account


def test_an_account_that_is_not_known_is_refused():
    with pytest.raises(UsageError, match='account type "法人" is not known'):
        read_account("法人")


@pytest.mark.parametrize(
    ("title", "account", "product"),
    [
        ("■特定口座", "特定", "trade"),
        ("■NISA成長投資枠", "NISA", "trade"),
        ("株式（現物/特定預り）", "特定", "trade"),
        ("株式（信用/特定預り）", "特定", "margin"),
        ("投資信託（金額/NISA預り（成長投資枠））", "NISA", "other product"),
        ("保有証券一覧", "", "trade"),
    ],
)
def test_what_a_title_says(title, account, product):
    assert (account_in_title(title), product_in_title(title)) == (account, product)
