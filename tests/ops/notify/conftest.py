"""Desks whose people are reached by ways without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.notify import tell
from jstock_core.ops.notify.delivery import Ways
from jstock_core.testing import copy_desk
from tests.ops.notify.people import FakeWay
from tests.state.conftest import database, postgres

__all__ = ["database", "postgres"]


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> FakeWay:
    """The only way of every desk that declares one."""
    way = FakeWay()
    monkeypatch.setattr(tell, "open_ways", lambda settings, _: Ways(dict.fromkeys(settings.ways, way)))
    return way


@pytest.fixture
def told_desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Callable[..., Desk]:
    """Make a copy of a desk that has run its morning, with the keys of `notify` given."""

    def make(now: str = "", notify: dict[str, Any] | None = None, name: str = "desk", **options: Any) -> Desk:
        root = copy_desk(shared_desk(**options), tmp_path / name).workspace.root
        declared = {"ways": {"mail": {"use": "fake"}}, **(notify or {})}

        def change(content: Any) -> None:
            content["notify"] = declared

        edit_yaml(root / "params" / "desk.yaml", change)
        return open_desk(root, now=now or "2026-01-21T07:00")

    return make
