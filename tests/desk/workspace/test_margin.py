"""Cash below 0: a fault and an alert, unless `params/desk.yaml` says that the broker lends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError
from jstock_core.cli import run as jstock
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import Withdrawal
from tests.desk.days import MORNING, NEXT_MORNING, D, edited
from tests.desk.recording.test_record_plan import known, line, wanted
from tests.desk.recording.test_record_plan import ledger as planned


@pytest.fixture
def overdrawn(desk: Path) -> Path:
    """A withdrawal that the journal takes and the command would not: more than is there, or sales bring."""
    journal = open_desk(desk, now=MORNING).journal()
    cash = journal.book().group("conservative").cash
    gone = Withdrawal(
        session=D, source="manual", group="conservative", amount=cash + 100_000_000, reason="the broker's"
    )
    journal.append([gone])
    return desk


def borrow(root: Path) -> None:
    edited(root, "params/desk.yaml", "margin: false", "margin: true")


def notices(root: Path) -> list[tuple[str, str]]:
    day = run_day(open_desk(root, now=NEXT_MORNING))
    return [(alert.severity, alert.text) for alert in day.report.alerts if "below zero" in alert.text]


def test_without_margin_it_is_a_fault_and_an_alert(overdrawn):
    faults = verify_journal(open_desk(overdrawn, now=MORNING)).faults
    assert any("cash was -100,000,000 yen" in fault for fault in faults)
    assert jstock(["state", "verify", "-w", str(overdrawn), "--now", MORNING]) == ExitStatus.STATE
    ((level, text),) = notices(overdrawn)
    assert (level, text.split(":")[0]) == ("alert", "conservative")


def test_on_margin_it_is_neither_and_said_all_the_same(overdrawn):
    borrow(overdrawn)
    assert not any("cash was" in f for f in verify_journal(open_desk(overdrawn, now=MORNING)).faults)
    ((level, text),) = notices(overdrawn)
    assert (level, text.endswith("are borrowed, cash is below zero on margin")) == ("info", True)


def test_recording_shouts_only_without_margin():
    facts = planned(wanted("BUY", "6758", 400), cash=1_000_000)
    lines = [line("BUY", "6758", 400, 3000)]
    assert plan_recording(lines, facts, known(), "x").warnings == (
        "core: cash falls to ¥-200,000, below zero",
    )
    assert plan_recording(lines, replace(facts, margin=True), known(), "x").warnings == ()


@pytest.mark.parametrize("value", ["1", "'yes'", "maybe"])
def test_it_is_true_or_false_and_nothing_like_it(desk, value):
    edited(desk, "params/desk.yaml", "margin: false", f"margin: {value}")
    with pytest.raises(ParamsError, match="margin"):
        open_desk(desk, now=MORNING)


def test_a_desk_that_says_nothing_has_a_cash_account(desk):
    edited(desk, "params/desk.yaml", "margin: false", "# margin")
    assert open_desk(desk, now=MORNING).settings.margin is False
