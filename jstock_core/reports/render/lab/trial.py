"""The card of a trial: figures, curve against TOPIX, drawdown, monthly grid, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.words import UNKNOWN, confidence_words, join_parts, number, pct, plural, signed_number
from jstock_core.reports.model.lab.lab import TrialSheet
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.figures import figure, folded, side_by_side, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack, text_line
from jstock_core.reports.render.parts.tiles import Tile, number_tiles
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.maps import heat_map
from jstock_core.reports.render.svg.values import Caption, ChartLine, LineStyle, group_style

_MONTHS = (*map(str, range(1, 13)), "Year")
_SHOWN_CHANGES = 12


def trial_card(sheet: TrialSheet) -> Display:
    """All of a trial on one card."""
    parts = [
        *([text_line(" ".join(sheet.marks))] if sheet.marks else []),
        *changes_table(sheet),
        trial_tiles(sheet),
        side_by_side((returns_plot(sheet), drawdown_plot(sheet))),
        month_grid(sheet),
        *([chance_table(sheet.chance)] if sheet.chance else []),
        folded("All figures", metrics_table(sheet.title, sheet.records), repeats=False),
        *(text_line(note) for note in (*metrics_notes(sheet.records.values()), *sheet.notes)),
    ]
    return titled(f"Trial {sheet.title}", stack(parts))


def returns_plot(sheet: TrialSheet) -> Display:
    """The return of every record and of TOPIX since the close before the first session."""
    names = [name for name in sheet.returns if name != sheet.main]
    lines = [
        _line("topix", "TOPIX", sheet.topix),
        *(_line(group_style(n), name, sheet.returns[name]) for n, name in enumerate(names)),
        _line("whole", sheet.main, sheet.returns[sheet.main]),
    ]
    meaning = join_parts(f"{line.label} {line.last} %" for line in reversed(lines))
    title = "Return against TOPIX, %"
    return figure(f"{sheet.main}-return", title, _draw(sheet, title, meaning, lines), meaning)


def drawdown_plot(sheet: TrialSheet) -> Display:
    """How far the main record was below its highest close."""
    deepest = pct(min(sheet.drawdown, default=0.0))
    last = number(sheet.drawdown[-1], 1)
    lines = [ChartLine("whole", sheet.drawdown, sheet.main, last, filled=True)]
    title, meaning = "Drawdown, %", f"at most {deepest}"
    return figure(f"{sheet.main}-drawdown", title, _draw(sheet, title, meaning, lines), meaning)


def month_grid(sheet: TrialSheet) -> Display:
    """The return of each month and year of the main record."""
    title = f"Return of {sheet.main} by month, %"
    years = [str(year) for year in sheet.months]
    meaning = join_parts(f"{year} {pct(values[-1])}" for year, values in sheet.months.items())
    caption = Caption(title, meaning)
    svg = heat_map(caption, years, _MONTHS, list(sheet.months.values()), form=lambda value: number(value, 0))
    return figure(f"{sheet.main}-months", title, svg, meaning)


def _draw(sheet: TrialSheet, title: str, meaning: str, lines: list[ChartLine]) -> str:
    caption = Caption(title, meaning, " ".join(sheet.marks))
    return line_chart(caption, sheet.sessions, lines, form=lambda value: number(value, 0))


def _line(style: LineStyle, name: str, values: Sequence[float]) -> ChartLine:
    return ChartLine(style, values, name, signed_number(values[-1], 1))


def changes_table(sheet: TrialSheet) -> Iterator[Display | Table]:
    """What differs from the files of the groups."""
    rows = [(Cell(group), Cell(change)) for group, changes in sheet.changes.items() for change in changes]
    if rows:
        yield Table(headings("Variant of", "Change"), tuple(rows[:_SHOWN_CHANGES]), "", compact=True)


def trial_tiles(sheet: TrialSheet) -> Display:
    """The main figures of the main record."""
    record = sheet.records[sheet.main]
    own, worst = record.own, record.own.max_drawdown
    total, topix = own.total_return, record.benchmark.total_return
    alpha = record.against.alpha
    return number_tiles((
        Tile("Return", _percent(total), f"TOPIX {_percent(topix)}"),
        Tile("Sharpe", number(own.sharpe), _deflated(sheet) or f"CAGR {_percent(own.cagr)}"),
        Tile("Max drawdown", _percent(own.deepest), f"to {worst.trough}" if worst else ""),
        Tile("Alpha", _percent(alpha), f"beta {number(record.against.beta)}"),
        Tile("Closed lots", str(record.lots.closed), f"win rate {_share(record.lots.win_rate)}"),
    ))  # fmt: skip


def _deflated(sheet: TrialSheet) -> str:
    """What is left of the Sharpe ratio after all trials; "" where that is not known."""
    found = sheet.chance.get(sheet.main)
    if found is None or found.deflated is None:
        return ""
    return f"deflated {confidence_words(found.deflated.deflated)}, {plural(found.deflated.trials, 'trial')}"


def _share(fraction: float | None) -> str:
    return UNKNOWN if fraction is None else f"{100 * fraction:.0f} %"


def _percent(fraction: float | None) -> str:
    return pct(None if fraction is None else 100 * fraction)
