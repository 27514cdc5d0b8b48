"""Stores of the first schema: one file a data set and a year of bars, without editions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jstock_core.base.errors import DataError
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.data.tables.normalise import normalise
from tests.data.rows import NOW, SESSIONS, bar, bars, company, flow, index, market, statement, table
from tests.data.store.test_load import equal

LATER_COLUMNS = ("ExRT", "MktCap", "TR", "Listed", "FQName", "FYE", "From")
FLOWS = [flow("2025-01-09", "2024-12-27")]
STATEMENTS = [statement("20240508500001", "2024-05-08")]
WHOLE = market(flows=FLOWS, statements=STATEMENTS)
FILES: Mapping[str, tuple[str, Sequence[dict[str, Any]]]] = {
    "master.parquet": ("master", [company()]),
    "raw_prices/2024.parquet": ("bars", bars(sessions=SESSIONS[:3])),
    "raw_prices/2025.parquet": ("bars", bars(sessions=SESSIONS[3:])),
    "benchmarks/topix.parquet": ("topix", index()),
    "raw_trades/flows.parquet": ("flows", FLOWS),
    "raw_financials/statements.parquet": ("statements", STATEMENTS),
}


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    """What an earlier version stored, without the columns that it did not know."""
    entries = {}
    for name, (dataset, rows) in FILES.items():
        whole = normalise(dataset, table(dataset, rows), where="test")
        known = whole.select([column for column in whole.column_names if column not in LATER_COLUMNS])
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(known, path)
        last = str(max(known.column(0).to_pylist())) if known.schema.types[0] == pa.date32() else ""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        entries[name] = {"rows": len(known), "last": last, "sha256": digest}
    write_manifest(tmp_path, entries, {})
    return MarketStore(tmp_path)


def write_manifest(root: Path, files: Mapping[str, Any], pending: Mapping[str, Any]) -> None:
    body = {"schema": 1, "provider": "tables", "simulated": False, "files": files, "pending": pending}
    check = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    (root / "store.json").write_text(json.dumps({**body, "check": check}))


def test_it_loads_where_it_lies(store: MarketStore, tmp_path: Path) -> None:
    fresh = MarketStore(tmp_path / "fresh")
    fresh.update(WHOLE, NOW)
    old, new = load_panel(store), load_panel(fresh)
    for name in (
        "sessions",
        "close",
        "adj_factor",
        "ex_right",
        "market_cap",
        "topix",
        "flows",
        "statements",
        "listings",
    ):
        assert equal(getattr(old, name), getattr(new, name)), name
    assert old.source.edition == ""


def test_its_snapshot_is_that_which_its_decisions_recorded(store: MarketStore) -> None:
    files = json.loads((store.root / "store.json").read_text())["files"]
    years = "".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files) if "raw_prices" in name)
    snapshot = store.read().snapshot()
    assert snapshot["topix"] == files["benchmarks/topix.parquet"]["sha256"]
    assert snapshot["bars"] == hashlib.sha256(years.encode()).hexdigest()


def test_the_first_delivery_keeps_its_files_as_delivery_0(store: MarketStore, tmp_path: Path) -> None:
    before, kept = load_panel(store), {name: (tmp_path / name).read_bytes() for name in FILES}
    revised = [*bars(sessions=SESSIONS[:-1]), bar(SESSIONS[-1], C=1999.0)]
    store.append("bars", table("bars", revised), market(), received_at=NOW)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == kept
    assert {each.file for each in store.deliveries() if each.edition == 0} == set(FILES)
    assert store.deliveries()[-1].revised == 1
    assert load_panel(store).close[-1, 0] == 1999.0
    then = load_panel(store, vintage=store.vintage("", NOW.replace(year=2024)))
    for name in ("sessions", "close", "adj_factor", "topix", "flows", "statements"):
        assert equal(getattr(then, name), getattr(before, name)), name
    parsed = store.read()
    store.rebuild()
    assert store.read() == parsed


def test_it_says_the_same_as_a_store_of_today(store: MarketStore, tmp_path: Path) -> None:
    fresh = MarketStore(tmp_path / "fresh")
    more = market(flows=FLOWS, statements=STATEMENTS, bars=[*bars(), bar("2025-01-08")])
    for one in (store, fresh):
        one.update(more, NOW, whole=True)
    assert store.read().snapshot() == fresh.read().snapshot()


def test_a_file_that_was_announced_is_taken_as_it_lies(store: MarketStore) -> None:
    files = json.loads((store.root / "store.json").read_text())["files"]
    name = "raw_prices/2025.parquet"
    earlier = {**files, name: files[name] | {"sha256": "0" * 64}}
    write_manifest(store.root, earlier, {name: files[name], "raw_prices/2026.parquet": files[name]})
    assert load_panel(store).close.shape == (5, 1)
    (store.root / name).unlink()
    with pytest.raises(DataError, match=r"2025\.parquet is damaged or missing"):
        store.read()


def test_a_harmed_file_is_an_error(store: MarketStore) -> None:
    (store.root / "master.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"master\.parquet is damaged"):
        load_panel(store)
