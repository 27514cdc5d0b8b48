"""A small market in one call: prices by stock, and the dated facts beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.listings import Listing
from jstock_core.market.panel import BY_STOCK, Dates, Floats, Panel, Source
from jstock_core.testing.facts import (
    Day,
    Disclosure,
    DividendNotice,
    EarningsDate,
    Fact,
    InvestorWeek,
    SplitNotice,
    actions_of,
    announcements_of,
    dividends_of,
    flows_of,
    statements_of,
)

LAST = "2026-01-20"
"""The newest session of a market that names none: a Tuesday."""
SESSIONS = 10
"""Sessions of a market that neither counts nor lists them."""
MADE_UP = Source("test", simulated=False)

Figures = float | Sequence[float] | Floats
"""A figure for all sessions, or one for each; NaN where there is none."""


@dataclass(frozen=True, eq=False)
class Stock:
    """A stock of a made-up market: what it is, and its bars in traded yen and shares.

    A session whose `close` is NaN has no bar. Where they are not given, `open` is the close, `high` and `low`
    enclose both. `splits` maps ex-dates to J-Quants' AdjFactor (0.5 for a split of 2:1); prices are taken as
    they are given, so those from the ex-date on must be in yen of the new shares. `ex_rights` maps ex-dates
    to ExRT, where it is delivered. `market_cap` is in yen. `rows_until` is the last session that the source
    has a row of, `last_day` the one before an announced delisting.
    """

    close: Figures
    open: Figures | None = None
    high: Figures | None = None
    low: Figures | None = None
    volume: Figures = 10_000.0
    market_cap: Figures = np.nan
    splits: Mapping[Day, float] = field(default_factory=dict)
    ex_rights: Mapping[Day, int] = field(default_factory=dict)
    rows_until: Day | None = None
    last_day: Day | None = None
    name: str = ""
    sector: str = "Machinery"
    kind: str = "stock"
    scale: str = "-"
    unit: int = 100

    def listing(self, code: str) -> Listing:
        """What is known of it besides its prices."""
        last_day = None if self.last_day is None else date.fromisoformat(str(self.last_day))
        name = self.name or f"Company {code}"
        return Listing(code, name, self.sector, self.kind, self.scale, self.unit, last_day=last_day)


def panel(
    stocks: Mapping[str, Stock | Figures],
    *,
    sessions: int | Iterable[date | str] | Dates = 0,
    last: date | str = LAST,
    topix: Figures = 2000.0,
    topix_total: Figures | None = None,
    facts: Iterable[Fact] = (),
    source: Source = MADE_UP,
) -> Panel:
    """Build a market from its stocks by code: a `Stock`, or just its closes.

    `sessions` lists the sessions, or counts those up to `last`; 0 counts the longest list of closes. `facts`
    are statements, flows, earnings dates, announced splits and dividends, in any order. `topix_total` is
    TOPIX with dividends, where it is delivered.

    >>> market = panel({"7203": [3000, 3050, 3120], "6758": 1000}, topix=[2000, 2000, 2010])
    >>> market.dates[-1], market.close[-1].tolist()
    (datetime.date(2026, 1, 20), [3120.0, 1000.0])

    Raises:
        UsageError: a list of figures is longer or shorter than the sessions, or a split lies outside them.

    """
    made = {code: s if isinstance(s, Stock) else Stock(s) for code, s in stocks.items()}
    days = _sessions(sessions, last, made.values())
    bars = [_bars(code, stock, days) for code, stock in made.items()]
    arrays: dict[str, Any] = {name: _columns([of[name] for of in bars], len(days)) for name in BY_STOCK}
    return Panel(
        sessions=days,
        listings=tuple(stock.listing(code) for code, stock in made.items()),
        topix=_series(topix, days, "topix"),
        topix_total=None if topix_total is None else _series(topix_total, days, "topix_total"),
        source=source,
        **arrays,
        **tables(facts),
    )


def tables(facts: Iterable[Fact]) -> dict[str, Any]:
    """The facts as the tables of a panel, by the names of its fields."""
    every = list(facts)
    return {
        "flows": flows_of(f for f in every if isinstance(f, InvestorWeek)),
        "statements": statements_of(f for f in every if isinstance(f, Disclosure)),
        "announcements": announcements_of(f for f in every if isinstance(f, EarningsDate)),
        "actions": actions_of(f for f in every if isinstance(f, SplitNotice)),
        "dividends": dividends_of(f for f in every if isinstance(f, DividendNotice)),
    }


def _sessions(given: int | Iterable[date | str] | Dates, last: date | str, stocks: Iterable[Stock]) -> Dates:
    if not isinstance(given, int):
        return np.array([np.datetime64(day, "D") for day in given], dtype="datetime64[D]")
    count = given or max((len(s.close) for s in stocks if not isinstance(s.close, float | int)), default=0)
    end = date.fromisoformat(str(last))
    days = tse().between(tse().back(end, (count or SESSIONS) - 1), end)
    return np.array(days, dtype="datetime64[D]")


def _bars(code: str, stock: Stock, days: Dates) -> dict[str, Any]:
    close = _series(stock.close, days, f"close of {code}")
    opened = close if stock.open is None else _series(stock.open, days, f"open of {code}")
    high = np.maximum(opened, close) if stock.high is None else _series(stock.high, days, f"high of {code}")
    low = np.minimum(opened, close) if stock.low is None else _series(stock.low, days, f"low of {code}")
    volume = np.where(np.isnan(close), np.nan, _series(stock.volume, days, f"volume of {code}"))
    has_row = days <= np.datetime64(stock.rows_until or days[-1], "D") if len(days) else np.ones(0, bool)
    market_cap = _series(stock.market_cap, days, f"market_cap of {code}")
    bars = {
        "open": opened, "high": high, "low": low, "close": close, "volume": volume, "market_cap": market_cap
    }  # fmt: skip
    return {
        **{name: np.where(has_row, figures, np.nan) for name, figures in bars.items()},
        "adj_factor": _on_ex_dates(code, stock.splits, np.ones(len(days)), days),
        "ex_right": _on_ex_dates(code, stock.ex_rights, np.zeros(len(days), dtype=np.int8), days),
        "has_row": has_row,
    }


def _on_ex_dates(code: str, given: Mapping[Day, float], values: Any, days: Dates) -> Any:
    for day, value in given.items():
        at = np.flatnonzero(days == np.datetime64(day, "D"))
        if not len(at):
            raise UsageError(f"the split of {code} on {day} lies outside the sessions", do="give one of them")
        values[at] = value
    return values


def _series(figures: Figures, days: Dates, what: str) -> Floats:
    values = np.asarray(figures, dtype=np.float64)
    if values.ndim and len(values) != len(days):
        raise UsageError(
            f"{what}: {len(values)} figures for {len(days)} sessions", do="give one for each, or one for all"
        )
    return np.broadcast_to(values, days.shape).copy()


def _columns(series: Sequence[Any], sessions: int) -> Any:
    kind = series[0].dtype if series else np.float64
    return np.ascontiguousarray(np.array(series, dtype=kind).reshape(len(series), sessions).T)
