"""The top of the report: what it is, what must be known first, and the numbers of the morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import count, join_parts, number, tone
from jstock_core.data.checks.absent import absent_line
from jstock_core.execution.orders.states import DONE
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ReportHeader
from jstock_core.reports.render.parts.table import Display, message_box, stack, text_line
from jstock_core.reports.render.parts.tiles import Tile, number_tiles
from jstock_core.reports.render.parts.words import ENGLISH, Words

_INTENTS = {
    Intent.JOURNAL: ("", ""),
    Intent.SHOW_AGAIN: ("", "Decided before; shown again from the journal."),
    Intent.REHEARSE: ("REHEARSAL", "Nothing of this was recorded, and these are no orders to place."),
    Intent.PREVIEW: ("PREVIEW", "Nothing of this is recorded yet; the morning's run decides."),
}
PHASES: Mapping[str, str] = {
    "to_place": "{n} by you",
    "on_paper": "{n} on paper",
    "waits": "{n} waiting for approval",
    "to_record": "{n} to record",
    "late": "{n} late, not to be placed",
    "filled": "{n} filled",
    "cancelled": "{n} cancelled",
    "expired": "{n} expired",
}
"""How many orders are in a phase, in words."""
_SHOWN: Mapping[Severity, Callable[[str, Words], Display]] = {
    Severity.ALERT: lambda text, words: message_box("banner-alert", words("ALERT"), text),
    Severity.WARNING: lambda text, _: message_box("banner-simulated", "", text),
    Severity.INFO: lambda text, _: text_line(text),
}


def banner(report: Report, words: Words = ENGLISH) -> Display:
    """What this report is, and what must be known before its numbers."""
    return stack(_messages(report, words))


def _messages(report: Report, words: Words) -> Iterator[Display]:
    header = report.header
    yield text_line(_about(header, words), " ".join(words(mark) for mark in _marks(header)))
    if header.absent:
        yield text_line(words.sentence(absent_line(header.absent)))
    lead, text = _INTENTS[header.intent]
    if text:
        yield message_box("banner-simulated", words(lead), words(text)) if lead else text_line(words(text))
    for alert in report.alerts:
        yield _SHOWN[alert.severity](words.sentence(alert.message), words)


def _marks(header: ReportHeader) -> Iterator[str]:
    yield from header.market_marks
    if header.status == DayStatus.DEGRADED:
        yield "DEGRADED"


def _about(header: ReportHeader, words: Words) -> str:
    return words(
        "Orders for {day}, decided at {time} JST on the close of {close}. Data: {provider}.",
        day=words.weekday(header.trade_date),
        time=header.decided_at.replace("T", " "),
        close=words.day(header.evaluated),
        provider=header.provider,
    )


def headline_tiles(report: Report, words: Words = ENGLISH) -> Display:
    """The numbers of the morning: what is to be done, then how the desk stands."""
    return number_tiles(_tiles(report, words), (words("Headline"), words("Figure"), words("Note")))


def fillers(report: Report, words: Words = ENGLISH) -> str:
    """What is to be done about the orders, where paper does not fill all: "2 by you, 1 filled"."""
    phases = report.execution.count_phases()
    return "" if set(phases) <= {"on_paper"} else phases_text(phases, words)


def phases_text(phases: Mapping[str, int], words: Words = ENGLISH) -> str:
    """How many orders are in each phase, in words."""
    return words.join(words(text, n=phases[phase]) for phase, text in PHASES.items() if phase in phases)


def order_count(report: Report, words: Words = ENGLISH) -> str:
    """How many orders there are, of which side, or what is to be done about them where some are done."""
    standing = report.execution.standing
    if not standing:
        return words("no orders")
    sells = sum(ticket.side == "SELL" for ticket in standing)
    is_done = any(ticket.phase in DONE for ticket in standing)
    detail = fillers(report, words) if is_done else _sides(sells, len(standing) - sells, words)
    counted = words("{n} order" if len(standing) == 1 else "{n} orders", n=len(standing))
    return words("{what} ({detail})", what=counted, detail=detail)


def _tiles(report: Report, words: Words) -> Iterator[Tile]:
    tickets, whole, market = report.execution.standing, report.portfolio.whole, report.market
    sales = sum(ticket.side == "SELL" for ticket in tickets)
    unknown = len(report.unknown)
    yield Tile(
        words("Orders"),
        count(len(tickets)),
        join_parts((_sides(sales, len(tickets) - sales, words), fillers(report, words)), "; "),
    )
    exits = words.plural(unknown, "{n} exit unknown", "{n} exits unknown") if unknown else ""
    yield Tile(
        words("Signals"),
        _sides(len(report.sells) - unknown, len(report.buys), words),
        exits or words("no exits unknown"),
        "loss" if unknown else "",
    )
    day_pnl = whole.day_pnl
    moved = words("{pnl} in the session", pnl=words.signed_yen(day_pnl))
    yield Tile(words("Equity"), words.yen(whole.equity), moved, tone(day_pnl))
    against = "" if report.header.lacks("topix") else f"TOPIX {words.pct(report.performance.topix.last)}"
    yield Tile(words("Return"), words.pct(whole.return_pct), against)
    change = market.change_pct
    if not report.header.lacks("topix"):
        condition = f"{words.pct(change, 2)} {words.sentence(market.condition)}"
        yield Tile("TOPIX", number(market.topix), condition, tone(change))
    yield Tile(words("Cash"), words.yen(whole.cash), words("{yen} reserved", yen=words.yen(whole.reserved)))


def _sides(sells: int, buys: int, words: Words) -> str:
    return words("{sells} sell, {buys} buy", sells=sells, buys=buys)
