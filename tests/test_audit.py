"""The audit of dependencies fails for a vulnerability, and never because nobody could be asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT

SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
BROKEN = {"name": "pillow", "version": "1.0", "vulns": [{"id": "CVE-2026-1"}]}
SKIPPED = {"name": "httpx", "skip_reason": "Dependency not found"}
OURS = {"name": "jstock", "skip_reason": "distribution marked as editable"}


@pytest.mark.skipif(os.name != "posix", reason="a script for bash")
@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([SOUND, OURS], 0, ""),
        ([SOUND, BROKEN], 1, "pillow 1.0: CVE-2026-1"),
        ([SOUND, SKIPPED], 0, "not audited: 1 of 2 packages, as httpx"),
        ([SKIPPED, BROKEN], 1, "pillow 1.0: CVE-2026-1"),
        (None, 0, "not audited: the service that knows vulnerabilities cannot be reached"),
    ],
)
def test_an_audit_fails_for_what_was_found_only(tmp_path: Path, found, status: int, said: str) -> None:
    answer = "" if found is None else json.dumps({"dependencies": found, "fixes": []})
    fake = tmp_path / "pip-audit"
    fake.write_text(
        f'#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\nprintf %s \'{answer}\' > "$2"\nexit 1\n',
        encoding="utf-8",
    )
    fake.chmod(0o700)
    places = f"{tmp_path}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / ".ci" / "audit"],
        env={**os.environ, "PATH": places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert done.stdout.strip() == said or (said and said in done.stdout)
