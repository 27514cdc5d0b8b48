"""A morning of one group that sells a stock and buys others, filled by hand or on paper.

T is Wednesday 21 January 2026. 7203 fell by a tenth on Tuesday, so that its stop sells it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.state.facts.events import Deposit, Filled, OrderPlaced
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import Stock, panel

EARLIER, D, T, NEXT = date(2026, 1, 19), date(2026, 1, 20), date(2026, 1, 21), date(2026, 1, 22)
GROUP = {
    "name": "Core",
    "initial_capital": 1_000_000,
    "entry": {"use": "SimpleScorer", "buy_threshold": 30},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}],
    "sizing": {"use": "equal_weight", "max_positions": 3, "max_position_pct": 30},
}


def write_days(folder: Path) -> Path:
    """The market's files, up to T."""
    days = tse().between(date(2025, 3, 3), T)
    close = 800.0 + np.arange(len(days))
    fallen = close.copy()
    fallen[-2:] -= 100
    stocks = {"6501": Stock(close), "7203": Stock(fallen), "9001": Stock(close)}
    return write_market(panel(stocks, sessions=days), folder)


def new_desk(folder: Path, files: Path, *, fills: str = "manual", **changes: Any) -> Desk:
    """A desk at 06:30 on T whose group holds 300 shares of 7203."""
    made = make_desk(
        folder, market=files, now="2026-01-21T06:30", ready="fetched",
        groups={"core": {**GROUP, "fills": fills}}, changes={"desk": changes},
    )  # fmt: skip
    (made.workspace.data / "monitor_list.json").write_text('{"tickers": ["6501", "7203", "9001"]}')
    made = open_desk(made.workspace.root, now=made.fixed_now)
    with made.writing("a test") as journal:
        journal.append(
            [
                Deposit(session=EARLIER, source="desk", group="core", amount=1_000_000, reason="capital"),
                Filled(
                    session=EARLIER, source="manual", group="core", code="7203", side="BUY", shares=300,
                    price=Decimal(1015), order_id=None,
                ),
            ]
        )  # fmt: skip
    return made


def at(desk: Desk, clock: str, day: date = T) -> Desk:
    """The desk at a time of a day."""
    return open_desk(desk.workspace.root, now=f"{day}T{clock}")


def run(desk: Desk, clock: str, intent: Intent = Intent.JOURNAL, day: date = T) -> ReportedDay:
    """The day's steps at that time."""
    return run_day(at(desk, clock, day), intent=intent)


def open_orders(desk: Desk) -> list[tuple[str, str]]:
    """Side and code of each open order."""
    orders = desk.journal().book().group("core").orders.values()
    return sorted((order.side, order.code) for order in orders)


def placed(desk: Desk, session: date = T) -> list[tuple[str, str, int]]:
    """Side, code and revision of each order that was ever placed for a session."""
    found = [e for e in desk.journal().events() if isinstance(e, OrderPlaced) and e.session == session]
    return [(e.side, e.code, e.revision) for e in found]


def root(desk: Desk, clock: str, day: date = T) -> list[str]:
    """The options of a command on the desk at that time."""
    return ["-w", str(desk.workspace.root), "--now", f"{day}T{clock}"]


def texts(day: ReportedDay, kind: str) -> list[str]:
    """The alerts of a kind."""
    return [alert.text for alert in day.alerts if alert.kind == kind]
