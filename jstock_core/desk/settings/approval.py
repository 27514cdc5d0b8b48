"""`approval` in `params/desk.yaml`: whether a person lets buys go to the open."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from jstock_core.base.params import check_pattern, declare

_Until = Annotated[
    str, check_pattern(r"0[78]:[0-5][0-9]|09:00", 'a time in JST from 07:00 to 09:00, as "08:50"')
]


@declare
class ApprovalSettings:
    """With `buys` each buy waits for a person's approval, until the time `until` (JST) of its session."""

    buys: bool = False
    until: _Until = "08:50"

    @property
    def end(self) -> time:
        """The time from which on nothing is approved any more."""
        return time.fromisoformat(self.until)
