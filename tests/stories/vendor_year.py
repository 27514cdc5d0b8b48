"""A desk on J-Quants that lives through mornings with faults, beside one that lives through none.

`python -m tests.stories.vendor_year 245` lives through a year; the test through a few mornings.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from random import Random

from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants import limits, provider
from jstock_core.data.providers.jquants.keys import VARIABLE
from jstock_core.data.providers.jquants.transport import URL_VARIABLE
from jstock_core.data.providers.protocol import Discovery
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.market.calendar import at, tse
from jstock_core.state.facts.events import Event
from jstock_core.testing import serve_jquants, simulated_exchange
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import Exchange
from jstock_core.testing.jquants.faults import Change, Fault
from jstock_core.testing.jquants.server import KEY, LocalJQuants

BARS, TOPIX, STATEMENTS, FLOWS = (
    "/equities/bars/daily",
    "/indices/bars/daily/topix",
    "/fins/summary",
    "/equities/investor-types",
)
LAST = date(2026, 1, 30)
FAULTS: tuple[tuple[str, Change], ...] = (
    (BARS, faults.status(429)),
    (STATEMENTS, faults.status(429)),
    (TOPIX, faults.status(500)),
    (FLOWS, faults.status(503)),
    (BARS, faults.sent("reset")),
    (TOPIX, faults.sent("drip")),
    (STATEMENTS, faults.cut),
    (BARS, faults.cut),
    (BARS, faults.value("C", "n/a")),
    (TOPIX, faults.value("C", None)),
    (BARS, faults.without("AdjFactor")),
    (BARS, faults.value("Date", "2020-01-06")),
    (BARS, faults.rows(lambda _: [])),
    (BARS, faults.field("pagination_key", 5)),
    ("/equities/master", faults.rows(lambda _: [])),
    (BARS, faults.value("Note", "x")),
    (STATEMENTS, faults.status(403, "The incoming api key is invalid or expired.")),
    (BARS, faults.skewed(7200)),
)
"""What befalls a morning: one request to a path. All but the new column are passing, or a named error."""

ATTEMPTS = 3
_OF_THE_RUN = re.compile(r'"(?:edition|issued_at)":"[^"]*",?')
"""What a fault changes: the store's edition, and the minute of a decision that an outage put off."""


@dataclass(frozen=True)
class Life:
    """What a desk recorded, how often a morning had to be run again, and how long was waited."""

    events: tuple[Event, ...]
    again: int
    waited: float
    refused: int


def live(folder: Path, mornings: int, seed: int | None) -> Life:
    """Run the last mornings up to `LAST`, one after the other; with a `seed` each has a fault."""
    days = tse().between(tse().back(LAST, mornings - 1), LAST)
    exchange = simulated_exchange(at(LAST, time(7)), since=days[0] - timedelta(days=400))
    chance = Random(seed)
    again = 0
    with desk_on_vendor(folder, exchange, days[0]) as vendor:
        for day in days:
            path, change = chance.choice(FAULTS)
            vendor.local.faults[:] = (
                [] if seed is None else [Fault(path, change, nth=chance.choice((1, 1, 2)))]
            )
            again += vendor.run(day)
        desk = open_desk(vendor.root, now=f"{LAST}T07:00")
        return Life(desk.journal().events(), again, vendor.local.clock.slept, vendor.local.refused)


@dataclass(frozen=True)
class VendorDesk:
    """A desk in a folder, and the server that it fetches from."""

    root: Path
    local: LocalJQuants

    def run(self, day: date) -> int:
        """Run a morning, again where an error says so; how often again."""
        clock = self.local.clock
        clock.seconds = max(clock.seconds, at(day, time(7)).timestamp())
        return _run(self.root, day)


@contextmanager
def desk_on_vendor(folder: Path, exchange: Exchange, first: date) -> Iterator[VendorDesk]:
    """A desk of twelve stocks on a local server, by a clock that stands at its first morning."""
    with serve_jquants(exchange, ManualClock.at(at(first, time(7)))) as local, client_of(local, folder):
        root = folder / "desk"
        codes = tuple(code[:4] for code in exchange.tables["/equities/master"]["Code"].to_pylist()[:12])
        create_workspace(root, "jquants", Discovery({"plan": "standard", "history_years": 1}, codes))
        yield VendorDesk(root, local)


def _run(root: Path, day: date) -> int:
    """Run a morning, again where an error says so; how often again."""
    for attempt in range(ATTEMPTS):
        desk: Desk = open_desk(root, now=f"{day}T07:00")
        try:
            run_day(desk, day)
        except DataError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return attempt
    raise AssertionError("unreachable")


@contextmanager
def client_of(local: LocalJQuants, folder: Path) -> Iterator[None]:
    """Let the provider of this process ask the local server, by its clock."""
    before = provider.CLOCK, limits.limits_folder, os.environ.get(VARIABLE), os.environ.get(URL_VARIABLE)
    provider.CLOCK = local.clock.for_requests
    limits.limits_folder = lambda: folder / "limits"
    os.environ[VARIABLE], os.environ[URL_VARIABLE] = KEY, local.url
    try:
        yield
    finally:
        provider.CLOCK, limits.limits_folder = before[:2]
        for name, value in zip((VARIABLE, URL_VARIABLE), before[2:], strict=True):
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def first_difference(calm: Life, rough: Life) -> str:
    """The first facts that differ; "" if all are equal but for editions and minutes.

    An edition names what was delivered, also what was delivered twice, or with a column that nobody knows.
    """
    one, two = ([_OF_THE_RUN.sub("", repr(event)) for event in life.events] for life in (calm, rough))
    found = next((f"{a}\n{b}" for a, b in zip(one, two, strict=False) if a != b), "")
    return found or ("" if len(one) == len(two) else "one has more facts than the other")


def main() -> None:
    mornings, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        calm = live(Path(folder) / "calm", mornings, None)
        rough = live(Path(folder) / "rough", mornings, seed)
    different = first_difference(calm, rough)
    print(  # noqa: T201
        f"{mornings} mornings with a fault each: {rough.again} run again, {rough.waited / 60:.0f} minutes "
        f"waited, {rough.refused} requests refused; {len(calm.events)} facts recorded, "
        f"{'the first that differ:' if different else 'all equal'}\n{different}"
    )


if __name__ == "__main__":
    main()
