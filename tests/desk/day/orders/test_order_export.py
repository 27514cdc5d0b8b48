"""`jstock trade orders export`: what a person places, checked, and withheld where nothing may be placed."""

from __future__ import annotations

import csv
import json
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.orders.order_export import export_orders, write_orders
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.trading.approvals import approve_orders
from jstock_core.desk.trading.halts import halt_buys
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.render.outgoing.files import orders_csv
from jstock_core.state.facts.events import Withdrawal
from jstock_core.testing import desk as make_desk
from tests.desk.days import MORNING
from tests.desk.trading.mornings import EARLIER, T, at, new_desk, write_days
from tests.reports.render.outgoing.test_ticket_files import wrong

KABU = {"tickets": {"formats": ["csv", "kabu"]}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def decided(tmp_path: Path, files: Path) -> Desk:
    """T's morning at 07:10: it sells 300 of 7203, and buys."""
    made = new_desk(tmp_path / "desk", files, **KABU)
    run_day(at(made, "07:00"))
    return at(made, "07:10")


def open_orders(desk: Desk) -> list[tuple[str, str, int]]:
    orders = desk.journal().book().group("core").orders.values()
    return sorted((o.side, o.code, o.shares) for o in orders if o.session == T)


def test_the_tickets_are_the_open_orders_sells_first(decided: Desk) -> None:
    done = export_orders(decided)
    assert done.exit == ExitStatus.OK
    assert sorted((t.side, t.code, t.shares) for t in done.tickets) == open_orders(decided)
    assert [t.side for t in done.tickets] == ["SELL", "BUY", "BUY"]
    assert (done.faulty, done.unplaced, done.marks) == ((), (), ())


def test_both_forms_are_of_the_same_tickets(decided: Desk, tmp_path: Path) -> None:
    written = write_orders(export_orders(decided, T), tmp_path / "tickets.csv")
    rows = list(csv.DictReader((tmp_path / "tickets.csv").read_text("utf-8-sig").splitlines()))
    lines = [json.loads(line) for line in export_orders(decided, T, "kabu").text.splitlines()]
    assert [(row["code"], row["shares"]) for row in rows] == [(b["Symbol"], str(b["Qty"])) for b in lines]
    assert [wrong(body) for body in lines] == [[], [], []]
    assert [row["id"] for row in rows] == [ticket.id for ticket in written.tickets]
    assert stat.S_IMODE((tmp_path / "tickets.csv").stat().st_mode) == 0o600


def test_orders_csv_names_the_same_tickets(decided: Desk) -> None:
    day = run_day(decided, T, Intent.SHOW_AGAIN)
    rows = list(csv.DictReader(orders_csv(day.report)[1:].splitlines()))
    assert {row["ticket"] for row in rows} == {ticket.id for ticket in export_orders(decided).tickets}


def test_what_is_exported_again_is_the_same(decided: Desk) -> None:
    one, other = (export_orders(at(decided, clock), form="kabu") for clock in ("07:10", "08:59"))
    assert (one.text, one.tickets) == (other.text, other.tickets)


# Withheld


def test_nothing_is_written_after_the_open(decided: Desk, tmp_path: Path) -> None:
    for form in ("csv", "kabu"):
        late = write_orders(export_orders(at(decided, "09:00"), T, form), tmp_path / "late")
        assert "the opening auction of 2026-01-21 is past" in late.withheld
        assert (late.exit, late.tickets, late.path) == (ExitStatus.DEGRADED, (), None)
    assert not (tmp_path / "late").exists()


def test_a_catch_up_after_the_open_has_no_tickets(tmp_path: Path, files: Path) -> None:
    made = new_desk(tmp_path / "desk", files)
    run_day(at(made, "09:30"), T)
    assert export_orders(at(made, "09:31"), T).withheld


def test_nothing_is_exported_before_it_is_decided(tmp_path: Path, files: Path) -> None:
    with pytest.raises(UsageError, match="nothing is decided for 2026-01-21"):
        export_orders(new_desk(tmp_path / "desk", files))


def test_paper_orders_have_no_ticket(tmp_path: Path, files: Path) -> None:
    made = new_desk(tmp_path / "desk", files, fills="open")
    run_day(at(made, "07:00"))
    done = export_orders(at(made, "07:10"))
    assert done.tickets == ()
    assert {each.why for each in done.unplaced} == {"it is filled on paper"}
    assert len(done.unplaced) == len(open_orders(made))


def test_a_simulated_market_is_marked_and_never_for_a_program(tmp_path: Path) -> None:
    made = make_desk(tmp_path / "desk", changes={"conservative": {"fills": "manual"}})
    desk = open_desk(made.workspace.root, now=MORNING)
    assert "SIMULATED" in export_orders(desk, form="kabu").withheld
    done = export_orders(desk)
    assert (done.withheld, done.marks) == ("", ("SIMULATED",))
    assert {row["mark"] for row in csv.DictReader(done.text[1:].splitlines())} <= {"SIMULATED"}


def test_a_halt_leaves_the_sells(decided: Desk) -> None:
    halt_buys(decided, reason="a test")
    done = export_orders(at(decided, "07:30"))
    assert [ticket.side for ticket in done.tickets] == ["SELL"]


def test_a_buy_has_a_ticket_once_it_is_approved(tmp_path: Path, files: Path) -> None:
    made = new_desk(tmp_path / "desk", files, approval={"buys": True})
    run_day(at(made, "07:00"))
    waiting = export_orders(at(made, "07:10"))
    assert [ticket.side for ticket in waiting.tickets] == ["SELL"]
    assert {each.why for each in waiting.unplaced} == {"it waits for approval, until 08:50"}
    approve_orders(at(made, "07:20"), code="9001")
    approved = export_orders(at(made, "07:30"))
    assert [(ticket.side, ticket.code) for ticket in approved.tickets] == [("SELL", "7203"), ("BUY", "9001")]


# Faults


@pytest.fixture
def poor(decided: Desk) -> Desk:
    """Cash was taken out after the decision, so that one of the buys is not paid for any more."""
    with decided.writing("a test") as journal:
        journal.append(
            [Withdrawal(session=EARLIER, source="manual", group="core", amount=350_000, reason="a test")]
        )
    return decided


def test_a_faulty_ticket_blocks_only_itself_and_is_named(poor: Desk) -> None:
    done = export_orders(poor, form="kabu")
    assert [ticket.side for ticket in done.tickets] == ["SELL", "BUY"]
    [faulty] = done.faulty
    assert "at the upper limit, and ¥" in faulty.faults[0]
    assert done.exit == ExitStatus.DEGRADED
    assert faulty.code not in {json.loads(line)["Symbol"] for line in done.text.splitlines()}
    assert done.notes == ("facts were recorded since the decision: run `jstock daily` first",)


def test_the_day_says_which_order_no_file_has(poor: Desk) -> None:
    day = run_day(poor, T, Intent.SHOW_AGAIN)
    [alert] = [each for each in day.alerts if each.kind == "faulty_ticket"]
    [faulty] = export_orders(poor).faulty
    assert (alert.severity, alert.subject) == ("alert", faulty.code)
    assert faulty.order_ids[0] in alert.remedy


# Beside the report, and by command


def test_declared_forms_lie_beside_the_report(decided: Desk) -> None:
    folder = publish_day(decided, str(T), Intent.JOURNAL).folder
    assert (folder / "tickets.csv").read_bytes().decode() == export_orders(decided).text
    assert (folder / "orders.kabu.jsonl").read_text() == export_orders(decided, form="kabu").text
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"tickets.csv", "orders.kabu.jsonl"} <= manifest["files"].keys()


def test_the_command_writes_a_file(decided: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--workspace", str(decided.workspace.root), "--now"]
    into = tmp_path / "orders.jsonl"
    words = ["trade", "orders", "export", "--format", "kabu", "--into", str(into)]
    assert jstock([*words, "--json", *place, f"{T}T07:10"]) == ExitStatus.OK
    found = json.loads(capsys.readouterr().out)
    assert found["file"] == str(into)
    assert " ".join(found["tickets"][0]) == (
        "id code side shares order_type limit account groups orders faults sendorder"
    )
    assert [each["sendorder"] for each in found["tickets"]] == [
        json.loads(line) for line in into.read_text().splitlines()
    ]
    assert jstock([*words, *place, f"{T}T09:05"]) in (ExitStatus.DEGRADED, ExitStatus.USAGE)
    assert jstock(["trade", "orders", "export", "--format", "xml", *place, f"{T}T07:10"]) == ExitStatus.USAGE


def test_the_settings_are_checked(decided: Desk) -> None:
    path = decided.workspace.root / "params" / "desk.yaml"
    text = path.read_text().replace("kabu", "fax")
    path.write_text(text)
    with pytest.raises(ParamsError, match="formats") as failure:
        open_desk(decided.workspace.root, now=MORNING)
    assert failure.value.where.endswith("desk.yaml, tickets")


def test_sor_and_the_account_are_parameters(tmp_path: Path, files: Path) -> None:
    tickets = {"formats": ["kabu"], "exchange": 9, "account": "一般"}
    made = new_desk(tmp_path / "desk", files, tickets=tickets)
    run_day(at(made, "07:00"))
    bodies = [json.loads(line) for line in export_orders(at(made, "07:10"), form="kabu").text.splitlines()]
    assert {(b["Exchange"], b["AccountType"], b["FrontOrderType"]) for b in bodies} == {(9, 2, 10)}
    assert all(Decimal(body["Price"]) == 0 for body in bodies)
