"""Which file of a folder is which data set, and what plain files give."""

from __future__ import annotations

import gzip
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ParamsError
from jstock_core.data.providers.file_formats.closes import read_closes
from jstock_core.data.providers.file_formats.headings import SIGNS, declared_headings
from jstock_core.data.providers.files import NAMES, Files, ImportedFiles
from jstock_core.data.providers.registry import make_provider
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS
from tests.data.rows import NOW, bars, company, flow, index, needs_real, statement, table
from tests.data.rows import REAL as REAL_FOLDER

STOOQ = "Date,Open,High,Low,Close,Volume\n2025-01-06,100,110,90,105,1000\n2025-01-07,105,106,104,105,200\n"
JAPANESE = "日付,始値,高値,安値,終値,出来高\n2025/1/6,100,110,90,105,1000\n2025年1月7日,105,106,104,105,200\n"
YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-06,100,110,90,105,99.5,1000\n"
EXPECTED = [
    {"Date": date(2025, 1, 6), "Code": "72030", "O": 100.0, "H": 110.0, "L": 90.0, "C": 105.0, "Vo": 1000.0},
    {"Date": date(2025, 1, 7), "Code": "72030", "O": 105.0, "H": 106.0, "L": 104.0, "C": 105.0, "Vo": 200.0},
]


def put(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def rows(place: Path, dataset: str = "bars", **how: Any) -> list[dict[str, Any]]:
    """What is delivered, in the stored form."""
    return normalise(dataset, Files(place, **how).fetch(dataset, None, NOW), where="test").to_pylist()


def prices(place: Path, **how: Any) -> list[dict[str, Any]]:
    """The bars, without what plain files never have; their factor is 1."""
    found = rows(place, **how)
    assert {row["AdjFactor"] for row in found} == {1.0}
    return [{name: row[name] for name in EXPECTED[0]} for row in found]


def passed_over(place: Path) -> dict[str, str]:
    return {each.file: each.why for each in Files(place).folder.passed_over}


# -- plain prices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("text", [STOOQ, JAPANESE, JAPANESE.replace(",", "\t"), JAPANESE.replace(",", ";")])
def test_one_stock_in_a_file_of_its_name(tmp_path: Path, text: str, encoding: str) -> None:
    put(tmp_path, "7203.csv", text, encoding)
    assert prices(tmp_path) == EXPECTED


def test_text_that_turns_out_to_be_shift_jis_only_late_is_read_all_the_same(tmp_path: Path) -> None:
    """Its first lines are ASCII, as in UTF-8."""
    lines = "".join(f"{code},A,20250106,1,1,1,1,100\n" for code in range(1301, 9000) if code % 2)
    head = "Code,Name,Date,Open,High,Low,Close,Volume\n"
    put(tmp_path, "all.csv", head + lines * 2 + "9984,ソフトバンク,20250106,1,1,1,1,100\n", "cp932")
    assert rows(tmp_path)[-1]["Code"] == "99840"


def test_stooqs_form_with_tickers_in_brackets(tmp_path: Path) -> None:
    put(
        tmp_path, "7203.jp.txt",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "7203.JP,D,20250106,000000,100,110,90,105,1000,0\n"
        "7203.JP,D,20250107,000000,105,106,104,105,200,0\n",
    )  # fmt: skip
    assert prices(tmp_path) == EXPECTED


def test_yahoos_form_says_that_its_prices_are_adjusted(tmp_path: Path) -> None:
    put(tmp_path, "7203.T.csv", YAHOO)
    assert prices(tmp_path) == EXPECTED[:1]
    assert Files(tmp_path).folder.adjusted == ("7203.T.csv",)


YFINANCE = """Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume
Ticker,6758.T,7203.T,6758.T,7203.T,6758.T,7203.T,6758.T,7203.T,6758.T,7203.T
Date,,,,,,,,,,
2025-01-06,3300.0,105,3310.0,110,3290.0,90,3300.0,100,100,1000
2025-01-07,,106,,111,,91,,101,,2000
"""
YFINANCE_BY_TICKER = """Ticker,7203.T,7203.T,7203.T,7203.T,7203.T,7203.T
Price,Open,High,Low,Close,Adj Close,Volume
Date,,,,,,
2025-01-06,100,110,90,105,99.5,1000
"""


def test_what_yfinance_downloads_has_a_header_of_two_lines(tmp_path: Path) -> None:
    put(tmp_path, "download.csv", YFINANCE)
    found = [(r["Code"], str(r["Date"]), r["C"], r["Vo"]) for r in rows(tmp_path)]
    assert found == [
        ("67580", "2025-01-06", 3300.0, 100.0),
        ("72030", "2025-01-06", 105.0, 1000.0),
        ("72030", "2025-01-07", 106.0, 2000.0),
    ]
    assert Files(tmp_path).folder.adjusted == ("download.csv",), "Yahoo divides by every split"
    closes = read_closes(tmp_path, declared_headings({}, where="test"))
    assert (closes.code.tolist(), closes.close.tolist()) == (["6758", "7203", "7203"], [3300.0, 105.0, 106.0])


def test_what_yfinance_downloads_by_ticker(tmp_path: Path) -> None:
    put(tmp_path, "download.csv", YFINANCE_BY_TICKER)
    assert prices(tmp_path) == EXPECTED[:1]


def test_what_pandas_writes_of_a_yahoo_history(tmp_path: Path) -> None:
    """Days have the midnight of their exchange, and no price is an empty cell."""
    put(
        tmp_path, "7203.csv",
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        "2025-01-06 00:00:00+09:00,100.0,110.0,90.0,105.0,1000,0.0,0.0\n"
        "2025-01-07 00:00:00+09:00,,,,,,0.0,0.0\n",
    )  # fmt: skip
    assert prices(tmp_path) == [EXPECTED[0], {**EXPECTED[1], **dict.fromkeys(("O", "H", "L", "C", "Vo"))}]


def test_one_day_of_all_stocks_whose_date_only_the_name_says(tmp_path: Path) -> None:
    put(
        tmp_path, "prices_20250106.csv",
        "株価一覧\n\n銘柄コード,銘柄名,始値(円),高値(円),安値(円),終値(円),出来高(株)\n"
        '7203,トヨタ自動車,"1,000",1100,900,"1,050円","1,000"\n167A,甲,-,-,-,-,-\n',
        "cp932",
    )  # fmt: skip
    found = rows(tmp_path)
    assert [(row["Date"], row["Code"], row["O"], row["C"], row["Vo"]) for row in found] == [
        (date(2025, 1, 6), "72030", 1000.0, 1050.0, 1000.0),
        (date(2025, 1, 6), "167A0", None, None, None),
    ]


def test_headings_that_the_desk_declares(tmp_path: Path) -> None:
    put(tmp_path, "7203.csv", STOOQ.replace("Close", "引け").replace("Open", "Close"))
    declared = {"引け": "close", "Close": "open"}
    assert prices(tmp_path, columns=declared) == EXPECTED
    assert ImportedFiles(columns=declared).columns == declared
    with pytest.raises(ParamsError, match=r'columns\.引け: unknown column "clse"; did you mean "close"'):
        ImportedFiles(columns={"引け": "clse"})


def test_two_headings_of_one_column_are_refused_with_the_way_out(tmp_path: Path) -> None:
    put(tmp_path, "7203.csv", STOOQ.replace("Volume", "Volume,終値").replace("00\n", "00,105\n"))
    with pytest.raises(DataError, match='two columns are the close: "Close" and "終値"') as caught:
        rows(tmp_path)
    assert "columns: {終値: none}" in caught.value.do
    assert prices(tmp_path, columns={"終値": "none"}) == EXPECTED


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("7203.csv", "72030"), ("7203_2024.csv", "72030"), ("stock_167a_d.csv", "167A0"),
        ("株価 7203 日足.csv", "72030"), ("25935.csv", "25935"), ("72030.csv", "72030"),
    ],
)  # fmt: skip
def test_the_stock_that_a_name_says(tmp_path: Path, name: str, code: str) -> None:
    put(tmp_path, name, STOOQ)
    assert {row["Code"] for row in rows(tmp_path)} == {code}


@pytest.mark.parametrize("name", ["prices.csv", "prices_2024_7203.csv"])
def test_a_stock_that_no_name_says_is_asked_for(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, name, STOOQ)
    with pytest.raises(DataError, match="its stock is not known") as caught:
        rows(path)
    assert "--code" in caught.value.do
    assert prices(path, code="72030") == EXPECTED


def test_a_factor_is_taken_where_there_is_one(tmp_path: Path) -> None:
    put(tmp_path, "7203.csv", "日付,始値,高値,安値,終値,出来高,調整係数\n2025-01-06,1,1,1,1,100,0.2\n")
    assert rows(tmp_path)[0]["AdjFactor"] == 0.2


def test_an_announced_split_is_the_factor_of_plain_bars_that_have_none(tmp_path: Path) -> None:
    put(tmp_path, "7203.csv", STOOQ)
    put(tmp_path, "actions.csv", "PubDate,ExDate,Code,AdjFactor\n2024-12-20,2025-01-07,7203,0.2\n")
    assert [row["AdjFactor"] for row in rows(tmp_path)] == [1.0, 0.2]
    put(tmp_path, "7203.csv", STOOQ.replace("Volume", "Volume,AdjFactor").replace("00\n", "00,1\n"))
    assert [row["AdjFactor"] for row in rows(tmp_path)] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("2025-13-01,1,1,1,1,100", '"2025-13-01" is not a date'),
        ("01/06/2025,1,1,1,1,100", '"01/06/2025" is not a date'),
        ("2025-01-06 09:05,1,1,1,1,100", '"2025-01-06 09:05" is not a date'),
        ("2025-01-06,one,1,1,1,100", "O cannot be read as numbers"),
        ("2025-01-05,1,1,1,1,100", "not a TSE session"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_file(tmp_path: Path, line: str, what: str) -> None:
    put(tmp_path, "7203.csv", f"Date,Open,High,Low,Close,Volume\n{line}\n")
    with pytest.raises(DataError, match=what) as caught:
        rows(tmp_path)
    assert "7203.csv" in caught.value.where


# -- TOPIX and stocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["topix.csv", "^tpx_d.csv"])
def test_plain_levels_of_topix(tmp_path: Path, name: str) -> None:
    put(tmp_path, "7203.csv", STOOQ)
    put(tmp_path, name, "Date,Close\n2025-01-06,2700.5\n")
    assert rows(tmp_path, "topix") == [
        {"Date": date(2025, 1, 6), "O": 2700.5, "H": 2700.5, "L": 2700.5, "C": 2700.5, "TR": None}
    ]


def test_the_exchanges_list_of_stocks_gives_names_sectors_and_classes(tmp_path: Path) -> None:
    put(tmp_path, "7203.csv", STOOQ)
    put(tmp_path, "1306.csv", STOOQ)
    put(
        tmp_path, "data_j.csv",
        "日付,コード,銘柄名,市場・商品区分,33業種コード,33業種区分,規模コード,規模区分\n"
        "20250106,7203,トヨタ自動車,プライム(内国株式),3700,輸送用機器,1,TOPIX Core30\n"
        "20250106,1306,NEXT FUNDS,ETF・ETN,-,-,-,-\n",
        "cp932",
    )  # fmt: skip
    names = ("Code", "CoName", "S33Nm", "ScaleCat", "Mkt", "ProdCat")
    assert [tuple(row[name] for name in names) for row in rows(tmp_path, "master")] == [
        ("72030", "トヨタ自動車", "輸送用機器", "TOPIX Core30", "0111", "011"),
        ("13060", "NEXT FUNDS", "-", "-", "0109", "014"),
    ]


# -- J-Quants' files ------------------------------------------------------------------------------------


def as_csv(dataset: str, content: list[dict[str, Any]]) -> bytes:
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(table(dataset, content), sink)
    return sink.getvalue().to_pybytes()


def test_bulk_files_are_known_by_their_columns_in_subfolders_and_by_month(tmp_path: Path) -> None:
    whole = bars()
    for n, part in enumerate((whole[:2], whole[2:])):
        name = f"equities/bars/daily/2025/equities_bars_daily_20250{n}.csv.gz"
        put(tmp_path, name, gzip.compress(as_csv("bars", part)))
    put(tmp_path, "equities_master_202501.csv.gz", gzip.compress(as_csv("master", [company()])))
    put(tmp_path, "x/indices_topix.csv", as_csv("topix", index()))
    put(tmp_path, "x/fins.csv", as_csv("statements", [statement("1", "2024-05-08")]))
    put(tmp_path, "flows.csv", as_csv("flows", [flow("2025-01-06", "2024-12-27")]))
    counts = {name: len(rows(tmp_path, name)) for name in ("bars", "master", "topix", "statements", "flows")}
    assert counts == {"bars": 5, "master": 1, "topix": 5, "statements": 1, "flows": 1}


def test_topix_with_dividends_is_taken_and_an_index_of_another_code_is_not(tmp_path: Path) -> None:
    put(tmp_path, "bars.csv", as_csv("bars", bars()))
    put(tmp_path, "index.csv", as_csv("topix", [row | {"TR": 4000.0} for row in index()]))
    put(tmp_path, "other.csv", "Date,Code,O,H,L,C\n2025-01-06,0028,1,1,1,1\n")
    assert [row["TR"] for row in rows(tmp_path, "topix")] == [4000.0] * 5
    assert list(passed_over(tmp_path)) == ["other.csv"]


def test_what_a_tool_saves_with_columns_beyond_those_that_are_kept(tmp_path: Path) -> None:
    extra = {"UL": "0", "LL": "0", "AdjO": 1.0, "AdjC": 1.0, "MktCap": None}
    pq.write_table(pa.Table.from_pylist([row | extra for row in bars()]), tmp_path / "daily.parquet")
    assert len(rows(tmp_path)) == 5


def test_other_files_are_passed_over_and_named(tmp_path: Path) -> None:
    put(tmp_path, "bars_daily.csv", as_csv("bars", bars()))
    put(tmp_path, "7203.csv", STOOQ)
    put(tmp_path, "minutes.csv", "Date,Time,Code,O,H,L,C,Vo,Va\n2025-01-06,09:00,72030,1,1,1,1,1,1\n")
    put(tmp_path, "notes.txt", "remember the milk\n")
    put(tmp_path, ".hidden/7203.csv", STOOQ)
    assert len(rows(tmp_path)) == 5
    assert passed_over(tmp_path) == {
        "7203.csv": "plain, beside files of J-Quants",
        "minutes.csv": "its columns are none of a data set: Date, Time, Code, O, H, L, C, Vo",
        "notes.txt": "its columns are none of a data set: remember the milk",
    }


@pytest.mark.parametrize("text", ["Exceeded the daily hits limit", "Get your apikey:\n\n1. Open", ""])
def test_an_answer_that_is_no_prices_is_refused_under_a_stocks_name(tmp_path: Path, text: str) -> None:
    put(tmp_path, "6758.csv", STOOQ)
    put(tmp_path, "7203.csv", text)
    with pytest.raises(DataError, match=r"7203\.csv is not read: its columns are none of a data set"):
        rows(tmp_path)


def test_a_folder_without_bars_says_what_it_has(tmp_path: Path) -> None:
    put(tmp_path, "notes.csv", "a,b\n1,2\n")
    with pytest.raises(DataError, match="no file has bars") as caught:
        rows(tmp_path)
    assert "notes.csv: its columns are none of a data set: a, b" in caught.value.where
    assert "jstock data import --help" in caught.value.do


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("7203.csv.gz", b"no gzip"),
        ("7203.csv", b"\xff\x81\x00\x00"),
        ("7203.parquet", b"PAR1"),
        ("7203.csv.gz", gzip.compress(STOOQ.encode() * 99, mtime=0)[:60]),
        ("7203.csv", STOOQ.encode() + b"\xfa"),
        ("7203.csv", STOOQ.encode("utf-16")[:-1]),
        ("7203.csv", STOOQ.encode() + b"2025-01-08,1\n"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    put(tmp_path, name, content)
    with pytest.raises(DataError, match=f"{name} is unreadable"):
        rows(tmp_path)


def test_what_a_data_frame_holds(tmp_path: Path) -> None:
    """Moments that are midnight in Tokyo, codes as numbers, full-width text."""
    midnight = pa.array([datetime(2025, 1, 6, 15)], pa.timestamp("us", tz="Asia/Tokyo"))
    frame = {
        "Date": midnight,
        "Code": pa.array([7203.0]),
        "Open": ["１，０００"],
        "High": [1000],
        "Low": [1000],
    }
    pq.write_table(pa.table({**frame, "Close": [1000.0], "Volume": ["100"]}), tmp_path / "x.parquet")
    [row] = rows(tmp_path)
    assert (str(row["Date"]), row["Code"], row["O"]) == ("2025-01-07", "72030", 1000.0)
    pq.write_table(pa.table({**frame, "Close": [[1.0]], "Volume": ["100"]}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="cannot be read"):
        rows(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "7203.csv")
    with pytest.raises(DataError, match="it is a pipe"):
        rows(tmp_path)


# -- the page of documentation --------------------------------------------------------------------------

PAGE = Path(__file__).parents[4] / "docs" / "files.md"


def test_the_page_names_every_column_that_must_be_there() -> None:
    rows_of = {line.split("|")[2].strip(): line.split("|")[3] for line in PAGE.read_text("utf-8").splitlines()
               if line.count("|") == 4}  # fmt: skip
    for dataset, name in NAMES.items():
        needed = {column.name for column in DATA_SETS[dataset].columns if column.required}
        if dataset not in ("flows", "statements"):
            assert needed <= set(rows_of[name].replace(";", "").split()), dataset
        assert SIGNS[dataset] <= set(rows_of[name].replace(";", "").replace(",", "").split()), dataset


def test_the_examples_of_the_page_are_read_as_it_says(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    [example] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    put(tmp_path, "7203.csv", example)
    now = datetime(2026, 1, 22, 7, tzinfo=JST)
    assert len(Files(tmp_path).fetch("bars", None, now)) == 2
    [declared] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    settings = YAML(typ="safe").load(declared)["provider"]
    assert make_provider(settings, where="docs").id == "files"


# -- real bars ------------------------------------------------------------------------------------------


@needs_real
def test_real_bars_as_plain_files_are_the_same_bars(tmp_path: Path) -> None:
    """Written as a Japanese CSV in Shift_JIS, one file a stock, they come back bit for bit."""
    from pyarrow import csv

    whole = normalise("bars", Files(REAL_FOLDER).fetch("bars", None, NOW), where="test")
    words = {
        "Date": "日付",
        "O": "始値",
        "H": "高値",
        "L": "安値",
        "C": "終値",
        "Vo": "出来高",
        "AdjFactor": "調整係数",
    }
    for code in ("72030", "167A0", "13060"):
        mine = whole.filter(pa.compute.equal(whole.column("Code"), code)).select(list(words))
        sink = pa.BufferOutputStream()
        csv.write_csv(mine.rename_columns(list(words.values())), sink)
        put(tmp_path, f"{code[:4]}.csv", sink.getvalue().to_pybytes().decode().encode("cp932"))
    kept = pa.compute.is_in(whole.column("Code"), pa.array(["72030", "167A0", "13060"]))
    order = [("Code", "ascending"), ("Date", "ascending")]
    names = ["Code", *words]
    delivered = Files(tmp_path).fetch("bars", None, NOW)
    found = normalise("bars", delivered, where="test").sort_by(order).select(names)
    assert found.equals(whole.filter(kept).sort_by(order).select(names))


@needs_real
def test_features_beside_real_bars_are_passed_over() -> None:
    assert Files(REAL_FOLDER).folder.passed_over[0].why == "plain, beside files of J-Quants"


@pytest.mark.parametrize("heading", ["C", "AdjFactor", "Code"])
def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, heading: str) -> None:
    """Which of the two counts nobody can tell; what is not read may be there as often as it likes."""
    head, row = "Date,Code,O,H,L,C,Vo,Va,AdjFactor", "2025-01-06,72030,100,110,90,105,1000,105000,1"
    put(tmp_path, "bars_daily.csv", f"{head},{heading}\n{row},2\n")
    with pytest.raises(DataError, match=f"the column {heading} is there twice"):
        prices(tmp_path)
    put(tmp_path, "bars_daily.csv", f"{head},x,x\n{row},1,2\n")
    assert prices(tmp_path) == EXPECTED[:1]
