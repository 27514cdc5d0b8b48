"""Checks of what was delivered of each stock: missing rows, a late start, no name, locked days."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from jstock_core.data.checks.findings import Finding, Severity
from jstock_core.market.bars.gaps import price_gaps
from jstock_core.market.panel import Bools, Panel

_PLACEHOLDER = re.compile(r"(stock|code|name|銘柄)?[ _-]?[0-9][0-9A-Z][0-9][0-9A-Z]0?", re.IGNORECASE)


def check_delivery(panel: Panel) -> Iterator[Finding]:
    """Each fault once a stock, at its newest session."""
    yield from _by_stock(
        panel,
        _has_no_row(panel),
        "warn",
        "there is no row, not even an empty one as of a session without a trade",
        "fetch or import the bars of that session again",
    )
    yield from _by_stock(
        panel,
        _is_locked(panel),
        "info",
        "every trade was at the daily limit: orders of any size may have stayed unfilled",
        "nothing",
    )
    yield from _starts(panel)
    yield from _names(panel)


def _has_no_row(panel: Panel) -> Bools:
    """(S, N): sessions between a stock's first row and its last in which it has none."""
    count = np.cumsum(panel.has_row, axis=0)
    traded = panel.has_row.any(axis=1, keepdims=True)
    missing: Bools = (count > 0) & (count < count[-1:]) & ~panel.has_row & traded
    return missing


def _is_locked(panel: Panel) -> Bools:
    """(S, N): bars of one price at the daily limit or beyond it."""
    gaps = price_gaps(panel)
    one = (panel.high == panel.low) & (panel.open == panel.close)
    locked: Bools = one & (10 * np.abs(panel.close - gaps.base) >= gaps.width)
    return locked


def _starts(panel: Panel) -> Iterator[Finding]:
    """Stocks whose rows begin after the market's: listed since, or delivered from there only."""
    first = np.where(panel.has_row.any(axis=0), panel.has_row.argmax(axis=0), 0)
    for column in np.flatnonzero(first > 0).tolist():
        code, session = panel.codes[column], panel.session(int(first[column]))
        what = f"the rows of {code} begin on {session}, those of the market on {panel.sessions[0]}"
        yield Finding(
            "info", code, session, what, "nothing, if it was listed then; else fetch from earlier on"
        )


def _names(panel: Panel) -> Iterator[Finding]:
    for stock in panel.listings:
        if _PLACEHOLDER.fullmatch(stock.name.strip()):
            what = f"the name of {stock.code} is {stock.name!r}, which is no company's"
            yield Finding("info", stock.code, None, what, "fetch or import master, which has the names")


def _by_stock(panel: Panel, found: Bools, severity: Severity, what: str, do: str) -> Iterator[Finding]:
    for column in np.flatnonzero(found.any(axis=0)).tolist():
        rows = np.flatnonzero(found[:, column])
        code, session = panel.codes[column], panel.session(int(rows[-1]))
        times = f" ({len(rows)} sessions, this the newest)" if len(rows) > 1 else ""
        yield Finding(severity, code, session, f"{code} on {session}: {what}{times}", do)
