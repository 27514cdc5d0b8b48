"""Which requests are sent: the fewest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from jstock_core.data.providers.jquants.endpoints import BARS, STATEMENTS, TOPIX, lacking
from jstock_core.data.providers.jquants.planning import (
    BulkFile,
    changed_files,
    estimate,
    file_span,
    plan_requests,
    worth_listing,
)
from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD

JANUARY = tuple(date(2026, 1, day) for day in range(5, 31))
FEBRUARY = tuple(date(2026, 2, day) for day in range(2, 20))


def file(stamp: str, modified: str = "2026-03-01") -> BulkFile:
    key = f"equities/bars/daily/historical/2026/equities_bars_daily_{stamp}.csv.gz"
    first, last = file_span(key)
    return BulkFile(key, datetime.fromisoformat(modified).replace(tzinfo=UTC), 1000, first, last)


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("x_202402.csv.gz", (date(2024, 2, 1), date(2024, 2, 29))),
        ("x_20240205.csv.gz", (date(2024, 2, 5), date(2024, 2, 5))),
        ("x_202413.csv.gz", None),
        ("x_20240230.csv.gz", None),
        ("readme.txt", None),
        ("x_202402.csv", None),
    ],
)
def test_a_file_says_its_days_by_its_name(name, span):
    assert file_span(name) == span


def test_months_with_files_cost_a_request_each():
    plan = plan_requests((*JANUARY, *FEBRUARY), [file("202601"), file("20260202")], listed=True)
    assert [f.key[-13:] for f in plan.files] == ["202601.csv.gz"]
    assert plan.days == FEBRUARY  # a file of one day saves nothing
    assert plan.requests == 1 + 1 + len(FEBRUARY)


def test_a_month_is_preferred_to_its_days():
    files = [*(file(f"202601{day:02}") for day in range(5, 31)), file("202601")]
    assert plan_requests(JANUARY, files).files == (file("202601"),)


def test_a_day_is_asked_for_by_itself():
    assert plan_requests(JANUARY[:1], [file("202601")]).days == JANUARY[:1]


def test_the_list_is_asked_for_where_past_months_are_many_days():
    later = date(2026, 3, 1)
    assert not worth_listing(JANUARY[:2], later)
    assert worth_listing(JANUARY[:3], later)
    assert not worth_listing(JANUARY, JANUARY[-1])  # the present month has no file yet


def test_few_stocks_are_asked_for_one_by_one():
    codes = ("72030", "67580")
    plan = plan_requests(JANUARY, (), codes)
    assert (plan.codes, plan.requests) == (codes, 2)
    plan = plan_requests(JANUARY[:2], (), codes)
    assert (plan.codes, plan.days) == ((), JANUARY[:2])


def test_files_are_preferred_where_they_take_fewer_requests_than_the_stocks():
    codes = tuple(f"{n}0" for n in range(1301, 1401))
    plan = plan_requests((*JANUARY, *FEBRUARY), [file("202601"), file("202602")], codes, listed=True)
    assert (len(plan.files), plan.codes, plan.requests, plan.bytes) == (2, (), 3, 2000)
    plan = plan_requests((*JANUARY, *FEBRUARY), [file("202601"), file("202602")], codes[:1])
    assert (plan.files, plan.codes, plan.requests) == ((), codes[:1], 1)


def test_files_that_were_changed_since_a_time():
    files = [file("202601", "2026-02-02"), file("202602", "2026-03-02")]
    assert changed_files(files, datetime(2026, 2, 15, tzinfo=UTC)) == (files[1],)


@pytest.mark.parametrize(
    ("plan", "requests", "statements", "seconds"),
    [
        (FREE, 5, 0, 0),
        (FREE, 6, 0, 61),
        (LIGHT, 60, 0, 0),
        (STANDARD, 240, 0, 61),
        (STANDARD, 0, 121, 122),
        (PREMIUM, 0, 121, 122),
        (FREE, 0, 121, 24 * 61),
    ],
)
def test_time_is_reckoned_at_the_narrowest_limit(plan, requests, statements, seconds):
    planned = {"bars": (BARS, requests), "statements": (STATEMENTS, statements)}
    assert estimate(plan, planned).seconds == seconds


def test_plans_deliver_a_window_and_lack_data_sets():
    today = date(2026, 1, 21)
    assert (FREE.first_day(today), FREE.last_day(today)) == (date(2023, 10, 29), date(2025, 10, 29))
    assert (LIGHT.first_day(today), LIGHT.last_day(today)) == (date(2021, 1, 22), today)
    assert STANDARD.first_day(date(2028, 2, 29)) == date(2018, 3, 1)
    assert [plan.live for plan in (FREE, LIGHT, STANDARD, PREMIUM)] == [False, True, True, True]
    assert (lacking(FREE), lacking(LIGHT)) == (("topix", "flows", "earnings", "dividends"), ("dividends",))
    assert not TOPIX.of(FREE)
    assert today - FREE.last_day(today) == timedelta(weeks=12)
