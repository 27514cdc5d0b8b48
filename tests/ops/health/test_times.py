"""The clock, the zone and the calendar."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from jstock_core.base.clock import make_clock
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import tse
from jstock_core.ops.health import times
from jstock_core.ops.health.check import Examined, State, look_at
from jstock_core.ops.watch.heartbeat import write_heartbeat
from tests.ops.health.conftest import one
from tests.ops.watch.test_heartbeat import BEAT


def test_a_clock_behind_the_records_is_told(desk: Desk, examined: Examined) -> None:
    write_heartbeat(desk.workspace.runs, BEAT, ("morning",))
    assert one(times.examine_clock, examined).state is State.OK
    yesterday = look_at(str(desk.workspace.root), now="2026-01-20T07:10")
    check = one(times.examine_clock, yesterday)
    assert check.state is State.FAIL
    assert "the morning ended at 2026-01-21 07:01" in check.what


def test_a_fetch_of_a_time_to_come_is_told_too(examined: Examined) -> None:
    check = one(times.examine_clock, look_at(str(examined.place.root), now="2026-01-20T17:00"))
    assert "data was fetched at 2026-01-21 07:00" in check.what


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one zone a process")
def test_the_zone_says_when_seven_in_tokyo_is(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        check = one(times.examine_zone, examined)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert check.what == "this machine is in America/New_York (-0500); 07:00 JST is 17:00 there"


def test_the_end_of_the_calendar_is_told_in_time(examined: Examined) -> None:
    def at(day: object) -> Examined:
        return replace(examined, clock=make_clock(f"{day}T07:00"))

    assert one(times.examine_calendar, examined).state is State.OK
    assert one(times.examine_calendar, at(tse().back(tse().last, 20))).state is State.WARN
    beyond = one(times.examine_calendar, at(tse().last.replace(year=tse().last.year + 1)))
    assert beyond.state is State.FAIL
    assert f"the calendar ended with {tse().last}" in beyond.what
