"""A CSV as brokers and spreadsheets write it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import JstockError, ParamsError, UsageError
from jstock_core.desk.recording.csv_file import (
    FILLS,
    HOLDINGS,
    BrokerHolding,
    parse_fills,
    parse_holdings,
)
from jstock_core.desk.recording.lines import FillLine, parse_day
from jstock_core.desk.recording.sheet import read_sheet
from jstock_core.desk.recording.terms import parse_side
from jstock_core.desk.settings.columns import column_names
from jstock_core.desk.settings.settings import read_settings

OURS = read_settings(Path(__file__).parents[3] / "params" / "desk.yaml").csv_columns
"""The headings that ship with jstock."""


def lines(tmp_path: Path, content: str | bytes, columns=OURS) -> tuple[FillLine, ...]:
    path = tmp_path / "fills.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return parse_fills(read_sheet(path, columns, FILLS)).lines


BROKER = """約定履歴照会
"商品指定","すべて"

約定日,銘柄,銘柄コード,市場,取引,期限,預り,課税,約定数量,約定単価,手数料/諸経費等,税額,受渡日,受渡金額
"2026/01/21","ソニーグループ","6758","東証","株式現物買","--","特定","--","300","3,120.5","632","63","2026/01/23","936845"
"2026/01/21","トヨタ自動車","7203","東証","株式現物売","--","特定","申告","1,200","2,900","--","--","2026/01/23","3480000"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_broker_s_file_is_read_as_it_comes(tmp_path, encoding):
    """What stands above the header is passed over; commission and the tax on it are the fee."""
    bought, sold = lines(tmp_path, BROKER.encode(encoding))
    assert bought == FillLine(
        5, "", "6758", "BUY", 300, Decimal("3120.5"), date(2026, 1, 21), 695, account="特定"
    )
    assert (sold.number, sold.side, sold.shares, sold.fee) == (6, "SELL", 1200, 0)


def test_digits_and_letters_may_be_full_width(tmp_path):
    head = "銘柄コード,売買区分,約定数量,約定単価,約定日"
    (line,) = lines(tmp_path, f"{head}\n１６７Ａ,買付,１，２００,￥１，２３４．５,２０２６年１月２１日\n")
    assert (line.code, line.side, line.shares) == ("167A", "BUY", 1200)
    assert (line.price, line.session) == (Decimal("1234.5"), date(2026, 1, 21))


def test_jstock_s_own_names_need_no_mapping(tmp_path):
    (line,) = lines(
        tmp_path, "ticker,side,quantity,price,date,group\n7203,sell_50%,100,3000,20260121,core\n", {}
    )
    assert (line.group, line.side, line.session) == ("core", "SELL", date(2026, 1, 21))


def test_without_a_mapping_a_broker_s_headings_are_unknown(tmp_path):
    with pytest.raises(UsageError, match="columns missing: action, code, date, price, qty") as refused:
        lines(tmp_path, BROKER, {})
    assert "csv_columns" in refused.value.do


def test_two_columns_for_one_thing_are_not_guessed(tmp_path):
    text = "code,単価,約定単価,qty,action,date\n7203,3000,3001,100,BUY,2026-01-21\n"
    with pytest.raises(UsageError, match="2 columns are named price"):
        lines(tmp_path, text)


def test_all_lines_that_make_no_sense_are_named_on_one_screen(tmp_path):
    bad = "\n".join(f"7203,BUY,{'x' * n},3000,2026-01-21" for n in range(1, 21))
    with pytest.raises(UsageError) as refused:
        lines(tmp_path, f"code,action,qty,price,date\n{bad}\n")
    assert refused.value.what.splitlines()[0] == "20 lines cannot be read"
    assert refused.value.what.splitlines()[1] == 'line 2: "x" is not a number'
    assert refused.value.what.splitlines()[-1] == "and 12 more"


def test_a_short_row_is_named(tmp_path):
    with pytest.raises(UsageError, match="is not a date") as refused:
        lines(tmp_path, "code,action,qty,price,date\n7203,BUY,100,3000\n")
    assert refused.value.where == "fills.csv, line 2"


@pytest.mark.parametrize("action", ["信用新規買", "信用返済売", "現引"])
def test_a_margin_trade_is_refused(action):
    with pytest.raises(UsageError, match="margin trade"):
        parse_side(action)


@pytest.mark.parametrize("action", ["売買", "HOLD", "", "買売"])
def test_what_is_neither_buy_nor_sell_is_refused(action):
    with pytest.raises(UsageError, match="neither BUY nor SELL"):
        parse_side(action)


@pytest.mark.parametrize("text", ["2026-02-30", "21.1.2026", "", "2026-1", "tomorrow"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(UsageError, match="is not a date"):
        parse_day(text)


def test_holdings_are_codes_and_shares(tmp_path):
    path = tmp_path / "held.csv"
    path.write_bytes(
        "銘柄コード,銘柄名,保有数量,取得単価\n7203,トヨタ,300,2980.5\n6758,ソニー,0,-\n".encode("cp932")
    )
    found = parse_holdings(read_sheet(path, OURS, HOLDINGS)).held
    assert found == (BrokerHolding("7203", 300, Decimal("2980.5")), BrokerHolding("6758", 0, None))


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"約定日": "day"}, 'csv_columns.約定日: unknown column "day"'),
        ({"単価": "prise"}, 'did you mean "price"'),
        ({"qty": "price"}, 'already names the column "qty"'),
    ],
)
def test_a_mapping_is_checked(declared, why):
    with pytest.raises(ParamsError, match=why):
        column_names(declared, "desk.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(JstockError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv", {}, FILLS)


HEAD = "code,action,qty,price,date,fee\n"
LINE = "7203,BUY,200,2990.5,2026-01-21,275\n"
PLAIN = FillLine(2, "", "7203", "BUY", 200, Decimal("2990.5"), date(2026, 1, 21), 275)


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + LINE).encode(),
        (HEAD + LINE).encode("utf-8-sig"),
        (HEAD + LINE).encode("utf-16"),
        (HEAD + LINE).replace("\n", "\r\n").encode(),
        (HEAD + LINE).replace("\n", "\r").encode(),
        (HEAD + LINE).replace(",", "\t").encode(),
        (HEAD + LINE).replace(",", ";").encode(),
        (HEAD + LINE).replace(",", "\t").encode("utf-16"),
        (HEAD + '7203,BUY,"200","¥2,990.5","2026/1/21","¥275"\n').encode(),
        (HEAD + '7203,BUY,200株,"2,990.5円",2026/1/21,275円\n').encode("cp932"),
        (HEAD + '7203,BUY,200,"\\2,990.5",2026/1/21,\\275\n').encode("cp932"),
        (HEAD + '"=""7203""",買い,200,2990.5,2026/01/21,275\n').encode(),
        (HEAD + "7203,BUY,200.0,2990.50,2026/01/21 09:00:03,275\n").encode(),
        (HEAD + LINE + HEAD).encode(),
        (HEAD + LINE + "\n,,,,,\n , , \n").encode(),
        (HEAD + LINE + "合計,,200,,,275\n").encode(),
        (HEAD + LINE + ",,200,598100,,275\n").encode(),
        (HEAD + LINE + "Total,,200\n").encode(),
    ],
)
def test_the_same_fill_however_it_was_saved(tmp_path, content):
    """FillLine ends, marks, encodings, ornaments, an empty line, a sum or the header again: one fill."""
    assert lines(tmp_path, content) == (PLAIN,)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-21", "2026/1/21", "2026.1.21", "20260121", "2026年1月21日", "令和8年1月21日", "R8.1.21",
        "R08/01/21", "２０２６／０１／２１", "2026/01/21 09:00", "2026/01/21（水）", "2026-01-21T15:30:00",
    ],
)  # fmt: skip
def test_a_day_in_every_form(text):
    assert parse_day(text) == date(2026, 1, 21)


def test_the_first_year_of_an_era_has_a_name():
    assert parse_day("令和元年5月7日") == date(2019, 5, 7)


@pytest.mark.parametrize(
    "text", ["26/01/21", "1/21/2026", "46043", "2026121", "平成38年1月21日", "2026x1y21"]
)
def test_a_day_that_could_be_another_is_no_day(text):
    with pytest.raises(UsageError, match="is not a date"):
        parse_day(text)


RAKUTEN = (
    "約定日,受渡日,銘柄コード,銘柄名,市場名称,口座区分,取引区分,売買区分,信用区分,弁済期限,"
    "数量［株］,単価［円］,手数料［円］,税金等［円］,諸費用［円］,税区分,受渡金額［円］\n"
    '"2026/1/21","2026/1/23","7203","トヨタ自動車","東証","特定","現物","{action}","-","-",'
    '"200","2,990.5","250","25","0","源徴あり","598,375"\n'
)


def test_another_broker_s_file_is_read_as_it_comes(tmp_path):
    found = lines(tmp_path, RAKUTEN.format(action="買付").encode("cp932"))
    assert found == (replace(PLAIN, account="特定"),)


@pytest.mark.parametrize("action", ["買建", "売埋", "売建", "買埋", "返済売"])
def test_its_margin_trades_are_refused(tmp_path, action):
    """Read by one of their letters they would be bought or sold for cash."""
    with pytest.raises(UsageError, match="margin trade"):
        lines(tmp_path, RAKUTEN.format(action=action))


@pytest.mark.parametrize(
    ("content", "what", "where"),
    [
        (b"", "the file is empty", "fills.csv"),
        (b"\n , ,\n", "the file is empty", "fills.csv"),
        (LINE.encode(), "columns missing: action, code, date, price, qty", "line 1: 7203, BUY, 200"),
        ("銘柄コード,売買\n7203,買\n".encode("cp932"), "columns missing: date, price", "銘柄コード, 売買"),
        (b"PK\x03\x04" + bytes(99), "this is a workbook, not a CSV", "fills.csv"),
        ("銘柄コード,約定数量\n".encode("euc-jp"), "neither UTF-8 nor Shift_JIS", "fills.csv"),
        (
            (HEAD + "7203,BUY,200,2,990.5,2026-01-21,275\n").encode(),
            "7 values under 6 columns",
            "fills.csv, line 2",
        ),
        (
            (HEAD + '7203,BUY,"200,2990.5,2026-01-21,275\n').encode(),
            "it is not a valid CSV",
            "line 2 or after",
        ),
        ((HEAD + LINE + "7203,BUY,-200,2990,2026-01-21,0\n").encode(), "must be a whole number", "line 3"),
        ((HEAD + LINE + "合計,BUY,200,2990,,0\n").encode(), "is not a TSE stock code", "line 3"),
    ],
)
def test_a_file_that_makes_no_sense_says_why_and_where(tmp_path, content, what, where):
    with pytest.raises(UsageError) as refused:
        lines(tmp_path, content)
    assert what in refused.value.what
    assert where in refused.value.where


def test_a_sum_below_holdings_is_passed_over(tmp_path):
    path = tmp_path / "held.csv"
    path.write_text(
        "銘柄コード,保有数量［株］,平均取得価額［円］\n7203,300,2980\n合計,300,\n", encoding="utf-8"
    )
    assert parse_holdings(read_sheet(path, OURS, HOLDINGS)).held == (
        BrokerHolding("7203", 300, Decimal(2980)),
    )


# --- files of brokers, as downloaded --------------------------------------------------------------------


def sheet_of(tmp_path: Path, content: str, needed=FILLS):
    path = tmp_path / "broker.csv"
    path.write_bytes(content.replace("\n", "\r\n").encode("cp932"))
    return read_sheet(path, OURS, needed)


RAKUTEN_HISTORY = (
    RAKUTEN.splitlines()[0]
    + """
"2025/12/22","2025/12/24","9001","架空重工","東証","特定","現物","買付","-","-","300","1,004.0","250","25","0","-","301,475"
"2025/12/22","2025/12/24","9001","架空重工","東証","NISA成長投資枠","現物","買付","-","-","100","1,004.0","0","0","0","-","-"
"2025/12/22","2025/12/24","9006","架空自動車","-","特定","","入庫","-","-","200","250.50","0","0","0","-","-"
"2025/12/22","2025/12/24","9001","架空重工","東証","特定","信用","買建","制度","6ヶ月","100","1,004.0","0","0","0","-","-"
"2025/12/22","2025/12/24","9007","架空薬品","-","特定","現物","買取","-","-","33","2,222","0","0","0","-","73,326"
"""
)


def test_a_history_of_one_broker(tmp_path):
    """Shares that came without a trade are shown and passed over; margin refuses the file unless skipped."""
    sheet = sheet_of(tmp_path, RAKUTEN_HISTORY)
    with pytest.raises(UsageError, match="margin trade") as refused:
        parse_fills(sheet)
    assert refused.value.where == "broker.csv, line 5"
    found = parse_fills(sheet, skip_unknown=True)
    read = [(line.code, line.side, line.shares, line.account, line.kind, line.fee) for line in found.lines]
    assert read == [
        ("9001", "BUY", 300, "特定", "trade", 275),
        ("9001", "BUY", 100, "NISA", "trade", 0),
        ("9007", "SELL", 33, "特定", "buy-back", 0),
    ]
    assert [(left.number, left.why.split()[0]) for left in found.skipped] == [(4, "入庫:"), (5, '"信用')]


SBI_HISTORY = """約定履歴照会

商品指定,すべて
"2026/01/01から2026/01/31まで"

約定日,銘柄,銘柄コード,市場,取引,期限,預り,課税,約定数量,約定単価,手数料/諸経費等,税額,受渡日,受渡金額/決済損益
"2026/01/21","架空電機","6758","東証",株式現物買,"--"," 特定 ","--",300,"3,120.5","632","63","2026/01/23",-
"2026/01/21","架空銀行","7182","--",株式現物買(募集),"--","NISA(成)","--",100,650,--,--,"2026/01/23",65000
"2026/01/21","架空薬品","4502","東証",信用新規買,"6ヶ月"," 特定 ","--",100,5000,--,--,"2026/01/23",500000
"2026/01/21","架空ファンド","","--",投信金額買付,"--","NISA(つ)","--",12345,27000,--,--,"2026/01/27",33333
"2026/01/22","架空商事","8058","--",公開買付,"--"," 特定 ","申告",50,4000,--,--,"2026/01/28",200000
"""


def test_a_history_of_another_broker(tmp_path):
    sheet = sheet_of(tmp_path, SBI_HISTORY)
    with pytest.raises(UsageError) as refused:
        parse_fills(sheet)
    assert refused.value.what.splitlines()[0] == "2 lines cannot be read"
    found = parse_fills(sheet, skip_unknown=True)
    assert [(line.code, line.side, line.shares, line.account, line.kind) for line in found.lines] == [
        ("6758", "BUY", 300, "特定", "trade"),
        ("7182", "BUY", 100, "NISA", "offering"),
        ("8058", "SELL", 50, "特定", "tender"),
    ]
    assert [left.number for left in found.skipped] == [9, 10]


MONEX_HISTORY = """データ作成日：2026/01/22 15:15:44
約定日,受渡日,口座,商品,取引,銘柄コード,銘柄名,数量（株/口）/返済数量,単価/返済約定単価,手数料,受渡金額(円)
2026/01/21,2026/01/23,特定,株式,お買付,"72030    ",トヨタ自動車,200,"2,990.5",275,598375
2026/01/21,2026/01/23,特定,株式,ご売却,"167A0    ",架空テック,100,"1,500",0,150000
2026/01/21,2026/01/23,-,配当金,配当金,,トヨタ自動車,,,,7969
"""


def test_a_history_of_a_third_broker(tmp_path):
    found = parse_fills(sheet_of(tmp_path, MONEX_HISTORY))
    assert [(line.code, line.side, line.shares) for line in found.lines] == [
        ("7203", "BUY", 200),
        ("167A", "SELL", 100),
    ]
    assert [left.why.split(":")[0] for left in found.skipped] == ["配当金 配当金"]


def test_cancellations_are_read_with_their_sign(tmp_path):
    text = RAKUTEN.format(action="買付") + RAKUTEN.splitlines()[1].format(action="買付(取消)").replace(
        '"200"', '"-200"'
    )
    assert [line.kind for line in lines(tmp_path, text)] == ["trade", "cancellation"]
    assert [line.shares for line in lines(tmp_path, text)] == [200, 200]


RAKUTEN_HOLDINGS = """■現在の評価額合計［円］,,"400,800"
■特定口座

銘柄コード,銘柄名,保有数量［株］,執行中［株］,平均取得価額［円］,取得総額［円］,現在値［円］,時価評価額［円］,評価損益［円］
"9001","架空重工","300","0","1,002.00","300,600","1,004.0","301,200","+600"
,,,,特定口座合計,"300,600",,"301,200","+600"

■NISA成長投資枠

銘柄コード,銘柄名,保有数量［株］,執行中［株］,平均取得価額［円］,取得総額［円］,現在値［円］,時価評価額［円］,評価損益［円］
"9001","架空重工","100","0","1,000.00","100,000","1,004.0","100,400","+400"
,,,,NISA成長投資枠合計,"100,000",,"100,400","+400"
"""
SBI_HOLDINGS = """"ポートフォリオ一覧",
"一括表示",
"総件数：4件",
"株式（現物/特定預り）",
"銘柄（コード）","買付日","数量","取得単価","現在値","前日比","前日比（％）","損益","損益（％）","評価額",
"9001 架空重工","2025/12/22",300,1002,1004,+5,+0.09,+600,+0.2,301200,
"株式(現物/特定預り)合計",
"評価額","含み損益","含み損益（％）","前日比","前日比（％）",
375890,+130555,+53.21,-7740,-2.02,
"株式（現物/NISA預り（成長投資枠））",
"銘柄（コード）","買付日","数量","取得単価","現在値","前日比","前日比（％）","損益","損益（％）","評価額",
"9001 架空重工","----/--/--",100,1000,1004,+5,+0.09,+400,+0.4,100400,
"株式(現物/NISA預り(成長投資枠))合計",
"評価額","含み損益","含み損益（％）","前日比","前日比（％）",
1004,+400,+0.4,-10,-0.02,
"株式（信用/特定預り）",
"銘柄（コード）","買付日","数量","取得単価","現在値","前日比","前日比（％）","損益","損益（％）","評価額",
"9006 架空自動車","2025/12/22",500,250,251,+1,+0.4,+500,+0.4,125500,
"投資信託（金額/NISA預り（成長投資枠））",
"ファンド名","買付日","数量","取得単価","現在値","前日比","前日比（％）","損益","損益（％）","評価額",
"ＳＢＩ日本高配当株式","----/--/--",225183,12153,16610,+149,+0.91,+100364.06,+36.67,374028.96,
"総合計",
"評価額","含み損益","含み損益（％）","前日比","前日比（％）",
2241344.34,+550515.3,+32.56,-28421.01,-1.25
"""
SBI_STOCKS = """保有証券一覧

株式（特定預り）合計

評価額合計,評価損益合計
401600,+1000

株式（特定預り）

銘柄コード,銘柄名称,保有株数,売却注文中,取得単価,現在値,取得金額,評価額,評価損益
9001,架空重工,300,,1002,1004,300600,301200,+600

株式（NISA預り（成長投資枠））

銘柄コード,銘柄名称,保有株数,売却注文中,取得単価,現在値,取得金額,評価額,評価損益
9001,架空重工,100,,1000,1004,100000,100400,+400
"""
ALL_PRODUCTS = """■資産合計欄
国内株式,"401,600"

■ 保有商品詳細 (すべて）

種別,銘柄コード・ティッカー,銘柄,口座,保有数量,［単位］,平均取得価額,［単位］
国内株式,9001,架空重工,特定,300,株,"1,002.00",円
国内株式,9001,架空重工,NISA成長投資枠,100,株,"1,000.00",円
米国株式,TSLA,テスラ,特定,6,株,428.09,USD
投資信託,,ｅＭＡＸＩＳ Ｓｌｉｍ,つみたてNISA,300000,口,"15,000",円
"""


@pytest.mark.parametrize("content", [RAKUTEN_HOLDINGS, SBI_HOLDINGS, SBI_STOCKS, ALL_PRODUCTS])
def test_holdings_in_sections_by_account(tmp_path, content):
    """Titles, repeated headers and sums are form; margin positions, funds and foreign stocks are others."""
    found = parse_holdings(sheet_of(tmp_path, content, HOLDINGS))
    assert found.held == (
        BrokerHolding("9001", 300, Decimal(1002), "特定"),
        BrokerHolding("9001", 100, Decimal(1000), "NISA"),
    )


def test_a_holding_that_cannot_be_read_is_no_form(tmp_path):
    text = RAKUTEN_HOLDINGS.replace('"9001","架空重工","100"', '"9001","架空重工","many"')
    with pytest.raises(UsageError, match="is not a number") as refused:
        parse_holdings(sheet_of(tmp_path, text, HOLDINGS))
    assert refused.value.where == "broker.csv, line 11"


def test_holdings_below_a_title_without_a_header_are_read(tmp_path):
    text = "銘柄コード,保有株数\n7203,300\n\nNISA口座\n6758,100\n"
    found = parse_holdings(sheet_of(tmp_path, text, HOLDINGS))
    assert [(held.code, held.account) for held in found.held] == [("7203", ""), ("6758", "NISA")]


def test_a_heading_can_be_passed_over(tmp_path):
    text = "code,取引区分,action,qty,price,date\n7203,委託,BUY,200,2990.5,2026-01-21\n"
    with pytest.raises(UsageError, match="neither BUY nor SELL"):
        lines(tmp_path, text.replace("委託", "特殊"))
    mapped = column_names({"取引区分": "none"}, "desk.yaml")
    assert lines(tmp_path, text.replace("委託", "特殊"), mapped)[0].side == "BUY"


HEAD = "code,action,qty,price,date\n"


@pytest.mark.parametrize("cell", ["1e999999999", "1e-999999999", "9" * 500, "nan", "Infinity", "1e15"])
@pytest.mark.parametrize("column", ["qty", "price"])
def test_a_number_without_bounds_is_none(tmp_path, column, cell):
    values = {"code": "7203", "action": "BUY", "qty": "100", "price": "3000", "date": "2026-01-20"}
    with pytest.raises(UsageError, match="number") as caught:
        lines(tmp_path, HEAD + ",".join((values | {column: cell}).values()))
    assert caught.value.where == "fills.csv, line 2"
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("column", [0, 1, 2, 3, 4])
def test_a_cell_that_is_none_any_more_is_refused_with_its_line(tmp_path, column):
    """Also one of which the reader of actions would try every part."""
    cells = ["7203", "BUY", "100", "3000", "2026-01-20"]
    cells[column] = "買" * 100_000
    with pytest.raises(UsageError, match="a cell has 100,000 characters") as caught:
        lines(tmp_path, HEAD + ",".join(cells))
    assert caught.value.where == "fills.csv, line 2"
    cells[column] = "買" * 900
    with pytest.raises(UsageError) as caught:
        lines(tmp_path, HEAD + ",".join(cells))
    assert len(str(caught.value)) < 500


def test_a_long_word_is_no_side_at_once():
    with pytest.raises(UsageError, match="neither BUY nor SELL"):
        parse_side("買" * 1_000_000)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes among its files")
def test_a_pipe_and_a_device_are_no_csv(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(UsageError, match=f"cannot be read: it is {kind}, not a regular file"):
            read_sheet(path, OURS, FILLS)


@pytest.mark.parametrize("column", ["code", "qty", "price", "date"])
def test_a_column_that_is_there_twice_is_refused(tmp_path, column):
    with pytest.raises(UsageError, match=f"2 columns are named {column}"):
        lines(tmp_path, f"{column},{HEAD}1,7203,BUY,100,3000,2026-01-20")


def test_utf_16_with_its_mark_is_read(tmp_path):
    (line,) = lines(tmp_path, (HEAD + "7203,買付,100,3000,2026-01-20").encode("utf-16"))
    assert (line.code, line.side) == ("7203", "BUY")
