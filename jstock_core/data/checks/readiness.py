"""Readiness: for each data set the newest date that must be there at a moment, and whether it is.

What must be there follows from the calendar and the publication table of the data set, never from a clock
alone. Bars and TOPIX must be of the last session, flows of the newest week that is published. Statements come
when companies make them: one must be there of the newest day on which a stock was to report, by the dates
that were announced and by that day's final edition. The list of stocks is judged by its own day, and may
be some weeks old. A data set that the desk has nothing of is absent and never late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from jstock_core.base.plain import plain_json
from jstock_core.market.announced import NEVER, replacement_times
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Dates, Ints, Minutes, Panel, Texts
from jstock_core.market.publication import day_due, flows_due, session_due, week_numbers

TITLES = {
    "master": "the list of stocks",
    "bars": "bars",
    "topix": "TOPIX",
    "flows": "investor flows",
    "statements": "statements",
    "earnings": "earnings dates",
    "actions": "announced splits",
    "dividends": "announced dividends",
}
"""What people call each data set."""

LATELY = 5
"""Sessions before the last one in which a stock traded that must have a bar in it."""
READY_FROM = 20
READY_SHARE = 0.9
FEW_SHARE = 0.5
"""The share of stocks that must have one: `READY_SHARE` of `READY_FROM` stocks or more, else `FEW_SHARE`."""
LIST_WITHIN = 20
"""Sessions that the list of stocks may be old: units, classes and names change seldom, a few at a time."""
REPORTS_WITHIN = np.timedelta64(14, "D")
"""A day on which a stock was to report asks for a statement so long: its date may have been given up."""


@dataclass(frozen=True)
class Readiness:
    """What of a data set must be there, and what is.

    `due` is the newest date that must be there, None where none must; `newest` the newest that is, None where
    there is nothing. `reason` says why it is late, or why it is not judged.
    """

    dataset: str
    due: date | None
    newest: date | None
    late: bool
    reason: str = ""

    @property
    def title(self) -> str:
        """What people call the data set."""
        return TITLES[self.dataset]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields


def check_readiness(panel: Panel, t: np.datetime64) -> tuple[Readiness, ...]:
    """The readiness of every data set at `t` (minutes JST), by what of the panel is known then."""
    return tuple(judge_data_set(panel, name, t) for name in TITLES)


def judge_data_set(panel: Panel, dataset: str, t: np.datetime64) -> Readiness:
    """The readiness of one data set at `t` (minutes JST), by what of the panel is known then."""
    known = panel.memo("known_dates", lambda: KnownDates(panel))
    if dataset in ("bars", "topix"):
        return _of_session(panel, known, dataset, t)
    if dataset == "flows":
        return _of_week(known, t)
    if dataset == "statements":
        return _of_reports(known, t)
    if dataset == "master":
        return _of_list(panel.source.list_day, t)
    stamps = {
        "earnings": panel.announcements.known_at,
        "actions": panel.actions.known_at,
        "dividends": panel.dividends.known_at,
    }
    newest = _newest_day(np.sort(stamps[dataset]), t)
    return Readiness(dataset, None, newest, late=False, reason="" if newest is None else "come irregularly")


def describe_missing_bars(panel: Panel, row: int) -> str:
    """How many of the stocks that traded lately have no bar in a session; "" where enough have one."""
    lately = panel.has_bar[max(row - LATELY, 0) : row].any(axis=0)
    there = panel.has_bar[row]
    count, have = int(lately.sum()), int((lately & there).sum())
    share = READY_SHARE if count >= READY_FROM else FEW_SHARE
    if have >= share * count:
        return ""
    missing = [panel.codes[n] for n in np.flatnonzero(lately & ~there)[:5].tolist()]
    more = f" and {count - have - 5} more" if count - have > 5 else ""
    named = ", ".join(missing)
    return f"only {have} of the {count} stocks that traded lately have a bar; missing are {named}{more}"


def _of_session(panel: Panel, known: KnownDates, dataset: str, t: np.datetime64) -> Readiness:
    """Bars and TOPIX: of the last session, and bars of enough stocks."""
    due = session_due(dataset, t)
    rows = known.bar_rows if dataset == "bars" else known.topix_rows
    public = np.searchsorted(panel.bars_known_at[rows], t, side="right")
    row = int(rows[public - 1]) if public else -1
    newest = panel.session(row) if row >= 0 else None
    if newest is None:
        return Readiness(dataset, due, None, late=dataset == "bars", reason="there is none")
    if newest < due:
        return Readiness(dataset, due, newest, late=True, reason=_behind(due, newest))
    missing = describe_missing_bars(panel, row) if dataset == "bars" else ""
    return Readiness(dataset, due, newest, late=bool(missing), reason=missing)


def _of_week(known: KnownDates, t: np.datetime64) -> Readiness:
    due = flows_due(t)
    public = np.searchsorted(known.flow_times, t, side="right")
    if not public or due is None:
        return Readiness("flows", due, None, late=False, reason="there is none")
    newest: date = known.flow_weeks[public - 1].astype(object)
    has, needs = week_numbers(np.array([newest, due], dtype="datetime64[D]")).tolist()
    reason = f"the week to {due} is due, the newest is that to {newest}" if has < needs else ""
    return Readiness("flows", due, newest, late=bool(reason), reason=reason)


def _of_list(list_day: date | None, t: np.datetime64) -> Readiness:
    due = session_due("master", t)
    if list_day is None:
        return Readiness("master", due, None, late=False, reason="its day is not known")
    newest = min(list_day, due)
    then, now = np.searchsorted(tse().days, np.array([newest, due], dtype="datetime64[D]")).tolist()
    reason = f"that of {due} is due, the newest is of {newest}" if now - then > LIST_WITHIN else ""
    return Readiness("master", due, newest, late=bool(reason), reason=reason)


def _of_reports(known: KnownDates, t: np.datetime64) -> Readiness:
    newest = _newest_day(known.disclosed, t)
    if newest is None:
        return Readiness("statements", None, None, late=False, reason="there is none")
    code, due = known.last_report(t)
    if due is None:
        return Readiness("statements", None, newest, late=False, reason="no report is due by announced dates")
    reason = f"{code} was to report on {due}, the newest is of {newest}" if newest < due else ""
    return Readiness("statements", due, newest, late=bool(reason), reason=reason)


def _behind(due: date, newest: date) -> str:
    return f"{due} is due, the newest is {newest}"


def _newest_day(stamps: Minutes, t: np.datetime64) -> date | None:
    """The day of the newest of sorted times of publication at `t`; None without any."""
    public = np.searchsorted(stamps, t, side="right")
    found: date | None = stamps[public - 1].astype("datetime64[D]").astype(object) if public else None
    return found


class KnownDates:
    """The dates of a panel's facts in order of their publication, worked out once for all moments."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    @cached_property
    def bar_rows(self) -> Ints:
        """Rows of sessions in which some stock has a bar."""
        return np.flatnonzero(self._panel.has_bar.any(axis=1))

    @cached_property
    def topix_rows(self) -> Ints:
        """Rows of sessions with a level of TOPIX."""
        return np.flatnonzero(~np.isnan(self._panel.topix))

    @cached_property
    def _flow_order(self) -> Ints:
        return np.argsort(self._panel.flows.known_at, kind="stable")

    @cached_property
    def flow_times(self) -> Minutes:
        """When flows were published, in order."""
        return self._panel.flows.known_at[self._flow_order]

    @cached_property
    def flow_weeks(self) -> Dates:
        """The newest week's end among the flows published up to each of `flow_times`."""
        weeks: Dates = np.maximum.accumulate(self._panel.flows.week_end[self._flow_order])
        return weeks

    @cached_property
    def disclosed(self) -> Minutes:
        """When statements were disclosed, in order."""
        return np.sort(self._panel.statements.known_at)

    def last_report(self, t: np.datetime64) -> tuple[str, date | None]:
        """A stock that was to report, and on which day: the newest whose statements are final at `t`."""
        last = np.datetime64(day_due("statements", t), "D")
        days = self._report_days
        after = last + np.timedelta64(1, "D")
        rows = slice(*np.searchsorted(days, [after - REPORTS_WITHIN, after]).tolist())
        counts = (self._announced[rows] <= t) & (t < self._replaced[rows]) & (self._first_report[rows] <= t)
        found = np.flatnonzero(counts)
        if not len(found):
            return "", None
        newest = int(found[-1])
        day: date = days[rows][newest].astype(object)
        return str(self._report_codes[rows][newest]), day

    @cached_property
    def _report_order(self) -> Ints:
        return np.argsort(self._panel.announcements.day, kind="stable")

    @cached_property
    def _report_days(self) -> Dates:
        return self._panel.announcements.day[self._report_order]

    @cached_property
    def _report_codes(self) -> Texts:
        return self._panel.announcements.code[self._report_order]

    @cached_property
    def _announced(self) -> Minutes:
        return self._panel.announcements.known_at[self._report_order]

    @cached_property
    def _replaced(self) -> Minutes:
        return replacement_times(self._panel.announcements)[self._report_order]

    @cached_property
    def _first_report(self) -> Minutes:
        """When the stock of each announced date was first known to report at all."""
        facts, codes = self._panel.statements, self._report_codes
        if not len(facts.code):
            return np.full(len(codes), NEVER)
        order = np.argsort(facts.known_at, kind="stable")
        names, first = np.unique(facts.code[order], return_index=True)
        place = np.minimum(np.searchsorted(names, codes), len(names) - 1)
        times: Minutes = facts.known_at[order][first[place]]
        return np.where(names[place] == codes, times, NEVER)
