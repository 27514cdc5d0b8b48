"""Which requests bring a range of days at least cost: bulk files, one request a day, or one a stock. Pure.

A page more than expected costs a request more, so figures are what it takes at least.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.data.providers.jquants.endpoints import Endpoint
from jstock_core.data.providers.jquants.plans import DataPlan

_STAMP = re.compile(r"_(\d{4})(\d{2})(\d{2})?\.csv\.gz$")
WORTH = 2
"""Days that a bulk file must bring to be worth its request."""


@dataclass(frozen=True)
class BulkFile:
    """A file of history: its key, when it was last changed, its bytes, and the days it covers."""

    key: str
    modified: datetime
    size: int
    first: date
    last: date


@dataclass(frozen=True)
class RequestPlan:
    """The requests of a fetch: the list of files, files, a day each, or a stock each over `days`.

    `codes` are empty where every day is asked for by itself.
    """

    listing: bool = False
    files: tuple[BulkFile, ...] = ()
    days: tuple[date, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def requests(self) -> int:
        """How many requests it takes, at one page each; the download of a file is not counted."""
        return int(self.listing) + len(self.files) + (len(self.codes) or len(self.days))

    @property
    def bytes(self) -> int:
        """The size of the files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Estimate:
    """What a fetch takes at least, by data set: requests, and seconds at the limits of the plan."""

    requests: Mapping[str, int]
    seconds: float

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.requests.values())


def file_span(key: str) -> tuple[date, date] | None:
    """The days a bulk file covers, by its name: a month (..._202501.csv.gz) or a day (..._20250106.csv.gz).

    None where the name has neither.
    """
    found = _STAMP.search(key)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    try:
        if found[3]:
            day = date(year, month, int(found[3]))
            return day, day
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None


def worth_listing(days: Sequence[date], today: date) -> bool:
    """Whether the list of files can save requests: it costs one itself, and each past month one more.

    The present month has no file yet.
    """
    past = [day for day in days if (day.year, day.month) != (today.year, today.month)]
    return len(past) > len({(day.year, day.month) for day in past}) + 1


def plan_requests(
    days: Sequence[date], files: Sequence[BulkFile] = (), codes: Sequence[str] = (), *, listed: bool = False
) -> RequestPlan:
    """The cheapest requests for `days`, with the files that there are; `codes` where only those are wanted.

    `listed` says that the list of files was asked for, and counts it.
    """
    rest = set(days)
    taken: list[BulkFile] = []
    for file in sorted(
        files, key=lambda f: (f.first, f.first - f.last)
    ):  # of those that start a day, the longest
        brought = {day for day in rest if file.first <= day <= file.last}
        if len(brought) >= WORTH:
            taken.append(file)
            rest -= brought
    left = tuple(sorted(rest))
    by_code = tuple(codes) if codes and len(codes) < len(left) else ()
    plan = RequestPlan(listed, tuple(taken), left, by_code)
    without = RequestPlan(listed, (), tuple(sorted(days)), tuple(codes))
    return without if codes and without.requests < plan.requests else plan


def changed_files(files: Sequence[BulkFile], since: datetime) -> tuple[BulkFile, ...]:
    """The files that were changed after a time: their rows may have been corrected."""
    return tuple(file for file in files if file.modified > since)


def estimate(plan: DataPlan, planned: Mapping[str, tuple[Endpoint, int]]) -> Estimate:
    """What the requests of each data set take at least at a plan's limits, sent as fast as they allow.

    A full minute's requests go at once, and then as many a minute; an endpoint's own limit may be narrower.
    """
    total = sum(count for _, count in planned.values())
    waits = [_seconds(total, plan.per_minute)]
    waits += [_seconds(count, e.per_minute) for e, count in planned.values() if e.per_minute]
    return Estimate({name: count for name, (_, count) in planned.items()}, max(waits))


def _seconds(requests: int, per_minute: int) -> float:
    return 61.0 * (max(requests - 1, 0) // per_minute)
