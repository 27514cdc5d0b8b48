"""`schedule` in `params/desk.yaml`: when the desk runs by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from jstock_core.base.params import check_text, declare
from jstock_core.market.calendar import BARS_PUBLIC, OPEN

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_OPEN, _PUBLIC = f"{OPEN:%H:%M}", f"{BARS_PUBLIC:%H:%M}"


def _time(fits: Callable[[str], bool], expected: str) -> AfterValidator:
    """A time of the day that fits, or "" where that does; else what was expected is said."""
    return check_text(
        lambda text: (not text or bool(_TIME.fullmatch(text))) and fits(text),
        expected,
        pattern=f"({_TIME.pattern})?",
    )


_Morning = Annotated[str, _time(lambda t: "" < t < _OPEN, f'a time in JST before {_OPEN}, as "07:00"')]
_Reminder = Annotated[str, _time(lambda t: t < _OPEN, f'a time in JST before {_OPEN}, as "08:30", or ""')]
_Evening = Annotated[
    str,
    _time(lambda t: not t or t >= _PUBLIC, f'a time in JST from {_PUBLIC} on, as "17:30", or ""'),
]


@declare
class ScheduleSettings:
    """Times are JST, written "07:00"; "" where that run is not wanted.

    `morning` decides and publishes, `reminder` reminds of what a person has not done before the open, both
    before it; `evening` fetches, settles and compares, from the publication of the bars on. A missed morning
    is caught up where `catch_up` says so. `wait_minutes` is how long a run waits for late data,
    `keep_runs_days` after how many days runs that nobody needs are removed, 0 for never.
    """

    morning: _Morning = "07:00"
    reminder: _Reminder = "08:30"
    evening: _Evening = ""
    catch_up: bool = True
    wait_minutes: int = Field(default=0, ge=0, le=120)
    keep_runs_days: int = Field(default=0, ge=0, le=10_000)
