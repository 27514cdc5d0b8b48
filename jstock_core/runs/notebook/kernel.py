"""Kernels of this very interpreter, and a leash to end one from another thread.

A kernel specification named "python3" may point to any Python of the machine, or be absent; the report must
come from the interpreter and packages that run jstock. So the specification is made here, not looked up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager


class Leash:
    """Ends a kernel and its children from another thread, also one that is only about to start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._pulled = False

    def attach(self, pid: int) -> None:
        """Tie the leash to a kernel process, which leads a process group of its own."""
        with self._lock:
            self._pid = pid
            if self._pulled:
                _end(pid)

    def pull(self) -> None:
        """Kill the kernel now, or at the moment it starts."""
        with self._lock:
            self._pulled = True
            if self._pid is not None:
                _end(self._pid)


def _end(pid: int) -> None:
    """SIGKILL the process group; where there are none, end the process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def leashed_kernel(leash: Leash) -> type[AsyncKernelManager]:
    """A kernel manager class whose kernels run in `sys.executable` and are tied to `leash`."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class LeashedKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**_SPECIFICATION)

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**options)
            leash.attach(self.provisioner.pid)  # type: ignore[union-attr]

    return LeashedKernel


_SPECIFICATION: dict[str, Any] = {
    "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "jstock",
    "language": "python",
    "metadata": {"supported_encryption": ["curve"]},
}
