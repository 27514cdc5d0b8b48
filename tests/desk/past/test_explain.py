"""`jstock explain`: the errand on a desk with a journal, before and after the day, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.desk.day.day import run_day
from jstock_core.desk.past.explain import explain_decision
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.render.page import MorningPage

NOW, LATER = "2026-01-21T07:00", "2026-01-27T07:00"
T = "2026-01-21"


@pytest.fixture(scope="module")
def desk(shared_desk) -> Path:
    """A simulated desk with twenty mornings behind it that has decided for T."""
    return shared_desk().workspace.root


@pytest.fixture
def copy(desk: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(desk, tmp_path / "ws"))


def signals(desk: Path) -> list[dict]:
    day = run_day(open_desk(desk, now=NOW), T, Intent.SHOW_AGAIN)
    return [dict(signal) | {"group": d.group} for d in day.decided for signal in d.signals]


def test_a_decided_day_is_told_as_journaled(desk: Path):
    """Every BUY of the day, with its score and what became of it, and nothing is added to the journal."""
    before = (desk / "data" / "state" / "journal.sqlite").read_bytes()
    for signal in signals(desk)[:3]:
        [core] = explain_decision(open_desk(desk, now=NOW), signal["code"], T, signal["group"]).groups
        assert core.decided.startswith("journaled, complete")
        assert core.verdict.action == signal["action"]
        assert core.entry.score == pytest.approx(signal["score"])
        assert bool(core.verdict.order) != bool(core.verdict.why_no_order)
        assert core.notes == ()
    assert (desk / "data" / "state" / "journal.sqlite").read_bytes() == before


def test_a_holding_shows_its_exit(desk: Path):
    day = run_day(open_desk(desk, now=NOW), T, Intent.SHOW_AGAIN)
    held = day.report.portfolio.held[0]
    core = next(
        g for g in explain_decision(open_desk(desk, now=NOW), held.code, T).groups if g.group == held.group
    )
    assert core.held is not None
    assert core.held.shares == held.shares
    below = [x for x in core.layers if x.level is not None and x.level < held.close]
    assert max(x.level for x in below) == pytest.approx(held.stop.price)


def test_a_day_to_come_is_decided_in_memory(copy: Path):
    explanation = explain_decision(open_desk(copy, now="2026-01-22T07:00"), "1003", "2026-01-22").explanation
    assert explanation.intent is Intent.PREVIEW
    assert all(core.decided == "decided in memory, nothing is journaled" for core in explanation.groups)


def test_later_data_do_not_change_what_is_told(copy: Path):
    """The store grows by four sessions; the morning is told as it was."""
    [signal, *_] = signals(copy)
    then = explain_decision(open_desk(copy, now=NOW), signal["code"], T, signal["group"])
    run(["data", "fetch", "-w", str(copy), "--now", LATER])
    [later] = explain_decision(open_desk(copy, now=LATER), signal["code"], T, signal["group"]).groups
    assert later.verdict == then.groups[0].verdict
    assert later.entry == then.groups[0].entry
    assert later.notes == then.groups[0].notes, "what it saw is shown, so nothing is to be said of later data"


def test_the_parameters_of_then_explain_the_decision_of_then(copy: Path):
    signal = next(s for s in signals(copy) if s["group"] == "aggressive")
    path = copy / "params" / "groups" / "aggressive.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("buy_threshold: 65", "buy_threshold: 99"), encoding="utf-8")
    [core] = explain_decision(open_desk(copy, now=NOW), signal["code"], T, "aggressive").groups
    assert core.entry.threshold == 65
    assert core.verdict.action == "BUY"
    assert "parameters have been changed since" in core.notes[0]


def test_a_group_that_is_gone_is_still_explained(copy: Path):
    (copy / "params" / "groups" / "aggressive.yaml").unlink()
    groups = {core.group for core in explain_decision(open_desk(copy, now=NOW), "1003", T).groups}
    assert groups == {"aggressive", "conservative"}
    assert explain_decision(open_desk(copy, now=NOW), "1003", T, "aggressive").groups[0].group == "aggressive"


def test_a_group_declared_since_says_that_it_did_not_decide(copy: Path):
    folder = copy / "params" / "groups"
    shutil.copy(folder / "aggressive.yaml", folder / "fresh.yaml")
    [core] = explain_decision(open_desk(copy, now=NOW), "1003", T, "fresh").groups
    assert core.decided.startswith("not decided by this group")


def test_the_report_explains_as_the_command_does(desk: Path, capsys: pytest.CaptureFixture[str]):
    """Every stock of the report, in the groups it names, against what the command prints for programs."""
    made = run_day(open_desk(desk, now=NOW), T, Intent.SHOW_AGAIN).report.explanations
    assert len(made.stocks) > 10
    for stock in made.stocks[::4]:
        assert (
            run(["explain", stock.explanation.code, "--date", T, "-w", str(desk), "--now", NOW, "--json"])
            == 0
        )
        told = json.loads(capsys.readouterr().out)
        groups = {group["group"]: group for group in told.pop("groups")}
        own = json.loads(json.dumps(stock.explanation.as_json()))
        assert own.pop("groups") == [groups[group.group] for group in stock.explanation.groups]
        assert stock.explanation.groups
        assert own == told
        assert stock.history.closes[-1] == pytest.approx(told["close"], abs=0.0501)


def test_a_stock_is_explained_on_the_page_in_less_than_twenty_kilobytes(desk: Path):
    """With 45 of them the page stays under a megabyte."""
    report = run_day(open_desk(desk, now=NOW), T, Intent.SHOW_AGAIN).report
    page = MorningPage(report).explanations.html
    assert len(page) / len(report.explanations.stocks) < 20_000


def test_an_unknown_code_is_met_with_a_near_one(desk: Path):
    with pytest.raises(UsageError, match='there is no stock "1004"; did you mean "1'):
        explain_decision(open_desk(desk, now=NOW), "1004", T)
    with pytest.raises(UsageError, match="not a TSE stock code"):
        explain_decision(open_desk(desk, now=NOW), "toyota", T)
    with pytest.raises(UsageError, match='did you mean "conservative"'):
        explain_decision(open_desk(desk, now=NOW), "1003", T, "conservatve")


def test_the_command_shows_tables_and_json(desk: Path, capsys: pytest.CaptureFixture[str]):
    options = ["--date", T, "-w", str(desk), "--now", NOW]
    assert run(["explain", "1003", *options]) == ExitStatus.OK
    shown = capsys.readouterr().out
    assert "SIMULATED MARKET" in shown
    assert "what was decided" in shown
    assert run(["explain", "1003", *options, "--json"]) == ExitStatus.OK
    data = json.loads(capsys.readouterr().out)
    assert data == json.loads(json.dumps(explain_decision(open_desk(desk, now=NOW), "1003", T).as_json()))
    assert run(["explain", "1004", *options]) == ExitStatus.USAGE
    assert "did you mean" in capsys.readouterr().err
