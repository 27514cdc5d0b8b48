"""07:00 JST by the clock of the host: one local time, or two where it has daylight saving time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from jstock_core.base.clock import JST
from jstock_core.market.calendar import at, tse
from jstock_core.ops.schedule.times import has_several_offsets, host_times, next_session_run
from tests.ops.schedule.machines import NOW, ZONES

MONDAY_TO_FRIDAY, SUNDAY_TO_THURSDAY = (0, 1, 2, 3, 4), (0, 1, 2, 3, 6)
SEVEN = {
    "Asia/Tokyo": {time(7): MONDAY_TO_FRIDAY},
    "UTC": {time(22): SUNDAY_TO_THURSDAY},
    "America/Los_Angeles": {time(14): SUNDAY_TO_THURSDAY, time(15): SUNDAY_TO_THURSDAY},
    "Europe/Berlin": {time(0): MONDAY_TO_FRIDAY, time(23): SUNDAY_TO_THURSDAY},
    "Pacific/Auckland": {time(10): MONDAY_TO_FRIDAY, time(11): MONDAY_TO_FRIDAY},
    "Asia/Kolkata": {time(3, 30): MONDAY_TO_FRIDAY},
}


@pytest.mark.parametrize("zone", ZONES)
def test_the_local_times_of_seven_in_tokyo(zone: str) -> None:
    assert host_times([time(7)], NOW, ZoneInfo(zone)) == SEVEN[zone]
    assert has_several_offsets(NOW, ZoneInfo(zone)) is (len(SEVEN[zone]) > 1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("season", ["2026-01-21", "2026-07-15", "2026-10-30", "2026-11-02"])
def test_the_local_times_are_the_same_in_every_season(zone: str, season: str) -> None:
    """Installing again in summer changes nothing."""
    now = datetime.fromisoformat(season).replace(tzinfo=JST)
    assert host_times([time(7)], now, ZoneInfo(zone)) == SEVEN[zone]


@pytest.mark.parametrize("zone", ZONES)
def test_every_session_is_met_by_one_of_the_times_exactly(zone: str) -> None:
    times = host_times([time(7)], NOW, ZoneInfo(zone))
    for session in tse().between(date(2026, 1, 22), date(2027, 1, 21)):
        local = at(session, time(7)).astimezone(ZoneInfo(zone))
        assert local.weekday() in times[time(local.hour, local.minute)], session


def test_the_zone_of_the_host_is_used_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    import time as clock

    monkeypatch.setenv("TZ", "America/Los_Angeles")
    clock.tzset()
    try:
        assert host_times([time(7)], NOW) == SEVEN["America/Los_Angeles"]
    finally:
        monkeypatch.undo()
        clock.tzset()


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2026-01-21T06:59", "2026-01-21"),
        ("2026-01-21T07:00", "2026-01-22"),
        ("2026-01-23T12:00", "2026-01-26"),
        ("2026-04-28T12:00", "2026-04-30"),
    ],
)
def test_the_next_run_is_on_a_session(now: str, session: str) -> None:
    found = next_session_run(
        "morning", time(7), datetime.fromisoformat(now).replace(tzinfo=JST), ZoneInfo("America/Los_Angeles")
    )
    assert found is not None
    assert found.jst == at(date.fromisoformat(session), time(7))
    assert found.host == found.jst
    assert found.as_json()["host"].endswith(("-08:00", "-07:00"))


def test_beyond_the_calendar_there_is_no_next_run() -> None:
    after = at(tse().last, time(7)) + timedelta(minutes=1)
    assert next_session_run("morning", time(7), after) is None
