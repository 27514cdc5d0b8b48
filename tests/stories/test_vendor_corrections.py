"""A server corrects rows that a desk has fetched: they are found over real HTTP, kept and named.

The vendor first delivers the closes of December as the lows of their bars.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pytest

from jstock_core.base.alerts import Severity
from jstock_core.decide import read_signals
from jstock_core.desk.day.again.again import first_decisions, redecide
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import at, tse
from jstock_core.testing import simulated_exchange
from jstock_core.testing.jquants.exchange import Exchange
from tests.stories.vendor_year import BARS, VendorDesk, desk_on_vendor

BEFORE = tse().between(date(2026, 1, 20), date(2026, 1, 22))
NEXT, NEXT_WEEK = date(2026, 1, 23), date(2026, 1, 27)
MONTH = "2025-12"


@pytest.fixture(scope="module")
def right() -> Exchange:
    return simulated_exchange(at(NEXT_WEEK, time(7)), since=BEFORE[0] - timedelta(days=260))


def wrong(right: Exchange) -> Exchange:
    """What the vendor delivers at first."""
    table = right.tables[BARS]
    close = pc.if_else(pc.starts_with(table["Date"], MONTH), table["L"], table["C"])
    bars = table.set_column(table.column_names.index("C"), "C", close)
    return replace(right, tables={**right.tables, BARS: bars})


def corrected(stack: ExitStack, folder: Path, right: Exchange, *, told: bool) -> VendorDesk:
    """A desk after three mornings, and its vendor, who has corrected December since; `told` by its files."""
    vendor = stack.enter_context(desk_on_vendor(folder, wrong(right), BEFORE[0]))
    for day in BEFORE:
        vendor.run(day)
    vendor.local.clock.seconds = at(BEFORE[-1], time(18)).timestamp()
    changed = {(BARS, MONTH): vendor.local.clock.local} if told else {}
    vendor.local.exchange = replace(right.without_halves, changed=changed)
    vendor.local.asked.clear()
    return vendor


def run_morning(vendor: VendorDesk, day: date) -> tuple[Desk, ReportedDay]:
    vendor.run(day)
    desk = open_desk(vendor.root, now=f"{day}T07:00")
    return desk, run_day(desk, day)


@pytest.fixture(scope="module")
def found(tmp_path_factory, right):
    """The desk and its morning after a correction that the list of files told of."""
    with ExitStack() as stack:
        vendor = corrected(stack, tmp_path_factory.mktemp("told"), right, told=True)
        yield (*run_morning(vendor, NEXT), vendor)


def december(desk: Desk, table) -> list[tuple[str, str, float]]:
    codes = {f"{code}0" for code in desk.panel().codes}
    rows = table.select(["Date", "Code", "C"]).to_pylist()
    return sorted(
        (str(r["Date"]), r["Code"], r["C"])
        for r in rows
        if str(r["Date"])[:7] == MONTH and r["Code"] in codes
    )


def test_what_the_vendor_corrected_is_found_and_kept_beside_the_old(found, right):
    desk, _, vendor = found
    assert december(desk, desk.store.read().table("bars")) == december(desk, right.tables[BARS])
    [first] = first_decisions(desk.journal().history(), BEFORE[-1])[:1]
    then = desk.store.vintage(first.provenance["edition"], at(BEFORE[-1], time(7)))
    assert december(desk, desk.store.read(then).table("bars")) == december(desk, wrong(right).tables[BARS])
    [correction] = [delivery for delivery in desk.store.deliveries() if delivery.revised]
    assert (correction.dataset, correction.received_at) == ("bars", at(NEXT, time(7)))
    files = [asked.params["key"] for asked in vendor.local.asked if asked.path == "/bulk/get"]
    assert files == ["equities/bars/daily/historical/2025/equities_bars_daily_202512.csv.gz"]


def test_the_next_morning_names_the_decisions_that_would_be_others(found):
    """It decides all the same, and those before stay what they were."""
    desk, day, _ = found
    [alert] = [alert for alert in day.alerts if alert.kind == "revision"]
    assert alert.severity is Severity.WARNING
    assert f"corrected {len(day.revised.revisions)} values since the last decision" in alert.text
    assert {revision.column for revision in day.revised.revisions} == {"C"}
    assert day.revised.asked == tuple(reversed(BEFORE))
    assert day.revised.changes
    for change in day.revised.changes[:3]:
        assert change.text in alert.text
    assert alert in day.report.alerts
    history = desk.journal().history()
    for trade_date in BEFORE:
        recorded = [(e.group, read_signals(e)) for e in first_decisions(history, trade_date)]
        assert [(e.group, read_signals(e)) for e in redecide(desk, history, trade_date).decisions] == recorded
    assert first_decisions(history, NEXT)


def test_a_correction_that_the_vendor_does_not_tell_of_is_found_within_a_week(tmp_path, right):
    with ExitStack() as stack:
        vendor = corrected(stack, tmp_path, right, told=False)
        _, day = run_morning(vendor, NEXT)
        assert not day.revised.revisions
        desk, day = run_morning(vendor, NEXT_WEEK)
        assert december(desk, desk.store.read().table("bars")) == december(desk, right.tables[BARS])
        assert [alert.kind for alert in day.alerts if alert.kind == "revision"]
        assert {change.trade_date for change in day.revised.changes} <= {*BEFORE, NEXT}
        assert day.revised.changes
