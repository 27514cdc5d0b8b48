"""The tools of the platform that schedulers are spoken to with, and which scheduler there is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jstock_core.base.errors import UsageError

Kind = Literal["systemd", "cron", "launchd", "windows"]
KINDS: tuple[Kind, ...] = ("systemd", "cron", "launchd", "windows")
MISSING = 127
"""The status of a tool that is not installed, as shells have it."""
_PATIENCE = 60.0


@dataclass(frozen=True)
class ToolAnswer:
    """How a tool ended, what it printed, and both of its streams as text for people."""

    status: int
    text: str
    output: bytes = b""

    @property
    def missing(self) -> bool:
        """Whether there is no such tool."""
        return self.status == MISSING


Tool = Callable[[Sequence[str], bytes], ToolAnswer]
"""Runs a tool of the platform with an input."""


def run_tool(words: Sequence[str], given: bytes = b"") -> ToolAnswer:
    """Run a tool of the platform."""
    try:
        done = subprocess.run(  # noqa: S603 (words of ours, without a shell)
            list(words), input=given, capture_output=True, timeout=_PATIENCE, check=False
        )
    except FileNotFoundError:
        return ToolAnswer(MISSING, f"{words[0]} is not installed")
    except (OSError, subprocess.TimeoutExpired) as error:
        return ToolAnswer(1, str(error))
    text = (done.stdout + done.stderr).decode(errors="replace").strip()
    return ToolAnswer(done.returncode, text, done.stdout)


def find_kind(given: str, platform: str = sys.platform, run_folder: Path = Path("/run")) -> Kind:
    """The scheduler that is named, else the one of this machine.

    Raises:
        UsageError: there is no such kind, or none is found.

    """
    for kind in KINDS:
        if kind == given:
            return kind
    if given:
        raise UsageError(f'"{given}" is no kind of scheduler', do=f"give one of {', '.join(KINDS)}")
    if platform == "darwin":
        return "launchd"
    if platform == "win32":
        return "windows"
    if (run_folder / "systemd" / "system").is_dir():
        return "systemd"
    if shutil.which("crontab"):
        return "cron"
    raise UsageError(
        "no scheduler was found: neither systemd nor crontab",
        do=f"name one with --kind ({', '.join(KINDS)}), or start `jstock daily --scheduled` by another one",
    )
