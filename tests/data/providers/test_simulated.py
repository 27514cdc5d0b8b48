"""The simulated market as a provider: pure, cut at any time, published when the real data would be."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.providers.simulated.companies import companies
from jstock_core.data.providers.simulated.events import EventKind, events_of_kind
from jstock_core.data.providers.simulated.prices import EPOCH, history
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.calendar import at, tse
from jstock_core.market.codes import parse_code, to_jquants

NOW = at(date(2026, 11, 20), time(17, 0))
FIRST_COLUMN = {
    "bars": "Date",
    "topix": "Date",
    "flows": "PubDate",
    "statements": "DiscDate",
} | dict.fromkeys(("earnings", "actions"), "PubDate")
MONITOR_LIST = Path(__file__).parents[3] / "data" / "monitor_list.json"

dated = st.sampled_from(sorted(FIRST_COLUMN))
moments = st.datetimes(datetime(2020, 11, 1), datetime(2028, 12, 28)).map(lambda t: t.replace(tzinfo=JST))


def fetch(dataset: str, after: date | None = None, now: datetime = NOW, seed: int = 7) -> pa.Table:
    return Simulated(seed=seed).fetch(dataset, after, now)


def uncorrected(table: pa.Table) -> pa.Table:
    """The rows that are never delivered otherwise: all but those of the scripted mistakes."""
    if "Code" not in table.column_names:
        return table
    keep = pc.equal(table.column("Code"), "")
    for event in events_of_kind(EventKind.RIGHTS, EventKind.CORRECTION, EventKind.RESTATEMENT):
        keep = pc.or_(keep, pc.equal(table.column("Code"), to_jquants(event.code)))
    return table.filter(pc.invert(keep)).combine_chunks()


@settings(deadline=None, max_examples=30)
@given(dataset=dated, times=st.lists(moments, min_size=2, max_size=2).map(sorted))
def test_a_later_fetch_begins_with_the_earlier_one(dataset, times):
    earlier, later = (uncorrected(fetch(dataset, now=now)) for now in times)
    assert later.slice(0, earlier.num_rows).equals(earlier)


@settings(deadline=None, max_examples=30)
@given(dataset=dated, cuts=st.lists(st.dates(date(2021, 1, 1), date(2026, 11, 20)), max_size=6).map(sorted))
def test_fetching_in_chunks_gives_the_same_rows(dataset, cuts):
    """A day's rows may come out over the day, so a chunk ends with its day."""
    chunks, after = [], None
    for day in cuts:
        chunks.append(fetch(dataset, after, at(day, time(23, 59))))
        after = day
    chunks.append(fetch(dataset, after))
    assert uncorrected(pa.concat_tables(chunks)).equals(uncorrected(fetch(dataset)))


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 2**64 - 1), st.dates(date(2021, 1, 4), date(2024, 12, 30)))
def test_a_session_depends_on_the_sessions_before_it_alone(seed, day):
    """Generating a shorter history gives the same bits, not only hiding the later rows of a longer one."""
    short, long = history(seed, day), history(seed, day + timedelta(days=400))
    for name in ("open", "high", "low", "close", "volume", "adj_factor", "traded", "listed"):
        assert getattr(long, name)[: len(short.sessions)].tobytes() == getattr(short, name).tobytes(), name


def test_the_numbers_are_the_same_everywhere():
    """A change of any number is a change of `randomness.VERSION`: raise it, then take the new digests here.

    The digests are of the rows as text, so they do not depend on how arrow lays them out.
    """
    digests = {
        name: hashlib.sha256(repr(fetch(name).to_pylist()).encode()).hexdigest()[:16] for name in DATASETS
    }
    assert (Simulated().id, digests) == (
        "simulated-1-7",
        {
            "master": "6ac72b1371fa6de2",
            "bars": "0e023039c9235458",
            "topix": "7a6bbe0c08a44065",
            "flows": "de78c7a40bfe6911",
            "statements": "2912f9dbeab20e6d",
            "earnings": "37fb331eb99087f0",
            "actions": "a2af157575b8d72c",
            "dividends": "95ffac361c184157",
        },
    )


def test_another_seed_is_another_market_of_the_same_companies():
    assert Simulated(seed=8).id == "simulated-1-8"
    assert fetch("master", seed=8).equals(fetch("master"))
    assert not fetch("topix", seed=8).equals(fetch("topix"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_table_has_its_columns_even_without_rows(dataset):
    early = at(date(2020, 7, 1), time(7, 0))
    table = fetch(dataset, now=early)
    assert {column.name for column in DATA_SETS[dataset].columns if column.required} <= set(
        table.schema.names
    )
    assert table.schema.equals(fetch(dataset).schema)
    assert table.num_rows == (61 if dataset == "master" else 0)


@pytest.mark.parametrize(("dataset", "clock"), [("bars", time(16, 30)), ("topix", time(16, 30))])
def test_bars_are_out_at_half_past_four(dataset, clock):
    session = date(2026, 11, 20)
    before = fetch(dataset, now=at(session, clock) - timedelta(minutes=1))
    assert before["Date"][-1].as_py() == date(2026, 11, 19)
    assert fetch(dataset, now=at(session, clock))["Date"][-1].as_py() == session


@pytest.mark.parametrize(
    ("dataset", "clock"), [("flows", time(16, 30)), ("actions", time(16, 30)), ("earnings", time(10, 5))]
)
def test_other_facts_are_out_at_their_time_of_day(dataset, clock):
    day = fetch(dataset)["PubDate"][-1].as_py()
    assert fetch(dataset, now=at(day, clock) - timedelta(minutes=1))["PubDate"][-1].as_py() < day
    assert fetch(dataset, now=at(day, clock))["PubDate"][-1].as_py() == day


def test_a_statement_is_out_at_its_own_minute():
    for row in fetch("statements").slice(1000, 40).to_pylist():
        moment = at(row["DiscDate"], time.fromisoformat(row["DiscTime"]))
        yesterday = row["DiscDate"] - timedelta(days=1)
        assert row in fetch("statements", yesterday, moment).to_pylist()
        assert row not in fetch("statements", yesterday, moment - timedelta(minutes=1)).to_pylist()


def test_now_may_be_given_in_any_zone():
    assert fetch("bars", now=NOW.astimezone(UTC)).equals(fetch("bars"))


def test_nothing_is_made_up_beyond_the_calendar():
    with pytest.raises(UsageError, match="beyond the last known session"):
        fetch("bars", now=at(tse().last + timedelta(days=3), time(7, 0)))


def test_what_cannot_be_asked_says_so():
    with pytest.raises(UsageError, match="is not a data set"):
        fetch("prices")
    with pytest.raises(UsageError, match="time zone"):
        fetch("bars", now=datetime(2026, 11, 20, 17, 0))
    with pytest.raises(ValueError, match="seed"):
        fetch("bars", seed=-1)


def test_the_history_starts_with_the_first_session_of_2021():
    assert fetch("bars")["Date"][0].as_py() == EPOCH == tse().on_or_after(date(2021, 1, 1))


def test_no_company_can_be_taken_for_a_real_one():
    """Listed securities have codes from 1301, and from 130A where there is a letter."""
    codes = [parse_code(company.code) for company in companies()]
    assert len(set(codes)) == len(codes) == 61
    assert codes == sorted(codes)
    assert all("1001" <= code < "1300" for code in codes)
    assert sum(code.endswith("A") for code in codes) >= 2


def test_there_are_funds_with_the_units_that_stocks_do_not_have():
    assert sorted(c.listing.unit for c in companies() if c.listing.kind == "etf") == [1, 10]
    assert {c.listing.unit for c in companies() if c.listing.kind == "stock"} == {100}


def test_the_size_classes_vary_so_that_tick_tables_do():
    scales = {c.listing.scale for c in companies()}
    assert scales == {"TOPIX Core30", "TOPIX Large70", "TOPIX Mid400", "TOPIX Small 1", "TOPIX Small 2", "-"}


def test_the_monitor_list_is_these_companies():
    listed = json.loads(MONITOR_LIST.read_text(encoding="utf-8"))["tickers"]
    assert listed == [{"code": c.code, "name": c.listing.name} for c in companies()]
