"""What a run weighed is counted from the store and the files of its folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from jstock_core.desk.day.publishing.measures import measure_run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.testing import copy_desk


def test_rows_are_counted_and_those_that_came_for_the_run(
    shared_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = shared_desk(ready="fetched")
    (tmp_path / "charts").mkdir()
    (tmp_path / "report.html").write_text("12345")
    (tmp_path / "charts" / "a.svg").write_text("678")
    found = measure_run(desk, tmp_path, desk.clock())
    assert (found["bytes.page"], found["bytes.run"]) == (5, 8)
    assert found["rows.bars"] == found["fetched.bars"] == desk.store.read().rows("bars")
    assert (found["stocks"], found["groups"]) == (len(desk.monitored), len(desk.groups))
    later = measure_run(desk, tmp_path, desk.clock() + timedelta(minutes=11))
    assert [name for name in later if name.startswith("fetched.")] == []


def test_a_damaged_store_leaves_the_files(shared_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = copy_desk(shared_desk(ready="fetched"), tmp_path / "ws")
    (desk.workspace.data / "store.json").write_text("{")
    found = measure_run(desk, tmp_path / "ws", desk.clock())
    assert found["bytes.run"] > 0
    assert not [name for name in found if name.startswith("rows.")]
