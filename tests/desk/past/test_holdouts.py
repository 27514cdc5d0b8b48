"""A desk's holdout: declared, kept out, opened once with one group, and what is refused."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.cli.research import holdout
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.past import holdouts
from jstock_core.desk.past.holdouts import keep_back, list_holdouts, open_desk_holdout
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.trials.rows import strategy_digest
from jstock_core.desk.workspace.desk import open_desk
from tests.desk.days import MORNING


@pytest.fixture(autouse=True)
def _unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proven is tested with backtests, and takes seconds."""
    monkeypatch.setattr(Trial, "prove", lambda self: self)


def test_it_is_opened_once_with_one_group_and_counted(new: Path) -> None:
    desk = open_desk(new, now=MORNING)
    keep_back(desk, "2026-01-01")
    done = open_desk_holdout(desk, group="conservative")
    assert done.holdout.first == done.trial.done.first == date(2026, 1, 5)
    opening = done.holdout.opening
    assert (opening.group, opening.last) == ("conservative", date(2026, 1, 20))
    group = next(group for group in desk.groups if group.id == "conservative")
    assert opening.digest == strategy_digest(group.declared, group.rules)
    assert (done.exit, done.comparison.tally.trials) == (ExitStatus.OK, 1)
    assert "unseen no more" in done.comparison.notes[-1]
    with pytest.raises(UsageError, match="was opened before, on 2026-01-21"):
        open_desk_holdout(desk, group="aggressive")
    assert list_holdouts(desk).holdouts == (done.holdout,)


def test_a_candidate_opens_it(new: Path) -> None:
    lab = open_lab(new, now=MORNING)
    lab.declare_holdout("2026-01-13")
    lab.save(lab.group("conservative").but(entry__buy_threshold=60), "picky")
    desk = open_desk(new, now=MORNING)
    with pytest.raises(UsageError, match='there is no candidate "pick"'):
        open_desk_holdout(desk, candidate="pick")
    assert open_desk_holdout(desk, candidate="picky").trial.groups[0].entry.buy_threshold == 60
    with pytest.raises(UsageError, match="was opened before"):
        lab.open_holdout("conservative")


def test_it_stays_closed_where_it_cannot_be_tried(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk(new, now=MORNING)
    with pytest.raises(UsageError, match="no holdout is declared"):
        open_desk_holdout(desk, group="conservative")
    keep_back(desk, "2026-01-21", sure=True)
    with pytest.raises(UsageError, match="no session of the holdout is over yet"):
        open_desk_holdout(desk, group="conservative")
    for wrong in ({}, {"group": "conservative", "candidate": "picky"}):
        with pytest.raises(UsageError, match="opened with one group"):
            open_desk_holdout(desk, **wrong)
    later = open_desk(new, now="2026-01-22T07:00")

    def fail(*_):
        raise DataError("no data for all of these sessions")

    monkeypatch.setattr(holdouts, "fold_groups", fail)
    with pytest.raises(DataError):
        open_desk_holdout(later, group="conservative")
    assert list_holdouts(later).holdouts[0].opening is None


def test_the_commands_show_it_and_print_json(new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answered(*words: str) -> tuple[int, str]:
        status = run(["holdout", *words, "--workspace", str(new), "--now", MORNING])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    assert answered("show") == (
        0,
        "no holdout is declared: research sees every session\nno trials in this workspace\n",
    )
    assert "2026-01-13 on are kept back" in answered("declare", "2026-01-10")[1]
    assert answered("declare", "2026-01-14")[0] == ExitStatus.USAGE
    assert answered("declare", "soon")[0] == ExitStatus.USAGE
    assert "leaves no session for research" in answered("declare", "2020-01-06")[1]
    status, said = answered("open", "--group", "aggressive")
    assert status == ExitStatus.USAGE
    assert "the holdout was not opened" in said
    assert json.loads(answered("show", "--json")[1])["holdouts"][0]["used"] is False
    status, said = answered("open", "--group", "aggressive", "--yes", "--json")
    found = json.loads(said)
    assert (status, found["holdout"]["used"], found["trials"]) == (0, True, 1)
    assert found["chance"]["aggressive"]["deflated"] is None, "six sessions are too few"
    (shown,) = json.loads(answered("show", "--json")[1])["holdouts"]
    assert shown["opening"]["group"] == "aggressive"
    status, said = answered("open", "--group", "conservative", "--yes")
    assert status == ExitStatus.USAGE
    assert "was opened before" in said


@pytest.mark.parametrize(("typed", "status"), [("yes", ExitStatus.OK), ("y", ExitStatus.USAGE)])
def test_at_a_terminal_it_asks_before_it_opens(
    new: Path, monkeypatch: pytest.MonkeyPatch, typed: str, status: ExitStatus
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(holdout, "ask", lambda question, default: typed)
    keep_back(open_desk(new, now=MORNING), "2026-01-13")
    place = ["--workspace", str(new), "--now", MORNING]
    assert run(["holdout", "open", "--group", "conservative", *place]) == status
    (found,) = list_holdouts(open_desk(new, now=MORNING)).holdouts
    assert (found.opening is not None) == (status == ExitStatus.OK)


def test_one_that_begins_after_all_data_needs_consent(
    new: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def declared(*words: str) -> int:
        return run(["holdout", "declare", *words, "--workspace", str(new), "--now", MORNING])

    assert declared("2027-05-01") == ExitStatus.USAGE
    refused = capsys.readouterr().err
    assert "keeps nothing back yet, and cannot be taken back" in refused
    assert "--yes" in refused
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(holdout, "ask", lambda *_: "no")
    assert declared("2027-05-01") == ExitStatus.USAGE
    assert list_holdouts(open_desk(new, now=MORNING)).holdouts == ()
    monkeypatch.setattr(holdout, "ask", lambda *_: "yes")
    assert declared("2027-05-01") == ExitStatus.OK
    assert declared("2026-01-05") == ExitStatus.OK, "it keeps more back"
    outer, inner = list_holdouts(open_desk(new, now=MORNING)).holdouts
    assert (str(outer.first), str(inner.first), inner.within) == ("2026-01-05", "2027-05-06", outer.first)


def test_one_whose_sessions_trials_saw_needs_consent_and_says_so_when_it_is_opened(
    new: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab(new, now=MORNING)
    lab.backtest("conservative", "2025-12-01", "2026-01-15")
    with pytest.raises(UsageError, match="from 2026-01-13 on was looked at before") as refused:
        lab.declare_holdout("2026-01-13")
    assert refused.value.where == "1 trial saw its sessions up to 2026-01-15, which prove nothing any more"
    assert refused.value.do.startswith("declare one from 2026-01-16 on, which nobody has seen")
    assert 'lab.declare_holdout("2026-01-13", sure=True)' in refused.value.do
    words = ["holdout", "declare", "2026-01-13", "--workspace", str(new), "--now", MORNING]
    assert run(words) == ExitStatus.USAGE
    assert "--yes" in capsys.readouterr().err
    questions: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(holdout, "ask", lambda question, _: questions.append(question) or "yes")
    assert run(words) == ExitStatus.OK
    assert "1 trial saw its sessions up to 2026-01-15" in questions[0]
    said = "1 trial had seen sessions of it before, which prove nothing"
    assert said in lab.holdout.sentence
    assert said in lab.open_holdout("aggressive").trial.comparison.notes[-1]
    assert said in lab.holdout.sentence


def test_one_after_what_trials_saw_needs_none(new: Path) -> None:
    lab = open_lab(new, now=MORNING)
    lab.backtest("conservative", "2025-12-01", "2026-01-15")
    assert lab.declare_holdout("2026-01-16").seen == 0
