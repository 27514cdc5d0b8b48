"""Golden notebooks: executed by the same runner, committed with outputs, compared by the tests.

They run on a frozen copy of the parameters and the simulated market, so that they move only when the code
or the notebook does; the reason is written down beside them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from jstock_core.base.errors import NotebookError, UsageError
from jstock_core.reports.render.parts.markup import without_sheets
from jstock_core.runs.notebook.execute import execute

VARIABLE = "JSTOCK_WORKSPACE"
REASONS = "REASONS.md"
TIMEOUT_S = 300.0


def update_goldens(checkout: Path, because: str, today: date) -> tuple[Path, ...]:
    """Execute every notebook of a checkout into `tests/golden/` and note the reason; the files written.

    Raises:
        UsageError: this is not a checkout, or no reason is given.
        NotebookError: a notebook fails; its golden stays as it was.

    """
    folder = require_goldens(checkout, because)
    with frozen_workspace(folder) as root:
        written = tuple(
            _execute(source, folder, root) for source in sorted((checkout / "notebooks").glob("*.ipynb"))
        )
    with (folder / REASONS).open("a", encoding="utf-8") as file:
        file.write(f"- {today}: {because.strip()}\n")
    return written


def require_goldens(checkout: Path, because: str) -> Path:
    """The folder of goldens that may be written for a reason.

    Raises:
        UsageError: this is not a checkout, or no reason is given.

    """
    folder = checkout / "tests" / "golden"
    if not because.strip():
        raise UsageError(
            "goldens change only with a reason", do='give one: --because "the report shows the sector"'
        )
    if not folder.is_dir():
        raise UsageError(
            "there is no folder of golden notebooks here",
            where=str(folder),
            do="run it in a checkout of jstock",
        )
    return folder


@contextmanager
def frozen_workspace(folder: Path) -> Iterator[Path]:
    """A temporary workspace with the goldens' parameters, found by every notebook run in the block."""
    with tempfile.TemporaryDirectory(prefix="jstock-golden-") as place:
        root = Path(place) / "workspace"
        shutil.copytree(folder / "workspace", root)
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(root)
        try:
            yield root
        finally:
            os.environ.pop(VARIABLE, None)
            if before is not None:
                os.environ[VARIABLE] = before


def forget_trials(root: Path) -> None:
    """Let a notebook begin as if nothing had been tried: what it shows must not hang on those before it."""
    (root / "data" / "trials.sqlite").unlink(missing_ok=True)


def _execute(source: Path, folder: Path, root: Path) -> Path:
    target = folder / source.name
    forget_trials(root)
    with tempfile.TemporaryDirectory(prefix="jstock-golden-") as place:
        outcome = execute(source, Path(place) / source.name, {}, timeout_s=TIMEOUT_S)
        if outcome.failure is not None:
            raise NotebookError(
                f"{source.name}: {outcome.error}",
                where=str(source),
                do="correct it; its golden stays as it was",
            )
        _write_plain(outcome.notebook, target)
    return target


def _write_plain(executed: Path, target: Path) -> None:
    """Write without times, places, sheets and the injected cell, so that only what changed differs."""
    import nbformat

    content = nbformat.read(executed, as_version=4)
    content.cells = [
        cell for cell in content.cells if "injected-parameters" not in cell.metadata.get("tags", ())
    ]
    content.metadata = {"kernelspec": content.metadata["kernelspec"], "language_info": {"name": "python"}}
    for cell in content.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if cell.metadata.get(key)}
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = without_sheets(output.data["text/html"])
    nbformat.write(content, target)
