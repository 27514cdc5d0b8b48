"""A PostgreSQL server that is not as it should be: named, never half used, and its URL never shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, JstockError, StateError
from jstock_core.cli import run as jstock
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.state.journal.stores import postgres as pg
from tests.desk.days import MORNING
from tests.state.events import buy
from tests.state.journal.stores.test_postgres import opened, rows, sabotage
from tests.state.journal.test_journal import FACTS

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'jstock[postgres]'")

MORE = buy(100, 3300, 6)
SECRET = "hunter2-Xyzzy"


@pytest.fixture
def filled(database):
    opened(database).append(FACTS)
    return database


def setting(url, name, value):
    """Give every later connection to the database a setting, as its administrator does."""
    database = url.split("/")[3].partition("?")[0]
    sabotage(url, f'ALTER DATABASE "{database}" SET {name} = {value}')


def end_other_connections(url):
    with psycopg.connect(url, autocommit=True) as server:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        server.execute(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "EUC_JP", "LATIN1"])
def test_another_encoding_is_refused_before_the_first_write(postgres, encoding):
    name = f"desk_{encoding.lower()}"
    with psycopg.connect(host=str(postgres.place), user="desk", dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    url = f"postgresql://desk@/{name}?host={postgres.place}"
    with pytest.raises(StateError, match=f"encoded in {encoding}") as caught:
        opened(url)
    assert "ENCODING 'UTF8'" in caught.value.do
    with psycopg.connect(url) as server:
        found = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (0,)


def test_a_replica_is_read_and_not_written(filled):
    setting(filled, "default_transaction_read_only", "on")
    before = rows(filled)
    journal = opened(filled)
    assert journal.events() == FACTS
    with pytest.raises(StateError, match="only for reading, such as a replica") as caught:
        journal.append([MORE])
    assert "primary" in caught.value.do
    assert rows(filled) == before


def test_an_empty_replica_is_no_new_journal(database):
    setting(database, "default_transaction_read_only", "on")
    with pytest.raises(JstockError) as caught:
        opened(database)
    assert caught.value.exit == ExitStatus.STATE
    assert "there is no journal" in caught.value.what


def test_a_statement_that_takes_too_long_is_named_and_leaves_nothing(filled):
    setting(filled, "statement_timeout", "200")
    before = rows(filled)
    with psycopg.connect(filled) as server:
        server.execute("SELECT * FROM meta WHERE key = 'tip' FOR UPDATE")
        with pytest.raises(StateError, match="longer than the server allows") as caught:
            opened(filled).append([MORE])
    assert "statement_timeout" in caught.value.do
    assert rows(filled) == before


@pytest.mark.parametrize("before_the_head", [True, False])
def test_a_server_that_goes_away_in_the_middle_leaves_nothing(filled, monkeypatch, before_the_head):
    before, move = rows(filled), pg._move

    def go_away(connection, tip):
        if not before_the_head:
            move(connection, tip)
        end_other_connections(filled)
        move(connection, tip)

    journal = opened(filled)
    with monkeypatch.context() as patch:
        patch.setattr(pg, "_move", go_away)
        with pytest.raises(StateError, match="the server was stopped, or ended the connection") as caught:
            journal.append([MORE])
    assert "what was recorded is not recorded twice" in caught.value.do
    assert rows(filled) == before
    assert journal.append([MORE]) == (MORE,)
    assert opened(filled).events() == (*FACTS, MORE)


def test_a_database_that_does_not_exist_is_named(postgres):
    with pytest.raises(StateError, match='database "none" does not exist') as caught:
        opened(f"postgresql://desk@/none?host={postgres.place}")
    assert "database none" in caught.value.where


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk",
        f"postgresql://desk@127.0.0.1:1/desk?password={SECRET}",
        f"postgresql://127.0.0.1:1/desk?user=desk&password={SECRET}",
        f"postgresql://desk@127.0.0.1:1/desk?passfile=/{SECRET}&sslkey={SECRET}",
        f"postgresql://desk@127.0.0.1:1/desk?options=-c%20my.key={SECRET}",
        f"postgresql://desk@127.0.0.1:1/desk?{SECRET}=1",
        f"postgresql://desk@127.0.0.1:1/desk?password=x&{SECRET}=y",
        f"postgresql://desk:{SECRET}@127.0.0.1:notaport/desk",
        f"postgresql://desk:@{SECRET}@:1:2/desk",
    ],
)
def test_no_secret_of_a_url_is_in_an_error_or_its_traceback(url):
    with pytest.raises(JstockError) as caught:
        opened(url)
    error = caught.value
    # The source line of the traceback is this test's, which has a name for the URL only.
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in f"{error} {error.what} {error.where} {error.do}"


def test_a_whole_morning_shows_nothing_of_the_password(database, tmp_path: Path, monkeypatch, capfd):
    """A fresh workspace on a server: terminal, report, notebook, manifest, index, anchors, backups."""
    user = database.replace("desk@", f"desk:{SECRET}@", 1) + f"&application_name={SECRET}"
    root = create_workspace(tmp_path / "desk", "simulated").root
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", user)
    assert jstock(["daily", "-w", str(root), "--now", MORNING]) == ExitStatus.OK
    assert jstock(["trade", "status", "--json", "-w", str(root), "--now", MORNING]) == ExitStatus.OK
    assert rows(database)[1]
    setting(database, "default_transaction_read_only", "on")
    words = ["trade", "cash", "deposit", "conservative", "1", "-w", str(root), "--now", MORNING]
    assert jstock(words) == ExitStatus.STATE
    shown = capfd.readouterr()
    assert "only for reading" in shown.err
    assert SECRET not in shown.out + shown.err
    files = [path for path in root.rglob("*") if path.is_file()]
    assert {"manifest.json", "index.html", "daily.ipynb", "report.html"} <= {path.name for path in files}
    assert [str(path) for path in files if SECRET.encode() in path.read_bytes()] == []
