"""The trial ledger: each trial once, for life."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import LockedError, StateError, WriteError
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.signals.language.registry import SHARED, Rules

AT = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
SPAN = date(2025, 1, 6), date(2025, 12, 30)
RETURNS = np.random.default_rng(1).normal(0.001, 0.01, 240)


def row(digest: str = "a", span: tuple[date, date] = SPAN, returns=RETURNS) -> TrialRow:
    return TrialRow.of("backtest", "conservative", digest, span, returns, AT)


@pytest.fixture
def ledger(tmp_path: Path) -> TrialLedger:
    return TrialLedger.of(Workspace(tmp_path / "desk"))


def test_a_workspace_that_tried_nothing_has_no_file(ledger: TrialLedger) -> None:
    assert (ledger.count(), ledger.trials(), len(ledger.sharpes())) == (0, (), 0)
    ledger.record([])
    assert not ledger.file.exists()


def test_a_trial_counts_once_however_it_is_run(ledger: TrialLedger) -> None:
    ledger.record([row(), row("b")])
    assert ledger.count() == 2
    ledger.record([row(), replace(row(), kind="set", group="other"), row("c")])
    assert ledger.count() == 3
    ledger.record([row(span=(SPAN[0], date(2025, 6, 30)))])
    assert ledger.count() == 4
    assert [each.kind for each in ledger.trials()] == ["backtest"] * 4
    assert row() in ledger.trials()


def test_it_is_for_its_owner_alone(ledger: TrialLedger) -> None:
    ledger.record([row()])
    assert stat.S_IMODE(ledger.file.stat().st_mode) == 0o600


def test_a_trial_that_failed_counts_and_gets_its_sharpe_ratio_later(ledger: TrialLedger) -> None:
    ledger.record([row(returns=[])])
    assert (ledger.count(), len(ledger.sharpes())) == (1, 0)
    ledger.record([row()])
    ledger.record([row(returns=RETURNS + 1)])
    assert (ledger.count(), ledger.sharpes().tolist()) == (1, [row().sharpe])


def test_sharpe_ratios_are_brought_to_one_length(ledger: TrialLedger) -> None:
    ledger.record([row(), row("b", returns=RETURNS[:60])])
    own = {each.digest: each.sharpe for each in ledger.trials()}
    assert sorted(ledger.sharpes(240)) == pytest.approx(sorted([own["a"], own["b"] / 2]))


def test_a_damaged_file_is_named(ledger: TrialLedger) -> None:
    ledger.record([row()])
    ledger.file.write_bytes(b"SQLite format 3\0" + b"no" * 3000)
    with pytest.raises(StateError, match="trial ledger cannot be used"):
        ledger.count()


def test_a_later_version_is_not_touched(ledger: TrialLedger) -> None:
    ledger.record([row()])
    with sqlite3.connect(ledger.file) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StateError, match="schema 9"):
        ledger.record([row("b")])


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(WriteError, match="trial ledger cannot be written"):
        TrialLedger.of(Workspace(tmp_path)).record([row()])


def test_another_writer_is_waited_for_and_then_named(
    ledger: TrialLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record([row()])
    monkeypatch.setattr("jstock_core.state.trials.store.PATIENCE_S", 0.01)
    holder = sqlite3.connect(ledger.file)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LockedError, match="another process"):
        ledger.record([row("b")])
    holder.rollback()
    holder.close()
    ledger.record([row("b")])
    assert ledger.count() == 2


def test_a_strategy_is_what_it_declares_but_for_its_name() -> None:
    declared = {"name": "One", "entry": {"use": "SimpleScorer", "buy_threshold": 65}}
    other = {**declared, "entry": {"use": "SimpleScorer", "buy_threshold": 66}}
    assert strategy_digest(declared, SHARED) == strategy_digest({**declared, "name": "Two"}, SHARED)
    assert strategy_digest(declared, SHARED) != strategy_digest(other, SHARED)


def test_a_rule_that_was_rewritten_is_another_strategy(tmp_path: Path) -> None:
    declared = {"entry": {"use": "Mine"}}
    rules = Rules(SHARED, tmp_path, ("mine.py",), {"entry": {"Mine": object}})
    found = set()
    for text in ("ONE = 1\n", "ONE = 2\n", "ONE = 1\n"):
        (tmp_path / "mine.py").write_text(text)
        found.add((strategy_digest(declared, rules), strategy_digest({"entry": {"use": "Other"}}, rules)))
    assert (len({own for own, _ in found}), len({other for _, other in found})) == (2, 1)


def test_a_ledger_that_cannot_be_written_is_read(ledger: TrialLedger) -> None:
    ledger.record([row()])
    ledger.file.chmod(0o400)
    ledger.file.parent.chmod(0o500)
    try:
        assert ledger.count() == 1
    finally:
        ledger.file.parent.chmod(0o700)


def test_a_rule_of_a_cell_that_was_rewritten_is_another_strategy(tmp_path: Path) -> None:
    found = []
    for n, (default, text) in enumerate([(1, "day + 1"), (1, "day + 2"), (2, "day + 2"), (1, "day + 1")]):
        path = tmp_path / f"cell_{n}.py"
        path.write_text(CELL.format(default=default, text=text))
        names: dict[str, Any] = {"__name__": "__main__", "dataclass": dataclass}
        exec(compile(path.read_text(), str(path), "exec"), names)
        rules = Rules(SHARED, own={})
        shared = Rules(own={"entry": {"Mine": names["Mine"]}})
        rules = replace(rules, shared=shared)
        found.append(strategy_digest({"entry": {"use": "Mine"}}, rules))
        other = strategy_digest({"entry": {"use": "Other"}}, rules)
        assert other == strategy_digest({"entry": {"use": "Other"}}, SHARED)
    assert found[0] == found[3]
    assert len(set(found)) == 3


CELL = """
@dataclass
class Mine:
    days: int = {default}

    def score(self, day):
        return {text}
"""
