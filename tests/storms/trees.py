"""Commands as whole processes: started in a group of their own, found again by a mark, killed."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
MARK = "JSTOCK_STORM"
KERNEL = b"jstock_core.runs.notebook.launch"


@dataclass(frozen=True)
class Tree:
    """A running command and whatever it started: all of them carry the mark in their environment."""

    mark: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, words: Sequence[str], env: Mapping[str, str] = MappingProxyType({})) -> Tree:
        """Start a command of the checkout."""
        command = [sys.executable, "-m", "jstock_core.cli", *words]
        return cls.of(command, {"PYTHONPATH": str(ROOT)} | env, ROOT)

    @classmethod
    def of(cls, program: Sequence[str], env: Mapping[str, str], folder: Path) -> Tree:
        """Start a program in a folder."""
        mark = secrets.token_hex(8)
        process = subprocess.Popen(
            program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, cwd=folder, env=os.environ | env | {MARK: mark},
        )  # fmt: skip
        return cls(mark, process)

    def members(self) -> list[int]:
        """Processes that carry the mark and still run, the command itself first."""
        found = [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._carries(path)]
        return sorted(found, key=lambda pid: pid != self.process.pid)

    def _carries(self, path: Path) -> bool:
        try:
            running = path.joinpath("stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
            return running and f"{MARK}={self.mark}".encode() in path.joinpath("environ").read_bytes()
        except OSError:
            return False

    def kernels(self) -> list[int]:
        return [pid for pid in self.members() if KERNEL in _command(pid)]

    def kill(self, victim: str = "all") -> None:
        """SIGKILL to everything, to the command alone, or to its kernel alone (where it has one)."""
        members = self.members()
        kernels = [pid for pid in members if KERNEL in _command(pid)]
        chosen = {"all": members, "caller": [self.process.pid], "kernel": kernels or members}[victim]
        for pid in chosen:
            _kill(pid)

    def end(self, seconds: float) -> tuple[int, str]:
        """Its exit status and what it said."""
        out, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, out.decode(errors="replace")

    def gone_within(self, seconds: float) -> bool:
        """Whether nothing of it is left."""
        deadline = time.monotonic() + seconds
        while self.members():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
