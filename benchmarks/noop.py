"""The floor of a daily run: a notebook that imports pandas and matplotlib, executed and converted."""

from __future__ import annotations

import sys
from pathlib import Path

from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown, skip_slow_grammars
from jstock_core.runs.notebook.execute import execute


def main(folder: Path) -> None:
    skip_slow_grammars()
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    source = folder / "noop.ipynb"
    parameters = new_code_cell('output = ""  # where files go', metadata={"tags": ["parameters"]})
    imports = new_code_cell("import matplotlib.pyplot\nimport pandas")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[parameters, imports], metadata=kernel), source)
    outcome = execute(source, folder / "done.ipynb", {"output": str(folder)}, timeout_s=120)
    if not outcome.ok:
        raise SystemExit(outcome.error)
    page = notebook_to_html(outcome.notebook, title="No-op", simulated=True, status="ok")
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "report.md").write_text(notebook_to_markdown(outcome.notebook)[0], encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
