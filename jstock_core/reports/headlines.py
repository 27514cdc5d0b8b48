"""The top of the report: what it is, what must be known first, and the numbers of the morning."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.reports import table
from jstock_core.reports.model import Header, Report
from jstock_core.reports.table import Shown
from jstock_core.reports.text import count, in_html, in_markdown, number, pct, plural, signed_yen, tone, yen

_MODES = {
    "journaled": ("", ""),
    "again": ("", "Decided before; shown again from the journal."),
    "rehearsal": ("REHEARSAL", "Nothing of this was recorded, and these are no orders to place."),
    "preview": ("PREVIEW", "Nothing of this is recorded yet; the morning's run decides."),
}
_NOTICES = {"alert": "banner-alert", "warning": "banner-simulated", "info": "muted"}


def banner(report: Report) -> Shown:
    """What this report is, and what must be known before its numbers."""
    return table.banners(_messages(report))


def _messages(report: Report) -> Iterator[tuple[str, str, str]]:
    header = report.header
    yield "muted", " ".join(_marks(header)), _about(header)
    lead, text = _MODES[header.mode]
    if text:
        yield ("banner-simulated" if lead else "muted"), lead, text
    for notice in report.notices:
        yield _NOTICES[notice.level], notice.level.upper() if notice.level == "alert" else "", notice.text


def _marks(header: Header) -> Iterator[str]:
    if header.simulated:
        yield "SIMULATED"
    if header.status == "degraded":
        yield "DEGRADED"


def _about(header: Header) -> str:
    return (
        f"Orders for {header.trade_date:%A} {header.trade_date}, "
        f"decided at {header.decided_at.replace('T', ' ')} JST on the close of {header.evaluated}. "
        f"Data: {header.provider}."
    )


def tiles(report: Report) -> Shown:
    """Headline numbers: what is to be done, then how the desk stands."""
    return table.tiles(
        {"label": label, "value": value, "note": small, "tone": colour}
        for label, value, small, colour in _headlines(report)
    )


def costs(report: Report) -> Shown:
    """What trading is reckoned to cost, in a line."""
    line = f"Costs reckoned with: {report.execution.costs}."
    return Shown(f'<p class="muted">{in_html(line)}</p>', in_markdown(line), line)


def _headlines(report: Report) -> Iterator[tuple[str, str, str, str]]:
    tickets, whole, market = report.execution.tickets, report.portfolio.whole, report.market
    sold = sum(ticket.side == "SELL" for ticket in tickets)
    unknown = len(report.unknown)
    yield "Orders", count(len(tickets)), f"{sold} sell, {len(tickets) - sold} buy", ""
    yield (
        "Signals",
        f"{len(report.sells) - unknown} sell, {len(report.buys)} buy",
        f"{plural(unknown, 'exit')} unknown",
        "loss" if unknown else "",
    )
    yield "Equity", yen(whole.equity), f"{signed_yen(whole.day_pnl)} in the session", tone(whole.day_pnl)
    yield "Return", pct(whole.return_pct), f"TOPIX {pct(report.performance.topix.last)}", ""
    yield (
        "TOPIX",
        number(market.topix),
        f"{pct(market.change_pct, 2)} {market.condition}",
        tone(market.change_pct),
    )
    yield "Cash", yen(whole.cash), f"{yen(whole.reserved)} reserved", ""
