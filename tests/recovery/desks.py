"""Desks for drills, and the commands that are typed at them."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from jstock_core.cli import run
from jstock_core.state.facts.events import Decided, Event
from tests.desk.days import journaled


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit status, and what it said on both outputs."""

    status: int
    text: str


def typed(root: Path, *words: str, now: str) -> Said:
    """Type a command at a desk, at a time."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = run([*words, "--workspace", str(root), "--now", now])
    return Said(status, " ".join(out.getvalue().split()))


def decisions(root: Path, day: str, now: str) -> list[Decided]:
    """What the journal holds of decisions for a trade date."""
    return [e for e in journaled(root, now) if isinstance(e, Decided) and str(e.session) == day]


def facts(root: Path, now: str) -> list[str]:
    """The ids of everything recorded, in order."""
    return [event.id for event in journaled(root, now)]


def without_provenance(events: list[Event]) -> list[dict[str, object]]:
    """What was recorded, without when and by what."""
    return [event.content_fields() for event in events]
