"""The view: all that a rule can see of the market.

A view has R rows and N stocks. Row r is the decision taken at `decided_at[r]` for the session
`trade_dates[r]`. It shows bars up to `sessions[r]`, the last session before that, and values are read at a
stock's own last bar up to then or at earlier bars: a later bar cannot be asked for. Arrays are read-only,
because all rules share them. Rules compute elementwise over (R, N), so that one morning (R = 1) and a whole
backtest run the same code and agree bit for bit.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.market.panel import (
    Announcements,
    Bools,
    Dates,
    Floats,
    Flows,
    Ints,
    Minutes,
    Panel,
    Statements,
)
from jstock_core.market.prices import carried_closes, close_of_bar
from jstock_core.market.read_only import lock_array, read_only
from jstock_core.signals.features.features import ComputedFeature, Features

T = TypeVar("T")

_MISSING: Any = object()

DECISION_MINUTE: np.timedelta64 = np.timedelta64(7 * 60, "m")
"""Time of decision, 07:00 JST of the trade date, unless a run gives another."""


@dataclass(frozen=True, eq=False, repr=False)
class View:
    """The rows `first_row` to `first_row` + R - 1 of a panel, each as known at its decision time.

    `trade_dates` (R,) are the sessions that orders are for. `decided_at` (R,) are decision times in JST, to
    the minute. Made by `of`.
    """

    panel: Panel = field(repr=False)
    features: Features = field(repr=False)
    first_row: int
    trade_dates: Dates
    decided_at: Minutes
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Say in a line which mornings of how many stocks it shows."""
        first, last = self.trade_dates[0], self.trade_dates[-1]
        return f"<View of {len(self.panel.listings)} stocks, mornings of {first} to {last}>"

    @classmethod
    def of(
        cls,
        panel: Panel,
        features: Features,
        first_row: int,
        last_row: int,
        trade_dates: Dates,
        *,
        decided_at: Minutes | None = None,
    ) -> View:
        """View panel rows `first_row` .. `last_row`, both included.

        `trade_dates` (R,) are the sessions after those of the rows, from the calendar. `decided_at` (R,) are
        times in JST, to the minute; None means 07:00 of the trade dates.

        Raises:
            UsageError: the rows do not exist, a trade date is not after its row's session, or a decision time
                is before the publication of its bars or before the decision time of the previous row.

        """
        days: Dates = trade_dates.astype("datetime64[D]")
        times: Minutes = days + DECISION_MINUTE if decided_at is None else decided_at
        _check(panel, first_row, last_row, days, times)
        return cls(read_only(panel), features, first_row, lock_array(days.view()), lock_array(times.view()))

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(R, N): the numbers of rows and of stocks."""
        return len(self.trade_dates), len(self.panel.listings)

    @cached_property
    def rows(self) -> slice:
        """The rows of the panel that the view covers."""
        return slice(self.first_row, self.first_row + len(self.trade_dates))

    @cached_property
    def sessions(self) -> Dates:
        """(R,): D, the last session before each trade date."""
        return self.panel.sessions[self.rows]

    @cached_property
    def bar(self) -> Ints:
        """(R, N): ordinal of the stock's last bar up to D, -1 before its first."""
        return self.features.bar[self.rows]

    @cached_property
    def bars(self) -> Ints:
        """(R, N): the number of bars that the stock has up to D."""
        return lock_array(self.bar + 1)

    @cached_property
    def has_bar(self) -> Bools:
        """(R, N): whether the stock has a bar in D itself."""
        return self.panel.has_bar[self.rows]

    @cached_property
    def age(self) -> Ints:
        """(R, N): sessions from the stock's last bar to D, 0 where it has one in D; -1 before its first."""
        last = self.features.bar_rows(self.rows, slice(None))
        current = np.arange(self.rows.start, self.rows.stop)[:, None]
        return lock_array(np.where(last < 0, -1, current - last))

    def value(self, name: str | ComputedFeature, lag: int = 0) -> Floats:
        """(R, N): a feature, `lag` bars before the stock's last bar; NaN where there is no such bar.

        A built-in feature is given by its name, a custom one (`rules.feature`) as the object.

        Raises:
            UsageError: there is no such feature, or `lag` is negative, which would be the future.

        """
        return self.memo(("value", name, lag), lambda: self._gather(self._feature(name, lag), lag))

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, computed once for this view and kept under `key`. Arrays become read-only."""
        found: T = self._memo.get(key, _MISSING)
        if found is _MISSING:
            found = self._memo[key] = make()
            if isinstance(found, np.ndarray):
                lock_array(found)
        return found

    # One position at a time -------------------------------------------------------------------------------

    def at(self, name: str | ComputedFeature, row: int, n: int, lag: int = 0) -> float:
        """One element of `value(name, lag)`, read without computing the others."""
        values, b = self._feature(name, lag), self.bar.item(row, n) - lag
        return values.item(b, n) if b >= 0 else math.nan

    def along(self, name: str | ComputedFeature, rows: slice, n: int, lag: int = 0) -> Floats:
        """(rows,): the results of `at` on some rows."""
        values, bars = self._feature(name, lag)[:, n], self.bar[rows, n]
        if lag:
            bars = bars - lag
        if len(bars) and bars.item(0) >= 0:  # the number of bars never falls from row to row
            found: Floats = values[bars]
            return found
        found = np.full(len(bars), np.nan)
        found[bars >= 0] = values[bars[bars >= 0]]
        return found

    def past(self, name: str | ComputedFeature, row: int, n: int, session: date) -> float:
        """A feature at an earlier session, such as that of the entry: at the stock's last bar up to then.

        Raises:
            UsageError: `session` lies after the row's own session.
            DataError: `session` is not among the panel's sessions.

        """
        then = self.panel.row(session)
        if then > self.first_row + row:
            raise UsageError(f"{session} lies after {self.sessions[row]}, the last session this row may see")
        b = self.features.bar.item(then, n)
        return self._feature(name, 0).item(b, n) if b >= 0 else math.nan

    def since(self, name: str | ComputedFeature, row: int, n: int, session: date) -> Floats:
        """The stock's values at its bars from `session` to D, oldest first; empty where there are none.

        Raises:
            DataError: `session` lies before the panel's first, so that bars are missing.

        """
        dates = self.panel.dates
        if session < dates[0]:
            raise DataError(
                f"prices since {session} are not known", where=f"the panel starts {self.panel.sessions[0]}"
            )
        start = bisect_left(dates, session)
        first = int(self.features.bar[start - 1, n]) + 1 if start else 0
        return self._feature(name, 0)[first : int(self.bar[row, n]) + 1, n]

    def k(self, row: int, n: int) -> float:
        """K of D: a price in yen of D times K is in the forward-adjusted scale of the features."""
        return self.panel.forward.item(self.first_row + row, n)

    def last_close(self, row: int, n: int) -> float:
        """The stock's last close in yen of D: the traded price, adjusted for splits since that bar."""
        b = self.bar.item(row, n)
        bar = self.features.row.item(b, n) if b >= 0 else -1
        return close_of_bar(self.panel, bar, self.first_row + row, n)

    def last_closes(self, row: int) -> Floats:
        """(N,): `last_close` of every stock."""
        columns, day = np.arange(self.shape[1]), self.first_row + row
        return carried_closes(self.panel, self.features.bar_rows(day, slice(None)), day, columns)

    # Dated facts: readers must compare `known_at` with `decided_at`, row by row -----------------------

    @property
    def flows(self) -> Flows:
        """All investor flows, also those that became known after a decision: compare with `decided_at`."""
        return self.panel.flows

    @property
    def statements(self) -> Statements:
        """All statements, also those that became known after a decision: compare with `decided_at`."""
        return self.panel.statements

    @property
    def announcements(self) -> Announcements:
        """All announcements, also those that became known after a decision: compare with `decided_at`."""
        return self.panel.announcements

    def _feature(self, name: str | ComputedFeature, lag: int) -> Floats:
        if lag < 0:
            raise UsageError(
                f"{name} with lag {lag} is in the future", do="lags count bars backwards, from 0"
            )
        try:
            return self.features.rounded(name)
        except KeyError:
            known = tuple(self.features.values)
            raise UsageError(
                f"no feature is called {name!r}{did_you_mean(str(name), known)}",
                do=f"use one of {', '.join(known)}, or one of your own as itself, not by its name",
            ) from None

    def _gather(self, values: Floats, lag: int) -> Floats:
        if not values.size:
            return np.full(self.shape, np.nan)
        flat = self._flat - lag * values.shape[1]
        found: Floats = np.take(values.ravel(), flat, mode="clip")
        found[self.bar < lag] = np.nan
        return found

    @cached_property
    def _flat(self) -> Ints:
        return self.bar * self.shape[1] + np.arange(self.shape[1])


def _check(panel: Panel, first_row: int, last_row: int, trade_dates: Dates, decided_at: Minutes) -> None:
    count = last_row - first_row + 1
    if not (0 <= first_row <= last_row < len(panel.sessions)):
        raise UsageError(
            f"rows {first_row} to {last_row} are not among the panel's {len(panel.sessions)} sessions"
        )
    if trade_dates.shape != (count,) or decided_at.shape != (count,):
        raise UsageError(f"{count} rows need as many trade dates and decision times")
    rows = slice(first_row, last_row + 1)
    if (
        not (trade_dates > panel.sessions[rows]).all()
        or not (np.diff(trade_dates) > np.timedelta64(0, "D")).all()
    ):
        raise UsageError("every trade date must lie after its session, in order")
    if (decided_at < panel.bars_known_at[rows]).any():
        raise UsageError("a decision time lies before the bars of its session were public")
    if (np.diff(decided_at) < np.timedelta64(0, "m")).any():
        raise UsageError("decision times must not go back from row to row")
