"""Backups: three generations, taken together, told sound from damaged, and back in place without a loss."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.journal import backups
from jstock_core.state.journal.backups import (
    choose_backup,
    inspect_backups,
    read_records,
    restore_files,
    sound_backups,
    write_backup,
)
from tests.state.events import buy, sell
from tests.state.journal.test_journal import FACTS, bytes_of, opened

VIEW = "production_state.json"


def kept(folder, journal=None):
    return write_backup(journal or opened(folder), [folder / VIEW], folder / "backups")


def names(folder):
    return sorted(place.name for place in (folder / "backups").iterdir())


def files(folder):
    return {name: data for name, data in bytes_of_files(folder).items() if not name.endswith(".lock")}


def bytes_of_files(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}


@pytest.fixture
def folder(tmp_path):
    """A journal of four events with a view, and one backup of it."""
    (tmp_path / VIEW).write_text("{}\n")
    opened(tmp_path).append(FACTS)
    kept(tmp_path)
    return tmp_path


def test_a_backup_holds_what_there_was(folder):
    (backup,) = sound_backups(folder / "backups")
    assert (backup.number, backup.seq) == (1, 4)
    assert {name: (backup.folder / name).read_bytes() for name in backup.files} == files(folder)


def test_the_same_is_not_kept_twice(folder):
    assert kept(folder) is None
    assert names(folder) == ["000001"]


def test_three_generations_are_kept(folder):
    for n in range(6, 10):
        opened(folder).append([buy(100, 3300, n)])
        kept(folder)
    assert names(folder) == ["000003", "000004", "000005"]
    assert [backup.seq for backup in sound_backups(folder / "backups")] == [8, 7, 6]


def test_each_generation_is_hashed_once(folder, monkeypatch):
    """A backup costs as much as the journal is large; so it is not read more often than it must be."""
    journal = opened(folder)
    for n in range(3):
        journal.append([buy(100, 3300 + n, 6 + n)])
        kept(folder, journal)
    hashed, file_hash = [], backups.file_hash
    monkeypatch.setattr(backups, "file_hash", lambda file: hashed.append(file) or file_hash(file))
    journal.append([buy(100, 3400, 9)])
    kept(folder, journal)
    assert sorted(file.name for file in hashed if file.suffix == ".db") == ["journal.db"] * 4
    assert len(names(folder)) == 3


def test_a_changed_view_is_worth_a_backup(folder):
    (folder / VIEW).write_text("{ }\n")
    assert kept(folder).number == 2


def test_of_a_damaged_journal_no_backup_is_taken(folder):
    (folder / "journal.db").write_bytes(b"")
    with pytest.raises(StateError):
        kept(folder)
    assert choose_backup(folder / "backups").number == 1


def test_what_a_crash_left_is_cleared(folder):
    (folder / "backups" / ".part-1").mkdir()
    (folder / "backups" / ".gone-000000").mkdir()
    kept(folder)
    assert names(folder) == ["000001"]


def test_a_damaged_backup_is_named_left_alone_and_followed_by_a_sound_one(folder):
    victim = folder / "backups" / "000001" / "journal.db"
    victim.write_bytes(victim.read_bytes()[:-1])
    ((_, faults),) = inspect_backups(folder / "backups")
    assert faults == (f"{victim} is damaged",)
    with pytest.raises(StateError, match="no sound backup"):
        choose_backup(folder / "backups")
    for n in range(6, 10):
        opened(folder).append([buy(100, 3300, n)])
        kept(folder)
    assert names(folder) == ["000001", "000003", "000004", "000005"]


def test_only_sound_backups_that_are_there_are_chosen(folder):
    assert choose_backup(folder / "backups", 1).seq == 4
    with pytest.raises(StateError, match="backup 7 is not there") as caught:
        choose_backup(folder / "backups", 7)
    assert "sound: 1" in caught.value.do


@pytest.mark.parametrize("name", ["journal.db", "journal.head", "both"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_damaged_journal_refuses_offers_and_is_restored(folder, name, how):
    before = files(folder)
    for file in [folder / name] if name != "both" else [folder / "journal.db", folder / "journal.head"]:
        if how == "gone":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:100])
    damaged = files(folder)
    with pytest.raises(StateError) as caught:
        opened(folder, create=False)
    assert "jstock state restore" in caught.value.do
    assert files(folder) == damaged
    aside = restore_files(choose_backup(folder / "backups"), folder / "journal.db")
    assert files(folder) == before
    assert files(aside) == damaged
    assert opened(folder).events() == FACTS


def test_an_older_generation_too(folder):
    opened(folder).append([sell(10, 3300, 6)])
    kept(folder)
    restore_files(choose_backup(folder / "backups", 1), folder / "journal.db")
    assert opened(folder).events() == FACTS


@pytest.mark.parametrize("point", [0, 1, 2])
def test_a_restore_that_dies_is_seen_and_done_again(folder, monkeypatch, point):
    """Between any two of its writes: never an empty journal, never a mixture that passes."""
    opened(folder).append([sell(10, 3300, 6)])
    (folder / "journal.head").unlink()
    writes = []

    def die(path, data):
        if len(writes) == point:
            raise KeyboardInterrupt
        writes.append(path)
        path.write_bytes(data)

    chosen = choose_backup(folder / "backups")
    with monkeypatch.context() as patch:
        patch.setattr(backups, "write_atomically", die)
        with pytest.raises(KeyboardInterrupt):
            restore_files(chosen, folder / "journal.db")
    if point < 2:
        with pytest.raises(StateError):
            opened(folder)
    restore_files(chosen, folder / "journal.db")
    assert opened(folder).events() == FACTS


def test_records_of_a_server_are_kept_and_taken_over(database, tmp_path):
    from tests.state.journal.stores.test_postgres import opened as on_server
    from tests.state.journal.stores.test_postgres import sabotage

    on_server(database).append(FACTS)
    backup = write_backup(on_server(database), [], tmp_path)
    before = on_server(database).records()
    with pytest.raises(StateError, match="holds events already"):
        on_server(database).adopt(read_records(backup, "simulated:1"))
    sabotage(database, "DROP TABLE events", "DROP TABLE meta")
    on_server(database).adopt(read_records(backup, "simulated:1"))
    assert on_server(database).records() == before
    assert write_backup(on_server(database), [], tmp_path) is None


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    (folder / VIEW).write_text("{}\n")
    opened(folder).append(FACTS)
    kept(folder)
    return folder


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_flipped_byte_of_a_backup_is_seen(sound, data):
    place = sound / "backups" / "000001"
    file = place / data.draw(st.sampled_from(sorted(file.name for file in place.iterdir())))
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        file.write_bytes(flipped)
        ((_, faults),) = inspect_backups(sound / "backups")
        assert faults == (f"{file} is damaged",)
        assert sound_backups(sound / "backups") == ()
    finally:
        file.write_bytes(whole)


def test_a_copy_of_the_folder_is_no_backup_of_it(folder, tmp_path_factory):
    """A backup may be carried elsewhere and restored there."""
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(folder / "backups", other / "backups")
    restore_files(choose_backup(other / "backups"), other / "journal.db")
    assert bytes_of(other)["journal.db"] == (folder / "journal.db").read_bytes()
