"""Commands run in forks of this process, which has everything imported: each attempt does the same.

The daily notebook's work is done in the fork itself and not in a kernel, so one process makes all writes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.base.plain import plain_json
from jstock_core.cli import run
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing import executed
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.render.outgoing.files import write_files
from jstock_core.runs.latest import latest_run
from jstock_core.runs.notebook.execute import Outcome

from .commands import Command
from .desks import ROOT, Said, copied, half_written, left_behind, report, said, unsound

EXECUTED = ROOT / "tests" / "golden" / "daily.ipynb"


def execute_here(_notebook: Path, output: Path, parameters: dict, **_: object) -> Outcome:
    """What papermill does, without a kernel: the notebook's own steps, and a page executed before."""
    desk = open_desk(parameters["workspace"], now=parameters["now"])
    day = run_day(desk, parameters["trade_date"], parameters["intent"])
    write_files(day.report, parameters["output"])
    shutil.copyfile(EXECUTED, output)
    return Outcome(
        notebook=output, seconds=0.0, scraps={"headline": plain_json(day.report.headline)}, kernel=None
    )


def here(words: list[str], out: Path = Path(os.devnull), errors: Path | None = None) -> int:
    """Run a command in this process, which ends after it; its output goes into a file, or into two."""
    for number, path in ((1, out), (2, errors)):
        with path.open("w") if path else os.fdopen(os.dup(1), "w") as file:
            os.dup2(file.fileno(), number)
    executed.execute = execute_here
    return run(words)


def forked(work: Callable[[], int]) -> int:
    """The process id of a fork that does some work and ends with its status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work()
        finally:
            os._exit(status)
    return pid


def ended(pid: int) -> int:
    """The exit status of a fork, or less than 0: the signal it died of."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- killed, run again, compared ----------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A desk after a command: the ledger, and orders and signals where it publishes them."""

    said: Said
    tickets: object


def shown(command: Command, root: Path) -> Shown:
    return Shown(said(root, command.now), tickets(root, command.publishes) if command.publishes else None)


def tickets(root: Path, day: date) -> tuple[str, object]:
    """The orders and signals of the newest good run of a day."""
    report(root, day)
    run = latest_run(root / "runs", day)
    assert run is not None
    signals = json.loads((run / f"signals_{day}.json").read_text(encoding="utf-8"))
    return (run / "orders.csv").read_text(encoding="utf-8"), signals["signals"]


def uninterrupted(command: Command, root: Path) -> Shown:
    """What a command leaves that nobody interrupts; run here, so that forks find everything imported."""
    words = os.dup(1), os.dup(2)
    try:
        assert here(command.on(root)) == ExitStatus.OK
    finally:
        for number, kept in enumerate(words, start=1):
            os.dup2(kept, number)
            os.close(kept)
    wanted = shown(command, root)
    shutil.rmtree(root)
    return wanted


def struck(command: Command, base: Path, root: Path, kill: Callable[[Path], int], wanted: Shown) -> None:
    """One desk: its command killed, looked at, run again, compared.

    Raises:
        AssertionError: the point was not reached, or there is a difference.

    """
    died = kill(copied(base, root))
    assert died == -signal.SIGKILL, f"not reached: {died}"
    broken = list(half_written(root))
    assert not broken, broken
    again = ended(forked(lambda: here(command.on(root))))
    assert again in command.done, f"status {again} of the repetition"
    assert shown(command, root) == wanted, "the desk says something else"
    assert not unsound(root, command.now), unsound(root, command.now)
    left = left_behind(root)
    assert not left, f"left behind: {left}"
    shutil.rmtree(root)
