from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.market import generate
from jstock_core.market.calendar import at, day_array, decision_time, tse

from .tables import needs_answers, rows

DAYS = st.dates(tse().first + timedelta(days=10), tse().last - timedelta(days=10))


@pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under pandas 3.1
def test_the_table_is_what_exchange_calendars_says() -> None:
    assert generate.TABLE.read_text(encoding="ascii") == generate.sessions_csv()


@needs_answers
def test_sessions_and_closes_equal_the_answer_table() -> None:
    answers = rows("tse_sessions_2020_2028.csv")
    assert len(answers) > 2000
    first, last = (date.fromisoformat(answers[n]["date"]) for n in (0, -1))
    assert [day.isoformat() for day in tse().between(first, last)] == [row["date"] for row in answers]
    closes = [f"{tse().close_at(date.fromisoformat(row['date'])):%H:%M}" for row in answers]
    assert closes == [row["close_jst"] for row in answers]


@needs_answers
def test_weekdays_that_are_closed_are_closed() -> None:
    closed = [date.fromisoformat(row["date"]) for row in rows("tse_weekday_closures_2020_2028.csv")]
    assert closed
    assert not any(tse().is_session(day) for day in closed)


@pytest.mark.parametrize(
    ("year", "sessions"),
    [(2020, 242), (2021, 245), (2022, 244), (2023, 246), (2024, 245), (2025, 243), (2026, 242), (2027, 244)],
)
def test_years_have_as_many_sessions_as_jpx_had(year: int, sessions: int) -> None:
    assert len(tse().between(date(year, 1, 1), date(year, 12, 31))) == sessions


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2020, 10, 1), False),  # the exchange's systems failed all day
        (date(2024, 12, 30), True),  # the last session of a year is a full one
        (date(2024, 12, 31), False),
        (date(2026, 1, 5), True),
        (date(2026, 9, 22), False),  # between two holidays
        (date(2026, 1, 24), False),  # a Saturday
    ],
)
def test_days_that_are_easily_taken_wrongly(day: date, is_open: bool) -> None:
    assert tse().is_session(day) == is_open


def test_the_close_moved_to_half_past_three_in_november_2024() -> None:
    assert tse().close_at(date(2024, 11, 1)) == datetime(2024, 11, 1, 15, 0, tzinfo=JST)
    assert tse().close_at(date(2024, 11, 5)) == datetime(2024, 11, 5, 15, 30, tzinfo=JST)


@pytest.mark.parametrize("ask", ["is_session", "session", "on_or_after", "next", "previous", "close_at"])
@pytest.mark.parametrize(
    ("day", "how"), [(date(2009, 12, 30), "before the first"), (date(2029, 1, 4), "beyond")]
)
def test_a_day_outside_the_table_is_refused_with_the_direction(ask: str, day: date, how: str) -> None:
    with pytest.raises(UsageError, match=how) as caught:
        getattr(tse(), ask)(day)
    assert "2010-01-04 to 2028-12-29" in caught.value.where


def test_no_session_is_made_up_at_either_end() -> None:
    with pytest.raises(UsageError, match="beyond the last"):
        tse().next(tse().last)
    with pytest.raises(UsageError, match="fewer than 1 sessions"):
        tse().previous(tse().first)
    with pytest.raises(UsageError, match="fewer than 3 sessions"):
        tse().back(date(2010, 1, 6), 3)


def test_a_closed_day_is_refused_with_the_sessions_around_it() -> None:
    with pytest.raises(UsageError, match=r"closed on 2026-01-24 \(Saturday\)") as caught:
        tse().session(date(2026, 1, 24))
    assert caught.value.do == "give 2026-01-23 or 2026-01-26, the sessions around it"
    assert caught.value.where == ""  # callers name the line of a file there


def test_stepping_over_the_turn_of_a_year() -> None:
    assert tse().next(date(2024, 12, 30)) == date(2025, 1, 6)
    assert tse().previous(date(2025, 1, 6)) == date(2024, 12, 30)
    assert tse().on_or_after(date(2025, 1, 1)) == date(2025, 1, 6)
    assert tse().back(date(2025, 1, 1), 2) == date(2024, 12, 27)


def test_between_holds_both_ends() -> None:
    assert tse().between(date(2024, 12, 30), date(2025, 1, 6)) == (date(2024, 12, 30), date(2025, 1, 6))
    assert tse().between(date(2025, 1, 1), date(2025, 1, 5)) == ()


@pytest.mark.parametrize(
    ("now", "closed", "trade"),
    [
        ("2026-01-21T07:00", "2026-01-20", "2026-01-21"),
        ("2026-01-21T16:29", "2026-01-20", "2026-01-21"),
        ("2026-01-21T16:30", "2026-01-21", "2026-01-22"),
        ("2026-01-24T12:00", "2026-01-23", "2026-01-26"),
        ("2025-12-31T23:59", "2025-12-30", "2026-01-05"),
    ],
)
def test_the_newest_public_session_and_the_next_trade_date(now: str, closed: str, trade: str) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=JST)
    for moment in (local, local.astimezone(UTC)):
        assert tse().last_closed(moment).isoformat() == closed
        assert tse().next_trade_date(moment).isoformat() == trade


def test_a_decision_is_made_at_seven_in_tokyo() -> None:
    assert decision_time(date(2026, 1, 21)) == datetime(2026, 1, 20, 22, 0, tzinfo=UTC)
    assert at(date(2026, 1, 21), time(9, 0)).utcoffset() == timedelta(hours=9)


def test_following_sessions_of_an_array() -> None:
    days = np.array(["2024-12-30", "2025-01-06"], dtype="datetime64[D]")
    assert tse().next_days(days).tolist() == [date(2025, 1, 6), date(2025, 1, 7)]


@given(DAYS)
def test_the_session_on_or_after_a_day_is_the_nearest_one(day: date) -> None:
    session = tse().on_or_after(day)
    assert session >= day
    assert tse().is_session(session)
    assert tse().previous(session) < day or session == day


@given(DAYS)
def test_next_and_previous_are_inverse(day: date) -> None:
    session = tse().on_or_after(day)
    assert tse().previous(tse().next(session)) == session
    assert tse().between(session, tse().next(session)) == (session, tse().next(session))


@given(DAYS, st.integers(1, 5))
def test_going_back_is_previous_repeated(day: date, count: int) -> None:
    stepped = day
    for _ in range(count):
        stepped = tse().previous(stepped)
    assert tse().back(day, count) == stepped


@given(st.lists(st.dates()))
def test_dates_become_days_of_numpy_as_numpy_makes_them(days: list[date]) -> None:
    found, plain = day_array(days), np.array(days, dtype="datetime64[D]")
    assert found.dtype == plain.dtype
    assert found.tolist() == plain.tolist() == days
