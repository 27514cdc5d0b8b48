"""The first screen: what this morning is, its alerts, the orders in short, what changed, and the equity."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import terminal_width
from jstock_core.execution.orders.states import DONE
from jstock_core.reports.model.decisions.since import SinceSummary
from jstock_core.reports.model.placements import Placement, placements
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import banner, headline_tiles, phases_text
from jstock_core.reports.render.money.curves import desk_curve
from jstock_core.reports.render.parts.markup import markup, safe
from jstock_core.reports.render.parts.table import Display, section
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.sections.orders import side_words

_NAME = 26
"""Columns of text that a name has beside its code and its shares."""
_LINE = 50
"""Columns of text that a line of a phone holds."""
_ALERT_LINES = 8
"""Lines of alerts that the first screen has room for; the others are folded."""
_ROOM, _LESS_ROOM = 18, 12
"""Room for orders on the first screen, in thirds of a row: with few lines of alerts, and with many."""
_ROW, _WRAPPED = 3, 2
"""What an order takes of it, and each further line of its name."""
_FEWEST_ROWS = 2

_AHEAD = {"earnings": "earnings", "dividend": "dividend", "split": "split"}
_CHART_HEIGHT = 96.0
_WARNED, _QUIET = "banner banner-simulated", "notice small"


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
    """A placement in one line, or more where its name is long."""

    placement: Placement
    side: str
    kind: str
    shares: str

    @property
    def room(self) -> int:
        """What it takes on a phone, in thirds of a row."""
        return _ROW + _WRAPPED * max(0, math.ceil((terminal_width(self.placement.name) - _NAME) / _LINE))


def top_section(report: Report, words: Words) -> Display:
    """What must be known in the first seconds, on a phone without scrolling."""
    title = words("Orders for {day}", day=words.weekday(report.header.trade_date))
    text = section("top", title, (banner(report, words), headline_tiles(report, words)), level=1)
    alerts = [_alert(alert, words) for alert in report.alerts]
    shown = _first_screen(alerts)
    orders = [_order(placement, words) for placement in placements(report)]
    rows = _rows(orders, _ROOM if sum(alert.lines for alert in shown) <= _ALERT_LINES // 2 else _LESS_ROOM)
    html = markup(
        "top.html.j2", words=words, report=report, title=title, marks=tuple(_marks(report, words)),
        about=_about(report, words), notices=tuple(_notices(report, words)),
        shown=shown, folded=alerts[len(shown) :],
        orders=orders[:rows], more=len(orders) - rows, count=len(orders),
        fillers=_fillers(orders, words), done=_done(report, words), changes=tuple(_changes(report, words)),
        chart=safe(desk_curve(report, words, height=_CHART_HEIGHT)),
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


def _rows(orders: Sequence[TopOrder], room: int) -> int:
    """How many orders there is room for, two at least; where some are left, a line says how many."""
    taken = list(itertools.accumulate(order.room for order in orders))
    if not taken or taken[-1] <= room:
        return len(orders)
    return max(_FEWEST_ROWS, sum(thirds <= room - _ROW for thirds in taken))


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
    if report.halted:
        yield "alert", words("HALTED")
    if report.header.status == DayStatus.DEGRADED:
        yield "degraded in-masthead", words("DEGRADED")


def _about(report: Report, words: Words) -> str:
    header = report.header
    return words(
        "Data up to {day}, decided {time} JST",
        day=words.weekday(header.evaluated),
        time=header.decided_at.replace("T", " ").removeprefix(f"{header.trade_date} "),
    )


def _notices(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """What the chips mean, and what the morning was decided without: the class of each, and its text."""
    match report.header.intent:
        case Intent.REHEARSE:
            yield _WARNED, words("Nothing of this was recorded, and these are no orders to place.")
        case Intent.PREVIEW:
            yield _WARNED, words("Nothing of this is recorded yet; the morning's run decides.")
        case Intent.SHOW_AGAIN:
            yield _QUIET, words("Decided before; shown again from the journal.")
        case _:
            pass
    if report.header.absent:
        titles = words.join(words(each.title) for each in report.header.absent)
        yield _QUIET, words("Not in the data: {titles}.", titles=titles)


def _fillers(orders: Iterable[TopOrder], words: Words) -> str:
    """Who fills the orders."""
    by_you = [order.placement.filled_by == "you" for order in orders]
    parts = ((sum(by_you), "{n} by you"), (len(by_you) - sum(by_you), "{n} on paper"))
    return words.join(words(text, n=number) for number, text in parts if number)


def _done(report: Report, words: Words) -> str:
    """What became of the orders that are not to be placed, in a few words: "1 filled"."""
    phases = report.execution.count_phases()
    return phases_text({phase: n for phase, n in phases.items() if phase in DONE}, words)


def _changes(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """What is different since the decision before, in a few words each; nothing where nothing is."""
    since = report.since
    if since.before is None:
        yield words("Before"), words("This is the first morning.")
    else:
        yield from _said(words("Orders"), words.join(_outcomes(since, words)))
        yield from _said(words("Stops"), words.join(_stops(since, words)))
    yield from _said(words("Signals"), words.join(_signals(report, words)))
    ahead = (f"{words(_AHEAD[event.kind])} {event.code} {words.day(event.day)}" for event in since.ahead[:2])
    more = f"+{len(since.ahead) - 2}" if since.ahead[2:] else ""
    yield from _said(words("Ahead"), words.join((*ahead, more)))


def _said(name: str, text: str) -> Iterator[tuple[str, str]]:
    if text:
        yield name, text


def _outcomes(since: SinceSummary, words: Words) -> Iterator[str]:
    """What became of the orders of the morning before."""
    filled = sum(outcome.filled > 0 for outcome in since.outcomes)
    unresolved = sum(outcome.state == "unresolved" for outcome in since.outcomes)
    others = len(since.outcomes) - filled - unresolved
    counts = ((filled, "{n} filled"), (others, "{n} not filled"), (unresolved, "{n} unresolved"))
    yield from (words(text, n=number) for number, text in counts if number)
    if not since.outcomes:
        yield words("none before")
    gain = sum(outcome.gain or 0 for outcome in since.outcomes)
    if gain:
        yield words("{gain} from sales", gain=words.signed_yen(gain))
    if since.missed:
        yield words.plural(len(since.missed), "{n} morning missed", "{n} mornings missed")


def _stops(since: SinceSummary, words: Words) -> Iterator[str]:
    """Which stops are broken, and how many were raised or are near."""
    broken = dict.fromkeys(stop.code for stop in since.stops if stop.broken)
    if broken:
        yield words("broken: {codes}", codes=_codes(broken))
    raised = sum(any(level.moved > 0 for level in stop.moved) for stop in since.stops)
    near = dict.fromkeys(stop.code for stop in since.stops if stop.is_near and stop.code not in broken)
    if near:
        yield words("near: {codes}", codes=_codes(near))
    if raised:
        yield words("{n} raised", n=raised)


def _codes(codes: Iterable[str]) -> str:
    given = list(codes)
    return " ".join(given[:3]) + (f" +{len(given) - 3}" if given[3:] else "")


def _signals(report: Report, words: Words) -> Iterator[str]:
    """How many signals there are, and how many of them are new or gone."""
    sells = len(report.sells) - len(report.unknown)
    yield words("{sells} sell, {buys} buy", sells=sells, buys=len(report.buys))
    turns = [change.turn for change in report.since.signals]
    counts = ((turns.count("new"), "{n} new"), (turns.count("gone"), "{n} gone"))
    yield from (words(text, n=number) for number, text in counts if number)
    if report.unknown:
        yield words.plural(len(report.unknown), "{n} exit unknown", "{n} exits unknown")
