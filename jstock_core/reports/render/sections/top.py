"""The first screen: what this morning is, its alerts, the orders in short, what changed, and the equity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import join_parts, terminal_width
from jstock_core.reports.model.placements import Placement, placements
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import banner, headline_tiles
from jstock_core.reports.render.markup import markup
from jstock_core.reports.render.sections.orders import side_words
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words

_LINE = 50
"""Columns of text that a line of a phone holds."""
_ALERT_LINES = 8
"""Lines of alerts that the first screen has room for; the others are folded."""
_ROWS, _FEWEST_ROWS = 5, 3
"""Orders on the first screen: with few lines of alerts, and with many."""


@dataclass(frozen=True)
class TopAlert:
    """An alert in words: its text, and what to do about it."""

    severity: Severity
    text: str
    remedy: str

    @property
    def lines(self) -> int:
        """Lines that it takes on a phone."""
        return sum(math.ceil(terminal_width(text) / _LINE) for text in (self.text, self.remedy) if text) + 1


@dataclass(frozen=True)
class TopOrder:
    """A placement in one line."""

    placement: Placement
    side: str
    kind: str
    shares: str


def top_section(report: Report, words: Words) -> Display:
    """What must be known in the first seconds, on a phone without scrolling."""
    title = words("Orders for {day}", day=words.weekday(report.header.trade_date))
    text = section("top", title, (banner(report), headline_tiles(report)), level=1)
    alerts = [_alert(alert, words) for alert in report.alerts]
    shown = _first_screen(alerts)
    orders = [_order(placement, words) for placement in placements(report)]
    rows = _ROWS if sum(alert.lines for alert in shown) <= _ALERT_LINES // 2 else _FEWEST_ROWS
    rows = rows if len(orders) > rows + 1 else rows + 1  # a line that says "1 more" takes as much room
    html = markup(
        "top.html.j2", words=words, report=report, title=title, marks=tuple(_marks(report, words)),
        about=_about(report, words), notices=tuple(_notices(report, words)),
        shown=shown, folded=alerts[len(shown) :], orders=orders[:rows], more=len(orders) - rows,
        fillers=_fillers(orders, words), changes=tuple(_changes(report, words)),
    )  # fmt: skip
    return replace(text, html=html)


def _alert(alert: Alert, words: Words) -> TopAlert:
    return TopAlert(alert.severity, words.sentence(alert.text), words.sentence(alert.remedy))


def _first_screen(alerts: Sequence[TopAlert]) -> list[TopAlert]:
    """The first alerts, as many as there is room for, one at least; information only where it is all."""
    shown: list[TopAlert] = []
    for alert in alerts:
        if shown and sum(each.lines for each in (*shown, alert)) > _ALERT_LINES:
            break
        shown.append(alert)
    return shown


def _order(placement: Placement, words: Words) -> TopOrder:
    return TopOrder(
        placement,
        side_words(placement.side, words),
        words("寄成")
        if placement.limit is None
        else words("寄指 {price}", price=words.price(placement.limit)),
        words.count(placement.shares),
    )


def _marks(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """Chips: their class and their word. On a page the masthead has some of them already."""
    for mark in report.header.market_marks:
        yield f"{mark.lower()} in-masthead", words(mark)
    if report.header.intent.mark:
        yield report.header.intent.mark.lower(), words(report.header.intent.mark)
    if report.header.status == DayStatus.DEGRADED:
        yield "degraded in-masthead", words("DEGRADED")


def _about(report: Report, words: Words) -> str:
    header = report.header
    return words(
        "Data up to {day}, decided {time} JST",
        day=words.weekday(header.evaluated),
        time=header.decided_at.replace("T", " ").removeprefix(f"{header.trade_date} "),
    )


def _notices(report: Report, words: Words) -> Iterator[str]:
    """What the chips mean, and what the morning was decided without."""
    match report.header.intent:
        case Intent.REHEARSE:
            yield words("Nothing of this was recorded, and these are no orders to place.")
        case Intent.PREVIEW:
            yield words("Nothing of this is recorded yet; the morning's run decides.")
        case Intent.SHOW_AGAIN:
            yield words("Decided before; shown again from the journal.")
        case _:
            pass
    if report.header.absent:
        titles = join_parts(words(each.title) for each in report.header.absent)
        yield words("Not in the data: {titles}.", titles=titles)


def _fillers(orders: Iterable[TopOrder], words: Words) -> str:
    """Who fills the orders."""
    by_you = [order.placement.filled_by == "you" for order in orders]
    parts = ((sum(by_you), "{n} by you"), (len(by_you) - sum(by_you), "{n} on paper"))
    return join_parts(words(text, n=number) for number, text in parts if number)


def _changes(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """What happened since the morning before, in a few words each."""
    kinds = [event.kind for event in report.execution.events]
    happened = (("fill", "{n} filled"), ("expired", "{n} not filled"), ("missed", "{n} mornings missed"))
    parts = [words(text, n=kinds.count(kind)) for kind, text in happened if kind in kinds]
    gain = sum(event.gain or 0 for event in report.execution.events)
    if parts:
        won = words("{gain} from sales", gain=words.signed_yen(gain)) if gain else ""
        yield words("Yesterday"), join_parts((*parts, won))
    broken = [f"{held.code} {held.name}" for held in report.portfolio.held if held.stop and held.stop.broken]
    if broken:
        yield words("Stops broken"), join_parts(broken[:2]) + (f" +{len(broken) - 2}" if broken[2:] else "")
    sells = len(report.sells) - len(report.unknown)
    signals = words("{sells} sell, {buys} buy", sells=sells, buys=len(report.buys))
    unknown = words("{n} exits unknown", n=len(report.unknown)) if report.unknown else ""
    yield words("Signals"), join_parts((signals, unknown))
