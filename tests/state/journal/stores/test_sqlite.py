"""A journal's file has the tables of a server, and is left as it was by what does not end well."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from jstock_core.base.errors import StateError
from jstock_core.state.journal.proof.chain import Record
from jstock_core.state.journal.stores.sqlite import sqlite_transaction
from jstock_core.state.journal.stores.tables import journal_tables


def columns(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Name, type, whether it may be empty, default and part in the primary key, of each column; and keys."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            f"{ask}({table})": connection.execute(f"PRAGMA {ask}({table})").fetchall()
            for ask in ("table_info", "index_list")
            for table in ("meta", "events")
        }


def test_file_and_server_have_the_same_tables(tmp_path: Path) -> None:
    with sqlite_transaction(tmp_path / "file") as access:
        access.make_tables("simulated")
    engine = create_engine(f"sqlite:///{tmp_path / 'server'}", poolclass=NullPool)
    journal_tables().schema.create_all(engine)
    assert columns(tmp_path / "file") == columns(tmp_path / "server")
    assert len(columns(tmp_path / "file")["table_info(events)"]) == 11


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), sqlite_transaction(tmp_path / "file") as access:
        access.make_tables("simulated")
        raise KeyboardInterrupt
    with sqlite_transaction(tmp_path / "file") as access:
        assert access.table_names() == set()


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no database" * 100)
    with pytest.raises(StateError, match="not a database") as caught, sqlite_transaction(tmp_path / "file"):
        pass
    assert caught.value.where == str(tmp_path / "file")


def test_an_error_that_is_kept_keeps_no_lock(tmp_path: Path) -> None:
    with sqlite_transaction(tmp_path / "file") as access:
        access.make_tables("simulated")
        access.insert([Record(n, str(n), "", "", None, "", "", "", None, "", "") for n in range(1, 4)])
    with closing(sqlite3.connect(tmp_path / "file")) as connection, connection:
        connection.execute("UPDATE events SET payload = CAST(x'ff' AS TEXT) WHERE seq = 2")
    with pytest.raises(StateError, match="journal cannot be used") as caught:
        read(tmp_path / "file")
    with sqlite_transaction(tmp_path / "file") as access:
        access.insert([Record(4, "4", "", "", None, "", "", "", None, "", "")])
    assert caught.tb


def read(file: Path) -> list[Record]:
    with sqlite_transaction(file) as access:
        return access.read(1)
