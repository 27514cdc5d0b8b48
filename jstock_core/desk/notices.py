"""What a reader must know before the numbers: alerts first, each a full sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jstock_core.decide import PAUSE, SHADOW, UNKNOWN
from jstock_core.execution.netting import net
from jstock_core.reports.model import Notice
from jstock_core.reports.text import plural
from jstock_core.state.book import Book, replay
from jstock_core.state.events import Decided, Missed

if TYPE_CHECKING:
    from jstock_core.desk.day import Day


def notices(day: Day) -> tuple[Notice, ...]:
    """All notices of a day, in the order they should be read."""
    book = replay(day.events)
    return (*_alerts(day, book), *_warnings(day), *_infos(day, book))


def _alerts(day: Day, book: Book) -> Iterator[Notice]:
    for decided in day.decided:
        for signal in decided.signals:
            if signal["action"] == UNKNOWN:
                yield Notice(
                    "alert", f"{decided.group}: the exit of {signal['code']} is unknown: {signal['reason']}"
                )
        yield from _refuted(decided)
    for code, why in sorted(day.conditions.blocked.items()):
        yield Notice("alert", f"{code} is blocked: {why}")
    declared = {group.id for group in day.groups}
    for group in book.groups.values():
        if group.id not in declared and (group.lots or group.orders):
            codes = ", ".join(sorted({*group.lots, *(order.code for order in group.orders.values())}))
            yield Notice("alert", f"{group.id}: no group file declares it, and nobody judges its {codes}")
        if group.cash < 0 and not day.desk.settings.margin:
            yield Notice("alert", f"{group.id}: cash is ¥{group.cash:,}, below zero")
        for order in group.orders.values():
            if order.session < day.trade_date:
                what = f"the {order.side} of {order.code} on {order.session}"
                yield Notice("alert", f"{group.id}: {what} has neither fill nor none recorded")


def _refuted(decided: Decided) -> Iterator[Notice]:
    """Rules of a group that failed their newest check."""
    for rule, proven in decided.provenance.get("certificates", {}).get(decided.group, {}).items():
        if isinstance(proven, dict):
            what = f"its {rule} failed a check ({proven['failed']}) and decides all the same"
            yield Notice("alert", f"{decided.group}: {what}")


def _warnings(day: Day) -> Iterator[Notice]:
    missed = [event.session for event in day.events if isinstance(event, Missed)]
    recent = [
        session for session in missed if session >= day.view.panel.session(max(0, day.view.first_row - 5))
    ]
    if recent:
        span = f"{recent[0]} to {recent[-1]}" if len(recent) > 1 else str(recent[0])
        yield Notice(
            "warning",
            f"No decision was made on {plural(len(recent), 'morning')} ({span}): a gap is never traded later",
        )
    yield from rotations(day)
    if day.conditions.late and day.mode == "journaled":
        yield Notice(
            "warning",
            "Issued after the opening auction: these orders are shown and will not be filled on paper",
        )


def rotations(day: Day) -> Iterator[Notice]:
    """What one group sells and another buys: a cash account may refuse to do both in one day."""
    orders = [order for group in replay(day.events).groups.values() for order in group.orders.values()]
    for ticket in net(order for order in orders if order.session == day.trade_date):
        if not ticket.crossed:
            continue
        sold, bought = (", ".join(o.group for o in ticket.of(side)) for side in ("SELL", "BUY"))
        do = f"place only {ticket.side} {ticket.shares:,}" if ticket.side else "place neither"
        yield Notice(
            "warning",
            f"{ticket.code} is sold by {sold} and bought by {bought}: {do}, {ticket.crossed:,} shares change "
            "hands inside the desk at the open. A cash account may refuse both on one day (差金決済)",
        )


def _infos(day: Day, book: Book) -> Iterator[Notice]:
    for group in book.groups.values():
        if group.cash < 0 and day.desk.settings.margin:
            yield Notice("info", f"{group.id}: ¥{-group.cash:,} are borrowed, cash is below zero on margin")
    for decided in day.decided:
        paused = [row["reason"] for row in decided.skipped if row["action"] == PAUSE]
        for reason in (reason for reason in paused if not reason.startswith(SHADOW)):
            yield Notice("info", f"{decided.group}: no entries today, {reason}")
    for finding in day.findings:
        if finding.severity == "note":
            yield Notice("info", f"{finding.code or 'market'}: {finding.what}")
