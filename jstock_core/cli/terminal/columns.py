"""The columns of a table in the terminal, and how they are made to fit into its width."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rich.cells import cell_len, set_cell_size

MIN_CUT = 8
WRAP_COLUMNS = 16
_PIECE = re.compile(r"[^ ._/]*[ ._/]?")
_NUMBER = re.compile(r"(?:[^ ]| (?=%))+ ?(?:to\b)?")
"""A word, with its % and with the "to" of an interval."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: how it stands, and its cells.

    Where it wraps, longer words than `longest_word`, in terminal columns, are folded.
    """

    heading: str
    side: str
    is_spare: bool
    cells: tuple[str, ...]
    longest_word: int = WRAP_COLUMNS

    @cached_property
    def width(self) -> int:
        """Terminal columns that it takes uncut."""
        return max(
            (cell_len(line) for text in (self.heading, *self.cells) for line in text.splitlines()), default=0
        )

    @cached_property
    def least(self) -> int:
        """Terminal columns that it takes at least.

        One that wraps breaks no word that is not very long, one that is cut no date.
        """
        if self.side in ("left", "right"):
            return self.width
        cells = filter(_DATE.fullmatch, self.cells) if self.side == "cut" else self.cells
        words = " ".join((self.heading, *cells))
        longest = max(map(cell_len, words.split()), default=0)
        most = WRAP_COLUMNS if self.side == "cut" else self.longest_word
        return min(self.width, max(MIN_CUT, min(longest, most)))

    def cut(self, room: int) -> tuple[str, ...]:
        """Its cells, shortened to the room where they may be."""
        room = max(room, self.least)
        return tuple(_short(cell, room) for cell in self.cells) if self.side == "cut" else self.cells


def read_columns(columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> list[TableColumn]:
    """The columns of a table: `columns` maps headings to how each stands, as `show_table` has them."""
    return [
        TableColumn(heading, side.removeprefix("spare "), side.startswith("spare "), cells)
        for (heading, side), cells in zip(columns.items(), zip(*rows, strict=True), strict=True)
    ]


def fit_columns(columns: Sequence[TableColumn], width: int) -> Sequence[TableColumn]:
    """Columns that fit into a width, or come as near as can be without cutting what must not be cut."""
    shown = _leave_out_spare(columns, width)
    if least_width(shown) > width:
        shown = _leave_out_spare([_break_heading(column) for column in columns], width)
    broken = _break_intervals(_break_names(_wrap_texts(shown, width), width), width)
    return broken if least_width(broken) <= width else [replace(c, longest_word=MIN_CUT) for c in broken]


def _break_heading(column: TableColumn) -> TableColumn:
    """A heading that is wider than its cells on several lines: broken after spaces, dots, underscores."""
    room = max([MIN_CUT, *(cell_len(line) for cell in column.cells for line in cell.splitlines())])
    return replace(column, heading=_break(column.heading, room))


def _break(text: str, room: int, pieces: re.Pattern[str] = _PIECE) -> str:
    """A text on several lines, as many pieces on each as have room."""
    lines = [""]
    for piece in filter(None, pieces.findall(text)):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > room:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def _break_names(columns: Sequence[TableColumn], width: int) -> Sequence[TableColumn]:
    """The columns with long keys, ids and paths on several lines, the widest first, as many as need be.

    Short lines are for a table that has no room otherwise.
    """
    for least in (WRAP_COLUMNS, MIN_CUT):
        for column in sorted((c for c in columns if c.side == "left"), key=lambda c: -c.width):
            room = max(least, column.width - max(0, least_width(columns) - width))
            cells = tuple(_break(cell, room) for cell in column.cells)
            broken = replace(column, heading=_break(column.heading, room), cells=cells)
            columns = [broken if c is column else c for c in columns]
    return columns


def _break_intervals(columns: Sequence[TableColumn], width: int) -> Sequence[TableColumn]:
    """The columns with intervals ("-1.2 % to +3.4 %") on several lines, each number whole on its own."""
    if least_width(columns) <= width:
        return columns
    return [_break_heading(_interval(column)) if column.side == "right" else column for column in columns]


def _interval(column: TableColumn) -> TableColumn:
    return replace(column, cells=tuple(_break(cell, MIN_CUT, _NUMBER) for cell in column.cells))


def _wrap_texts(columns: Sequence[TableColumn], width: int) -> Sequence[TableColumn]:
    """The columns with texts of several words wrapped, the widest first, as many as need be."""
    while least_width(columns) > width:
        texts = [c for c in columns if c.side == "left" and any(" " in cell for cell in c.cells)]
        if not texts:
            break
        widest = max(texts, key=lambda column: column.width)
        columns = [replace(c, side="wrap") if c is widest else c for c in columns]
    return columns


def _leave_out_spare(columns: Sequence[TableColumn], width: int) -> Sequence[TableColumn]:
    """The columns without the last spare ones, as many as need be."""
    spare = [column for column in columns if column.is_spare]
    while spare and least_width(columns) > width:
        last = spare.pop()
        columns = [column for column in columns if column is not last]
    return columns


def least_width(columns: Sequence[TableColumn]) -> int:
    """Terminal columns that a table takes at least."""
    return sum(column.least for column in columns) + 2 * len(columns)


def room_to_cut(columns: Sequence[TableColumn], width: int) -> int:
    """The room that each column to be cut has, beside the others."""
    cut = [column for column in columns if column.side == "cut"]
    others = [column for column in columns if column.side != "cut"]
    fixed = sum(max(c.least, c.longest_word if c.side == "wrap" else 0) for c in others)
    return max(MIN_CUT, (width - fixed - 2 * len(columns)) // max(1, len(cut)))


def _short(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"
