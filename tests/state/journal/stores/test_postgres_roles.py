"""The roles of docs/operations.md on a real server: who owns, who records, and who only reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, StateError
from jstock_core.cli import run as jstock
from jstock_core.desk.workspace.workspace import create_workspace
from tests.architecture import ROOT
from tests.desk.days import MORNING
from tests.state.events import buy
from tests.state.journal.stores.test_postgres import opened, rows
from tests.state.journal.test_journal import FACTS

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'jstock[postgres]'")

MORE = buy(100, 3300, 6)
PEOPLE = {"yamada": "jstock_trader", "sato": "jstock_reader", "nobody_here": ""}


def granted() -> list[str]:
    """The statements of the page, one by one."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [each.strip() for each in block.split(";") if each.strip()]


def grant(url: str) -> None:
    """What the owner does; roles are of the whole server, and may be there from another test."""
    logins = [
        f"CREATE ROLE {name} LOGIN{f' IN ROLE {role}' if role else ''}" for name, role in PEOPLE.items()
    ]
    with psycopg.connect(url, autocommit=True) as server:
        for statement in (*granted(), *logins):
            try:
                server.execute(statement)
            except psycopg.errors.DuplicateObject:
                assert statement.startswith("CREATE ROLE")


@pytest.fixture
def filled(database: str) -> Iterator[str]:
    opened(database).append(FACTS)
    grant(database)
    yield database
    with psycopg.connect(database, autocommit=True) as server:
        for name in PEOPLE:
            server.execute(f"DROP OWNED BY {name}")
            server.execute(f"DROP ROLE {name}")


def of(url: str, name: str) -> str:
    return url.replace("desk@", f"{name}@", 1)


def test_a_trader_adds_facts_and_changes_none(filled):
    journal = opened(of(filled, "yamada"))
    assert journal.events() == FACTS
    assert not journal.read_only
    assert journal.append([MORE]) == (MORE,)
    assert opened(filled).events() == (*FACTS, MORE)
    before = rows(filled)
    for statement in (
        "DELETE FROM events",
        "UPDATE events SET payload = ''",
        "UPDATE meta SET key = 'other' WHERE key = 'tip'",
        "INSERT INTO meta VALUES ('desk', 'osaka')",
        "DROP TABLE events",
    ):
        with psycopg.connect(of(filled, "yamada")) as server, pytest.raises(psycopg.Error):
            server.execute(statement)
    assert rows(filled) == before


def test_a_reader_reads_and_records_nothing(filled):
    before = rows(filled)
    journal = opened(of(filled, "sato"))
    assert (journal.events(), journal.read_only) == (FACTS, True)
    with pytest.raises(StateError, match="may read the journal and record nothing in it") as caught:
        journal.require_writable()
    assert "rights of a trader" in caught.value.do
    with pytest.raises(StateError, match="the user may not do this"):
        journal.append([MORE])
    assert rows(filled) == before


def test_a_reader_is_not_kept_waiting_by_who_records(filled):
    with psycopg.connect(filled) as server:
        server.execute("SELECT * FROM meta WHERE key = 'tip' FOR UPDATE")
        assert opened(of(filled, "sato")).events() == FACTS


def test_who_has_no_rights_is_told_so(filled):
    with pytest.raises(StateError, match="the user may not do this") as caught:
        opened(of(filled, "nobody_here")).events()
    assert "docs/operations.md, Several people" in caught.value.do


def test_who_may_make_no_tables_is_told_so(filled, database):
    with psycopg.connect(database) as server:
        server.execute("DROP TABLE meta, events")
    with pytest.raises(StateError, match="the user may not do this"):
        opened(of(database, "yamada"))


def test_people_of_one_desk(database, tmp_path: Path, monkeypatch, capsys):
    """The owner runs the morning, a trader halts and records, a reader looks and is refused the rest."""
    root = create_workspace(tmp_path / "desk", "simulated").root
    where = ["-w", str(root), "--now", MORNING]
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database)
    monkeypatch.setenv("JSTOCK_USER", "scheduler")
    assert jstock(["daily", *where]) == ExitStatus.OK
    grant(database)
    monkeypatch.delenv("JSTOCK_USER")
    for name, status in (("yamada", ExitStatus.OK), ("sato", ExitStatus.STATE)):
        monkeypatch.setenv("JSTOCK_JOURNAL_URL", of(database, name))
        monkeypatch.setenv("JSTOCK_USER", name)
        assert jstock(["trade", "cash", "deposit", "conservative", "1000", *where]) == status
        assert jstock(["halt", "--reason", f"{name} says so", *where]) == status
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        assert jstock(["trade", "status", "--json", *where]) == ExitStatus.OK
        halted = json.loads(capsys.readouterr().out)["halted"]
        assert [halt["reason"] for halt in halted] == ["yamada says so"]
    assert "may read the journal and record nothing" in shown.err
    assert jstock(["trade", "history", "--json", *where]) == ExitStatus.OK
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts[-1]["by"] == "yamada"
    assert {fact["by"] for fact in facts[:-1]} == {"scheduler"}
    with psycopg.connect(database, autocommit=True) as server:
        for name in PEOPLE:
            server.execute(f"DROP OWNED BY {name}")
            server.execute(f"DROP ROLE {name}")
