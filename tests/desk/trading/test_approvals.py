"""Buys that wait for a person's approval; sells need nobody's.

T is Wednesday 21 January 2026. The group sells 7203 and buys 6501 and 9001.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.publishing.tickets import read_tickets
from jstock_core.desk.lookback.verification import verify_morning
from jstock_core.desk.past.replays import replay_into_copy
from jstock_core.desk.trading.approvals import approve_orders, waiting_approvals
from jstock_core.desk.trading.halts import halt_buys
from jstock_core.desk.trading.orders import list_orders
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.model.placements import placements, unplaced
from jstock_core.reports.render.outgoing.files import orders_csv
from jstock_core.reports.render.outgoing.mail import mail_body
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.state.facts.events import Approved, Filled, OrderExpired
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

BUYS, SELL = [("BUY", "6501"), ("BUY", "9001")], ("SELL", "7203")
ASK = {"approval": {"buys": True}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def desk(tmp_path: Path, files: Path) -> Desk:
    """A person fills its orders."""
    made = new_desk(tmp_path / "desk", files, **ASK)
    run(made, "07:00")
    return made


@pytest.fixture
def paper(tmp_path: Path, files: Path) -> Desk:
    made = new_desk(tmp_path / "paper", files, fills="open", **ASK)
    run(made, "07:00")
    return made


def waiting(desk: Desk, clock: str = "07:30") -> list[tuple[str, bool]]:
    return [(each.order.code, each.is_late) for each in waiting_approvals(at(desk, clock))]


def to_place(desk: Desk, clock: str) -> list[tuple[str, str]]:
    report = run(desk, clock, Intent.SHOW_AGAIN).report
    return sorted((each.side, each.code) for each in placements(report))


def settle(desk: Desk, files: Path) -> None:
    """The next morning, with T's bars."""
    import_folder(at(desk, "06:00", NEXT), str(files))
    run(desk, "07:00", day=NEXT)


def became(desk: Desk) -> dict[str, str]:
    """What became of T's orders, by code."""
    found = {}
    for event in desk.journal().events():
        if event.session == T and isinstance(event, Filled) and event.order_id:
            found[event.code] = "filled"
        elif event.session == T and isinstance(event, OrderExpired):
            found[event.code] = event.reason
    return found


# Waiting


@pytest.mark.parametrize("name", ["desk", "paper"])
def test_buys_wait_and_sells_do_not(request, name):
    made = request.getfixturevalue(name)
    assert open_orders(made) == [*BUYS, SELL]
    assert waiting(made) == [("6501", False), ("9001", False)]
    assert waiting(made, "08:50") == [("6501", True), ("9001", True)]
    assert to_place(made, "07:10") == [SELL]


def test_everything_says_that_they_wait(desk, capsys):
    report = run(desk, "07:10", Intent.SHOW_AGAIN).report
    [alert] = [each for each in report.alerts if each.kind == "approval"]
    assert alert.text.startswith("2 buys wait for approval until 08:50: core BUY")
    assert "`jstock trade approve --all --date 2026-01-21`" in alert.remedy
    assert (report.headline.orders, report.headline.orders_by_you) == (3, 1)
    assert {ticket.outcome for ticket in unplaced(report)} == {
        "waits for approval until 08:50: `jstock trade approve --code 6501`",
        "waits for approval until 08:50: `jstock trade approve --code 9001`",
    }
    rows = list(csv.DictReader(io.StringIO(orders_csv(report).removeprefix("\ufeff"))))
    assert {(row["code"], row["mark"], row["broker_ticket"] != "") for row in rows} == {
        ("7203", "", True), ("6501", "NOT APPROVED", False), ("9001", "NOT APPROVED", False),
    }  # fmt: skip
    assert "wait for approval until 08:50" in mail_body(report, ENGLISH, {}).text
    japanese = mail_body(report, Words("ja", "red"), {}).text
    assert "承認待ち" in japanese
    assert "approval" not in japanese
    states = {o.order.code: o.state for o in portfolio_status(at(desk, "07:30")).orders}
    assert states["6501"] == "waits for approval until 08:50"
    listed = {o.placed.code: (o.outcome, o.ticket) for o in list_orders(at(desk, "07:30")).orders}
    assert listed["6501"] == ("waits for approval until 08:50: `jstock trade approve --code 6501`", None)
    marks = {t.code: (t.mark, t.broker_ticket) for t in read_tickets(desk, T, recorded=True).tickets}
    assert marks["9001"] == ("NOT APPROVED", "")
    assert marks["7203"][0] == ""


def test_a_preview_waits_too_and_a_desk_that_asks_nobody_does_not(tmp_path, files):
    asks, free = (new_desk(tmp_path / n, files, **more) for n, more in (("a", ASK), ("b", {})))
    assert [a.kind for a in preview_morning(at(asks, "06:50")).actions.alerts].count("approval") == 1
    assert "approval" not in [a.kind for a in preview_morning(at(free, "06:50")).actions.alerts]
    run(free, "07:00")
    assert to_place(free, "07:10") == [*BUYS, SELL]
    assert waiting(free) == []


def test_a_group_that_buys_with_its_decision_cannot_wait(tmp_path, files):
    made = new_desk(tmp_path / "desk", files, fills="signal_price", **ASK)
    with pytest.raises(ParamsError, match="buys of core are filled when they are decided"):
        run(made, "07:00")


# Approved


def test_what_is_approved_is_placed(desk):
    done = approve_orders(at(desk, "08:00"), code="6501", by="yamada")
    assert done.approved == ("order:2026-01-21:core:6501:BUY",)
    assert [(t.side, t.code) for t in done.place] == [("BUY", "6501")]
    assert [each.order.code for each in done.waiting] == ["9001"]
    assert to_place(desk, "08:01") == [("BUY", "6501"), SELL]
    [fact] = [e for e in desk.journal().events() if isinstance(e, Approved)]
    assert (fact.by, fact.code) == ("yamada", "6501")
    assert open_orders(desk) == [*BUYS, SELL], "what waits is still ordered, and its cash kept"


def test_on_paper_only_what_was_approved_is_filled(paper, files):
    approve_orders(at(paper, "08:49"), code="9001")
    settle(paper, files)
    assert became(paper) == {"9001": "filled", "6501": "not approved by 08:50", "7203": "filled"}


def test_what_a_person_fills_ends_without_approval_too(desk, files):
    cash = desk.journal().book().group("core").cash
    settle(desk, files)
    assert became(desk) == {"6501": "not approved by 08:50", "9001": "not approved by 08:50"}
    assert open_orders(desk)[:2] != BUYS or all(session == NEXT for session in sessions(desk, "BUY"))
    assert desk.journal().book().group("core").cash == cash
    assert "SELL" in {side for side, _ in open_orders(desk)}, "what became of the sell is the trader's to say"


def sessions(desk: Desk, side: str) -> set:
    orders = desk.journal().book().group("core").orders.values()
    return {order.session for order in orders if order.side == side}


def test_approving_again_changes_nothing(desk):
    approve_orders(at(desk, "08:00"), every=True)
    before = desk.journal().history()
    again = approve_orders(at(desk, "08:10"), every=True)
    assert (again.approved, len(again.already), again.waiting) == ((), 2, ())
    assert desk.journal().history() == before
    assert approve_orders(at(desk, "08:55"), code="6501").already == ("order:2026-01-21:core:6501:BUY",)


@pytest.mark.parametrize("clock", ["08:50", "09:30"])
def test_too_late_nothing_is_approved(desk, clock):
    before = desk.journal().history()
    with pytest.raises(UsageError, match="could be approved until 2026-01-21 08:50") as caught:
        approve_orders(at(desk, clock), every=True)
    assert "order:2026-01-21:core:6501:BUY" in caught.value.where
    assert desk.journal().history() == before
    day = run(desk, clock, Intent.SHOW_AGAIN)
    assert texts(day, "not_approved")[0].startswith("Not approved by 08:50, and not to be placed: core BUY")
    assert texts(day, "approval") == []


def test_the_end_is_a_parameter(tmp_path, files):
    made = new_desk(tmp_path / "desk", files, approval={"buys": True, "until": "08:15"})
    run(made, "07:00")
    assert waiting(made, "08:14") == [("6501", False), ("9001", False)]
    with pytest.raises(UsageError, match="08:15"):
        approve_orders(at(made, "08:15"), every=True)


@pytest.mark.parametrize("until", ["09:01", "8:50", "06:00"])
def test_the_end_is_a_time_before_the_open(tmp_path, files, until):
    with pytest.raises(ParamsError, match="until"):
        new_desk(tmp_path / "desk", files, approval={"buys": True, "until": until})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "no buys are named"),
        ({"code": "7203"}, 'no buy that waits for approval "7203"'),
        ({"group": "cure"}, 'no buy that waits for approval "cure"'),
    ],
)
def test_it_must_be_said_what_is_approved(desk, asked, said):
    with pytest.raises(UsageError, match=said):
        approve_orders(at(desk, "08:00"), **asked)


# Revised, halted, filled, looked back at


def test_a_changed_order_needs_another_approval_and_an_unchanged_one_keeps_its(desk):
    """More cash at eight lets the revision buy more."""
    approve_orders(at(desk, "07:30"), every=True)
    buys = {code for side, code, _ in placed(desk) if side == "BUY"}
    command = ["trade", "cash", "deposit", "core", "1000000", "--reason", "more", *root(desk, "08:00")]
    assert jstock(command) == ExitStatus.OK
    day = run(desk, "08:10", Intent.REVISE)
    changed = {code for side, code, revision in placed(desk) if side == "BUY" and revision}
    assert changed
    assert {code for code, _ in waiting(desk, "08:11")} == changed
    kept = buys - changed
    assert {code for side, code in to_place(desk, "08:12") if side == "BUY"} == kept
    assert not any("Place at the broker: core BUY" in text for text in texts(day, "revision_place"))
    assert texts(day, "revision_wait")[0].startswith("Not to be placed before it is approved: core BUY")
    approve_orders(at(desk, "08:20"), every=True)
    assert {code for side, code in to_place(desk, "08:21") if side == "BUY"} == buys | changed


def test_a_halt_withdraws_what_waits_and_there_is_nothing_to_cancel_at_the_broker(desk):
    approve_orders(at(desk, "07:30"), code="9001")
    change = halt_buys(at(desk, "07:40"), reason="x")
    assert len(change.withdrawn) == 2
    assert [order.code for order in change.by_hand] == ["9001"]
    (told,) = texts(run(desk, "07:45"), "revision_cancel")
    assert told.startswith("Cancel at the broker: core BUY")
    assert ("9001" in told, "6501" in told) == (True, False)
    assert waiting(desk, "07:41") == []


def test_a_fill_that_nobody_approved_is_recorded_with_consent_only(desk, capsys):
    fills = desk.workspace.root / "fills.csv"
    fills.write_text("code,action,qty,price,date\n6501,BUY,100,1016,2026-01-21\n", encoding="utf-8")
    line = ["trade", "record", "--csv", str(fills), "--yes", *root(desk, "15:45")]
    assert jstock(line) != ExitStatus.OK
    assert "nobody approved its order by 08:50" in " ".join(capsys.readouterr().out.split())
    assert jstock([*line, "--accept-odd"]) == ExitStatus.OK
    assert [e.code for e in desk.journal().events() if isinstance(e, Filled) and e.session == T] == ["6501"]


def test_a_morning_that_waited_is_proven_and_replayed_as_approved(paper, tmp_path):
    assert verify_morning(at(paper, "07:40"), str(T)).is_proven
    replay_into_copy(at(paper, "07:40"), str(T), str(T), tmp_path / "again")
    again = open_desk(tmp_path / "again", now=f"{NEXT}T06:00")
    assert not any(o.approve_until for o in again.journal().book().group("core").orders.values())


def test_the_command(desk, capsys):
    where = root(desk, "08:00")
    assert jstock(["trade", "approve", "--code", "6501", "--by", "yamada", *where]) == ExitStatus.OK
    shown = capsys.readouterr().out
    assert "approved order:2026-01-21:core:6501:BUY" in shown
    assert "place BUY" in shown
    assert "waits for approval until 08:50: core BUY" in shown
    assert jstock(["trade", "approve", "--all", "--json", *where]) == ExitStatus.OK
    found = json.loads(capsys.readouterr().out)
    assert found["approved"] == ["order:2026-01-21:core:9001:BUY"]
    assert found["waiting"] == []
    assert jstock(["trade", "approve", *where]) == ExitStatus.USAGE
