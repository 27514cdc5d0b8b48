"""Who recorded what: with every fact, in the chain, and no part of what the fact is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus, StateError
from jstock_core.base.identity.user import current_user
from jstock_core.cli import run as jstock
from jstock_core.desk.workspace.author import find_author
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.state.facts.events import Deposit, content
from jstock_core.testing import copy_desk

NOW = "2026-01-21T08:00"


@pytest.fixture
def desk(shared_desk: Any, tmp_path: Path) -> Desk:
    return copy_desk(shared_desk(), tmp_path / "desk", now=NOW)


def deposit(desk: Desk, yen: str, *more: str) -> int:
    where = ["-w", str(desk.workspace.root), "--now", NOW]
    return jstock(["trade", "cash", "deposit", "conservative", yen, *more, *where])


def deposits(desk: Desk) -> list[Deposit]:
    found = [e for e in desk.journal().events() if isinstance(e, Deposit)]
    return [event for event in found if event.group == "conservative" and event.source == "manual"]


def test_each_fact_carries_who_recorded_it(desk, monkeypatch, capsys):
    monkeypatch.setenv("JSTOCK_USER", "山田")
    assert deposit(desk, "1000") == ExitStatus.OK
    monkeypatch.setenv("JSTOCK_USER", "sato")
    assert deposit(desk, "2000") == ExitStatus.OK
    assert [event.by for event in deposits(desk)] == ["山田", "sato"]
    capsys.readouterr()
    where = ["-w", str(desk.workspace.root), "--now", NOW]
    assert jstock(["trade", "history", "--group", "conservative", "--json", *where]) == ExitStatus.OK
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert [fact["by"] for fact in facts if fact["kind"] == "deposit"][-2:] == ["山田", "sato"]
    assert jstock(["trade", "history", "--from", "2026-01-21", *where]) == ExitStatus.OK
    assert "山田" in capsys.readouterr().out


def test_the_same_fact_of_another_person_is_the_same_fact(desk, monkeypatch):
    monkeypatch.setenv("JSTOCK_USER", "yamada")
    assert deposit(desk, "1000") == ExitStatus.OK
    monkeypatch.setenv("JSTOCK_USER", "sato")
    assert deposit(desk, "1000") == ExitStatus.USAGE, "recorded already"
    [event] = deposits(desk)
    assert (event.by, "yamada" in event.id, "yamada" in content(event)) == ("yamada", False, False)


def test_who_it_was_cannot_be_changed_unseen(desk, monkeypatch):
    monkeypatch.setenv("JSTOCK_USER", "yamada")
    assert deposit(desk, "1000") == ExitStatus.OK
    with closing(sqlite3.connect(desk.workspace.journal)) as file, file:
        file.execute("UPDATE events SET payload = replace(payload, 'yamada', 'suzuki')")
    with pytest.raises(StateError):
        open_desk(desk.workspace.root, now=NOW).journal().events()


def test_a_corrected_fact_is_of_who_corrected_it(desk, monkeypatch):
    monkeypatch.setenv("JSTOCK_USER", "yamada")
    assert deposit(desk, "1000") == ExitStatus.OK
    [event] = deposits(desk)
    monkeypatch.setenv("JSTOCK_USER", "sato")
    where = ["-w", str(desk.workspace.root), "--now", NOW]
    assert (
        jstock(["state", "correct", event.id, "--amount", "1500", "--reason", "x", *where]) == ExitStatus.OK
    )
    [corrected] = deposits(desk)
    assert (corrected.amount, corrected.by) == (1500, "sato")


@pytest.mark.parametrize("name", ["a\nb", "x" * 65])
def test_a_name_fits_into_a_table(desk, monkeypatch, capsys, name):
    monkeypatch.setenv("JSTOCK_USER", name)
    assert deposit(desk, "1000") == ExitStatus.USAGE
    assert "JSTOCK_USER" in capsys.readouterr().err


def test_without_the_variable_it_is_the_user_of_the_system(monkeypatch):
    monkeypatch.delenv("JSTOCK_USER", raising=False)
    monkeypatch.setenv("LOGNAME", "somebody else")
    assert find_author() == current_user()
