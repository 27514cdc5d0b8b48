"""An order through its life: at each step every list, report, file and message says the same of it.

T is Wednesday 21 January 2026. A group that a person fills sells 7203 and buys 6501 and 9001.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import ReportedDay
from jstock_core.desk.day.orders.order_export import export_orders
from jstock_core.desk.day.publishing.tickets import read_tickets
from jstock_core.desk.trading.orders import cancel_orders, list_orders
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.notify.messages import placement_lines
from jstock_core.reports.model.placements import placements
from jstock_core.reports.render.outgoing.files import orders_csv
from jstock_core.reports.render.outgoing.mail import mail_body, phone_text
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.orders import orders_section
from jstock_core.reports.render.sections.top import top_section
from jstock_core.state.facts.events import OrderPlaced
from tests.desk.trading.mornings import NEXT, T, at, new_desk, root, run, write_days

CODE = "6501"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def desk(tmp_path: Path, files: Path) -> Desk:
    return new_desk(tmp_path / "desk", files)


def ordered(desk: Desk) -> int:
    """The shares of the order."""
    placed = (e for e in desk.journal().events() if isinstance(e, OrderPlaced) and e.session == T)
    return next(order.shares for order in placed if order.code == CODE)


def record(desk: Desk, clock: str, shares: int, price: int, tmp_path: Path) -> None:
    """Record a fill of the order."""
    file = tmp_path / f"fills-{clock[:2]}{clock[3:]}-{shares}.csv"
    file.write_text(f"group,code,action,qty,price,date\ncore,{CODE},BUY,{shares},{price},{T}\n")
    words = ["trade", "record", "--csv", str(file), "--yes", *root(desk, clock)]
    assert jstock(words) == ExitStatus.OK


@dataclass(frozen=True)
class Said:
    """What every surface says of the order: those that offer it with so many shares, and the texts of all."""

    offered: dict[str, int]
    texts: dict[str, str]


def ask(desk: Desk, clock: str, capsys: pytest.CaptureFixture[str], day: object = T) -> Said:
    """Ask every surface about the order, on T or later."""
    there, words = at(desk, clock, day), ["--date", str(T)]  # type: ignore[arg-type]
    shown: ReportedDay = run_again(there)
    report = shown.report
    rows = {row["code"]: row for row in csv.DictReader(orders_csv(report)[1:].splitlines())}
    row, body = rows.get(CODE, {}), mail_body(report, ENGLISH, {})
    place = ["-w", str(desk.workspace.root), "--now", there.fixed_now]
    capsys.readouterr()
    assert jstock(["trade", "prepare", *words, *place]) in (ExitStatus.OK, ExitStatus.DEGRADED)
    prepared = capsys.readouterr().out
    jstock(["trade", "prepare", *words, *place, "--json"])
    plain = json.loads(capsys.readouterr().out)
    exported = export_orders(there, T)
    listed = {o.placed.code: o for o in list_orders(there, str(T), include_done=True).orders}[CODE]
    held = {o.order.code: o.state for o in portfolio_status(there).orders}
    journal = {t.code: t for t in read_tickets(there, T, recorded=True).tickets}
    offered = {
        "cards": {p.code: p.shares for p in placements(report)},
        "message": {CODE: 1} if any(CODE in line for line in placement_lines(report, ENGLISH)) else {},
        "json": {t["code"]: t["shares"] for t in plain["broker_tickets"]},
        "orders.csv": {c: int(r["broker_shares"]) for c, r in rows.items() if r["ticket"] and not r["mark"]},
        "export": {t.code: t.shares for t in exported.tickets},
        "journal": {c: t.shares for c, t in journal.items() if t.broker_ticket and not t.mark},
    }
    texts = {
        "prepare": prepared,
        "json": " ".join(o["outcome"] for o in plain["orders"] if o["code"] == CODE),
        "headline": json.dumps(
            report.headline.as_json()["orders_done"] if report.headline.orders_done else {}
        ),
        "page": orders_section(report, ENGLISH).html,
        "markdown": orders_section(report, ENGLISH).markdown,
        "first": top_section(report, ENGLISH).html,
        "subject": body.subject,
        "mail": body.text,
        "phone": phone_text(report, ENGLISH),
        "orders.csv": row.get("outcome", ""),
        "list": listed.outcome,
        "status": held.get(CODE, ""),
        "decided": report.header.decided_at,
        "japanese": mail_body(report, Words("ja", "red"), {}).text,
    }
    return Said({name: codes[CODE] for name, codes in offered.items() if CODE in codes}, texts)


def run_again(desk: Desk) -> ReportedDay:
    from jstock_core.desk.day.day import run_day

    return run_day(desk, T, Intent.SHOW_AGAIN)


EVERYWHERE = {"cards", "message", "json", "orders.csv", "export", "journal"}


def test_an_order_through_its_life(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(desk, "07:00")
    shares = ordered(desk)

    placed = ask(desk, "07:10", capsys)
    assert placed.offered.keys() == EVERYWHERE
    assert {n for name, n in placed.offered.items() if name != "message"} == {shares}
    assert "3 orders (1 sell, 2 buy)" in placed.texts["subject"]
    assert placed.texts["list"] == "open"

    opened = ask(desk, "09:05", capsys)
    assert opened.offered == {}
    for name in ("prepare", "json", "page", "markdown", "mail", "orders.csv", "list"):
        assert "not to be placed any more" in " ".join(opened.texts[name].split()), name
    for name in ("first", "subject", "phone"):
        assert "3 to record" in opened.texts[name], name
    assert "もう発注しない" in opened.texts["japanese"]

    record(desk, "09:10", 100, 1013, tmp_path)
    partly = ask(desk, "09:15", capsys)
    assert partly.offered == {}
    for name in ("json", "page", "markdown", "mail", "orders.csv", "list"):
        assert f"filled 100 of {shares} at 1,013, {shares - 100} left" in partly.texts[name], name

    record(desk, "09:20", shares - 100, 1014, tmp_path)
    for filled in (ask(desk, "09:25", capsys), ask(desk, "07:00", capsys, NEXT)):
        assert filled.offered == {}
        for name in ("json", "page", "markdown", "mail", "orders.csv", "list"):
            assert f"filled {shares} at 1,013 and 1,014" in filled.texts[name], name
        for name in ("first", "subject", "phone"):
            assert "1 filled" in filled.texts[name], name
        assert filled.texts["status"] == ""
        assert f"{shares}株約定" in filled.texts["japanese"]


def test_an_order_issued_after_the_open(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is offered it, and what was warned of is warned of again when it is shown again."""
    first = run(desk, "09:30")
    assert (first.status, first.report.header.decided_at) == (
        run_again(at(desk, "09:40")).status,
        f"{T}T09:30",
    )
    late = ask(desk, "09:40", capsys)
    assert late.offered == {}
    for name in ("prepare", "json", "page", "markdown", "mail", "orders.csv", "list", "status"):
        assert "late: not to be placed" in " ".join(late.texts[name].split()), name
    for name in ("first", "subject", "phone"):
        assert "3 late, not to be placed" in late.texts[name], name
    assert late.texts["decided"] == f"{T}T09:30"
    assert json.loads(late.texts["headline"]) == {"late": 3}
    assert [a.kind for a in run_again(at(desk, "09:40")).alerts if a.kind == "late"] == ["late"]


def test_an_order_that_was_taken_back(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    run(desk, "07:00")
    cancel_orders(at(desk, "07:30"), [CODE], reason="not wanted")
    gone = ask(desk, "07:40", capsys)
    assert gone.offered == {}
    for name in ("page", "markdown", "mail", "list"):
        assert "cancelled: not wanted" in gone.texts[name], name
    assert "2 orders (1 sell, 1 buy)" in gone.texts["subject"]
