"""A desk of two groups over five months, in which everything happens that changes a number of its report.

"auto" is filled on paper from 2025-09-01 on; "hand" joins on 2025-09-10 and is filled by a person, by orders
and without, at average prices, in two types of account. There are a split, dividends, fees, a transfer, money
taken out and found, shares found, a fill recorded late, one between the groups, and a TOPIX with a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np

from jstock_core import testing
from jstock_core.base.intent import Intent
from jstock_core.decide import Conditions, Signal, signal_row
from jstock_core.execution.costs import Costs
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel, Source
from jstock_core.reports.model.morning import Morning
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.facts.events import (
    CashAdjusted,
    Decided,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Settled,
    SplitApplied,
    Withdrawal,
    decision_details,
)
from jstock_core.testing import InvestorWeek, Stock
from tests.reports.mornings import group

BEGAN, JOINED, SPLIT = date(2025, 9, 1), date(2025, 9, 10), date(2025, 10, 15)
TRANSFER, TAKEN, FOUND = date(2025, 11, 4), date(2025, 11, 20), date(2025, 11, 25)
PAID, COUNTED, PASSED, LATE = date(2025, 12, 5), date(2025, 12, 10), date(2025, 12, 15), date(2025, 12, 19)
YEAR_END = date(2025, 12, 29)  # settles in 2026
REFUSED = date(2025, 11, 10)  # judged in December
GAP = date(2025, 10, 20)
MORNINGS = (
    date(2025, 9, 2),
    date(2025, 9, 22),
    date(2025, 12, 2),
    tse().next(PASSED),
    tse().next(LATE),
    date(2026, 1, 5),
    date(2026, 1, 6),
    date(2026, 1, 21),
)
CODES = {
    "7203": ("輸送用機器", 3000),
    "6758": ("電気機器", 900),
    "9984": ("情報・通信業", 8000),
    "4568": ("", 2500),
}
MONITORED = (*CODES, "9433", "9999")
GROUPS = (group("auto", 5_000_000), group("hand", 4_000_000))


def market() -> Panel:
    rng = np.random.default_rng(12)
    sessions = tse().between(tse().back(date(2026, 1, 20), 299), date(2026, 1, 20))
    count = len(sessions)

    def walk(start: float) -> np.ndarray:
        return np.rint(start * np.exp(np.cumsum(rng.normal(0, 0.015, count))))

    stocks = {}
    for code, (sector, start) in {**CODES, "9433": ("情報・通信業", 4000)}.items():
        close = walk(start)
        opened = np.rint(np.concatenate([close[:1], close[:-1]]) * (1 + rng.normal(0, 0.004, count)))
        if code == "7203":
            after = np.array(sessions) >= SPLIT
            close[after], opened[after] = np.rint(close[after] / 2), np.rint(opened[after] / 2)
        if code == "9984":  # without a trade now and then, and in D
            close[50::37] = opened[50::37] = np.nan
            close[-1] = opened[-1] = np.nan
        if code == "4568":  # listed in August
            close[:200] = opened[:200] = np.nan
        high, low = np.fmax(opened, close) + 7, np.fmin(opened, close) - 5
        splits = {SPLIT.isoformat(): 0.5} if code == "7203" else {}
        scale = "TOPIX Core30" if code in ("7203", "9433") else "-"
        stocks[code] = Stock(
            close,
            open=opened,
            high=high,
            low=low,
            sector=sector,
            splits=splits,
            scale=scale,
            name=f"会社{code}",
        )
    topix = walk(2700) + 0.25
    topix[sessions.index(GAP)] = np.nan
    weeks = [
        InvestorWeek(
            tse().previous(day), day, {"Frgn": 1000.0 * n - 7000, "Ind": 50.0 * n},
        )
        for n, day in enumerate(sessions[10::5])
    ]  # fmt: skip
    again = InvestorWeek(weeks[-3].week_end, weeks[-1].published, {"Frgn": 123.0, "Ind": -4.0})
    total = 1.6 * topix * 1.00008 ** np.arange(count)  # 2 % of dividends a year
    return testing.panel(
        stocks, sessions=sessions, topix=topix, topix_total=total, facts=[*weeks, again],
        source=Source("made", simulated=False),
    )  # fmt: skip


MARKET = market()


def price_at(code: str, session: date) -> float:
    return MARKET.open.item(MARKET.row(session), MARKET.column[code])


def decided(name: str, session: date) -> Decided:
    """On `REFUSED` two BUYs are refused by a filter, or would be by a filter and a protection in shadow."""
    signals = [signal_row(wanted(code)) for code in ("9433", "7203")] if session == REFUSED else []
    skipped = [
        {"code": "9433", "action": "BUY", "reason": "filter price_range: too dear"},
        {"code": "", "action": "PAUSE", "reason": "shadow: protection drawdown: too deep"},
    ]  # fmt: skip
    details = decision_details(signals, skipped if signals else [], {})
    return Decided(
        session=session, source="desk", group=name, evaluated=tse().previous(session), status="complete",
        revision=0, decided_at=f"{session}T07:00", details=details,
    )  # fmt: skip


def wanted(code: str) -> Signal:
    """A BUY; of 7203 a filter in shadow mode said something."""
    notes = (Refusal("filter", "min_turnover", "shadow", "thin"),) if code == "7203" else ()
    return Signal(code, "BUY", 70.0, 0.7, "so it was", "SimpleScorer", price_at(code, REFUSED), notes=notes)


def cash(kind, name: str, session: date, amount: int, **more):
    return kind(session=session, source="manual", group=name, amount=amount, reason="so it was", **more)


def order(
    name: str, code: str, side: str, shares: int, session: date, limit: Decimal | None = None
) -> OrderPlaced:
    layer = "trailing_stop" if side == "SELL" and name == "auto" else ""
    return OrderPlaced(
        session=session, source="paper" if name == "auto" else "manual", group=name, code=code, side=side,
        shares=shares, limit=limit, reserve=0, fraction_pct=100 if side == "SELL" else None, score=70.0,
        layer=layer, reason="", evaluated=tse().previous(session),
    )  # fmt: skip


def fill(
    name: str, code: str, side: str, shares: int, session: date, worse: str = "0",
    *, ordered: bool = True, account: str = "", source: str = "",
) -> Iterator[Event]:  # fmt: skip
    """An order, its fill at the opening price or `worse` than it, and 0.1 % of fees."""
    placed = order(name, code, side, shares, session)
    if ordered:
        yield placed
    price = Decimal(str(price_at(code, session))) + (Decimal(worse) if side == "BUY" else -Decimal(worse))
    filled = Filled(
        session=session, source=source or placed.source, group=name, code=code, side=side, shares=shares,
        price=price, order_id=placed.id if ordered else None, account=account,
    )  # fmt: skip
    yield filled
    if not source:
        yield cash(Fee, name, session, -(-filled.amount // 1000), fill_id=filled.id)


def trades(session: date, n: int) -> Iterator[Event]:
    """Of "auto": every third session 200 are bought and half of the oldest sold; of "hand" more seldom."""
    codes = tuple(CODES)
    code = codes[n // 3 % 4]
    if n % 3 == 1 and price_at(code, session) > 0:
        yield from fill("auto", code, "BUY", 200, session, "1")
    sold = codes[(n // 3 + 2) % 4]
    if n % 3 == 2 and n > 9 and price_at(sold, session) > 0:
        yield from fill("auto", sold, "SELL", 100, session, "1")
    if session > JOINED and n % 10 == 4:
        yield from fill("hand", "6758", "BUY", 300, session, "0.25")
    if n > 14 and n % 10 == 9:
        yield from fill("hand", "6758", "SELL", 100, session, "-2", ordered=n % 20 == 9)


def begins(session: date) -> Iterator[Event]:
    if session == BEGAN:
        yield cash(Deposit, "auto", session, 5_000_000)
    if session == JOINED:
        yield cash(Deposit, "hand", session, 4_000_000)


def first_purchases(session: date) -> Iterator[Event]:
    yield from fill("hand", "9984", "BUY", 100, session, "3", account="NISA")
    yield from fill("hand", "7203", "BUY", 100, session, "-4", ordered=False)


def split(session: date) -> Iterator[Event]:
    yield SplitApplied(session=session, source="desk", code="7203", numerator=2, denominator=1)
    yield from fill("hand", "7203", "BUY", 100, session, "1")  # decided on a close from before the split


def transfer(session: date) -> Iterator[Event]:
    """300,000 from "auto" to "hand", and 150,000 from outside."""
    yield cash(Withdrawal, "auto", session, 300_000)
    yield cash(Deposit, "hand", session, 450_000)


def taken(session: date) -> Iterator[Event]:
    yield cash(Withdrawal, "hand", session, 50_000)


def found(session: date) -> Iterator[Event]:
    yield CashAdjusted(session=session, source="manual", group="hand", difference=1_234, reason="found")


def paid(session: date) -> Iterator[Event]:
    yield cash(Dividend, "auto", session, 12_345, code="6758")
    yield cash(Dividend, "hand", session, 4_321, code="6758")
    yield cash(Fee, "hand", session, 550, fill_id=None)


def counted(session: date) -> Iterator[Event]:
    yield PositionAdjusted(
        session=session, source="manual", group="hand", code="4568", difference=100,
        price=Decimal(2000), reason="found",
    )  # fmt: skip


def passed(session: date) -> Iterator[Event]:
    for name, side in (("auto", "SELL"), ("hand", "BUY")):
        yield from fill(name, "7203", side, 100, session, ordered=False, source="crossed")


def late(session: date) -> Iterator[Event]:
    yield from fill("hand", "9433", "BUY", 100, tse().back(session, 3), "1.5", ordered=False)


def year_end(session: date) -> Iterator[Event]:
    yield from fill("hand", "7203", "SELL", 100, session, "1")


def untaxed(session: date) -> Iterator[Event]:
    yield from fill("hand", "9984", "SELL", 100, session, "10", account="NISA")
    unfilled = order("auto", "9433", "BUY", 100, session)
    yield unfilled
    yield OrderExpired(
        session=session, source="paper", group="auto", code="9433", side="BUY", order_id=unfilled.id,
        reason="no trade",
    )  # fmt: skip


HAPPENINGS = {
    tse().next(JOINED): first_purchases,
    SPLIT: split,
    TRANSFER: transfer,
    TAKEN: taken,
    FOUND: found,
    PAID: paid,
    COUNTED: counted,
    PASSED: passed,
    LATE: late,
    YEAR_END: year_end,
    date(2026, 1, 15): untaxed,
}


def recorded(session: date, n: int) -> Iterator[Event]:
    """What the journal takes from one morning to the next."""
    yield from begins(session)
    yield decided("auto", session)
    if session >= JOINED:
        yield decided("hand", session)
    if session in HAPPENINGS:
        yield from HAPPENINGS[session](session)
    yield from trades(session, n)
    yield Settled(session=session, source="desk")


def events_through(trade_date: date) -> tuple[Event, ...]:
    sessions = tse().between(BEGAN, tse().previous(trade_date))
    past = (event for n, session in enumerate(sessions) for event in recorded(session, n))
    names = ("auto", "hand") if trade_date >= JOINED else ("auto",)
    return (
        *past,
        *(decided(name, trade_date) for name in names),
        order("auto", "9433", "BUY", 100, trade_date, limit=Decimal(3900)),
    )


def morning(trade_date: date) -> Morning:
    panel = MARKET.known_at(decision_time(trade_date))
    row = len(panel.sessions) - 1
    view = View.of(
        panel, Features.of(panel), row, row, trade_dates=np.array([trade_date], dtype="datetime64[D]")
    )
    return Morning(
        trade_date=trade_date, intent=Intent.JOURNAL, events=events_through(trade_date), view=view,
        groups=GROUPS, conditions=Conditions(MONITORED, Costs()),
    )  # fmt: skip
