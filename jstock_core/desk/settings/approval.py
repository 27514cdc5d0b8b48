"""`approval` in `params/desk.yaml`: whether a person lets buys go to the open."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from jstock_core.base.params import declare


@declare
class ApprovalSettings:
    """With `buys` each buy waits for a person's approval, until the time `until` (JST) of its session."""

    buys: bool = False
    until: str = Field(default="08:50", pattern=r"^(0[78]:[0-5][0-9]|09:00)$")

    @property
    def end(self) -> time:
        """The time from which on nothing is approved any more."""
        return time.fromisoformat(self.until)
