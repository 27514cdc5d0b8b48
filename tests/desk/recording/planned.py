"""Lines, orders and journals to plan on. Tuesday's bars: every stock flat at its price."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from jstock_core.base.clock import JST
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.plan import Plan
from jstock_core.state.facts.events import Filled
from jstock_core.testing import Stock
from jstock_core.testing import panel as market
from tests.execution.ledger import deposit, order
from tests.execution.market import TUESDAY

EVENING = datetime(2026, 1, 20, 18, 0, tzinfo=JST)
NOON = datetime(2026, 1, 20, 12, 0, tzinfo=JST)
PANEL = market({"7203": 1000.0, "6758": 3000.0, "1570": Stock(500.0, unit=1)})


def known(now: datetime = EVENING, panel=PANEL) -> FillCheck:
    return FillCheck.of(panel, now)


def wanted(side: str, code: str, shares: int, group: str = "core", **more):
    return order(side, code, shares, group=group, **{"source": "manual"} | more)


def ledger(*events, cash: int = 10_000_000) -> Ledger:
    facts = (deposit(cash), deposit(cash, "alpha"), *events)
    return Ledger.of(facts, facts, ("alpha", "core"))


def line(side: str, code: str, shares: int, price: int | str = 1000, number: int = 2, **more) -> FillLine:
    facts = {"group": "", "session": TUESDAY, "price": Decimal(price)} | more
    return FillLine(number=number, code=code, side=side, shares=shares, **facts)


def fills(made: Plan) -> list[tuple[str, str, int, int]]:
    return [(e.group, e.side, e.shares, int(e.price)) for e in made.events if isinstance(e, Filled)]


def again(made: Plan, before: Ledger, *events) -> Ledger:
    """The ledger once a plan has been written."""
    facts = (deposit(10_000_000), deposit(10_000_000, "alpha"), *events, *made.events)
    return Ledger.of(facts, facts, before.groups)
