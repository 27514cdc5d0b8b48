"""The research report of a backtest: `backtest.ipynb` executed, and what it shows as page and Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import NotebookError, WriteError
from jstock_core.base.progress import Tick, silent
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown
from jstock_core.runs.notebook.execute import execute

TIMEOUT_S = 4 * 3600.0
SCRAP = "backtest"


@dataclass(frozen=True)
class Repeats:
    """In how many random orders of equals a report runs its backtest again, and by how many processes."""

    seeds: int = 200
    workers: int = 1


def write_report(
    desk: Desk,
    span: tuple[str, str],
    folder: str | Path,
    *,
    groups: Sequence[str] = (),
    changes: Mapping[str, Any] | None = None,
    repeats: Repeats = Repeats(),
    tick: Tick = silent,
) -> tuple[Path, ...]:
    """Execute `backtest.ipynb` over the trade dates of a span into a folder, made where there is none.

    It runs the groups of `jstock backtest` anew, in a kernel of its own. The files written: the executed
    notebook, `backtest.html` (one file, without a request) and `backtest.md` with its charts.

    Raises:
        NotebookError: a cell failed; the executed notebook is kept and named.
        WriteError: the folder cannot be written.

    """
    target = Path(folder).expanduser()
    given = {
        "groups": list(groups),
        "changes": dict(changes or {}),
        "first": span[0],
        "last": span[1],
        "seeds": repeats.seeds,
        "workers": repeats.workers,
        "workspace": str(desk.workspace.root),
        "now": desk.now().replace(tzinfo=None).isoformat(timespec="seconds"),
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        notebook = desk.workspace.notebook("backtest")
        outcome = execute(
            notebook, target / "backtest.ipynb", given, timeout_s=TIMEOUT_S, contract=(SCRAP,), on_cell=tick
        )
        if not outcome.ok:
            raise NotebookError(
                f"the research report failed: {outcome.error}",
                where=str(outcome.notebook),
                do="see its last cell",
            )
        return (outcome.notebook, *_write_pages(desk, outcome.notebook, " to ".join(span)))
    except OSError as error:
        raise WriteError(
            f"the research report cannot be written: {os_reason(error)}",
            where=str(target),
            do="name a folder that can be written, with room in it",
        ) from None


def _write_pages(desk: Desk, executed: Path, span: str) -> tuple[Path, ...]:
    """The page and the Markdown of an executed report, beside it."""
    marks = desk.marks
    page = notebook_to_html(
        executed,
        title=f"Backtest {span}",
        simulated="SIMULATED" in marks,
        historical="HISTORICAL" in marks,
        status="ok",
    )
    text, images = notebook_to_markdown(executed)
    files = {"backtest.html": page.encode(), "backtest.md": text.encode()}
    files |= {f"charts/{name}": image for name, image in images.items()}
    for name, content in files.items():
        path = executed.parent / name
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, content)
    return tuple(executed.parent / name for name in ("backtest.html", "backtest.md"))
