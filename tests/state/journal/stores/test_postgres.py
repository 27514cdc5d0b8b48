"""The journal on a real PostgreSQL server: the same promises as in a file."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jstock_core.base.errors import LockedError, StateError
from jstock_core.desk.settings.edit import name_desk
from jstock_core.desk.settings.settings import read_settings
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.state.book.book import replay
from jstock_core.state.journal.in_force.corrections import make_correction
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.stores import claim as claims
from jstock_core.state.journal.stores import postgres as pg
from jstock_core.state.journal.stores.place import parse_place
from tests.state.events import buy, day, sell
from tests.state.journal.test_journal import FACTS, NOON

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'jstock[postgres]'")


def opened(url, provider="simulated:1"):
    return Journal.open(url, provider, lambda: NOON)


def claim(url, desk):
    claims.claim(parse_place(url), desk)


def rows(url):
    with psycopg.connect(url) as server:
        tables = ("meta ORDER BY key", "events ORDER BY seq")
        return [server.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def sabotage(url, *commands):
    with psycopg.connect(url) as server:
        for command in commands:
            server.execute(command)


@pytest.fixture
def filled(database):
    journal = opened(database)
    journal.append(FACTS[:2])
    journal.append(FACTS[2:])
    return database


def test_what_is_appended_is_there_when_opened_again(filled):
    journal = opened(filled)
    assert journal.events() == FACTS
    assert journal.book() == replay(FACTS)


def test_the_records_are_those_of_a_file(filled, tmp_path):
    """The same code makes the same chain, wherever it lies."""
    file = Journal.open(tmp_path / "journal.db", "simulated:1", lambda: NOON)
    file.append(FACTS)
    assert opened(filled).records() == file.records()


def test_the_same_again_changes_nothing(filled):
    before = rows(filled)
    assert opened(filled).append(FACTS) == ()
    assert rows(filled) == before


def test_what_contradicts_the_book_is_never_journaled(filled):
    before = rows(filled)
    with pytest.raises(StateError, match="only 150 are held"):
        opened(filled).append([buy(100, 3300, 6, code="9984"), sell(151, 3200, 7)])
    assert rows(filled) == before


def test_two_journals_open_at_once_see_each_other(filled):
    one, two = opened(filled), opened(filled)
    one.append([buy(100, 3300, 6)])
    with pytest.raises(StateError, match="only 250 are held"):
        two.append([sell(251, 3300, 7)])
    assert two.events() == one.events()


def test_corrections_hold_here_too(filled):
    one, two = opened(filled), opened(filled)
    one.append([make_correction(one.history(), FACTS[2].id, None, session=day(9), reason="not ours")])
    assert two.book() == one.book() == replay([*FACTS[:2], FACTS[3]])


def test_a_journal_belongs_to_its_provider(filled):
    before = rows(filled)
    with pytest.raises(StateError, match='prices of "simulated:1", not of "jquants"'):
        opened(filled, "jquants")
    assert rows(filled) == before


def test_an_append_that_dies_leaves_nothing(filled, monkeypatch):
    before = rows(filled)
    journal = opened(filled)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pg, "_move", die)
        with pytest.raises(KeyboardInterrupt):
            journal.append([buy(100, 3300, 6)])
    assert rows(filled) == before
    assert journal.append([buy(100, 3300, 6)]) == (buy(100, 3300, 6),)


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("DELETE FROM events WHERE seq = 4", "it ends with 3 "),
        ("DELETE FROM events WHERE seq = 2", "chain breaks after event 1"),
        ("UPDATE events SET payload = replace(payload, '3000', '2000') WHERE seq = 2", "chain breaks"),
        ("UPDATE events SET source = 'other' WHERE seq = 3", "columns differ"),
        ("DELETE FROM events", "it ends with 0 "),
        ("DELETE FROM meta WHERE key = 'tip'", "its head has None"),
        ("UPDATE meta SET value = '9' WHERE key = 'schema'", "schema 9"),
        ("DROP TABLE events", "only meta is there"),
    ],
)
def test_damage_is_seen_and_left_alone(filled, command, word):
    sabotage(filled, command)
    with pytest.raises(StateError, match=word) as caught:
        opened(filled).append([buy(100, 3300, 6)])
    assert caught.value.where
    assert caught.value.do


def test_it_is_kept_for_the_desk_that_came_first(filled):
    claim(filled, "tokyo")
    claim(filled, "tokyo")
    before = rows(filled)
    with pytest.raises(StateError, match='kept for the desk "tokyo", and this one is "osaka"') as caught:
        claim(filled, "osaka")
    assert "desk: tokyo" in caught.value.do
    assert rows(filled) == before
    assert opened(filled).append([buy(100, 3300, 6)]) == (buy(100, 3300, 6),)


def test_of_many_that_come_at_once_one_keeps_it(database):
    opened(database)

    def attempt(desk):
        try:
            claim(database, desk)
        except StateError:
            return None
        return desk

    with ThreadPoolExecutor(8) as pool:
        kept = [desk for desk in pool.map(attempt, [f"desk-{n % 4}" for n in range(16)]) if desk]
    assert len(set(kept)) == 1
    assert len(kept) == 4


def test_two_workspaces_are_two_desks(database, tmp_path, monkeypatch):
    """What happens to someone whose shell still names another desk's server."""
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database)
    first, second = (create_workspace(tmp_path / name, "simulated") for name in ("first", "second"))
    open_desk(first.root).journal()
    before = rows(database)
    with pytest.raises(StateError, match="their money must not mix"):
        open_desk(second.root).journal()
    assert rows(database) == before
    name_desk(second.desk_yaml, read_settings(first.desk_yaml).desk)
    assert open_desk(second.root).journal().events() == ()


def test_errors_say_where_without_the_password():
    with pytest.raises(StateError, match="cannot be used") as caught:
        opened("postgresql://desk:secret@127.0.0.1:1/desk")
    assert "secret" not in str(caught.value)
    assert caught.value.where == "PostgreSQL on 127.0.0.1, port 1, database desk"


def test_a_held_journal_is_waited_for_and_then_named(filled, monkeypatch):
    monkeypatch.setattr(pg, "LOCK_SECONDS", 1)
    with psycopg.connect(filled) as server:
        server.execute("SELECT * FROM meta WHERE key = 'tip' FOR UPDATE")
        with pytest.raises(LockedError, match="another process"):
            opened(filled).events()


def test_many_processes_leave_one_set_of_events(database):
    code = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from tests.state.journal.stores.test_postgres import FACTS, opened\n"
        "print(len(opened(sys.argv[1]).append(FACTS)))\n"
    )
    command = [sys.executable, "-c", code, database, str(Path(__file__).parents[4])]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    added = sorted(int(process.communicate(timeout=60)[0]) for process in running)
    assert added == [0, 0, 0, len(FACTS)]
    assert opened(database).events() == FACTS
