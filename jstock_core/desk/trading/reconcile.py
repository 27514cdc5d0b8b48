"""`jstock trade reconcile`: what was ordered against what was filled, and holdings against the broker's.

Slippage is against the session's opening price, positive where the fill was worse than it. What a broker
holds more or less can be journaled as adjustments, with a reason (`holdings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.desk.recording.csv_file import HOLDINGS, SkippedLine, parse_holdings
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.sheet import read_sheet
from jstock_core.desk.trading.cash import session_to_record
from jstock_core.desk.trading.holdings import Adjustment, HoldingDifference, HoldingsComparison
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.approvals import orders_as_approved, waits
from jstock_core.execution.fillers import MANUAL, order_filler
from jstock_core.market.calendar import OPEN, at
from jstock_core.market.rules import tick
from jstock_core.state.facts.events import CROSSED, Event, Filled, OrderCancelled, OrderExpired, OrderPlaced

BASIS = 10_000  # basis points in one


@dataclass(frozen=True)
class ReconciledOrder:
    """An order with the shares filled of it at an average `price`, its `outcome`, and why it ended."""

    order: OrderPlaced
    filled: int
    price: float | None
    outcome: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "id": self.order.id,
            "group": self.order.group,
            "side": self.order.side,
            "code": self.order.code,
            "filled_by": order_filler(self.order.source),
            "ordered": self.order.shares,
            "filled": self.filled,
            "price": self.price,
            "is": self.outcome,
            "why": self.why,
        }


@dataclass(frozen=True)
class FillSlippage:
    """A fill against its session's opening price: yen, basis points and ticks; None where it is not known."""

    fill: Filled
    name: str
    opening: float | None = None
    yen: float | None = None
    bps: float | None = None
    ticks: float | None = None

    @property
    def inside(self) -> bool:
        """Whether the shares changed hands inside the desk."""
        return self.fill.source == CROSSED

    @property
    def unexpected(self) -> bool:
        """Whether no order stands behind it."""
        return self.fill.order_id is None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "id": self.fill.id,
            "group": self.fill.group,
            "side": self.fill.side,
            "code": self.fill.code,
            "name": self.name,
            "shares": self.fill.shares,
            "price": float(self.fill.price),
            "account": self.fill.account,
            "source": self.fill.source,
            "inside": self.inside,
            "opening_price": self.opening,
            "yen": self.yen,
            "bps": self.bps,
            "ticks": self.ticks,
        }


@dataclass(frozen=True)
class TotalSlippage:
    """All fills together: yen, and basis points of what they would have cost at the opening price."""

    yen: float
    bps: float


@dataclass(frozen=True)
class Reconciliation:
    """Orders and fills of a session, and where a broker's list was given the holdings that differ.

    `adjusted` are the ids of the adjustments recorded, and `skipped` the lines of the list that are no stocks
    held in cash. `session` is None where no order's session has opened.
    """

    session: date | None
    orders: tuple[ReconciledOrder, ...]
    fills: tuple[FillSlippage, ...]
    slippage: TotalSlippage | None
    account: tuple[str, ...] = ()
    differences: tuple[HoldingDifference, ...] | None = None
    adjusted: tuple[str, ...] = ()
    skipped: tuple[SkippedLine, ...] = ()

    @property
    def missing(self) -> int:
        """How many of a person's orders have neither a fill nor a quantity of 0 recorded."""
        return sum(order.outcome == "missing" for order in self.orders)

    @property
    def exit(self) -> ExitStatus:
        """The status of the command: not 0 where something differs and was not adjusted."""
        differs = self.missing or (self.differences and not self.adjusted)
        return ExitStatus.DIFFERENCES if differs else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        holdings = None
        if self.differences is not None:
            differences = [difference.as_json() for difference in self.differences]
            holdings = {"account": list(self.account), "differences": differences}
        return {
            "session": str(self.session) if self.session else None,
            "orders": [order.as_json() for order in self.orders],
            "fills": [fill.as_json() for fill in self.fills],
            "unexpected": [fill.fill.id for fill in self.fills if fill.unexpected],
            "slippage": None if self.slippage is None else vars(self.slippage),
            "holdings": holdings,
            "adjusted": list(self.adjusted),
            "skipped": [line.as_json() for line in self.skipped],
        }


def reconcile(
    desk: Desk, date: str = "", *, positions: str = "", adjust: str = "", group: str = ""
) -> Reconciliation:
    """Orders against fills of a session; with a CSV of `positions` also holdings.

    The session is the newest with orders that has opened, unless one is named; holdings are compared as of
    its close where it is named, else as of now. `adjust` is the reason under which differences are journaled,
    for `group` where it is not clear whose they are.

    Raises:
        UsageError: nothing was ordered, the file cannot be read, or it is not clear whose a difference is.
        StateError: an adjustment contradicts the journal; nothing was recorded.

    """
    if adjust and not positions:
        raise UsageError("--adjust needs the holdings to adjust to", do="name them with --positions FILE")
    check, events = FillCheck.of(desk.panel(), desk.now()), desk.journal().events()
    session = _select_session(desk, events, date, needed=not positions)
    orders, fills = _reconcile_orders(events, session), _reconcile_fills(events, session, check)
    if not positions:
        return Reconciliation(session, orders, fills, _total(fills))
    name = Path(positions).name
    sheet = parse_holdings(read_sheet(Path(positions), desk.settings.csv_columns, HOLDINGS))
    comparison = HoldingsComparison.of(desk, sheet, check, as_of=session if date else None)
    differences = comparison.differences(events)
    adjusted: tuple[str, ...] = ()
    if adjust:
        on = comparison.as_of or session_to_record(desk)
        with desk.writing(f"reconciling {name}") as journal:
            differences = comparison.differences(journal.events())
            facts = comparison.adjustments(
                differences, Adjustment(on, adjust, group, sheet.source), journal.history()
            )
            adjusted = tuple(event.id for event in journal.append(facts))
    return Reconciliation(
        session, orders, fills, _total(fills), comparison.account, differences, adjusted, sheet.skipped
    )


def reconcile_session(desk: Desk, events: Sequence[Event], session: date) -> Reconciliation:
    """Orders against fills of a session, in the events given.

    Raises:
        DataError: the store is empty or damaged.

    """
    fills = _reconcile_fills(events, session, FillCheck.of(desk.panel(), desk.now()))
    return Reconciliation(session, _reconcile_orders(events, session), fills, _total(fills))


def _select_session(desk: Desk, events: Sequence[Event], text: str, *, needed: bool) -> date | None:
    if text:
        session = desk.calendar.session(parse_date(text))
        if desk.now() < at(session, OPEN):
            raise UsageError(f"{session} has not opened yet: there is nothing to compare")
        return session
    ordered = {event.session for event in events if isinstance(event, OrderPlaced | Filled)}
    opened = [session for session in ordered if desk.now() >= at(session, OPEN)]
    if needed and not opened:
        raise UsageError("nothing was ordered or filled yet", do="run `jstock daily` first")
    return max(opened, default=None)


# --- orders and fills -----------------------------------------------------------------------------------


def _reconcile_orders(events: Sequence[Event], session: date | None) -> tuple[ReconciledOrder, ...]:
    """Orders of a session with what became of them, sells first."""
    newest = {order.slot: order for order in orders_as_approved(events) if order.session == session}
    fills = [e for e in events if isinstance(e, Filled) and e.session == session]
    ends = {e.order_id: e for e in events if isinstance(e, OrderExpired | OrderCancelled)}
    orders = sorted(newest.values(), key=lambda order: (order.side == "BUY", order.group, order.code))
    return tuple(_reconcile_order(order, fills, ends) for order in orders)


def _reconcile_order(
    order: OrderPlaced, fills: Sequence[Filled], ends: Mapping[str, OrderExpired | OrderCancelled]
) -> ReconciledOrder:
    own = [fill for fill in fills if fill.order_id == order.id]
    shares = sum(fill.shares for fill in own)
    end = ends.get(order.id)
    return ReconciledOrder(
        order=order,
        filled=shares,
        price=float(sum(f.price * f.shares for f in own) / shares) if shares else None,
        outcome=_outcome(order, shares, end),
        why=end.reason if end else "",
    )


def _outcome(order: OrderPlaced, filled: int, end: OrderExpired | OrderCancelled | None) -> str:
    """What became of an order; "missing" where a person has to record it, "due" where the next run will."""
    if filled:
        if filled == order.shares:
            return "filled"
        return "partial" if filled < order.shares else "more than ordered"
    if end is None and waits(order):
        return "not approved"
    if end is None:
        return "missing" if order.source == MANUAL else "due"
    return "cancelled" if isinstance(end, OrderCancelled) else "not filled"


def _reconcile_fills(
    events: Sequence[Event], session: date | None, check: FillCheck
) -> tuple[FillSlippage, ...]:
    return tuple(slippage(e, check) for e in events if isinstance(e, Filled) and e.session == session)


def slippage(fill: Filled, check: FillCheck) -> FillSlippage:
    """A fill against its session's opening price, positive where it was worse."""
    listing, bar = check.listing(fill.code), check.bar(fill.code, fill.session)
    if bar is None:
        return FillSlippage(fill, listing.name)
    worse = (fill.price - bar.open) * (1 if fill.side == "BUY" else -1)
    step = tick(bar.open, listing, fill.session)
    return FillSlippage(
        fill,
        listing.name,
        opening=float(bar.open),
        yen=float(worse * fill.shares) + 0.0,  # no -0
        bps=round(float(worse / bar.open * BASIS), 2) + 0.0,
        ticks=round(float(worse / step), 2) + 0.0,
    )


def _total(fills: Sequence[FillSlippage]) -> TotalSlippage | None:
    """All fills, weighted by what they would have cost at the opening price; None where none is known."""
    known = [(fill.opening * fill.fill.shares, fill.yen or 0.0) for fill in fills if fill.opening is not None]
    worth = sum(at_open for at_open, _ in known)
    if not worth:
        return None
    yen = sum(lost for _, lost in known)
    return TotalSlippage(yen, round(yen / worth * BASIS, 2))
