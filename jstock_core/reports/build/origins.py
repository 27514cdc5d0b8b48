"""Where each number of a report comes from.

Orders, fills, positions and cash name their facts one by one, or the kinds of fact that they sum up; what is
worked out over many stocks and sessions names the span of market data that it reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jstock_core.market.bars.closes import last_bar
from jstock_core.reports.build.decisions.execution import shown_events
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.portfolio import AccountSummary, HeldPosition
from jstock_core.reports.model.origins import Cells, FactSpan, Origin
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import BuySignal, ExecutionSummary, SellSignal
from jstock_core.state.facts.events import (
    CROSSED,
    CashAdjusted,
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)

BARS = ("open", "high", "low", "close", "volume", "adj_factor")
_SHARES = (Filled, PositionAdjusted, SplitApplied, CodeMoved)
_MONEY = (Deposit, Withdrawal, CashAdjusted, Dividend, Fee, *_SHARES)
_KNOWN = ("flows", "statements", "announcements")
"""What entries read beside bars."""


@dataclass(frozen=True, eq=False)
class _Past:
    """The facts of a morning by what they concern, each looked through once."""

    facts: Facts

    @cached_property
    def orders(self) -> Mapping[str, OrderPlaced]:
        """Every order by its id."""
        return {event.id: event for event in self.facts.moves if isinstance(event, OrderPlaced)}

    @cached_property
    def fills(self) -> Mapping[str, Filled]:
        """Every fill by its id."""
        return {event.id: event for event in self.facts.moves if isinstance(event, Filled)}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes that were ever held."""
        return tuple(sorted({code for _, code in self._shares}))

    @cached_property
    def _shares(self) -> Mapping[tuple[str, str], Sequence[Event]]:
        found: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in self.facts.moves:
            if isinstance(event, SplitApplied | CodeMoved):
                for code in {event.code, getattr(event, "to", event.code)}:
                    found["", code].append(event)
            elif isinstance(event, Filled | PositionAdjusted):
                found[event.group, event.code].append(event)
        return found

    def about(self, group: str, code: str) -> tuple[Event, ...]:
        """The facts about the shares of a code in a group."""
        own = self._shares.get((group, code), ())
        return (*own, *self._shares.get(("", code), ())) if own else ()


def find_origins(facts: Facts, report: Report, monitored: Iterable[str]) -> tuple[Origin, ...]:
    """The origins of all numbers of a report."""
    past = _Past(facts)
    return (
        *_portfolio(past, report),
        *_execution(past, report.execution),
        *_since(past, report),
        *_signals(past, report),
        *_sections(past, tuple(code for code in monitored if code in facts.panel.column)),
    )


def _kinds(*events: type[Event]) -> tuple[str, ...]:
    return tuple(event.name for event in events)


def _cells(facts: Facts, columns: Iterable[str], codes: Iterable[str], first: date | None = None) -> Cells:
    """Columns from a session, or from the first, to D."""
    start = facts.panel.dates[0] if first is None else first
    return Cells(columns=tuple(columns), codes=tuple(codes), first=start, last=facts.evaluated)


def _last_session(facts: Facts, code: str, before: int = 0) -> date:
    """The session of the last bar of a stock, or of some bars before it."""
    row, column = facts.panel_row, facts.panel.column[code]
    for _ in range(before):
        row = last_bar(facts.panel, row, column) - 1
    return facts.panel.session(max(0, last_bar(facts.panel, row, column)))


def _close(facts: Facts, code: str) -> tuple[Cells, ...]:
    """The close that a position and an order are valued at."""
    if facts.close(code) is None:
        return ()
    day = _last_session(facts, code)
    return (Cells(columns=("close",), codes=(code,), first=day, last=day),)


# Portfolio ------------------------------------------------------------------------------------------------


def _portfolio(past: _Past, report: Report) -> Iterator[Origin]:
    facts = past.facts
    for n, line in enumerate(report.portfolio.held):
        yield from _held(past, f"portfolio.held[{n}]", line)
    for n, account in enumerate(report.portfolio.accounts):
        yield from _account(past, f"portfolio.accounts[{n}]", account)
    yield from _account(past, "portfolio.whole", report.portfolio.whole)
    for n, claim in enumerate(report.portfolio.expected):
        shares = past.about(claim.group, claim.code)
        cells = (_cells(facts, ("dividends",), (claim.code,)),)
        yield Origin(path=f"portfolio.expected[{n}]", events=_ids(shares), cells=cells)


def _ids(events: Iterable[Event]) -> tuple[str, ...]:
    return tuple(event.id for event in events)


def _held(past: _Past, path: str, line: HeldPosition) -> Iterator[Origin]:
    facts = past.facts
    shares = _ids(past.about(line.group, line.code))
    counted = ("shares", "cost", "average_price", "sessions_held", "days_held", "odd_lot")
    yield Origin(path=path, numbers=counted, events=shares)
    if line.code in facts.panel.column:
        yield Origin(path=path, numbers=("close", "age"), cells=_close(facts, line.code))
        yield Origin(path=path, numbers=("value",), events=shares, cells=_close(facts, line.code))
        two = _cells(facts, ("close", "adj_factor"), (line.code,), _last_session(facts, line.code, 1))
        yield Origin(path=path, numbers=("day_change_pct",), cells=(two,))
        yield Origin(path=path, numbers=("day_pnl",), events=shares, cells=(two,))
    paid = [
        e for e in facts.moves if isinstance(e, Dividend) and (e.group, e.code) == (line.group, line.code)
    ]
    yield Origin(path=path, numbers=("dividends",), events=(*shares, *_ids(paid)))
    yield Origin(path=path, events=shares, cells=(_cells(facts, BARS, (line.code,)),))
    for n, lot in enumerate(facts.book.groups[line.group].lots[line.code]):
        fill = past.fills.get(lot.origin)
        order = () if fill is None or fill.order_id is None else (fill.order_id,)
        splits = [e for e in past.about(line.group, line.code) if isinstance(e, SplitApplied | CodeMoved)]
        later = _ids(split for split in splits if split.session > lot.session)
        yield Origin(path=f"{path}.lots[{n}]", events=(*order, lot.origin, *_sales(past, line), *later))


def _sales(past: _Past, line: HeldPosition) -> tuple[str, ...]:
    """The sales that may have taken a part of a lot that is held."""
    own = [e for e in past.about(line.group, line.code) if e.session >= line.opened]
    return _ids(
        e
        for e in own
        if (isinstance(e, Filled) and e.side == "SELL")
        or (isinstance(e, PositionAdjusted) and e.difference < 0)
    )


def _account(past: _Past, path: str, account: AccountSummary) -> Iterator[Origin]:
    facts = past.facts
    group = account.group

    def span(*kinds: type[Event]) -> tuple[FactSpan, ...]:
        return (FactSpan(kinds=_kinds(*kinds), group=group),)

    yield Origin(path=path, numbers=("cash",), facts=span(*_MONEY))
    yield Origin(path=path, numbers=("deposited",), facts=span(Deposit, Withdrawal))
    yield Origin(path=path, numbers=("adjusted",), facts=span(CashAdjusted, PositionAdjusted))
    yield Origin(path=path, numbers=("dividends",), facts=span(Dividend))
    yield Origin(path=path, numbers=("fees",), facts=span(Fee))
    yield Origin(path=path, numbers=("realized", "invested", "positions"), facts=span(*_SHARES))
    books = [book for book in facts.book.groups.values() if group in ("", book.id)]
    waiting = [order.id for book in books for order in book.orders.values() if order.side == "BUY"]
    partly = [fill.id for fill in past.fills.values() if fill.order_id in waiting]
    yield Origin(path=path, numbers=("reserved",), events=(*waiting, *partly))
    codes = sorted({code for book in books for code in book.held})
    closes = tuple(cell for code in codes if code in facts.panel.column for cell in _close(facts, code))
    yield Origin(path=path, numbers=("value",), facts=span(*_SHARES), cells=closes)
    yield Origin(path=path, facts=span(*_MONEY), cells=(_cells(facts, ("close", "adj_factor"), past.codes),))


# Execution ------------------------------------------------------------------------------------------------


def _execution(past: _Past, execution: ExecutionSummary) -> Iterator[Origin]:
    facts = past.facts
    for n, event in enumerate(shown_events(facts)):
        sold = isinstance(event, Filled) and event.side == "SELL"
        shares = past.about(event.group, event.code) if isinstance(event, Filled) and sold else []
        yield Origin(path=f"execution.events[{n}]", numbers=("gain",), events=(event.id, *_ids(shares)))
        yield Origin(path=f"execution.events[{n}]", events=(event.id,))
    for n, ticket in enumerate(execution.tickets):
        due = _cells(facts, ("actions",), (ticket.code,))
        path = f"execution.tickets[{n}]"
        yield Origin(path=path, numbers=("shares", "limit", "reserve"), events=(ticket.id,))
        yield Origin(path=path, events=(ticket.id,), cells=(*_close(facts, ticket.code), due))
    for n, placed in enumerate(execution.broker):
        yield Origin(path=f"execution.broker[{n}]", events=placed.order_ids)
    fills = [e for e in facts.recent if isinstance(e, Filled) and e.source != CROSSED]
    for n, fill in enumerate(fills):
        yield from _fill(past, f"execution.fills[{n}]", fill)
    spans = (FactSpan(kinds=_kinds(Filled, OrderPlaced)),)
    cells = (_cells(facts, ("open", "close", "adj_factor"), past.codes),)
    yield Origin(path="execution.slippage", facts=spans, cells=cells)


def _fill(past: _Past, path: str, fill: Filled) -> Iterator[Origin]:
    order = past.orders.get(fill.order_id or "")
    opened = Cells(columns=("open",), codes=(fill.code,), first=fill.session, last=fill.session)
    yield Origin(path=path, numbers=("shares", "price"), events=(fill.id,))
    yield Origin(path=path, numbers=("against_open",), events=(fill.id,), cells=(opened,))
    if order is not None:
        columns = ("close", "adj_factor")
        seen = Cells(columns=columns, codes=(fill.code,), first=order.evaluated, last=fill.session)
        yield Origin(path=path, numbers=("against_close",), events=(fill.id, order.id), cells=(seen,))


# The other sections -----------------------------------------------------------------------------------------


def _since(past: _Past, report: Report) -> Iterator[Origin]:
    facts = past.facts
    ends = [e for e in facts.recent if isinstance(e, Filled | OrderExpired | OrderCancelled)]
    fees = [e for e in facts.recent if isinstance(e, Fee)]
    by_hand = iter([e for e in ends if isinstance(e, Filled) and e.order_id is None])
    orders: dict[tuple[date, str, str, str], OrderPlaced] = {
        (e.session, e.group, e.code, e.side): e for e in past.orders.values()
    }
    for n, found in enumerate(report.since.outcomes):
        order = orders.get((found.session, found.group, found.code, found.side))
        own: list[Event] = [next(by_hand)] if found.state == "by hand" else []
        if found.state != "by hand" and order is not None:
            own = [order, *(e for e in ends if e.order_id == order.id)]
        ids = _ids(own)
        paid = _ids(fee for fee in fees if fee.fill_id in ids)
        cells = (_cells(facts, ("close", "adj_factor"), (found.code,)),)
        shares = _ids(past.about(found.group, found.code))
        yield Origin(path=f"since.outcomes[{n}]", numbers=("gain",), events=shares)
        yield Origin(path=f"since.outcomes[{n}]", events=(*ids, *paid), cells=cells)
    for n, change in enumerate(report.since.cash):
        span = FactSpan(kinds=_kinds(*_MONEY), group=change.group)
        yield Origin(path=f"since.cash[{n}]", facts=(span,))
    money = FactSpan(kinds=_kinds(Deposit, Withdrawal, CashAdjusted, Dividend, Fee))
    yield Origin(path="since.moves", facts=(money,))


def _signals(past: _Past, report: Report) -> Iterator[Origin]:
    facts = past.facts
    for name in ("buys", "sells"):
        rows: tuple[BuySignal | SellSignal, ...] = getattr(report, name)
        for n, row in enumerate(rows):
            order = [o.id for o in facts.orders.values() if (o.group, o.code) == (row.group, row.code)]
            cells = (_cells(facts, (*BARS, *_KNOWN), (row.code,)),)
            events = (facts.decided[row.group].id, *order, *_ids(past.about(row.group, row.code)))
            yield Origin(path=f"{name}[{n}]", events=events, cells=cells)


def _sections(past: _Past, monitored: tuple[str, ...]) -> Iterator[Origin]:
    facts = past.facts
    codes = tuple(sorted({*monitored, *past.codes} & facts.panel.column.keys()))
    bars, known = _cells(facts, BARS, codes), _cells(facts, (*_KNOWN, "dividends", "actions"), ())
    every = (FactSpan(),)
    yield Origin(path="market", cells=(_cells(facts, ("topix", "flows"), ()), _cells(facts, BARS, monitored)))
    closes, topix = (
        _cells(facts, ("open", "close", "adj_factor"), past.codes),
        _cells(facts, ("topix",), ()),
    )
    yield Origin(path="performance", facts=every, cells=(closes, topix))
    yield Origin(path="evaluations", facts=every, cells=(_cells(facts, BARS, monitored), known))
    for path in ("near_misses", "since", "explanations"):
        yield Origin(path=path, facts=every, cells=(bars, known))
    yield Origin(path="data", cells=(bars, known, topix))
