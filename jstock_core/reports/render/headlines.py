"""The top of the report: what it is, what must be known first, and the numbers of the morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import count, number, pct, plural, signed_yen, tone, yen
from jstock_core.reports.model.model import Header, Report
from jstock_core.reports.render import table
from jstock_core.reports.render.table import Shown

_INTENTS = {
    Intent.JOURNAL: ("", ""),
    Intent.SHOW_AGAIN: ("", "Decided before; shown again from the journal."),
    Intent.REHEARSE: ("REHEARSAL", "Nothing of this was recorded, and these are no orders to place."),
    Intent.PREVIEW: ("PREVIEW", "Nothing of this is recorded yet; the morning's run decides."),
}
_SHOWN: Mapping[Severity, Callable[[str], Shown]] = {
    Severity.ALERT: lambda text: table.banner("banner-alert", "ALERT", text),
    Severity.WARNING: lambda text: table.banner("banner-simulated", "", text),
    Severity.INFO: table.line,
}


def banner(report: Report) -> Shown:
    """What this report is, and what must be known before its numbers."""
    return table.stacked(_messages(report))


def _messages(report: Report) -> Iterator[Shown]:
    header = report.header
    yield table.line(_about(header), " ".join(_marks(header)))
    lead, text = _INTENTS[header.intent]
    if text:
        yield table.banner("banner-simulated", lead, text) if lead else table.line(text)
    for alert in report.alerts:
        yield _SHOWN[alert.severity](alert.message)


def _marks(header: Header) -> Iterator[str]:
    if header.simulated:
        yield "SIMULATED"
    if header.status == DayStatus.DEGRADED:
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
    return table.line(f"Costs reckoned with: {report.execution.costs}.")


def provenance(report: Report) -> Shown:
    """What the decisions rest on: the data, and the certificates of the rules."""
    proven = "; ".join(report.execution.proven) or "rules not recorded"
    data = f"{report.header.provider} data up to {report.header.evaluated}"
    return table.line(f"Decided on {data}. {proven}.", "Provenance")


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
