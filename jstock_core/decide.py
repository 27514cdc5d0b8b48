"""The one decision function: notebook, backtest and production all call `decide`.

It is pure, for one group: exits of every position first, then entries of monitored stocks the group does
not hold, ranked and sized with the cash that is left. What it is given was public at the decision time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.execution.costs import Costs
from jstock_core.execution.paper import MANUAL, PAPER
from jstock_core.execution.quotes import as_yen, day_limits, ratio, value
from jstock_core.execution.sizing import Candidate, Room, Sized, allot, shares_to_sell
from jstock_core.groups import Group
from jstock_core.market.rules import Limits
from jstock_core.signals.rules import EntryOpinions, ExitOpinion, Holding
from jstock_core.signals.view import View
from jstock_core.state.book import GroupBook, Position
from jstock_core.state.events import OrderPlaced

URGENCY = ("EMERGENCY", "HIGH", "MEDIUM", "LOW")
HOLD = "HOLD"
UNKNOWN = "EXIT_UNKNOWN"


@dataclass(frozen=True)
class Signal:
    """An opinion on one stock for the trade date; money in yen of D, `price` the raw close of D.

    `opening` is the score an exit later compares with: the entry's, before any earnings penalty.
    """

    code: str
    action: str
    score: float | None
    confidence: float
    reason: str
    rule: str
    price: float
    opening: float | None = None
    urgency: str = ""
    layer: str = ""
    shares: int = 0
    required: int = 0
    held: int = 0
    entry_price: float | None = None
    entry_session: date | None = None
    days_held: int | None = None
    pnl_pct: float | None = None

    @property
    def is_buy(self) -> bool:
        """Whether it opens a position."""
        return self.action == "BUY"


@dataclass(frozen=True)
class Skipped:
    """A BUY or SELL that became no order, and why."""

    code: str
    action: str
    reason: str


@dataclass(frozen=True)
class Conditions:
    """What every group of the desk shares when deciding.

    `monitored` codes may be bought; `blocked` maps codes whose data cannot be trusted to the reason; `halt`
    is why no group may enter at all, "" when they may; `late` says that the opening auction is past.
    """

    monitored: tuple[str, ...]
    costs: Costs = Costs()
    blocked: Mapping[str, str] = field(default_factory=dict)
    halt: str = ""
    late: bool = False


@dataclass(frozen=True)
class Decision:
    """What one group wants for the trade date: signals, orders, and what was refused and why."""

    group: str
    trade_date: date
    evaluated: date
    signals: tuple[Signal, ...]
    orders: tuple[OrderPlaced, ...]
    skipped: tuple[Skipped, ...]

    @property
    def unknown(self) -> tuple[Signal, ...]:
        """Positions whose exit could not be evaluated."""
        return tuple(signal for signal in self.signals if signal.action == UNKNOWN)


def decide(book: GroupBook, view: View, row: int, group: Group, conditions: Conditions) -> Decision:
    """Decide for one group on row `row` of the view: D is that row's session, T its trade date."""
    at = _Morning(view, row)
    sells = tuple(_exits(book, at, group, conditions))
    sell_orders, sell_skipped = _sell_orders(sells, book, at, group)
    halt = _halt(sells, conditions)
    buys = tuple(_buys(book, at, group, conditions))
    room = _room(book, at, group, sell_orders)
    sized = () if halt else _sized(buys, book, at, group, conditions, room)
    refused = {s.candidate.code: s.reason for s in sized if not s.shares}
    refused |= {b.code: halt for b in buys} if halt else _untradable(buys, book, at, conditions)
    bought = {s.candidate.code: s for s in sized if s.shares}
    return Decision(
        group=group.id,
        trade_date=at.trade_date,
        evaluated=at.evaluated,
        signals=(*sells, *(_with_shares(signal, bought.get(signal.code)) for signal in buys)),
        orders=(*sell_orders, *(_buy_order(s, at, group, buys) for s in bought.values())),
        skipped=(*sell_skipped, *(Skipped(code, "BUY", reason) for code, reason in refused.items())),
    )


@dataclass(frozen=True)
class _Morning:
    """One row of a view with the lookups a decision needs."""

    view: View
    row: int

    @property
    def panel_row(self) -> int:
        return self.view.first_row + self.row

    @property
    def evaluated(self) -> date:
        return self.view.panel.session(self.panel_row)

    @property
    def trade_date(self) -> date:
        day: date = self.view.trade_dates[self.row].astype(object)
        return day

    def close(self, column: int) -> float:
        """Raw close of the last bar at or before D, in yen of D."""
        return self.view.last_close(self.row, column)

    def limits(self, code: str, base: Decimal) -> Limits:
        """The limits of the trade date around a base price in yen of that day."""
        panel = self.view.panel
        return day_limits(panel, panel.column[code], base, self.trade_date)

    def split_due(self, code: str) -> float:
        """AdjFactor of a split of `code` announced to go ex on the trade date; 1.0 for none."""
        actions = self.view.panel.actions
        due = (actions.code == code) & (actions.ex_date == self.view.trade_dates[self.row])
        due &= actions.known_at <= self.view.decided_at[self.row]
        return float(actions.adj_factor[due][-1]) if due.any() else 1.0


def _halt(sells: tuple[Signal, ...], conditions: Conditions) -> str:
    """Fail closed: no entries where an exit of the group cannot be evaluated."""
    unknown = [signal.code for signal in sells if signal.action == UNKNOWN]
    return f"entries stopped: exit unknown for {', '.join(unknown)}" if unknown else conditions.halt


# --- exits ---------------------------------------------------------------------------------------------


def _exits(book: GroupBook, at: _Morning, group: Group, conditions: Conditions) -> Iterator[Signal]:
    """Signals of every position that is not simply held, most urgent first."""
    signals = [_exit(book, code, at, group, conditions) for code in sorted(book.lots)]
    found = [signal for signal in signals if signal.action != HOLD]
    yield from sorted(found, key=lambda s: (s.action != UNKNOWN, URGENCY.index(s.urgency or "LOW"), s.code))


def _exit(book: GroupBook, code: str, at: _Morning, group: Group, conditions: Conditions) -> Signal:
    position = book.position(code)
    held = holding(book, code, at.view)
    opinion = _opinion(held, at, group, conditions.blocked.get(code, ""))
    price = at.close(held.column) if held else float("nan")
    return Signal(
        code=code,
        action=opinion.action,
        score=position.score,
        confidence=opinion.confidence,
        reason=opinion.reason,
        rule=type(group.exit).__name__,
        price=price,
        urgency=opinion.urgency,
        layer=opinion.layer,
        held=position.shares,
        entry_price=position.average_price,
        entry_session=position.opened,
        days_held=(at.evaluated - position.opened).days,
        pnl_pct=round(100 * (price - position.average_price) / position.average_price, 9),
    )


def _opinion(held: Holding | None, at: _Morning, group: Group, blocked: str) -> ExitOpinion:
    if held is None:
        return ExitOpinion.unknown("the code is not in the market data")
    if blocked:
        return ExitOpinion.unknown(f"its data is blocked: {blocked}")
    return group.exit.opinion(at.view, at.row, held)


def holding(book: GroupBook, code: str, view: View) -> Holding | None:
    """A position as the exits see it; None where the market data does not have the code."""
    if code not in view.panel.column:
        return None
    position = book.position(code)
    return Holding(
        code=code,
        column=view.panel.column[code],
        shares=position.shares,
        entry_price=position.average_price,
        entry_session=position.opened,
        evaluated=position.evaluated,
        score=position.score,
        taken=book.taken.get(code, frozenset()),
    )


def _sell_orders(
    sells: tuple[Signal, ...], book: GroupBook, at: _Morning, group: Group
) -> tuple[tuple[OrderPlaced, ...], tuple[Skipped, ...]]:
    orders: list[OrderPlaced] = []
    skipped: list[Skipped] = []
    for signal in sells:
        if signal.action == UNKNOWN:
            continue
        order = _sell_order(signal, book.position(signal.code), at, group)
        blocker = _open_order(book, signal.code)
        if blocker:
            skipped.append(Skipped(signal.code, signal.action, blocker))
        elif order is None:
            skipped.append(Skipped(signal.code, signal.action, "odd lot: less than one trading unit is held"))
        else:
            orders.append(order)
    return tuple(orders), tuple(skipped)


def _sell_order(signal: Signal, position: Position, at: _Morning, group: Group) -> OrderPlaced | None:
    panel = at.view.panel
    pct = int(signal.action.removeprefix("SELL_").removesuffix("%"))
    held = int(position.shares * ratio(at.split_due(signal.code)))
    shares = shares_to_sell(held, pct, panel.listings[panel.column[signal.code]].unit)
    if shares == 0:
        return None
    closes = " (closes the position)" if shares == held and pct < 100 else ""
    return OrderPlaced(
        session=at.trade_date, source=_source(group), group=group.id, code=signal.code, side="SELL",
        shares=shares, limit=None, reserve=0, fraction_pct=pct, score=signal.score, layer=signal.layer,
        reason=f"{signal.layer}: {signal.reason}{closes}", evaluated=at.evaluated,
    )  # fmt: skip


def _open_order(book: GroupBook, code: str) -> str:
    """Why nothing new may be ordered in a code: an order of an earlier session is still unresolved."""
    pending = [order for order in book.orders.values() if order.code == code]
    return f"order of {pending[0].session} has neither fill nor none recorded" if pending else ""


def _source(group: Group) -> str:
    return MANUAL if group.fills == "manual" else PAPER


# --- entries -------------------------------------------------------------------------------------------


def _buys(book: GroupBook, at: _Morning, group: Group, conditions: Conditions) -> Iterator[Signal]:
    """BUY signals of monitored stocks the group does not hold, best score first."""
    opinions = entry_opinions(at.view, group)
    column = at.view.panel.column
    wanted = [code for code in conditions.monitored if code in column and code not in book.lots]
    found = [
        _buy(code, column[code], at, group, opinions) for code in wanted if opinions.buy[at.row, column[code]]
    ]
    enough = [signal for signal in found if group.min_score is None or (signal.score or 0) >= group.min_score]
    yield from sorted(enough, key=lambda s: (-(s.score or 0), -s.confidence, s.code))


def entry_opinions(view: View, group: Group) -> EntryOpinions:
    """The group's entry evaluated over the whole view, once."""
    opinions: EntryOpinions = view.memo(("entry", repr(group.entry)), lambda: group.entry.evaluate(view))
    return opinions


def _buy(code: str, column: int, at: _Morning, group: Group, opinions: EntryOpinions) -> Signal:
    return Signal(
        code=code,
        action="BUY",
        score=float(opinions.display[at.row, column]),
        confidence=float(opinions.confidence[at.row, column]),
        reason=opinions.why(at.row, column),
        rule=type(group.entry).__name__,
        price=at.close(column),
        opening=_number(opinions.opening[at.row, column]),
    )


def _number(x: float) -> float | None:
    return None if math.isnan(x) else float(x)


def _untradable(
    buys: tuple[Signal, ...], book: GroupBook, at: _Morning, conditions: Conditions
) -> dict[str, str]:
    reasons = {
        signal.code: conditions.blocked.get(signal.code, "") or _open_order(book, signal.code)
        for signal in buys
    }
    return {code: reason for code, reason in reasons.items() if reason}


def _sized(
    buys: tuple[Signal, ...], book: GroupBook, at: _Morning, group: Group, conditions: Conditions, room: Room
) -> tuple[Sized, ...]:
    barred = _untradable(buys, book, at, conditions)
    candidates = [_candidate(signal, at) for signal in buys if signal.code not in barred]
    dearer = 1 + conditions.costs.commission(at.trade_date)
    return allot(
        group.sizing,
        group.ranking.ranked(candidates),
        room,
        lambda c: at.limits(c.code, c.price).upper * dearer,
    )


def _candidate(signal: Signal, at: _Morning) -> Candidate:
    panel = at.view.panel
    column = panel.column[signal.code]
    split = at.split_due(signal.code)
    price = as_yen(signal.price * split)
    scale = split / float(panel.forward[at.panel_row, column])

    def feature(name: str) -> float:
        return float(at.view.value(name)[at.row, column])

    return Candidate(
        code=signal.code,
        score=signal.score or 0.0,
        confidence=signal.confidence,
        momentum=feature("momentum_20"),
        turnover=feature("turnover_median_20"),
        atr=feature("atr") * scale,
        price=price,
        unit=panel.listings[column].unit,
    )


def equity(book: GroupBook, view: View, row: int) -> int:
    """Cash and positions at D's close, whole yen."""
    at = _Morning(view, row)
    column = view.panel.column
    held = ((code, sum(lot.shares for lot in lots)) for code, lots in book.lots.items() if code in column)
    return book.cash + sum(value(at.close(column[code]), shares) for code, shares in held)


def _room(book: GroupBook, at: _Morning, group: Group, sells: tuple[OrderPlaced, ...]) -> Room:
    """Places and cash for buys; a full sell of the same morning frees its place only with `reuse_sales`."""
    room = Room(
        equity=equity(book, at.view, at.row),
        cash=book.cash - book.reserved,
        places=group.sizing.max_positions - len(book.lots) - len(_pending_buys(book)),
    )
    if not group.reuse_sales:
        return room
    full = [order for order in sells if order.fraction_pct == 100]
    return replace(room, places=room.places + len(full), cash=room.cash + sum(_worst(o, at) for o in full))


def _pending_buys(book: GroupBook) -> set[str]:
    return {order.code for order in book.orders.values() if order.side == "BUY"} - set(book.lots)


def _worst(order: OrderPlaced, at: _Morning) -> int:
    """What a sale brings at least: its shares at the lower limit."""
    column = at.view.panel.column[order.code]
    base = as_yen(at.close(column) * at.split_due(order.code))
    return int(at.limits(order.code, base).lower * order.shares)


def _with_shares(signal: Signal, sized: Sized | None) -> Signal:
    if sized is None:
        return signal
    return replace(signal, shares=sized.shares, required=int(sized.candidate.price * sized.shares))


def _buy_order(sized: Sized, at: _Morning, group: Group, buys: tuple[Signal, ...]) -> OrderPlaced:
    code = sized.candidate.code
    signal = next(signal for signal in buys if signal.code == code)
    return OrderPlaced(
        session=at.trade_date, source=_source(group), group=group.id, code=code, side="BUY",
        shares=sized.shares, limit=None, reserve=sized.reserve, fraction_pct=None, score=signal.opening,
        layer="", reason=f"score {signal.score:g}: {signal.reason}", evaluated=at.evaluated,
    )  # fmt: skip


def signal_row(signal: Signal) -> dict[str, Any]:
    """A signal as it is journaled: plain JSON types, nothing left out."""
    row: dict[str, Any] = {}
    for key, item in vars(signal).items():
        row[key] = item.isoformat() if isinstance(item, date) else None if item != item else item  # noqa: PLR0124
    return row


def signal_price(signal: Signal) -> Decimal:
    """The price of the signal as money."""
    return as_yen(signal.price)
