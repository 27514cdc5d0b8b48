from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.providers.files import NAMES, Files
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS
from tests.data.rows import (
    NOW,
    REAL,
    SESSIONS,
    bar,
    bars,
    company,
    flow,
    index,
    needs_real,
    statement,
    table,
    write_folder,
)

ROWS = {
    "master": [company(), company("167A0")],
    "bars": [*bars(), *bars("167A0")],
    "topix": index(),
    "flows": [flow("2025-01-09", "2024-12-27")],
    "statements": [statement("20240508500001", "2024-05-08")],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "export", ROWS)


def as_csv(folder: Path, dataset: str, *, packed: bool = False, mark: bytes = b"") -> None:
    """Replace a folder's parquet file by CSV."""
    path = folder / f"{NAMES[dataset]}.parquet"
    content = pq.ParquetFile(path).read(use_threads=False)
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(content, sink)
    text = mark + sink.getvalue().to_pybytes()
    path.unlink()
    target = path.with_suffix(".csv.gz" if packed else ".csv")
    target.write_bytes(gzip.compress(text) if packed else text)


def fetch(folder: Path, dataset: str, after: date | None = None, now: datetime = NOW) -> pa.Table:
    """What a folder delivers, in the stored form."""
    return normalise(dataset, Files(folder).fetch(dataset, after, now), where="test")


def test_it_is_a_provider_of_real_data(folder: Path) -> None:
    assert (Files(folder).id, Files(folder).capabilities.simulated) == ("files", False)


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_table_has_the_columns_and_types_of_its_data_set(folder: Path, dataset: str) -> None:
    assert fetch(folder, dataset).schema.equals(DATA_SETS[dataset].arrow)


@pytest.mark.parametrize("dataset", ROWS)
@pytest.mark.parametrize("packed", [False, True])
def test_csv_gives_the_same_rows_as_parquet(folder: Path, dataset: str, packed: bool) -> None:
    expected = fetch(folder, dataset)
    as_csv(folder, dataset, packed=packed)
    assert fetch(folder, dataset).equals(expected)


def test_a_byte_order_mark_as_excel_writes_it_is_no_part_of_a_name(folder: Path) -> None:
    expected = fetch(folder, "bars")
    as_csv(folder, "bars", mark=b"\xef\xbb\xbf")
    assert fetch(folder, "bars").equals(expected)


def test_codes_in_csv_stay_text(folder: Path) -> None:
    as_csv(folder, "bars")
    assert set(fetch(folder, "bars").column("Code").to_pylist()) == {"72030", "167A0"}


def test_later_than_after_and_public_by_now(folder: Path) -> None:
    found = fetch(folder, "topix", after=date(2024, 12, 26), now=datetime(2025, 1, 6, 16, 29, tzinfo=JST))
    assert [str(day) for day in found.column("Date").to_pylist()] == ["2024-12-27", "2024-12-30"]


def test_a_statement_is_public_at_its_minute(folder: Path) -> None:
    before, at = (datetime(2024, 5, 8, hour, 59 * (hour == 14), tzinfo=JST) for hour in (14, 15))
    assert len(fetch(folder, "statements", now=before)) == 0
    assert len(fetch(folder, "statements", now=at)) == 1


def test_rows_are_delivered_as_they_are_with_columns_that_jstock_does_not_know(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {**ROWS, "bars": [row | {"Margin": 5} for row in bars()]})
    found = Files(folder).fetch("bars", date(2025, 1, 6), NOW)
    assert [(row["Date"], row["Margin"]) for row in found.to_pylist()] == [(SESSIONS[4], 5)]


def test_files_of_different_types_and_columns_are_one_delivery(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {**ROWS, "bars": bars(sessions=SESSIONS[:2])})
    later = [row | {"Margin": "5"} for row in bars(sessions=SESSIONS[2:])]
    (folder / "more.csv").write_text(
        ",".join(later[0])
        + "\n"
        + "".join(",".join(str(v or "") for v in row.values()) + "\n" for row in later)
    )
    assert fetch(folder, "bars").column("C").to_pylist() == [2000.0] * 5
    assert Files(folder).fetch("bars", None, NOW).column("Margin").to_pylist() == [None, None, "5", "5", "5"]


def test_master_is_of_the_stocks_with_bars_in_all_its_lists(tmp_path: Path) -> None:
    editions = [
        company(Date="2024-10-01", CoName="old"),
        company(Date="2025-01-06", CoName="new"),
        company(Date="2024-12-01", CoName="older"),
        company("99840", Date="2025-01-06"),
    ]
    folder = write_folder(tmp_path, {**ROWS, "master": editions, "bars": bars()})
    found = fetch(folder, "master")
    assert found.column("CoName").to_pylist() == ["old", "new", "older"]
    since = [str(day) for day in found.column("From").to_pylist()]
    assert since == ["2024-10-01", "2025-01-06", "2024-12-01"]


# -- what is wrong is said, with file and column ----------------------------------------------------------


@pytest.mark.parametrize("dataset", ["master", "topix", "flows", "statements", "earnings", "actions"])
def test_only_the_bars_are_required(folder: Path, dataset: str) -> None:
    (folder / f"{NAMES[dataset]}.parquet").unlink(missing_ok=True)
    assert len(fetch(folder, dataset)) == 0


def test_a_folder_without_bars_is_an_error(folder: Path) -> None:
    (folder / f"{NAMES['bars']}.parquet").unlink()
    with pytest.raises(DataError, match="no file has bars"):
        fetch(folder, "bars")


def test_optional_files_may_be_absent_or_there(folder: Path) -> None:
    assert len(fetch(folder, "earnings")) == 0
    write_folder(folder, {"earnings": [{"PubDate": "20250106", "SchDate": "2025-02-05", "Code": "7203"}]})
    assert fetch(folder, "earnings").to_pylist() == [
        {
            "PubDate": date(2025, 1, 6), "SchDate": date(2025, 2, 5), "Code": "72030",
            "FQName": "", "FYE": "",
        }
    ]  # fmt: skip


def test_two_forms_of_one_data_set_are_an_error(folder: Path) -> None:
    (folder / "topix.csv").write_text("Date,O,H,L,C\n")
    with pytest.raises(DataError, match=r"2 forms: topix\.csv, topix\.parquet"):
        fetch(folder, "topix")


@pytest.mark.parametrize(
    ("dataset", "column"), [("bars", "AdjFactor"), ("flows", "FrgnBal"), ("statements", "OdP")]
)
def test_a_missing_column_is_an_error_that_names_file_and_column(
    folder: Path, dataset: str, column: str
) -> None:
    path = folder / f"{NAMES[dataset]}.parquet"
    pq.write_table(table(dataset, ROWS[dataset]).drop_columns([column]), path)
    with pytest.raises(DataError, match=f"column {column} is missing") as caught:
        fetch(folder, dataset)
    assert str(path) in caught.value.where


@pytest.mark.parametrize("name", ["topix.parquet", "topix.csv.gz"])
def test_an_unreadable_file_is_an_error_that_names_it(folder: Path, name: str) -> None:
    (folder / "topix.parquet").unlink()
    (folder / name).write_bytes(b"no such format")
    with pytest.raises(DataError, match=r"topix.* is unreadable|column .* is missing"):
        fetch(folder, "topix")


# -- drifting types ---------------------------------------------------------------------------------------


def only(dataset: str, **columns: pa.Array) -> pa.Table:
    """One row of a data set with some columns of another type."""
    whole = table(dataset, ROWS[dataset][:1])
    for name, array in columns.items():
        whole = whole.set_column(whole.column_names.index(name), name, array)
    return normalise(dataset, whole, where="here")


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["2024-12-26"]),
        pa.array(["20241226"]),
        pa.array(["2024-12-26 00:00:00"]),
        pa.array(["2024-12-26T00:00:00.000"]),
        pa.array(["2024-12-26"], pa.large_string()),
        pa.array([20241226]),
        pa.array([date(2024, 12, 26)]),
        pa.array([datetime(2024, 12, 26)], pa.timestamp("ns")),
        pa.array([datetime(2024, 12, 26)], pa.timestamp("us")),
        pa.array(["2024-12-26"]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_dates_of_any_type_become_dates(array: pa.Array) -> None:
    assert only("bars", Date=array).column("Date").to_pylist() == [date(2024, 12, 26)]


@pytest.mark.parametrize("array", [pa.array(["167A"]), pa.array(["167A0"], pa.large_string())])
def test_codes_become_five_characters(array: pa.Array) -> None:
    assert only("bars", Code=array).column("Code").to_pylist() == ["167A0"]


def test_whole_numbers_are_codes_too() -> None:
    assert only("bars", Code=pa.array([72030])).column("Code").to_pylist() == ["72030"]


@pytest.mark.parametrize("array", [pa.array([2000]), pa.array(["2000.0"]), pa.array([2000.0], pa.float32())])
def test_numbers_of_any_type_become_float64(array: pa.Array) -> None:
    assert only("bars", C=array).column("C").to_pylist() == [2000.0]


def test_nan_and_empty_text_are_no_number() -> None:
    assert only("bars", Va=pa.array([""])).column("Va").null_count == 1
    assert only("bars", Va=pa.array([float("nan")])).column("Va").null_count == 1


def test_statement_text_is_empty_where_not_set() -> None:
    found = only("statements", OP=pa.array([None], pa.string()), CurPerEn=pa.array([date(2024, 3, 31)]))
    assert [found.column(name).to_pylist() for name in ("OP", "CurPerEn")] == [[""], ["2024-03-31"]]


@pytest.mark.parametrize(
    ("dataset", "column", "array"),
    [
        ("bars", "Date", pa.array(["2024-02-30"])),
        ("bars", "Date", pa.array(["26/12/2024"])),
        ("bars", "Date", pa.array([None], pa.date32())),
        ("bars", "Date", pa.array([datetime(2024, 12, 26, 9)], pa.timestamp("ns"))),
        ("bars", "Code", pa.array([72030.0])),
        ("bars", "Code", pa.array(["1E050"])),
        ("bars", "Code", pa.array(["720300"])),
        ("bars", "Code", pa.array([""])),
        ("bars", "C", pa.array(["2,000"])),
        ("bars", "C", pa.array([float("inf")])),
        ("statements", "Sales", pa.array(["n/a"])),
        ("statements", "DiscTime", pa.array(["3 pm"])),
        ("statements", "CurPerEn", pa.array(["2024-02-30"])),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_an_error_that_names_the_column(
    dataset: str, column: str, array: pa.Array
) -> None:
    with pytest.raises(DataError, match=f"{column} cannot be read as") as caught:
        only(dataset, **{column: array})
    assert caught.value.where == f"here, column {column}"


@pytest.mark.parametrize("factor", [0.0, -1.0, None])
def test_an_adjustment_factor_must_be_above_zero_where_there_is_a_price(factor: float | None) -> None:
    with pytest.raises(DataError, match="must be above 0"):
        normalise("bars", table("bars", [bar(SESSIONS[0], AdjFactor=factor), bar(SESSIONS[1])]), where="here")


def test_a_session_without_a_trade_needs_no_factor() -> None:
    rows: list[dict[str, Any]] = [bar(SESSIONS[0]), bar(SESSIONS[1], close=None, AdjFactor=None)]
    assert len(normalise("bars", table("bars", rows), where="here")) == 2


@needs_real
def test_real_files_are_read_with_every_row() -> None:
    """Counts are those of the folder's README."""
    counts = {name: len(Files(REAL).fetch(name, None, NOW)) for name in DATASETS}
    assert counts == {
        "master": 32, "bars": 37337, "topix": 1179, "flows": 28, "statements": 1092,
        "earnings": 0, "actions": 0, "dividends": 0,
    }  # fmt: skip
