"""Views that a killed command left behind: its repetition is refused, and brings them up all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.recording.record import Recording
from jstock_core.desk.trading.cash import deposit
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.views import VIEWS
from tests.desk.days import MORNING, edited

EVENING = "2026-01-21T18:00"


def views(root: Path) -> dict[str, bytes]:
    return {name: (root / "data" / "state" / name).read_bytes() for name in VIEWS}


def put_back(root: Path, old: dict[str, bytes]) -> None:
    """What is on disk after a kill between the journal and the views."""
    for name, content in old.items():
        (root / "data" / "state" / name).write_bytes(content)


def deposited(root: Path) -> None:
    deposit(open_desk(root, now=MORNING), "conservative", "1000", reason="savings")


def filled(root: Path) -> None:
    recording = Recording.of(open_desk(root, now=EVENING), fetch=True)
    recording.write(recording.lines_as_ordered("open"))


@pytest.mark.parametrize("command", [deposited, filled])
def test_a_repetition_that_is_refused_brings_the_views_up(desk: Path, command: Callable[[Path], None]):
    if command is filled:
        edited(desk, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    old = views(desk)
    command(desk)
    new = views(desk)
    assert old != new
    put_back(desk, old)
    with pytest.raises(UsageError):
        command(desk)
    assert views(desk) == new
    assert not verify_journal(open_desk(desk, now=EVENING)).faults
