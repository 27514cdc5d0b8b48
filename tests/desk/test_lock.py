"""One at a time: who waits is told for whom, and the dead leave nothing."""

from __future__ import annotations

import pytest

from jstock_core.desk.lock import hold
from jstock_core.errors import LockedError


def test_who_does_not_get_it_is_told_who_has_it(tmp_path):
    lock = tmp_path / "data" / ".lock"
    with (
        hold(lock, "the day of 2026-01-21"),
        pytest.raises(LockedError, match=r"process \d+, the day of 2026-01-21"),
        hold(lock, "another", patience=0),
    ):
        pass


def test_a_damaged_name_of_the_holder_is_no_second_error(tmp_path):
    lock = tmp_path / "data" / ".lock"
    with hold(lock, "a day"):
        (tmp_path / "data" / ".lock.holder").write_bytes(b"process \xff\xfe")
        with pytest.raises(LockedError, match="process"), hold(lock, "another", patience=0):
            pass


def test_what_the_dead_left_half_written_is_removed_but_not_what_other_locks_guard(tmp_path):
    data = tmp_path / "data"
    mine = [".fetched.json.77.part", "state/.trade_history.json.77.part", "raw_prices/.2026.parquet.part"]
    others = ["state/.journal.head.77.part", "features/.panel-1.npz.part", "state/journal.sqlite"]
    for name in (*mine, *others):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("")
    with hold(data / ".lock", "a day"):
        left = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    assert left == {*others, ".lock", ".lock.holder"}
