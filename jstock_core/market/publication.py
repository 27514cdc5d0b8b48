"""When each kind of fact becomes public, and when a vendor's data of a day is complete: dated tables.

Source: J-Quants update times (jpx-jquants.com, spec/data-update, read 2026-11): daily bars and indices are
out at about 16:30 of their session, investor flows at 16:30 of their publication date; statements carry
their own time, and those of a day are final at about 24:30; the list of stocks of a session is out at about
17:30 of the session before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.clock import JST
from jstock_core.market.calendar import tse

Dates = NDArray[np.datetime64]

# (first day in force, minutes after midnight JST), newest last, for each data set
PUBLICATION: dict[str, tuple[tuple[str, int], ...]] = {
    "bars": (("1949-05-16", 16 * 60 + 30),),
    "topix": (("1949-05-16", 16 * 60 + 30),),
    "flows": (("1949-05-16", 16 * 60 + 30),),
    "earnings": (("1949-05-16", 10 * 60 + 5),),
    "actions": (("1949-05-16", 16 * 60 + 30),),
}

# the same for data sets complete at another time than public; for master, the list of the next session
DELIVERY: dict[str, tuple[tuple[str, int], ...]] = {
    "statements": (("1949-05-16", 24 * 60 + 30),),
    "master": (("1949-05-16", 17 * 60 + 30),),
}

FLOWS_AFTER = 4
"""Sessions from the last one of a week to the publication of its flows (JPX: the fourth business day)."""


def minute_of(t: datetime) -> np.datetime64:
    """The minute (JST, `datetime64[m]`) of an aware datetime."""
    return np.datetime64(t.astimezone(JST).replace(tzinfo=None), "m")


def publication_times(dataset: str, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Minute (JST, `datetime64[m]`) at which the facts of each day of `dataset` became public."""
    return _minutes_of(PUBLICATION[dataset], days)


def delivery_times(dataset: str, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Minute (JST) from which a vendor's data of each day of `dataset` is complete."""
    return _minutes_of(DELIVERY.get(dataset) or PUBLICATION[dataset], days)


def _minutes_of(table: tuple[tuple[str, int], ...], days: Dates) -> NDArray[np.datetime64]:
    starts = np.array([start for start, _ in table], dtype="datetime64[D]")
    minutes = np.array([minute for _, minute in table], dtype="timedelta64[m]")
    rule = np.searchsorted(starts, days, side="right") - 1
    stamps: NDArray[np.datetime64] = days.astype("datetime64[m]") + minutes[rule]
    return stamps


def week_numbers(days: Dates) -> NDArray[np.int64]:
    """The number of each day's week (Monday to Sunday); weeks are numbered consecutively."""
    weeks: NDArray[np.int64] = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7  # day 0: a Thursday
    return weeks


def flows_publication(last_sessions: Dates) -> Dates:
    """The day on which the flows of each week are published, by the last session of the week."""
    days = tse().days
    published: Dates = days[np.searchsorted(days, last_sessions) + FLOWS_AFTER]
    return published


@dataclass(frozen=True, eq=False)
class _Weeks:
    """The weeks of the calendar: the last session of each, and when its flows are published."""

    last: Dates
    published: NDArray[np.datetime64]


@cache
def _weeks() -> _Weeks:
    days = tse().days
    last = np.flatnonzero(np.diff(week_numbers(days)))
    ends = days[last[last + FLOWS_AFTER < len(days)]]
    return _Weeks(ends, publication_times("flows", flows_publication(ends)))


def flows_due(t: np.datetime64) -> date | None:
    """The last session of the newest week whose flows are public at `t` (minutes JST), None without one."""
    weeks = _weeks()
    count = int(np.searchsorted(weeks.published, t, side="right"))
    found: date | None = weeks.last[count - 1].astype(object) if count else None
    return found


def session_due(dataset: str, t: np.datetime64) -> date:
    """The newest session whose data is complete at `t` (minutes JST); for master, the session of the list."""
    days = tse().days
    row = np.searchsorted(_session_deliveries(dataset), t, side="right") - 1
    found: date = (days[1:] if dataset == "master" else days)[row].astype(object)
    return found


@cache
def _session_deliveries(dataset: str) -> NDArray[np.datetime64]:
    """When the data of each session of the calendar is complete; for master, that of the next session."""
    days = tse().days
    return delivery_times(dataset, days[:-1] if dataset == "master" else days)


def day_due(dataset: str, t: np.datetime64) -> date:
    """The newest calendar day whose data is complete at `t` (minutes JST)."""
    days = t.astype("datetime64[D]") - np.arange(3)
    found: date = days[delivery_times(dataset, days) <= t][0].astype(object)
    return found
