"""One offline page that steps through many mornings: orders, fills, positions, equity, and why.

It is made of the values that the runs kept (`report.json`), so it shows what was published then. Its script
only shows what stands in the page as data; without it a table of the mornings is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jstock_core.base.limits import read_utf8
from jstock_core.base.words import join_parts
from jstock_core.reports.model.money.portfolio import NextStop
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.markup import safe
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine
from jstock_core.runs.notebook.shell import render_page

_TEMPLATES = Path(__file__).parent / "templates"
Row = list[str]


def replay_page(reports: Iterable[Report], words: Words) -> str:
    """The page of some mornings, oldest first; at least one."""
    mornings: list[dict[str, Any]] = []
    curve: list[tuple[Report, float | None, float | None]] = []
    for report in reports:
        mornings.append(_morning(report, words))
        curve.append((report, report.portfolio.whole.return_pct, report.performance.topix.last))
    first, last = curve[0][0].header, curve[-1][0].header
    return render_page(
        _TEMPLATES / "replay.html.j2",
        title=words("{first} to {last}", first=first.trade_date, last=last.trade_date),
        words=words,
        css=_own_file("replay.css"),
        script=_own_file("replay.js"),
        marks=last.market_marks,
        chart=safe(_chart(curve, words)),
        rows=[(each["day"], each["equity"], each["return"], len(each["orders"])) for each in mornings],
        data=safe(_embedded(mornings)),
    )


def _chart(curve: Sequence[tuple[Report, float | None, float | None]], words: Words) -> str:
    """The return of the whole desk against TOPIX, a point each morning."""
    desk, topix = [each[1] for each in curve], [each[2] for each in curve]
    newest = curve[-1][0].header
    caption = Caption(
        words("Return against TOPIX, %"),
        f"{words('Whole desk')} {words.pct(desk[-1])}, TOPIX {words.pct(topix[-1])}",
        " ".join(words(mark) for mark in newest.market_marks),
    )
    lines = [
        ChartLine("topix", topix, "TOPIX", words.pct(topix[-1])),
        ChartLine("whole", desk, words("Whole desk"), words.pct(desk[-1])),
    ]
    days = [each[0].header.trade_date for each in curve]
    return line_chart(caption, days, lines, form=lambda value: words.number(value, 0))


def _morning(report: Report, words: Words) -> dict[str, Any]:
    """A morning as texts that are ready to be shown."""
    whole = report.portfolio.whole
    return {
        "day": words.weekday(report.header.trade_date),
        "status": words(str(report.header.status)),
        "equity": words.yen(whole.equity),
        "pnl": words.signed_yen(whole.day_pnl),
        "tone": words.tone(whole.day_pnl),
        "return": words.pct(whole.return_pct),
        "topix": words.pct(report.performance.topix.last),
        "cash": words.yen(whole.cash),
        "alerts": [words.sentence(alert.message) for alert in report.alerts if alert.severity == "alert"],
        "orders": _orders(report, words),
        "fills": _fills(report, words),
        "positions": _positions(report, words),
    }


def _orders(report: Report, words: Words) -> list[Row]:
    """Side, stock, shares, and why, by group."""
    return [
        [
            words.side(ticket.side),
            f"{ticket.code} {ticket.name}",
            words.count(ticket.shares),
            join_parts((ticket.group, words.sentence(ticket.reason)), ": "),
        ]
        for ticket in report.execution.standing
    ]


def _fills(report: Report, words: Words) -> list[Row]:
    """What was traded since the morning before: side, stock, shares and price, gain, group."""
    return [
        [
            words.side(fact.side),
            f"{fact.code} {fact.name}",
            f"{words.count(fact.shares)} x {words.price(fact.price)}",
            join_parts((fact.group, "" if fact.gain is None else words.signed_yen(fact.gain)), ": "),
        ]
        for fact in report.execution.events
        if fact.kind == "fill"
    ]


def _positions(report: Report, words: Words) -> list[Row]:
    """Stock, shares, gain, and the nearest stop, most endangered first; the last is the tone of the gain."""
    return [
        [
            f"{line.code} {line.name}",
            words.count(line.shares),
            f"{words.signed_yen(line.pnl)} ({words.pct(line.pnl_pct)})",
            join_parts((line.group, _stop(line.stop, words)), ": "),
            words.tone(line.pnl),
        ]
        for line in report.portfolio.held
    ]


def _stop(stop: NextStop | None, words: Words) -> str:
    if stop is None:
        return ""
    name = words.layer(stop.layer)
    return words("{layer} broken", layer=name) if stop.broken else f"{name} {words.pct(stop.distance_pct)}"


def _embedded(mornings: Sequence[dict[str, Any]]) -> str:
    """JSON that can stand in a page: nothing in it closes its element or begins another."""
    text = json.dumps(mornings, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _own_file(name: str) -> str:
    return read_utf8(_TEMPLATES / name)
