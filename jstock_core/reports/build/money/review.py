"""The review of a span: every yen won, put to its group, sector, stock and entry rule; lots by exit layer.

The yen are those of `state.accounts.pnl`, lot by lot and session by session, which add up to the change of
equity; a review thus explains all of it, and dividends and fees stand beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum, isfinite

from jstock_core.market.panel import Panel
from jstock_core.market.prices import percent_change
from jstock_core.reports.build.decisions.outcomes import count_outcomes, fills_by_hand, order_differences
from jstock_core.reports.build.facts import latest_listing
from jstock_core.reports.build.money.counterfactuals import build_counterfactuals
from jstock_core.reports.model.money.returns import WHOLE
from jstock_core.reports.model.money.review import AgainstPaper, Attribution, ClosedTrades, Review, SpanReturn
from jstock_core.state.accounts.balance import ALL, Balance, session_balances
from jstock_core.state.accounts.pnl_day import LotPnl
from jstock_core.state.book.gains import closed_lots
from jstock_core.state.facts.events import Decided, Event, Filled, OrderPlaced

NO_ENTRY = ""
"""The entry of what was not bought by a signal: by hand, adjusted, or before rules were recorded."""


@dataclass(frozen=True, eq=False)
class _Span:
    events: tuple[Event, ...]
    panel: Panel
    names: Mapping[str, str]
    days: Sequence[Mapping[str, Balance]]

    @property
    def lots(self) -> list[LotPnl]:
        """What each lot won in each session."""
        return [lot for day in self.days for name, b in day.items() if name != ALL for lot in b.pnl.lots]


def build_review(
    events: Iterable[Event], panel: Panel, first: date, last: date, names: Mapping[str, str]
) -> Review:
    """The settled sessions from `first` to `last`; `panel` ends with `last`, `names` are the groups'.

    Raises:
        UsageError: no money had come in. DataError: a stock that is held has no price.

    """
    facts = tuple(event for event in events if event.session <= last)
    span = _Span(facts, panel, names, tuple(session_balances(facts, panel, first)))
    sessions = tuple(day[ALL].session for day in span.days)
    inside = {session for session in sessions if session >= first}
    differences = order_differences(facts, panel, inside)
    entries = _entries(facts)
    return Review(
        first=first,
        last=last,
        simulated=panel.source.simulated,
        sessions=sessions,
        curve=_compounded(day[ALL].rate for day in span.days),
        topix_curve=_topix(panel, sessions),
        returns=tuple(_returns(span)),
        by_group=_attribute(span, lambda lot: lot.group, lambda key: names.get(key, key)),
        by_sector=_attribute(span, lambda lot: latest_listing(panel, lot.code).sector, lambda key: key),
        by_stock=_attribute(span, lambda lot: lot.code, lambda key: latest_listing(panel, key).name),
        by_entry=_attribute(span, lambda lot: entries.get(lot.origin, NO_ENTRY), lambda key: key),
        closed=_closed(facts, inside),
        outcomes=count_outcomes(differences),
        differences=tuple(d for d in differences if d.outcome is not AgainstPaper.AS_ON_PAPER),
        by_hand=fills_by_hand(facts, inside),
        counterfactuals=build_counterfactuals(facts, panel),
    )


def _returns(span: _Span) -> list[SpanReturn]:
    order = [name for name in span.days[-1] if name != ALL] + [ALL]
    return [_return(span, name, [day[name] for day in span.days if name in day]) for name in order]


def _return(span: _Span, name: str, days: Sequence[Balance]) -> SpanReturn:
    booked = [day.pnl.booked for day in days]
    sessions = tuple(day.session for day in days)
    return SpanReturn(
        group=name,
        name=WHOLE if name == ALL else span.names.get(name, name),
        pnl=fsum(day.pnl.day for day in days),
        realized=sum(each.realized for each in booked),
        dividends=sum(each.dividends for each in booked),
        fees=sum(each.fees for each in booked),
        equity_before=days[0].before,
        came_in=fsum(day.came_in for day in days),
        equity=days[-1].after,
        return_pct=_compounded(day.rate for day in days)[-1],
        topix_pct=_topix(span.panel, sessions)[-1],
    )


def _attribute(
    span: _Span, key_of: Callable[[LotPnl], str], name_of: Callable[[str], str]
) -> tuple[Attribution, ...]:
    """The most won first."""
    won, codes = defaultdict[str, list[float]](list), defaultdict[str, set[str]](set)
    for lot in span.lots:
        key = key_of(lot)
        won[key].append(lot.pnl)
        codes[key].add(lot.code)
    found = (
        Attribution(key=key, name=name_of(key), pnl=fsum(yen), codes=len(codes[key]))
        for key, yen in won.items()
    )
    return tuple(sorted(found, key=lambda each: (-each.pnl, each.key)))


def _entries(facts: Iterable[Event]) -> dict[str, str]:
    """The entry rule that each purchase goes back to, by the id of its fill."""
    rules: dict[tuple[date, str], str] = {}
    orders: dict[str, OrderPlaced] = {}
    found: dict[str, str] = {}
    for event in facts:
        if isinstance(event, Decided):
            declared = event.provenance.get("groups", {}).get(event.group, {})
            rules[event.session, event.group] = str(declared.get("entry", {}).get("use", NO_ENTRY))
        elif isinstance(event, OrderPlaced):
            orders[event.id] = event
        elif isinstance(event, Filled) and event.order_id in orders:
            order = orders[event.order_id]
            found[event.id] = rules.get((order.session, order.group), NO_ENTRY)
    return found


def _closed(facts: tuple[Event, ...], inside: set[date]) -> tuple[ClosedTrades, ...]:
    by_layer = defaultdict(list)
    for lot in closed_lots(facts):
        if lot.closed in inside:
            by_layer[lot.layer].append(lot)
    found = (
        ClosedTrades(
            layer=layer,
            lots=len(lots),
            wins=sum(lot.gain > 0 for lot in lots),
            gain=sum(lot.gain for lot in lots),
            cost=sum(lot.cost for lot in lots),
            average_days=sum((lot.closed - lot.opened).days for lot in lots) / len(lots),
        )
        for layer, lots in by_layer.items()
    )
    return tuple(sorted(found, key=lambda each: (-each.gain, each.layer)))


def _compounded(rates: Iterable[float]) -> tuple[float | None, ...]:
    """Cumulative return in percent after each session; None from the first that is not known."""
    grown, found = 1.0, list[float | None]()
    for rate in rates:
        grown *= 1 + rate
        found.append(100 * (grown - 1) if isfinite(grown) else None)
    return tuple(found)


def _topix(panel: Panel, sessions: Sequence[date]) -> tuple[float | None, ...]:
    """TOPIX's return in percent from the close before the first session; None where it is not known."""
    rows = {day: row for row, day in enumerate(panel.dates)}
    start = rows[sessions[0]] - 1
    base = panel.topix.item(start) if start >= 0 else float("nan")
    levels = [panel.topix.item(rows[day]) for day in sessions]
    return tuple(
        percent_change(level, base) if isfinite(level) and isfinite(base) else None for level in levels
    )
