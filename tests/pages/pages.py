"""A page of a state, as the day's run makes it: each section is what a cell of the notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jstock_core.base.errors import DataError
from jstock_core.reports.render.page import SECTIONS, MorningPage
from jstock_core.runs.notebook.convert import notebook_to_html
from jstock_core.runs.notebook.shell import render_page
from tests.pages.states import State


def page_html(state: State, folder: Path) -> str:
    """The page of a state; its notebook is left in `folder`."""
    return _page_html(state, folder)


def failed_html(state: State, folder: Path) -> str:
    """The page of a run that stopped after the first screen."""
    from nbformat.v4 import new_code_cell, new_output

    error = new_output(
        "error", ename="DataError", evalue="the bars of 2026-01-15 are damaged",
        traceback=["Traceback (most recent call last):", "DataError: the bars of 2026-01-15 are damaged" * 3],
    )  # fmt: skip
    cell = new_code_cell("page.orders", outputs=[error], execution_count=2, metadata={"tags": ["failed"]})
    return _page_html(state, folder, [cell], "cell 2 (page.orders): DataError: the bars are damaged")


def stale_html(state: State) -> str:
    """The page in the place of a morning that was refused."""
    day = state.report.header.trade_date
    error = DataError(
        "the newest bars are of 2026-01-13, and those of 2026-01-15 are needed",
        where="/home/trader/desk/data/market",
        do="run `jstock daily` again once the vendor has published them",
    )
    return render_page(
        "stale.html.j2", title=state.words("No decision for {day}", day=day), words=state.words,
        trade_date=day, error=error, tried="2026-01-16 07:00", last=state.report.header.evaluated,
    )  # fmt: skip


def _page_html(state: State, folder: Path, after_top: Sequence[Any] = (), failure: str = "") -> str:
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
        for n, name in enumerate(["top"] if failure else SECTIONS, 1)
    ]
    status = "failed" if failure else str(state.report.header.status).replace("complete", "ok")
    notebook = folder / f"{state.name}.ipynb"
    nbformat.write(
        new_notebook(cells=[*cells, *after_top], metadata={"jstock": {"failure": failure}}), notebook
    )
    header = state.report.header
    return notebook_to_html(
        notebook,
        title=state.words("Trade report {day}", day=header.trade_date),
        simulated=header.simulated,
        status=status,
        historical=header.historical,
        words=state.words,
    )
