"""The console that everything is printed on: ids stay as they are, and a closed pipe is no defect.

A module of its own, because it needs rich, which commands import only when they print.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from rich.console import Console


class Terminal(Console):
    """A rich console that reads no emoji codes (an id may hold ":100:") and tells of a closed pipe."""

    def __init__(self, *, stderr: bool) -> None:
        super().__init__(stderr=stderr, highlight=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Let `run` end with the status of its own that a closed pipe has; rich would end with 1."""
        raise BrokenPipeError


def abandoned() -> bool:
    """Whether nobody reads the output any more; what is buffered then goes nowhere, without complaint."""
    own = [stream.fileno() for stream in (sys.__stdout__, sys.__stderr__) if stream is not None]
    closed = [descriptor for descriptor in own if _is_closed(descriptor)]
    for descriptor in closed:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    return bool(closed)


def _is_closed(descriptor: int) -> bool:
    """Whether a pipe has no reader, or rich, which prints the help, has left it already."""
    if os.path.samestat(os.fstat(descriptor), Path(os.devnull).stat()):
        return True
    asked = select.poll()
    asked.register(descriptor, 0)
    return any(said & (select.POLLERR | select.POLLHUP) for _, said in asked.poll(0))
