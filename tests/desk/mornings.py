"""Mornings of a desk on files, whose market a test may change as a vendor does."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.state.facts.events import Filled
from jstock_core.testing import InvestorWeek, desk, panel, write_market

GROUP = {
    "core": {
        "name": "Core", "initial_capital": 5_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 99},
        "exit": [{"layer": "stop_loss", "loss_pct": 3}], "sizing": {"use": "equal_weight"},
    }
}  # fmt: skip
FLOWS = InvestorWeek(week_end="2026-01-16", published="2026-01-22", balance={"Frgn": 1.0})
STOCKS = {"6758": 2000.0, "7203": 1000.0, "9984": 3000.0}
WHOLE = panel(STOCKS, sessions=40, last="2026-01-30", facts=[FLOWS])
OPENED, BOUGHT, SEEN, EX_DATE, LATER, LAST = WHOLE.dates[-7:-1]


def morning_after(session):
    return f"{tse().next(session)}T07:00"


def until(market, session):
    """The market as it is known on the evening of a session."""
    return market.known_at(datetime.fromisoformat(f"{session}T20:00+09:00"))


def purchase(session, code, shares, price):
    """A purchase by hand."""
    return Filled(
        session=session, source="manual", group="core", code=code, side="BUY", shares=shares,
        price=Decimal(price), order_id=None,
    )  # fmt: skip


class Mornings:
    """A desk on files that bought 100 shares of some codes on `BOUGHT`."""

    def __init__(self, folder, market, *codes):
        self.folder, self.market = folder, market
        self.root = desk(folder / "desk", market=until(market, OPENED), groups=GROUP).workspace.root
        self.after(BOUGHT)
        for code in codes:
            self.buy(BOUGHT, code, 100, int(STOCKS[code]), morning_after(BOUGHT))

    def load(self, session):
        """The desk on the morning after a session, its data imported."""
        there = open_desk(self.root, now=morning_after(session))
        files = write_market(until(self.market, session), self.folder / f"files-{session}")
        import_folder(there, str(files))
        return open_desk(self.root, now=morning_after(session))

    def after(self, session):
        """The morning after a session."""
        return run_day(self.load(session))

    def revise(self, market):
        """The vendor's history is another from now on."""
        self.market = market

    def buy(self, session, code, shares, price, now):
        """A purchase by hand, recorded at a time."""
        open_desk(self.root, now=now).journal().append([purchase(session, code, shares, price)])

    def lots(self, code="7203", now=""):
        """(shares, cost) of each lot held."""
        lots = open_desk(self.root, now=now).journal().book().group("core").lots
        return [(lot.shares, lot.cost) for lot in lots.get(code, ())]


def alerts(day, kind):
    return [alert for alert in day.alerts if alert.kind == kind]
