"""An executed daily notebook with its sections shown again, from the values that its run kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.reports.render.page import SECTIONS, MorningPage
from jstock_core.runs.notebook.convert import skip_slow_grammars

_CALL = "page."


def show_sections_again(executed: Path, page: MorningPage, target: Path) -> None:
    """Write the notebook with the outputs of `page.<section>` cells made anew; other cells stay as they are.

    Nothing is executed, and no market and no journal is read.
    """
    skip_slow_grammars()
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    for cell in notebook.cells:
        name = cell.source.strip().removeprefix(_CALL)
        if cell.cell_type == "code" and cell.source.strip() == f"{_CALL}{name}" and name in SECTIONS:
            cell.outputs = [_output(page, name, cell.execution_count)]
    write_atomically(target, nbformat.writes(notebook).encode())


def _output(page: MorningPage, name: str, count: int | None) -> Any:
    from nbformat.v4 import new_output

    shown = getattr(page, name)._repr_mimebundle_()
    return new_output("execute_result", shown, execution_count=count)
