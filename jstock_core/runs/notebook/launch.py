"""The program of a kernel: it reports the code of jstock that it imports, and serves a notebook.

`kernel` starts it in an empty folder of its own with the hash of the code that it must have; where it has
another it serves nothing. IPython's profiles, configuration and start-up files are not read: they belong to
whoever works on the machine, not to the environment in which jstock is installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jstock_core import __version__
from jstock_core.base.contain import note_calls
from jstock_core.base.identity.source import hash_code
from jstock_core.base.limits import parse_json, read_file
from jstock_core.runs.provenance import KernelCode

REPORT = "code.json"
"""The file in the kernel's working directory that says what code it runs."""
CALLS = "calls"
"""The file beside it that says which plug-in runs (see `note_calls`)."""


def read_report(folder: Path) -> KernelCode | None:
    """What the kernel that was started in `folder` reported; None where it came to no report."""
    try:
        return KernelCode(**parse_json(read_file(folder / REPORT)))
    except (OSError, ValueError, TypeError):
        return None


def _serve(arguments: Sequence[str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    class PlainKernel(IPKernelApp):
        def load_config_file(self, *_: Any, **__: Any) -> None:
            pass

        def _run_startup_files(self) -> None:
            pass

        def init_path(self) -> None:
            pass  # IPython before 9.7 adds the working directory, also with -P

    PlainKernel.launch_instance(list(arguments))


def _main(expected: str, *arguments: str) -> None:
    report = KernelCode(version=__version__, sha256=hash_code())
    Path(REPORT).write_text(json.dumps(asdict(report)), encoding="utf-8")
    if report.sha256 == expected:
        note_calls(Path(CALLS))
        _serve(arguments)


if __name__ == "__main__":
    _main(*sys.argv[1:])
