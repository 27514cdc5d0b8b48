"""What cards of the laboratory show: the data and groups of a lab, and a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.research.performance import TrackRecord


@dataclass(frozen=True)
class DataSpan:
    """One data set of a lab: the days of its oldest and newest fact (None without any), how many there are,
    of how many stocks (None: of no single stock), and what a reader must know of it.
    """

    name: str
    first: date | None
    last: date | None
    facts: int
    stocks: int | None = None
    note: str = ""


@dataclass(frozen=True)
class GroupLine:
    """A group of the desk in a few words."""

    id: str
    name: str
    initial_capital: int
    entry: str
    exit: str
    fills: str


@dataclass(frozen=True)
class LabSummary:
    """What there is to try things on: `first` and `last` bound the trade dates of backtests, None without
    bars.
    """

    now: datetime
    workspace: str
    marks: tuple[str, ...]
    first: date | None
    last: date | None
    stocks: int
    monitored: int
    data: tuple[DataSpan, ...]
    costs: str
    groups: tuple[GroupLine, ...]


@dataclass(frozen=True, eq=False)
class TrialSheet:
    """A trial as it is shown. `sessions` begin with the close before its first, where every curve is 0.

    `returns` has a curve for each record by its name, `topix` that of TOPIX, `drawdown` that of `main`, the
    record that stands for the trial; all in percent. `months` maps a year to its twelve months and the year.
    `changes` are what differs from the files of groups, by group.
    """

    title: str
    marks: tuple[str, ...]
    records: Mapping[str, TrackRecord]
    main: str
    sessions: tuple[date, ...]
    returns: Mapping[str, Sequence[float]]
    topix: Sequence[float]
    drawdown: Sequence[float]
    months: Mapping[int, Sequence[float]]
    notes: tuple[str, ...]
    changes: Mapping[str, tuple[str, ...]]
