"""A small desk worked out by hand: what its report must say is in the comments.

T = 2026-01-21, D = 2026-01-20. Two groups, "alpha" (3,000,000) and "core" (5,000,000), opened on 2025-12-01.

- core holds 200 of 7203 at 3,000; it closed at 3,000 every session but D: 3,120.
- alpha holds 100 of 9984 at 8,200; its last bar, 8,000, is three sessions before D.
- alpha bought 300 of 6758 at 1,000 and sold them at 1,020 on 2026-01-19, the trade date before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from jstock_core import testing
from jstock_core.base.alerts import Alert, DayStatus
from jstock_core.base.intent import Intent
from jstock_core.decide import Conditions, Signal, signal_row
from jstock_core.decide.groups import Group, make_group
from jstock_core.execution.costs import Cost, Costs
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel, Source
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.morning import Morning
from jstock_core.reports.model.report import Report
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import (
    Correction,
    Decided,
    Deposit,
    Event,
    Filled,
    Missed,
    OrderExpired,
    OrderPlaced,
    Settled,
    decision_details,
)
from jstock_core.testing import InvestorWeek, SplitNotice, Stock, with_facts

T, D = date(2026, 1, 21), date(2026, 1, 20)
BEFORE = date(2026, 1, 19)  # the trade date before: the morning of D was missed
BEGAN = date(2025, 12, 1)
BASE = date(2025, 11, 28)
EVIL = '<script>alert("x")</script> | `a` *b* [c](d)\n# e'
CODES = ("6758", "7203", "9984")
NAMES = ("ソニーグループ", "トヨタ自動車", EVIL)


def sessions() -> tuple[date, ...]:
    return tse().between(date(2025, 11, 4), D)


def closes() -> np.ndarray:
    """(S, 3): flat but for D, and 9984 without a bar in the last three sessions."""
    close = np.tile([1000.0, 3000.0, 8000.0], (len(sessions()), 1))
    close[-1, :2] = 990.0, 3120.0
    close[-3:, 2] = np.nan
    return close


def panel(close: np.ndarray | None = None, *, simulated: bool = True, names: Sequence[str] = NAMES) -> Panel:
    at = closes() if close is None else close
    stocks = {
        code: Stock(at[:, n], high=at[:, n] + 10, low=at[:, n] - 10, name=names[n], sector="電気機器")
        for n, code in enumerate(CODES)
    }
    foreigners = InvestorWeek("2026-01-09", "2026-01-16", {"Frgn": 5_000.0})
    return testing.panel(
        stocks,
        sessions=sessions(),
        topix=[2000.0] * (len(sessions()) - 1) + [2010.0],
        facts=[foreigners, InvestorWeek("2025-12-26", "2026-01-09", {"Frgn": -1.0})],
        source=Source("simulated-test", simulated),
    )


def announced(market: Panel, code: str, factor: float) -> Panel:
    """The market with a split of `code` announced to go ex on the trade date."""
    return with_facts(market, SplitNotice(code, T, factor, "2026-01-10T16:30"))


def view(market: Panel) -> View:
    row = len(market.sessions) - 1
    return View.of(market, Features.of(market), row, row, trade_dates=np.array([T], dtype="datetime64[D]"))


def group(name: str, capital: int) -> Group:
    return make_group(
        name,
        {
            "name": f"{name.title()} Strategy",
            "initial_capital": capital,
            "entry": {"use": "SimpleScorer"},
            "exit": {"use": "LayeredExit", "stop_loss_pct": 8},
            "sizing": {"use": "equal_weight"},
        },
        where="test",
    )


GROUPS = (group("alpha", 3_000_000), group("core", 5_000_000))


def deposit(name: str, amount: int) -> Deposit:
    return Deposit(session=BEGAN, source="desk", group=name, amount=amount, reason="initial capital")


def decided(
    name: str, session: date, *signals: Signal, skipped: Iterable[tuple[str, str, str]] = (), **more
) -> Decided:
    facts = {"status": "complete", "revision": 0} | more
    refused = [{"code": c, "action": a, "reason": r} for c, a, r in skipped]
    return Decided(
        session=session, source="desk", group=name, evaluated=tse().previous(session),
        decided_at=f"{session}T07:00",
        details=decision_details([signal_row(s) for s in signals], refused, {}),
        **facts,
    )  # fmt: skip


def order(name: str, code: str, side: str, shares: int, session: date = T, **more) -> OrderPlaced:
    facts = {"source": "paper", "reserve": 0, "fraction_pct": 100 if side == "SELL" else None, "score": 70.0}
    facts |= {"layer": "stop_loss" if side == "SELL" else "", "reason": "because"} | more
    return OrderPlaced(
        session=session, group=name, code=code, side=side, shares=shares,
        evaluated=tse().previous(session), **facts,
    )  # fmt: skip


def fill(
    name: str, code: str, side: str, shares: int, price: str, session: date, order_id: str | None = None
) -> Filled:
    return Filled(
        session=session, source="paper" if order_id else "manual", group=name, code=code, side=side,
        shares=shares, price=Decimal(price), order_id=order_id,
    )  # fmt: skip


def settled(session: date) -> Settled:
    return Settled(session=session, source="desk")


def buy_signal(code: str, score: float = 70.0, **more) -> Signal:
    facts = {
        "action": "BUY",
        "confidence": score / 100,
        "reason": "technical 80",
        "rule": "SimpleScorer",
        "price": 990.0,
    }
    return Signal(code=code, score=score, **facts | more)


def sell_signal(code: str, **more) -> Signal:
    facts = {
        "action": "SELL_100%", "score": 66.0, "confidence": 1.0, "reason": "below the stop",
        "rule": "LayeredExit",
        "price": 8000.0, "urgency": "EMERGENCY", "layer": "stop_loss", "held": 100, "entry_price": 8200.0,
        "entry_session": date(2026, 1, 9), "days_held": 11, "pnl_pct": -2.43902439,
    }  # fmt: skip
    return Signal(code=code, **facts | more)


def unknown_signal(code: str) -> Signal:
    return sell_signal(
        code, action="EXIT_UNKNOWN", urgency="", layer="", confidence=0.0, reason="no atr at entry"
    )


def opening() -> tuple[Event, ...]:
    """The desk opens and buys."""
    return (
        settled(BASE),
        deposit("alpha", 3_000_000), decided("alpha", BEGAN),
        deposit("core", 5_000_000), decided("core", BEGAN),
        fill("core", "7203", "BUY", 200, "3000", date(2026, 1, 5)),
        fill("alpha", "6758", "BUY", 300, "1000", date(2026, 1, 6)),
        fill("alpha", "9984", "BUY", 100, "8200", date(2026, 1, 9)),
    )  # fmt: skip


def morning_before() -> tuple[Event, ...]:
    """Two orders for 2026-01-19: the sale filled, the purchase expired; then a morning was missed."""
    sale, purchase = order("alpha", "6758", "SELL", 300, BEFORE), order("alpha", "7203", "BUY", 100, BEFORE)
    return (
        decided("alpha", BEFORE), sale, purchase, decided("core", BEFORE),
        fill("alpha", "6758", "SELL", 300, "1020", BEFORE, sale.id),
        OrderExpired(
            session=BEFORE, source="paper", group="alpha", code="7203", side="BUY", order_id=purchase.id,
            reason="no trade in 7203",
        ),
        settled(BEFORE),
        Missed(session=D, source="desk", reason="no decision was made"), settled(D),
    )  # fmt: skip


def this_morning() -> tuple[Event, ...]:
    """core buys 6758 and may not buy 9984; alpha sells 9984."""
    return (
        decided("alpha", T, sell_signal("9984")),
        order("alpha", "9984", "SELL", 100, reason="stop_loss: below the stop"),
        decided(
            "core", T,
            buy_signal("6758", 72.5, shares=300, required=297_000), buy_signal("9984", 75.0, price=8000.0),
            skipped=[("9984", "BUY", "one unit costs ¥800,000, over the budget")],
        ),
        order("core", "6758", "BUY", 300, reserve=387_000),
    )  # fmt: skip


def history(today: Iterable[Event] | None = None) -> tuple[Event, ...]:
    return (*opening(), *morning_before(), *(this_morning() if today is None else today))


def report(
    today: Iterable[Event] | None = None,
    *,
    market: Panel | None = None,
    intent: Intent = Intent.JOURNAL,
    status: DayStatus = DayStatus.COMPLETE,
    alerts: Iterable[Alert] = (),
    groups: Sequence[Group] = GROUPS,
    events: Iterable[Event] | None = None,
    costs: Costs | None = None,
    corrections: Iterable[Correction] = (),
) -> Report:
    costs = Costs((Cost(since=date(2025, 1, 1), commission_pct=0.1),)) if costs is None else costs
    morning = Morning(
        trade_date=T, intent=intent, events=tuple(history(today) if events is None else events),
        view=view(panel() if market is None else market), groups=tuple(groups),
        conditions=Conditions(CODES, costs), corrections=tuple(corrections),
    )  # fmt: skip
    return build_report(morning, status, alerts)


def quiet() -> Report:
    """A first morning: nothing is held, nothing happened, nothing is wanted."""
    first = (settled(D), replace(deposit("core", 5_000_000), session=T), decided("core", T))
    return report(events=first, groups=GROUPS[1:])
