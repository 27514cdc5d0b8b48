"""`jstock state`: the desk's memory backed up, put back, looked at, carried elsewhere and corrected."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus, StateError, WriteError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.care.backups import list_trial_copies, restore_backup
from jstock_core.desk.care.correct import restore_fact, reverse_fact
from jstock_core.desk.care.verify import Verification, verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trials.holdout import (
    HoldoutOpening,
    current_holdout,
    declare_holdout,
    record_opening,
)
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.views import VIEWS
from jstock_core.desk.workspace.workspace import Workspace, create_workspace
from jstock_core.state.facts.events import Filled
from jstock_core.state.journal.in_force.dependents import DependsError
from jstock_core.state.journal.stores.place import JournalPlace
from jstock_core.state.journal.stores.postgres import PostgresStore
from tests.desk.days import MORNING, NEXT_MORNING, journaled

HISTORY = {
    "trades": [
        {"date": "2026-01-06", "group_id": "conservative", "ticker": "7203", "action": "BUY", "quantity": 100,
         "price": 3000, "total_jpy": 300000},
    ]
}  # fmt: skip
STATE = {
    "last_updated": "2026-01-16T07:00:00+09:00",
    "strategy_groups": [
        {"id": "conservative", "name": "x", "initial_capital": 1_000_000, "cash": 700_500, "positions": [
            {"ticker": "7203", "quantity": 100, "entry_price": 3000, "entry_date": "2026-01-06"}]},
    ],
}  # fmt: skip


def state_of(root: Path) -> Path:
    return root / "data" / "state"


def command(root: Path, *words: str, now: str = MORNING) -> int:
    return jstock(["state", *words, "--workspace", str(root), "--now", now])


def verify(root: Path, now: str = MORNING) -> Verification:
    return verify_journal(open_desk(root, now=now))


def some_fill(root: Path) -> Filled:
    return next(
        event for event in reversed(journaled(root)) if isinstance(event, Filled) and event.side == "BUY"
    )


def test_a_run_leaves_a_backup_and_a_journal_that_verifies(desk: Path, capsys) -> None:
    found = verify(desk)
    assert found.faults == ()
    assert [backup.sound for backup in found.backups] == [True, True]  # in both places
    assert found.backups[0].events == found.events == len(journaled(desk))
    assert command(desk, "verify") == ExitStatus.OK
    assert "sound" in capsys.readouterr().out


def test_a_kept_book_that_is_another_than_the_journal_is_a_fault(desk: Path, monkeypatch) -> None:
    """What only a defect of jstock could do, for the file is bound to the journal by hashes."""
    journal = open_desk(desk, now=MORNING).journal()
    wrong = replace(journal.book(), seq=7)
    monkeypatch.setattr(type(journal), "cached_book", lambda _journal: wrong)
    (fault,) = verify(desk).faults
    assert "journal.book differs from the journal" in fault


def test_each_run_that_adds_something_adds_a_backup(desk: Path) -> None:
    run_day(open_desk(desk, now=MORNING))
    assert len(verify(desk).backups) == 2  # one in each place
    run_day(open_desk(desk, now=NEXT_MORNING))
    assert len(verify(desk, NEXT_MORNING).backups) == 4


def test_a_rehearsal_keeps_nothing(desk: Path) -> None:
    before = sorted(path.name for path in state_of(desk).rglob("*"))
    run_day(open_desk(desk, now=NEXT_MORNING), intent=Intent.REHEARSE)
    assert sorted(path.name for path in state_of(desk).rglob("*")) == before


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_that_lies_is_named_and_made_anew(desk: Path, name: str, capsys) -> None:
    view = state_of(desk) / name
    text = view.read_text(encoding="utf-8")
    view.write_text(text.replace("100", "200"), encoding="utf-8")
    assert command(desk, "verify") == ExitStatus.STATE
    assert name in capsys.readouterr().err
    run_day(open_desk(desk, now=MORNING))
    assert verify(desk).faults == ()


def test_a_damaged_journal_stops_the_desk_and_is_restored(desk: Path, capsys) -> None:
    before = journaled(desk)
    journal = state_of(desk) / "journal.sqlite"
    journal.write_bytes(journal.read_bytes()[:-5000])
    damaged = journal.read_bytes()
    assert command(desk, "verify") == ExitStatus.STATE
    with pytest.raises(StateError, match="journal") as caught:
        run_day(open_desk(desk, now=NEXT_MORNING))
    assert "journal.sqlite" in caught.value.where
    assert "jstock state restore" in caught.value.do
    assert journal.read_bytes() == damaged
    assert command(desk, "restore") == ExitStatus.OK
    assert journaled(desk) == before
    assert (state_of(desk) / "aside" / "001" / "journal.sqlite").read_bytes() == damaged
    assert run_day(open_desk(desk, now=NEXT_MORNING)).intent is Intent.JOURNAL


def test_a_journal_that_is_gone_is_not_begun_anew(desk: Path) -> None:
    before = journaled(desk)
    for name in ("journal.sqlite", "journal.head"):
        (state_of(desk) / name).unlink()
    with pytest.raises(StateError, match="gone"):
        run_day(open_desk(desk, now=NEXT_MORNING))
    restore_backup(open_desk(desk, now=MORNING))
    assert journaled(desk) == before


def test_a_sound_journal_is_not_replaced_unasked(desk: Path) -> None:
    with pytest.raises(StateError, match="the journal is sound"):
        restore_backup(open_desk(desk, now=MORNING))
    restore_backup(open_desk(desk, now=MORNING), force=True)


def test_a_journal_that_the_disk_does_not_give_is_not_replaced_unasked(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error", "journal.sqlite")

    with monkeypatch.context() as patch:
        patch.setattr("jstock_core.state.journal.proof.head.file_hash", fail)
        with pytest.raises(WriteError, match="Input/output error") as caught:
            restore_backup(open_desk(desk, now=MORNING))
    assert "--force" in caught.value.do
    assert verify(desk).faults == ()


def tried(*digests: str) -> list[TrialRow]:
    span = date(2025, 1, 6), date(2025, 12, 30)
    at = datetime(2026, 1, 21, 7, tzinfo=JST)
    return [TrialRow.of("set", "conservative", digest, span, [0.01, -0.01] * 20, at) for digest in digests]


def test_each_write_to_the_journal_copies_the_trial_ledger(desk: Path) -> None:
    ledger = TrialLedger.of(Workspace(desk))
    ledger.record(tried("a", "b"))
    run_day(open_desk(desk, now=NEXT_MORNING))
    copies = list_trial_copies(open_desk(desk, now=NEXT_MORNING))
    assert [TrialLedger(file).count() for file in copies] == [2, 2]  # in both places
    ledger.record(tried("c"))
    assert command(desk, "backup") == ExitStatus.OK
    assert [TrialLedger(file).count() for file in copies] == [3, 3]


@pytest.mark.parametrize("loss", ["gone", "damaged", "empty", "begun anew"])
def test_trials_that_were_lost_are_put_back_and_none_is_taken_out(desk: Path, loss: str, capsys) -> None:
    ledger = TrialLedger.of(Workspace(desk))
    ledger.record(tried("a", "b"))
    declare_holdout(ledger, date(2026, 1, 5), datetime(2026, 1, 20, tzinfo=JST), "ann")
    command(desk, "backup")
    content = b"" if loss == "empty" else b"SQLite format 3\0" + b"no" * 3000
    ledger.file.write_bytes(content)
    if loss in ("gone", "begun anew"):
        ledger.file.unlink()
    if loss == "begun anew":
        ledger.record(tried("c"))
    assert command(desk, "restore", "--trials") == ExitStatus.OK
    kept = {"a", "b", "c"} if loss == "begun anew" else {"a", "b"}
    assert {each.digest for each in ledger.trials()} == kept
    found = current_holdout(ledger)
    assert found is not None
    assert (found.first, found.opening) == (date(2026, 1, 5), None)
    aside = [file.read_bytes() for file in ledger.file.parent.glob("trials.sqlite.damaged-*")]
    assert aside == ([content] if loss == "damaged" else [])
    assert f"holds {len(kept)} trials" in capsys.readouterr().out


def test_a_restored_journal_neither_forgets_trials_nor_closes_a_holdout_again(desk: Path) -> None:
    ledger, at = TrialLedger.of(Workspace(desk)), datetime(2026, 1, 20, tzinfo=JST)
    ledger.record(tried("a"))
    closed = declare_holdout(ledger, date(2026, 1, 5), at, "ann")
    command(desk, "backup")
    opening = HoldoutOpening(at=at, by="ann", group="conservative", digest="d", last=date(2026, 1, 20))
    record_opening(ledger, closed, opening)
    ledger.record(tried("b"))
    assert command(desk, "restore", "--force") == ExitStatus.OK
    assert ledger.count() == 2
    found = current_holdout(ledger)
    assert found is not None
    assert found.opening == opening


def test_without_a_sound_copy_a_ledger_cannot_be_put_back(desk: Path, capsys) -> None:
    assert command(desk, "restore", "--trials") == ExitStatus.STATE
    assert "no sound copy of the trial ledger" in capsys.readouterr().err
    assert command(desk, "restore", "--trials", "--force") == ExitStatus.USAGE


def test_a_damaged_trial_ledger_stops_no_morning(desk: Path) -> None:
    TrialLedger.of(Workspace(desk)).file.write_bytes(b"SQLite format 3\0" + b"no" * 3000)
    assert run_day(open_desk(desk, now=NEXT_MORNING)).intent is Intent.JOURNAL
    assert command(desk, "backup", now=NEXT_MORNING) == ExitStatus.STATE


def test_the_export_holds_every_event_and_fill(desk: Path, tmp_path: Path) -> None:
    assert command(desk, "export", "--to", str(tmp_path / "out")) == ExitStatus.OK
    lines = (tmp_path / "out" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [event.id for event in journaled(desk)]
    fills = sum(isinstance(event, Filled) for event in journaled(desk))
    assert len((tmp_path / "out" / "fills.csv").read_text(encoding="utf-8").splitlines()) == fills + 1


class TestCorrect:
    def test_a_price(self, desk: Path) -> None:
        fill = some_fill(desk)
        before = open_desk(desk, now=MORNING).journal().book().group(fill.group).cash
        assert (
            command(desk, "correct", fill.id, "--price", str(fill.price + 1), "--reason", "typo")
            == ExitStatus.OK
        )
        journal = open_desk(desk, now=MORNING).journal()
        assert journal.book().group(fill.group).cash == before - fill.shares
        assert journal.history()[-1].name == "correction"
        assert verify(desk).faults == ()

    def test_a_fact_taken_back_and_put_back(self, desk: Path) -> None:
        fill = some_fill(desk)
        before = open_desk(desk, now=MORNING).journal().book()
        reverse_fact(open_desk(desk, now=MORNING), fill.id, reason="not ours", with_dependents=True)
        assert fill.id not in [event.id for event in journaled(desk)]
        restore_fact(open_desk(desk, now=MORNING), fill.id, reason="ours")
        after = open_desk(desk, now=MORNING).journal().book()
        assert after.group(fill.group).cash == before.group(fill.group).cash

    def test_what_stands_on_it_is_listed(self, desk: Path, capsys) -> None:
        sold = next(e for e in journaled(desk) if isinstance(e, Filled) and e.side == "SELL")
        bought = next(
            e for e in journaled(desk) if isinstance(e, Filled) and e.side == "BUY" and e.code == sold.code
        )
        with pytest.raises(DependsError) as caught:
            reverse_fact(open_desk(desk, now=MORNING), bought.id, reason="x")
        assert sold.id in caught.value.depends
        assert command(desk, "correct", bought.id, "--reverse", "--reason", "x") == ExitStatus.STATE
        assert sold.id in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            ([], ExitStatus.USAGE),
            (["--reverse", "--price", "5"], ExitStatus.USAGE),
            (["--amount", "5"], ExitStatus.USAGE),
            (["--price", "dear"], ExitStatus.USAGE),
            (["--price", "0"], ExitStatus.STATE),
            (["--restore"], ExitStatus.STATE),
        ],
    )
    def test_a_correction_that_cannot_be(self, desk: Path, words: list[str], status: ExitStatus) -> None:
        before = journaled(desk)
        assert command(desk, "correct", some_fill(desk).id, "--reason", "x", *words) == status
        assert journaled(desk) == before


LOT = {"ticker": "7203", "quantity": 100, "entry_price": 3000, "entry_date": "2026-01-06"}


class TestImport:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[str]:
        (tmp_path / "state.json").write_text(json.dumps(STATE), encoding="utf-8")
        (tmp_path / "history.json").write_text(json.dumps(HISTORY), encoding="utf-8")
        return ["--state", str(tmp_path / "state.json"), "--history", str(tmp_path / "history.json")]

    def test_it_is_shown_then_done_then_known(self, new: Path, files: list[str], capsys) -> None:
        assert command(new, "import", *files, "--preview") == ExitStatus.OK
        assert journaled(new) == ()
        assert "+500 yen of cash" in capsys.readouterr().out
        assert command(new, "import", *files) == ExitStatus.OK
        group = open_desk(new, now=MORNING).journal().book().group("conservative")
        assert (group.cash, group.invested, group.adjusted) == (700_500, 300_000, 500)
        capsys.readouterr()
        assert command(new, "import", *files) == ExitStatus.OK
        assert "0 of 4 events recorded" in capsys.readouterr().out
        assert verify(new).faults == ()

    def test_a_history_alone_takes_the_capital_from_the_params(self, new: Path, files: list[str]) -> None:
        assert command(new, "import", *files[2:]) == ExitStatus.OK
        group = open_desk(new, now=MORNING).journal().book().group("conservative")
        assert group.cash == group.deposited - 300_000

    def test_never_into_a_journal_that_has_begun(self, desk: Path, files: list[str]) -> None:
        before = journaled(desk)
        assert command(desk, "import", *files) == ExitStatus.STATE
        assert journaled(desk) == before

    def test_nothing_named(self, new: Path) -> None:
        assert command(new, "import") == ExitStatus.USAGE

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"id": "whole"}, '"whole" cannot be the id of a group'),
            ({"id": "a:b"}, '"a:b" cannot be the id of a group'),
            ({"id": "x" * 100_000}, 'x..." cannot be the id of a group'),
            ({"id": ["core"]}, 'cannot read "id"'),
            ({"initial_capital": 5}, "initial_capital: expected ¥10,000 to"),
            ({"initial_capital": 10**14}, "initial_capital: expected ¥10,000 to"),
            ({"initial_capital": "5000000"}, 'cannot read "initial_capital"'),
            ({"initial_capital": 1e308}, 'cannot read "initial_capital"'),
            ({"cash": -1}, "cash: expected ¥0 to"),
            ({"cash": True}, 'cannot read "cash"'),
            ({"positions": [LOT | {"entry_price": 1e14}]}, "are above ¥10,000,000,000,000"),
            ({"positions": [LOT | {"quantity": 1e308}]}, 'cannot read "quantity"'),
            ({"positions": [LOT | {"entry_score": 101}]}, 'cannot read "entry_score"'),
        ],
    )
    def test_a_group_is_held_to_the_bounds_of_a_group_file(self, new, tmp_path, capsys, change, said) -> None:
        (row,) = STATE["strategy_groups"]
        file = tmp_path / "state.json"
        file.write_text(json.dumps(STATE | {"strategy_groups": [row | change]}), encoding="utf-8")
        assert command(new, "import", "--state", str(file)) == ExitStatus.STATE
        assert said in capsys.readouterr().err
        assert journaled(new) == ()

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("[" * 100_000, "nested too deeply"),
            (
                '{"last_updated": "2026-01-16", "strategy_groups": [{"id": "a", "initial_capital": 1e999}]}',
                'cannot read "initial_capital": inf',
            ),
            ("[]", "expected an object"),
            ("5", "expected an object"),
            ('{"last_updated": "2026-01-16", "strategy_groups": {"a": 5}}', "expected an object"),
            (json.dumps(STATE | {"strategy_groups": STATE["strategy_groups"] * 2}), "is there twice"),
            (json.dumps(STATE | {"last_updated": "2027-01-01"}), "2027-01-01 is in the future"),
            (json.dumps(STATE | {"last_updated": "0001-01-01"}), "0001-01-01 is before"),
            (json.dumps(STATE).encode("utf-16"), "not UTF-8 (the file is UTF-16)"),
        ],
    )
    def test_a_file_of_another_kind_is_an_error_with_its_name(
        self, new, tmp_path, capsys, content, said
    ) -> None:
        file = tmp_path / "state.json"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert command(new, "import", "--state", str(file)) == ExitStatus.STATE
        error = capsys.readouterr().err
        assert said in error
        assert "state.json" in error
        assert journaled(new) == ()

    @pytest.mark.parametrize("trades", [{"core": 5}, {"core": [5]}, {"core": {"x": 5}}])
    def test_a_history_of_another_shape_is_an_error(self, new, tmp_path, capsys, trades) -> None:
        file = tmp_path / "history.json"
        file.write_text(json.dumps({"trades": trades}), encoding="utf-8")
        assert command(new, "import", "--history", str(file)) == ExitStatus.STATE
        assert "expected a" in capsys.readouterr().err

    @pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes among its files")
    def test_a_pipe_is_not_waited_for(self, new, tmp_path, capsys) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert command(new, "import", "--state", str(tmp_path / "pipe")) == ExitStatus.STATE
        assert "a pipe, not a regular file" in capsys.readouterr().err

    def test_what_is_odd_needs_consent(self, new, tmp_path, capsys) -> None:
        """An odd lot, and a price that never traded: shown by a preview, imported on request."""
        panel = open_desk(new, now=MORNING).panel()
        code = panel.codes[0]
        row = HISTORY["trades"][0] | {"ticker": code, "quantity": 150, "price": 99_000_000, "total_jpy": None}
        file = tmp_path / "history.json"
        file.write_text(json.dumps({"trades": [row]}), encoding="utf-8")
        assert command(new, "import", "--history", str(file), "--preview") == ExitStatus.OK
        assert "outside the limits" in capsys.readouterr().out
        assert command(new, "import", "--history", str(file)) == ExitStatus.USAGE
        assert "--accept-odd" in capsys.readouterr().err
        assert journaled(new) == ()
        assert command(new, "import", "--history", str(file), "--accept-odd") == ExitStatus.OK


def test_the_journal_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = create_workspace(tmp_path / "desk", "simulated").root
    said = []

    def instead(place: JournalPlace, provider: str, *, create: bool) -> PostgresStore:
        said.append((place.url, provider))
        raise StateError("no server here")

    monkeypatch.setenv("JSTOCK_JOURNAL_URL", "postgresql://desk:secret@nowhere/desk")
    monkeypatch.setattr("jstock_core.state.journal.journal.PostgresStore", instead)
    with pytest.raises(StateError, match="no server here"):
        open_desk(root, now=MORNING).journal()
    assert said[0][0] == "postgresql://desk:secret@nowhere/desk"
