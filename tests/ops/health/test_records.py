"""The journal and its copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.care.backups import take_backup
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import records
from jstock_core.ops.health.check import Examined, State, look_at
from jstock_core.state.facts.events import Fee
from jstock_core.testing import copy_desk
from tests.ops.health.conftest import NOW, look, one, states


def test_a_sound_journal_with_its_backups(examined: Examined) -> None:
    assert one(records.examine_journal, examined).state is State.OK
    assert states(look(records.examine_backups, examined)) == [State.OK, State.OK, State.NOTE]


def test_a_damaged_journal_fails_with_the_status_of_state(desk: Desk, examined: Examined) -> None:
    content = bytearray(desk.workspace.journal.read_bytes())
    content[len(content) // 2 :] = b"\0" * (len(content) - len(content) // 2)
    desk.workspace.journal.write_bytes(content)
    check = one(records.examine_journal, examined)
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.STATE)
    assert "restore" in check.remedy


def test_a_view_that_differs_is_told(desk: Desk, examined: Examined) -> None:
    (desk.workspace.state / "trade_history.json").write_text("{}")
    check = one(records.examine_journal, examined)
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.STATE)
    assert "trade_history.json differs" in check.what


def test_cash_below_0_by_a_fee_is_a_warning_and_no_damage(desk: Desk, examined: Examined) -> None:
    """A restored backup would bring nothing back: the journal is sound."""
    group, last = next(iter(desk.journal().book().groups.values())), desk.journal().events()[-1].session
    fee = Fee(
        session=last,
        source="manual",
        group=group.id,
        amount=group.cash + 47_006,
        reason="tariff",
        fill_id=None,
    )
    with desk.writing("a test") as journal:
        journal.append([fee])
    journal_check, cash = look(records.examine_journal, examined)
    assert journal_check.state is State.OK
    assert (cash.name, cash.state) == ("cash", State.WARN)
    assert "lowest \N{MINUS SIGN}¥47,006" in cash.what
    assert f"jstock trade cash deposit {group.id} YEN" in cash.remedy


def test_a_new_desk_has_no_journal_and_gets_none_by_looking(
    shared_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    new = copy_desk(shared_desk(ready="new"), tmp_path / "new")
    examined = look_at(str(new.workspace.root), now=NOW)
    assert one(records.examine_journal, examined).state is State.NOTE
    assert look(records.examine_backups, examined) == ()
    assert not new.workspace.journal.exists()


def test_while_a_run_holds_the_desk_the_journal_is_left_alone(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "who_holds", lambda _: "process 7, the day")
    check = one(records.examine_journal, examined)
    assert (check.state, check.what) == (
        State.NOTE, "not checked: a run holds the desk (process 7, the day)",
    )  # fmt: skip


def test_a_backup_that_lags_or_is_gone_is_told(desk: Desk, examined: Examined) -> None:
    first, second = desk.backup_places
    shutil.rmtree(second)
    shutil.copytree(first, second)
    newest = max(second.iterdir(), key=lambda folder: folder.name)
    with desk.writing("a note") as journal:
        journal.append([])
    shutil.rmtree(newest)
    shutil.rmtree(first)
    checks = look(records.examine_backups, examined)
    assert checks[0].state is State.WARN
    assert "there is none" in checks[0].what


def test_a_real_desk_is_warned_where_all_backups_are_on_one_disk(
    shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = copy_desk(shared_desk(), tmp_path / "ws")
    real = type(desk.provider.capabilities)(live=True, fetches=True)
    monkeypatch.setattr(type(desk.provider), "capabilities", real)
    examined = look_at(str(desk.workspace.root), now=NOW)
    last = look(records.examine_backups, examined)[-1]
    assert (last.name, last.state) == ("other disk", State.WARN)
    assert "backup_folder" in last.remedy


def test_a_halt_is_not_forgotten(desk: Desk, examined: Examined) -> None:
    assert look(records.examine_halts, examined) == ()
    for group in ("", "aggressive"):
        words = ["halt", "--reason", "odd prices", *(["--group", group] if group else [])]
        assert run([*words, "-w", str(desk.workspace.root), "--now", NOW]) == ExitStatus.OK
    whole, one_group = look(records.examine_halts, examined)
    assert whole.state is State.WARN
    assert whole.what == "the desk is halted since 2026-01-21 07:10: odd prices; nothing is bought"
    assert one_group.remedy.endswith("`jstock resume --group aggressive --reason TEXT`")


def test_a_trial_ledger_and_its_copies(desk: Desk, examined: Examined) -> None:
    assert look(records.examine_trials, examined) == ()
    ledger, span = TrialLedger.of(desk.workspace), (date(2025, 1, 6), date(2025, 12, 30))
    ledger.record([TrialRow.of("set", "one", "a", span, [], desk.clock())])
    assert one(records.examine_trials, examined).state is State.NOTE  # no copy yet
    take_backup(desk)
    assert one(records.examine_trials, examined).state is State.OK
    ledger.file.unlink()
    checks = look(records.examine_trials, examined)
    assert states(checks) == [State.WARN, State.WARN]  # both copies know it
    assert "forgotten 1 record" in checks[0].what
    assert checks[0].remedy == "run `jstock state restore --trials`"
    ledger.file.write_bytes(b"SQLite format 3\0" + b"no" * 3000)
    check = one(records.examine_trials, examined)
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.STATE)
    assert "--trials" in check.remedy


def test_a_damaged_copy_of_the_trial_ledger_is_told(desk: Desk, examined: Examined) -> None:
    span = date(2025, 1, 6), date(2025, 12, 30)
    TrialLedger.of(desk.workspace).record([TrialRow.of("set", "one", "a", span, [], desk.clock())])
    take_backup(desk)
    (desk.workspace.backups / "trials.sqlite").write_bytes(b"SQLite format 3\0" + b"no" * 3000)
    check = one(records.examine_trials, examined)
    assert check.state is State.WARN
    assert "is damaged" in check.what
