"""Facts recorded after the morning's run: what becomes of its orders, its alerts and its report.

T is Wednesday 21 January 2026. The group is filled by hand; on Tuesday it ordered stocks, and who types what
became of them does so after Wednesday's decision.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.reports.render.outgoing.files import orders_csv
from jstock_core.state.facts.events import Decided, Filled, OrderCancelled, OrderPlaced
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import Stock, panel

EARLIER = date(2026, 1, 19)
D, T, NEXT = date(2026, 1, 20), date(2026, 1, 21), date(2026, 1, 22)
CODES = ("6501", "7203", "9001")
GROUP = {
    "name": "Core",
    "initial_capital": 1_000_000,
    "fills": "manual",
    "entry": {"use": "SimpleScorer", "buy_threshold": 30},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}],
    "sizing": {"use": "equal_weight", "max_positions": 2, "max_position_pct": 30},
}


def market() -> Any:
    """Three stocks near ¥1,000; 7203 falls by a tenth on Tuesday, so that a stop of 8 % sells it."""
    days = tse().between(date(2025, 3, 3), T)
    close = 800.0 + np.arange(len(days))
    fallen = close.copy()
    fallen[-2:] -= 100
    return panel({"6501": Stock(close), "7203": Stock(fallen), "9001": Stock(close)}, sessions=days)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(market(), tmp_path_factory.mktemp("files"))


def at(desk: Desk, now: str) -> Desk:
    return open_desk(desk.workspace.root, now=now)


@pytest.fixture
def desk(tmp_path: Path, files: Path) -> Desk:
    """On Tuesday the group was opened, with nobody to buy for it; on Wednesday it has Tuesday's bars."""
    made = make_desk(
        tmp_path / "desk", market=files, now="2026-01-20T07:00", ready="fetched", groups={"core": GROUP}
    )
    (made.workspace.data / "monitor_list.json").write_text('{"tickers": ["6501", "7203", "9001"]}')
    return made


def run(desk: Desk, now: str, intent: Intent = Intent.JOURNAL) -> ReportedDay:
    return run_day(at(desk, now), intent=intent)


def import_tuesday(desk: Desk, files: Path, now: str = "2026-01-21T06:30") -> None:
    import_folder(at(desk, now), str(files))


def record(desk: Desk, now: str, *fills: Filled) -> None:
    with at(desk, now).writing("a test") as journal:
        journal.append(fills)


def fill(side: str, code: str, shares: int, price: int = 1000, session: date = D, **more: Any) -> Filled:
    from decimal import Decimal

    return Filled(
        session=session, source="manual", group="core", code=code, side=side, shares=shares,
        price=Decimal(price), order_id=more.pop("order_id", None), **more,
    )  # fmt: skip


def orders(desk: Desk, session: date = T) -> list[tuple[str, str, int, int]]:
    found = [e for e in desk.journal().events() if isinstance(e, OrderPlaced) and e.session == session]
    return [(e.side, e.code, e.shares, e.revision) for e in found]


def open_ids(desk: Desk) -> set[str]:
    return set(desk.journal().book().group("core").orders)


def is_order(event: Any) -> bool:
    return isinstance(event, OrderPlaced) and event.session == T


def kinds(day: ReportedDay) -> list[str]:
    return [alert.kind for alert in day.alerts]


def alert(day: ReportedDay, kind: str) -> str:
    return next(alert.text for alert in day.alerts if alert.kind == kind)


# Facts that end an order of the day before


def test_a_fill_typed_after_the_morning_costs_no_day(desk, files):
    """The purchase of Tuesday is typed at half past seven; its stop sells on Wednesday, not on Thursday."""
    run(desk, "2026-01-20T07:00")
    due = {e.code: e for e in desk.journal().events() if isinstance(e, OrderPlaced)}
    assert set(due) == {"6501", "7203"}
    import_tuesday(desk, files)
    first = run(desk, "2026-01-21T07:00")
    assert kinds(first).count("unresolved_order") == 2
    assert first.exit == ExitStatus.DEGRADED
    assert orders(desk) == []
    for order in due.values():
        record(
            desk,
            "2026-01-21T07:30",
            fill("BUY", order.code, order.shares, 1014, order_id=order.id),
        )
    again = run(desk, "2026-01-21T07:45")
    assert (again.intent, again.exit) == (Intent.JOURNAL, ExitStatus.OK)
    assert "unresolved_order" not in kinds(again)
    assert orders(desk) == [("SELL", "7203", due["7203"].shares, 1)]
    assert [d.revision for d in again.decided] == [1]
    assert "Place at the broker: core SELL" in "\n".join(a.text for a in again.alerts)
    assert "core BUY" in alert(again, "revision")


def test_nothing_is_revised_twice(desk, files):
    run(desk, "2026-01-20T07:00")
    import_tuesday(desk, files)
    run(desk, "2026-01-21T07:00")
    order = next(e for e in desk.journal().events() if isinstance(e, OrderPlaced) and e.code == "6501")
    record(desk, "2026-01-21T07:30", fill("BUY", "6501", order.shares, 1014, order_id=order.id))
    run(desk, "2026-01-21T07:45")
    before = desk.journal().events()
    again = run(desk, "2026-01-21T07:50")
    assert again.intent is Intent.SHOW_AGAIN
    assert desk.journal().events() == before
    assert alert(again, "revision").startswith("Revision 1 of the decision for 2026-01-21")


def test_facts_typed_on_sunday_revise_what_was_decided_on_friday(desk, files):
    """Friday evening decides Monday; on Sunday the fill is typed, and the next run counts it."""
    made = desk
    run(made, "2026-01-20T07:00")
    import_tuesday(made, files, "2026-01-20T18:00")
    run(made, "2026-01-20T18:30")
    order = next(e for e in made.journal().events() if isinstance(e, OrderPlaced) and e.code == "7203")
    record(made, "2026-01-20T23:30", fill("BUY", "7203", order.shares, 1014, order_id=order.id))
    done = run(made, "2026-01-21T07:00")
    assert ("SELL", "7203", order.shares, 1) in orders(made)
    [decided] = [e for e in done.events if isinstance(e, Decided) and e.session == T and e.revision]
    assert decided.decided_at == "2026-01-20T18:00", "the same market data as the first decision"


# Orders withdrawn, cut, kept


@pytest.fixture
def selling(desk, files) -> Desk:
    """Wednesday morning sells 300 shares of 7203, which fell, and buys 9001."""
    with desk.writing("a test") as journal:
        from jstock_core.state.facts.events import Deposit

        journal.append(
            [
                Deposit(
                    session=EARLIER, source="desk", group="core", amount=1_000_000, reason="initial capital"
                ),
                fill("BUY", "7203", 300, 1015, session=EARLIER),
            ]
        )
    import_tuesday(desk, files)
    run(desk, "2026-01-21T07:00")
    return desk


def test_the_sell_of_shares_that_are_gone_is_withdrawn(selling):
    assert ("SELL", "7203", 300, 0) in orders(selling)
    bought = {name for name in open_ids(selling) if ":BUY" in name}
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 300, 950))
    done = run(selling, "2026-01-21T08:10")
    assert bought <= open_ids(selling), "an order that is not touched keeps its id"
    assert not [name for name in open_ids(selling) if ":SELL" in name]
    assert "core SELL 300 7203" in alert(done, "revision_cancel")
    assert "the shares are not held any more" in alert(done, "revision_cancel")
    assert alert(done, "revision_keep").startswith("Keep at the broker: core BUY")
    [cancelled] = [e for e in done.events if isinstance(e, OrderCancelled)]
    assert cancelled.source == "desk"


def test_the_sell_of_shares_that_are_partly_gone_is_cut(selling):
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 200, 950))
    done = run(selling, "2026-01-21T08:10")
    assert ("SELL", "7203", 100, 1) in orders(selling)
    assert [o.shares for o in selling.journal().book().group("core").orders.values() if o.side == "SELL"] == [
        100
    ]
    assert "core SELL 300 7203 (100 instead)" in alert(done, "revision_cancel")
    assert "core SELL 100 7203" in alert(done, "revision_place")


def test_new_and_larger_buys_wait_for_consent(selling):
    """The sale frees a place and cash: a third stock could be bought."""
    before = [o for o in orders(selling) if o[0] == "BUY"]
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 300, 950))
    done = run(selling, "2026-01-21T08:10")
    assert [o for o in orders(selling) if o[0] == "BUY"] == before
    assert "`jstock daily --revise`" in alert(done, "revision_hold_back")
    too_late = alert(run(selling, "2026-01-21T08:55", Intent.SHOW_AGAIN), "revision_hold_back")
    assert "too late to revise the decision" in too_late
    revised = run(selling, "2026-01-21T08:20", Intent.REVISE)
    assert revised.intent is Intent.JOURNAL
    added = [o for o in orders(selling) if o[0] == "BUY" and o not in before]
    assert added
    assert {o[3] for o in added} == {2}
    assert "revision_hold_back" not in kinds(revised)
    assert run(selling, "2026-01-21T08:30", Intent.REVISE).intent is Intent.SHOW_AGAIN


def test_less_cash_cuts_or_withdraws_buys(selling):
    bought = next(o for o in orders(selling) if o[0] == "BUY")
    assert jstock(
        [
            "trade", "cash", "withdraw", "core", "390000", "--reason", "x",
            "-w", str(selling.workspace.root), "--now", "2026-01-21T08:00",
        ]
    ) in (ExitStatus.OK, ExitStatus.USAGE)  # fmt: skip
    run(selling, "2026-01-21T08:10")
    left = [o for o in selling.journal().book().group("core").orders.values() if o.side == "BUY"]
    assert sum(o.shares for o in left) <= bought[2]


def test_what_a_person_cancelled_is_not_ordered_again(selling):
    [sell] = [name for name in open_ids(selling) if ":SELL" in name]
    root = ["-w", str(selling.workspace.root), "--now", "2026-01-21T08:00"]
    assert jstock(["trade", "orders", "cancel", sell, "--reason", "I keep it", *root]) == ExitStatus.OK
    run(selling, "2026-01-21T08:10")
    assert not [name for name in open_ids(selling) if ":SELL" in name]


# Too late


@pytest.mark.parametrize("now", ["2026-01-21T08:50", "2026-01-21T08:59"])
def test_after_the_end_nothing_is_revised_and_it_says_what_to_do(selling, now, capsys):
    record(selling, "2026-01-21T08:49", fill("SELL", "7203", 300, 950))
    before = selling.journal().events()
    done = run(selling, now)
    assert (done.intent, done.exit) == (Intent.SHOW_AGAIN, ExitStatus.DEGRADED)
    assert selling.journal().events() == before
    assert "too late to revise" in alert(done, "revision")
    assert "Cancel at the broker: core SELL 300 7203" in alert(done, "revision_cancel")
    with pytest.raises(UsageError, match="can be revised until 2026-01-21 08:50"):
        run(selling, now, Intent.REVISE)


def test_the_end_is_a_parameter(selling):
    path = selling.workspace.desk_yaml
    text = path.read_text(encoding="utf-8").replace('revise_until: "08:50"', 'revise_until: "08:00"')
    path.write_text(text, encoding="utf-8")
    record(selling, "2026-01-21T07:59", fill("SELL", "7203", 300, 950))
    assert run(selling, "2026-01-21T08:01").intent is Intent.SHOW_AGAIN


def test_once_the_session_has_opened_its_fills_are_no_changes(selling):
    order = next(o for o in selling.journal().book().group("core").orders.values() if o.side == "SELL")
    record(selling, "2026-01-21T09:30", fill("SELL", "7203", 300, 905, session=T, order_id=order.id))
    assert run(selling, "2026-01-21T10:00").since is None


# Prepare and status


def test_prepare_and_status_say_what_changed_and_what_to_do(selling, capsys):
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 300, 950))
    shown = preview_morning(at(selling, "2026-01-21T08:05"))
    assert shown.day.since is not None
    assert shown.as_json()["since_decision"]["pending"] is True
    assert (shown.day.intent, shown.exit) == (Intent.PREVIEW, ExitStatus.OK)
    assert orders(selling) == [(o.side, o.code, o.shares, 0) for o in shown.day.events if is_order(o)]
    root = ["-w", str(selling.workspace.root), "--now", "2026-01-21T08:05"]
    for words in (["trade", "prepare"], ["trade", "status"]):
        jstock([*words, *root])
        text = " ".join(capsys.readouterr().out.split())
        assert "Recorded since the decision for 2026-01-21: core SELL 300 7203" in text
        assert "`jstock daily` revises it until 01-21 08:50" in text
        assert "Cancel at the broker: core SELL 300 7203" in text


@pytest.mark.usefixtures("in_process")
def test_the_command_revises(selling, capsys):
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 300, 950))
    root = ["-w", str(selling.workspace.root), "--now", "2026-01-21T08:05"]
    assert jstock(["daily", *root]) == ExitStatus.OK
    assert "Cancel at the broker: core SELL 300 7203" in capsys.readouterr().out
    assert jstock(["daily", "--revise", *root]) == ExitStatus.OK
    assert "Place at the broker: core BUY" in capsys.readouterr().out
    assert jstock(["daily", "--revise", "--rehearsal", *root]) == ExitStatus.USAGE


def test_a_revision_that_comes_too_late_is_refused_before_the_notebook_starts(selling, capsys):
    root = ["-w", str(selling.workspace.root), "--now", "2026-01-21T08:50"]
    assert jstock(["daily", "--revise", *root]) == ExitStatus.USAGE
    assert "notebook" not in capsys.readouterr().err
    assert not list(selling.workspace.runs.glob("2026-01-21/*"))


def test_a_withdrawn_order_is_on_no_list_of_orders_to_place(selling):
    record(selling, "2026-01-21T08:00", fill("SELL", "7203", 300, 950))
    done = run(selling, "2026-01-21T08:10")
    assert [t.cancelled for t in done.report.execution.tickets if t.code == "7203"] == [True]
    assert "7203" not in orders_csv(done.report)
    assert done.report.headline.orders == len(open_ids(selling))
