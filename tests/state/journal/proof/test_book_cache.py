"""The kept book: what who only looks is told without folding, and only where it is the journal's very end."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.journal.proof import book_cache
from jstock_core.state.journal.stores.store import SqliteStore
from tests.state.events import buy, sell
from tests.state.journal.test_journal import FACTS, folder, opened

__all__ = ["folder"]


@pytest.fixture
def closed(folder, monkeypatch):
    """A journal with its book kept, whose records nobody may read."""
    opened(folder).cache_book()

    def refuse(_store):
        raise AssertionError("the records were read")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "access", refuse)
        yield folder


def test_a_kept_book_is_told_without_reading_the_records(closed):
    assert opened(closed).book() == replay(FACTS)


def test_nothing_was_kept_of_a_new_journal(tmp_path):
    journal = opened(tmp_path)
    assert journal.cached_book() is None
    journal.cache_book()
    assert journal.cached_book() == replay(())


def test_a_book_that_the_journal_has_left_behind_does_not_count(folder):
    opened(folder).cache_book()
    opened(folder).append([sell(50, 3300, 6)])
    again = opened(folder)
    assert again.cached_book() is None
    assert again.book() == replay([*FACTS, sell(50, 3300, 6)])


def test_a_journal_that_has_read_goes_by_what_it_read(folder):
    first, second = opened(folder), opened(folder)
    first.events()
    first.cache_book()
    second.append([buy(100, 3000, 6)])
    second.cache_book()
    assert first.book() == second.book() == replay([*FACTS, buy(100, 3000, 6)])


def test_every_flipped_byte_of_it_is_seen_and_harmless(folder):
    opened(folder).cache_book()
    file = folder / "journal.book"
    sound = file.read_bytes()
    for place in range(len(sound)):
        file.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        assert opened(folder).cached_book() is None
    for length in range(0, len(sound), 7):
        file.write_bytes(sound[:length])
        assert opened(folder).book() == replay(FACTS)


def test_it_does_not_hide_damage_of_the_journal(folder):
    opened(folder).cache_book()
    file = folder / "journal.db"
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    with pytest.raises(StateError, match="not those last written"):
        opened(folder)


def test_it_does_not_hide_another_provider(folder):
    opened(folder).cache_book()
    with pytest.raises(StateError, match="was kept on prices of"):
        opened(folder, provider="files:other")


def test_another_fold_may_make_another_book(folder, monkeypatch):
    opened(folder).cache_book()
    monkeypatch.setattr(book_cache, "_code", lambda: "another version")
    journal = opened(folder)
    assert journal.cached_book() is None
    assert journal.book() == replay(FACTS)
