"""A kernel imports what is installed, whatever lies around it, and says what code it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import dedent

import papermill
import pytest

import jstock_core
from jstock_core.base.errors import ExitStatus, NotebookError
from jstock_core.base.identity.source import hash_code
from jstock_core.runs.notebook import execute as executing
from jstock_core.runs.notebook import kernel
from jstock_core.runs.notebook.execute import Outcome, execute
from jstock_core.runs.notebook.kernel import kernel_environment
from jstock_core.runs.notebook.launch import REPORT, read_report
from jstock_core.runs.provenance import KernelCode
from tests.runs.conftest import write_notebook

LIMIT_S = 60
NAMES = ("jstock_core", "pandas", "sitecustomize", "usercustomize", "ipykernel", "matplotlib")
SAYS = """
from jstock_core.runs.notebook.scraps import glue
import os, sys, pandas, jstock_core
glue("files", [pandas.__file__, jstock_core.__file__])
glue("place", os.getcwd())
glue("inside", sorted(os.listdir()))
glue("path", sys.path)
glue("names", sorted(name for name in globals() if name.startswith("hostile")))
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A run started in a folder full of modules that must not be imported, with settings that name it."""
    place = tmp_path_factory.mktemp("hostile") / "{prefix}"
    startup = place / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for name in NAMES:
        (place / f"{name}.py").write_text("raise SystemExit('imported from the working directory')\n")
    (startup / "00.py").write_text("hostile_startup = 1\nprint('printed by a startup file')\n")
    (startup.parent / "ipython_config.py").write_text(
        "c.InteractiveShellApp.exec_lines = ['hostile_line = 1']\n"
    )
    (place / "matplotlibrc").write_text("no such setting: 1\n")
    (place / "start.py").write_text("hostile_python = 1\n")
    notebook = write_notebook(place / "day.ipynb", SAYS)
    (place / "out").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("PYTHONPATH", str(place))
        patch.setenv("PYTHONSTARTUP", str(place / "start.py"))
        patch.setenv("PYTHONUSERBASE", str(place))
        patch.setenv("IPYTHONDIR", str(place / ".ipython"))
        return place, execute(notebook, place / "out" / "day.ipynb", {}, timeout_s=LIMIT_S)


def test_nothing_is_imported_from_the_working_directory_or_python_s_settings(hostile) -> None:
    place, outcome = hostile
    assert outcome.error is None
    assert outcome.scraps["files"][1] == jstock_core.__file__
    assert not [file for file in outcome.scraps["files"] if file.startswith(str(place))]
    assert not [each for each in outcome.scraps["path"] if not each or each.startswith(str(place))]


def test_no_startup_file_or_profile_is_read(hostile) -> None:
    _, outcome = hostile
    assert outcome.scraps["names"] == []


def test_the_working_directory_is_a_folder_of_the_kernel_s_own_and_goes_with_it(hostile) -> None:
    place, outcome = hostile
    assert Path(outcome.scraps["place"]).parent.parent == place / "out"
    assert outcome.scraps["inside"] == ["calls", "code.json", "ipython"]
    assert [path.name for path in (place / "out").iterdir()] == ["day.ipynb"]


def test_a_kernel_reports_the_code_that_it_runs(hostile) -> None:
    _, outcome = hostile
    assert outcome.kernel == KernelCode(version=jstock_core.__version__, sha256=hash_code())


def test_the_folder_of_a_relative_output_is_named_to_the_kernel_in_full(tmp_path, monkeypatch) -> None:
    """Its working directory is another, from which IPython would not find its own and warn."""
    code = """
    from jstock_core.runs.notebook.scraps import glue
    import os
    glue("dir", os.environ["IPYTHONDIR"])
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").mkdir()
    notebook = write_notebook(tmp_path / "day.ipynb", dedent(code).strip())
    outcome = execute(notebook, Path("report/day.ipynb"), {}, timeout_s=LIMIT_S)
    assert outcome.error is None
    assert Path(outcome.scraps["dir"]).parents[2] == tmp_path / "report"


def test_a_kernel_of_other_code_runs_no_cell(tmp_path, monkeypatch) -> None:
    """As when jstock is updated between the start of a command and that of its notebook."""
    for module in (kernel, executing):
        monkeypatch.setattr(module, "hash_code", lambda: "0" * 64)
    mark = tmp_path / "mark"
    notebook = write_notebook(tmp_path / "day.ipynb", f"open({str(mark)!r}, 'w').close()")
    with pytest.raises(NotebookError) as caught:
        execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert "other code of jstock (version" in caught.value.what
    assert caught.value.exit is ExitStatus.NOTEBOOK
    assert not mark.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["day.ipynb"]


def test_a_kernel_that_cannot_be_started_names_the_remedy(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(kernel.launch, "__name__", "jstock_core.none")
    with pytest.raises(NotebookError) as caught:
        execute(write_notebook(tmp_path / "day.ipynb"), tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert "no kernel could be started" in caught.value.what
    assert "install it there" in caught.value.do


def test_a_kernel_whose_port_was_taken_is_started_again(tmp_path, monkeypatch) -> None:
    whole, starts = papermill.execute_notebook, []

    def taken(**options):
        starts.append(options)
        if len(starts) == 1:
            report = {"version": "0.1.0", "sha256": hash_code()}
            Path(options["output_path"]).with_name("kernel").joinpath(REPORT).write_text(json.dumps(report))
            raise RuntimeError("Kernel died before replying to kernel_info")
        return whole(**options)

    monkeypatch.setattr(papermill, "execute_notebook", taken)
    outcome = execute(write_notebook(tmp_path / "day.ipynb"), tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert outcome.ok
    assert len(starts) == 2


def test_the_user_s_own_packages_count_only_where_jstock_is_among_them(monkeypatch, tmp_path) -> None:
    given = {"PYTHONPATH": "x", "PYTHONSTARTUP": "y", "PATH": "z"}
    shut = {"PATH": "z", "PYTHONSAFEPATH": "1", "IPYTHONDIR": str(tmp_path / "ipython")}
    monkeypatch.setattr(kernel.site, "getusersitepackages", lambda: str(tmp_path))
    assert kernel_environment(given, tmp_path) == shut | {"PYTHONNOUSERSITE": "1"}
    monkeypatch.setattr(kernel, "_INSTALLED", ("pytest", "none-such"))
    places = kernel.metadata.distribution("pytest").locate_file("")
    monkeypatch.setattr(kernel.site, "getusersitepackages", lambda: str(places))
    assert kernel_environment(given, tmp_path) == shut


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "1"}'])
def test_a_report_that_is_none_is_none(tmp_path, text: str) -> None:
    (tmp_path / "code.json").write_text(text)
    assert read_report(tmp_path) is None


def test_the_interpreter_is_that_of_the_caller(hostile) -> None:
    _, outcome = hostile
    assert any(each.startswith(sys.prefix) for each in outcome.scraps["path"])
