"""The kill switch: a halt stops buys from the next decision on and takes back open ones; sells go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, StateError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.lookback.verification import verify_morning
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.replays import replay_into_copy
from jstock_core.desk.trading.halts import halt_buys, resume_buys
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.outgoing.mail import mail_body, mail_subject, phone_text
from jstock_core.reports.render.outgoing.signals_file import signals_json
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.since import since_section
from jstock_core.reports.render.sections.top import top_section
from jstock_core.state.facts.events import Halted, OrderCancelled, Resumed
from tests.desk.trading.mornings import (
    NEXT,
    T,
    at,
    new_desk,
    open_orders,
    placed,
    root,
    run,
    texts,
    write_days,
)

JAPANESE = Words("ja", "red")
SELL, BUYS = ("SELL", "7203"), [("BUY", "6501"), ("BUY", "9001")]
HOLDINGS = "銘柄コード,保有数量,取得単価\n7203,300,1015\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def desk(tmp_path: Path, files: Path) -> Desk:
    return new_desk(tmp_path / "desk", files)


@pytest.fixture
def paper(tmp_path: Path, files: Path) -> Desk:
    return new_desk(tmp_path / "paper", files, fills="open")


# The next decision


@pytest.mark.parametrize("fills", ["manual", "open"])
def test_a_halted_desk_sells_and_buys_nothing(tmp_path, files, fills):
    desk = new_desk(tmp_path / "desk", files, fills=fills)
    halt_buys(at(desk, "06:40"), reason="wrong prices")
    day = run(desk, "07:00")
    assert open_orders(desk) == [SELL]
    [alert] = [alert for alert in day.alerts if alert.kind == "halted"]
    assert "since 2026-01-21 06:40, nothing is bought and sells go on: wrong prices" in alert.text
    assert "jstock resume --reason" in alert.remedy
    assert day.exit == ExitStatus.DEGRADED
    assert [decided.status for decided in day.decided] == ["complete"], "all was evaluated, as it was wanted"
    assert {refused.reason for refused in day.report.execution.refused} == {
        "entries stopped: halted since 2026-01-21 06:40: wrong prices"
    }
    assert {buy.cause for buy in day.report.buys} == {"halt"}


def test_it_is_shown_everywhere(desk, capsys):
    halt_buys(at(desk, "06:40"), reason="wrong prices")
    day = run(desk, "07:00")
    report = day.report
    assert report.headline.halted == tuple(texts(day, "halted"))
    assert report.headline.as_json()["halted"]
    assert signals_json(report)["halted"] == list(report.halted)
    facts = [event for event in report.execution.events if event.kind == "halt"]
    assert [event.text for event in facts] == ["wrong prices"]
    assert "Buying halted" in since_section(report, ENGLISH).markdown
    assert mail_subject(report, ENGLISH).startswith("[HALTED] ")
    assert "wrong prices" in mail_body(report, ENGLISH, {}).text
    assert "wrong prices" in phone_text(report, ENGLISH)
    chips = {words: top_section(report, words).html for words in (ENGLISH, JAPANESE)}
    assert '<span class="chip alert">HALTED</span>' in chips[ENGLISH]
    assert '<span class="chip alert">買い停止中</span>' in chips[JAPANESE]
    japanese = mail_body(report, JAPANESE, {}).text
    assert "wrong prices" in japanese
    assert "nothing is bought" not in japanese
    assert "entries stopped" not in japanese
    status = portfolio_status(at(desk, "07:30"))
    assert status.as_json()["halted"] == [
        {"group": "", "session": "2026-01-21", "at": "2026-01-21T06:40", "reason": "wrong prices"}
    ]
    assert jstock(["trade", "status", *root(desk, "07:30")]) == ExitStatus.OK
    assert capsys.readouterr().out.startswith("HALTED all groups since 2026-01-21 06:40")
    assert jstock(["trade", "prepare", *root(desk, "07:30")]) == ExitStatus.DEGRADED
    assert "wrong prices" in capsys.readouterr().out


def test_an_explanation_knows_why_nothing_was_entered(desk, capsys):
    halt_buys(at(desk, "06:40"), reason="wrong prices")
    run(desk, "07:00")
    assert jstock(["explain", "6501", *root(desk, "07:30")]) == ExitStatus.OK
    shown = " ".join(capsys.readouterr().out.split())
    assert "entries stopped: halted since 2026-01-21 06:40: wrong prices" in shown
    assert "the group may enter" not in shown


def test_nothing_says_halted_where_nothing_is(desk):
    report = run(desk, "07:00").report
    assert "halted" not in report.headline.as_json()
    assert "halted" not in signals_json(report)
    assert "HALTED" not in mail_subject(report, ENGLISH)


def test_a_preview_knows_the_halt_before_the_morning_does(desk):
    halt_buys(at(desk, "06:40"), reason="wrong prices")
    prepared = preview_morning(at(desk, "06:45"))
    assert {ticket.side for ticket in prepared.actions.execution.standing} == {"SELL"}
    assert prepared.as_json()["halted"]


def test_a_group_is_halted_alone(desk):
    change = halt_buys(at(desk, "06:40"), reason="its rules are odd", group="core")
    assert [scope for scope, _ in change.halts] == ["core"]
    assert texts(run(desk, "07:00"), "halted")[0].startswith("core: halted since")
    assert open_orders(desk) == [SELL]
    with pytest.raises(UsageError, match='there is no group "cure"'):
        halt_buys(at(desk, "07:10"), reason="x", group="cure")


# A decided morning


def test_open_buys_are_taken_back_and_a_person_is_told_what_to_do(desk):
    run(desk, "07:00")
    assert open_orders(desk) == [*BUYS, SELL]
    change = halt_buys(at(desk, "08:10"), reason="wrong prices")
    assert open_orders(desk) == [SELL]
    assert [order.code for order in change.withdrawn] == ["6501", "9001"]
    assert all("cancel it at the broker where you placed it: core BUY" in text for text in change.advice)
    assert len(change.advice) == 2
    ends = [e for e in desk.journal().events() if isinstance(e, OrderCancelled)]
    assert {(end.source, end.reason) for end in ends} == {("halt", "halted: wrong prices")}


def test_on_paper_there_is_nothing_for_a_person_to_do(paper):
    run(paper, "07:00")
    change = halt_buys(at(paper, "08:59"), reason="wrong prices")
    assert len(change.withdrawn) == 2
    assert change.advice == ()
    assert open_orders(paper) == [SELL]


def test_what_has_met_the_open_is_the_brokers_to_say(desk, paper):
    for made in (desk, paper):
        run(made, "07:00")
    late = halt_buys(at(desk, "09:00"), reason="wrong prices")
    assert (late.withdrawn, len(late.by_hand)) == ((), 2)
    assert "its session has opened" in late.advice[0]
    assert halt_buys(at(paper, "09:00"), reason="wrong prices").advice == ()
    assert open_orders(desk) == open_orders(paper) == [*BUYS, SELL]


def test_the_next_run_revises_the_decision_and_the_report_follows(desk):
    run(desk, "07:00")
    halt_buys(at(desk, "08:10"), reason="wrong prices")
    before = portfolio_status(at(desk, "08:12")).since_decision
    assert before is not None
    assert "halt: wrong prices" in before.headline
    assert {change.verb for change in before.orders} == {"cancel", "keep"}
    day = run(desk, "08:15")
    assert day.intent is Intent.JOURNAL
    assert [decided.revision for decided in day.decided] == [1]
    assert "Cancel at the broker: core BUY" in texts(day, "revision_cancel")[0]
    assert texts(day, "revision_keep")[0].startswith("Keep at the broker: core SELL")
    assert {ticket.side for ticket in day.report.execution.standing} == {"SELL"}
    assert run(desk, "08:20").intent is Intent.SHOW_AGAIN, "nothing is revised twice"


def test_too_late_for_a_revision_the_report_still_knows_what_was_withdrawn(desk):
    run(desk, "07:00")
    halt_buys(at(desk, "08:55"), reason="wrong prices")
    day = run(desk, "08:56", Intent.SHOW_AGAIN)
    assert {ticket.side for ticket in day.report.execution.standing} == {"SELL"}
    assert len(day.report.execution.broker) == 1
    assert texts(day, "halted")


def test_it_works_where_the_market_data_are_damaged(paper):
    """The journal alone is read: a kill switch must not wait for what is to be mended."""
    run(paper, "07:00")
    parts = [path for path in paper.workspace.data.rglob("*.parquet") if path.is_file()]
    assert parts
    for path in parts:
        path.write_bytes(b"damaged")
    for path in list(paper.workspace.data.rglob("*.npy")):
        path.unlink()
    command = ["halt", "--reason", "wrong prices", *root(paper, "08:00")]
    assert jstock(command) == ExitStatus.OK
    assert open_orders(paper) == [SELL]
    assert jstock(["daily", *root(paper, "08:05")]) == ExitStatus.DATA


def test_a_halt_may_be_repeated(desk):
    first = halt_buys(at(desk, "06:40"), reason="wrong prices")
    again = halt_buys(at(desk, "06:50"), reason="still wrong")
    assert (len(first.recorded), again.recorded) == (1, ())
    assert [halt.reason for _, halt in again.halts] == ["wrong prices"]


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 201])
def test_a_reason_is_one_short_sentence(desk, reason):
    before = desk.journal().history()
    with pytest.raises(UsageError, match="reason"):
        halt_buys(at(desk, "06:40"), reason=reason)
    assert desk.journal().history() == before


# Buys again


def test_resume_lets_the_next_decision_buy_and_revise_orders_again(paper):
    run(paper, "07:00")
    halt_buys(at(paper, "08:00"), reason="wrong prices")
    done = resume_buys(at(paper, "08:10"), reason="they were right")
    assert (done.halts, len(done.recorded)) == ((), 1)
    assert texts(run(paper, "08:15"), "halted") == []
    assert open_orders(paper) == [SELL], "nothing is bought without consent"
    run(paper, "08:20", Intent.REVISE)
    assert open_orders(paper) == [*BUYS, SELL]
    assert [revision for side, _, revision in placed(paper) if side == "BUY"] == [0, 0, 1, 1]


def test_what_is_not_halted_is_not_resumed(paper):
    with pytest.raises(UsageError, match="the desk is not halted"):
        resume_buys(at(paper, "07:00"), reason="x")
    halt_buys(at(paper, "07:00"), reason="x", group="core")
    with pytest.raises(UsageError, match="the desk is not halted") as caught:
        resume_buys(at(paper, "07:01"), reason="x")
    assert "group core" in caught.value.where
    assert resume_buys(at(paper, "07:02"), reason="x", group="core").halts == ()


def test_a_desk_by_hand_is_compared_with_the_broker_first(desk, tmp_path):
    halt_buys(at(desk, "06:40"), reason="wrong prices")
    with pytest.raises(UsageError, match="not compared with the broker's list") as caught:
        resume_buys(at(desk, "06:50"), reason="x")
    assert "--positions FILE" in caught.value.do
    positions = tmp_path / "broker.csv"
    positions.write_text(HOLDINGS.replace("300", "200"), encoding="utf-8")
    with pytest.raises(StateError, match="other shares of 1 codes") as refused:
        resume_buys(at(desk, "06:50"), reason="x", positions=str(positions))
    assert refused.value.where == "7203: the desk 300, the broker 200"
    assert desk.journal().book().halts
    positions.write_text(HOLDINGS, encoding="utf-8")
    resume_buys(at(desk, "06:55"), reason="as the broker says", positions=str(positions))
    [resumed] = [e for e in desk.journal().events() if isinstance(e, Resumed)]
    assert resumed.positions.startswith("csv:")
    assert desk.journal().book().halts == {}


def test_it_is_refused_while_an_order_is_unresolved(desk, tmp_path):
    run(desk, "07:00")
    halt_buys(at(desk, "09:10"), reason="wrong prices")
    positions = tmp_path / "broker.csv"
    positions.write_text(HOLDINGS, encoding="utf-8")
    with pytest.raises(StateError, match="not known what became of 3 orders") as caught:
        resume_buys(at(desk, "09:20"), reason="x", positions=str(positions))
    assert "order:2026-01-21:core:7203:SELL" in caught.value.where
    assert "`jstock trade record --date 2026-01-21`" in caught.value.do


# Looking back


def test_a_halted_morning_is_proven_and_replayed_as_it_was_lived(paper, tmp_path):
    halt_buys(at(paper, "06:40"), reason="wrong prices")
    run(paper, "07:00")
    resume_buys(at(paper, "07:30"), reason="right")
    proof = verify_morning(at(paper, "07:40"), str(T))
    assert proof.is_proven, proof.sentence
    replay_into_copy(at(paper, "07:40"), str(T), str(T), tmp_path / "again")
    again = at_copy(tmp_path / "again")
    assert {side for side, _, _ in placed(again)} <= {"SELL"}


def test_a_halt_between_decision_and_open_counts_in_a_replay(paper, tmp_path):
    run(paper, "07:00")
    halt_buys(at(paper, "08:10"), reason="wrong prices")
    assert verify_morning(at(paper, "08:20"), str(T)).is_proven, "the first decision bought"
    replay_into_copy(at(paper, "08:20"), str(T), str(T), tmp_path / "again")
    assert not [order for order in placed(at_copy(tmp_path / "again")) if order[0] == "BUY"]


def test_a_halt_after_the_open_changes_no_replay_of_that_day(paper, tmp_path):
    run(paper, "07:00")
    halt_buys(at(paper, "09:10"), reason="wrong prices")
    replay_into_copy(at(paper, "09:20"), str(T), str(T), tmp_path / "again")
    assert [order for order in placed(at_copy(tmp_path / "again")) if order[0] == "BUY"]


def test_a_backtest_knows_no_halt(paper):
    span = ("2026-01-05", str(T))
    before = run_backtest(at(paper, "06:35"), *span)
    halt_buys(at(paper, "06:40"), reason="wrong prices")
    run(paper, "07:00")
    after = run_backtest(at(paper, "07:10"), *span)
    assert (after.trades, after.records) == (before.trades, before.records)


def test_facts_of_the_date_itself_are_part_of_what_is_proven(paper):
    """A deposit at half past six is in the book that the morning decides on."""
    command = ["trade", "cash", "deposit", "core", "3000000", *root(paper, "06:35")]
    assert jstock(command) == ExitStatus.OK
    run(paper, "07:00")
    assert verify_morning(at(paper, "07:40"), str(T)).is_proven


def at_copy(folder: Path) -> Desk:
    from jstock_core.desk.workspace.desk import open_desk

    return open_desk(folder, now=f"{NEXT}T06:00")


# The commands


def test_the_commands(paper, capsys):
    run(paper, "07:00")
    words = ["halt", "--reason", "wrong prices", "--by", "sato", *root(paper, "08:00")]
    assert jstock(words) == ExitStatus.OK
    text = capsys.readouterr().out
    assert "HALTED all groups since 2026-01-21 08:00: wrong prices" in text
    assert "withdrawn: core BUY" in text
    assert jstock(["halt", "--reason", "again", "--json", *root(paper, "08:01")]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["recorded"] == []
    assert jstock(["resume", "--reason", "fine", "--json", *root(paper, "08:02")]) == ExitStatus.OK
    shown = json.loads(capsys.readouterr().out)
    assert (shown["recorded"], shown["halted"]) == (["resume:2026-01-21::0"], [])
    assert jstock(["resume", "--reason", "fine", *root(paper, "08:03")]) == ExitStatus.USAGE
    made = [e for e in paper.journal().history() if isinstance(e, Halted | Resumed)]
    assert [type(event) for event in made] == [Halted, Resumed]
    assert made[0].by == "sato"


def test_a_revision_is_advised_only_while_there_is_time_for_it(paper):
    run(paper, "07:00")
    halt_buys(at(paper, "08:00"), reason="wrong prices")
    assert resume_buys(at(paper, "08:10"), reason="they were right").can_revise
    halt_buys(at(paper, "08:20"), reason="wrong prices")
    assert not resume_buys(at(paper, "08:50"), reason="they were right").can_revise
