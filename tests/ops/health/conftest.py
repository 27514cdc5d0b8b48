"""Desks to examine, each a copy, in the morning of 21 January 2026."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.check import Examined, HealthCheck, Look, State, contain, look_at
from jstock_core.testing import copy_desk

NOW = "2026-01-21T07:10"


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """A desk after its first morning."""
    return copy_desk(shared_desk(), tmp_path / "ws")


@pytest.fixture
def examined(desk: Desk) -> Examined:
    return look_at(str(desk.workspace.root), now=NOW)


def look(examination: Look, examined: Examined) -> tuple[HealthCheck, ...]:
    """What a check finds, contained as the doctor does it."""
    return tuple(contain("it", examination, examined))


def one(examination: Look, examined: Examined) -> HealthCheck:
    (check,) = look(examination, examined)
    return check


def states(checks: tuple[HealthCheck, ...]) -> list[State]:
    return [check.state for check in checks]
