"""A desk in a folder that goes through a month in which everything happens that a report counts.

"auto" and "fast" are filled on paper, "hand" by a person, who fills one order in part, records another three
sessions late, trades without an order, and says nothing of the last one. There are a split, dividends paid,
received and expected, fees, cash put in and taken out, shares found, and a fact that is taken back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core import testing
from jstock_core.base.params import read_yaml
from jstock_core.desk.care.correct import reverse_fact
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.kept.promotions import PromotedSpan, Promotion, write_promotion
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Withdrawal,
)
from jstock_core.testing import (
    Disclosure,
    DividendNotice,
    EarningsDate,
    InvestorWeek,
    SplitNotice,
    Stock,
    write_market,
)

LAST = date(2026, 1, 29)
COUNT = 330
DAYS = tse().between(tse().back(LAST, COUNT - 1), LAST)
MORNINGS = 14
SILENT = 10
"""From this morning on nobody records what became of the orders by hand."""
FIRST = len(DAYS) - MORNINGS
SPLIT = DAYS[FIRST + 7]
CODES = ("1301", "2502", "4568", "6501", "6758", "7203", "8306", "9432", "9984")
LAYERED = {"use": "LayeredExit", "stop_loss_pct": 4, "take_profit_pct": 3, "review_days": 5}
GROUPS: dict[str, dict[str, Any]] = {
    "auto": {
        "name": "Auto", "initial_capital": 6_000_000, "exit": LAYERED,
        "entry": {"use": "SimpleScorer", "buy_threshold": 62},
        "sizing": {"use": "equal_weight", "max_positions": 6, "max_position_pct": 20},
    },
    "fast": {
        "name": "Fast", "initial_capital": 4_000_000, "fills": "open",
        "entry": {"use": "EnhancedScorer", "buy_threshold": 58},
        "exit": {"use": "ATRExit", "stop": 1, "trail": 1.5},
        "sizing": {"use": "equal_weight", "max_positions": 4, "max_position_pct": 30},
    },
    "hand": {
        "name": "Hand", "initial_capital": 5_000_000, "fills": "manual",
        "entry": {
            "use": "Vote", "threshold": 0.5,
            "of": [{"use": "SimpleScorer", "buy_threshold": 60, "weight": 2}, {"use": "IchimokuStoch"}],
        },
        "exit": [
            {"layer": "stop_loss", "loss_pct": 3}, {"layer": "band_break"}, {"layer": "cloud_break"},
            {"layer": "score_decay", "buffer": 12},
        ],
        "sizing": {"use": "equal_weight", "max_positions": 5, "max_position_pct": 25},
    },
}  # fmt: skip
DESK = {
    "costs": [{"since": "2025-01-01", "commission_pct": 0.1, "slippage_ticks": 1}],
}


def market() -> Panel:
    """Nine stocks over 330 sessions, most of them rising, with everything that is known beside their bars."""
    rng = np.random.default_rng(20260129)
    stocks = {code: stock(code, n, rng) for n, code in enumerate(CODES)}
    topix = np.round(2700 * np.exp(np.cumsum(rng.normal(0.0003, 0.008, COUNT))), 2)
    return testing.panel(
        stocks, sessions=DAYS, topix=topix, topix_total=np.round(topix * 1.7, 2), facts=[*facts(rng)]
    )


def stock(code: str, n: int, rng: np.random.Generator) -> Stock:
    drift = np.full(COUNT, 0.0006 + 0.0004 * (n % 3))
    drift[-9:] += (-0.006, 0.004, 0.0, -0.003)[n % 4]
    close = np.rint((500 + 120 * n) * np.exp(np.cumsum(drift + rng.normal(0, 0.012, COUNT))))
    opened = np.rint(np.r_[close[:1], close[:-1]] * (1 + rng.normal(0, 0.003, COUNT)))
    splits = {}
    if code == "7203":
        after = np.array(DAYS) >= SPLIT
        close[after], opened[after] = np.rint(close[after] / 2), np.rint(opened[after] / 2)
        splits = {SPLIT.isoformat(): 0.5}
    if code == "4568":  # no trade two sessions before the end, and in D of the last morning
        close[[-4, -1]] = opened[[-4, -1]] = np.nan
    if code == "1301":  # listed a year ago
        close[:120] = opened[:120] = np.nan
    high, low = np.fmax(opened, close) + 4 + n, np.fmin(opened, close) - 3 - n
    volume = 100 * np.rint(rng.uniform(800, 2_400, COUNT))
    sector = ("Foods", "Machinery", "Banks")[n % 3]
    return Stock(
        close, open=opened, high=high, low=low, volume=volume, splits=splits, sector=sector,
        name=f"会社{code}", scale="TOPIX Core30" if n % 4 == 1 else "-",
    )  # fmt: skip


def facts(rng: np.random.Generator) -> Iterator[Any]:
    ends = [day for day, after in pairwise(DAYS) if after.isocalendar()[:2] != day.isocalendar()[:2]]
    for n, end in enumerate(ends):
        weights = {name: float(rng.integers(-400, 600)) * 1000 for name in ("Ind", "TrstBnk", "SecCo")}
        weights["Frgn"] = 1000.0 * (900 - 60 * (n % 19))
        yield InvestorWeek(end, DAYS[min(DAYS.index(end) + 4, COUNT - 1)], weights)
    for code in CODES[:6]:
        growth = 1 + 0.05 * int(code[0])
        for year, sales, profit in ((2024, 1000.0, 100.0), (2025, 1120.0, 112.0 * growth)):
            yield Disclosure(
                code, f"{year}-11-10T15:00", "2Q", f"{year}-09-30", f"{year + 1}-03-31",
                {"Sales": sales, "OP": profit, "FSales": 2100.0},
            )  # fmt: skip
    yield EarningsDate("6758", "2026-02-03", "2026-01-10T10:00", "2026-03-31 3Q")
    yield EarningsDate("2502", "2026-02-05", "2026-01-10T10:00", "2026-03-31 3Q")
    yield SplitNotice("7203", SPLIT, 0.5, f"{DAYS[FIRST]}T16:00")
    yield SplitNotice("8306", "2026-02-03", 0.5, "2026-01-20T16:00")
    for n, code in enumerate(CODES):
        yield DividendNotice(code, DAYS[FIRST + 3], 12.5 + n, DAYS[FIRST + 9], "2025-12-01T15:00")
        yield DividendNotice(code, DAYS[FIRST + 11], 7.0 + n, "2026-03-27", "2025-12-01T15:00")
        yield DividendNotice(
            code, "2026-02-05", None if n == 4 else 20.5, None, "2026-01-05T15:00", is_decided=False
        )


@dataclass(frozen=True)
class Lived:
    """A morning as it was run, with the journal's rows as they lay on the disk after it."""

    day: ReportedDay
    rows: tuple[dict[str, Any], ...]


def rows_of(journal: Path) -> tuple[dict[str, Any], ...]:
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute("select * from events order by seq").fetchall()
    connection.close()
    return tuple(dict(row) for row in found)


def live(folder: Path) -> Iterator[Lived]:
    """Run the mornings one after the other, and do between them what the script says."""
    whole = market()
    root = testing.desk(
        folder / "desk", ready="new", groups=GROUPS, changes={"desk": DESK}, market=known(whole, FIRST)
    ).workspace.root
    for made in promotions(root):
        write_promotion(find_workspace(root), made)
    for n in range(MORNINGS):
        now = f"{tse().next(DAYS[FIRST + n])}T07:00"
        files = write_market(known(whole, FIRST + n), folder / f"files-{n}")
        import_folder(open_desk(root, now=now), str(files))
        day = run_day(open_desk(root, now=now))
        yield Lived(day, rows_of(day.desk.workspace.journal))
        if n + 1 < MORNINGS:
            Evening(root, n, day, whole).pass_by()


def promotions(root: Path) -> Iterator[Promotion]:
    """One that is in force from the fourth morning on, and one of the last morning whose file was edited."""
    backtest = PromotedSpan(
        first=DAYS[0], last=DAYS[FIRST], sessions=FIRST, total_return=0.1, sharpe=1.0, max_drawdown=-0.004,
        topix=0.05, mean=0.0004, deviation=0.009,
    )  # fmt: skip
    for group, candidate, n in (("auto", "calm", 3), ("fast", "swift", MORNINGS - 1)):
        since = tse().next(DAYS[FIRST + n])
        declared = read_yaml(root / "params" / "groups" / f"{group}.yaml")
        yield Promotion(
            group=group, candidate=candidate, at=datetime.fromisoformat(f"{since}T06:00+09:00"), by="Ito",
            reason="", since=since, jstock="", before="", changes=(), certificates={}, trials=7,
            own_trials=(), in_sample=backtest,
            declared=declared if group == "auto" else {**declared, "name": "Other"},
            out_of_sample=None, deflated=0.9, holdout="none",
        )  # fmt: skip


def known(whole: Panel, row: int) -> Panel:
    """The market as it is known on the evening of a session."""
    return whole.known_at(datetime.fromisoformat(f"{DAYS[row]}T20:00+09:00"))


@dataclass
class Evening:
    """What a person records in the evening after morning `n`, whose trade date is `session`."""

    root: Path
    n: int
    day: ReportedDay
    market: Panel

    @property
    def session(self) -> date:
        return self.day.trade_date

    def pass_by(self) -> None:
        orders = [
            e for e in self.day.events
            if isinstance(e, OrderPlaced) and e.session == self.session and e.source == "manual"
        ]  # fmt: skip
        script = {
            1: self.trade_by_hand, 2: self.pay_in, 4: self.find, 6: self.record_late, 8: self.receive,
            9: self.take_back, 10: self.take_out,
        }  # fmt: skip
        happened = [*script[self.n]()] if self.n in script else []
        if self.n < SILENT:
            happened += [fact for k, order in enumerate(orders) for fact in self.answer(order, k)]
        desk = open_desk(self.root, now=f"{self.session}T18:00")
        with desk.writing("the evening") as journal:
            journal.append(happened)

    def price(self, code: str, session: date | None = None) -> Decimal:
        opened = self.market.open.item(DAYS.index(session or self.session), self.market.column[code])
        return Decimal(int(opened))

    def answer(self, order: OrderPlaced, k: int) -> Iterator[Any]:
        """Every other order is filled in two parts, the first of some days in one and no more."""
        parts = (100, order.shares - 100) if k % 2 == 0 and order.shares > 100 else (order.shares,)
        short = k == 0 and self.n % 3 == 0 and len(parts) > 1
        for m, shares in enumerate(parts[:1] if short else parts):
            worse = Decimal(1 + m) if order.side == "BUY" else Decimal(-1 - m)
            yield from self.fill(
                order.code, order.side, shares, self.price(order.code) + worse, order_id=order.id,
                account="NISA" if order.code == "6758" else "特定",
            )  # fmt: skip
        if short:
            yield OrderExpired(
                session=self.session, source="manual", group="hand", code=order.code, side=order.side,
                order_id=order.id, reason="the rest was not done",
            )  # fmt: skip

    def fill(self, code: str, side: Any, shares: int, price: Decimal, **more: Any) -> Iterator[Any]:
        facts = {"session": self.session, "order_id": None, "account": "特定"} | more
        filled = Filled(
            source="manual", group="hand", code=code, side=side, shares=shares, price=price, **facts
        )  # fmt: skip
        yield filled
        yield Fee(
            session=filled.session, source="manual", group="hand", amount=filled.amount // 1000,
            reason="commission", fill_id=filled.id,
        )  # fmt: skip

    def trade_by_hand(self) -> Iterator[Any]:
        yield from self.fill("7203", "BUY", 100, self.price("7203"))
        yield from self.fill("9984", "BUY", 50, self.price("9984") + Decimal("0.5"))

    def pay_in(self) -> Iterator[Any]:
        yield cash(Deposit, "fast", self.session, 250_000)

    def find(self) -> Iterator[Any]:
        yield PositionAdjusted(
            session=self.session, source="manual", group="hand", code="1301", difference=100,
            price=self.price("1301"), reason="found at the broker",
        )  # fmt: skip
        yield CashAdjusted(
            session=self.session,
            source="manual",
            group="hand",
            difference=1_234,
            reason="found at the broker",
        )

    def record_late(self) -> Iterator[Any]:
        """A purchase of three sessions ago, from before the split that comes next."""
        then = tse().back(self.session, 3)
        yield from self.fill("7203", "BUY", 100, self.price("7203", then), session=then)

    def receive(self) -> Iterator[Any]:
        yield cash(Dividend, "hand", self.session, 4_321, code="9432")
        yield cash(Fee, "hand", self.session, 330, fill_id=None)

    def take_back(self) -> Iterator[Any]:
        """The deposit of money that was found never happened."""
        found = next(e for e in self.day.events if isinstance(e, CashAdjusted))
        reverse_fact(open_desk(self.root, now=f"{self.session}T17:00"), found.id, reason="counted twice")
        yield from self.fill("9984", "SELL", 50, self.price("9984"))

    def take_out(self) -> Iterator[Any]:
        yield cash(Withdrawal, "auto", self.session, 120_000)


def cash(kind: Any, group: str, session: date, amount: int, **more: Any) -> Any:
    return kind(session=session, source="manual", group=group, amount=amount, reason="so it was", **more)
