"""papermill in a thread of its own, watched from the calling one, which keeps the clock.

Past the time limit the kernel's process group is killed, which ends every wait papermill can be in. Should it
still not return, the thread (a daemon) is left behind and the caller goes on: no run outlasts its limit by
more than a short grace. papermill's event loop belongs to that thread and is closed there.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jstock_core.base.contain import read_call
from jstock_core.base.durable import write_atomically
from jstock_core.base.identity.source import hash_code
from jstock_core.runs.notebook.convert import skip_slow_grammars
from jstock_core.runs.notebook.kernel import Leash, leashed_kernel
from jstock_core.runs.notebook.launch import CALLS, read_report
from jstock_core.runs.notebook.parameters import PARAMETERS_TAG
from jstock_core.runs.provenance import KernelCode

Progress = Callable[[int, int, str], None]
"""Called with the cells done, the code cells in all, and the heading the next one stands under."""

_GRACE_S = 15.0  # papermill notices a dead kernel within a second; the rest is for a loaded machine

_ROOM_OF_A_KERNEL = 65_536
"""Bytes: more than the files of a kernel that starts take, in blocks of any size that disks have."""

_STARTS = 3
"""Free ports are found before a kernel takes them; of two that start at once one may find its own taken."""


class Overdue(Exception):  # noqa: N818 - a state rather than a fault
    """The whole run took longer than its limit."""


class _Ended:
    """papermill returned (no error) or raised."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class WatchedRun:
    """One papermill call; `started_cell` is the index of the last cell it sent to the kernel.

    The kernel runs in a folder of its own beside `output`.
    """

    def __init__(
        self, notebook: Path, output: Path, given: Mapping[str, Any], *, cell_timeout_s: int | None = None
    ) -> None:
        self.started_cell: int | None = None
        self.titles = cell_titles(notebook, injected=bool(given))
        self._leash = Leash()
        self._kernel_folder = output.with_name("kernel")
        self._events: queue.SimpleQueue[tuple[int, int, str] | _Ended] = queue.SimpleQueue()
        self._call = {
            "input_path": _escape_braces(notebook),
            "output_path": _escape_braces(output),
            "parameters": dict(given),
            "execution_timeout": cell_timeout_s,
        }

    @property
    def kernel(self) -> KernelCode | None:
        """The code that the kernel reported to be its own; None where it came to no report."""
        return read_report(self._kernel_folder)

    @property
    def plugin(self) -> str:
        """The plug-in that ran when the kernel ended, as "the entry MyRule"; "" where none did."""
        return read_call(self._kernel_folder / CALLS)

    def write_as_a_kernel(self) -> None:
        """Write into the kernel's folder, as a kernel does before it serves, and take that away again.

        Raises:
            OSError: the disk is full or may not be written, which also ends a kernel in its start.

        """
        probe = self._kernel_folder / "room"
        write_atomically(probe, bytes(_ROOM_OF_A_KERNEL))
        probe.unlink()

    def run_to_end(self, timeout_s: float, on_cell: Progress | None = None) -> BaseException | None:
        """What papermill raised, `Overdue` past the limit, or None; `on_cell` is called in this thread."""
        thread = threading.Thread(target=self._papermill, name="papermill", daemon=True)
        thread.start()
        try:
            ended = self._wait(time.monotonic() + timeout_s, on_cell)
        except BaseException:  # Ctrl-C, or the progress callback raised: leave no kernel behind
            self._kill(thread)
            raise
        if isinstance(ended, Overdue):
            self._kill(thread)
        return ended

    def _wait(self, deadline: float, on_cell: Progress | None) -> BaseException | None:
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return Overdue()
            if isinstance(event, _Ended):
                return event.error
            if on_cell is not None:
                on_cell(*event)

    def _kill(self, thread: threading.Thread) -> None:
        self._leash.pull()
        thread.join(_GRACE_S)

    def _papermill(self) -> None:
        error: BaseException | None = None
        try:
            with _own_event_loop():
                self._execute()
        except BaseException as raised:  # noqa: BLE001 - carried to the calling thread, judged or raised there
            error = raised
        self._events.put(_Ended(error))

    def _execute(self) -> None:
        # The outcome reports failures; without a handler they would also be printed here.
        logging.getLogger("papermill").addHandler(logging.NullHandler())
        for left in reversed(range(_STARTS)):
            self._kernel_folder.mkdir()
            try:
                self._call_papermill()
                break
            except RuntimeError:
                if not (left and self._died_in_its_start()):
                    raise
                shutil.rmtree(self._kernel_folder)
        self._events.put((len(self.titles), len(self.titles), ""))

    def _died_in_its_start(self) -> bool:
        """Whether a kernel of this code ended before it served a cell, as one does whose port was taken."""
        kernel = self.kernel
        return self.started_cell is None and kernel is not None and kernel.sha256 == hash_code()

    def _call_papermill(self) -> None:
        skip_slow_grammars()
        import papermill
        from traitlets.config import Config

        papermill.execute_notebook(
            **self._call,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            # The kernel listens on a port of the machine; other users must not read it.
            config=Config({"KernelManager": {"transport_encryption": "required"}}),
            kernel_manager_class=leashed_kernel(self._leash, self._kernel_folder),
            on_cell_start=self._on_start,
            # Everything is written when the last cell returns; an orderly shutdown costs half a second.
            shutdown_kernel="immediate",
        )

    def _on_start(self, cell_index: int, **_: object) -> None:
        """The hook of nbclient, also called for cells that are not run."""
        if cell_index not in self.titles:
            return
        self.started_cell = cell_index
        done = sum(index < cell_index for index in self.titles)
        self._events.put((done, len(self.titles), self.titles[cell_index]))


@contextlib.contextmanager
def _own_event_loop() -> Iterator[None]:
    """The event loop that jupyter makes for this thread, closed when done."""
    import asyncio

    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def cell_titles(notebook: Path, *, injected: bool) -> dict[int, str]:
    """The heading over each code cell, by its index once papermill has put its own cell in (`injected`)."""
    skip_slow_grammars()
    import nbformat

    found: dict[int, str] = {}
    heading, index = "", 0
    for cell in nbformat.read(notebook, as_version=4).cells:
        heading = _heading(cell) or heading
        if cell.cell_type == "code" and cell.source.strip():
            found[index] = heading
        if injected and PARAMETERS_TAG in cell.metadata.get("tags", ()):
            index += 1
            found[index] = heading
        index += 1
    return found


def _heading(cell: Any) -> str:
    """The last heading of a Markdown cell, without its marks."""
    lines = re.findall(r"^#+ +(.+?)\s*$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else []
    return str(lines[-1]) if lines else ""


def _escape_braces(path: Path) -> str:
    """Escape braces: papermill formats paths with the parameters; a folder's name is meant as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")
