"""Files written whole or not at all, and what a kill leaves of them."""

from __future__ import annotations

from jstock_core.base.durable import sweep, write_atomically
from tests.state.events import deposit
from tests.state.miniature import journal_in


def test_what_is_swept_is_half_written_and_of_the_pattern(tmp_path):
    for name in (".a.json.7.part", ".b.json.7.part", "a.part", ".a.json"):
        (tmp_path / name).write_bytes(b"")
    sweep(tmp_path, "a.*")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.json", ".b.json.7.part", "a.part"]


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path):
    write_atomically(tmp_path / "a.json", b"old")
    write_atomically(tmp_path / "a.json", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"new")]


def test_what_a_kill_left_of_the_journals_files_is_removed_under_its_lock(tmp_path):
    left = [tmp_path / f".journal.{end}.77.part" for end in ("head", "book", "sqlite")]
    others = tmp_path / ".trade_history.json.77.part"  # written under the desk's lock, not this one
    for part in (*left, others):
        part.write_bytes(b"half")
    journal_in(tmp_path).append([deposit()])
    assert [part.name for part in tmp_path.glob(".*.part")] == [others.name]
