"""The sections of a report as plain values, so that tables, charts and files need nothing else.

Money is whole yen, prices are traded yen of D (of the trade date for tickets), None is "not known".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from jstock_core.base.alerts import DayStatus
from jstock_core.base.intent import Intent
from jstock_core.base.plain import ONLY_IF_SET
from jstock_core.base.words import market_marks
from jstock_core.data.checks.absent import AbsentData
from jstock_core.decide import UNKNOWN
from jstock_core.decide.given.late import LateData
from jstock_core.execution.netting import BrokerTicket
from jstock_core.execution.orders.states import Phase
from jstock_core.explain.parts import Part
from jstock_core.reports.model.decisions.fills import FillQuality, SlippageTotal
from jstock_core.reports.model.market.market import FlowWeek, IndexPath, SectorReturn, TrendBreadth
from jstock_core.signals.features.scores import FlowWindow


@dataclass(frozen=True, kw_only=True)
class ReportHeader:
    """What this report is. `evaluated` is D, `decided_at` the JST minute of the decision (ISO).

    `absent` are the data sets that it was decided without, `late_data` those that were late for it.
    """

    trade_date: date
    evaluated: date
    decided_at: str
    provider: str
    simulated: bool
    intent: Intent
    status: DayStatus
    historical: bool = False
    absent: tuple[AbsentData, ...] = ()
    late_data: tuple[LateData, ...] = ()

    def lacks(self, dataset: str) -> bool:
        """Whether it was decided without anything of a data set."""
        return any(each.dataset == dataset for each in self.absent)

    @property
    def market_marks(self) -> tuple[str, ...]:
        """The words on everything that shows this market; none on real prices of a live desk."""
        return market_marks(simulated=self.simulated, historical=self.historical)


@dataclass(frozen=True, kw_only=True)
class ForeignFlow:
    """Foreign investors' balance of the newest week, thousand yen, of the whole market and not of a stock.

    `window` are the weeks that the institutional score sums; None where none of them is known.
    """

    balance: float
    week_end: date
    published: date
    window: FlowWindow | None


@dataclass(frozen=True, kw_only=True)
class MarketSummary:
    """The market in D. Advancers and decliners are counted among the monitored stocks with a bar in D.

    `sectors` has those of the monitored stocks, the best of D first; `weeks` the newest weeks of investor
    flows, the oldest first; `path` is TOPIX over the last sessions.
    """

    topix: float | None
    change: float | None
    change_pct: float | None
    change_20_pct: float | None
    condition: str
    advancers: int
    decliners: int
    unchanged: int
    foreigners: ForeignFlow | None
    trend: TrendBreadth
    sectors: tuple[SectorReturn, ...] = ()
    weeks: tuple[FlowWeek, ...] = ()
    path: IndexPath = field(default_factory=IndexPath)


Cause = Literal[
    "places", "cash", "budget", "risk", "filter", "protection", "limit", "score", "history", "pending",
    "halt", "other",
]  # fmt: skip
"""What kind of reason keeps a BUY from an order: no free place, no cash, one unit over the budget, ..."""


@dataclass(frozen=True, kw_only=True)
class BuySignal:
    """A BUY signal. Where it became no order, `shares` and `required` are 0, `why_not` is the reason and
    `cause` its kind.

    `parts` make the score, which buys from `threshold` on; there are none where the rule declares none, or
    where asked again it gives another score, as the data have changed since.
    """

    group: str
    code: str
    name: str
    sector: str
    score: float | None
    confidence: float
    price: float | None
    shares: int
    required: int
    ordered: bool
    why_not: str
    reason: str
    rule: str
    note: str = ""
    cause: Cause = "other"
    threshold: float | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SellSignal:
    """A SELL signal or an unknown exit. `pnl` is that of all shares `held`, `score` that of their BUY."""

    group: str
    code: str
    name: str
    action: str
    urgency: str
    layer: str
    reason: str
    confidence: float
    score: float | None
    held: int
    entry_price: float | None
    entry_session: date | None
    price: float | None
    pnl: int | None
    pnl_pct: float | None
    days_held: int | None
    ordered: bool
    why_not: str
    rule: str

    @property
    def unknown(self) -> bool:
        """Whether the exit could not be evaluated."""
        return self.action == UNKNOWN


@dataclass(frozen=True, kw_only=True)
class ExecutionEvent:
    """A fact journaled since the morning before: `kind` is the event's name, `text` its detail.

    `amount` is the yen that moved, `gain` what a sale won or lost, before fees. Yen and shares of adjustments
    have a sign.
    """

    session: date
    kind: str
    group: str
    code: str
    name: str
    side: str
    shares: int | None
    price: float | None
    amount: int | None
    gain: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A group's order for the trade date; `outcome` says what became of it, "" while nothing did.

    `phase` is what is still to be done, `filled` of its `shares` are filled. `filled_by` is "you", "paper",
    or "nobody: late". One that `waits` for approval is not to be placed yet.
    `lower` and `upper` are the day's price limits, `estimate` the shares at D's close.
    """

    id: str
    trade_date: date
    group: str
    code: str
    name: str
    side: str
    shares: int
    kind: str
    limit: float | None
    lower: float | None
    upper: float | None
    estimate: int | None
    reserve: int
    reason: str
    outcome: str
    filled_by: str
    cancelled: bool = False
    waits: bool = field(default=False, metadata=ONLY_IF_SET)
    phase: Phase = "to_place"
    filled: int = field(default=0, metadata=ONLY_IF_SET)

    @property
    def left(self) -> int:
        """The shares that are not filled."""
        return self.shares - self.filled


@dataclass(frozen=True, kw_only=True)
class RefusedSignal:
    """A signal that became no order, and why."""

    group: str
    code: str
    name: str
    action: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExecutionSummary:
    """What happened since the trade date before (`since`, None on the first morning) and what is ordered."""

    since: date | None
    events: tuple[ExecutionEvent, ...]
    tickets: tuple[Ticket, ...]
    broker: tuple[BrokerTicket, ...]  # what is placed for the tickets that are still open
    refused: tuple[RefusedSignal, ...]
    costs: str
    fills: tuple[FillQuality, ...] = ()  # since the morning before
    slippage: tuple[SlippageTotal, ...] = ()  # of all fills through D

    @property
    def standing(self) -> tuple[Ticket, ...]:
        """The tickets that were not cancelled, by a person or by a revision of the decision."""
        return tuple(ticket for ticket in self.tickets if not ticket.cancelled)

    def count_phases(self) -> dict[str, int]:
        """How many of these are in each phase, where there are any."""
        return dict(Counter(ticket.phase for ticket in self.standing))
