"""SIGTERM and SIGHUP end a command as Ctrl-C does: with what must still be said, and a documented status."""

from __future__ import annotations

import signal
from types import FrameType

from jstock_core.base.errors import Stopped

_NAMES = ("SIGTERM", "SIGHUP")


def catch_signals() -> None:
    """Raise `Stopped` where a signal asks the process to end; one that is ignored (nohup) stays ignored."""
    for number in _numbers():
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End once: while that is done, further signals change nothing."""
    for other in _numbers():
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def _numbers() -> list[signal.Signals]:
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
