"""The card of a walk-forward: the curve out of sample, what each window chose, and how it lasted."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.base.words import join_parts, number, pct, plural, signed_number
from jstock_core.reports.model.lab.lab import WalkSheet, WindowLine
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import figure, folded, side_by_side, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack, text_line
from jstock_core.reports.render.parts.tiles import Tile, number_tiles
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.reports.render.research.sweep import figure_form, figure_title
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine, LineStyle


def walk_card(sheet: WalkSheet) -> Display:
    """All of a walk-forward on one card."""
    records = sheet.records
    parts: list[Display | Table] = [
        *([text_line(" ".join(sheet.marks))] if sheet.marks else []),
        text_line(f"{sheet.scheme}; chosen by {sheet.criterion}, then traded on the sessions that follow."),
        _tiles(sheet),
        side_by_side((walk_plot(sheet), _drawdown_plot(sheet))),
        windows_table(sheet),
        stability_table(sheet),
        chance_table(sheet.chance),
        text_line(sheet.proof),
        *(text_line(warning, "Note:") for warning in sheet.warnings),
        folded("All figures", metrics_table(sheet.title, records), repeats=False),
        *(text_line(note) for note in metrics_notes(records.values())),
    ]
    return titled(f"Walk-forward {sheet.title}", stack(parts))


def walk_plot(sheet: WalkSheet) -> Display:
    """The return of all test spans beside the group as declared and TOPIX."""
    lines = [
        _line("topix", "TOPIX", sheet.topix),
        _line("group-1", "as declared", sheet.declared),
        _line("whole", "chosen", sheet.walk),
    ]
    meaning = join_parts(f"{line.label} {line.last} %" for line in reversed(lines))
    title = "Return out of sample against TOPIX, %"
    return figure(f"{sheet.group}-walk-return", title, _draw(sheet, title, meaning, lines), meaning)


def _drawdown_plot(sheet: WalkSheet) -> Display:
    deepest, last = pct(min(sheet.drawdown, default=0.0)), number(sheet.drawdown[-1], 1)
    lines = [ChartLine("whole", sheet.drawdown, "chosen", last, filled=True)]
    title, meaning = "Drawdown out of sample, %", f"at most {deepest}"
    return figure(f"{sheet.group}-walk-drawdown", title, _draw(sheet, title, meaning, lines), meaning)


def windows_table(sheet: WalkSheet) -> Table:
    """A row a window: its spans, what was chosen, and the figures before and after."""
    rank = figure_title(sheet.rank)
    heads = headings(
        "Window, traded",
        "Chosen on",
        *numeric(*sheet.keys, f"{rank} in", f"{rank} out", "Return", "TOPIX"),
    )
    rows = tuple(_row(sheet, n, line) for n, line in enumerate(sheet.windows, start=1))
    return Table(heads, rows, "there is no window")


def _row(sheet: WalkSheet, n: int, line: WindowLine) -> tuple[Cell, ...]:
    form, note = figure_form(sheet.rank), "kept" if line.kept else ""
    values = line.values or tuple("as declared" for _ in sheet.keys)
    return (
        Cell(str(n), note=_span(line.test_span)),
        Cell(_span(line.train_span)),
        *(Cell(value, note=note) for value in values),
        Cell(form(line.train)),
        Cell(form(line.test)),
        toned_cell(pct(100 * line.total_return), line.total_return),
        Cell(pct(100 * line.topix_return)),
    )


def stability_table(sheet: WalkSheet) -> Table:
    """A row a key: how it was chosen over the windows."""
    count = len(sheet.windows)
    heads = headings("Key", *numeric("Usual value", "In windows", "Changes", "Mean move", "At an edge"))
    rows = tuple(
        (
            Cell(each.key),
            Cell(str(each.usual)),
            Cell(f"{100 * each.usual_share:.0f} %"),
            Cell(f"{each.changes} of {count - 1}"),
            Cell(number(each.mean_move, 1)),
            Cell(f"{each.at_edge} of {count}"),
        )
        for each in sheet.stability
    )
    return Table(heads, rows, "no set had the figure in any window: the group was traded as declared")


def _tiles(sheet: WalkSheet) -> Display:
    walk, declared = sheet.records.values()
    own, worst, form = walk.own, walk.own.max_drawdown, figure_form("total_return")
    deepest = pct(None if own.deepest is None else 100 * own.deepest)
    total, base, topix = (
        form(float("nan") if each.total_return is None else each.total_return)
        for each in (own, declared.own, walk.benchmark)
    )
    return number_tiles((
        Tile("Return", total, f"TOPIX {topix}"),
        Tile("Sharpe", number(own.sharpe), f"as declared {number(declared.own.sharpe)}"),
        Tile("Max drawdown", deepest, f"to {worst.trough}" if worst else ""),
        Tile("As declared", base, "the group's own values"),
        Tile("Closed lots", str(walk.lots.closed), plural(len(sheet.windows), "window")),
    ))  # fmt: skip


def _draw(sheet: WalkSheet, title: str, meaning: str, lines: list[ChartLine]) -> str:
    caption = Caption(title, meaning, " ".join(sheet.marks))
    return line_chart(caption, sheet.sessions, lines, form=lambda value: number(value, 0))


def _line(style: LineStyle, name: str, values: Sequence[float]) -> ChartLine:
    return ChartLine(style, values, name, signed_number(values[-1], 1))


def _span(span: tuple[object, object]) -> str:
    return f"{span[0]} to {span[1]}"
