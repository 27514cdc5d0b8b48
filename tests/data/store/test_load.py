from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.checks.absent import find_absent
from jstock_core.data.providers.files import Files
from jstock_core.data.store.editions.ledger import Delivery
from jstock_core.data.store.load import listing_kind, load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.calendar import tse
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Panel
from tests.data.rows import (
    NOW,
    REAL,
    SESSIONS,
    Tables,
    bar,
    bars,
    company,
    flow,
    index,
    market,
    needs_real,
    statement,
    table,
)

Rows = Sequence[dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    return MarketStore(tmp_path / "data")


def append(store: MarketStore, dataset: str, rows: Rows) -> Delivery:
    return store.append(dataset, table(dataset, rows), market(), received_at=NOW)


def loaded(store: MarketStore, provider: Tables, **units: int) -> Panel:
    store.update(provider, NOW)
    return load_panel(store, units=units)


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same bit for bit, arrays and dataclasses looked into."""
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if is_dataclass(left):
        return all(equal(getattr(left, f.name), getattr(right, f.name)) for f in fields(left))
    if isinstance(left, dict):
        return list(left) == list(right) and all(equal(left[key], right[key]) for key in left)
    return bool(left == right)


# -- bars -----------------------------------------------------------------------------------------------


def test_bars_stand_in_rows_of_sessions_and_columns_of_codes(store: MarketStore) -> None:
    rows = [bar(SESSIONS[0]), bar(SESSIONS[1], O=1.0, H=4.0, L=0.5, C=2.0, Vo=300.0, AdjFactor=0.2)]
    panel = loaded(
        store, market(master=[company(), company("167A0")], bars=[*rows, bar(SESSIONS[1], "167A0")])
    )
    assert panel.codes == ("167A", "7203")
    assert [str(day) for day in panel.sessions] == list(SESSIONS)
    arrays = (panel.open, panel.high, panel.low, panel.close, panel.volume, panel.adj_factor)
    assert [array[1, 1] for array in arrays] == [1.0, 4.0, 0.5, 2.0, 300.0, 0.2]
    assert all(array.shape == (5, 2) and array.dtype == np.float64 for array in arrays)


def test_a_session_without_a_trade_is_nan_whether_it_came_as_nulls_zero_volume_or_not_at_all(
    store: MarketStore,
) -> None:
    silent = [bar(SESSIONS[1], close=None), bar(SESSIONS[2], close=None, Vo=0.0, AdjFactor=None)]
    panel = loaded(store, market(bars=[bar(SESSIONS[0]), *silent, bar(SESSIONS[4])]))
    assert panel.has_bar[:, 0].tolist() == [True, False, False, False, True]
    assert np.isnan(panel.volume[1:4, 0]).all()
    assert panel.adj_factor[:, 0].tolist() == [1.0] * 5


def test_a_split_on_a_session_without_a_trade_is_kept(store: MarketStore) -> None:
    panel = loaded(store, market(bars=[bar(SESSIONS[0]), bar(SESSIONS[1], close=None, AdjFactor=0.5)]))
    assert panel.forward[:2, 0].tolist() == [1.0, 2.0]


def test_sessions_without_any_row_are_there_all_the_same(store: MarketStore) -> None:
    panel = loaded(store, market(bars=[bar(SESSIONS[0]), bar(SESSIONS[4])]))
    assert len(panel.sessions) == 5


def test_a_price_on_a_day_without_trading_is_an_error(store: MarketStore) -> None:
    with pytest.raises(DataError, match="2024-12-28, which is not a TSE session"):
        loaded(store, market(bars=[*bars(), bar("2024-12-28")]))


def test_empty_rows_of_the_day_the_exchange_stood_still_are_passed_over(store: MarketStore) -> None:
    """2020-10-01: J-Quants has null rows for it; XTKS has no session."""
    around = ("2020-09-30", "2020-10-02")
    rows = [bar("2020-10-01", close=None), *bars(sessions=around)]
    panel = loaded(store, market(bars=rows, topix=index(around)))
    assert [str(day) for day in panel.sessions] == list(around)


def test_the_benchmark_is_aligned_and_nan_where_it_is_not_known(store: MarketStore) -> None:
    panel = loaded(store, market(topix=index(SESSIONS)[2:]))
    assert np.array_equal(panel.topix, [np.nan, np.nan, 2702.0, 2703.0, 2704.0], equal_nan=True)


def test_a_benchmark_that_is_ahead_of_the_bars_lengthens_the_panel(store: MarketStore) -> None:
    """Then the last session is seen to have no bars, instead of passing for absent."""
    panel = loaded(store, market(bars=bars(sessions=SESSIONS[:4])))
    assert str(panel.sessions[-1]) == SESSIONS[4]
    assert not panel.has_bar[-1].any()


def test_arrays_cannot_be_written(store: MarketStore) -> None:
    panel = loaded(store, market())
    with pytest.raises(ValueError, match="read-only"):
        panel.close[0, 0] = 1.0


# -- listings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("market_code", "product", "kind"),
    [("0111", "011", "stock"), ("0109", "014", "etf"), ("0109", "", "etf"), ("0109", "013", "stock"),
     ("0111", "", "stock"), ("0109", "023", "etf")],
)  # fmt: skip
def test_kind_is_told_by_the_product_else_by_the_market(market_code: str, product: str, kind: str) -> None:
    assert listing_kind(market_code, product) == kind


def test_units_come_from_the_desk_else_from_master_else_from_the_table_else_100(store: MarketStore) -> None:
    codes = ("72030", "13060", "13210", "16720")
    master = [company(code, Unit=10.0 if code == "16720" else None) for code in codes]
    rows = [row for code in codes for row in bars(code)]
    store.update(market(master=master, bars=rows), NOW)
    units = {stock.code: stock.unit for stock in load_panel(store, units={"1306": 1}).listings}
    assert units == {"7203": 100, "1306": 1, "1321": 1, "1672": 10}
    assert load_panel(store).listings[0].unit == 10


def test_a_company_of_master_without_bars_has_an_empty_column(store: MarketStore) -> None:
    panel = loaded(store, market(master=[company(), company("167A0")]))
    assert panel.codes == ("167A", "7203")
    assert not panel.has_bar[:, 0].any()


def test_bars_of_a_stock_that_master_does_not_know_are_left_out_until_it_does(store: MarketStore) -> None:
    both = [*bars(), *bars("167A0")]
    panel = loaded(store, market(bars=both))
    assert (panel.codes, panel.left_out) == (("7203",), ("167A",))
    store.update(market(master=[company(), company("167A0")], bars=both), NOW)
    panel = load_panel(store)
    assert (panel.codes, panel.left_out) == (("167A", "7203"), ())
    assert panel.has_bar[:, 0].all()


def test_bars_alone_make_a_panel_of_their_codes(store: MarketStore) -> None:
    alone = market(master=[], topix=[], bars=[*bars("167A0"), *bars()])
    panel = loaded(store, alone)
    assert panel.listings == (Listing("167A", "", "", scale=""), Listing("7203", "", "", scale=""))
    assert (panel.left_out, len(panel.sessions)) == ((), len(SESSIONS))
    assert np.isnan(panel.topix).all()
    assert [each.dataset for each in find_absent(panel)] == [
        "master", "topix", "flows", "statements", "earnings", "dividends",
    ]  # fmt: skip
    store.update(market(master=[company()]), NOW)
    panel = load_panel(store)
    assert (panel.codes, panel.left_out) == (("7203",), ("167A",))


def test_bars_of_which_master_knows_no_stock_are_an_error(store: MarketStore) -> None:
    with pytest.raises(DataError, match="167A has bars but no row in master, and neither has any other"):
        loaded(store, market(bars=bars("167A0")))


def test_a_stock_that_the_newest_list_lacks_is_known_as_such(store: MarketStore) -> None:
    companies = [company("65010"), company("67580"), company()]
    assert all(stock.is_listed for stock in loaded(store, market(master=companies)).listings)
    store.update(market(master=companies[1:]), NOW)
    assert [stock.is_listed for stock in load_panel(store).listings] == [False, True, True]
    store.update(market(master=companies[:1]), NOW)  # one of three is an addition, and says nothing of others
    assert all(stock.is_listed for stock in load_panel(store).listings)


def test_rows_without_prices_are_rows_and_no_row_is_none(store: MarketStore) -> None:
    panel = loaded(store, market(bars=[*bars(sessions=SESSIONS[:2]), bar(SESSIONS[3], close=None)]))
    assert panel.has_row[:, 0].tolist() == [True, True, False, True, False]
    assert panel.has_bar[:, 0].tolist() == [True, True, False, False, False]


def test_exrt_is_kept_and_says_what_a_factor_is(store: MarketStore) -> None:
    rows = bars()
    rows[1] |= {"AdjFactor": 0.9632, "ExRT": 3.0}
    rows[3] |= {"AdjFactor": 0.909091, "ExRT": 1.0}
    announced = {"PubDate": "2024-12-26", "Code": "72030", "ExDate": "2025-01-07", "AdjFactor": 0.5}
    announced |= {"ExRT": 3.0}
    panel = loaded(store, market(bars=rows, actions=[announced]))
    assert panel.ex_right[:, 0].tolist() == [0, 3, 0, 1, 0]
    assert [panel.adjustment(row, 0).shares for row in range(5)] == [1, 1, 1, Fraction(11, 10), 1]
    assert panel.actions.ex_right.tolist() == [3]
    assert equal(load_panel(store), panel)


def test_a_column_that_a_vendor_adds_fills_stored_rows_and_takes_nothing_away(store: MarketStore) -> None:
    rows = bars()
    rows[1] |= {"AdjFactor": 0.9}
    loaded(store, market(bars=rows))
    rows[1] |= {"ExRT": 1.0}
    assert append(store, "bars", rows).completed == 1
    assert load_panel(store).adjustment(1, 0) == (0.9, 1)
    assert append(store, "bars", [rows[1] | {"ExRT": None}]).edition == 0
    assert load_panel(store).adjustment(1, 0) == (0.9, 1)
    assert append(store, "bars", [rows[1] | {"ExRT": 3.0}]).revised == 1
    assert load_panel(store).adjustment(1, 0) == (0.9, 3)


def test_market_capitalisation_is_in_yen_and_unknown_where_none_is_delivered(store: MarketStore) -> None:
    rows = bars()
    assert np.isnan(loaded(store, market(bars=rows)).market_cap).all()
    delivered = ("36000000.5", "", None, 0, 40)  # million yen
    given = [row | {"MktCap": cap} for row, cap in zip(rows, map(str, delivered), strict=True)]
    given[2]["MktCap"] = None
    assert append(store, "bars", given).completed == 3
    panel = load_panel(store)
    assert panel.market_cap.astype(str)[:, 0].tolist() == [
        "36000000500000.0",
        "nan",
        "nan",
        "nan",
        "40000000.0",
    ]
    assert equal(load_panel(store), panel)
    cut = panel.known_at(datetime(2024, 12, 30, 7, tzinfo=JST))
    assert equal(cut.market_cap, panel.market_cap[:2])
    assert append(store, "bars", [given[0] | {"MktCap": "35000000"}]).revised == 1


def test_topix_with_dividends_is_there_where_it_is_delivered(store: MarketStore) -> None:
    rows = index()
    assert loaded(store, market(topix=rows)).topix_total is None
    given = [row | {"TR": total} for row, total in zip(rows, (4000.5, None, "", 4010.0, 4020.0), strict=True)]
    given = [row | {"TR": None if row["TR"] == "" else row["TR"]} for row in given]
    assert append(store, "topix", given).completed == 3
    panel = load_panel(store)
    assert panel.topix_total is not None
    assert panel.topix_total.astype(str).tolist() == ["4000.5", "nan", "nan", "4010.0", "4020.0"]
    assert panel.topix.tolist() == [row["C"] for row in rows]
    cut = panel.known_at(datetime(2024, 12, 30, 7, tzinfo=JST))
    assert equal(cut.topix_total, panel.topix_total[:2])


def test_a_store_from_before_a_column_says_what_it_said_and_takes_the_column_from_then_on(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MktCap was kept in the raw edition only; it is read from there when the parsed files are made again."""
    rows = [row | {"MktCap": 40.0} for row in bars()]
    now, form = DATA_SETS["bars"], DATA_SETS["bars"]
    before = replace(now, columns=tuple(c for c in form.columns if c.name != "MktCap"))
    with monkeypatch.context() as earlier:
        earlier.setitem(DATA_SETS, "bars", before)
        store.update(market(), NOW)
        append(store, "bars", rows)
        snapshot = store.read().snapshot()
    panel = load_panel(store)
    assert (panel.close[:, 0].tolist(), panel.source.snapshot) == ([2000.0] * 5, snapshot)
    assert np.isnan(panel.market_cap).all()
    assert append(store, "bars", [*rows[3:], bar("2025-01-08", MktCap=41.0)]).completed == 2
    assert load_panel(store).market_cap.astype(str)[:, 0].tolist() == ["nan"] * 3 + ["40000000.0"] * 2 + [
        "41000000.0"
    ]
    store.rebuild()
    assert load_panel(store).market_cap[:, 0].tolist() == [40e6] * 5 + [41e6]


def test_the_fiscal_period_of_an_announcement_is_kept(store: MarketStore) -> None:
    told = {"PubDate": "2024-12-26", "SchDate": "2025-02-05", "Code": "72030"}
    full = told | {"FQName": "第３四半期", "FYE": "2025-03-31"}
    panel = loaded(store, market(earnings=[told | {"FYE": "2025-03-31"}]))
    assert panel.announcements.period.tolist() == [""], "a year without its quarter names no period"
    append(store, "earnings", [full])
    assert load_panel(store).announcements.period.tolist() == ["2025-03-31 第３四半期"]
    append(store, "earnings", [told])  # a missing column takes nothing away
    assert load_panel(store).announcements.period.tolist() == ["2025-03-31 第３四半期"]
    append(store, "earnings", [full | {"FQName": "通期"}])
    assert load_panel(store).announcements.period.tolist() == ["2025-03-31 通期"]


NOTICE = {
    "PubDate": "2024-11-05", "PubTime": "15:30", "Code": "72030", "RefNo": "1", "CARefNo": "1",
    "StatCode": "1", "FRCode": "1", "DivRate": "40", "ExDate": "2024-12-27", "PayDate": "2025-03-28",
}  # fmt: skip


def test_dividends_carry_their_minute_and_what_they_amend(store: MarketStore) -> None:
    """A "-" is what is not decided yet; without a time a notice is known at the end of its day."""
    forecast = NOTICE | {"RefNo": "0", "CARefNo": "", "FRCode": "2", "DivRate": "-", "PayDate": "-"}
    corrected = NOTICE | {
        "PubDate": "2024-11-06",
        "PubTime": "",
        "RefNo": "2",
        "StatCode": "2",
        "DivRate": "41.5",
    }
    deleted = NOTICE | {"PubDate": "2024-11-08", "RefNo": "3", "StatCode": "3", "DistAmt": "-"}
    of = loaded(store, market(dividends=[deleted, NOTICE, corrected, forecast])).dividends
    assert of.known_at.astype(str).tolist() == [
        "2024-11-05T15:30", "2024-11-05T15:30", "2024-11-07T00:00", "2024-11-08T15:30",
    ]  # fmt: skip
    assert (of.number.tolist(), of.amends.tolist()) == (["0", "1", "2", "3"], ["0", "1", "1", "1"])
    assert of.is_deleted.tolist() == [False, False, False, True]
    assert of.is_decided.tolist() == [False, True, True, True]
    assert of.rate.astype(str).tolist() == ["nan", "40.0", "41.5", "40.0"]
    assert of.pay_date.astype(str).tolist() == ["NaT", *["2025-03-28"] * 3]
    assert set(of.code.tolist()) == {"7203"}
    assert of.is_plain.all()


def test_money_out_of_capital_is_no_plain_dividend(store: MarketStore) -> None:
    of = loaded(store, market(dividends=[NOTICE | {"DistAmt": "40", "DeemDiv": "12.3"}])).dividends
    assert of.is_plain.tolist() == [False]


@pytest.mark.parametrize("values", [{"DivRate": "much"}, {"PayDate": "soon"}, {"PubTime": "25h"}])
def test_a_dividend_that_cannot_be_read_is_an_error(store: MarketStore, values: dict[str, str]) -> None:
    with pytest.raises(DataError, match=next(iter(values))):
        store.update(market(dividends=[NOTICE | values]), NOW)


def test_a_preferred_share_keeps_its_fifth_character(store: MarketStore) -> None:
    panel = loaded(store, market(master=[company("25935")], bars=bars("25935")))
    assert panel.codes == ("25935",)


def test_an_empty_store_is_an_error_that_says_what_to_do(store: MarketStore) -> None:
    with pytest.raises(DataError, match="bars is missing") as caught:
        load_panel(store)
    assert "import" in caught.value.do


# -- dated lists ----------------------------------------------------------------------------------------


def changed_lists() -> Tables:
    """The unit and the size class of a stock change on 2025-01-06, and another leaves the list."""
    lists = [
        company(Date="2024-12-02", Unit=1000.0), company("65010", Date="2024-12-02"),
        company(Date="2025-01-06", Unit=100.0, ScaleCat="TOPIX Mid400", CoName="乙"),
    ]  # fmt: skip
    return market(master=lists, bars=[*bars(), *bars("65010")])


def test_an_old_day_has_the_unit_class_and_name_of_its_day(store: MarketStore) -> None:
    panel = loaded(store, changed_lists())
    column, gone = panel.column["7203"], panel.column["6501"]
    old, new = (panel.listing(column, date.fromisoformat(day)) for day in ("2025-01-05", "2025-01-06"))
    assert (old.unit, old.scale, old.name) == (1000, "TOPIX Core30", "甲")
    assert (new.unit, new.scale, new.name) == (100, "TOPIX Mid400", "乙")
    assert panel.listings[column] == new
    assert panel.listing(column, date(2020, 1, 6)) == old, "before the first list that is known"
    assert [panel.listing(gone, date(2025, 1, day)).is_listed for day in (5, 6)] == [True, False]
    assert equal(load_panel(store), panel)


def test_a_cut_panel_knows_the_lists_of_its_time_only(store: MarketStore) -> None:
    panel = loaded(store, changed_lists())
    morning = datetime(2024, 12, 30, 7, 0, tzinfo=JST)
    cut = panel.known_at(morning)
    assert [listing.unit for listing in cut.listings] == [100, 1000]
    assert all(listing.is_listed for listing in cut.listings)
    assert cut.listing(cut.column["7203"], date(2025, 1, 6)).unit == 1000
    assert equal(panel.known_at(datetime(2025, 1, 6, 7, 0, tzinfo=JST)).listings, panel.listings)


def test_a_list_that_is_received_later_changes_no_cut_panel(store: MarketStore) -> None:
    store.update(market(), NOW)
    before = load_panel(store).known_at(datetime(2025, 1, 6, 7, 0, tzinfo=JST))
    append(store, "master", [company(Date="2025-01-07", Unit=1.0, CoName="乙")])
    after = load_panel(store).known_at(datetime(2025, 1, 6, 7, 0, tzinfo=JST))
    assert after.listings == before.listings


# -- dated facts ----------------------------------------------------------------------------------------


def facts() -> Tables:
    return market(
        flows=[
            flow("2025-01-09", "2024-12-27", FrgnBal=-5.0, FrgnTot=50.0),
            flow("2024-12-27", "2024-12-20", "TSEGrowth"),
        ],
        statements=[
            statement("20240531000002", "2024-05-31", Sales="1001"),
            statement("20240508000009", "2024-05-08", "15:00:30", OP="", FSales="2000", CurPerEn=""),
            statement("20240508000001", "2024-05-08", "", NP="-7.5"),
        ],
        earnings=[{"PubDate": "2024-12-30", "SchDate": "2025-02-05", "Code": "72030"}],
        actions=[{"PubDate": "2024-12-27", "Code": "72030", "ExDate": "2025-01-07", "AdjFactor": 0.2}],
    )


def test_statements_are_in_order_of_publication_with_figures_in_yen(store: MarketStore) -> None:
    found = loaded(store, facts()).statements
    assert found.number.tolist() == ["20240508000009", "20240508000001", "20240531000002"]
    assert [str(t) for t in found.known_at] == ["2024-05-08T15:01", "2024-05-09T00:00", "2024-05-31T15:00"]
    assert np.array_equal(found.figures["OP"], [np.nan, 100, 100], equal_nan=True)
    assert found.figures["NP"].tolist() == [70.0, -7.5, 70.0]
    assert np.isnat(found.period_end).tolist() == [True, False, False]
    assert str(found.year_end[0]) == "2024-03-31"
    assert found.code.tolist() == ["7203"] * 3


def test_flows_are_in_order_of_publication(store: MarketStore) -> None:
    found = loaded(store, facts()).flows
    assert [str(t) for t in found.known_at] == ["2024-12-27T16:30", "2025-01-09T16:30"]
    assert found.section.tolist() == ["TSEGrowth", "TSEPrime"]
    assert (found.balance["Frgn"].tolist(), found.total["Frgn"].tolist()) == ([0.0, -5.0], [6.75e9, 50.0])
    assert [str(day) for day in found.week_end] == ["2024-12-20", "2024-12-27"]


def test_announcements_and_actions_carry_their_publication(store: MarketStore) -> None:
    panel = loaded(store, facts())
    assert str(panel.announcements.known_at[0]) == "2024-12-30T10:05"
    assert (panel.announcements.code[0], str(panel.announcements.day[0])) == ("7203", "2025-02-05")
    assert str(panel.actions.known_at[0]) == "2024-12-27T16:30"
    assert (str(panel.actions.ex_date[0]), panel.actions.adj_factor[0]) == ("2025-01-07", 0.2)


@pytest.mark.parametrize(
    ("time", "sizes"),
    [
        ((2024, 12, 27, 7, 0), [1, 0, 0, 0]),
        ((2024, 12, 30, 7, 0), [2, 1, 0, 1]),
        ((2024, 12, 30, 10, 5), [2, 1, 1, 1]),
        ((2025, 1, 7, 16, 30), [5, 1, 1, 1]),
        ((2025, 1, 9, 16, 29), [5, 1, 1, 1]),
        ((2025, 1, 9, 16, 30), [5, 2, 1, 1]),
    ],
)
def test_a_cut_holds_what_was_public(
    store: MarketStore, time: tuple[int, int, int, int, int], sizes: list[int]
) -> None:
    """Sizes: sessions, flows, announcements, actions."""
    panel = loaded(store, facts()).known_at(datetime(*time, tzinfo=JST))
    held = (panel.sessions, panel.flows.section, panel.announcements.code, panel.actions.code)
    assert [len(facts) for facts in held] == sizes


def test_a_store_cut_short_gives_the_same_panel_as_a_whole_one_cut_at_that_time(tmp_path: Path) -> None:
    """Nothing of a later day changes what was known before it."""
    morning = datetime(2025, 1, 6, 7, 0, tzinfo=JST)
    short, whole = MarketStore(tmp_path / "short"), MarketStore(tmp_path / "whole")
    short.update(facts(), morning)
    whole.update(facts(), NOW)
    left, right = load_panel(short).known_at(morning), load_panel(whole).known_at(morning)
    for name in ("sessions", "open", "close", "volume", "adj_factor", "forward", "topix"):
        assert equal(getattr(left, name), getattr(right, name))
    for name in ("flows", "statements", "announcements", "actions"):
        assert equal(getattr(left, name).known_at, getattr(right, name).known_at)


def test_the_source_names_the_provider_and_a_hash_for_each_data_set(store: MarketStore) -> None:
    source = loaded(store, facts()).source
    assert (source.provider, source.simulated) == ("tables", False)
    assert set(source.snapshot) == {"master", "bars", "topix", "flows", "statements", "earnings", "actions"}
    assert {len(digest) for digest in source.snapshot.values()} == {64}


# -- the cache ------------------------------------------------------------------------------------------


def cached(store: MarketStore) -> list[Path]:
    return sorted((store.root / "features").glob("*"))


def test_a_panel_from_the_cache_equals_the_one_made_from_the_files(store: MarketStore) -> None:
    fresh = loaded(store, facts())
    assert len(cached(store)) == 1
    assert equal(load_panel(store), fresh)


def test_new_data_makes_a_new_cache_in_place_of_the_old(store: MarketStore) -> None:
    loaded(store, market(bars=bars(sessions=SESSIONS[:4]), topix=index(SESSIONS[:4])))
    old = cached(store)
    panel = loaded(store, market())
    assert len(panel.sessions) == 5
    assert len(cached(store)) == 1
    assert cached(store) != old


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_a_damaged_cache_is_made_again(store: MarketStore, position: int) -> None:
    fresh = loaded(store, facts())
    (path,) = cached(store)
    content = bytearray(path.read_bytes())
    whole = bytes(content)
    content[len(content) * position // 4 + 40] ^= 0xFF
    path.write_bytes(content if position else content[: len(content) // 2])
    assert equal(load_panel(store), fresh)
    assert path.read_bytes() == whole


def test_units_set_by_the_desk_apply_to_a_cached_panel(store: MarketStore) -> None:
    loaded(store, market())
    assert load_panel(store, units={"7203": 1}).listings[0].unit == 1


def test_a_folder_that_cannot_hold_a_cache_is_no_error(store: MarketStore) -> None:
    store.update(market(), NOW)
    (store.root / "features").write_text("in the way")
    assert len(load_panel(store).sessions) == 5


def test_a_cached_load_imports_neither_pyarrow_nor_pandas(store: MarketStore) -> None:
    loaded(store, facts())
    code = (
        "import sys, pathlib\n"
        "from jstock_core.data.store.store import MarketStore\n"
        "from jstock_core.data.store.load import load_panel\n"
        f"load_panel(MarketStore(pathlib.Path({str(store.root)!r})))\n"
        "print([m for m in ('pyarrow', 'pandas', 'sqlalchemy', 'exchange_calendars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- real bars ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    store = MarketStore(tmp_path_factory.mktemp("real"))
    store.update(Files(REAL), NOW)
    return load_panel(store)


@needs_real
def test_real_bars_fill_their_sessions(real: Panel) -> None:
    assert real.close.shape == (len(tse().between(date(2021, 1, 12), date(2025, 11, 28))), 32)
    assert int(real.has_bar.sum()) == 37337
    assert int((~np.isnan(real.topix)).sum()) == 1179


@needs_real
def test_real_splits_are_on_their_ex_dates(real: Panel) -> None:
    """The nine of the folder's README."""
    found = {(real.codes[n], str(real.sessions[s])): f for (s, n), f in _splits(real)}
    assert {key: round(1 / factor, 3) for key, factor in found.items()} == {
        ("7203", "2021-09-29"): 5, ("1852", "2022-07-28"): 2, ("1852", "2024-07-30"): 5,
        ("7974", "2022-09-29"): 10, ("4063", "2023-03-30"): 5, ("8035", "2023-03-30"): 3,
        ("6501", "2024-06-27"): 5, ("1822", "2025-03-28"): 5, ("1357", "2024-12-16"): 0.01,
    }  # fmt: skip
    assert real.forward[-1, real.column["8035"]] == 3.0
    assert real.forward[-1, real.column["1852"]] == 10.0


def _splits(panel: Panel) -> list[tuple[tuple[int, int], float]]:
    return [((int(s), int(n)), panel.adj_factor[s, n]) for s, n in np.argwhere(panel.adj_factor != 1.0)]


@needs_real
@pytest.mark.parametrize(("code", "first"), [("167A", "2024-04-01"), ("1786", "2021-04-01")])
def test_real_late_listings_start_late(real: Panel, code: str, first: str) -> None:
    rows = np.flatnonzero(real.has_bar[:, real.column[code]])
    assert str(real.sessions[rows[0]]) == first


@needs_real
def test_real_listings_know_etfs_and_units(real: Panel) -> None:
    special = {s.code: (s.kind, s.unit) for s in real.listings if s.kind == "etf" or s.unit != 100}
    assert special == {"1306": ("etf", 10), "1321": ("etf", 1), "1357": ("etf", 1)}


@needs_real
def test_real_statements_are_126_documents_of_six_companies(real: Panel) -> None:
    assert len(real.statements.number) == len(set(real.statements.number.tolist())) == 126
    assert len(set(real.statements.code.tolist())) == 6
    toyota = (real.statements.code == "7203") & (real.statements.year_end == np.datetime64("2021-03-31"))
    full_year = real.statements.known_at[toyota & (real.statements.period == "FY")]
    assert [str(t)[:10] for t in full_year] == ["2021-05-12", "2021-05-31"]


@needs_real
def test_real_flows_are_seven_weeks_of_four_sections(real: Panel) -> None:
    assert len(real.flows.section) == 28
    assert sorted({str(day) for day in real.flows.week_end})[::6] == ["2025-10-10", "2025-11-21"]
    assert (real.flows.published > real.flows.week_end).all()
