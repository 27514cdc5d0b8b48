"""What is announced for the next sessions of the stocks that are held or ordered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from jstock_core.market.calendar import tse
from jstock_core.market.dividends import known_dividends
from jstock_core.market.prices import adjustments_due
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.since import AheadEvent, AheadKind
from jstock_core.signals.features.earnings import earnings_dates

AHEAD = 10
"""Sessions looked ahead to, T included."""


@dataclass
class _Interest:
    """What the desk has in a stock."""

    shares: int = 0
    ordered: str = ""
    groups: set[str] = field(default_factory=set)


def last_ahead(trade_date: date) -> date:
    """The last session looked ahead to; the calendar's last where it ends before."""
    days = tse().between(trade_date, tse().last)
    return days[min(AHEAD, len(days)) - 1] if days else trade_date


def look_ahead(facts: Facts) -> tuple[AheadEvent, ...]:
    """Earnings, ex-dates of dividends and of splits, as known at the decision, by day."""
    sessions = tse().between(facts.trade_date, last_ahead(facts.trade_date))
    found = (
        event
        for code, interest in sorted(_interests(facts).items())
        for event in _events(facts, code, interest, sessions)
    )
    return tuple(sorted(found, key=lambda event: (event.day, event.kind, event.code)))


def _interests(facts: Facts) -> Mapping[str, _Interest]:
    found: dict[str, _Interest] = {}
    for group, book in facts.book.groups.items():
        for code in book.lots:
            held = found.setdefault(code, _Interest())
            held.shares += book.position(code).shares
            held.groups.add(group)
    for (group, code, side), order in facts.orders.items():
        if order.id not in facts.cancelled:
            ordered = found.setdefault(code, _Interest())
            ordered.ordered = side
            ordered.groups.add(group)
    return found


def _events(facts: Facts, code: str, interest: _Interest, sessions: tuple[date, ...]) -> Iterator[AheadEvent]:
    first, last = sessions[0], sessions[-1]
    for day in _earnings(facts, code, first, last):
        yield _event(facts, code, interest, sessions, day, "earnings")
    minute = facts.view.decided_at[facts.row]
    for dividend in known_dividends(facts.panel.dividends, code, minute):
        if first <= dividend.ex_date <= last:
            rate = dividend.rate
            yield _event(
                facts, code, interest, sessions, dividend.ex_date, "dividend",
                rate=None if rate is None else float(rate),
                amount=None if rate is None or not interest.shares else int(rate * interest.shares),
                is_decided=dividend.is_decided,
            )  # fmt: skip
    for day in sessions:
        due = adjustments_due(facts.panel.actions, day, minute).get(code)
        if due is not None and due.shares != 1:
            yield _event(facts, code, interest, sessions, day, "split", ratio=float(due.shares))


def _earnings(facts: Facts, code: str, first: date, last: date) -> list[date]:
    """The announced days of a stock in a span, as they count at the decision."""
    dates, day = earnings_dates(facts.view), np.datetime64
    rows = np.flatnonzero(
        (dates.code == code) & (dates.day >= day(first, "D")) & (dates.day <= day(last, "D"))
    )
    known = dates.known(rows, facts.view.decided_at[facts.row])
    return sorted(set(known.astype("datetime64[D]").tolist()))


def _event(
    facts: Facts,
    code: str,
    interest: _Interest,
    sessions: tuple[date, ...],
    day: date,
    kind: AheadKind,
    **more: object,
) -> AheadEvent:
    return AheadEvent(
        day=day,
        sessions=sum(session < day for session in sessions),
        kind=kind,
        code=code,
        name=facts.listing(code).name,
        groups=tuple(sorted(interest.groups)),
        shares=interest.shares,
        ordered=interest.ordered,
        **more,  # type: ignore[arg-type]
    )
