"""A market small enough to reckon by hand: every stock stands at one price until a test moves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np

from jstock_core.market.calendar import tse
from jstock_core.market.panel import (
    FIGURES,
    INVESTORS,
    Actions,
    Announcements,
    Flows,
    Listing,
    Panel,
    Source,
    Statements,
)

MONDAY = date(2026, 1, 19)
"""D of the stories; the trade date after it is Tuesday."""
TUESDAY = date(2026, 1, 20)
WEDNESDAY = date(2026, 1, 21)

NO_MINUTES = np.array([], dtype="datetime64[m]")
NO_DAYS = np.array([], dtype="datetime64[D]")
NO_TEXTS = np.array([], dtype="U4")
NO_FLOATS = np.array([])

NO_FLOWS = Flows(
    NO_MINUTES, NO_DAYS, NO_DAYS, NO_TEXTS,
    dict.fromkeys(INVESTORS, NO_FLOATS), dict.fromkeys(INVESTORS, NO_FLOATS),
)  # fmt: skip
NO_STATEMENTS = Statements(
    NO_MINUTES, NO_TEXTS, NO_TEXTS, NO_TEXTS, NO_TEXTS, NO_DAYS, NO_DAYS, dict.fromkeys(FIGURES, NO_FLOATS)
)


def stock(code: str, **more) -> Listing:
    return Listing(code, f"Company {code}", "Machinery", **more)


def market(
    prices: dict[str, float], *, last: date = TUESDAY, sessions: int = 10, units: dict[str, int] | None = None
) -> Panel:
    """Every stock flat at its price, 10,000 shares a session, up to and including `last`."""
    days = np.array(tse().between(tse().back(last, sessions - 1), last), dtype="datetime64[D]")
    flat = np.tile(np.array(list(prices.values()), dtype=np.float64), (sessions, 1))
    return Panel(
        sessions=days,
        listings=tuple(stock(code, unit=(units or {}).get(code, 100)) for code in prices),
        open=flat.copy(), high=flat.copy(), low=flat.copy(), close=flat.copy(),
        volume=np.full(flat.shape, 10_000.0), adj_factor=np.ones(flat.shape), topix=np.full(sessions, 3000.0),
        flows=NO_FLOWS, statements=NO_STATEMENTS,
        announcements=Announcements(NO_MINUTES, NO_TEXTS, NO_DAYS),
        actions=Actions(NO_MINUTES, NO_TEXTS, NO_DAYS, NO_FLOATS),
        source=Source("files", simulated=False),
    )  # fmt: skip


def with_bar(panel: Panel, code: str, session: date, **figures: float) -> Panel:
    """Other figures (open, high, low, close, volume, adj_factor) for one bar; high and low enclose them."""
    at = panel.row(session), panel.column[code]
    prices = [figures[key] for key in ("open", "close") if key in figures]
    if prices:
        figures = {"high": max(prices), "low": min(prices), "close": prices[-1], "open": prices[0]} | figures
    arrays = {}
    for name, figure in figures.items():
        arrays[name] = getattr(panel, name).copy()
        arrays[name][at] = figure
    return replace(panel, **arrays)


def without_bar(panel: Panel, code: str, session: date) -> Panel:
    """The stock does not trade in the session."""
    nothing = dict.fromkeys(("open", "high", "low", "close", "volume"), float("nan"))
    return with_bar(panel, code, session, **nothing)


def after_split(panel: Panel, code: str, session: date, factor: float) -> Panel:
    """The stock goes ex in the session: its prices from then on are `factor` of what they were."""
    row, column = panel.row(session), panel.column[code]
    arrays = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "adj_factor")}
    for name in ("open", "high", "low", "close"):
        arrays[name][row:, column] *= factor
    arrays["adj_factor"][row, column] = factor
    return replace(panel, **arrays)


def announced(panel: Panel, code: str, ex_date: date, factor: float, known: datetime) -> Panel:
    """It is known from `known` (naive JST) on that the stock goes ex."""
    old = panel.actions
    return replace(
        panel,
        actions=Actions(
            np.append(old.known_at, np.datetime64(known, "m")),
            np.append(old.code, code),
            np.append(old.ex_date, np.datetime64(ex_date, "D")),
            np.append(old.adj_factor, factor),
        ),
    )
