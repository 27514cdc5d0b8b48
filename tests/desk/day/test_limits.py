"""Limits on a desk: recorded with the decision, shown everywhere, and decided again as they were then."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.base.intent import Intent
from jstock_core.decide import read_skipped
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.lookback.verification import verify_morning
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.explain import explain_decision
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.words import Words
from jstock_core.research.backtest import backtest
from jstock_core.state.facts.events import Decided, OrderPlaced
from tests.desk.day.test_odd_lots import buy
from tests.desk.days import BUSY, MORNING, NEXT, NEXT_MORNING, T, edited

DESK_LIMITS = {"max_orders": 5, "max_sector_pct": 60}
GROUP_LIMITS = {"max_position_pct": 0.6, "max_volume_pct": 0.3}
LIMITED = {"desk": {"limits": DESK_LIMITS}, "conservative": {"limits": GROUP_LIMITS, **BUSY["conservative"]}}


@pytest.fixture(scope="module")
def run(shared_desk: Callable[..., Desk]) -> Path:
    return shared_desk(changes=LIMITED).workspace.root


@pytest.fixture
def root(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "desk"))


@pytest.fixture(scope="module")
def day(run: Path) -> ReportedDay:
    return run_day(open_desk(run, now=MORNING), T, Intent.SHOW_AGAIN)


def orders(day: ReportedDay) -> list[OrderPlaced]:
    return [e for e in day.events if isinstance(e, OrderPlaced) and e.session == day.trade_date]


def decided(day: ReportedDay, group: str = "conservative") -> Decided:
    [found] = [each for each in day.decided if each.group == group]
    return found


def test_a_decision_records_the_limits_of_the_desk_and_of_its_group(day: ReportedDay) -> None:
    origin = decided(day).provenance
    assert dict(origin["limits"]) == DESK_LIMITS
    assert dict(origin["groups"]["conservative"]["limits"]) == GROUP_LIMITS


def test_a_desk_without_limits_records_none(shared_desk: Callable[..., Desk]) -> None:
    plain = run_day(shared_desk(changes=BUSY), T, Intent.SHOW_AGAIN)
    assert all("limits" not in each.provenance for each in plain.decided)


def test_buys_are_cut_and_refused_with_their_reasons(day: ReportedDay) -> None:
    buys = [order for order in orders(day) if order.side == "BUY"]
    reasons = [skip.reason for skip in read_skipped(decided(day)) if skip.by_limit]
    assert len(buys) <= DESK_LIMITS["max_orders"]
    assert any(reason.startswith("group limit: ") for reason in reasons)
    assert any("desk limit: at most 5 orders a day" in reason for reason in reasons)


def test_rehearsal_preview_and_replay_agree_with_the_desk(root: Path, day: ReportedDay) -> None:
    desk = open_desk(root, now=NEXT_MORNING)
    rehearsed = run_day(desk, T, Intent.REHEARSE)
    assert {o.slot: o.shares for o in orders(rehearsed)} == {o.slot: o.shares for o in orders(day)}
    planned = preview_morning(desk, str(NEXT)).day
    assert [(o.id, o.shares, o.reserve) for o in orders(planned)] == [
        (o.id, o.shares, o.reserve) for o in orders(run_day(desk))
    ]


def test_a_backtest_of_the_desk_is_proven_with_limits(root: Path) -> None:
    found = run_backtest(open_desk(root, now=MORNING), "2026-01-13", "2026-01-20")
    assert found.proof.passed


def test_the_limits_of_then_decide_again(root: Path) -> None:
    edited(root, "params/desk.yaml", "max_orders: 5", "max_orders: 1")
    edited(root, "params/groups/conservative.yaml", "max_position_pct: 0.6", "max_position_pct: 9")
    assert verify_morning(open_desk(root, now=MORNING), str(T)).is_proven


def test_limits_that_are_taken_out_count_from_the_next_morning(root: Path) -> None:
    path = root / "params" / "desk.yaml"
    lines = path.read_text(encoding="utf-8").split("limits:")
    path.write_text(lines[0], encoding="utf-8")
    desk = open_desk(root, now=MORNING)
    assert desk.settings.limits is None
    assert verify_morning(desk, str(T)).is_proven


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_names_them_in_its_language(day: ReportedDay, language: str) -> None:
    text = MorningPage(day.report, Words(language)).section("buys").markdown
    assert ("desk limit" in text, "デスクの上限" in text) == (language == "en", language == "ja")
    assert ("come before it" in text) == (language == "en")


def test_an_explanation_has_them_as_a_gate(run: Path, day: ReportedDay) -> None:
    skips = [s for s in read_skipped(decided(day)) if s.by_limit and s.action == "BUY"]
    ordered = {order.code for order in orders(day) if order.side == "BUY"}
    refused = next(skip for skip in skips if skip.code not in ordered)
    [group] = explain_decision(open_desk(run, now=MORNING), refused.code, T, "conservative").groups
    [gate] = [gate for gate in group.gates if gate.name == "order limits"]
    assert (gate.passed, gate.detail) == (False, refused.reason)
    assert group.verdict.why_no_order == refused.reason


def test_the_gate_speaks_japanese(day: ReportedDay) -> None:
    words = Words("ja")
    assert words.sentence("order limits") == "注文の上限"
    reasons = {s.reason for s in read_skipped(decided(day)) if s.by_limit}
    shown = {words.sentence(reason) for reason in reasons}
    assert not [text for text in shown if any(letter in text for letter in "aeiou")]


def test_a_sell_beyond_a_limit_is_ordered_and_a_warning(root: Path) -> None:
    edited(root, "params/desk.yaml", "max_orders: 5", "max_turnover: 1000")
    code = buy(root, 300)
    day = run_day(open_desk(root, now=NEXT_MORNING))
    assert ("aggressive", "SELL", 300) in [(o.group, o.side, o.shares) for o in orders(day) if o.code == code]
    named = [a for a in day.alerts if (a.kind, a.subject) == ("sell_beyond_limit", code)]
    [alert] = [each for each in named if each.text.startswith("aggressive: ")]
    assert alert.severity == "warning"
    assert alert.text.startswith(f"aggressive: the SELL of {code} goes beyond a limit, desk limit: ")
    assert "ordered all the same: orders of at most ¥1,000 a day" in alert.text
    again = run_day(open_desk(root, now=NEXT_MORNING), intent=Intent.SHOW_AGAIN)
    assert alert in again.alerts


def test_the_history_of_a_desk_is_its_backtest(root: Path) -> None:
    """The mornings before T were replayed when the desk was made, with limits."""
    desk = open_desk(root, now=MORNING)
    events = desk.journal().events()
    lived = [e for e in events if isinstance(e, OrderPlaced) and e.session < T]
    first = min(e.session for e in events if isinstance(e, Decided))
    done = backtest(desk.panel(), desk.groups, desk_conditions(desk), first, lived[-1].session)
    assert lived == list(done.orders)
    buys = Counter(order.session for order in lived if order.side == "BUY")
    assert 0 < max(buys.values()) <= DESK_LIMITS["max_orders"]


def test_a_pause_by_the_desks_loss_is_one_warning(root: Path) -> None:
    edited(root, "params/desk.yaml", "max_orders: 5", "max_drawdown_pct: 0.01")
    day = run_day(open_desk(root, now=NEXT_MORNING))
    [alert] = [each for each in day.alerts if each.kind == "paused_by_limit"]
    assert (alert.severity, alert.subject) == ("warning", "desk")
    assert alert.text.startswith("No entries today, desk limit: equity is ")
    assert [o for o in orders(day) if o.side == "BUY"] == []
    assert "paused" not in {each.kind for each in day.alerts}
    assert {each.status for each in day.decided if not each.skipped} <= {"complete"}


def test_edited_limits_are_a_warning_of_the_next_morning(root: Path) -> None:
    edited(root, "params/desk.yaml", "max_orders: 5", "max_orders: 7")
    kinds = {a.kind: a.text for a in run_day(open_desk(root, now=NEXT_MORNING)).alerts}
    assert kinds["edited_limits"] == (
        "The desk's limits were edited since the decision of 2026-01-21: max_orders 5 -> 7"
    )


def test_what_is_ordered_is_not_listed_as_refused(day: ReportedDay) -> None:
    refused = {(each.group, each.code) for each in day.report.execution.refused}
    assert refused.isdisjoint((order.group, order.code) for order in orders(day))
    cut = [buy for buy in day.report.buys if buy.ordered and "cut from" in buy.note]
    assert {(buy.group, buy.code) for buy in cut} <= {(order.group, order.code) for order in orders(day)}


def test_a_wrong_limit_is_refused_with_its_place(root: Path) -> None:
    edited(root, "params/desk.yaml", "max_orders: 5", "max_order: 5")
    with pytest.raises(ParamsError, match="unknown key") as failure:
        open_desk(root, now=MORNING)
    assert failure.value.where.endswith("desk.yaml, limits")
