"""The top of the report: what it is, what must be known first, and the numbers of the morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import count, join_parts, number, pct, plural, signed_yen, tone, yen
from jstock_core.data.checks.absent import absent_line
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ReportHeader
from jstock_core.reports.render.table import Display, Tile, message_box, number_tiles, stack, text_line

_INTENTS = {
    Intent.JOURNAL: ("", ""),
    Intent.SHOW_AGAIN: ("", "Decided before; shown again from the journal."),
    Intent.REHEARSE: ("REHEARSAL", "Nothing of this was recorded, and these are no orders to place."),
    Intent.PREVIEW: ("PREVIEW", "Nothing of this is recorded yet; the morning's run decides."),
}
_SHOWN: Mapping[Severity, Callable[[str], Display]] = {
    Severity.ALERT: lambda text: message_box("banner-alert", "ALERT", text),
    Severity.WARNING: lambda text: message_box("banner-simulated", "", text),
    Severity.INFO: text_line,
}


def banner(report: Report) -> Display:
    """What this report is, and what must be known before its numbers."""
    return stack(_messages(report))


def _messages(report: Report) -> Iterator[Display]:
    header = report.header
    yield text_line(_about(header), " ".join(_marks(header)))
    if header.absent:
        yield text_line(absent_line(header.absent))
    lead, text = _INTENTS[header.intent]
    if text:
        yield message_box("banner-simulated", lead, text) if lead else text_line(text)
    for alert in report.alerts:
        yield _SHOWN[alert.severity](alert.message)


def _marks(header: ReportHeader) -> Iterator[str]:
    yield from header.market_marks
    if header.status == DayStatus.DEGRADED:
        yield "DEGRADED"


def _about(header: ReportHeader) -> str:
    return (
        f"Orders for {header.trade_date:%A} {header.trade_date}, "
        f"decided at {header.decided_at.replace('T', ' ')} JST on the close of {header.evaluated}. "
        f"Data: {header.provider}."
    )


def headline_tiles(report: Report) -> Display:
    """The numbers of the morning: what is to be done, then how the desk stands."""
    return number_tiles(_tiles(report))


def costs_line(report: Report) -> Display:
    """The costs of trading that are assumed, in a line."""
    return text_line(f"Costs reckoned with: {report.execution.costs}.")


def fillers(report: Report) -> str:
    """Who fills the orders, where it is not paper alone: "2 by you, 1 on paper"."""
    tickets, headline = len(report.execution.standing), report.headline
    if not headline.orders_by_you:
        return ""
    others = tickets - headline.orders_by_you
    return f"{headline.orders_by_you} by you" + (f", {others} on paper" if others else "")


def _tiles(report: Report) -> Iterator[Tile]:
    tickets, whole, market = report.execution.standing, report.portfolio.whole, report.market
    sales = sum(ticket.side == "SELL" for ticket in tickets)
    unknown = len(report.unknown)
    sides = f"{sales} sell, {len(tickets) - sales} buy"
    yield Tile("Orders", count(len(tickets)), join_parts((sides, fillers(report)), "; "))
    yield Tile(
        "Signals",
        f"{len(report.sells) - unknown} sell, {len(report.buys)} buy",
        f"{plural(unknown, 'exit')} unknown",
        "loss" if unknown else "",
    )
    day_pnl = whole.day_pnl
    yield Tile("Equity", yen(whole.equity), f"{signed_yen(day_pnl)} in the session", tone(day_pnl))
    against = "" if report.header.lacks("topix") else f"TOPIX {pct(report.performance.topix.last)}"
    yield Tile("Return", pct(whole.return_pct), against)
    change = market.change_pct
    if not report.header.lacks("topix"):
        yield Tile("TOPIX", number(market.topix), f"{pct(change, 2)} {market.condition}", tone(change))
    yield Tile("Cash", yen(whole.cash), f"{yen(whole.reserved)} reserved")
