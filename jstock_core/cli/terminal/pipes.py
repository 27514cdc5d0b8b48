"""A closed pipe, as `| head` leaves it: whether anybody still reads the output."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path


def is_output_closed() -> bool:
    """Whether nobody reads the output any more; what is buffered is then dropped without complaint."""
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
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
