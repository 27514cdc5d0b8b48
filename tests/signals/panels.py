"""Small markets for tests: random ones with halts, splits, late listings and dated facts, and framed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from jstock_core.market.names import FIGURES, INVESTORS
from jstock_core.market.panel import Announcements, Flows, Panel, Source, Statements
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.indicators import RATIOS
from jstock_core.signals.features.view import View
from jstock_core.testing import Disclosure, EarningsDate, InvestorWeek, Stock, facts, panel


def sessions_from(first: str, count: int) -> np.ndarray:
    """Weekdays, as a market without holidays."""
    return np.busday_offset(first, np.arange(count), roll="forward")


def flows_of(*weeks: tuple[str, str, Mapping[str, float]], section: str = "TSEPrime") -> Flows:
    """Flows of (EnDate, PubDate, balances), of which a million was traded."""
    return facts.flows_of(InvestorWeek(*week, total=1e6, section=section) for week in weeks)


def statements_of(*documents: Mapping[str, object]) -> Statements:
    """Statements of mappings with at, code, kind, period, end, year and figures."""
    return facts.statements_of(
        Disclosure(
            *(str(d[key]) for key in ("code", "at", "period", "end", "year")),
            figures={name: float(d.get(name, np.nan)) for name in FIGURES},  # type: ignore[arg-type]
            kind=str(d["kind"]),
        )
        for d in documents
    )


def announcements_of(*rows: tuple[str, str, str]) -> Announcements:
    """Announcements of (known_at, code, day)."""
    return facts.announcements_of(EarningsDate(code, day, known) for known, code, day in rows)


def panel_of(
    sessions: np.ndarray, bars: Mapping[str, np.ndarray], adj_factor: np.ndarray | None = None
) -> Panel:
    """A panel without dated facts from (S, N) open, high, low, close and volume."""
    shape = bars["close"].shape
    adj = np.ones(shape) if adj_factor is None else adj_factor
    stocks = {
        str(1301 + n): Stock(
            **{name: bars[name][:, n] for name in ("open", "high", "low", "close", "volume")},
            splits={str(sessions[s]): float(adj[s, n]) for s in np.flatnonzero(adj[:, n] != 1)},
            name=f"Stock {n}",
            sector="Foods",
        )
        for n in range(shape[1])
    }
    return panel(stocks, sessions=sessions, source=Source("test", simulated=True))


def random_panel(seed: int = 0, count: int = 330, stocks: int = 6) -> Panel:
    """A market with every oddity: halts, splits, a consolidation, a late listing, one that stands still."""
    rng = np.random.default_rng(seed)
    adj = np.ones((count, stocks))
    for n, factor in enumerate((0.5, 0.33333333, 10.0)[: max(stocks - 1, 0)]):
        adj[rng.integers(count // 4, count - 5), n] = factor
    k = np.cumprod(np.where(adj == 0.33333333, 3.0, 1 / adj), axis=0)
    drift = rng.normal(0, 0.02, (count, stocks)) + 0.01 * np.sin(np.arange(count) / 15)[:, None]
    close = 1000 * np.exp(np.cumsum(drift, axis=0))
    close[:, -1] = np.where(np.arange(count) < 60, close[:, -1], 777.7)
    opened = close * np.exp(rng.normal(0, 0.008, close.shape))
    high = np.maximum(opened, close) * (1 + rng.random(close.shape) * 0.01)
    low = np.minimum(opened, close) * (1 - rng.random(close.shape) * 0.01)
    for x in (opened, high, low):
        x[60:, -1] = 777.7
    volume = rng.integers(50, 5000, close.shape) * 100.0
    bars = {"open": opened / k, "high": high / k, "low": low / k, "close": close / k, "volume": volume * k}
    gone = rng.random(close.shape) < 0.03
    gone[40:49, 0] = True
    if stocks > 2:
        gone[: count // 2, 1] = True
        gone[-20:, 2] = True
    for x in bars.values():
        x[gone] = np.nan
    panel = panel_of(sessions_from("2024-01-04", count), bars, adj)
    return with_facts(panel, rng)


def with_facts(panel: Panel, rng: np.random.Generator) -> Panel:
    """Add weekly flows, some published twice, statements with corrections, and announcements."""
    return replace(
        panel,
        flows=_random_flows(panel.sessions, rng),
        statements=_random_statements(panel, rng),
        announcements=_random_announcements(panel, rng),
    )


def _random_flows(sessions: np.ndarray, rng: np.random.Generator) -> Flows:
    fridays = [day for day in sessions if day.astype(object).weekday() == 4]
    weeks = [(str(day), str(day + np.timedelta64(6, "D"))) for day in fridays]
    weeks += [(end, str(np.datetime64(published) + np.timedelta64(7, "D"))) for end, published in weeks[::4]]
    balances = [{name: float(rng.integers(-(10**6), 10**6)) for name in INVESTORS} for _ in weeks]
    flows = flows_of(*((*week, balance) for week, balance in zip(weeks, balances, strict=True)))
    section = np.where(rng.random(len(weeks)) < 0.1, "TSEStandard", "TSEPrime")
    shuffled = rng.permutation(len(weeks))
    return replace(flows, section=section, total={"Tot": rng.uniform(1e7, 3e7, len(weeks))}).take(shuffled)


def _random_statements(panel: Panel, rng: np.random.Generator) -> Statements:
    documents: list[dict[str, object]] = []
    quarters = (("1Q", "06-30", 0), ("2Q", "09-30", 0), ("3Q", "12-31", 0), ("FY", "03-31", 1))
    for code in panel.codes:
        base = rng.uniform(1e9, 1e10)
        for year in (2022, 2023, 2024):
            for period, end, later in quarters:
                closed = np.datetime64(f"{year + later}-{end}")
                at = closed + np.timedelta64(int(rng.integers(25, 45)), "D")
                basis = "Consolidated_IFRS" if rng.random() < 0.8 else "Consolidated_JP"
                document: dict[str, object] = {
                    "code": code, "period": period, "end": closed, "year": f"{year + 1}-03-31",
                    "at": f"{at}T15:{rng.integers(0, 60):02}", "kind": f"{period}FinancialStatements_{basis}",
                }  # fmt: skip
                figures = {name: float(base * rng.uniform(0.7, 1.5)) for name in FIGURES}
                figures["OP"] = figures["OP"] if rng.random() < 0.8 else float("nan")
                figures["FSales"] = 2 * figures["FSales"] if period != "FY" else float("nan")
                documents.append(document | figures)
                if rng.random() < 0.2:
                    again = {"at": f"{at + np.timedelta64(9, 'D')}T15:00", "Sales": figures["Sales"] * 1.2}
                    documents.append(document | figures | again)
                if rng.random() < 0.2:
                    documents.append(document | {"kind": "EarnForecastRevision", "Sales": 1.0})
    return statements_of(*sorted(documents, key=lambda d: str(d["at"])))


def _random_announcements(panel: Panel, rng: np.random.Generator) -> Announcements:
    days = rng.choice(panel.sessions, (len(panel.codes), 8))
    rows = [
        (f"{day - np.timedelta64(int(rng.integers(1, 20)), 'D')}T10:05", code, str(day))
        for code, of_code in zip(panel.codes, days, strict=True)
        for day in of_code
    ]
    return announcements_of(*rows, ("2024-01-01T10:05", "9999", "2024-03-01"))


def trade_dates(panel: Panel) -> np.ndarray:
    """The session after each of the panel's."""
    return np.append(panel.sessions[1:], np.busday_offset(panel.sessions[-1], 1))


def view_of(panel: Panel, first: int = 0, last: int | None = None, features: Features | None = None) -> View:
    """A view of the panel's rows `first` to `last` (the newest)."""
    end = len(panel.sessions) - 1 if last is None else last
    return View.of(panel, features or Features.of(panel), first, end, trade_dates(panel)[first : end + 1])


def framed(columns: Mapping[str, np.ndarray]) -> View:
    """A view of the last bar of one stock whose features are given, in raw = adjusted yen."""
    count = len(columns["close"])
    bars = {name: columns[name][:, None] for name in ("open", "high", "low", "close", "volume")}
    panel = panel_of(sessions_from("2025-01-06", count), bars)
    ordinals = np.arange(count)[:, None]
    given = {name: np.ascontiguousarray(x, dtype=float)[:, None] for name, x in columns.items()}
    values = {name: round_decimals(x) if name in RATIOS else x for name, x in given.items()}
    return view_of(panel, count - 1, features=Features(panel, ordinals, ordinals, values))


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays agree bit for bit, any NaN being equal to any NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind != "f":
        return bool((a == b).all())
    nan = np.isnan(a)
    return bool((nan == np.isnan(b)).all() and (a[~nan].view(np.int64) == b[~nan].view(np.int64)).all())
