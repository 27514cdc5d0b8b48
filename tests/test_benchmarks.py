"""The benchmarks run: a change of the desk that breaks them is seen at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_quick_benchmarks_run() -> None:
    """Once each, with little data; every figure has its line in the table."""
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--only",
        "backtest",
        "--only",
        "journal",
        "--only",
        "mornings",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = [line.partition(":")[0] for line in done.stdout.splitlines()[1:]]
    assert names == ["backtest", "replay", "open", "append", "mornings"]
