"""Exits: an opinion on every position, and the sell orders that follow from them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial

from jstock_core.base.unchecked import unchecked
from jstock_core.decide.exits.narrow import exit_view
from jstock_core.decide.exits.outlook import UNKNOWN_AFTER, Lookout
from jstock_core.decide.exits.positions import holding
from jstock_core.decide.given.given import Conditions, MorningView, order_source, shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.decide.signal import HOLD, UNKNOWN, URGENCY, Signal, Skipped
from jstock_core.execution.fillers import MANUAL
from jstock_core.execution.sizing import odd_lot_to_sell, shares_to_sell
from jstock_core.market.prices import known, percent_change, sessions_without_row
from jstock_core.signals.language.answers import RuleError, exit_opinion
from jstock_core.signals.language.exit import ExitOpinion
from jstock_core.signals.language.layer import Holding, Verdict
from jstock_core.signals.language.recall import Recall
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import GroupBook, Position
from jstock_core.state.facts.events import OrderPlaced, Side

_order_placed = unchecked(OrderPlaced)
WINDING_DOWN = Verdict("wind_down", 100, 1.0, "the group is wound down")


def exit_signals(
    book: GroupBook, at: MorningView, group: Group, conditions: Conditions
) -> tuple[Signal, ...]:
    """The signals of positions that are sold or whose exit is unknown, most urgent first; none for a hold."""
    asked: Collection[str] = book.lots
    if not group.wind_down:
        asked = Lookout.of(at.view, group).asked(book, at.row)
    if conditions.blocked:
        asked = {*asked, *(conditions.blocked.keys() & book.lots.keys())}
    if not asked:  # on most mornings
        return ()
    found = []
    for code in asked:
        position = book.position(code)
        held = holding(book, code, at.view, at.row)
        opinion = _opinion(held, at, group, conditions.blocked.get(code, ""))
        if opinion.action != HOLD:
            score = _score(held, at, group) if held else None
            found.append(_signal(opinion, position, held, score, at, group))
    return tuple(
        sorted(found, key=lambda s: (s.action != UNKNOWN, URGENCY.index(s.urgency or "LOW"), s.code))
    )


def _opinion(held: Holding | None, at: MorningView, group: Group, blocked: str) -> ExitOpinion:
    if held is None:
        return ExitOpinion.unknown("the code is not in the market data")
    if blocked:
        return ExitOpinion.unknown(f"its data is blocked: {blocked}")
    missing = sessions_without_row(at.view.panel, at.panel_row, held.column)
    if missing >= UNKNOWN_AFTER:
        return ExitOpinion.unknown(f"the market data has no row of it for {missing} sessions")
    if group.wind_down:
        return ExitOpinion.sell(WINDING_DOWN)
    view, own = exit_view(at.view, group.exit, held)
    if at.view.shape[0] == 1:
        return exit_opinion(group.exit, view, at.row, own)
    recall = Recall.of(at.view)
    place = recall.place((at.row, group.exit.looks_at(held)))
    return recall.answer("opinion", group.exit, place, partial(exit_opinion, group.exit, view, at.row, own))


def _score(held: Holding, at: MorningView, group: Group) -> float | None:
    """The score of the group's entry for the stock on D; None if the entry fails, which stops no exit."""
    try:
        return float(shared_opinions(at.view, group).display[at.row, held.column])
    except RuleError:
        return None


def _signal(
    opinion: ExitOpinion,
    position: Position,
    held: Holding | None,
    score: float | None,
    at: MorningView,
    group: Group,
) -> Signal:
    price = known(at.close(held.column)) if held else None
    entry_price = held.entry_price if held else position.average_price
    return Signal(
        code=position.code,
        action=opinion.action,
        score=score,
        confidence=opinion.confidence,
        reason=opinion.reason,
        rule=type(group.exit).__name__,
        price=price,
        urgency=opinion.urgency,
        layer=opinion.layer,
        held=position.shares,
        entry_price=entry_price,
        entry_session=position.opened,
        days_held=(at.evaluated - position.opened).days,
        pnl_pct=None if price is None else percent_change(price, entry_price),
    )


def sell_orders(
    sells: tuple[Signal, ...], book: GroupBook, at: MorningView, group: Group
) -> tuple[tuple[OrderPlaced, ...], tuple[Skipped, ...]]:
    """The orders of the signals that sell, and the signals that became no order."""
    orders: list[OrderPlaced] = []
    skipped: list[Skipped] = []
    for signal in sells:
        if signal.action == UNKNOWN:
            continue
        if find_order(book, signal.code, at.trade_date):
            continue  # the decision that this one repeats has ordered it
        order = _sell_order(signal, at, group)
        blocker = pending_reason(book, signal.code, side="SELL")
        if blocker:
            skipped.append(Skipped(signal.code, signal.action, (Refusal.check(blocker),)))
        elif order is None:
            odd_lot = Refusal.check("odd lot: less than one trading unit is held")
            skipped.append(Skipped(signal.code, signal.action, (odd_lot,)))
        else:
            orders.append(order)
    return tuple(orders), tuple(skipped)


def _sell_order(signal: Signal, at: MorningView, group: Group) -> OrderPlaced | None:
    held = shares_at_open(signal.held, signal.code, at)
    shares = shares_to_sell(held, signal.sell_pct, _unit(signal.code, at))
    if shares == 0:
        return None
    closes = " (closes the position)" if shares == held and signal.sell_pct < 100 else ""
    return _order_placed(
        session=at.trade_date, source=order_source(group), group=group.id, code=signal.code, side="SELL",
        shares=shares, limit=None, reserve=0, fraction_pct=signal.sell_pct, score=signal.score,
        layer=signal.layer, reason=f"{signal.layer}: {signal.reason}{closes}", evaluated=at.evaluated,
    )  # fmt: skip


def odd_lot(signal: Signal, at: MorningView) -> int:
    """Shares below a trading unit that a signal wants to sell and no order can; 0 if it does not sell."""
    if not signal.sell_pct:
        return 0
    return odd_lot_to_sell(
        shares_at_open(signal.held, signal.code, at), signal.sell_pct, _unit(signal.code, at)
    )


def shares_at_open(held: int, code: str, at: MorningView) -> int:
    """The shares held at the open of the trade date, after a split announced for it."""
    due = at.adjustments_due.get(code)
    return held if due is None else int(held * due.shares)


def _unit(code: str, at: MorningView) -> int:
    panel = at.view.panel
    return panel.listing(panel.column[code], at.trade_date).unit


def find_order(book: GroupBook, code: str, trade_date: date) -> OrderPlaced | None:
    """The open order in a code for the trade date itself; None without one."""
    orders = book.orders.values()
    return next((order for order in orders if order.code == code and order.session == trade_date), None)


def pending_reason(book: GroupBook, code: str, side: Side = "BUY") -> str:
    """Why nothing new may be ordered in a code, "" if it may: an earlier order is still unresolved.

    A paper order that is unknown because its bar cannot be trusted never stops a sell.
    """
    open_ = [order for order in book.orders.values() if order.code == code]
    if not open_:
        return ""
    manual = next((order for order in open_ if order.source == MANUAL), None)
    if manual is not None:
        return f"order of {manual.session} has neither fill nor none recorded"
    return "" if side == "SELL" else f"order of {open_[0].session} is unknown: its bar cannot be trusted"
