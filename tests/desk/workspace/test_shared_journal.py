"""A journal that several workspaces can reach is kept for one desk: the first, by its name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, StateError
from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.settings.edit import name_desk
from jstock_core.desk.settings.settings import read_settings
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from tests.desk.days import MORNING, NEXT_MORNING, D, edited, journaled


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A journal for all, which the environment names."""
    place = tmp_path / "shared" / "journal.sqlite"
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", f"sqlite:///{place}")
    return place


def name(root: Path) -> str:
    return read_settings(root / "params" / "desk.yaml").desk


def test_a_new_workspace_has_a_name_of_its_own(tmp_path):
    """Also where the template is a desk that has one: a copy of its parameters is another desk."""
    one, two = (create_workspace(tmp_path / folder, "simulated").root for folder in ("one", "two"))
    assert name(one).startswith("desk-")
    assert name(one) != name(two)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ('desk: "" # its name\nmargin: false\n', 'desk: "osaka" # its name\nmargin: false\n'),
        ("margin: false\ndesk: tokyo\n", "margin: false\ndesk: osaka\n"),
        ("margin: false\n", "desk: osaka\nmargin: false\n"),
        ("desk: tokyo", "desk: osaka\n"),
    ],
)
def test_a_name_is_put_into_the_file_and_nothing_else_is_changed(tmp_path, text, made):
    path = tmp_path / "desk.yaml"
    path.write_text(text, encoding="utf-8")
    name_desk(path, "osaka")
    assert path.read_text(encoding="utf-8") == made


def test_another_desk_is_refused_and_changes_nothing(new, shared, tmp_path):
    run_day(open_desk(new, now=MORNING))
    before = shared.read_bytes()
    other = create_workspace(tmp_path / "other", "simulated").root
    for look in (lambda: run_day(open_desk(other, now=MORNING)), lambda: journaled(other)):
        with pytest.raises(StateError, match=f'kept for the desk "{name(new)}", and this one is') as caught:
            look()
    assert caught.value.exit == ExitStatus.STATE
    assert f"desk: {name(new)}" in caught.value.do
    assert shared.read_bytes() == before


def test_the_same_desk_may_be_on_another_machine(new, shared, tmp_path):
    """A copy of the workspace, or one that was given its name: each morning is done once."""
    run_day(open_desk(new, now=MORNING))
    other = Path(shutil.copytree(new, tmp_path / "other"))
    assert run_day(open_desk(other, now=MORNING)).intent is Intent.SHOW_AGAIN
    assert run_day(open_desk(other, now=NEXT_MORNING)).intent is Intent.JOURNAL
    assert run_day(open_desk(new, now=NEXT_MORNING)).intent is Intent.SHOW_AGAIN
    assert journaled(other, NEXT_MORNING) == journaled(new, NEXT_MORNING)


def test_a_desk_without_a_name_must_say_which_it_is(desk, shared):
    edited(desk, "params/desk.yaml", f'desk: "{name(desk)}"', 'desk: ""')
    with pytest.raises(ParamsError, match="kept for one desk, and this one has no name") as caught:
        journaled(desk)
    assert "desk: NAME" in caught.value.do
    assert not shared.exists()


def test_a_file_of_its_own_needs_no_name(desk):
    before = journaled(desk)
    edited(desk, "params/desk.yaml", f'desk: "{name(desk)}"', 'desk: ""')
    assert journaled(desk) == before


def test_a_replay_into_a_folder_stays_in_it(desk, shared, tmp_path):
    """Or the past would be replayed into the journal that the desk trades by."""
    run_replay(open_desk(desk, now=MORNING).with_journal_in(tmp_path / "into"), str(D), str(D))
    assert (tmp_path / "into" / "journal.sqlite").exists()
    assert not shared.exists()


def test_a_lab_cannot_reach_it(desk, shared):
    lab = open_lab(desk, now=MORNING)
    with pytest.raises(ParamsError, match="no name"):
        lab.desk.journal()
    assert not shared.exists()


@pytest.mark.parametrize("bad", ["a b", "七", "x" * 65, "5"])
def test_a_name_is_short_and_plain(desk, bad):
    edited(desk, "params/desk.yaml", f'desk: "{name(desk)}"', f"desk: {bad}")
    with pytest.raises(ParamsError, match="desk: "):
        open_desk(desk, now=MORNING)
