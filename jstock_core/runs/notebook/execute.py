"""A notebook executed by papermill in a fresh kernel, judged by what it left.

papermill's own status metadata says "completed" after a kernel's death or a timeout, so it is not read: a run
is good if nothing was raised, no cell holds an error and every contracted scrap is there.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from jstock_core.base.durable import is_unwritable, os_reason, write_atomically
from jstock_core.base.errors import NotebookError
from jstock_core.base.identity.source import hash_code
from jstock_core.runs.notebook.convert import FAILED_TAG
from jstock_core.runs.notebook.parameters import check_parameters
from jstock_core.runs.notebook.scraps import scraps_in
from jstock_core.runs.notebook.watched import Overdue, Progress, WatchedRun
from jstock_core.runs.provenance import KernelCode

_PAPERMILL_BANNER = "papermill-error-cell-tag"


class FailureKind(StrEnum):
    """The ways in which a run of a notebook fails."""

    CELL = "cell error"
    KERNEL = "dead kernel"
    CELL_TIMEOUT = "cell timeout"
    RUN_TIMEOUT = "run timeout"
    SCRAPS = "missing scraps"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a run failed: `cell` is its index in the executed notebook, `name` and `value` the exception's."""

    kind: FailureKind
    message: str
    cell: int | None = None
    name: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of executing a notebook. The executed notebook lies at `notebook`, also after a failure.

    `kernel` is the code that ran it, as the kernel reported it; `cell_seconds` are those of one-line cells,
    by that line.
    """

    notebook: Path
    seconds: float
    scraps: Mapping[str, Any]
    kernel: KernelCode | None
    failure: Failure | None = None
    cell_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing was raised and every contracted scrap is there."""
        return self.failure is None

    @property
    def failed_cell(self) -> int | None:
        """Index of the failing cell in the executed notebook, if one cell is to blame."""
        return self.failure.cell if self.failure else None

    @property
    def error(self) -> str | None:
        """The failure in one line."""
        return self.failure.message if self.failure else None


MOST_PRINTED = 100_000
"""Characters that a cell may print before the rest is cut: a report is read on a phone."""


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    timeout_s: float,
    cell_timeout_s: int | None = None,
    contract: tuple[str, ...] = (),
    on_cell: Progress | None = None,
) -> Outcome:
    """Run `notebook` with `parameters` in a kernel of this environment and leave the result at `output`.

    `timeout_s` limits the whole run by the wall clock, `cell_timeout_s` each cell; `contract` names the
    scraps that a good run leaves. `output` appears in one step, when the run has ended well or badly.

    Raises:
        ParamsError: a parameter is unknown or of the wrong type; no kernel was started.
        NotebookError: the output folder is missing, no kernel of this code could be started, or papermill
            left a notebook that cannot be read.
        OSError: the disk is full or may not be written.

    """
    given = check_parameters(notebook, parameters)
    started = time.monotonic()
    with _scratch(output) as folder:
        scratch = Path(folder) / output.name
        run = WatchedRun(notebook, scratch, given, cell_timeout_s=cell_timeout_s)
        raised = run.run_to_end(timeout_s, on_cell)
        if raised is not None and is_unwritable(raised):
            raise raised  # papermill empties its notebook before each write: what is left may be cut off
        content = _cap_outputs(_read(scratch if scratch.exists() else notebook))
        failure = _judge(content, raised, run, contract)
        _write(_mark(content, failure), scratch)
        scratch.replace(output)
        kernel = run.kernel
    seconds = time.monotonic() - started
    return Outcome(
        notebook=output,
        seconds=seconds,
        scraps=scraps_in(content),
        kernel=kernel,
        failure=failure,
        cell_seconds=_cell_seconds(content),
    )


def _cell_seconds(content: Any) -> dict[str, float]:
    """How long cells of one line took, as papermill measured it."""
    lines = (
        (cell.source.strip(), cell.metadata.get("papermill", {}).get("duration")) for cell in content.cells
    )
    return {line: float(taken) for line, taken in lines if taken is not None and "\n" not in line}


def _scratch(output: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder beside the output: papermill writes in place, and a rename needs the same filesystem.

    Its path is absolute, because the kernel's working directory is another than that of who runs it.
    """
    try:
        return tempfile.TemporaryDirectory(
            prefix=".executing-", dir=output.parent.absolute(), ignore_cleanup_errors=True
        )
    except OSError as error:
        do = "create the folder, or make it writable"
        raise NotebookError(
            f"cannot write the executed notebook: {os_reason(error)}", where=str(output), do=do
        ) from None


def _read(path: Path) -> Any:
    """The notebook as papermill left it, without its banners and the machine's folders.

    Raises:
        NotebookError: it is empty or cut off, as where papermill was stopped in the middle of a write.

    """
    import nbformat

    try:
        content = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        raise NotebookError(
            "papermill stopped in the middle of a write: the executed notebook is empty or cut off",
            where=str(path),
            do="see that the disk has room, then run it again",
        ) from None
    content.cells = [cell for cell in content.cells if _PAPERMILL_BANNER not in cell.metadata.get("tags", ())]
    for place in {"input_path", "output_path"} & content.metadata.get("papermill", {}).keys():
        content.metadata.papermill[place] = Path(content.metadata.papermill[place]).name
    return content


def _cap_outputs(content: Any) -> Any:
    """The notebook with what a cell printed beyond `MOST_PRINTED` characters cut, and that said."""
    for cell in content.cells:
        room = MOST_PRINTED
        for output in cell.get("outputs", ()):
            if output.output_type != "stream":
                continue
            text = "".join(output.text)
            if len(text) > room:
                size = f"{len(text):,} characters were printed, the rest of them is cut"
                output.text = f"{text[:room]}\n[{size} after {room:,}]\n"
            room = max(0, room - len(text))
    return content


def _write(content: Any, path: Path) -> None:
    import nbformat

    write_atomically(path, f"{nbformat.writes(content).rstrip()}\n".encode())


def _judge(
    content: Any, raised: BaseException | None, run: WatchedRun, contract: tuple[str, ...]
) -> Failure | None:
    """The failure, None for a good end; an exception that does not come from the notebook is raised again.

    Raises:
        OSError: no kernel started, and the disk has no room for the files that a kernel writes first.

    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    match raised:
        case None:
            return _cell_failure(content, run) or _missing(content, contract)
        case PapermillExecutionError():
            return _cell_failure(content, run) or _stop_failure(
                FailureKind.CELL, "an error without a trace in", run
            )
        case Overdue():
            return _stop_failure(FailureKind.RUN_TIMEOUT, "the run passed its time limit in", run)
        case CellTimeoutError():
            return _stop_failure(FailureKind.CELL_TIMEOUT, "time limit passed by", run)
        case DeadKernelError():
            return _stop_failure(
                FailureKind.KERNEL, "the kernel was killed, perhaps for lack of memory, in", run
            )
        case RuntimeError() if run.started_cell is None:
            run.write_as_a_kernel()
            raise _unstarted(run.kernel, raised) from raised
        case _:
            raise raised


def _unstarted(reported: KernelCode | None, raised: RuntimeError) -> NotebookError:
    """Why a kernel served nothing: it imports other code than this process, or nothing at all."""
    if reported is None or reported.sha256 == hash_code():
        do = (
            "see whether `python -P -m ipykernel_launcher --version` works; a kernel imports jstock from "
            "this environment, not from the working directory or PYTHONPATH: install it there"
        )
        return NotebookError(f"no kernel could be started: {raised}", do=do)
    return NotebookError(
        f"the kernel would run other code of jstock (version {reported.version}) than this command",
        do="if jstock was just updated, run the command again; else install this code in this environment",
    )


def _stop_failure(kind: FailureKind, what: str, run: WatchedRun) -> Failure:
    asked = f", while {run.plugin} was asked" if run.plugin else ""
    place = _place(run, run.started_cell)
    return Failure(kind=kind, message=f"{what} {place}{asked}", cell=run.started_cell)


def _place(run: WatchedRun, cell: int | None) -> str:
    """'cell 5 ("BUY signals")'."""
    if cell is None:
        return "the start of the kernel"
    title = run.titles.get(cell, "")
    return f'cell {cell} ("{title}")' if title else f"cell {cell}"


def _cell_failure(content: Any, run: WatchedRun) -> Failure | None:
    """The first error that a cell holds: a `sys.exit(0)` ends a run early without papermill minding."""
    for index, cell in enumerate(content.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                name, value = str(output.ename), str(output.evalue)
                message = f"{_place(run, index)}: {name}: {value}".rstrip(": ")
                return Failure(kind=FailureKind.CELL, message=message, cell=index, name=name, value=value)
    return None


def _missing(content: Any, contract: tuple[str, ...]) -> Failure | None:
    missing = sorted(set(contract) - scraps_in(content).keys())
    if not missing:
        return None
    return Failure(kind=FailureKind.SCRAPS, message=f"the notebook did not record {', '.join(missing)}")


def _mark(content: Any, failure: Failure | None) -> Any:
    """The notebook with the failure written into it, for its readers and for the report.

    papermill says "completed" of cells that a dead kernel never ran: they become pending again.
    """
    if failure is None:
        return content
    content.metadata["jstock"] = {"failure": failure.message, "kind": str(failure.kind)}
    if failure.cell is None:
        return content
    about = content.cells[failure.cell].metadata
    about["tags"] = [*about.get("tags", ()), FAILED_TAG]
    about["papermill"] = {**about.get("papermill", {}), "status": "failed", "exception": True}
    for cell in content.cells[failure.cell + 1 :]:
        cell.metadata["papermill"] = {**cell.metadata.get("papermill", {}), "status": "pending"}
    return content
