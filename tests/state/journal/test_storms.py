"""A small part of each storm; `python -m tests.state.storms` tells how to let loose the whole ones.

They fork, which a process with threads of its own must not, so each runs in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the storms kill forks, and this system has none")
@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("kills 25", "25 kills at random points of "),
        ("writes 30", "kills before the writes of a run"),
        ("flips 300", "0 written over"),
        ("writers 20", "20 processes recorded at once: 31 facts, each once"),
    ],
)
def test_the_state_stands(words, outcome):
    command = [sys.executable, "-m", "tests.state.storms", *words.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert outcome in done.stdout
