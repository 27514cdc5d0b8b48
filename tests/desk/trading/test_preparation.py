from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.model.actions import ActionReport
from jstock_core.state.book.fold import Fold
from jstock_core.state.facts.events import Event
from jstock_core.state.journal.stores.store import SqliteStore


def test_what_needs_action_is_that_of_the_report(tmp_path: Path) -> None:
    desk = testing.desk(tmp_path / "desk", ready="fetched")
    prepared = preview_morning(desk)
    report = run_day(desk, intent=Intent.PREVIEW).report
    assert {field.name for field in fields(ActionReport)} < {field.name for field in fields(report)}
    for field in fields(ActionReport):
        assert getattr(prepared.actions, field.name) == getattr(report, field.name), field.name
    assert prepared.actions.buys, "there must be something to compare"


def test_the_journal_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = testing.desk(tmp_path / "desk", ready="run")
    access = SqliteStore.access
    read: list[SqliteStore] = []
    monkeypatch.setattr(SqliteStore, "access", lambda store: read.append(store) or access(store))
    assert preview_morning(desk).actions.header.trade_date == desk.next_trade_date
    assert len(read) == 1


def test_the_journal_is_folded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = testing.desk(tmp_path / "desk", ready="run")
    recorded = desk.journal().history()
    evening = open_desk(desk.workspace.root, now=f"{desk.next_trade_date}T18:00")
    folded: Counter[str] = Counter()
    add = Fold.add

    def counted(fold: Fold, event: Event) -> None:
        folded[event.id] += 1
        add(fold, event)

    monkeypatch.setattr(Fold, "add", counted)
    prepared = preview_morning(evening)
    assert prepared.exit == 0
    assert prepared.actions.header.trade_date > desk.next_trade_date
    assert {folded[event.id] for event in recorded} == {1}
