"""One desk, one journal: the workspace remembers where its journal lies, and how far it had come."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, StateError, UsageError
from jstock_core.cli import run as jstock
from jstock_core.desk.care.backups import restore_backup
from jstock_core.desk.care.relocate import Destination, relocate_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.journal import ElsewhereError
from jstock_core.runs.manifest import RunStatus, read_manifest, write_manifest
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.anchor import read_anchor
from tests.desk.days import MORNING, NEXT_MORNING, edited, journaled
from tests.runs.conftest import manifest_of

VARIABLE = "JSTOCK_JOURNAL_URL"


def command(root: Path, *words: str, now: str = MORNING) -> int:
    return jstock([*words, "--workspace", str(root), "--now", now])


def deposit(root: Path, yen: int = 1000) -> int:
    return command(root, "trade", "cash", "deposit", "conservative", str(yen), "--reason", f"{yen}")


def state(root: Path) -> Path:
    return root / "data" / "state"


def files(root: Path) -> dict[str, bytes]:
    """The journal's files; none of them may be written by what is refused."""
    return {file.name: file.read_bytes() for file in state(root).glob("journal.[!l]*")}


def anchors(root: Path) -> tuple[Path, Path]:
    return root / "data" / "journal.anchor", root / "backups" / "journal.anchor"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "journal.sqlite"


def refused(root: Path, match: str) -> StateError:
    """The journal is refused by reading and by writing, and nothing is made or changed."""
    before = sorted(root.parent.rglob("*.sqlite")), files(root)
    for look in (lambda: journaled(root), lambda: run_day(open_desk(root, now=NEXT_MORNING))):
        with pytest.raises(StateError, match=match) as caught:
            look()
    assert (sorted(root.parent.rglob("*.sqlite")), files(root)) == before
    assert caught.value.exit == ExitStatus.STATE
    assert "jstock state re" in caught.value.do
    return caught.value


def test_what_is_remembered_follows_each_commit(desk: Path) -> None:
    before = read_anchor(anchors(desk))
    assert before is not None
    assert deposit(desk) == 0
    after = read_anchor(anchors(desk))
    assert after is not None
    assert (after.place, after.seq) == ("data/state/journal.sqlite", before.seq + 1)
    assert after.tip == open_desk(desk, now=MORNING).journal().tip()


@pytest.mark.parametrize("folder", ["data/state", "data"])
def test_a_deleted_folder_is_no_new_desk(desk: Path, folder: str) -> None:
    """The second place of backups remembers it, and has what restores it."""
    events, monitored = journaled(desk), (desk / "data" / "monitor_list.json").read_bytes()
    shutil.rmtree(desk / folder)
    (desk / "data").mkdir(exist_ok=True)
    (desk / "data" / "monitor_list.json").write_bytes(monitored)
    assert "events" in refused(desk, "gone or empty, and this workspace has had one").what
    assert not state(desk).exists()
    assert command(desk, "state", "restore") == 0
    assert journaled(desk) == events


@pytest.mark.parametrize(("rehearsal", "status", "proves"), [
    (False, "ok", True), (False, "degraded", True), (True, "ok", False), (False, "failed", False),
    (False, "stale", False),
])  # fmt: skip
def test_a_report_proves_that_there_was_a_desk(new: Path, rehearsal: bool, status: str, proves: bool) -> None:
    """Also where all of `data/` is gone, and what it remembers."""
    run = new / "runs" / "2026-01-21" / "20260120T220000Z-0001"
    run.mkdir(parents=True)
    write_manifest(run, manifest_of(rehearsal=rehearsal, status=RunStatus(status)))
    assert read_manifest(run).status == status
    if proves:
        assert str(run) in refused(new, "this workspace has had one").what
    else:
        assert journaled(new) == ()


def test_backups_prove_that_there_was_a_desk(desk: Path) -> None:
    for file in [*state(desk).glob("journal.*"), *anchors(desk)]:
        file.unlink()
    assert "backups in" in refused(desk, "this workspace has had one").what


def test_an_empty_journal_is_refused(desk: Path, tmp_path: Path) -> None:
    provider = open_desk(desk, now=MORNING).provider.id
    Journal.open(tmp_path / "empty" / "journal.sqlite", provider, open_desk(desk, now=MORNING).clock)
    for file in state(desk).glob("journal.*"):
        file.unlink()
    for file in (tmp_path / "empty").glob("journal.*"):
        shutil.move(file, state(desk))
    refused(desk, "gone or empty")


def test_an_older_journal_is_refused_until_it_is_accepted(desk: Path, tmp_path: Path) -> None:
    older = Path(shutil.copytree(state(desk), tmp_path / "older"))
    deposit(desk)
    shutil.rmtree(state(desk))
    shutil.copytree(older, state(desk))
    refused(desk, "older than this workspace: it ends with event")
    assert command(desk, "state", "relocate", "--accept") == 0
    assert deposit(desk, 7) == 0


def test_another_journal_is_refused(desk: Path, tmp_path: Path) -> None:
    """Two copies of a desk that went their own ways are two journals."""
    other = Path(shutil.copytree(desk, tmp_path / "other"))
    deposit(desk, 1000)
    deposit(other, 2000)
    shutil.rmtree(state(desk))
    shutil.copytree(state(other), state(desk))
    refused(desk, "is another one: its event")


def test_what_lags_is_still_true(desk: Path) -> None:
    """A process killed between the journal and what it remembers, or another machine that wrote."""
    old = {file: file.read_bytes() for file in anchors(desk)}
    deposit(desk)
    for file, content in old.items():
        file.write_bytes(content)
    assert deposit(desk, 7) == 0
    assert all(file.read_bytes() != content for file, content in old.items())


@pytest.mark.parametrize("how", [lambda file: file.unlink(), lambda file: file.write_bytes(b"{")])
def test_what_is_remembered_may_be_damaged_or_missing(desk: Path, how: Callable[[Path], object]) -> None:
    """One of two counts; without any, as in a workspace of an older version, the journal that is there."""
    one, two = anchors(desk)
    whole = one.read_bytes()
    assert two.read_bytes() == whole
    how(one)
    assert deposit(desk) == 0
    assert one.read_bytes() == two.read_bytes() != whole
    whole = one.read_bytes()
    for file in anchors(desk):
        how(file)
    journaled(desk)
    assert one.read_bytes() == whole


def test_a_second_place_outside_is_shared_with_copies_and_remembers_nothing(
    desk: Path, tmp_path: Path
) -> None:
    edited(desk, "params/desk.yaml", "backup_folder: backups", f"backup_folder: {tmp_path / 'disk'}")
    assert deposit(desk) == 0
    copy = Path(shutil.copytree(desk, tmp_path / "copy"))
    assert deposit(copy, 7) == 0
    assert deposit(desk, 8) == 0


@pytest.mark.parametrize("remembered", [True, False])
def test_a_variable_set_by_accident_opens_no_new_book(
    desk: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    if not remembered:
        for file in anchors(desk):
            file.unlink()
    monkeypatch.setenv(VARIABLE, f"sqlite:///{elsewhere}")
    error = refused(desk, "names another place")
    assert error.do.startswith(f"unset {VARIABLE}")
    assert not elsewhere.parent.exists()


def test_a_variable_unset_by_accident_opens_no_new_book(
    new: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, f"sqlite:///{elsewhere}")
        run_day(open_desk(new, now=MORNING))
    error = refused(new, "is not set")
    assert str(elsewhere) in error.where
    assert not (state(new) / "journal.sqlite").exists()


def test_who_only_read_remembers_too(new: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, f"sqlite:///{elsewhere}")
        journaled(new)
    with pytest.raises(ElsewhereError):
        journaled(new)


def test_the_variable_may_name_the_workspace_s_own_file(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = journaled(desk)
    monkeypatch.setenv(VARIABLE, f"sqlite:///{state(desk) / 'journal.sqlite'}")
    assert journaled(desk) == events


def test_a_workspace_may_be_moved_or_copied(desk: Path, tmp_path: Path) -> None:
    events = journaled(desk)
    assert journaled(Path(shutil.move(desk, tmp_path / "moved"))) == events


@pytest.mark.parametrize("text", [
    "host=db password=secret", "desk:secret@db/desk", "sqlite:///secret.sqlite", "sqlite:///:memory:",
    "sqlite://", "secret.sqlite", "./secret.sqlite", "mysql://desk:secret@db/desk", "postgresql:secret", "/",
    "postgresql://desk:secret@db:secret/desk", "postgresql://desk:secret@db:99999/desk",
    "postgresql://desk:secret@db", "postgresql://desk:se@secret@db/desk", "postgresql://desk:se/cret@secret",
    "postgresql://desk:se@cret/secret@db/desk", "postgresql://", "file:secret.sqlite", "http://db/secret",
])  # fmt: skip
def test_what_is_no_url_is_an_error_and_no_file(
    new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(UsageError, match="the journal's URL") as caught:
        journaled(new)
    assert "secret" not in str(caught.value)
    assert "PASSWORD@HOST" in caught.value.do
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]


class TestRelocating:
    """`jstock state relocate` moves the journal on purpose."""

    def test_there_and_back(self, desk: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        events = journaled(desk)
        monkeypatch.setenv(VARIABLE, str(elsewhere))
        done = relocate_journal(open_desk(desk, now=MORNING), Destination.URL)
        assert (done.place, done.events, done.copied) == (str(elsewhere), len(events), len(events))
        assert not (state(desk) / "journal.sqlite").exists()
        assert journaled(desk) == events
        assert deposit(desk) == 0
        done = relocate_journal(open_desk(desk, now=MORNING), Destination.WORKSPACE)
        assert (done.copied, done.variable) == (len(events) + 1, f"unset {VARIABLE}")
        with pytest.raises(ElsewhereError, match="names another place"):
            journaled(desk)
        monkeypatch.delenv(VARIABLE)
        assert len(journaled(desk)) == len(events) + 1
        assert deposit(desk, 7) == 0

    def test_not_over_another_journal(
        self, desk: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Path(shutil.copytree(desk, tmp_path / "other"))
        deposit(other)
        deposit(desk, 7)
        monkeypatch.setenv(VARIABLE, str(state(other) / "journal.sqlite"))
        with pytest.raises(StateError, match="another journal is there"):
            relocate_journal(open_desk(desk, now=MORNING), Destination.URL)
        monkeypatch.delenv(VARIABLE)
        assert deposit(desk, 8) == 0

    def test_a_lost_place_is_replaced_by_a_backup(
        self, new: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setenv(VARIABLE, str(elsewhere))
            run_day(open_desk(new, now=MORNING))
            events = journaled(new)
        shutil.rmtree(elsewhere.parent)
        opened = open_desk(new, now=MORNING)
        with pytest.raises(StateError, match="does not name its place"):
            relocate_journal(opened, Destination.WORKSPACE)
        with pytest.raises(ElsewhereError):
            restore_backup(opened)
        restore_backup(opened, force=True)
        assert journaled(new) == events

    def test_the_command(self, desk: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
        assert command(desk, "state", "relocate") == ExitStatus.USAGE
        assert command(desk, "state", "relocate", "--to", "workspace") == ExitStatus.USAGE
        assert command(desk, "state", "relocate", "--to", "url") == ExitStatus.USAGE
        monkeypatch.setenv(VARIABLE, str(elsewhere))
        assert command(desk, "state", "relocate", "--to", "url") == 0
        out = capsys.readouterr().out
        assert "the journal lies in" in out
        assert f"keep {VARIABLE} set" in out
