"""The money of the groups and of the whole desk, and what they did against TOPIX."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import join_parts
from jstock_core.reports.model.curves import Performance, ReturnCurve
from jstock_core.reports.model.measures import AccountMeasures, TaxToDate
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.figures import close, figure, folded, side_by_side, small_line, titled
from jstock_core.reports.render.measured import (
    months_map,
    months_table,
    notes,
    tear_sheet,
    years_table,
)
from jstock_core.reports.render.money import money_table
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine, LineStyle, group_style
from jstock_core.reports.render.table import Display, Table, section, stack
from jstock_core.reports.render.words import Words


def performance_section(report: Report, words: Words) -> Display:
    """The money of the groups, their returns against TOPIX, months, and the tax to date."""
    return section("performance", words("Portfolio and performance"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display | Table]:
    past = report.performance
    yield money_table(report.portfolio, words)
    if past.unknown:
        yield small_line(words.sentence(past.unknown), words("Returns:"))
    else:
        yield side_by_side((_returns_chart(report, words), _drawdown_chart(report, words)))
        yield side_by_side((_against_topix(past, words), _by_month(past, words)))
    if past.tax is not None:
        yield small_line(_tax(past.tax, words), words("Tax to date:"))


def _against_topix(past: Performance, words: Words) -> Display:
    parts = (close(tear_sheet(past.measured, words)), *notes(past.measured, words))
    return titled(words("Against TOPIX"), stack(parts))


def _by_month(past: Performance, words: Words) -> Display:
    tables = years_table(past, words), folded(words("All months"), months_table(past, words))
    return titled(words("By month"), stack((*months_map(past, words), *tables)))


# --- charts -----------------------------------------------------------------------------------------------


def _returns_chart(report: Report, words: Words) -> Display:
    past = report.performance
    title = words("Return since {day}, %", day=words.day(past.sessions[0]))
    shown = (*past.groups, *past.benchmarks, past.whole)
    meaning = join_parts(f"{_name(curve, words)} {words.pct(curve.last)}" for curve in reversed(shown))
    lines = [_line(past, curve, curve.return_pct, words) for curve in shown]
    svg = line_chart(
        _caption(report, title, meaning, words), past.sessions, lines, form=lambda x: words.number(x, 0)
    )
    return figure(
        "returns-by-group", title, svg, meaning, words("TOPIX is the price index, without dividends.")
    )


def _drawdown_chart(report: Report, words: Words) -> Display:
    past = report.performance
    title = words("Below the highest close so far, %")
    shown = (*past.benchmarks, past.whole)
    deepest = join_parts(f"{_name(curve, words)} {words.pct(curve.deepest)}" for curve in reversed(shown))
    meaning = words("at most {deepest}", deepest=deepest)
    lines = [_line(past, curve, curve.drawdown_pct, words, filled=curve is past.whole) for curve in shown]
    svg = line_chart(
        _caption(report, title, meaning, words), past.sessions, lines, form=lambda x: words.number(x, 0)
    )
    return figure("drawdown", title, svg, meaning, _deepest(past.measured[-1], words))


def _deepest(whole: AccountMeasures, words: Words) -> str:
    """When the deepest fall of the whole desk was."""
    if whole.drawdown_from is None:
        return ""
    return words(
        "The deepest fall of the whole desk: {pct}, from {first} to {last}.",
        pct=words.pct(whole.drawdown_pct),
        first=words.day(whole.drawdown_from),
        last=words.day(whole.drawdown_to),
    )


def _caption(report: Report, title: str, meaning: str, words: Words) -> Caption:
    return Caption(title, meaning, " ".join(words(mark) for mark in report.header.market_marks))


def _line(
    past: Performance,
    curve: ReturnCurve,
    values: tuple[float | None, ...],
    words: Words,
    *,
    filled: bool = False,
) -> ChartLine:
    last = values[-1] if values else None
    return ChartLine(
        _style(past, curve), values, label=_name(curve, words), last=words.number(last, 1), filled=filled
    )


def _style(past: Performance, curve: ReturnCurve) -> LineStyle:
    if curve is past.whole:
        return "whole"
    return "topix" if curve is past.topix else group_style(past.groups.index(curve))


def _name(curve: ReturnCurve, words: Words) -> str:
    return curve.group or words(curve.name)


def _tax(tax: TaxToDate, words: Words) -> str:
    if tax.unknown:
        return words.sentence(tax.unknown)
    if not tax.sales:
        return words("no sale settles in {year} so far.", year=tax.year)
    text = words.plural(
        tax.sales,
        "about {tax} on {gain} from {n} sale that settles in {year}: an estimate, see `jstock tax {year}`.",
        "about {tax} on {gain} from {n} sales that settle in {year}: an estimate, see `jstock tax {year}`.",
        tax=words.yen(tax.tax),
        year=tax.year,
        gain=words.signed_yen(tax.gain),
    )
    if not tax.untaxed:
        return text
    untaxed = words.plural(
        tax.untaxed, "{n} sale in a NISA account is not taxed.", "{n} sales in NISA accounts are not taxed."
    )
    return f"{text} {untaxed}"
