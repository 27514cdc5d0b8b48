"""When the next request may go: one count for all threads and processes that use a key on this machine.

Source: jpx-jquants.com/en/spec/rate-limits, read 2026-11. Above the limit the answer is 429, without a
Retry-After; a minute is the least that helps. Far above it everything is refused for about five minutes, and
after that requests are to be paced.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jstock_core.base.durable import PRIVATE_FOLDER, os_reason
from jstock_core.base.errors import WriteError
from jstock_core.data.providers.jquants.endpoints import Endpoint
from jstock_core.data.providers.jquants.plans import DataPlan

if TYPE_CHECKING:
    from pyrate_limiter import SQLiteBucket

WINDOW_MS = 61_000  # a minute, and what travels slower than the request before it
PAUSE = 60.0  # seconds after a 429
LOCKOUT = 300.0  # seconds after a 429 that follows such a pause
PACE = 1.5  # seconds between requests after a lockout
PACED_FOR = 600.0  # seconds
_PLAN = "plan"


@dataclass(frozen=True)
class RequestClock:
    """Time for requests: seconds since 1970, and how to wait. Tests give one that waits without sleeping."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def limits_folder() -> Path:
    """Where the counts are kept: outside of any workspace, for a key has one limit for all."""
    from platformdirs import user_state_path

    return user_state_path("jstock") / "jquants"


class RequestGate:
    """Lets requests through one at a time, none beyond the limits.

    The counts lie in SQLite, guarded by a file lock; so do the pauses that the server asked for.
    """

    def __init__(self, plan: DataPlan, name: str, *, folder: Path | None = None, clock: RequestClock) -> None:
        self._plan = plan
        self._clock = clock
        self._folder = folder or limits_folder()
        self._name = name
        self._buckets: dict[str, SQLiteBucket] = {}
        self._bucket(_PLAN, plan.per_minute)

    def enter(self, endpoint: Endpoint | None) -> None:
        """Wait until a request to an endpoint may be sent, and count it."""
        while (wait := self._claim(endpoint)) > 0:
            self._clock.sleep(wait)

    def refused(self) -> float:
        """Record that the server refused for too many requests; the seconds until it may be asked again.

        The first refusal asks for a minute. One that comes although a minute was waited is a lockout.
        """
        now = self._clock.now()
        bucket = self._buckets[_PLAN]
        with bucket.lock:
            until, last, _ = self._pauses(bucket.conn)
            again = now - last < PAUSE + LOCKOUT
            still = until > now  # another thread was refused a moment ago: this is no second refusal
            pause = until - now if still else (LOCKOUT if again else PAUSE)
            paced = now + pause + PACED_FOR if again and not still else 0.0
            bucket.conn.execute(
                "UPDATE pauses SET until = ?, refused = ?, paced = max(paced, ?)", (now + pause, now, paced)
            )
            bucket.conn.commit()
        return pause

    def recently_refused(self) -> bool:
        """Whether the server refused for too many requests within the last minutes."""
        bucket = self._buckets[_PLAN]
        with bucket.lock:
            return self._clock.now() - self._pauses(bucket.conn)[1] < PAUSE + LOCKOUT

    def close(self) -> None:
        """Close the files."""
        for bucket in self._buckets.values():
            with bucket.lock:
                bucket.conn.close()

    def _claim(self, endpoint: Endpoint | None) -> float:
        """Count a request; or the seconds to wait before it, where it is too early."""
        wait = self._paused()
        if wait > 0:
            return wait
        own = endpoint is not None and endpoint.per_minute
        names = [(endpoint.path, endpoint.per_minute)] if endpoint is not None and own else []
        for name, limit in [*names, (_PLAN, self._plan.per_minute)]:
            wait = self._put(self._bucket(name, limit))
            if wait > 0:
                return wait
        return 0.0

    def _paused(self) -> float:
        now = self._clock.now()
        bucket = self._buckets[_PLAN]
        with bucket.lock:
            until, _, paced = self._pauses(bucket.conn)
            newest = bucket.peek(0)
        gap = newest.timestamp / 1000 + PACE - now if newest is not None and now < paced else 0.0
        return max(until - now, gap, 0.0)

    def _put(self, bucket: SQLiteBucket) -> float:
        from pyrate_limiter import RateItem

        now = int(self._clock.now() * 1000)
        with bucket.lock:
            newest = bucket.peek(0)
            if newest is not None and newest.timestamp > now:
                bucket.flush()  # the clock was set back: old counts would forbid requests for long
            bucket.leak(now)
            item = RateItem(self._name, now)
            if bucket.put(item):
                return 0.0
            wait = cast("int", bucket.waiting(item))
        return max(wait, 1) / 1000

    def _pauses(self, conn: sqlite3.Connection) -> tuple[float, float, float]:
        """Blocked until, last refused at, paced until; what lies too far ahead was of another clock."""
        row = conn.execute("SELECT until, refused, paced FROM pauses").fetchone()
        horizon = self._clock.now() + LOCKOUT + PACED_FOR + PAUSE
        return tuple(0.0 if moment > horizon else moment for moment in row)  # type: ignore[return-value]

    def _bucket(self, name: str, limit: int) -> SQLiteBucket:
        if name not in self._buckets:
            try:
                self._buckets[name] = self._open(name, limit)
            except (OSError, sqlite3.Error) as error:
                reason = os_reason(error) if isinstance(error, OSError) else str(error)
                raise WriteError(
                    f"the count of requests to J-Quants cannot be kept: {reason}",
                    where=str(self._folder),
                    do="make the folder writable for this user, or name another one in XDG_STATE_HOME",
                ) from None
        return self._buckets[name]

    def _open(self, name: str, limit: int) -> SQLiteBucket:
        from pyrate_limiter import Rate, SQLiteBucket

        self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        path = self._folder / f"{self._name}.sqlite"
        bucket = SQLiteBucket.init_from_file(
            [Rate(limit, WINDOW_MS)], table=name.strip("/").replace("/", "_"), db_path=str(path),
            use_file_lock=True,
        )  # fmt: skip
        with bucket.lock:
            bucket.conn.execute("CREATE TABLE IF NOT EXISTS pauses (until REAL, refused REAL, paced REAL)")
            if bucket.conn.execute("SELECT count(*) FROM pauses").fetchone()[0] == 0:
                bucket.conn.execute("INSERT INTO pauses VALUES (0, 0, 0)")
            bucket.conn.commit()
        with suppress(OSError):
            path.chmod(0o600)
        return bucket
