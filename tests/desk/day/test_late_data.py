"""A live desk on whose morning TOPIX, flows or statements are late: what it decides, records and says."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.alerts import Severity
from jstock_core.base.errors import DataError, ExitStatus, ParamsError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.care.imports import import_folder, store_status
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.explain import explain_decision
from jstock_core.desk.past.replays import replay_into_copy
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunStatus, read_manifest
from jstock_core.state.facts.events import Decided, OrderPlaced
from jstock_core.testing import InvestorWeek
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import Stock, panel

EVE, D, T, NEXT = date(2026, 1, 19), date(2026, 1, 20), date(2026, 1, 21), date(2026, 1, 22)
MORNING, LATER = "2026-01-21T07:00", "2026-01-21T07:40"
FIRST = date(2025, 1, 20)
GROUP = {
    "core": {
        "name": "Core",
        "initial_capital": 5_000_000,
        "entry": {"use": "SimpleScorer", "buy_threshold": 30},
        "exit": [{"layer": "stop_loss", "loss_pct": 8}],
        "sizing": {"use": "equal_weight"},
    }
}
WEEKS = [("2025-12-30", "2026-01-08"), ("2026-01-09", "2026-01-16")]
TOPIX_LATE = "TOPIX is late (2026-01-20 is due, the newest is 2026-01-19)"


def market(last: date, *, topix: bool = True, flows: int = 2) -> Panel:
    """6758 rises and falls on 20 January below its stop; 7203 rises; TOPIX of `last` may be missing."""
    days = tse().between(FIRST, last)
    rising = 1000.0 + np.arange(len(days))
    fallen = np.where(np.array(days) >= D, np.floor(rising * 0.88), rising)
    levels = np.full(len(days), 2000.0)
    levels[-1] = 2000.0 if topix else np.nan
    stocks = {"6758": Stock(fallen, open=rising), "7203": Stock(rising)}
    facts = [InvestorWeek(*week) for week in WEEKS[:flows]]
    return panel(stocks, sessions=days, topix=levels, facts=facts)


def monitor(desk: Desk, *codes: str) -> None:
    path = desk.workspace.inside(desk.settings.monitor_list)
    path.write_text(json.dumps({"tickers": list(codes)}), encoding="utf-8")


def at(desk: Desk, now: str) -> Desk:
    return open_desk(desk.workspace.root, now=now)


def bring(desk: Desk, whole: Panel, tmp: Path, now: str = MORNING) -> Desk:
    """Import a market at a time, and open the desk then."""
    import_folder(at(desk, now), str(write_market(whole, tmp / f"files-{len(list(tmp.iterdir()))}")))
    return at(desk, now)


@pytest.fixture
def held(tmp_path: Path) -> Desk:
    """A desk that buys 6758 at the opening of 20 January, and watches 7203 from then on."""
    made = make_desk(
        tmp_path / "desk", market=market(EVE, flows=1), now="2026-01-20T07:00", ready="fetched", groups=GROUP
    )
    monitor(made, "6758")
    run_day(at(made, "2026-01-20T07:00"))
    monitor(made, "6758", "7203")
    return made


@pytest.fixture
def late(held: Desk, tmp_path: Path) -> Desk:
    """The morning of 21 January: everything has come but TOPIX."""
    return bring(held, market(D, topix=False), tmp_path)


def policy(desk: Desk, **then: str) -> Desk:
    path = desk.workspace.desk_yaml
    text = "".join(
        line for line in path.read_text(encoding="utf-8").splitlines(True) if "late_data" not in line
    )
    path.write_text(f"{text}\nlate_data: {json.dumps(then)}\n", encoding="utf-8")
    return at(desk, MORNING)


def orders(day: ReportedDay) -> list[str]:
    own = (e for e in day.events if isinstance(e, OrderPlaced) and e.session == T)
    return [f"{order.side} {order.code}" for order in own]


def late_alerts(day: ReportedDay) -> list[tuple[Severity, str]]:
    return [(alert.severity, alert.subject) for alert in day.alerts if alert.kind == "late_data"]


# What is decided


def test_with_everything_there_the_desk_sells_and_buys(held: Desk, tmp_path: Path):
    day = run_day(bring(held, market(D), tmp_path))
    assert orders(day) == ["SELL 6758", "BUY 7203"]
    assert late_alerts(day) == []


def test_without_topix_the_desk_only_sells_and_says_so(late: Desk):
    day = run_day(late)
    assert (orders(day), day.exit) == (["SELL 6758"], ExitStatus.DEGRADED)
    assert late_alerts(day) == [(Severity.ALERT, "topix")]
    (skip,) = [s for s in day.decided[0].skipped if s["code"] == "7203"]
    assert skip["reason"] == f"entries stopped: {TOPIX_LATE}"


def test_late_flows_are_a_warning(held: Desk, tmp_path: Path):
    day = run_day(bring(held, market(D, flows=1), tmp_path))
    assert (orders(day), day.exit) == (["SELL 6758", "BUY 7203"], ExitStatus.OK)
    assert late_alerts(day) == [(Severity.WARNING, "flows")]


def test_an_old_list_of_stocks_is_a_warning(held: Desk, tmp_path: Path):
    path = held.workspace.root / "data" / "store.json"
    desk = bring(held, market(D), tmp_path)
    stored = {k: v for k, v in json.loads(path.read_text(encoding="utf-8")).items() if k != "check"}
    body = stored | {"list_day": "2025-12-01"}
    check = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({**body, "check": check}), encoding="utf-8")
    day = run_day(at(desk, MORNING))
    assert (orders(day), day.exit) == (["SELL 6758", "BUY 7203"], ExitStatus.OK)
    assert late_alerts(day) == [(Severity.WARNING, "master")]


def test_late_flows_may_stop_entries(held: Desk, tmp_path: Path):
    day = run_day(policy(bring(held, market(D, flows=1), tmp_path), flows="no_entries"))
    assert (orders(day), late_alerts(day)) == (["SELL 6758"], [(Severity.ALERT, "flows")])


def test_a_data_set_that_the_desk_has_not_got_is_not_late(held: Desk, tmp_path: Path):
    made = policy(bring(held, market(D), tmp_path), statements="stop", flows="stop", topix="stop")
    assert orders(run_day(made)) == ["SELL 6758", "BUY 7203"]


def test_the_desk_may_stop_for_topix_and_publishes_a_stale_page(late: Desk):
    made = policy(late, topix="stop")
    before = made.journal().events()
    with pytest.raises(DataError, match="TOPIX is late") as refused:
        publish_day(made)
    assert refused.value.exit == ExitStatus.DATA
    assert made.journal().events() == before
    page = latest_run(made.workspace.runs, T)
    assert read_manifest(page).status is RunStatus.STALE
    assert TOPIX_LATE in (page / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", ["bars", "flow"])
def test_bars_can_never_be_done_without(late: Desk, key: str):
    with pytest.raises(ParamsError, match="unknown key"):
        policy(late, **{key: "go_on"})


def test_what_follows_is_one_of_three_words(late: Desk):
    with pytest.raises(ParamsError, match="topix"):
        policy(late, topix="halt")


# Where it is said


def test_report_files_and_terminal_say_it(late: Desk, capsys: pytest.CaptureFixture[str]):
    words = ["-w", str(late.workspace.root), "--now", MORNING]
    assert jstock(["daily", *words]) == ExitStatus.DEGRADED
    assert f"No entries, {TOPIX_LATE}" in capsys.readouterr().out
    page = latest_run(late.workspace.runs, T)
    for name in ("report.html", f"trade_report_{T}.md", "daily.ipynb"):
        whole = (page / name).read_text(encoding="utf-8")
        said = re.sub("<[^>]+>", "", whole)  # dates have tags of their own
        assert f"No entries, {TOPIX_LATE}" in said, name
    signals = json.loads((page / f"signals_{T}.json").read_text(encoding="utf-8"))
    [row] = signals["late_data"]
    assert (row["dataset"], row["due"], row["newest"], row["then"]) == (
        "topix", "2026-01-20", "2026-01-19", "no_entries",
    )  # fmt: skip
    for command in ("trade prepare", "trade status", "trade report", "daily"):
        jstock([*command.split(), *words])
        assert TOPIX_LATE in " ".join(capsys.readouterr().out.split()), command
    assert jstock(["trade", "prepare", *words, "--json"]) == ExitStatus.DEGRADED
    assert json.loads(capsys.readouterr().out)["late_data"] == [row]
    assert jstock(["trade", "status", *words, "--json"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["late_data"] == [row]
    assert jstock(["explain", "7203", *words]) == ExitStatus.OK
    assert TOPIX_LATE in " ".join(capsys.readouterr().out.split())


def test_before_the_run_status_and_a_preview_say_it(late: Desk):
    assert [each.dataset for each in portfolio_status(late).late_data] == ["topix"]
    prepared = preview_morning(late)
    assert orders(prepared.day) == ["SELL 6758"]
    assert prepared.exit == ExitStatus.DEGRADED


def test_data_status_shows_what_is_due(late: Desk):
    ready = {each.dataset: each for each in store_status(late).readiness}
    assert [name for name, each in ready.items() if each.late] == ["topix"]
    assert (ready["topix"].due, ready["topix"].newest) == (D, EVE)
    shown = store_status(late).as_json()
    assert {row["dataset"]: row["late"] for row in shown["readiness"]}["topix"] is True
    assert shown["at"] == MORNING


def test_explain_names_the_late_data_as_the_reason(late: Desk):
    run_day(late)
    [core] = explain_decision(late, "7203", T).groups
    assert (core.verdict.action, core.verdict.order) == ("BUY", "")
    assert TOPIX_LATE in core.verdict.why_no_order
    [gate] = [gate for gate in core.gates if gate.name == "entries"]
    assert (gate.passed, TOPIX_LATE in gate.detail) == (False, True)


# Once it has come


@pytest.fixture
def come(late: Desk, tmp_path: Path) -> Desk:
    """The desk decided without TOPIX, and the next day everything was there."""
    run_day(late)
    return bring(late, market(T), tmp_path, "2026-01-22T07:00")


def test_the_same_morning_decided_again_has_the_same_orders(come: Desk):
    again = run_day(come, T, Intent.REHEARSE)
    assert (orders(again), late_alerts(again)) == (["SELL 6758"], [(Severity.ALERT, "topix")])
    shown = run_day(come, T, Intent.SHOW_AGAIN)
    assert (orders(shown), late_alerts(shown)) == (["SELL 6758"], [(Severity.ALERT, "topix")])


def test_explain_still_says_why(come: Desk):
    [core] = explain_decision(come, "7203", T).groups
    assert TOPIX_LATE in core.verdict.why_no_order


def test_a_backtest_and_a_replay_of_the_lived_mornings_agree(come: Desk, tmp_path: Path):
    monitor(come, "7203")
    made = at(come, "2026-01-22T07:00")
    done = run_backtest(made, str(T), str(T))
    assert (done.trades["core"].orders, done.proof.passed) == (0, True)
    replayed = replay_into_copy(made, str(T), str(T), tmp_path / "copy")
    assert replayed.orders == 0


def test_the_next_morning_enters_again(come: Desk):
    own = (e for e in run_day(come, NEXT).events if isinstance(e, OrderPlaced) and e.session == NEXT)
    assert "BUY 7203" in [f"{order.side} {order.code}" for order in own]


def test_topix_that_comes_before_the_open_revises_the_decision(late: Desk, tmp_path: Path):
    """The exits stay; the buy waits for a person, as after every repair."""
    run_day(late)
    made = bring(late, market(D), tmp_path, LATER)
    day = run_day(made)
    [decided] = day.decided
    assert (decided.revision, decided.status) == (1, "complete")
    assert (orders(day), late_alerts(day)) == (["SELL 6758"], [])
    assert orders(run_day(made, intent=Intent.REVISE)) == ["SELL 6758", "BUY 7203"]


def test_what_is_still_late_revises_nothing(late: Desk):
    run_day(late)
    before = late.journal().events()
    day = run_day(at(late, LATER))
    assert day.intent is Intent.SHOW_AGAIN
    assert late.journal().events() == before
    assert [e.revision for e in before if isinstance(e, Decided)] == [0, 0]


def test_another_policy_does_not_change_what_was_decided(late: Desk, tmp_path: Path):
    run_day(late)
    made = policy(late, topix="stop")
    assert late_alerts(run_day(made)) == [(Severity.ALERT, "topix")]
    assert orders(run_day(policy(late, topix="go_on"), T, Intent.REHEARSE)) == ["SELL 6758"]
