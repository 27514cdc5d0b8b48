"""What the terminal shows: errors on one screen, tables that line up, progress on long work."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def console(*, stderr: bool = False) -> Console:
    """A console that keeps its colours to itself when piped (NO_COLOR and FORCE_COLOR are heeded)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


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

    with tempfile.NamedTemporaryFile("w", prefix="jstock-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    show_error(
        f"a defect in jstock: {type(error).__name__}: {error}",
        where=log.name,
        do="nothing half done is kept; please report it with that file",
    )


def show_json(data: Any) -> None:
    """Print JSON, Japanese unescaped."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def show_table(title: str, columns: Mapping[str, str], rows: Sequence[Sequence[str]], empty: str = "none") -> None:
    """Print a table; `columns` maps headings to "left" or "right". Full-width names line up."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    out = console()
    if not rows:
        out.print(f"[bold]{escape(title)}[/]: {escape(empty)}")
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, side in columns.items():
        table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)


def say(text: str) -> None:
    """Print one step of the work to stderr, so that a pipe gets the result alone."""
    console(stderr=True).print(f"[dim]·[/] {text}")


@contextmanager
def progress(total: int | None, what: str) -> Iterator[Progress]:
    """A progress bar on stderr; where stderr is no terminal it stays silent."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        bar.add_task(what, total=total)
        yield bar
