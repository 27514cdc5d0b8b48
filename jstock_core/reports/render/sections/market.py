"""The market in the session before: TOPIX, breadth, sectors, investor flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.words import UNKNOWN, signed_number, tone
from jstock_core.reports.model.market.market import FlowWeek, SectorReturn
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ForeignFlow, MarketSummary
from jstock_core.reports.render.parts.cells import toned_cell
from jstock_core.reports.render.parts.figures import apart, figure, folded, side_by_side, small_line, titled
from jstock_core.reports.render.parts.table import (
    Cell,
    Display,
    Heading,
    Table,
    section,
)
from jstock_core.reports.render.parts.tiles import Tile, number_tiles
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartColumn, ChartLine

SHOWN = 5
"""Sectors shown at either end; all where they are not more than twice as many."""


def market_section(report: Report, words: Words) -> Display:
    """TOPIX and the breadth of the monitored stocks, their sectors, and what investors did."""
    return section("market", words("Market"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display | Table]:
    market, header = report.market, report.header
    yield number_tiles(_tiles(report, words), (words("Measure"), words("Figure"), words("Note")))
    charts = []
    if market.path.sessions and not header.lacks("topix"):
        charts.append(_topix_chart(report, words))
    if not header.lacks("flows"):
        chart = (_flows_chart(report, words),) if market.weeks else ()
        charts.append(apart((*chart, *_flow_lines(market, words))))
    yield side_by_side(charts)
    if market.sectors:
        yield titled(words("Sectors of the monitored stocks"), _sectors(market.sectors, words))
        if len(market.sectors) > 2 * SHOWN:
            yield folded(words("All sectors"), _sector_table(market.sectors, words("Sector"), words))


# --- tiles ------------------------------------------------------------------------------------------------


def _tiles(report: Report, words: Words) -> Iterator[Tile]:
    market = report.market
    if not report.header.lacks("topix"):
        change = (
            words.pct(market.change_pct, 2),
            signed_number(market.change),
            words.sentence(market.condition),
        )
        note = words.join(change) if market.change is not None else UNKNOWN
        yield Tile("TOPIX", words.number(market.topix), note, tone(market.change_pct))
        yield Tile(words("TOPIX, 20 sessions"), words.pct(market.change_20_pct), "")
    yield Tile(
        words("Stocks up"),
        words.count(market.advancers),
        words(
            "{down} down, {n} unchanged",
            down=words.count(market.decliners),
            n=words.count(market.unchanged),
        ),
    )
    yield from _trend_tiles(market, words)


def _trend_tiles(market: MarketSummary, words: Words) -> Iterator[Tile]:
    trend = market.trend
    if trend.with_mean:
        yield Tile(
            words("Above their {n}-session mean", n=trend.mean_bars),
            words.pct(trend.above_mean_pct, 0).removeprefix("+"),
            words("{n} of {all} stocks", n=words.count(trend.above_mean), all=words.count(trend.with_mean)),
        )
    if trend.with_range:
        yield Tile(
            words("New highs of a year"),
            words.count(trend.highs),
            words(
                "{low} new lows, of {n} stocks", low=words.count(trend.lows), n=words.count(trend.with_range)
            ),
        )


# --- charts -----------------------------------------------------------------------------------------------


def _topix_chart(report: Report, words: Words) -> Display:
    path = report.market.path
    title = words("TOPIX, the last {n} sessions", n=words.count(len(path.sessions)))
    known = [level for level in path.topix if level is not None]
    meaning = words(
        "{now} after {low} to {high}",
        now=words.number(path.topix[-1]),
        low=words.number(min(known)),
        high=words.number(max(known)),
    )
    line = ChartLine("whole", path.topix, last=words.number(path.topix[-1], 0))
    svg = line_chart(
        _caption(report, title, meaning, words),
        path.sessions,
        [line],
        form=lambda x: words.number(x, 0),
        base=None,
        height=180,
    )
    return figure("topix", title, svg, meaning)


def _flows_chart(report: Report, words: Words) -> Display:
    weeks = report.market.weeks
    title = words("Foreigners a week, ¥ bn")
    meaning = words.join(f"{week.week_end:%m-%d} {words.flow(week.foreigners)}" for week in weeks)
    columns = [_column(week, words) for week in weeks]
    svg = column_chart(
        _caption(report, title, meaning, words),
        columns,
        form=lambda x: words.number(x, 0),
        height=180,
    )
    return figure("flows", title, svg, meaning)


def _column(week: FlowWeek, words: Words) -> ChartColumn:
    unit = 1e5 if words.language == "ja" else 1e6  # thousand yen in 億円, in billions
    value = None if week.foreigners is None else week.foreigners / unit
    title = words(
        "week to {end}, published {day}: {amount}",
        end=words.day(week.week_end),
        day=words.day(week.published),
        amount=words.flow(week.foreigners),
    )
    return ChartColumn(value, label=f"{week.week_end:%m-%d}", title=title)


def _caption(report: Report, title: str, meaning: str, words: Words) -> Caption:
    return Caption(title, meaning, " ".join(words(mark) for mark in report.header.market_marks))


# --- flows ------------------------------------------------------------------------------------------------


def _flow_lines(market: MarketSummary, words: Words) -> Iterator[Display]:
    flow = market.foreigners
    if flow is None:
        yield small_line(words("No investor flows are known."))
        return
    newest = words(
        "{amount} in the week to {end}, published {day}; TSE Prime as a whole.",
        amount=words.flow(flow.balance),
        end=words.day(flow.week_end),
        day=words.day(flow.published),
    )
    yield small_line(newest, words("Foreigners:"))
    individuals = market.weeks[-1].individuals if market.weeks else None
    if individuals is not None:
        yield small_line(
            words("{amount} in the same week.", amount=words.flow(individuals)), words("Individuals:")
        )
    yield small_line(_window(flow, words), words("In the scores:"))


def _window(flow: ForeignFlow, words: Words) -> str:
    window = flow.window
    if window is None:
        return words("no week that ends in the last 35 calendar days is known.")
    return words(
        "{amount}, the sum of the {n} weeks that ended {first} to {last}.",
        amount=words.flow(window.foreigners),
        n=window.weeks,
        first=words.day(window.first),
        last=words.day(window.last),
    )


# --- sectors ----------------------------------------------------------------------------------------------


def _sectors(sectors: Sequence[SectorReturn], words: Words) -> Display | Table:
    """The best and the worst beside each other; all in one table where they are few."""
    if len(sectors) <= 2 * SHOWN:
        return _sector_table(sectors, words("Sector"), words)
    known = [each for each in sectors if each.day_pct is not None]
    best = _sector_table(known[:SHOWN], words("Best of the day"), words)
    worst = _sector_table(known[: -SHOWN - 1 : -1], words("Worst of the day"), words)
    return side_by_side((best, worst))


def _sector_table(sectors: Sequence[SectorReturn], title: str, words: Words) -> Table:
    heads = (
        Heading(title),
        Heading(words("Day's change"), "num"),
        Heading(words("20 sessions"), "num"),
        Heading(words("Stocks"), "num"),
    )
    rows = tuple(_sector_row(each, words) for each in sectors)
    return Table(heads, rows, words("No sectors are known"), compact=True)


def _sector_row(each: SectorReturn, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words.sector(each.sector)),
        toned_cell(words.pct(each.day_pct, 2), each.day_pct),
        toned_cell(words.pct(each.span_pct), each.span_pct),
        Cell(words.count(each.stocks)),
    )
