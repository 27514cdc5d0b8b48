"""One table, three ways to show it: HTML for the page, Markdown for the file, aligned text for a terminal.

Cells hold plain text, which is escaped here and nowhere else, so a name or a reason can hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Literal

from jstock_core.base.words import (
    Align,
    escape_html,
    escape_markdown,
    escape_markdown_line,
    pad,
    plural,
    terminal_width,
)
from jstock_core.reports.render.parts.markup import object_sheet, prose, styled, unbroken

Kind = Literal["text", "num", "day"]
_CLASSES = {"num": "num", "day": "tabular"}
_STACK, _MANY = 5, 7
"""Columns from which rows become cards on a phone, and from which on a tablet too."""
_TABLET, _PADDED = 92, 3
"""Characters that a tablet shows side by side, and those that the room beside a column takes."""
_LONG = 24
"""Characters of a text that takes a line of its own in a card."""
_WIDE = 13
"""Characters of a word that takes the room of two values there, so that it is not broken."""
Bundle = dict[str, str]


@dataclass(frozen=True, repr=False)
class Display:
    """What a notebook displays, in each form in which it is read.

    `sheet` is what a notebook gets with the HTML: None for what a single object needs, "" for nothing.
    """

    html: str
    markdown: str
    plain: str
    sheet: str | None = field(default=None, compare=False, repr=False)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """What IPython displays."""
        del include, exclude
        html = _single(self.html) if self.sheet is None else styled(self.html, self.sheet)
        return {"text/html": html, "text/markdown": self.markdown, "text/plain": self.plain}

    def __repr__(self) -> str:
        """Say in a line what is shown."""
        return f"<{shorten(self.plain, 200, placeholder=' ...') or 'Nothing to show'}>"


@dataclass(frozen=True)
class Heading:
    """The head of a column: numbers are aligned right, texts and days left."""

    title: str
    kind: Kind = "text"

    @property
    def align(self) -> Align:
        """Where its cells stand."""
        return "right" if self.kind == "num" else "left"


@dataclass(frozen=True)
class Cell:
    """A value as text, its tone ("gain", "loss", "muted" or ""), and what stands small under it."""

    text: str
    tone: str = ""
    note: str = ""
    note_tone: str = "muted"


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of cells under headings; `empty` is shown without rows. The first cell names its row.

    A `compact` one, of at most four short columns, stays a table on a phone.
    """

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    foot: tuple[tuple[Cell, ...], ...] = field(default=())
    compact: bool = False

    def __post_init__(self) -> None:
        for row in (*self.rows, *self.foot):
            if len(row) != len(self.headings):
                raise ValueError(f"{len(row)} cells under {len(self.headings)} headings")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """What IPython displays."""
        del include, exclude
        return {"text/html": _single(self.html), "text/markdown": self.markdown, "text/plain": self.plain}

    def __repr__(self) -> str:
        """Say in a line what the table holds."""
        titles = ", ".join(column.title for column in self.headings if column.title)
        return f"<Table of {plural(len(self.rows), 'row')}: {titles}>"

    @property
    def html(self) -> str:
        """A table with classes num, gain, loss and muted, whose rows become cards where it is too narrow for
        its columns; or a sentence.
        """
        if not self.rows:
            return f'<p class="muted">{escape_html(self.empty)}</p>'
        parts = [
            f"<div{_class('table', 'compact' if self.compact else '')}>",
            f"<table{_class(*self._shape)}>",
            "<thead>",
            _html_head(self.headings),
            "</thead>",
            "<tbody>",
        ]
        labelled = bool(self._shape)
        parts += [_html_row(self.headings, row, labelled=labelled) for row in self.rows]
        parts.append("</tbody>")
        if self.foot:
            foot = (_html_row(self.headings, row, labelled=labelled) for row in self.foot)
            parts += ["<tfoot>", *foot, "</tfoot>"]
        return "\n".join([*parts, "</table>", "</div>"])

    @property
    def _shape(self) -> tuple[str, ...]:
        """The classes of a table whose rows become cards where it is too narrow."""
        columns = 0 if self.compact else len(self.headings)
        many = columns >= _MANY and self._least > _TABLET
        return (("stack",) if columns >= _STACK else ()) + (("many",) if many else ())

    @property
    def _least(self) -> int:
        """Characters that the table takes at least, with the room between its columns."""
        columns = zip(self.headings, *self.rows, *self.foot, strict=True)
        return sum(_PADDED + _least(head, cells) for head, *cells in columns)

    @property
    def markdown(self) -> str:
        """A pipe table with aligned columns; or a sentence."""
        if not self.rows:
            return escape_markdown_line(self.empty)
        head = [escape_markdown(column.title) for column in self.headings]
        body = [[_markdown_cell(cell) for cell in row] for row in self.rows]
        foot = [[_bold(_markdown_cell(cell)) for cell in row] for row in self.foot]
        widths = _widths([head, *body, *foot], at_least=3)
        rule = "|".join(
            "-" * (w + 1) + (":" if c.kind == "num" else "-")
            for c, w in zip(self.headings, widths, strict=True)
        )
        lines = [" | ".join(self._pad(row, widths)) for row in (head, *body, *foot)]
        return "\n".join(
            f"| {lines[0]} |\n|{rule}|" if n == 0 else f"| {text_line} |" for n, text_line in enumerate(lines)
        )

    @property
    def plain(self) -> str:
        """Columns aligned by what a terminal shows; or a sentence."""
        if not self.rows:
            return self.empty
        head = [column.title for column in self.headings]
        body = [[_plain_cell(cell) for cell in row] for row in (*self.rows, *self.foot)]
        widths = _widths([head, *body])
        lines = ["  ".join(self._pad(row, widths)).rstrip() for row in (head, *body)]
        return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])

    def _pad(self, row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
        for column, text, columns in zip(self.headings, row, widths, strict=True):
            yield pad(text, columns, column.align)


def _widths(rows: Iterable[Sequence[str]], at_least: int = 0) -> list[int]:
    return [max(at_least, *(terminal_width(text) for text in column)) for column in zip(*rows, strict=True)]


def _single(html: str) -> str:
    """An object of its own in a notebook: in a frame that the sheet is meant for."""
    sheet = object_sheet(drawn='<svg class="drawing' in html)
    return styled(html and f'<div class="jstock">\n{html}\n</div>', sheet)


def _html_head(headings: Iterable[Heading]) -> str:
    cells = (f'<th scope="col"{_column_class(c)}>{escape_html(c.title)}</th>' for c in headings)
    return f"<tr>{''.join(cells)}</tr>"


def _column_class(column: Heading, *more: str) -> str:
    return _class(_CLASSES.get(column.kind, ""), *more)


def _html_row(columns: Sequence[Heading], row: Sequence[Cell], *, labelled: bool) -> str:
    """A row: the first cell is its heading, the others bear the title of their column for cards.

    So does the first where it is a mere number.
    """
    (column, first), *others = zip(columns, row, strict=True)
    label = f' data-label="{escape_html(column.title)}"' if labelled and _is_count(first.text) else ""
    head = f'<th scope="row"{label}{_column_class(column, first.tone)}>{_inside(first)}</th>'
    return f"<tr>{head}{''.join(_html_cell(c, cell, labelled=labelled) for c, cell in others)}</tr>"


def _least(head: Heading, cells: Iterable[Cell]) -> int:
    """Characters that a column takes at least: numbers stay on their line, texts break between words."""
    texts = [head.title, *(text for cell in cells for text in (cell.text, cell.note))]
    lines = texts if head.kind == "num" else [word for text in texts for word in text.split()]
    return max(map(terminal_width, lines), default=0)


def _is_count(text: str) -> bool:
    """Whether it is a number, and no code of a stock."""
    return text.isdecimal() and len(text) < 4


def _html_cell(column: Heading, cell: Cell, *, labelled: bool) -> str:
    is_long = labelled and max(len(cell.text), len(cell.note)) > _LONG
    is_wide = labelled and not is_long and max(map(terminal_width, cell.text.split()), default=0) > _WIDE
    label = f' data-label="{escape_html(column.title)}"' if labelled else ""
    classes = _column_class(column, cell.tone, "long" if is_long else "wide" if is_wide else "")
    return f"<td{label}{classes}>{_inside(cell)}</td>"


def _inside(cell: Cell) -> str:
    small = f"<br><small{_class(cell.note_tone)}>{escape_html(cell.note)}</small>" if cell.note else ""
    return escape_html(cell.text) + small


def _class(*names: str) -> str:
    used = " ".join(name for name in names if name)
    return f' class="{used}"' if used else ""


def _markdown_cell(cell: Cell) -> str:
    return escape_markdown(_one_line(cell))


def _plain_cell(cell: Cell) -> str:
    return " ".join(_one_line(cell).split())


def _one_line(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note and cell.text else cell.text or cell.note


def _bold(text: str) -> str:
    return f"**{text}**" if text else ""


def message_box(kind: str, lead: str, text: str) -> Display:
    """A message with a word in front: a box of that class on the page, a quoted line in Markdown."""
    strong = f"<strong>{escape_html(lead)}</strong> " if lead else ""
    return Display(
        f"<div{_class('banner', kind)}>{strong}{prose(text)}</div>",
        f"> {_with_lead(lead, text)}",
        f"{lead} {text}".strip(),
    )


def text_line(text: str, lead: str = "") -> Display:
    """A quiet line of text."""
    strong = f"<strong>{escape_html(lead)}</strong> " if lead else ""
    return Display(
        f'<p class="muted">{strong}{prose(text)}</p>', _with_lead(lead, text), f"{lead} {text}".strip()
    )


def _with_lead(lead: str, text: str) -> str:
    return f"{_bold(escape_markdown(lead))} {escape_markdown(text)}" if lead else escape_markdown_line(text)


def stack(parts: Iterable[Display | Table]) -> Display:
    """Several things under each other."""
    given = list(parts)
    return Display(
        "\n".join(part.html for part in given),
        "\n\n".join(text for part in given if (text := part.markdown)),
        "\n".join(text for part in given if (text := part.plain)),
    )


def section(name: str, title: str, parts: Iterable[Display | Table], *, level: int = 2) -> Display:
    """A section of the page under its heading, with `name` as the target of links; nothing without parts."""
    given = list(parts)
    if not given:
        return Display("", "", "")
    inside = stack(given)
    head = f"<h{level}>{unbroken(title)}</h{level}>"
    return Display(
        f'<section class="jstock" id="{escape_html(name)}">\n{head}\n{inside.html}\n</section>',
        f"{'#' * level} {escape_markdown(title)}\n\n{inside.markdown}",
        f"{title}\n\n{inside.plain}",
    )
