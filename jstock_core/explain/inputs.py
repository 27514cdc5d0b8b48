"""What a rule read: a view that notes every value it hands out, so that an explanation can show them.

A rule reads features and dated facts through the view alone, so this works for every rule, third parties'
included, and an explanation shows nothing that a rule did not read.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

import numpy as np

from jstock_core.market.panel import Announcements, Floats, Flows, Statements
from jstock_core.signals.features.earnings import earnings_dates
from jstock_core.signals.features.features import ComputedFeature
from jstock_core.signals.features.view import View

T = TypeVar("T")

PRICES = frozenset({
    "open", "high", "low", "close", "ema_20", "ema_50", "ema_200", "atr", "macd", "macd_signal", "macd_hist",
    "bb_middle", "bb_upper", "bb_lower", "ichi_tenkan", "ichi_kijun", "ichi_span_a", "ichi_span_b",
})  # fmt: skip
"""Features in the forward-adjusted scale of prices: shown in yen of D."""

SHARES = frozenset({"volume", "volume_sma_20", "obv"})
"""Features in forward-adjusted shares: shown in shares of D."""


@dataclass(frozen=True)
class Input:
    """One thing a rule read: a feature at some bar, or a dated fact, whose `text` is what was known.

    `when` is "" for the last bar. Prices are in yen of D, volumes in shares of D; None: no value.
    """

    name: str
    when: str
    value: float | None
    text: str = ""


@dataclass(frozen=True)
class _Read:
    """A reading: `lag` bars back, or where `session` is given as it stood then, or ever since."""

    feature: str | ComputedFeature
    lag: int = 0
    session: date | None = None
    onward: bool = False

    @property
    def name(self) -> str:
        """The name of the feature."""
        return self.feature if isinstance(self.feature, str) else self.feature.name

    @property
    def power(self) -> int:
        """The power of K that its scale has: 1 prices, -1 shares, 0 what no split changes."""
        if isinstance(self.feature, str):
            return 1 if self.feature in PRICES else -1 if self.feature in SHARES else 0
        return {"yen": 1, "shares": -1}.get(self.feature.unit, 0)


@dataclass(frozen=True)
class _Noted:
    """What was read, in order: features and dated facts."""

    readings: dict[_Read, None] = field(default_factory=dict)
    facts: dict[str, None] = field(default_factory=dict)

    def add(self, other: _Noted) -> None:
        self.readings.update(other.readings)
        self.facts.update(other.facts)


@dataclass(frozen=True, eq=False)
class WatchedView(View):
    """A view that remembers what was read from it, in order. Made by `over`, with a memo of its own.

    What a memo keeps was made from readings, and whoever takes it out has read them too. So views that watch
    a watched one share its memo: each rule is evaluated once, whoever asks.
    """

    noted: _Noted = field(default_factory=_Noted, repr=False)
    _behind: dict[Hashable, _Noted] = field(default_factory=dict, repr=False)

    @classmethod
    def over(cls, view: View) -> WatchedView:
        """Watch what is read of a view; of a watched one nothing has been read so far."""
        if isinstance(view, WatchedView):
            return replace(view, noted=_Noted())
        return cls(view.panel, view.features, view.first_row, view.trade_dates, view.decided_at)

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """As the view's; what was read to make it is noted, also where it was made before."""
        found = super().memo(key, lambda: self._note_behind(key, make))
        self.noted.add(self._behind[key])
        return found

    def _note_behind(self, key: Hashable, make: Callable[[], T]) -> T:
        before = _Noted(dict(self.noted.readings), dict(self.noted.facts))
        self.noted.readings.clear()
        self.noted.facts.clear()
        try:
            return make()
        finally:
            behind = self._behind[key] = _Noted(dict(self.noted.readings), dict(self.noted.facts))
            before.add(behind)
            self.noted.readings.clear()
            self.noted.facts.clear()
            self.noted.add(before)

    def value(self, name: str | ComputedFeature, lag: int = 0) -> Floats:
        """As the view's, noted."""
        found = super().value(name, lag)
        self.noted.readings[_Read(name, lag)] = None
        return found

    def at(self, name: str | ComputedFeature, row: int, n: int, lag: int = 0) -> float:
        """As the view's, noted."""
        found = super().at(name, row, n, lag)
        self.noted.readings[_Read(name, lag)] = None
        return found

    def past(self, name: str | ComputedFeature, row: int, n: int, session: date) -> float:
        """As the view's, noted."""
        found = super().past(name, row, n, session)
        self.noted.readings[_Read(name, session=session)] = None
        return found

    def since(self, name: str | ComputedFeature, row: int, n: int, session: date) -> Floats:
        """As the view's, noted."""
        found = super().since(name, row, n, session)
        self.noted.readings[_Read(name, session=session, onward=True)] = None
        return found

    @property
    def flows(self) -> Flows:
        """As the view's, noted."""
        self.noted.facts["investor flows"] = None
        return super().flows

    @property
    def statements(self) -> Statements:
        """As the view's, noted."""
        self.noted.facts["statements"] = None
        return super().statements

    @property
    def announcements(self) -> Announcements:
        """As the view's, noted."""
        self.noted.facts["earnings dates"] = None
        return super().announcements

    def inputs(self, row: int, n: int) -> tuple[Input, ...]:
        """What was read so far, as it is for one stock on one row."""
        return (*self._features(row, n), *self._facts(row, n))

    def _features(self, row: int, n: int) -> Iterator[Input]:
        scale = self.k(row, n)
        for read in tuple(self.noted.readings):
            value, when = self._reading(read, row, n)
            value *= {1: 1 / scale, -1: scale, 0: 1.0}[read.power]
            yield Input(read.name, when, None if np.isnan(value) else value)

    def _reading(self, read: _Read, row: int, n: int) -> tuple[float, str]:
        if read.session is None:
            when = f"{read.lag} bar{'s' if read.lag > 1 else ''} before" if read.lag else ""
            return super().at(read.feature, row, n, read.lag), when
        if not read.onward:
            return super().past(read.feature, row, n, read.session), f"at {read.session}"
        values = super().since(read.feature, row, n, read.session)
        highest = float(np.nanmax(values)) if not np.isnan(values).all() else float("nan")
        return highest, f"highest since {read.session}"

    def _facts(self, row: int, n: int) -> Iterator[Input]:
        known = {
            "investor flows": self._newest_week,
            "statements": self._newest_statement,
            "earnings dates": self._next_earnings,
        }
        for name in tuple(self.noted.facts):
            text = super().memo(("fact", name, row, n), functools.partial(known[name], row, n))
            yield Input(name, "", None, text)

    def _newest_week(self, row: int, n: int) -> str:
        del n  # the flows are of the whole market
        facts = super().flows
        ends = facts.week_end[(facts.known_at <= self.decided_at[row]) & (facts.section == "TSEPrime")]
        return f"market-wide, newest week to {ends.max()}" if len(ends) else "none known"

    def _newest_statement(self, row: int, n: int) -> str:
        facts = super().statements
        ours = (facts.code == self.panel.codes[n]) & (facts.known_at <= self.decided_at[row])
        if not ours.any():
            return "none known"
        last = np.flatnonzero(ours)[-1]
        disclosed = facts.known_at[last].astype("datetime64[D]")
        newest = f"{facts.period[last]} to {facts.period_end[last]}, disclosed {disclosed}"
        return f"{int(ours.sum())} known, newest {newest}"

    def _next_earnings(self, row: int, n: int) -> str:
        facts = earnings_dates(self)
        known = facts.known(np.flatnonzero(facts.code == self.panel.codes[n]), self.decided_at[row])
        days = known[known >= self.trade_dates[row]]
        return f"next announced for {days.min()}" if len(days) else "none announced"
