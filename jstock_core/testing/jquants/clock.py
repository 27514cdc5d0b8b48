"""A clock that only moves when it is told to: waiting moves it, and takes no time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from jstock_core.base.clock import JST
from jstock_core.data.providers.jquants.limits import RequestClock


@dataclass
class ManualClock:
    """Seconds since 1970. `slept` is how long was waited by it in all."""

    seconds: float
    slept: float = 0.0

    def __post_init__(self) -> None:
        self._lock = Lock()

    @classmethod
    def at(cls, moment: datetime) -> ManualClock:
        """A clock that stands at a moment (aware)."""
        return cls(moment.timestamp())

    def now(self) -> float:
        """The time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Wait: move on by that much at once."""
        with self._lock:
            self.seconds += max(seconds, 0.0)
            self.slept += max(seconds, 0.0)

    @property
    def local(self) -> datetime:
        """The time in Japan."""
        return datetime.fromtimestamp(self.seconds, JST)

    @property
    def for_requests(self) -> RequestClock:
        """As the client takes one."""
        return RequestClock(self.now, self.sleep)
