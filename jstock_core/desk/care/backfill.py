"""The history of a desk's market data, fetched year by year: what it costs, and where it goes on.

Each year is one fetch of every data set, stored before the next begins. Rows that are stored already add
nothing, so a backfill may be stopped at any point and run again; which years are done is only kept to save
requests. A provider that lags is asked for all years at once: asked as of a past day, it would lag from that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.clock import JST
from jstock_core.base.durable import lacks_room, os_reason, write_atomically
from jstock_core.base.errors import UsageError, WriteError
from jstock_core.base.limits import MEGABYTE, read_file
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.data.providers.protocol import DATASETS, Capabilities, Estimates, FetchEstimate, Provider
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import decision_time, tse

if TYPE_CHECKING:
    import pyarrow as pa

MOST_YEARS = 20
_FILE = "backfill.json"


@dataclass(frozen=True)
class YearFetch:
    """A part of a backfill: the days after `after`, as far as they are public at `until`."""

    name: str
    after: date
    until: datetime


@dataclass(frozen=True)
class BackfillPlan:
    """What a backfill from `first` on still has to fetch, and what that takes at least.

    `done` are the years that an earlier one finished. `requests` and `seconds` are None where the provider
    cannot tell.
    """

    first: date
    years: tuple[YearFetch, ...]
    done: tuple[str, ...] = ()
    requests: int | None = None
    seconds: float | None = None

    @property
    def text(self) -> str:
        """One line for people, before it starts."""
        left = f"{self.years[0].name} to {self.years[-1].name}" if self.years[1:] else self.years[0].name
        known = f", {len(self.done)} done before" if self.done else ""
        if self.requests is None or self.seconds is None:
            return f"history from {self.first}: {left}{known}; the provider cannot tell how long it takes"
        return (
            f"history from {self.first}: {left}{known}; at least {self.requests:,} requests, "
            f"about {_duration(self.seconds)}"
        )


@dataclass(frozen=True)
class Backfill:
    """A finished backfill: rows added by data set, and the sessions with bars afterwards."""

    plan: BackfillPlan
    rows: Mapping[str, int]
    through: date | None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "from": str(self.plan.first),
            "years": [each.name for each in self.plan.years],
            "done_before": list(self.plan.done),
            "requests": self.plan.requests,
            "rows": dict(self.rows),
            "through": None if self.through is None else str(self.through),
        }


@dataclass(frozen=True)
class _Window:
    """A provider as of a year: what it is asked for, whatever its caller asks."""

    provider: Provider
    year: YearFetch
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "capabilities", self.provider.capabilities)

    @property
    def id(self) -> str:
        return self.provider.id

    def fetch(self, dataset: str, _after: date | None, _now: datetime) -> pa.Table:
        return self.provider.fetch(dataset, self.year.after, self.year.until)


def plan_backfill(desk: Desk, years: int) -> BackfillPlan:
    """What is to be fetched for so many whole years of history and the present one, as far as not done.

    Raises:
        UsageError: the desk's data is imported, or the number of years is not one.

    """
    if not desk.provider.capabilities.fetches:
        raise UsageError(
            "the data of this desk is imported: there is nothing to fetch",
            where=str(desk.workspace.desk_yaml),
            do="import older files with `jstock data import FOLDER`",
        )
    if not 1 <= years <= MOST_YEARS:
        raise UsageError(f"no history of {years} years", do=f"give 1 to {MOST_YEARS}")
    now = desk.clock()
    today = now.astimezone(JST).date()
    first = max(date(today.year - years, 1, 1), tse().first)
    done = _read_done(desk, first)
    parts = tuple(_years(first, now, whole=not desk.provider.capabilities.live))
    left = tuple(part for part in parts if part.name not in done)
    return BackfillPlan(first, left, tuple(p.name for p in parts if p.name in done), *_estimate(desk, left))


def _years(first: date, now: datetime, *, whole: bool) -> Iterator[YearFetch]:
    """The parts of a backfill, oldest first; the last one reaches `now`."""
    after, day = first - timedelta(days=1), timedelta(days=1)
    if whole:
        yield YearFetch(f"{first.year} to {now.year}", after, now)
        return
    for year in range(first.year, now.year):
        begin = date(year + 1, 1, 1)
        yield YearFetch(str(year), after, decision_time(begin))
        after = begin - day
    yield YearFetch(str(now.year), after, now)


def _estimate(desk: Desk, years: tuple[YearFetch, ...]) -> tuple[int | None, float | None]:
    """Requests and seconds that the parts take at least; None where the provider cannot tell.

    A part may fit into a limit that all of them do not, so the time is that of one fetch of everything, at as
    many requests.
    """
    if not isinstance(desk.provider, Estimates) or not years:
        return None, None
    found = [desk.provider.estimate(year.after, year.until) for year in years]
    whole = desk.provider.estimate(years[0].after, years[-1].until)
    requests, at_once = sum(map(_requests, found)), _requests(whole)
    return requests, max(sum(each.seconds for each in found), whole.seconds * requests / max(at_once, 1))


def _requests(estimate: FetchEstimate) -> int:
    return sum(estimate.requests.values())


def run_backfill(desk: Desk, plan: BackfillPlan, say: Say = silent, tick: Tick = silent) -> Backfill:
    """Fetch and store what a plan says, year by year; the desk is free for others between two years.

    Raises:
        DataError: what comes is not fit, or contradicts the store. The years before it are stored.
        LockedError: another run holds the desk. WriteError: the folder cannot be written.

    """
    rows = dict.fromkeys(DATASETS, 0)
    steps, total, done = 0, len(plan.years) * len(DATASETS), list(plan.done)
    for year in plan.years:
        say(f"fetch {year.name}")

        def advance(dataset: str, year: YearFetch = year) -> None:
            nonlocal steps
            tick(steps, total, f"{year.name} {dataset}")
            steps += 1

        with desk.hold(f"a backfill of {year.name}"):
            now = desk.clock()
            update = desk.store.update(_Window(desk.provider, year), now, whole=True, progress=advance)
            done.append(year.name)
            if year is plan.years[-1]:
                _path(desk).unlink(missing_ok=True)
                desk.record_fetch(year.until)
            else:
                _write_done(desk, plan.first, done)
        rows = {name: rows[name] + count for name, count in update.rows.items()}
    tick(total, total, "done")
    return Backfill(plan, rows, desk.store.read().last("bars"))


def _path(desk: Desk) -> Path:
    return desk.workspace.data / _FILE


def _read_done(desk: Desk, first: date) -> tuple[str, ...]:
    """The years that an earlier backfill of the same history finished; none where that is not readable."""
    try:
        kept = json.loads(read_file(_path(desk), MEGABYTE))
        same = (kept["provider"], kept["first"]) == (desk.provider.id, str(first))
        return tuple(str(name) for name in kept["done"]) if same else ()
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _write_done(desk: Desk, first: date, done: list[str]) -> None:
    kept = {"provider": desk.provider.id, "first": str(first), "done": done}
    try:
        write_atomically(_path(desk), json.dumps(kept, indent=2).encode())
    except OSError as error:
        do = "make room" if lacks_room(error) else "let it be written"
        raise WriteError(
            f"the progress of the backfill cannot be written: {os_reason(error, _path(desk))}",
            where=str(_path(desk)),
            do=f"{do} and run the same command again: what is stored stays",
        ) from error


def _duration(seconds: float) -> str:
    """'3 minutes', '2 hours 10 minutes'."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return " ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in parts if count)
