"""What the terminal shows: errors on one screen, tables that line up, progress on long work."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


PIPE_COLUMNS = 160
MIN_CUT = 8
WRAP_COLUMNS = 16


def console(*, stderr: bool = False) -> Console:
    """A console without colours in a pipe (NO_COLOR, FORCE_COLOR and COLUMNS are heeded)."""
    from jstock_core.cli.terminal import Terminal

    out = Terminal(stderr=stderr)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = PIPE_COLUMNS
    return out


def show_error(what: str, *, where: str = "", do: str = "") -> None:
    """Print an error to stderr: what, where, what to do."""
    from rich.markup import escape

    out = console(stderr=True)
    out.print(f"[bold red]jstock:[/] {escape(what)}", soft_wrap=True)
    if where:
        out.print(f"  [dim]where[/] {escape(where)}", soft_wrap=True)
    if do:
        out.print(f"  [dim]do[/]    {escape(do)}", soft_wrap=True)


def show_defect(error: Exception) -> None:
    """Print a defect of jstock itself: one line, and the traceback in a file."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="jstock-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    show_error(
        f"a defect in jstock: {type(error).__name__}: {error}",
        where=log.name,
        do="nothing half done is kept; please report it with that file",
    )


def show_json(data: Any) -> None:
    """Print JSON, Japanese unescaped."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def show_table(
    title: str, columns: Mapping[str, str], rows: Sequence[Sequence[str]], empty: str = "none"
) -> None:
    """Print a table; `columns` maps headings to how a column stands.

    "left" and "right" are never cut; where the terminal is narrow "cut" is shortened, "wrap" takes several
    lines and "spare", else as "right", is left out. Where that does not do, the table is as wide as it must
    be: a line that the terminal breaks is ugly, a number without its end is wrong. Full-width names line up.
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    out = console()
    if not rows:
        out.print(f"[bold]{escape(title)}[/]: {escape(empty)}")
        return
    columns, rows = _without_spare(columns, rows, out.width)
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for (heading, side), cells in zip(columns.items(), zip(*rows, strict=True), strict=True):
        wide = max(map(cell_len, (heading, *cells)))
        table.add_column(
            heading,
            justify="right" if side in ("right", "spare") else "left",
            no_wrap=side != "wrap",
            min_width=wide if side in _WHOLE else None,
        )
    out.width = max(out.width, _least(columns, rows))
    kept = _cut(columns, rows, out.width)
    for row in kept:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)


_WHOLE = ("left", "right", "spare")
"""How columns stand that are shown whole, where they are shown."""


def _without_spare(
    columns: Mapping[str, str], rows: Sequence[Sequence[str]], width: int
) -> tuple[Mapping[str, str], Sequence[Sequence[str]]]:
    """The table with no "spare" columns where not all columns have room."""
    if _least(columns, rows) <= width:
        return columns, rows
    sides = list(columns.values())
    kept = [n for n, side in enumerate(sides) if side != "spare"]
    names = list(columns)
    return {names[n]: sides[n] for n in kept}, [[row[n] for n in kept] for row in rows]


def _least(columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> int:
    """The width that a table needs with its texts as short as they may be."""
    wide = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    short = [w if side in _WHOLE else min(w, MIN_CUT) for w, side in zip(wide, columns.values(), strict=True)]
    return sum(short) + 2 * len(wide)


def _cut(columns: Mapping[str, str], rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """The rows with the texts of "cut" columns shortened to the room that the others leave."""
    wide = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    sides = list(columns.values())
    fixed = sum(
        w if side in _WHOLE else WRAP_COLUMNS if side == "wrap" else 0
        for w, side in zip(wide, sides, strict=True)
    )
    room = max(MIN_CUT, (width - fixed - 2 * len(wide)) // max(1, sides.count("cut")))
    return [
        [_short(cell, room) if side == "cut" else cell for cell, side in zip(row, sides, strict=True)]
        for row in rows
    ]


def _short(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"


def say(text: str) -> None:
    """Print one step of the work to stderr, so that a pipe gets the result alone."""
    console(stderr=True).print(f"[dim]·[/] {text}")


class Bar:
    """A progress bar that also says what is being done; shown from the first `advance` on."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=None, visible=False)

    def say(self, text: str) -> None:
        """Print one step of the work above the bar."""
        self._bar.console.print(f"[dim]·[/] {text}")

    def advance(self, done: int, total: int, what: str) -> None:
        """Show how far the work is, and with what."""
        self._bar.update(self._task, completed=done, total=total, description=what, visible=True)


@contextmanager
def progress(what: str) -> Iterator[Bar]:
    """A progress bar on stderr; where stderr is no terminal only its sayings are printed."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        yield Bar(bar, what)
