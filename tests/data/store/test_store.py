from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError, UsageError
from jstock_core.data.providers.file_formats.folder import NAMES
from jstock_core.data.providers.files import Files
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.editions import commit
from jstock_core.data.store.editions import manifest as manifests
from jstock_core.data.store.editions.ledger import Delivery
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.rows import parts
from jstock_core.data.store.rows.versions import NEWEST
from jstock_core.data.store.store import MarketStore
from jstock_core.data.tables.schema import DATA_SETS
from tests.data.rows import NOW, SESSIONS, Tables, bar, bars, company, flow, index, market, statement, table
from tests.data.store.test_load import NOTICE, equal

FLOWS = [flow("2025-01-09", "2024-12-27"), flow("2025-01-09", "2024-12-27", "TSEGrowth")]
STATEMENTS = [
    statement("20240508500001", "2024-05-08"),
    statement("20240508500001", "2024-05-08"),
    statement("20240520500009", "2024-05-20", Sales="1001"),
]
EARNINGS = [{"PubDate": "2025-01-06", "SchDate": "2025-02-05", "Code": "72030"}]
ACTIONS = [{"PubDate": "2024-12-26", "Code": "72030", "ExDate": "2025-01-07", "AdjFactor": 0.5}]
FULL = market(flows=FLOWS, statements=STATEMENTS, earnings=EARNINGS, actions=ACTIONS)


def rows(store: MarketStore, dataset: str) -> list[dict[str, object]]:
    return store.read().table(dataset).to_pylist()


def files(root: Path) -> dict[str, bytes]:
    """Every file of a store by name, but for leavings of a crash and the cache."""
    found = [p for p in root.rglob("*") if p.is_file() and not p.name.endswith((".part", ".npz"))]
    return {str(p.relative_to(root)): p.read_bytes() for p in found}


def part_file(store: MarketStore, name: str) -> Path:
    return store.root / store.read().manifest.parts[name].file


def append(store: MarketStore, dataset: str, made: Sequence[dict[str, Any]], at: datetime = NOW) -> Delivery:
    return store.append(dataset, table(dataset, made), market(), received_at=at)


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    return MarketStore(tmp_path / "data")


def test_an_update_fills_every_data_set_and_says_how_many_rows_were_new(store: MarketStore) -> None:
    updated = store.update(FULL, NOW)
    assert updated.rows == {
        "master": 1, "bars": 5, "topix": 5, "flows": 2, "statements": 2, "earnings": 1, "actions": 1,
        "dividends": 0,
    }  # fmt: skip
    assert str(updated.through) == SESSIONS[-1]


def test_large_data_sets_are_cut_by_year_and_deliveries_are_kept_as_they_came(store: MarketStore) -> None:
    store.update(FULL, NOW)
    assert list(store.read().manifest.parts) == [
        "actions/all", "bars/2024", "bars/2025", "earnings/all", "flows/all", "master/all",
        "statements/all", "topix/all",
    ]  # fmt: skip
    assert {part.file for part in store.read().manifest.parts.values()} == {
        name for name in files(store.root) if name.startswith("parsed/")
    }
    assert sorted(name for name in files(store.root) if not name.startswith("parsed/")) == [
        "deliveries.jsonl",
        *(f"raw/2025/{n:06}-{dataset}.parquet" for n, dataset in enumerate(DATASETS[:-1], start=1)),
        "store.json",
    ]


def test_a_long_year_of_bars_is_cut_into_months(store: MarketStore, monkeypatch: pytest.MonkeyPatch) -> None:
    once = MarketStore(store.root.with_name("once"))
    once.update(market(), NOW)
    monkeypatch.setattr(parts, "LONG", 2)
    store.update(market(bars=bars(sessions=SESSIONS[:2])), NOW)
    assert list(store.read().manifest.of("bars")) == ["bars/2024"]
    store.update(market(), NOW, whole=True)
    assert list(store.read().manifest.of("bars")) == ["bars/2024-12", "bars/2025"]
    store.update(market(bars=[*bars(), bar("2025-01-08"), bar("2024-12-24")]), NOW, whole=True)
    once.update(market(bars=[*bars(), bar("2025-01-08"), bar("2024-12-24")]), NOW, whole=True)
    assert list(store.read().manifest.of("bars")) == ["bars/2024-12", "bars/2025-01"]
    assert rows(store, "bars") == rows(once, "bars")
    assert store.read().snapshot() == once.read().snapshot()


def test_a_long_history_of_bars_is_stored_month_by_month(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is delivered at once; where a month is not fit, those before are stored."""
    days = ["2024-10-01", *SESSIONS]
    once = MarketStore(store.root.with_name("once"))
    once.update(market(bars=bars(sessions=days)), NOW)
    assert len([each for each in once.deliveries() if each.dataset == "bars"]) == 1
    monkeypatch.setattr(parts, "PIECE", 2)
    torn = [*bars(sessions=days[::-1]), bar("2025-01-06", C=1.0)]
    with pytest.raises(DataError, match="delivered twice, differently"):
        store.update(market(bars=torn), NOW)
    assert str(store.read().last("bars")) == "2024-12-30"
    updated = store.update(market(bars=bars(sessions=days)), NOW)
    assert [each.new for each in store.deliveries() if each.dataset == "bars"] == [4, 2]
    assert (updated.rows["bars"], str(updated.through)) == (2, "2025-01-07")
    assert rows(store, "bars") == rows(once, "bars")
    assert store.read().snapshot() == once.read().snapshot()


def test_the_same_rows_again_add_nothing_and_change_no_byte(store: MarketStore) -> None:
    store.update(FULL, NOW)
    before = files(store.root)
    assert set(store.update(FULL, NOW, whole=True).rows.values()) == {0}
    assert files(store.root) == before


def test_stored_files_are_plain_parquet_with_dates_text_and_numbers(store: MarketStore) -> None:
    store.update(FULL, NOW)
    stored = pq.ParquetFile(part_file(store, "bars/2024")).read(use_threads=False)
    assert [str(kind) for kind in stored.schema.types[:3]] == ["date32[day]", "string", "double"]
    assert stored.column("Code").to_pylist() == ["72030"] * 3


def test_a_statement_is_stored_once_and_its_correction_too(store: MarketStore) -> None:
    store.update(FULL, NOW)
    assert [row["DiscNo"] for row in rows(store, "statements")] == ["20240508500001", "20240520500009"]


def test_an_update_asks_from_the_newest_stored_day_on_and_catches_what_came_late_on_it(
    store: MarketStore,
) -> None:
    first = market(bars=bars(), master=[company(), company("167A0")])
    store.update(first, NOW)
    late = market(
        master=[company(), company("167A0")],
        bars=[*bars(), bar(SESSIONS[-1], "167A0"), bar("2025-01-08"), bar("2025-01-08", "167A0")],
    )
    assert store.update(late, NOW).rows["bars"] == 3
    assert str(late.asked["bars"]) == "2025-01-06"


def test_what_is_not_public_yet_is_not_stored(store: MarketStore) -> None:
    store.update(market(), NOW.replace(year=2025, month=1, day=7, hour=16, minute=29))
    assert str(store.read().last("bars")) == "2025-01-06"
    assert (
        store.update(market(), NOW.replace(year=2025, month=1, day=7, hour=16, minute=30)).rows["bars"] == 1
    )


def test_whole_brings_a_stock_that_was_not_stored_before(store: MarketStore) -> None:
    store.update(market(), NOW)
    wider = market(master=[company(), company("167A0")], bars=[*bars(), *bars("167A0")])
    assert store.update(wider, NOW, whole=True).rows["bars"] == len(SESSIONS)


def test_progress_names_each_data_set(store: MarketStore) -> None:
    said: list[str] = []
    store.update(market(), NOW, progress=said.append)
    assert said == list(DATASETS)


def test_covers_needs_bars_and_benchmark(store: MarketStore) -> None:
    day = NOW.date().replace(year=2025, month=1, day=7)
    assert not store.covers(day)
    store.update(market(topix=index(SESSIONS[:-1])), NOW)
    assert not store.covers(day)
    store.update(market(), NOW)
    assert store.covers(day)


def test_a_company_that_leaves_the_list_stays_and_one_that_changes_keeps_what_it_was(
    store: MarketStore,
) -> None:
    store.update(market(master=[company(), company("65010")]), NOW)
    store.update(market(master=[company(CoName="乙")]), NOW)
    told = [(row["Code"], row["CoName"], row["Listed"], str(row["From"])) for row in rows(store, "master")]
    assert told == [
        ("65010", "甲", 1.0, "1900-01-01"),
        ("65010", "甲", 0.0, "2025-12-01"),
        ("72030", "甲", 1.0, "1900-01-01"),
        ("72030", "乙", 1.0, "2025-12-01"),
    ]


def test_a_dated_list_holds_from_its_day_and_repeats_nothing(store: MarketStore) -> None:
    lists = [
        company(Date="2024-12-26"), company("65010", Date="2024-12-26"), company(Date="2024-12-27"),
        company("65010", Date="2024-12-27"), company(Date="2024-12-30", ScaleCat="TOPIX Mid400"),
    ]  # fmt: skip
    at_once, by_day = store, MarketStore(store.root.with_name("by day"))
    append(at_once, "master", lists)
    for day in ("2024-12-26", "2024-12-27", "2024-12-30"):
        append(by_day, "master", [row for row in lists if row["Date"] == day])
    told = [(row["Code"], row["ScaleCat"], row["Listed"], str(row["From"])) for row in rows(store, "master")]
    assert told == [
        ("65010", "TOPIX Core30", 1.0, "2024-12-26"),
        ("65010", "TOPIX Core30", 0.0, "2024-12-30"),
        ("72030", "TOPIX Core30", 1.0, "2024-12-26"),
        ("72030", "TOPIX Mid400", 1.0, "2024-12-30"),
    ]
    assert rows(by_day, "master") == rows(at_once, "master")
    assert by_day.read().snapshot() == at_once.read().snapshot()


# -- revisions ------------------------------------------------------------------------------------------


def test_a_revised_bar_is_kept_beside_the_one_before(store: MarketStore) -> None:
    """A vendor's correction must not stop the desk, nor change what an earlier decision saw."""
    store.update(market(), NOW)
    before, old = store.read(), rows(store, "bars")
    revised = [*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], C=1999.0)]
    update = store.update(market(bars=revised), NOW)
    assert (update.rows["bars"], update.revised["bars"]) == (0, 1)
    assert rows(store, "bars")[-1]["C"] == 1999.0
    assert len(rows(store, "bars")) == len(old)
    then = store.read(store.vintage(before.token, NOW))
    assert then.table("bars").to_pylist() == old
    assert (then.snapshot(), then.token) == (before.snapshot(), before.token)
    assert store.read().snapshot() != before.snapshot()


def test_a_row_may_be_revised_again_and_back(store: MarketStore) -> None:
    tokens, snapshots = [], []
    for close in (2000.0, 1999.0, 2000.0):
        append(store, "bars", [*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], C=close)])
        tokens.append(store.read().token)
        snapshots.append(store.read().snapshot())
    seen = [store.read(store.vintage(token, NOW)) for token in tokens]
    assert [each.table("bars").to_pylist()[-1]["C"] for each in seen] == [2000.0, 1999.0, 2000.0]
    assert [each.snapshot() for each in seen] == snapshots
    assert snapshots[0] == snapshots[2] != snapshots[1]


def test_a_price_where_none_was_stored_is_a_revision_too(store: MarketStore) -> None:
    store.update(market(bars=[*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], close=None)]), NOW)
    assert store.update(market(), NOW).revised["bars"] == 1


def test_every_delivery_is_listed_with_its_time_and_its_rows_as_received(store: MarketStore) -> None:
    """All columns, also those that the schema does not know; rows that were known cost nothing."""
    later = NOW.replace(day=2)
    append(store, "bars", [row | {"Margin": 5} for row in bars()])
    append(store, "bars", [bar(SESSIONS[3]) | {"Margin": 5}, bar(SESSIONS[4], C=1.0) | {"Margin": 5}], later)
    first, second = store.deliveries()
    assert (first.edition, first.new, first.revised, first.received_at) == (1, 5, 0, NOW)
    assert (second.edition, second.new, second.revised, second.received_at) == (2, 0, 1, later)
    assert (first.source, first.dataset) == ("tables", "bars")
    raw = pq.ParquetFile(store.root / second.file).read(use_threads=False).to_pylist()
    assert [(row["Date"], row["C"], row["Margin"]) for row in raw] == [(SESSIONS[4], 1.0, 5)]


def test_a_column_beyond_the_schema_that_changes_is_kept_in_the_raw_edition(store: MarketStore) -> None:
    append(store, "bars", [row | {"Margin": 5} for row in bars()])
    before = store.read().snapshot()
    assert append(store, "bars", [bar(SESSIONS[4]) | {"Margin": 6}]).edition == 2
    assert append(store, "bars", [bar(SESSIONS[4]) | {"Margin": 6}]).edition == 0
    assert append(store, "bars", [bar(SESSIONS[4])]).edition == 0, "no column says nothing"
    assert store.read().snapshot() == before
    assert store.deliveries()[-1].revised == 0


def list_day(store: MarketStore) -> str:
    return str(store.read().manifest.list_day)


def test_the_day_of_the_newest_list_of_stocks_is_kept_also_where_nothing_changed(store: MarketStore) -> None:
    names = [company(), company("65010"), company("67580")]
    store.update(market(master=names), NOW)
    assert list_day(store) == "2025-12-01", "without a day of its own it is that of receipt"
    before = store.read()
    assert append(store, "master", [row | {"Date": "2025-12-05"} for row in names]).edition == 0
    assert (list_day(store), store.read().token) == ("2025-12-05", before.token)
    append(store, "master", [row | {"Date": "2025-12-03"} for row in names])
    append(store, "master", [company("13010", Date="2025-12-09")])  # one of three is an addition
    assert list_day(store) == "2025-12-05"
    store.rebuild()
    assert list_day(store) == "2025-12-05"


def test_a_store_from_before_the_day_of_lists_was_kept_takes_it_from_the_next_one(store: MarketStore) -> None:
    store.update(market(), NOW)
    path = store.root / "store.json"
    reseal(path, {key: value for key, value in json.loads(path.read_text()).items() if key != "list_day"})
    assert list_day(store) == "None"
    store.update(market(), NOW)
    assert list_day(store) == "2025-12-01"


def test_rows_that_contradict_each_other_in_one_delivery_are_refused(store: MarketStore) -> None:
    with pytest.raises(DataError, match="delivered twice, differently"):
        store.update(market(bars=[*bars(), bar(SESSIONS[0], Vo=2000.0)]), NOW)


def test_what_the_panel_could_not_hold_is_refused_before_it_is_stored(store: MarketStore) -> None:
    """A store is append only: it must not take in what no load would accept."""
    with pytest.raises(DataError, match="2024-12-28, which is not a TSE session") as caught:
        append(store, "bars", [*bars(), bar("2024-12-28")])
    assert "provider tables" in caught.value.where
    assert files(store.root) == {}


def test_rows_of_another_provider_are_refused(store: MarketStore) -> None:
    store.update(market(), NOW)
    before = files(store.root)
    with pytest.raises(DataError, match='provider "tables"; data of "other" is refused'):
        store.update(Tables(market().rows, id="other"), NOW)
    with pytest.raises(DataError, match="refused"):
        store.append("bars", table("bars", bars()), Tables({}, id="other"), received_at=NOW)
    assert files(store.root) == before


# -- editions -------------------------------------------------------------------------------------------


def test_an_edition_of_another_store_shows_first_versions_and_what_was_received_by_then(
    store: MarketStore,
) -> None:
    """The store of a desk may be lost and fetched again, or be another machine's."""
    append(store, "bars", bars())
    append(store, "bars", [bar(SESSIONS[0], C=1.0)], NOW.replace(day=2))
    append(store, "bars", [bar(SESSIONS[0], C=2.0), bar("2025-01-08")], NOW.replace(day=4))
    for token in ("", "3-000000000000"):
        then = store.read(store.vintage(token, NOW.replace(day=3)))
        assert [row["C"] for row in then.table("bars").to_pylist()] == [1.0, *[2000.0] * 5]
        assert then.token == ""
    assert store.vintage("", NOW.replace(day=5)) == NEWEST


ROW = {
    "bars": bar(SESSIONS[1], C=1.0), "topix": index()[1] | {"C": 1.0}, "master": company(CoName="乙"),
    "flows": FLOWS[0] | {"TotBal": 9.0}, "statements": STATEMENTS[0] | {"Sales": "9"},
    "earnings": EARNINGS[0] | {"FQName": "x"}, "actions": ACTIONS[0] | {"AdjFactor": 0.1},
    "dividends": NOTICE | {"DivRate": "41"},
}  # fmt: skip
LATER = {
    "bars": bar("2025-01-08"), "topix": index(["2024-12-25"])[0], "master": company("65010"),
    "flows": flow("2025-01-16", "2025-01-10"), "statements": statement("20200101500001", "2020-01-01"),
    "earnings": EARNINGS[0] | {"Code": "65010"}, "actions": ACTIONS[0] | {"Code": "65010"},
    "dividends": NOTICE | {"RefNo": "9"},
}  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(DATASETS), st.booleans()), min_size=1, max_size=6))
def test_what_is_received_later_changes_no_edition(
    tmp_path_factory: pytest.TempPathFactory, planted: list[tuple[str, bool]]
) -> None:
    store = MarketStore(tmp_path_factory.mktemp("planted"))
    store.update(Tables({**FULL.rows, "dividends": [NOTICE]}), NOW)
    seen = []
    for dataset, is_new in planted:
        seen.append((store.read(), load_panel(store)))
        append(store, dataset, [(LATER if is_new else ROW)[dataset]], NOW.replace(day=9))
    for contents, panel in seen:
        vintage = store.vintage(contents.token, NOW)
        assert store.read(vintage).snapshot() == contents.snapshot()
        assert equal(load_panel(store, vintage=vintage), panel)


def test_a_window_has_the_key_and_the_columns_asked_for_in_the_edition_asked_for(store: MarketStore) -> None:
    store.update(FULL, NOW)
    token = store.read().token
    append(store, "bars", [bar(SESSIONS[3], C=1.0), bar("2025-01-08")])
    span = (date(2024, 12, 30), date(2025, 1, 7))
    found = store.window("bars", ["C", "Vo"], *span)
    assert found.column_names == ["Date", "Code", "C", "Vo"]
    assert [(str(row["Date"]), row["C"]) for row in found.to_pylist()] == [
        (SESSIONS[2], 2000.0), (SESSIONS[3], 1.0), (SESSIONS[4], 2000.0),
    ]  # fmt: skip
    then = store.window("bars", ["C"], *span, vintage=store.vintage(token, NOW))
    assert then.column("C").to_pylist() == [2000.0] * 3
    assert store.window("statements", ["Sales"], date(2024, 5, 10), date(2024, 5, 30)).to_pylist() == [
        {"DiscNo": "20240520500009", "Sales": "1001"}
    ]


def test_a_window_reads_no_other_parts(store: MarketStore) -> None:
    store.update(FULL, NOW)
    part_file(store, "bars/2024").unlink()
    assert len(store.window("bars", ["C"], date(2025, 1, 1), date(2025, 12, 31))) == 2
    with pytest.raises(DataError, match="is missing"):
        store.window("bars", ["C"], date(2024, 12, 30), date(2025, 12, 31))
    with pytest.raises(UsageError, match="bars has no column Close"):
        store.window("bars", ["Close"], date(2025, 1, 1), date(2025, 12, 31))
    with pytest.raises(UsageError, match="master has no date"):
        store.window("master", ["CoName"], date(2025, 1, 1), date(2025, 12, 31))


def test_the_parsed_edition_can_be_made_again_from_the_raw_one(store: MarketStore) -> None:
    store.update(FULL, NOW)
    store.update(market(master=[company(CoName="乙")], bars=bars(C=7.0), flows=FLOWS), NOW.replace(day=2))
    before = store.read()
    kept = {name: rows(store, name) for name in DATASETS}
    assert store.rebuild() == len(store.deliveries())
    assert store.read() == before
    shutil.rmtree(store.root / "parsed")
    store.rebuild()
    assert {name: rows(store, name) for name in DATASETS} == kept
    assert store.read().snapshot() == before.snapshot()


@pytest.mark.parametrize("harm", ["cut", "changed", "missing", "emptied"])
def test_a_harmed_list_of_deliveries_is_an_error(store: MarketStore, harm: str) -> None:
    store.update(FULL, NOW)
    path = store.root / "deliveries.jsonl"
    content = path.read_bytes()
    path.write_bytes(
        {"cut": content[:-30], "changed": content.replace(b'"new": 5', b'"new": 6')}.get(harm, b"")
    )
    if harm == "missing":
        path.unlink()
    with pytest.raises(DataError, match="list of deliveries"):
        store.deliveries()


# -- damage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["master/all", "bars/2024", "topix/all"])
@pytest.mark.parametrize("harm", ["truncated", "flipped", "missing", "emptied"])
def test_a_harmed_file_is_an_error_that_names_it(store: MarketStore, name: str, harm: str) -> None:
    store.update(FULL, NOW)
    file = part_file(store, name)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes({"truncated": content[:-9], "flipped": content, "emptied": b""}.get(harm, b""))
    if harm == "missing":
        file.unlink()
    with pytest.raises(DataError, match="is missing" if harm == "missing" else "is damaged") as caught:
        load_panel(store)
    assert str(file.relative_to(store.root)) in caught.value.what
    assert str(file) == caught.value.where
    assert "restore" in caught.value.do


def test_a_file_with_the_right_hash_that_is_no_parquet_is_an_error(store: MarketStore) -> None:
    """Someone edited the manifest as well."""
    store.update(FULL, NOW)
    part_file(store, "master/all").write_bytes(b"PAR1 but not really")
    manifest = json.loads((store.root / "store.json").read_text())
    digest = hashlib.sha256(b"PAR1 but not really").hexdigest()
    manifest["parts"]["master/all"]["sha256"] = digest
    reseal(store.root / "store.json", manifest)
    with pytest.raises(DataError, match=r"master/.*\.parquet is unreadable"):
        rows(store, "master")


def reseal(path: Path, manifest: dict[str, Any]) -> None:
    body = {key: value for key, value in manifest.items() if key != "check"}
    check = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({**body, "check": check}))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "files": 3}'])
def test_an_unreadable_manifest_is_an_error(store: MarketStore, text: str) -> None:
    store.update(FULL, NOW)
    (store.root / "store.json").write_text(text)
    with pytest.raises(DataError, match="manifest is unreadable"):
        store.read()


@pytest.mark.parametrize("word", ["last", "rows", "check"])
def test_a_manifest_that_was_altered_is_an_error(store: MarketStore, word: str) -> None:
    """A later `last` would leave the sessions before it unfetched for ever."""
    store.update(FULL, NOW)
    path = store.root / "store.json"
    text = path.read_text()
    at = text.index(f'"{word}": ') + len(word) + 4
    at = next(n for n in range(at, len(text)) if text[n].isdigit())
    path.write_text(f"{text[:at]}{int(text[at]) ^ 1}{text[at + 1 :]}")
    with pytest.raises(DataError, match="does not match its hash"):
        store.read()
    path.write_text(text.replace('"check"', '"chekc"'))
    with pytest.raises(DataError, match="does not match its hash"):
        store.read()


def test_a_manifest_of_another_schema_is_an_error(store: MarketStore) -> None:
    store.update(FULL, NOW)
    path = store.root / "store.json"
    reseal(path, json.loads(path.read_text()) | {"schema": 99})
    with pytest.raises(DataError, match="schema 99"):
        store.read()


def test_data_without_a_manifest_is_an_error_not_an_empty_store(store: MarketStore) -> None:
    store.update(FULL, NOW)
    (store.root / "store.json").unlink()
    with pytest.raises(DataError, match=r"no store\.json"):
        store.read()


def test_a_store_that_never_was_is_empty(store: MarketStore) -> None:
    assert store.read() == StoreContents(store.root, manifests.StoreManifest())
    assert store.read().last("bars") is None


# -- crashes and readers --------------------------------------------------------------------------------


class Crash(BaseException):
    """The process stops here."""


def crash_after(monkeypatch: pytest.MonkeyPatch, writes: int, *, midway: bool) -> None:
    """Stop at the write after `writes` others; `midway` leaves half of a temporary file."""
    done = [0]

    def failing(path: Path, content: bytes) -> None:
        if done[0] == writes:
            if midway:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_name(f".{path.name}.part").write_bytes(content[: len(content) // 2])
            raise Crash
        done[0] += 1
        write_atomically(path, content)

    for module in (manifests, commit):
        monkeypatch.setattr(module, "write_atomically", failing)


@pytest.mark.parametrize("midway", [False, True])
@pytest.mark.parametrize("writes", range(7))
def test_after_a_crash_at_any_write_the_store_reads_and_running_again_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, midway: bool
) -> None:
    """Two years of bars and the benchmark are extended: raw rows, parts and manifests are seven writes."""
    clean, store = MarketStore(tmp_path / "clean"), MarketStore(tmp_path / "data")
    start = market(bars=bars(sessions=SESSIONS[1:3]), topix=index(SESSIONS[:3]))
    for one in (clean, store):
        one.update(start, NOW)
    clean.update(market(), NOW, whole=True)
    with monkeypatch.context() as patch:
        crash_after(patch, writes, midway=midway)
        with pytest.raises(Crash):
            store.update(market(), NOW, whole=True)
    stored = {row["Date"] for row in rows(store, "bars")}
    assert {row["Date"] for row in rows(clean, "bars")} >= stored
    assert len(stored) >= 2
    store.update(market(), NOW, whole=True)
    assert rows(store, "bars") == rows(clean, "bars")
    assert store.read().manifest == clean.read().manifest
    assert files(store.root).keys() == files(clean.root).keys()


def test_what_a_crash_left_in_the_ledger_is_dropped(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, "bars", bars(sessions=SESSIONS[:1]))
    for count in (2, 3):
        with monkeypatch.context() as patch:
            crash_after(patch, 2, midway=False)  # raw rows and one part are written, the manifest is not
            with pytest.raises(Crash):
                append(store, "bars", bars(sessions=SESSIONS[:count]))
        assert len(store.deliveries()) == len(rows(store, "bars")) == 1
    append(store, "bars", bars(sessions=SESSIONS[:2]))
    assert [delivery.edition for delivery in store.deliveries()] == [1, 2]


def test_a_reader_that_comes_between_manifest_and_file_reads_again(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the manifest from before an update, and finds the files from after it."""
    store.update(market(bars=bars(sessions=SESSIONS[:4])), NOW)
    old = manifests.read(store.root)
    store.update(market(), NOW)
    read, held = manifests.read, [old]
    monkeypatch.setattr(manifests, "read", lambda folder: held.pop() if held else read(folder))
    assert str(load_panel(store).dates[-1]) == SESSIONS[-1]


# -- chunks ---------------------------------------------------------------------------------------------

ALL = [row for code in ("167A0", "72030", "99840") for row in bars(code)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(ALL), st.lists(st.integers(0, len(ALL)), max_size=4), st.integers(0, len(ALL)))
def test_rows_appended_in_any_order_and_chunks_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, shuffled: list[dict[str, object]], cuts: list[int], overlap: int
) -> None:
    folder = tmp_path_factory.mktemp("chunks")
    once, chunked = MarketStore(folder / "once"), MarketStore(folder / "chunked")
    append(once, "bars", ALL)
    edges = [0, *sorted(cuts), len(ALL)]
    for start, stop in pairwise(edges):
        part = shuffled[max(0, start - overlap) : stop]
        append(chunked, "bars", part)
    assert rows(chunked, "bars") == rows(once, "bars")
    assert chunked.read().snapshot() == once.read().snapshot()


def test_every_data_set_has_a_key_among_its_columns_and_a_date_but_for_master() -> None:
    assert tuple(DATA_SETS) == DATASETS
    for form in DATA_SETS.values():
        assert set(form.key) <= set(form.arrow.names)
        assert (form.dated_by is None) == (form.name == "master")


def test_a_store_lived_day_by_day_one_fetched_at_once_and_one_imported_are_the_same(tmp_path: Path) -> None:
    """Decisions follow from the panel, so they are the same too."""
    days = [datetime.fromisoformat(f"2026-01-{day:02}T18:00+09:00") for day in (13, 14, 15, 19, 22)]
    lived, at_once, imported = (MarketStore(tmp_path / name) for name in ("lived", "at once", "imported"))
    for now in days:
        lived.update(Simulated(), now)
    at_once.update(Simulated(), days[-1])
    folder = tmp_path / "files"
    folder.mkdir()
    for dataset in DATASETS:
        pq.write_table(Simulated().fetch(dataset, None, days[-1]), folder / f"{NAMES[dataset]}.parquet")
    imported.update(Files(folder), days[-1], whole=True)
    assert lived.read().snapshot() == at_once.read().snapshot() == imported.read().snapshot()
    panels = [load_panel(store) for store in (lived, at_once, imported)]
    for panel in panels[1:]:
        assert equal(replace(panel, source=panels[0].source), panels[0])
    assert len(lived.deliveries()) > len(at_once.deliveries())
