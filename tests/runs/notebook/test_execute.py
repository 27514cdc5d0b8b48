from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from jstock_core.base.errors import NotebookError, ParamsError
from jstock_core.runs.notebook import watched
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown
from jstock_core.runs.notebook.execute import MOST_PRINTED, FailureKind, Outcome, execute
from jstock_core.runs.notebook.kernel import Leash
from jstock_core.runs.notebook.scraps import read_scraps
from tests.runs.conftest import write_notebook

GLUE = "from jstock_core.runs.notebook.scraps import glue"
FOREVER = "import threading; threading.Event().wait()"
LIMIT_S = 60


@pytest.fixture(scope="module", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory):
    """A kernel specification "python3" that would run something else."""
    jupyter = tmp_path_factory.mktemp("jupyter")
    spec = jupyter / "kernels" / "python3"
    spec.mkdir(parents=True)
    wrong = {"argv": ["/bin/false", "{connection_file}"], "display_name": "wrong", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(wrong))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(jupyter))
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
        yield


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, list[tuple[int, int, str]]]:
    """One good run, in a folder whose name papermill would take for a format."""
    folder = tmp_path_factory.mktemp("a") / "{b} 日本"
    folder.mkdir()
    notebook = write_notebook(
        folder / "day.ipynb",
        "## Figures",
        f"{GLUE}\nimport sys\nimport numpy as np",
        "glue('python', sys.executable)\nglue('given', [trade_date, count, share])",
        "## Nothing",
        "glue('nothing', None)\nglue('nan', float('nan'))\nglue('mean', np.float64(0.1))\n"
        "glue('名', '東海')\n"
        "glue('loaded', sorted({'pandas', 'papermill', 'nbformat'} & sys.modules.keys()))",
    )
    seen: list[tuple[int, int, str]] = []
    outcome = execute(
        notebook,
        folder / "out.ipynb",
        {"trade_date": '00"50\\n', "share": 1},
        timeout_s=LIMIT_S,
        contract=("python", "given"),
        on_cell=lambda *progress: seen.append(progress),
    )
    return outcome, seen


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_what_was_executed_is_for_its_owner_alone(good):
    assert good[0].notebook.stat().st_mode & 0o777 == 0o600


def test_a_good_run_returns_its_scraps_and_leaves_the_notebook(good):
    outcome, _ = good
    assert outcome.ok
    assert (outcome.error, outcome.failed_cell) == (None, None)
    assert {name: outcome.scraps[name] for name in ("nothing", "nan", "mean", "名")} == {
        "nothing": None,
        "nan": None,
        "mean": 0.1,
        "名": "東海",
    }
    assert [path.name for path in sorted(outcome.notebook.parent.iterdir())] == ["day.ipynb", "out.ipynb"]


def test_parameters_arrive_exactly_as_given(good):
    """Text stays text whatever it looks like, and an int serves where the default is a float."""
    outcome, _ = good
    assert outcome.scraps["given"] == ['00"50\\n', 1, 1.0]


def test_the_kernel_is_the_interpreter_that_runs_jstock(good):
    """A kernel specification named python3 that points elsewhere is not used."""
    outcome, _ = good
    assert outcome.scraps["python"] == sys.executable


def test_progress_counts_code_cells_and_names_the_heading(good):
    _, seen = good
    assert seen == [
        (0, 5, "A day"),
        (1, 5, "A day"),
        (2, 5, "Figures"),
        (3, 5, "Figures"),
        (4, 5, "Nothing"),
        (5, 5, ""),
    ]


def test_a_kernel_loads_nothing_heavy_to_record_a_value(good):
    outcome, _ = good
    assert outcome.scraps["loaded"] == []


def test_our_reader_and_scrapbook_read_the_same(good):
    import scrapbook

    outcome, _ = good
    theirs = scrapbook.read_notebook(str(outcome.notebook)).scraps
    assert {name: scrap.data["value"] for name, scrap in theirs.items()} == read_scraps(outcome.notebook)


def test_the_executed_notebook_names_no_folder_of_the_machine(good):
    outcome, _ = good
    about = nbformat.read(outcome.notebook, as_version=4).metadata.papermill
    assert (about.input_path, about.output_path) == ("day.ipynb", "out.ipynb")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("broken")
    notebook = write_notebook(
        folder / "day.ipynb",
        "print('before')",
        "## Signals",
        "price = '<b>'\nraise ValueError(f'price {price} </script>')",
        "print('never')",
    )
    return execute(notebook, folder / "out.ipynb", {"count": 2}, timeout_s=LIMIT_S, contract=("x",))


def test_a_cell_error_names_the_cell_and_the_exception(broken):
    failure = broken.failure
    assert (failure.kind, failure.name, failure.value) == (
        FailureKind.CELL,
        "ValueError",
        "price <b> </script>",
    )
    assert broken.error == 'cell 5 ("Signals"): ValueError: price <b> </script>'
    cell = nbformat.read(broken.notebook, as_version=4).cells[broken.failed_cell]
    assert cell.source.startswith("price = ")


def test_the_failed_notebook_is_kept_and_says_what_did_not_run(broken):
    cells = nbformat.read(broken.notebook, as_version=4).cells
    assert [cell.metadata.papermill.status for cell in cells[broken.failed_cell :]] == ["failed", "pending"]
    assert "failed" in cells[broken.failed_cell].metadata.tags


def test_the_page_of_a_failed_run_marks_the_failing_cell(broken):
    page = notebook_to_html(broken.notebook, title="A day", simulated=False, status="failed")
    body = page[page.index("<body") :]
    assert "This run failed." in body
    assert 'id="failed-cell"' in body
    assert "raise ValueError(f'price {price} &lt;/script&gt;')" in body
    assert "price &lt;b&gt; &lt;/script&gt;" in body
    assert "before" in body
    assert "never" not in body
    assert body.lower().count("<script") == 1, "the page's own, and none of the cell's"


def test_the_markdown_of_a_failed_run_says_so_first(broken):
    text, _ = notebook_to_markdown(broken.notebook)
    assert text.startswith('> **This run failed.** cell 5 ("Signals"): ValueError')
    assert "\x1b[" not in text


def test_a_killed_kernel_is_told_from_an_error(tmp_path):
    notebook = write_notebook(
        tmp_path / "day.ipynb", "import os, signal", "os.kill(os.getpid(), signal.SIGKILL)", "1"
    )
    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert outcome.failure.kind is FailureKind.KERNEL
    assert outcome.failed_cell == 3
    assert 'id="failed-cell"' in notebook_to_html(
        outcome.notebook, title="x", simulated=False, status="failed"
    )
    statuses = [
        cell.metadata.papermill.status for cell in nbformat.read(outcome.notebook, as_version=4).cells[3:]
    ]
    assert statuses == ["failed", "pending"]


def test_a_run_past_its_limit_is_ended_with_its_kernel(tmp_path, monkeypatch):
    """The clock is moved past the limit when the second cell starts."""
    now = [0.0]
    monkeypatch.setattr(watched, "time", SimpleNamespace(monotonic=lambda: now[0]))
    notebook = write_notebook(tmp_path / "day.ipynb", f"{GLUE}\nimport os\nglue('pid', os.getpid())", FOREVER)

    def advance(done: int, total: int, title: str) -> None:
        now[0] = LIMIT_S + 1.0 if done == 2 else 0.0

    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S, on_cell=advance)
    assert outcome.failure.kind is FailureKind.RUN_TIMEOUT
    assert outcome.failed_cell == 3
    with pytest.raises(ProcessLookupError):
        os.kill(outcome.scraps["pid"], 0)


def test_a_cell_past_its_limit(tmp_path):
    notebook = write_notebook(tmp_path / "day.ipynb", FOREVER)
    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S, cell_timeout_s=1)
    assert (outcome.failure.kind, outcome.failed_cell) == (FailureKind.CELL_TIMEOUT, 2)


def test_a_run_that_ends_early_without_an_error_is_a_failure(tmp_path):
    """Papermill lets `sys.exit(0)` pass as success."""
    notebook = write_notebook(tmp_path / "day.ipynb", "import sys\nsys.exit(0)", "1")
    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert (outcome.failure.kind, outcome.failure.name) == (FailureKind.CELL, "SystemExit")


def test_a_missing_scrap_is_a_failure_though_every_cell_ran(tmp_path):
    notebook = write_notebook(tmp_path / "day.ipynb", "1 + 1")
    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S, contract=("equity", "signals"))
    assert outcome.failure.kind is FailureKind.SCRAPS
    assert outcome.error == "the notebook did not record equity, signals"
    assert "did not record equity" in notebook_to_html(
        outcome.notebook, title="x", simulated=False, status="failed"
    )


def test_a_callback_that_raises_leaves_no_kernel(tmp_path):
    class StopError(Exception): ...

    def stop(done: int, total: int, title: str) -> None:
        if done == 2:
            raise StopError

    pid = tmp_path / "pid"
    write_pid = f"import os, pathlib; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    notebook = write_notebook(tmp_path / "day.ipynb", write_pid, FOREVER)
    with pytest.raises(StopError):
        execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S, on_cell=stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not (tmp_path / "out.ipynb").exists()


def test_an_unknown_parameter_stops_before_any_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(watched.WatchedRun, "run_to_end", lambda *_: pytest.fail("papermill was started"))
    notebook = write_notebook(tmp_path / "day.ipynb")
    with pytest.raises(ParamsError, match=r'tradedate: unknown parameter; did you mean "trade_date"\?'):
        execute(notebook, tmp_path / "out.ipynb", {"tradedate": "x"}, timeout_s=LIMIT_S)


def test_a_missing_output_folder_is_said_before_any_kernel(tmp_path):
    notebook = write_notebook(tmp_path / "day.ipynb")
    with pytest.raises(NotebookError, match="cannot write the executed notebook"):
        execute(notebook, tmp_path / "none" / "out.ipynb", {}, timeout_s=LIMIT_S)


def test_papermill_that_never_returns_does_not_hold_the_caller(tmp_path, monkeypatch):
    """The thread is left behind after a grace: the limit holds whatever papermill does."""
    hang = threading.Event()
    monkeypatch.setattr(watched, "_GRACE_S", 0.05)
    monkeypatch.setattr(watched.WatchedRun, "_execute", lambda _: hang.wait())
    notebook = write_notebook(tmp_path / "day.ipynb")
    run = watched.WatchedRun(notebook, tmp_path / "out.ipynb", {})
    assert isinstance(run.run_to_end(0.05), watched.Overdue)
    hang.set()


def test_a_leash_pulled_early_ends_the_process_once_it_starts():
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    leash = Leash()
    leash.pull()
    leash.attach(process.pid)
    assert process.wait(timeout=LIMIT_S) != 0
    process.stdin.close()


def test_a_cell_that_prints_without_end_is_cut_and_says_so(tmp_path):
    """Neither the executed notebook nor the page has the megabytes; a short print beside it stays."""
    notebook = write_notebook(
        tmp_path / "loud.ipynb", "## Loud", "for n in range(40):\n    print('x' * 50_000)", "print('short')"
    )
    outcome = execute(notebook, tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
    assert outcome.failure is None
    assert outcome.notebook.stat().st_size < 3 * MOST_PRINTED
    page = notebook_to_html(outcome.notebook, title="loud", simulated=True, status="ok")
    assert len(page) < 10 * MOST_PRINTED
    assert "the rest of them is cut after" in page
    assert "short" in page


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("left", ["", '{"cells": [{"cell_type": "co'])
@pytest.mark.parametrize("raised", [FULL, None])
def test_a_notebook_cut_off_in_a_write_is_judged_by_what_ended_the_run(tmp_path, monkeypatch, left, raised):
    """papermill empties its notebook before each write, so a full disk leaves it empty or cut off."""

    def stop_in_a_write(run: watched.WatchedRun) -> None:
        Path(run._call["output_path"]).write_text(left)
        if raised:
            raise raised

    monkeypatch.setattr(watched.WatchedRun, "_execute", stop_in_a_write)
    notebook, output = write_notebook(tmp_path / "day.ipynb"), tmp_path / "out.ipynb"
    said = "No space left" if raised else "empty or cut off"
    with pytest.raises(OSError if raised else NotebookError, match=said):
        execute(notebook, output, {}, timeout_s=LIMIT_S)
    assert [*tmp_path.iterdir()] == [notebook]


def test_a_kernel_that_finds_no_room_in_its_start_is_a_full_disk(tmp_path, monkeypatch):
    def die_in_the_start(run: watched.WatchedRun) -> None:
        raise RuntimeError("Kernel died before replying to kernel_info")

    def refuse(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(watched.WatchedRun, "_execute", die_in_the_start)
    monkeypatch.setattr(watched, "write_atomically", refuse)
    with pytest.raises(OSError, match="No space left"):
        execute(write_notebook(tmp_path / "day.ipynb"), tmp_path / "out.ipynb", {}, timeout_s=LIMIT_S)
