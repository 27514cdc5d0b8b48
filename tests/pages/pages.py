"""A page of a state, as the day's run makes it: each section is what a cell of the notebook shows."""

from __future__ import annotations

from pathlib import Path

from jstock_core.reports.render.page import SECTIONS, MorningPage
from jstock_core.runs.notebook.convert import notebook_to_html
from tests.pages.states import State


def page_html(state: State, folder: Path) -> str:
    """The page of a state; its notebook is left in `folder`."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    page = MorningPage(state.report, state.words)
    cells = [
        new_code_cell(
            f"page.{name}",
            execution_count=n,
            outputs=[
                new_output("execute_result", data=getattr(page, name)._repr_mimebundle_(), execution_count=n)
            ],
        )
        for n, name in enumerate(SECTIONS, 1)
    ]
    notebook = folder / f"{state.name}.ipynb"
    nbformat.write(new_notebook(cells=cells), notebook)
    header = state.report.header
    return notebook_to_html(
        notebook,
        title=state.words("Trade report {day}", day=header.trade_date),
        simulated=header.simulated,
        status="ok" if header.status == "complete" else str(header.status),
        historical=header.historical,
        words=state.words,
    )
