"""How many requests the server allows: its own count, independent of the client's.

Source: jpx-jquants.com/en/spec/rate-limits, read 2026-11. How far over the limit everything is blocked is not
documented; here it is as much again as the limit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MINUTE, LOCKED = 60.0, 300.0


@dataclass
class Quota:
    """A limit a minute. Refused requests count too, and lead to the lockout."""

    per_minute: int
    times: deque[float] = field(default_factory=deque)
    refused: int = 0
    locked_until: float = 0.0

    def allow(self, now: float) -> bool:
        """Whether a request at this time is answered."""
        while self.times and self.times[0] <= now - MINUTE:
            self.times.popleft()
        self.times.append(now)
        if len(self.times) > 2 * self.per_minute:
            self.locked_until = now + LOCKED
        allowed = now >= self.locked_until and len(self.times) <= self.per_minute
        self.refused += not allowed
        return allowed
