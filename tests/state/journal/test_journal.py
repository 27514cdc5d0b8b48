"""The journal: each event once, damage seen and never written over, crashes repaired."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import LockedError, StateError, UsageError, WriteError
from jstock_core.base.unchecked import unchecked
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Note
from jstock_core.state.journal.in_force.corrections import make_correction
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.chain import chain_events
from jstock_core.state.journal.stores import store
from jstock_core.state.journal.stores.sqlite import SqliteAccess, translate_errors
from jstock_core.state.journal.stores.store import SqliteStore
from jstock_core.state.journal.verify import find_faults
from tests.state.events import buy, day, deposit, ids, sell

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
FACTS = (deposit(), buy(100, 3000, 1), buy(100, 3100, 2), sell(50, 3200, 5))


def opened(folder, provider="simulated:1", **more):
    return Journal.open(folder / "journal.db", provider, lambda: NOON, **more)


def bytes_of(folder):
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.suffix != ".lock"
    }


@pytest.fixture
def folder(tmp_path):
    """A journal of four events in two commits."""
    journal = opened(tmp_path)
    journal.append(FACTS[:2])
    journal.append(FACTS[2:])
    return tmp_path


def test_what_is_appended_is_there_when_opened_again(folder):
    journal = opened(folder)
    assert journal.events() == FACTS
    assert journal.book() == replay(FACTS)
    assert [record.seq for record in journal.records()] == [1, 2, 3, 4]
    assert {record.recorded_at for record in journal.records()} == {"2026-01-05T12:00:00+00:00"}


def test_the_same_event_again_changes_nothing(folder):
    before = bytes_of(folder)
    assert opened(folder).append(FACTS) == ()
    assert bytes_of(folder) == before


def test_only_what_is_not_yet_known_is_added(folder):
    more = buy(100, 3300, 6)
    assert opened(folder).append([FACTS[1], more, more]) == (more,)
    assert ids(opened(folder).events()) == ids((*FACTS, more))


def test_the_same_id_with_other_content_is_an_error(folder):
    before = bytes_of(folder)
    other = deposit()
    object.__setattr__(other, "reason", "a gift")
    with pytest.raises(StateError, match="journaled already with other content") as caught:
        opened(folder).append([buy(1, 1, 6), other])
    assert '"reason":"initial"' in caught.value.where
    assert '"reason":"a gift"' in caught.value.where
    assert bytes_of(folder) == before


def test_what_contradicts_the_book_is_never_journaled(folder):
    before = bytes_of(folder)
    with pytest.raises(StateError, match="only 150 are held"):
        opened(folder).append([buy(100, 3300, 6, code="9984"), sell(151, 3200, 7)])
    assert bytes_of(folder) == before


def test_two_journals_open_at_once_see_each_other(folder):
    one, two = opened(folder), opened(folder)
    one.append([buy(100, 3300, 6)])
    with pytest.raises(StateError, match="only 250 are held"):
        two.append([sell(251, 3300, 7)])
    assert two.events() == one.events()


def test_reading_once_reads_once_and_what_is_added_meanwhile_counts(folder, monkeypatch):
    journal, access, read = opened(folder), SqliteStore.access, []
    monkeypatch.setattr(SqliteStore, "access", lambda store: read.append(store) or access(store))
    with journal.reading_once():
        assert journal.events() == journal.history() == FACTS
        assert (journal.book(), journal.length()) == (replay(FACTS), 4)
        assert len(read) == 1
        journal.append([buy(100, 3300, 6)])
        assert journal.history() == (*FACTS, buy(100, 3300, 6))
    opened(folder).append([buy(100, 3400, 7)])
    assert len(journal.history()) == 6, "outside of the block others are seen again"


def test_an_inner_block_does_not_end_the_outer_one(folder, monkeypatch):
    journal, access, read = opened(folder), SqliteStore.access, []
    monkeypatch.setattr(SqliteStore, "access", lambda store: read.append(store) or access(store))
    with journal.reading_once():
        with journal.reading_once():
            assert journal.events() == FACTS
        assert journal.events() == FACTS
    assert len(read) == 1


def test_what_others_add_is_taken_in_by_an_append_although_it_is_read_once(folder):
    one, two = opened(folder), opened(folder)
    with one.reading_once():
        two.append([buy(100, 3300, 6)])
        assert one.history() == FACTS
        one.append([buy(100, 3400, 7)])
        assert one.history() == (*FACTS, buy(100, 3300, 6), buy(100, 3400, 7))


def test_reading_once_finds_damage(folder):
    file, journal = folder / "journal.db", opened(folder)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StateError, match="not those last written"), journal.reading_once():
        raise AssertionError("nothing of it is read")


def test_a_journal_belongs_to_its_provider(folder):
    before = bytes_of(folder)
    with pytest.raises(StateError, match='prices of "simulated:1", not of "jquants"'):
        opened(folder, "jquants")
    assert bytes_of(folder) == before


def test_a_rehearsal_keeps_nothing(folder):
    rehearsal = Journal.memory(opened(folder).events())
    before = bytes_of(folder)
    assert rehearsal.append([*FACTS, buy(100, 3300, 6)]) == (buy(100, 3300, 6),)
    assert rehearsal.book().seq == 5
    with pytest.raises(StateError, match="only 250 are held"):
        rehearsal.append([sell(251, 3300, 7)])
    assert rehearsal.book().seq == 5
    assert bytes_of(folder) == before


def test_times_have_a_zone(tmp_path):
    journal = Journal.open(tmp_path / "journal.db", "simulated:1", lambda: datetime(2026, 1, 5))
    with pytest.raises(UsageError, match="no time zone"):
        journal.append(FACTS)


def test_other_databases_are_not_spoken(tmp_path):
    with pytest.raises(UsageError, match="of no known form") as caught:
        Journal.open("mysql://user:secret@host/desk", "simulated:1", lambda: NOON)
    assert "secret" not in str(caught.value)
    url = f"sqlite:///{tmp_path / 'j#?.db'}"
    Journal.open(url, "simulated:1", lambda: NOON).append(FACTS)
    assert Journal.open(tmp_path / "j#?.db", "simulated:1", lambda: NOON).events() == FACTS


def test_a_locked_journal_names_its_lock(folder, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(store, "LOCK_SECONDS", 0)
    with FileLock(folder / "journal.lock"), pytest.raises(LockedError, match="another process") as caught:
        opened(folder)
    assert caught.value.where.endswith("journal.lock")


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EIO, WriteError), (errno.EACCES, WriteError), (errno.EISDIR, StateError)]
)
def test_a_disk_that_fails_is_no_damaged_journal(folder, monkeypatch, number, kind):
    def fail(*_):
        raise OSError(number, os.strerror(number), "journal.lock")

    monkeypatch.setattr(store, "sweep", fail)
    with pytest.raises(kind, match="files cannot be used"):
        opened(folder)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_IOERR_WRITE, WriteError),
        (sqlite3.SQLITE_IOERR_FSYNC, WriteError),
        (sqlite3.SQLITE_FULL, WriteError),
        (sqlite3.SQLITE_IOERR_READ, StateError),
        (sqlite3.SQLITE_IOERR_SHORT_READ, StateError),
        (sqlite3.SQLITE_CORRUPT, StateError),
    ],
)
def test_what_sqlite_cannot_write_is_no_damage(code, kind):
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = code
    with pytest.raises(kind, match="disk I/O error"), translate_errors("journal.db"):
        raise cause


class TestCrash:
    """A run may end at any point; the next one repairs what can be proven."""

    def test_between_commit_and_head(self, folder, monkeypatch):
        head = (folder / "journal.head").read_bytes()
        journal = opened(folder)
        more = (buy(100, 3300, 6), buy(100, 3300, 7))

        def die(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(store, "write_head", die)
            with pytest.raises(KeyboardInterrupt):
                journal.append(more)
        assert (folder / "journal.head").read_bytes() == head
        assert opened(folder).events() == FACTS + more
        assert journal.append(more) == ()
        assert json.loads((folder / "journal.head").read_bytes())["seq"] == 6

    def test_before_the_commit(self, folder, monkeypatch):
        before = bytes_of(folder)
        journal = opened(folder)

        def die(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(SqliteAccess, "insert", die)
            with pytest.raises(KeyboardInterrupt):
                journal.append([buy(100, 3300, 6)])
        assert bytes_of(folder) == before
        assert journal.events() == FACTS

    def test_inside_the_commit(self, folder):
        """Killed with pages written and a hot rollback journal left: it is rolled back, the head fits."""
        before = bytes_of(folder)
        code = (
            "import os, sqlite3, sys\n"
            "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "c.execute('PRAGMA cache_size = 1'); c.execute('PRAGMA cache_spill = 1')\n"
            "c.execute('BEGIN IMMEDIATE')\n"
            "for n in range(5, 400):\n"
            "    row = (n, n, *'ksgrs', 'x' * 999, None, 'p', 'h')\n"
            "    c.execute('INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?)', row)\n"
            "os._exit(9)\n"
        )
        subprocess.run([sys.executable, "-c", code, str(folder / "journal.db")], check=False)
        assert (folder / "journal.db-journal").exists()
        assert (folder / "journal.db").read_bytes() != before["journal.db"]
        assert opened(folder).events() == FACTS
        assert bytes_of(folder) == before

    @pytest.mark.parametrize(("place", "point"), [(SqliteAccess, "make_tables"), (store, "write_head")])
    def test_while_it_was_made(self, tmp_path, monkeypatch, place, point):
        def die(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(place, point, die)
            with pytest.raises(KeyboardInterrupt):
                opened(tmp_path)
        assert opened(tmp_path).append(FACTS) == FACTS


class TestDamage:
    """Detected, with the file named and nothing written over; or without any effect."""

    def damaged(self, folder, match):
        before = bytes_of(folder)
        with pytest.raises(StateError, match=match) as caught:
            opened(folder).append([buy(100, 3300, 6)])
        assert caught.value.where
        assert caught.value.do
        assert bytes_of(folder) == before

    def test_the_file_is_gone(self, folder):
        (folder / "journal.db").unlink()
        self.damaged(folder, "journal is gone")

    def test_the_head_is_gone(self, folder):
        (folder / "journal.head").unlink()
        self.damaged(folder, "head file is missing")

    def test_the_file_is_older_than_its_head(self, folder):
        shutil.copy(folder / "journal.db", folder / "old")
        opened(folder).append([buy(100, 3300, 6)])
        (folder / "old").replace(folder / "journal.db")
        self.damaged(folder, "it holds 4 events, its head file names 5")

    def test_the_file_is_another_database(self, folder):
        (folder / "journal.db").unlink()
        (folder / "journal.head").unlink()
        other = sqlite3.connect(folder / "journal.db")
        other.execute("CREATE TABLE photos (name TEXT)")
        other.close()
        self.damaged(folder, "head file is missing")

    def test_an_edited_row(self, folder):
        """Even with a head file forged to fit, the chain tells."""
        database = sqlite3.connect(folder / "journal.db")
        with database:
            database.execute("UPDATE events SET payload = replace(payload, '3000', '2000') WHERE seq = 2")
        database.close()
        self.damaged(folder, "the chain breaks after event 1")
        head = store.head_of(folder / "journal.db", store.read_head(folder / "journal.head").tip)
        store.write_head(folder / "journal.head", head)
        self.damaged(folder, "the chain breaks after event 1")

    @pytest.mark.parametrize("column", ["id", "session", "group", "source"])
    def test_an_edited_column(self, folder, column):
        database = sqlite3.connect(folder / "journal.db")
        with database:
            database.execute(f"UPDATE events SET \"{column}\" = 'other' WHERE seq = 3")
        database.close()
        head = store.head_of(folder / "journal.db", store.read_head(folder / "journal.head").tip)
        store.write_head(folder / "journal.head", head)
        self.damaged(folder, "columns differ")

    def test_a_deleted_row(self, folder):
        database = sqlite3.connect(folder / "journal.db")
        with database:
            database.execute("DELETE FROM events WHERE seq = 2")
        database.close()
        self.damaged(folder, "the chain breaks after event 1")
        with pytest.raises(StateError) as caught:
            opened(folder)
        assert caught.value.where.startswith(f"{folder / 'journal.db'}, event 3, ")

    def test_replaced_while_open(self, folder, tmp_path_factory):
        journal = opened(folder)
        journal.append([buy(100, 3300, 6)])
        other = tmp_path_factory.mktemp("other")
        opened(other).append(FACTS)
        for name in ("journal.db", "journal.head"):
            shutil.copy(other / name, folder / name)
        with pytest.raises(StateError, match="no longer holds event 5"):
            journal.events()

    @pytest.mark.parametrize("name", ["journal.db", "journal.head"])
    @pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 0.999])
    def test_a_truncated_file(self, folder, name, share):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * share)])
        self.damaged(folder, ".")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    opened(folder).append(FACTS)
    return folder, bytes_of(folder)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_flipped_byte_is_detected_and_left_alone(sound, data):
    folder, files = sound
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    flipped = bytearray(files[name])
    flipped[at] ^= data.draw(st.integers(1, 255))
    try:
        (folder / name).write_bytes(flipped)
        with pytest.raises(StateError):
            opened(folder).append([Note(session=day(9), source="manual", text="after the damage")])
        assert bytes_of(folder) == files | {name: bytes(flipped)}
    finally:
        (folder / name).write_bytes(files[name])


def test_a_journal_is_light_to_import():
    """The command line imports it before it knows whether it is needed."""
    code = "import sys, jstock_core.state.journal.journal, jstock_core.state.views.views; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"sqlalchemy", "pandas", "filelock"} & set(loaded.split())


def test_many_processes_leave_one_set_of_events(tmp_path):
    code = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from tests.state.journal.test_journal import FACTS, opened\n"
        "print(len(opened(Path(sys.argv[1])).append(FACTS)))\n"
    )
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", code, str(tmp_path), root]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    added = sorted(int(process.communicate(timeout=60)[0]) for process in running)
    assert added == [0, 0, 0, len(FACTS)]
    assert opened(tmp_path).events() == FACTS


class TestBeforeTheOpening:
    """A fact from before a group's first deposit is refused: its cash would have been below 0."""

    def test_it_is_refused_with_the_command_that_mends_it(self):
        kept = Journal.memory([deposit(n=3)])
        with pytest.raises(StateError, match=f"opened on {day(3)}, and this is of {day(1)}") as caught:
            kept.append([buy(100, 3000, 1)])
        assert f"jstock state correct {deposit(n=3).id} --date {day(1)}" in caught.value.do
        assert kept.events() == (deposit(n=3),)

    def test_an_opening_moved_earlier_lets_it_in(self):
        kept = Journal.memory([deposit(n=3)])
        earlier = replace(deposit(n=3), session=day(1))
        made = make_correction(kept.history(), deposit(n=3).id, earlier, session=day(4), reason="earlier")
        kept.append([made])
        kept.append([buy(100, 3000, 1)])
        assert list(find_faults(kept.events())) == []

    def test_a_journal_that_already_has_one_can_be_read_and_mended(self):
        """An earlier version took such facts: verification names them, and nothing else is refused."""
        old = [deposit(n=3), buy(100, 3000, 1)]
        assert any("before the opening deposit" in fault for fault in find_faults(old))
        assert any("cash was -300,000" in fault for fault in find_faults(old))
        kept = Journal.memory()
        kept.adopt(tuple(chain_events(old, kept._store.genesis, "2026-01-09T07:00:00+09:00")))
        assert len(kept.append([buy(1, 3000, 5)])) == 1


def test_an_event_that_was_made_unchecked_is_checked_when_it_is_journaled(folder):
    wrong = unchecked(Note)(session=NOON, source="desk", text="a time is no session")
    with pytest.raises(StateError, match="note: session must be a plain date"):
        opened(folder).append([wrong])
    assert opened(folder).events() == FACTS
