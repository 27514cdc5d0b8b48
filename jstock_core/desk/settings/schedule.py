"""`schedule` in `params/desk.yaml`: when the desk runs by itself."""

from __future__ import annotations

from pydantic import Field

from jstock_core.base.params import declare

_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


@declare
class ScheduleSettings:
    """Times are JST, written "07:00"; "" where that run is not wanted.

    `morning` decides and publishes, `reminder` reminds of what a person has not done before the open,
    `evening` fetches, settles and compares. A missed morning is caught up where `catch_up` says so.
    `wait_minutes` is how long a run waits for late data, `keep_runs_days` after how many days runs that
    nobody needs are removed, 0 for never.
    """

    morning: str = Field(default="07:00", pattern=_TIME)
    reminder: str = Field(default="08:30", pattern=f"^$|{_TIME}")
    evening: str = Field(default="", pattern=f"^$|{_TIME}")
    catch_up: bool = True
    wait_minutes: int = Field(default=0, ge=0, le=120)
    keep_runs_days: int = Field(default=0, ge=0, le=10_000)
