from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.store import manifest as manifests
from jstock_core.data.store import store as stores
from jstock_core.data.store.store import MarketStore, StoreContents
from jstock_core.data.tables.schema import DATA_SETS
from tests.data.rows import NOW, SESSIONS, Tables, bar, bars, company, flow, index, market, statement, table

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
    return store.read().table(dataset, where=store.root).to_pylist()


def files(root: Path) -> dict[str, bytes]:
    """Every file of a store by name, but for leavings of a crash and the cache."""
    found = [p for p in root.rglob("*") if p.is_file() and not p.name.endswith((".part", ".npz"))]
    return {str(p.relative_to(root)): p.read_bytes() for p in found}


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


def test_bars_lie_in_one_file_a_year(store: MarketStore) -> None:
    store.update(FULL, NOW)
    assert sorted(files(store.root)) == [
        "benchmarks/topix.parquet",
        "master.parquet",
        "raw_financials/earnings.parquet",
        "raw_financials/statements.parquet",
        "raw_prices/2024.parquet",
        "raw_prices/2025.parquet",
        "raw_prices/actions.parquet",
        "raw_trades/flows.parquet",
        "store.json",
    ]


def test_the_same_rows_again_add_nothing_and_change_no_byte(store: MarketStore) -> None:
    store.update(FULL, NOW)
    before = files(store.root)
    assert set(store.update(FULL, NOW, whole=True).rows.values()) == {0}
    assert files(store.root) == before


def test_stored_files_are_plain_parquet_with_dates_text_and_numbers(store: MarketStore) -> None:
    store.update(FULL, NOW)
    stored = pq.ParquetFile(store.root / "raw_prices/2024.parquet").read(use_threads=False)
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


def test_a_company_that_leaves_master_stays_and_one_that_changes_is_renewed(store: MarketStore) -> None:
    store.update(market(master=[company(), company("65010")]), NOW)
    store.update(market(master=[company(CoName="乙")]), NOW)
    assert [(row["Code"], row["CoName"]) for row in rows(store, "master")] == [
        ("65010", "甲"),
        ("72030", "乙"),
    ]


# -- contradictions -------------------------------------------------------------------------------------


def test_a_revised_bar_is_refused_with_both_numbers_and_nothing_is_written(store: MarketStore) -> None:
    store.update(market(), NOW)
    before = files(store.root)
    revised = [*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], C=1999.0)]
    with pytest.raises(DataError, match="stored, and delivered otherwise now") as caught:
        store.update(market(bars=revised), NOW)
    assert "Date 2025-01-07, Code 72030: C 2000.0 -> 1999.0" in caught.value.what
    assert caught.value.where.endswith("2025.parquet")
    assert files(store.root) == before


def test_a_price_where_none_was_stored_is_a_revision_too(store: MarketStore) -> None:
    store.update(market(bars=[*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], close=None)]), NOW)
    with pytest.raises(DataError, match=r"C None -> 2000\.0"):
        store.update(market(), NOW)


def test_rows_that_contradict_each_other_in_one_delivery_are_refused(store: MarketStore) -> None:
    with pytest.raises(DataError, match="delivered twice, differently"):
        store.update(market(bars=[*bars(), bar(SESSIONS[0], Vo=2000.0)]), NOW)


def test_what_the_panel_could_not_hold_is_refused_before_it_is_stored(store: MarketStore) -> None:
    """A store is append only: it must not take in what no load would accept."""
    with pytest.raises(DataError, match="2024-12-28, which is not a TSE session") as caught:
        store.append("bars", table("bars", [*bars(), bar("2024-12-28")]), market())
    assert "provider tables" in caught.value.where
    assert files(store.root) == {}


def test_rows_of_another_provider_are_refused(store: MarketStore) -> None:
    store.update(market(), NOW)
    before = files(store.root)
    with pytest.raises(DataError, match='provider "tables"; data of "other" is refused'):
        store.update(Tables(market().rows, id="other"), NOW)
    with pytest.raises(DataError, match="refused"):
        store.append("bars", table("bars", bars()), Tables({}, id="other"))
    assert files(store.root) == before


# -- damage ---------------------------------------------------------------------------------------------

DATA_FILES = ["master.parquet", "raw_prices/2024.parquet", "benchmarks/topix.parquet"]


@pytest.mark.parametrize("path", DATA_FILES)
@pytest.mark.parametrize("harm", ["truncated", "flipped", "missing", "emptied"])
def test_a_harmed_file_is_an_error_that_names_it(store: MarketStore, path: str, harm: str) -> None:
    store.update(FULL, NOW)
    file = store.root / path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes({"truncated": content[:-9], "flipped": content, "emptied": b""}.get(harm, b""))
    if harm == "missing":
        file.unlink()
    with pytest.raises(DataError, match="is missing" if harm == "missing" else "is damaged") as caught:
        store.read()
    assert path in caught.value.what
    assert str(file) == caught.value.where
    assert "restore" in caught.value.do


def test_a_file_with_the_right_hash_that_is_no_parquet_is_an_error(store: MarketStore) -> None:
    """Someone edited the manifest as well."""
    import hashlib

    store.update(FULL, NOW)
    (store.root / "master.parquet").write_bytes(b"PAR1 but not really")
    manifest = json.loads((store.root / "store.json").read_text())
    digest = hashlib.sha256(b"PAR1 but not really").hexdigest()
    manifest["files"]["master.parquet"]["sha256"] = digest
    del manifest["check"]
    (store.root / "store.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=r"master\.parquet is unreadable"):
        rows(store, "master")


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


def test_a_manifest_of_the_first_stores_has_no_check(store: MarketStore) -> None:
    store.update(FULL, NOW)
    before, path = store.read(), store.root / "store.json"
    manifest = json.loads(path.read_text())
    del manifest["check"]
    path.write_text(json.dumps(manifest))
    assert store.read() == before


def test_a_manifest_of_another_schema_is_an_error(store: MarketStore) -> None:
    store.update(FULL, NOW)
    path = store.root / "store.json"
    manifest = json.loads(path.read_text())
    del manifest["check"]
    path.write_text(json.dumps(manifest | {"schema": 99}))
    with pytest.raises(DataError, match="schema 99"):
        store.read()


def test_data_without_a_manifest_is_an_error_not_an_empty_store(store: MarketStore) -> None:
    store.update(FULL, NOW)
    (store.root / "store.json").unlink()
    with pytest.raises(DataError, match=r"no store\.json"):
        store.read()


def test_a_store_that_never_was_is_empty(store: MarketStore) -> None:
    assert store.read() == StoreContents(manifests.StoreManifest(), ())
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

    for module in (manifests, stores):
        monkeypatch.setattr(module, "write_atomically", failing)


@pytest.mark.parametrize("midway", [False, True])
@pytest.mark.parametrize("writes", range(9))
def test_after_a_crash_at_any_write_the_store_reads_and_running_again_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, midway: bool
) -> None:
    """Two years of bars and the benchmark are extended: nine writes in all."""
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
    assert store.read() == clean.read()


def test_two_crashes_on_the_same_file_leave_it_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was put in place before the first crash is known by its announcement only: not forgotten."""
    store = MarketStore(tmp_path)
    store.update(market(bars=bars(sessions=SESSIONS[:1])), NOW)
    for count in (2, 3):
        with monkeypatch.context() as patch:
            crash_after(patch, 2 if count == 2 else 1, midway=False)
            with pytest.raises(Crash):
                store.append("bars", table("bars", bars(sessions=SESSIONS[:count])), market())
        assert len(rows(store, "bars")) == 2


def test_a_reader_that_comes_between_manifest_and_file_reads_again(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the manifest from before an update, and finds the files from after it."""
    store.update(market(bars=bars(sessions=SESSIONS[:4])), NOW)
    old = manifests.read(store.root)
    store.update(market(), NOW)
    read, held = manifests.read, [old]
    monkeypatch.setattr(manifests, "read", lambda folder: held.pop() if held else read(folder))
    assert str(store.read().last("bars")) == SESSIONS[-1]


# -- chunks ---------------------------------------------------------------------------------------------

ALL = [row for code in ("167A0", "72030", "99840") for row in bars(code)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(ALL), st.lists(st.integers(0, len(ALL)), max_size=4), st.integers(0, len(ALL)))
def test_rows_appended_in_any_order_and_chunks_make_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, shuffled: list[dict[str, object]], cuts: list[int], overlap: int
) -> None:
    folder = tmp_path_factory.mktemp("chunks")
    once, chunked = MarketStore(folder / "once"), MarketStore(folder / "chunked")
    once.append("bars", table("bars", ALL), market())
    edges = [0, *sorted(cuts), len(ALL)]
    for start, stop in pairwise(edges):
        part = shuffled[max(0, start - overlap) : stop]
        chunked.append("bars", table("bars", part), market())
    assert chunked.read().snapshot() == once.read().snapshot()


def test_every_data_set_has_a_key_among_its_columns_and_a_date_but_for_master() -> None:
    assert tuple(DATA_SETS) == DATASETS
    for form in DATA_SETS.values():
        assert set(form.key) <= set(form.arrow.names)
        assert (form.dated_by is None) == (form.name == "master")
