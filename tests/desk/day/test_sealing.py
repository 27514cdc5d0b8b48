"""A sealed morning: its hash is mailed before the open and proves later what was decided."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.sealing import morning_seals, newest_seal
from jstock_core.desk.trading.halts import halt_buys
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.outgoing.mail import mail_body
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.provenance import provenance_section
from jstock_core.state.facts.events import Decided, Event, OrderPlaced
from tests.desk.trading.mornings import T, at, new_desk, root, run, write_days


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def desk(tmp_path: Path, files: Path) -> Desk:
    return new_desk(tmp_path / "desk", files, seal=True)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, files: Path) -> tuple[Event, ...]:
    """What a morning recorded."""
    made = new_desk(tmp_path_factory.mktemp("history") / "desk", files)
    run(made, "07:00")
    return made.journal().history()


def test_the_seal_stands_where_it_can_be_kept_before_the_open(desk):
    report = run(desk, "07:00").report
    seal = newest_seal(desk.journal().history(), T)
    assert len(seal) == 64
    assert report.headline.as_json()["seal"] == seal
    assert f"Seal of this morning: {seal}" in provenance_section(report, ENGLISH).markdown
    body = mail_body(report, ENGLISH, {})
    assert f"Seal of this morning: {seal}" in body.text
    assert seal in body.html
    assert f"今朝の記録の照合用ハッシュ：{seal}" in mail_body(report, Words("ja", "red"), {}).text


def test_without_the_parameter_nothing_of_it_is_shown(tmp_path, files):
    report = run(new_desk(tmp_path / "desk", files), "07:00").report
    assert "seal" not in report.headline.as_json()
    assert "Seal" not in mail_body(report, ENGLISH, {}).text
    assert "Seal" not in provenance_section(report, ENGLISH).markdown


def test_a_rehearsal_and_a_preview_have_none(desk):
    assert run(desk, "06:50", Intent.PREVIEW).report.headline.seal == ""
    assert run(desk, "06:50", Intent.REHEARSE).report.headline.seal == ""


def test_it_is_the_same_whenever_it_is_asked_for(desk, monkeypatch):
    first = run(desk, "07:00").report.headline.seal
    monkeypatch.setenv("JSTOCK_USER", "somebody else")
    command = ["trade", "cash", "deposit", "core", "1000", "--reason", "x", *root(desk, "08:00")]
    assert jstock(command) == ExitStatus.OK
    assert run(desk, "08:55", Intent.SHOW_AGAIN).report.headline.seal == first


def test_a_revision_has_a_seal_of_its_own_and_both_are_proven(desk, capsys):
    first = run(desk, "07:00").report.headline.seal
    halt_buys(at(desk, "08:00"), reason="wrong prices")
    assert run(desk, "08:02", Intent.SHOW_AGAIN).report.headline.seal == first, "a halt decides nothing"
    second = run(desk, "08:05").report.headline.seal
    assert second != first
    for seal, said in ((first, "sealed: the decision is the one"), (second, "sealed: revision 1 of the")):
        status = jstock(["runs", "verify", str(T), "--seal", seal, *root(desk, "08:10")])
        text = " ".join(capsys.readouterr().out.split())
        assert (status, said in text) == (ExitStatus.OK, True), text
        assert "proven:" in text


def test_another_seal_is_refuted(desk, capsys):
    run(desk, "07:00")
    wrong = "0" * 64
    status = jstock(["runs", "verify", str(T), "--seal", wrong, "--json", *root(desk, "08:10")])
    found = json.loads(capsys.readouterr().out)
    assert status == ExitStatus.DIFFERENCES
    assert found["sealed"] == {"given": wrong, "holds": False, "revision": None}
    assert (found["proven"], len(found["seal"])) == (True, 64)
    assert jstock(["runs", "verify", str(T), "--seal", "abc", *root(desk, "08:10")]) == ExitStatus.USAGE


def test_a_mail_may_break_it_into_lines(desk):
    seal = run(desk, "07:00").report.headline.seal
    broken = f"{seal[:30].upper()}\n {seal[30:]}"
    assert jstock(["runs", "verify", str(T), "--seal", broken, *root(desk, "08:10")]) == ExitStatus.OK


@given(st.data())
def test_whatever_is_changed_afterwards_breaks_it(history, data):
    """Of an order, a decision's time, its signals or what it was made of."""
    seal = newest_seal(history, T)
    own = [n for n, e in enumerate(history) if e.session == T and isinstance(e, Decided | OrderPlaced)]
    place = data.draw(st.sampled_from(own))
    changed = data.draw(changes(history[place]))
    assert newest_seal([*history[:place], changed, *history[place + 1 :]], T) != seal


def changes(event: Event) -> st.SearchStrategy[Event]:
    if isinstance(event, OrderPlaced):
        return st.sampled_from(
            [
                replace(event, shares=event.shares + 100),
                replace(event, reason=f"{event.reason}."),
                replace(event, reserve=event.reserve + 1),
            ]
        )
    assert isinstance(event, Decided)
    text = event.details.text
    parts = [replace(event, decided_at="2026-01-21T06:59"), replace(event, status="degraded")]
    for old, new in (('"action":"BUY"', '"action":"SELL_100%"'), ('"edition":"', '"edition":"9')):
        assert old in text
        parts.append(replace(event, details=type(event.details)(text.replace(old, new, 1))))
    return st.sampled_from(parts)


def test_nothing_decided_has_no_seal(history):
    assert morning_seals([], T) == ()
    assert newest_seal([event for event in history if event.session != T], T) == ""
