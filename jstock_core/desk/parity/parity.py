"""The desk's own mornings held against a backtest of them: each difference with its class, both curves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Tick, silent
from jstock_core.decide.given.halts import find_halt
from jstock_core.decide.groups import WHOLE
from jstock_core.desk.lookback.verification import MorningProof, verify_morning
from jstock_core.desk.parity.lived import LivedSpan, Slot, SpanBacktest, backtest_lived
from jstock_core.desk.past.replays import panel_through, session_span
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.fillers import MANUAL
from jstock_core.market.calendar import BARS_PUBLIC, at
from jstock_core.market.panel import Panel
from jstock_core.reports.build.decisions.outcomes import order_differences
from jstock_core.reports.model.lab.parity import ParityClass, ParityDifference, ParityResult
from jstock_core.reports.model.money.review import AgainstPaper, OrderDifference
from jstock_core.reports.render.research.parity import ParityCard
from jstock_core.state.accounts.valuation import equity_curve, returns
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import HALT, Filled, OrderCancelled, OrderPlaced

_OUTCOMES = {
    AgainstPaper.OTHER_PRICE: ParityClass.PRICE,
    AgainstPaper.FEWER_SHARES: ParityClass.SHARES,
    AgainstPaper.MORE_SHARES: ParityClass.SHARES,
    AgainstPaper.NOT_FILLED: ParityClass.NOT_FILLED,
    AgainstPaper.UNKNOWN: ParityClass.UNRECORDED,
}


def measure_parity(desk: Desk, first: str, last: str, tick: Tick = silent) -> ParityResult:
    """Hold the mornings that a desk decided from `first` to `last` against a backtest of them.

    Each is decided again on the book that the desk had; where that gives other orders it is decided once
    more from what was known then, to tell corrected data from everything else. Nothing is recorded.

    Raises:
        UsageError: a date is malformed, or the desk decided no morning of the span.
        DataError: no data for these sessions. StateError: the journal is damaged.
        ParamsError: recorded parameters cannot be read any more.

    """
    start, end = session_span(desk, first, last)
    panel = panel_through(desk, end)
    lived = _lived_span(desk, panel, start, end)
    done = backtest_lived(lived)
    found: list[ParityDifference] = []
    for number, day in enumerate(lived.days, start=1):
        found += _order_differences(lived, done, day)
        tick(number, len(lived.days), f"morning {day}")
    found += _fill_differences(lived, done)
    return _result(lived, done, sorted(found, key=lambda each: (each.session, each.group, each.code)))


def parity(desk: Desk, first: str, last: str) -> ParityCard:
    """Hold the mornings that a desk decided from `first` to `last` (ISO) against a backtest of them.

    The answer is a card: every order and fill that differs, with the reason, and both curves. Its values are
    in `.result`; errors as in `measure_parity`.
    """
    return ParityCard(measure_parity(desk, first, last))


def _lived_span(desk: Desk, panel: Panel, start: date, end: date) -> LivedSpan:
    """The span from its first decided morning on."""
    lived = LivedSpan.of(desk, panel, desk.calendar.between(start, end))
    if not lived.decided:
        raise UsageError(
            f"the desk decided no morning from {start} to {end}",
            where=str(desk.workspace.journal),
            do="see `jstock runs list`, and give a span that it lived",
        )
    return LivedSpan.of(desk, panel, desk.calendar.between(min(lived.decided), end))


# --- orders -----------------------------------------------------------------------------------------------


def _order_differences(lived: LivedSpan, done: SpanBacktest, day: date) -> Iterator[ParityDifference]:
    paper, final = done.orders[day], _final_orders(lived, day)
    if day not in lived.decided:
        for slot in sorted(paper):
            yield _difference(day, slot, ParityClass.MISSED, None, paper[slot])
        return
    first, again = lived.first_orders(day), lived.decide_again(day)
    proof: MorningProof | None = None
    for slot in sorted(paper.keys() | final.keys() | first.keys() | again.keys()):
        was, now, is_live, on_paper = (_shares(each.get(slot)) for each in (first, again, final, paper))
        if was != now:
            proof = proof or verify_morning(lived.desk, str(day))
            yield _difference(day, slot, _cause(proof, slot), first.get(slot), again.get(slot))
        elif is_live != on_paper:
            kind = _reason(lived, day, slot, revised=was != is_live)
            yield _difference(day, slot, kind, final.get(slot), paper.get(slot))


def _final_orders(lived: LivedSpan, day: date) -> dict[Slot, OrderPlaced]:
    """The orders that went to the open: the newest revision of each, without those that were taken back."""
    ended = {event.order_id for event in lived.events if isinstance(event, OrderCancelled)}
    newest = {
        (event.group, event.code, event.side): event
        for event in lived.events
        if isinstance(event, OrderPlaced) and event.session == day
    }
    return {slot: order for slot, order in newest.items() if order.id not in ended}


def _reason(lived: LivedSpan, day: date, slot: Slot, *, revised: bool) -> ParityClass:
    """Why a decision that comes out the same has another order in the backtest."""
    group, code, side = slot
    halted = find_halt(lived.lived.halted_on.get(day, {}), group)
    taken_back = any(
        isinstance(event, OrderCancelled) and event.source == HALT and event.session == day
        and (event.group, event.code) == (group, code)
        for event in lived.events
    )  # fmt: skip
    if side == "BUY" and (halted or taken_back):
        return ParityClass.HALT
    return ParityClass.REVISION if revised else ParityClass.FOLLOWS


def _cause(proof: MorningProof, slot: Slot) -> ParityClass:
    """The class of an order that comes out otherwise on the data of now: by what was known then it does not,
    or it does for the reason that the verification has.
    """
    if proof.failure:
        return ParityClass(next((str(each.cause) for each in proof.evidence), ParityClass.UNEXPLAINED))
    causes = (
        each.cause for each in proof.differences if each.group == slot[0] and each.code in (slot[1], "")
    )
    return ParityClass(str(next(causes, ParityClass.DATA)))


def _difference(
    day: date, slot: Slot, kind: ParityClass, live: OrderPlaced | None, paper: OrderPlaced | None
) -> ParityDifference:
    group, code, side = slot
    texts = [f"{order.shares:,} shares" if order else "no order" for order in (live, paper)]
    return ParityDifference(
        session=day, group=group, code=code, side=side, kind=kind, live=texts[0], backtest=texts[1]
    )


def _shares(order: OrderPlaced | None) -> int:
    return order.shares if order else 0


# --- fills ------------------------------------------------------------------------------------------------


def _fill_differences(lived: LivedSpan, done: SpanBacktest) -> Iterator[ParityDifference]:
    settled = set(lived.settled)
    paper = _fills(done.fills)
    own = _fills(event for event in lived.events if isinstance(event, Filled) and event.order_id)
    manual = {e.slot for e in lived.events if isinstance(e, OrderPlaced) and e.source == MANUAL}
    for each in order_differences(lived.events, lived.panel, settled):
        key = each.session, each.group, each.code, each.side
        ordered = (each.group, each.code, each.side) in done.orders[each.session]
        same = own.get(key) == paper.get(key) if ordered else _slot(each) not in manual
        if each.outcome is AgainstPaper.AS_ON_PAPER or same:
            continue
        yield ParityDifference(
            session=each.session, group=each.group, code=each.code, side=each.side,
            kind=_OUTCOMES[each.outcome], live=_filled(each), backtest=_on_paper(each), cost=each.cost,
        )  # fmt: skip
    for event in lived.events:
        if isinstance(event, Filled) and event.order_id is None and event.session in settled:
            yield ParityDifference(
                session=event.session, group=event.group, code=event.code, side=event.side,
                kind=ParityClass.BY_HAND, live=f"{event.shares:,} at {event.price:,f}", backtest="no order",
            )  # fmt: skip


def _slot(each: OrderDifference) -> str:
    """The slot of its order, as `OrderPlaced.slot`."""
    return f"order:{each.session}:{each.group}:{each.code}:{each.side}"


def _fills(events: Any) -> dict[tuple[date, str, str, str], list[tuple[int, Any]]]:
    found: dict[tuple[date, str, str, str], list[tuple[int, Any]]] = {}
    for event in events:
        key = event.session, event.group, event.code, event.side
        found.setdefault(key, []).append((event.shares, event.price))
    return found


def _filled(each: OrderDifference) -> str:
    return f"{each.filled:,} at {each.price:,.1f}" if each.price is not None else "no fill"


def _on_paper(each: OrderDifference) -> str:
    return f"{each.shares:,} at {each.open:,.1f}" if each.open is not None else f"{each.shares:,}, no opening"


# --- curves -----------------------------------------------------------------------------------------------


def _result(lived: LivedSpan, done: SpanBacktest, differences: list[ParityDifference]) -> ParityResult:
    live, paper = _curves(lived.book, lived), _curves(done.book, lived)
    row = lived.panel.row(lived.days[0]) - 1 if lived.settled else 0
    levels = lived.panel.topix[row : row + 1 + len(lived.settled)]
    return ParityResult(
        first=lived.days[0],
        last=lived.days[-1],
        days=len(lived.days),
        mornings=len(lived.decided),
        orders=sum(len(_final_orders(lived, day)) for day in lived.days),
        marks=lived.desk.marks,
        differences=tuple(differences),
        sessions=(lived.desk.calendar.previous(lived.days[0]), *lived.settled),
        live=live[WHOLE],
        backtest=paper[WHOLE],
        topix=tuple(None if np.isnan(level) else float(100 * (level / levels[0] - 1)) for level in levels),
        returns={name: (curve[-1], paper[name][-1]) for name, curve in live.items() if name in paper},
    )


def _curves(book: Book, lived: LivedSpan) -> dict[str, tuple[float, ...]]:
    """The return in percent of each group and of the whole, from the close before the first trade date."""
    if not lived.settled:
        return {WHOLE: (0.0,)}
    found = equity_curve(book, lived.panel.known_at(at(lived.settled[-1], BARS_PUBLIC)))
    inside = found.sessions >= np.datetime64(lived.days[0], "D")
    curves = {**found.groups, WHOLE: found.whole}
    return {
        name: (0.0, *(100 * (np.cumprod(1 + returns(curve)[inside]) - 1)).tolist())
        for name, curve in curves.items()
    }
