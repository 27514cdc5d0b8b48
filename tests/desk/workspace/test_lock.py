"""One at a time: who waits is told for whom, and the dead leave nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jstock_core.base.errors import LockedError
from jstock_core.desk.workspace.lock import hold


def test_who_does_not_get_it_is_told_who_has_it(tmp_path):
    lock = tmp_path / "data" / ".lock"
    with hold(lock, "the day of 2026-01-21"):
        assert re.search(r"process \d+, the day of 2026-01-21", refusal(lock))


def test_a_block_inside_the_block_holds_it_too(tmp_path):
    lock = tmp_path / "data" / ".lock"
    with hold(lock, "the day of 2026-01-21"):
        with hold(lock, "its decisions", patience=0):
            pass
        assert "the day of 2026-01-21" in refusal(lock)
    with hold(lock, "another", patience=0):
        pass


def refusal(lock: Path) -> str:
    """What somebody else is told who wants the lock: another thread is another holder."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(_refused, lock).result()


def _refused(lock: Path) -> str:
    with pytest.raises(LockedError) as caught, hold(lock, "another", patience=0):
        pass
    return caught.value.what


def test_a_damaged_name_of_the_holder_is_no_second_error(tmp_path):
    lock = tmp_path / "data" / ".lock"
    with hold(lock, "a day"):
        (tmp_path / "data" / ".lock.holder").write_bytes(b"process \xff\xfe")
        assert "process" in refusal(lock)


def test_what_the_dead_left_half_written_is_removed_but_not_what_other_locks_guard(tmp_path):
    data = tmp_path / "data"
    mine = [".fetched.json.77.part", "state/.trade_history.json.77.part", "parsed/bars/.2026.parquet.part"]
    others = ["state/.journal.head.77.part", "features/.panel-1.npz.part", "state/journal.sqlite"]
    for name in (*mine, *others):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("")
    with hold(data / ".lock", "a day"):
        left = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    assert left == {*others, ".lock", ".lock.holder"}
