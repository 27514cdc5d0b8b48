"""Kernels of this very interpreter and environment, and a leash to end one from another thread.

A kernel specification named "python3" may point to any Python of the machine, or be absent; the report must
come from the interpreter and packages that run jstock. So the specification is made here, not looked up. The
kernel imports only what is installed: nothing from the working directory, which is a folder of its own, from
PYTHONPATH, or from a user's start-up files and packages. `launch` is the program that it runs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import site
import sys
import threading
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.identity.source import hash_code
from jstock_core.runs.notebook import launch

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

_INSTALLED = ("jstock", "ipykernel")


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


def leashed_kernel(leash: Leash, folder: Path) -> type[AsyncKernelManager]:
    """A kernel manager class whose kernels run in `sys.executable` and `folder`, tied to `leash`."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class LeashedKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**_specification())

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            options |= {"cwd": str(folder), "env": kernel_environment(os.environ, folder)}
            await super().start_kernel(**options)
            leash.attach(self.provisioner.pid)  # type: ignore[union-attr]

    return LeashedKernel


def kernel_environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment for a kernel in `folder`: without what adds code to a Python that starts."""
    kept = {name: value for name, value in given.items() if name not in ("PYTHONPATH", "PYTHONSTARTUP")}
    shut = {"PYTHONSAFEPATH": "1", "IPYTHONDIR": str(folder / "ipython")}
    return kept | shut | ({} if _is_users() else {"PYTHONNOUSERSITE": "1"})


def _is_users() -> bool:
    """Whether jstock, or what it runs kernels with, is installed in the user's own site-packages."""
    own = Path(site.getusersitepackages()).resolve()
    places = {Path(str(found.locate_file(""))).resolve() for found in map(_installed, _INSTALLED) if found}
    return own in places


def _installed(package: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None


def _specification() -> dict[str, Any]:
    program = ["-P", "-m", launch.__name__, hash_code(), "-f", "{connection_file}"]
    return {
        "argv": [sys.executable, *program],
        "display_name": "jstock",
        "language": "python",
        "metadata": {"supported_encryption": ["curve"]},
    }
