"""The curves of the groups, the whole desk and TOPIX: returns, and how far below the highest close."""

from __future__ import annotations

from jstock_core.base.arguments import require_kind
from jstock_core.base.words import join_parts
from jstock_core.reports.model.money.curves import Performance
from jstock_core.reports.model.money.measures import AccountMeasures
from jstock_core.reports.model.money.returns import ReturnCurve
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.figures import figure, small_line
from jstock_core.reports.render.parts.table import Display
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine, LineStyle, Values, group_style

_FEWEST_SESSIONS = 3
"""Sessions from which a curve is drawn."""
_DENSE_PCT = 6.0
"""Percent between the lowest and the highest value below which an axis needs a decimal."""


def desk_curve(report: Report, words: Words, *, height: float, watermark: str = "") -> str:
    """The return of the whole desk and of TOPIX as an SVG, or "" before there is a curve."""
    past = report.performance
    if len(past.sessions) < _FEWEST_SESSIONS:
        return ""
    topix = [ChartLine("topix", line.return_pct, "TOPIX", words.pct(line.last)) for line in past.benchmarks]
    desk = ChartLine("whole", past.whole.return_pct, words("Desk"), words.pct(past.whole.last))
    title = words("Return since {day}", day=words.day(past.sessions[0]))
    said = words("Desk {desk}, TOPIX {topix}", desk=desk.last, topix=words.pct(past.topix.last))
    caption = Caption(title, said if topix else desk.last, watermark)
    return line_chart(
        caption, past.sessions, (*topix, desk), form=lambda value: words.pct(value, 0), height=height
    )


def returns_chart(report: Report, words: Words = ENGLISH) -> Display:
    """The return of each group, of the whole desk and of TOPIX from the same base; or why there is none."""
    require_kind(report, Report, "a report", "give the `report` of the day that `js.run_day(...)` returns")
    past = report.performance
    if past.unknown:
        return _nothing(past, words)
    title = words("Return since {day}, %", day=words.day(past.sessions[0]))
    total = () if past.topix_total is None else (past.topix_total,)
    shown = (*past.groups, *total, *past.benchmarks, past.whole)
    meaning = join_parts(f"{_name(curve, words)} {words.pct(curve.last)}" for curve in reversed(shown))
    lines = [_line(past, curve, curve.return_pct, words) for curve in shown]
    price_index = past.benchmarks and not total
    note = words("TOPIX is the price index, without dividends.") if price_index else ""
    return figure("returns-by-group", title, _draw(report, title, meaning, lines, words), meaning, note)


def drawdown_chart(report: Report, words: Words = ENGLISH) -> Display:
    """How far the whole desk and TOPIX are below their highest close so far; or why it is not known."""
    past = report.performance
    if past.unknown:
        return _nothing(past, words)
    title = words("Drawdown, %")
    shown = (*past.benchmarks, past.whole)
    deepest = join_parts(f"{_name(curve, words)} {words.pct(curve.deepest)}" for curve in reversed(shown))
    meaning = words("at most {deepest}", deepest=deepest)
    lines = [_line(past, curve, curve.drawdown_pct, words, filled=curve is past.whole) for curve in shown]
    note = _deepest(past.measured[-1], words) if past.measured else ""
    return figure("drawdown", title, _draw(report, title, meaning, lines, words), meaning, note)


def _nothing(past: Performance, words: Words) -> Display:
    return small_line(words.sentence(past.unknown), words("Returns:"))


def _draw(report: Report, title: str, meaning: str, lines: list[ChartLine], words: Words) -> str:
    caption = Caption(title, meaning, " ".join(words(mark) for mark in report.header.market_marks))
    known = [0.0, *(v for line in lines for v in line.values if v is not None)]
    decimals = 1 if max(known) - min(known) < _DENSE_PCT else 0
    return line_chart(
        caption, report.performance.sessions, lines, form=lambda value: words.number(value, decimals)
    )


def _deepest(whole: AccountMeasures, words: Words) -> str:
    """When the deepest fall of the whole desk was."""
    if whole.drawdown_from is None:
        return ""
    return words(
        "Max drawdown of the whole desk: {pct}, from {first} to {last}.",
        pct=words.pct(whole.drawdown_pct),
        first=words.day(whole.drawdown_from),
        last=words.day(whole.drawdown_to),
    )


def _line(
    past: Performance, curve: ReturnCurve, values: Values, words: Words, *, filled: bool = False
) -> ChartLine:
    """TOPIX grey and dashed, groups coloured, the whole dark and heavy; its last value at its end."""
    last = words.number(values[-1] if values else None, 1)
    return ChartLine(_style(past, curve), values, label=_name(curve, words), last=last, filled=filled)


def _style(past: Performance, curve: ReturnCurve) -> LineStyle:
    if curve is past.whole:
        return "whole"
    if curve is past.topix_total:
        return "topix-total"
    return "topix" if curve is past.topix else group_style(past.groups.index(curve))


def _name(curve: ReturnCurve, words: Words) -> str:
    return curve.group or words(curve.name)
