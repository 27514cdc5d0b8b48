"""What a person must know about a day, found before any report is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.words import plural
from jstock_core.decide import PAUSE, UNKNOWN, MorningView, Signal, odd_lot, read_signals, read_skipped
from jstock_core.decide.given.late import LATE_DATA, LateData, read_late_data
from jstock_core.decide.groups import manual_groups
from jstock_core.desk.day.alerts.disappearances import find_delistings, find_disappearances
from jstock_core.desk.day.alerts.edit_alerts import find_edits
from jstock_core.desk.day.alerts.limit_alerts import (
    find_limit_edits,
    find_limit_pauses,
    find_sells_beyond_limits,
)
from jstock_core.desk.day.alerts.stock_alerts import (
    find_dividend_differences,
    find_price_only,
    find_reconciled,
    find_split_differences,
)
from jstock_core.desk.workspace.checks.declared import next_of_wind_down
from jstock_core.execution.fillers import LATE, MANUAL
from jstock_core.execution.netting import BrokerTicket, net
from jstock_core.execution.paper import distrust
from jstock_core.reports.model.morning import Morning
from jstock_core.state.book.book import Book, GroupBook
from jstock_core.state.facts.events import Decided, Filled, Missed, OrderCancelled, OrderPlaced

RECENT_SESSIONS = 5
"""Missed mornings are mentioned for so many sessions after the last of them."""


def find_alerts(morning: Morning, others: Iterable[Alert] = ()) -> tuple[Alert, ...]:
    """Everything to know about a morning, and the other alerts given, most urgent first."""
    book = morning.folded.book
    found = (
        *late_data_alerts(read_late_data(morning.decided)),
        *_decisions(morning),
        *find_limit_pauses(morning),
        *find_sells_beyond_limits(morning),
        *_blocked(morning),
        *(alert for group in book.groups.values() for alert in _group(morning, group)),
        *find_price_only(morning, book),
        *find_disappearances(morning, book),
        *find_delistings(morning, book),
        *find_reconciled(morning, book),
        *find_split_differences(morning, book),
        *find_dividend_differences(morning, book),
        *_missed(morning),
        *find_edits(morning),
        *find_limit_edits(morning),
        *find_rotations(book, morning.trade_date),
        *others,
        *_late(morning),
        *_information(morning, book),
    )
    order = list(Severity)
    return tuple(sorted(found, key=lambda alert: order.index(alert.severity)))


def late_data_alerts(found: Iterable[LateData]) -> Iterator[Alert]:
    """Data sets that were late for a decision, and what followed."""
    for late in found:
        again = (
            "when the vendor has published it, run `jstock daily` again (it fetches) or import newer files"
        )
        if late.halts:
            text = f"No entries, {late.text}; exits are decided"
            remedy = f"{again}; `late_data` in params/desk.yaml says what follows"
            yield Alert(LATE_DATA, Severity.ALERT, late.dataset, text, remedy)
        else:
            yield Alert(LATE_DATA, Severity.WARNING, late.dataset, f"Decided although {late.text}", again)


def _decisions(morning: Morning) -> Iterator[Alert]:
    """Exits that are unknown or sell an odd lot, and rules that decide though they failed their check."""
    at = MorningView(morning.view, 0)
    for decided in morning.decided:
        for signal in read_signals(decided):
            if signal.action == UNKNOWN:
                yield Alert(
                    "unknown_exit",
                    Severity.ALERT,
                    signal.code,
                    f"{decided.group}: the exit of {signal.code} is unknown: {signal.reason}",
                    f"see what is missing with `jstock explain {signal.code}`, and decide about it yourself",
                )
            elif shares := odd_lot(signal, at):
                yield _odd_lot(decided.group, signal, shares)
        for rule, proven in decided.provenance.get("certificates", {}).get(decided.group, {}).items():
            if isinstance(proven, dict):
                yield Alert(
                    "failed_check",
                    Severity.ALERT,
                    decided.group,
                    f"{decided.group}: its {rule} failed a check ({proven['failed']}) and still decides",
                    "see `jstock strategies check --all`, and name another rule in its file until this one"
                    " passes",
                )


def _odd_lot(group: str, signal: Signal, shares: int) -> Alert:
    """Brokers sell an odd lot by a way of its own, so a person has to."""
    return Alert(
        "odd_lot",
        Severity.ALERT,
        signal.code,
        f"{group}: {signal.layer} sells {signal.code}, and no order can sell its odd lot of {shares:,}",
        "sell it at the broker as an odd lot (単元未満株), then run `jstock trade record`, add a fill and "
        f"type `{group} SELL {signal.code} {shares} PRICE`",
    )


def _blocked(morning: Morning) -> Iterator[Alert]:
    remedies = {each.code: each.do for each in morning.findings if each.severity == "block"}
    for code, why in sorted(morning.conditions.blocked.items()):
        yield Alert("blocked", Severity.ALERT, code, f"{code} is blocked: {why}", remedies.get(code, ""))


def _group(morning: Morning, group: GroupBook) -> Iterator[Alert]:
    """What is wrong with a group's account."""
    if group.id not in {declared.id for declared in morning.groups} and (group.lots or group.orders):
        codes = ", ".join(sorted({*group.lots, *(order.code for order in group.orders.values())}))
        yield Alert(
            "undeclared_group",
            Severity.ALERT,
            group.id,
            f"{group.id}: no group file declares it, and its {codes} are not evaluated",
            f"put its file back, or run `jstock trade group adopt {group.id}`",
        )
    if group.cash < 0 and not morning.margin:
        yield Alert(
            "negative_cash",
            Severity.ALERT,
            group.id,
            f"{group.id}: cash is ¥{group.cash:,}, below zero",
            f"compare it with the broker's, then run `jstock trade cash set {group.id} YEN --reason TEXT`",
        )
    for order in group.orders.values():
        if order.session < morning.trade_date:
            yield _unresolved(morning, order)


def _unresolved(morning: Morning, order: OrderPlaced) -> Alert:
    """An order of an earlier session of which nobody knows whether it was filled."""
    what = f"{order.group}: the {order.side} of {order.code} on {order.session}"
    reason = distrust(morning.view.panel, order)
    doubt = f"its bar cannot be trusted: {reason}" if reason else ""
    if order.source == MANUAL:
        return Alert(
            "unresolved_order",
            Severity.ALERT,
            order.code,
            f"{what} has neither a fill nor a quantity of 0 recorded{doubt and f', and {doubt}'}",
            f"run `jstock trade record --date {order.session}` and type the shares and the price that your "
            "broker reports, or 0",
        )
    return Alert(
        "unknown_order",
        Severity.ALERT,
        order.code,
        f"{what} is unknown: {doubt or 'its session is not settled'}. It is filled if the bar is "
        "repaired by the next decision, else it expires",
        "compare the bar with the exchange's figures, correct it and import it again, or cancel "
        f"the order: `jstock trade orders cancel {order.id} --reason TEXT`",
    )


def _missed(morning: Morning) -> Iterator[Alert]:
    """Those of the recent sessions, with all of a gap that began before them."""
    since = morning.view.panel.session(max(0, morning.view.first_row - RECENT_SESSIONS))
    decided = [e.session for e in morning.events if isinstance(e, Decided) and e.session < since]
    after = max(decided, default=date.min)
    missed = [e.session for e in morning.events if isinstance(e, Missed) and e.session > after]
    if missed and missed[-1] >= since:
        span = f"{missed[0]} to {missed[-1]}" if len(missed) > 1 else str(missed[0])
        yield Alert(
            "missed_morning",
            Severity.WARNING,
            "desk",
            f"No decision was made on {plural(len(missed), 'morning')} ({span}): "
            "a missed morning is never traded later",
        )


def _paper_history(morning: Morning) -> Iterator[Alert]:
    """Groups that a person fills and whose orders were all filled on paper so far, in a replayed history."""
    for name in manual_groups(morning.groups):
        own = [event for event in morning.events if getattr(event, "group", "") == name]
        before = [e for e in own if isinstance(e, OrderPlaced) and e.session < morning.trade_date]
        if before and not any(order.source == MANUAL for order in before):
            filled = sum(isinstance(event, Filled) and event.order_id is not None for event in own)
            yield Alert(
                "paper_history",
                Severity.INFO,
                name,
                f"{name}: its {plural(filled, 'fill')} up to {before[-1].session} were made on paper at the "
                "open, in sessions before you filled its orders",
                "where you hold something else, use `jstock trade position set` and `jstock trade cash set`",
            )


def find_rotations(book: Book, trade_date: date) -> Iterator[Alert]:
    """What one group sells and another buys: a cash account may refuse to do both in one day.

    What a person fills and what is filled on paper are in different accounts and never cross each other.
    """
    orders = [order for group in book.groups.values() for order in group.orders.values()]
    for ticket in net(order for order in orders if order.session == trade_date):
        if ticket.crossed:
            sold, bought = (", ".join(o.group for o in ticket.of(side)) for side in ("SELL", "BUY"))
            yield Alert(
                "rotation",
                Severity.WARNING,
                ticket.code,
                f"{ticket.code} is sold by {sold} and bought by {bought}{_netting(ticket)} "
                "A cash account may refuse both on one day (差金決済)",
            )


def _netting(ticket: BrokerTicket) -> str:
    """What is placed of a ticket, or on paper would be, in words."""
    net_order = f"{ticket.side} {ticket.shares:,}"
    inside = f"{ticket.crossed:,} shares change hands inside the desk at the open"
    if ticket.filler == "you":
        return f": place {f'only {net_order}' if ticket.side else 'neither'}, {inside}."
    placed = f"only {net_order}" if ticket.side else "neither"
    return f", both on paper: {inside}, and a broker would get {placed}."


def _late(morning: Morning) -> Iterator[Alert]:
    """Orders issued too late: on every page that shows them, when they are shown again too."""
    ended = {event.order_id for event in morning.events if isinstance(event, OrderCancelled)}
    placed = (e for e in morning.events if isinstance(e, OrderPlaced) and e.session == morning.trade_date)
    if any(order.source == LATE and order.id not in ended for order in placed):
        yield Alert(
            "late",
            Severity.WARNING,
            "desk",
            "Issued after the opening auction: these orders are shown, neither placed nor filled on paper",
        )


def _information(morning: Morning, book: Book) -> Iterator[Alert]:
    for group in book.groups.values():
        if group.cash < 0 and morning.margin:
            text = f"{group.id}: ¥{-group.cash:,} are borrowed, cash is below zero on margin"
            yield Alert("borrowed", Severity.INFO, group.id, text)
    yield from _paper_history(morning)
    for declared in morning.groups:
        if declared.wind_down and not book.groups[declared.id].lots:
            text = f"{declared.id} is wound down and holds nothing"
            remedy = next_of_wind_down(book.groups[declared.id])
            yield Alert("wound_down", Severity.INFO, declared.id, text, remedy)
    for decided in morning.decided:
        for skip in read_skipped(decided):
            shown = skip.by_limit or any(refusal.is_shadow for refusal in skip.refusals)
            if skip.action == PAUSE and not shown:
                text = f"{decided.group}: no entries today, {skip.reason}"
                yield Alert("paused", Severity.INFO, decided.group, text)
    for finding in morning.findings:
        if finding.severity == "warn":
            subject = finding.code or "market"
            yield Alert("data", Severity.INFO, subject, f"{subject}: {finding.what}")
