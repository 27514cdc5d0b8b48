"""Data sets by whichever requests: the same rows, all columns, what is public and no more."""

from __future__ import annotations

import ssl
from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.endpoints import BARS, ENDPOINTS, STATEMENTS
from jstock_core.data.providers.jquants.fetching import Wanted, estimate_fetch, fetch_dataset
from jstock_core.data.providers.jquants.planning import changed_files
from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.calendar import at
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import exchange_of
from tests.data.providers.jquants.conftest import NOW, SINCE, Connect, Serve
from tests.data.rows import REAL, needs_real

WHOLE = Wanted(STANDARD, SINCE)
DATED = [name for name in ENDPOINTS if name != "master"]


STORED = dict.fromkeys(("StDate", "EnDate", "CurPerEn", "CurFYEn"), str) | {
    n: lambda text: text.replace("-", "") if text == "-" else text for n in ("DivRate", "PayDate")
}
"""Values that the stored form writes otherwise."""


def in_order(table: pa.Table, dataset: str) -> pa.Table:
    form = DATA_SETS[dataset]
    return table.sort_by([(name, "ascending") for name in form.arrow.names]).combine_chunks()


def own(table: pa.Table, dataset: str) -> pa.Table:
    return in_order(
        table.select([n for n in DATA_SETS[dataset].arrow.names if n in table.column_names]), dataset
    )


@pytest.mark.parametrize("dataset", DATED)
def test_the_rows_are_those_of_the_exchange(serve: Serve, connect: Connect, dataset):
    found = fetch_dataset(connect(serve(plan=PREMIUM)), Wanted(PREMIUM, SINCE), dataset, None, NOW)
    expected = Simulated(seed=7).fetch(dataset, SINCE - timedelta(days=1), NOW)
    names = [c.name for c in DATA_SETS[dataset].columns if c.required]
    keyed = [(name, "ascending") for name in names]
    assert found.select(names).sort_by(keyed).to_pylist() == [
        {**row, **{n: STORED[n](row[n]) for n in names if n in STORED}}
        for row in expected.select(names).sort_by(keyed).to_pylist()
    ]


@pytest.mark.parametrize("dataset", ["bars", "statements"])
def test_files_days_and_stocks_bring_the_same_rows(serve: Serve, connect: Connect, dataset):
    local = serve(plan=PREMIUM)
    client = connect(local)
    codes = tuple(sorted(local.exchange.tables[BARS.path]["Code"].unique().to_pylist()))
    start = date(2025, 11, 1)
    by_file = fetch_dataset(client, Wanted(PREMIUM, start), dataset, None, NOW)
    assert local.downloads
    by_day = fetch_dataset(client, Wanted(FREE, start), dataset, None, NOW + FREE.lag)
    few = Wanted(PREMIUM, start, codes[:2])
    by_code = fetch_dataset(client, few, dataset, None, NOW)
    assert local.asked[-1].params["code"] in codes[:2]
    assert by_day.num_rows
    whole = in_order(by_file, dataset)
    assert in_order(by_day, dataset).select(whole.column_names).equals(whole)
    kept = pa.compute.is_in(whole["Code"], pa.array(codes[:2]))
    assert in_order(by_code, dataset).select(whole.column_names).equals(whole.filter(kept))


def test_every_column_is_kept(serve: Serve, connect: Connect):
    client = connect(serve())
    bars = fetch_dataset(client, WHOLE, "bars", date(2026, 1, 19), NOW)
    assert {"UL", "LL", "AdjO", "AdjVo", "MktCap", "ExRT"} <= set(bars.column_names)
    assert bars.schema.field("AdjC").type == pa.float64()
    assert bars.schema.field("UL").type == pa.string()
    assert {"Date", "CoNameEn", "S33", "Mrgn"} <= set(
        fetch_dataset(client, WHOLE, "master", None, NOW).column_names
    )


@pytest.mark.parametrize("dataset", ENDPOINTS)
def test_without_rows_all_columns_are_there(serve: Serve, connect: Connect, dataset):
    if dataset == "master":
        return
    table = fetch_dataset(connect(serve()), WHOLE, dataset, NOW.date(), NOW)
    assert table.num_rows == 0
    assert set(DATA_SETS[dataset].arrow.names) <= set(table.column_names)


@pytest.mark.parametrize(("clock", "newest"), [(time(16, 29), 20), (time(16, 30), 21)])
def test_a_session_s_bars_are_asked_for_once_they_are_public(serve: Serve, connect: Connect, clock, newest):
    now = at(date(2026, 1, 21), clock)
    local = serve(clock=ManualClock.at(now + timedelta(hours=1)))
    client = connect(local)
    for dataset in ("bars", "topix"):
        found = fetch_dataset(client, WHOLE, dataset, date(2026, 1, 15), now)
        assert max(found["Date"].to_pylist()) == date(2026, 1, newest)


def test_what_is_public_now_is_given_whatever_the_server_has(serve: Serve, connect: Connect):
    """A statement of the afternoon is no fact of the morning."""
    local = serve(clock=ManualClock.at(NOW))
    client = connect(local)
    morning = datetime(2025, 11, 11, 7, 0, tzinfo=JST)
    found = fetch_dataset(client, WHOLE, "statements", date(2025, 11, 7), morning)
    later = fetch_dataset(client, WHOLE, "statements", date(2025, 11, 7), morning + timedelta(days=1))
    assert 0 < found.num_rows < later.num_rows
    assert max(found["DiscDate"].to_pylist()) == date(2025, 11, 10)


def test_a_late_fetch_is_planned_as_it_is_sent(serve: Serve, connect: Connect):
    for plan in (LIGHT, STANDARD, PREMIUM):
        local = serve(plan=plan)
        client = connect(local)
        wanted = Wanted(plan, date(2025, 8, 1))
        expected = estimate_fetch(wanted, None, NOW)
        before = client.requests
        for dataset in ENDPOINTS:
            fetch_dataset(client, wanted, dataset, None, NOW)
        assert client.requests - before == sum(expected.requests.values())
        assert local.refused == 0
        assert expected.seconds <= local.clock.slept <= expected.seconds + 122


def test_a_morning_takes_a_dozen_requests(serve: Serve, connect: Connect):
    local = serve()
    for dataset in ENDPOINTS:
        fetch_dataset(connect(local), WHOLE, dataset, date(2026, 1, 18), NOW)
    assert len(local.asked) <= 12
    assert not local.downloads


def test_the_free_plan_asks_inside_of_its_window(serve: Serve, connect: Connect):
    local = serve(plan=FREE)
    codes = tuple(local.exchange.tables[BARS.path]["Code"].to_pylist()[:2])
    wanted = Wanted(FREE, date(2025, 10, 1), codes)
    found = fetch_dataset(connect(local), wanted, "bars", None, NOW)
    assert max(found["Date"].to_pylist()) == date(2025, 10, 29)
    assert fetch_dataset(connect(local), wanted, "bars", date(2025, 10, 29), NOW).num_rows == 0
    assert local.refused == 0


def test_a_correction_is_delivered_and_shows_in_the_list_of_files(serve: Serve, connect: Connect):
    local = serve()
    client = connect(local)
    first = fetch_dataset(client, WHOLE, "bars", None, NOW)
    files = client.bulk_files(BARS, SINCE, NOW.date())
    row = next(r for r in first.to_pylist() if r["Date"] == date(2025, 9, 10) and r["C"])
    key = {"Date": "2025-09-10", "Code": row["Code"]}
    local.exchange = local.exchange.with_value(BARS.path, key, NOW, AdjFactor=0.9632, ExRT="3")
    changed = changed_files(client.bulk_files(BARS, SINCE, NOW.date()), NOW - timedelta(minutes=1))
    assert [file.key[-13:] for file in changed] == ["202509.csv.gz"]
    assert not changed_files(files, NOW - timedelta(minutes=1))
    table = client.bulk_table(BARS, changed[0])
    corrected = [r for r in table.to_pylist() if r["AdjFactor"] == 0.9632]
    assert [(r["Date"], r["Code"], r["ExRT"], r["C"]) for r in corrected] == [(*key.values(), "3", row["C"])]
    second = fetch_dataset(client, WHOLE, "bars", None, NOW)
    assert sum(a != b for a, b in zip(first.to_pylist(), second.to_pylist(), strict=True)) == 1


def test_the_calendar(serve: Serve, connect: Connect):
    calendar = connect(serve()).calendar(date(2026, 1, 9), date(2026, 1, 13))
    assert calendar["HolDiv"].to_pylist() == ["1", "0", "0", "0", "1"]


@needs_real
def test_real_rows_go_through_unchanged(serve: Serve, connect: Connect):
    names = {"master": "master", "bars": "bars_daily", "topix": "topix", "flows": "investor_types"}
    names["statements"] = "fins_summary"
    read = {
        k: pa.parquet.ParquetFile(REAL / f"{v}.parquet").read(use_threads=False) for k, v in names.items()
    }
    now = datetime(2025, 12, 1, 7, 0, tzinfo=JST)
    local = serve(market=exchange_of(read), clock=ManualClock.at(now), plan=PREMIUM)
    client = connect(local)
    wanted = Wanted(PREMIUM, date(2024, 1, 1))
    found = fetch_dataset(client, wanted, "bars", None, now)
    expected = [r for r in read["bars"].to_pylist() if r["Date"].date() >= date(2024, 1, 1)]
    assert found.num_rows == len(expected)
    assert {(r["Date"], r["Code"], r["C"], r["AdjFactor"]) for r in found.to_pylist()} == {
        (r["Date"].date(), r["Code"], r["C"], r["AdjFactor"]) for r in expected
    }
    statements = fetch_dataset(client, wanted, "statements", None, now)
    numbers = {
        r["DiscNo"] for r in read["statements"].to_pylist() if r["DiscDate"].date() >= date(2024, 1, 1)
    }
    assert set(statements["DiscNo"].to_pylist()) == numbers
    assert "NxFEPS" in statements.column_names
    assert fetch_dataset(client, wanted, "flows", None, now).num_rows == 28
    assert STATEMENTS.path in {asked.path for asked in local.asked}


def test_topix_with_dividends_is_the_close_of_the_index_that_the_desk_names(serve: Serve, connect: Connect):
    client = connect(serve(plan=STANDARD))
    plain = fetch_dataset(client, Wanted(STANDARD, SINCE), "topix", None, NOW)
    beside = fetch_dataset(client, Wanted(STANDARD, SINCE, total_return="0028"), "topix", None, NOW)
    assert "TR" not in plain.column_names or plain.column("TR").null_count == len(plain)
    assert beside.column("TR").to_pylist() == beside.column("C").to_pylist()
    assert beside.column("C").to_pylist() == plain.column("C").to_pylist()


def test_a_plan_without_indices_has_no_topix_with_dividends(serve: Serve, connect: Connect):
    client = connect(serve(plan=LIGHT))
    found = fetch_dataset(client, Wanted(LIGHT, SINCE, total_return="0028"), "topix", None, NOW)
    assert len(found)
    assert "TR" not in found.column_names or found.column("TR").null_count == len(found)


def test_an_index_that_j_quants_does_not_have_is_named(serve: Serve, connect: Connect):
    client = connect(serve(plan=STANDARD))
    with pytest.raises(DataError, match="no rows of the index 9999") as caught:
        fetch_dataset(client, Wanted(STANDARD, SINCE, total_return="9999"), "topix", None, NOW)
    assert "topix_with_dividends" in caught.value.where


def test_certificates_are_read_once_for_all_connections(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    whole = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda *a, **k: read.append(k) or whole(*a, **k))
    local = serve()
    for _ in range(2):
        connect(local)
    assert len(read) <= 1
