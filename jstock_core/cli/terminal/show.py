"""What the terminal shows: errors on one screen, tables that line up, progress on long work."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import JstockError
from jstock_core.cli.terminal.columns import fit_columns, least_width, read_columns, room_to_cut
from jstock_core.cli.terminal.streams import escape_json_controls, is_encodable, show_controls

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text


PIPE_COLUMNS = 160


@cache
def _terminal() -> type[Console]:
    """The class of the consoles that everything is printed on; made late, for rich is slow to import."""
    from rich.console import Console

    class Terminal(Console):
        """A rich console for texts of any origin: no emoji codes (an id may hold ":100:"), no controls.

        It reports a closed pipe. That stderr cannot be written keeps no command from its work.
        """

        def __init__(self, *, stderr: bool) -> None:
            super().__init__(stderr=stderr, highlight=False, emoji=False)

        def on_broken_pipe(self) -> None:
            """Let the command line end with the status of a closed pipe; rich would end with 1."""
            raise BrokenPipeError

        def render_str(self, text: str, **options: Any) -> Text:
            """Markup as text, with the control characters of names shown as escapes."""
            return super().render_str(show_controls(text), **options)

        def print(self, *objects: Any, **options: Any) -> None:
            """Print; what cannot be printed on stderr is let go."""
            try:
                super().print(*objects, **options)
            except BrokenPipeError:
                raise
            except OSError:
                if not self.stderr:
                    raise

    return Terminal


def console(*, stderr: bool = False) -> Console:
    """A console without colours in a pipe; NO_COLOR, FORCE_COLOR and COLUMNS have their usual effect."""
    out = _terminal()(stderr=stderr)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = PIPE_COLUMNS
    return out


def escape(text: str) -> str:
    """A text that is printed as it is, for rich: brackets are no markup."""
    from rich.markup import escape as escape_markup

    return escape_markup(text)


def show_error(what: str, *, where: str = "", do: str = "") -> None:
    """Print an error to stderr: what, where, what to do."""
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


def show_historical() -> None:
    """Say that what follows is of a historical desk."""
    console().print("[yellow]HISTORICAL[/] this desk lives in the time of its data, not by the clock")


def show_json(data: Any) -> None:
    """Print JSON, Japanese unescaped where the output has the characters."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if not is_encodable(text):
        text = json.dumps(data, indent=2)
    sys.stdout.write(escape_json_controls(text) + "\n")


def show_tickets(error: JstockError, *, as_json: bool) -> None:
    """Print the tickets that an error carries to stdout; where that cannot be written, to stderr."""
    if error.tickets is None:
        return
    if as_json:
        about = {"status": "unpublished", "error": error.what, "where": error.where, "do": error.do}
        text = json.dumps({**about, **error.tickets.as_json()}, indent=2)
    else:
        text = show_controls(error.tickets.as_text())
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.write(text + "\n")
            stream.flush()
        except (OSError, ValueError):
            continue
        return


def show_note(text: str, lead: str = "", style: str = "dim") -> None:
    """Print a note as `show_paragraph` does; `lead` is markup that stands before it."""
    show_paragraph(f"{lead}[{style}]{escape(text)}[/]")


def show_paragraph(markup: str, lead: str = "") -> None:
    """Print a text, wrapped at words; a pipe that says nothing of its width gets it as one line.

    So a program that reads it finds a whole sentence in a line, whatever the width of its terminal. What
    stands under the first line is indented by the `lead` before it, which is markup too.
    """
    from rich.table import Table
    from rich.text import Text

    out = console()
    known = out.is_terminal or "COLUMNS" in os.environ
    if not known or not lead:
        out.print(f"{lead}{markup}", soft_wrap=not known)
        return
    lines = Table.grid()
    lines.add_column(no_wrap=True, width=Text.from_markup(lead).cell_len)
    lines.add_column(overflow="fold")
    lines.add_row(lead, markup)
    out.print(lines)


_TONES = {Severity.ALERT: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


def show_alerts(alerts: Iterable[Alert]) -> None:
    """Print alerts, a paragraph each."""
    for alert in alerts:
        show_paragraph(f"[{_TONES[alert.severity]}]{alert.severity}[/] {escape(alert.message)}")


def show_table(
    title: str, columns: Mapping[str, str], rows: Sequence[Sequence[str]], empty: str = "none"
) -> None:
    """Print a table; `columns` maps headings to how a column stands.

    "left" and "right" are never cut; where the terminal is narrow "cut" is shortened and "wrap" takes several
    lines, for a long word too. A column that is also "spare", as in "spare right", is left out where not all
    have room, the last first; then long headings take several lines, and texts of several words and names
    too. Where that does not do, the table is as wide as it must be: a line that the terminal breaks is ugly,
    a number without its end is wrong. Full-width names line up.
    """
    from rich import box
    from rich.table import Table

    out = console()
    if not rows:
        out.print(f"[bold]{escape(title)}[/]: {escape(empty)}")
        return
    shown = fit_columns(read_columns(columns, rows), out.width)
    out.width = max(out.width, least_width(shown))
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column in shown:
        table.add_column(
            column.heading,
            justify="right" if column.side == "right" else "left",
            no_wrap=column.side != "wrap",
            overflow="fold" if column.side == "wrap" else "ellipsis",
            min_width=column.least,
        )
    room = room_to_cut(shown, out.width)
    for row in zip(*(column.cut(room) for column in shown), strict=True):
        table.add_row(*map(escape, row))
    out.print(table)


def shortest_path(path: Path) -> str:
    """The path relative to the current folder where it lies inside."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def say(text: str) -> None:
    """Print one step of the work to stderr, so that a pipe gets the result alone."""
    console(stderr=True).print(f"[dim]·[/] {escape(text)}")


class Bar:
    """A progress bar that also says what is being done; shown from the first `advance` on."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=None, visible=False)

    def say(self, text: str) -> None:
        """Print one step of the work above the bar."""
        self._bar.console.print(f"[dim]·[/] {escape(text)}")

    def advance(self, done: int, total: int, what: str) -> None:
        """Show how far the work is, and with what."""
        self._bar.start()
        self._bar.update(
            self._task, completed=done, total=total, description=show_controls(what), visible=True
        )


@contextmanager
def progress(what: str) -> Iterator[Bar]:
    """A progress bar on stderr; where stderr is no terminal only its sayings are printed.

    It draws itself in a thread, which begins with the first `advance`: what is done before may fork.
    """
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        *(bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(), bars.TimeRemainingColumn()),
    )
    out = console(stderr=True)
    bar = bars.Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
    try:
        yield Bar(bar, what)
    finally:
        bar.stop()
