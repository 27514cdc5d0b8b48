"""Live and historical desks on imported files: what is stale, what is late, and what is only rehearsed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus, ParamsError
from jstock_core.base.identity.source import hash_code
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunStatus, read_manifest
from jstock_core.state.facts.events import Decided, Filled, OrderPlaced
from jstock_core.testing import desk as make_desk
from jstock_core.testing.markets import Stock, panel

LAST = date(2026, 1, 20)
T, NEXT = date(2026, 1, 21), date(2026, 1, 22)
EAGER = {
    "core": {
        "name": "Core",
        "initial_capital": 5_000_000,
        "entry": {"use": "SimpleScorer", "buy_threshold": 30},
        "exit": [{"layer": "stop_loss", "loss_pct": 8}],
        "sizing": {"use": "equal_weight"},
    }
}


def market(last: date = LAST) -> Any:
    """A stock that rises a little every session, so that an eager group buys it."""
    days = tse().between(date(2025, 3, 3), last)
    close = 1000.0 + np.arange(len(days))
    return panel({"7203": Stock(close)}, sessions=days)


def files_desk(
    folder: Path, now: str = "", *, ready: Any = "fetched", last: date = LAST, **more: Any
) -> Desk:
    return make_desk(
        folder, market=market(last), now=now, ready=ready, groups=EAGER, changes={"desk": more}
    )  # fmt: skip


def decided(desk: Desk) -> list[date]:
    return [event.session for event in desk.journal().events() if isinstance(event, Decided)]


def at(desk: Desk, now: str) -> Desk:
    return open_desk(desk.workspace.root, now=now)


# Stale


@pytest.mark.parametrize("scheduled", [[], ["--scheduled"]])
def test_a_live_desk_with_yesterdays_bars_issues_nothing(tmp_path, scheduled, capsys):
    """Tuesday's orders were decided; on Wednesday morning nobody imported Tuesday's bars."""
    made = files_desk(tmp_path / "desk", ready="run")
    root = made.workspace.root
    before = made.journal().events()
    assert decided(made) == [T]
    words = ["daily", "-w", str(root), "--now", "2026-01-22T07:00", *scheduled]
    assert jstock(words) == ExitStatus.DATA
    assert "decisions need the bars of 2026-01-21, the newest are of 2026-01-20" in capsys.readouterr().err
    assert made.journal().events() == before


def test_the_page_of_a_refused_morning_says_stale(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-01-22T07:00")
    with pytest.raises(DataError):
        publish_day(made)
    page = latest_run(made.workspace.runs, NEXT)
    assert read_manifest(page).status is RunStatus.STALE
    for name in ("report.html", f"trade_report_{NEXT}.md"):
        assert "STALE" in (page / name).read_text(encoding="utf-8")
    assert not (page / "orders.csv").exists()
    assert "stale" in (made.workspace.runs / "index.html").read_text(encoding="utf-8")


def test_the_page_of_a_refused_morning_speaks_the_language_of_the_desk(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-01-22T07:00", language="ja")
    with pytest.raises(DataError):
        publish_day(made)
    folder = latest_run(made.workspace.runs, NEXT)
    for name in ("report.html", f"trade_report_{NEXT}.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert f"{NEXT}の判断と注文はない。" in text
        assert "直近の営業日のデータがない：判断には2026-01-21の日足が必要、最新は2026-01-20" in text
    assert '<html lang="ja"' in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("in_process")
def test_the_report_of_the_same_morning_takes_the_place_of_the_stale_page(tmp_path):
    """The bars come at half past seven; a rehearsal before them stays in the background."""
    made = files_desk(tmp_path / "desk", "2026-01-22T07:00", last=date(2026, 1, 21))
    runs = made.workspace.runs
    stale = files_desk(tmp_path / "stale", "2026-01-22T07:00")
    stale_runs = stale.workspace.runs
    with pytest.raises(DataError):
        publish_day(stale)
    stale_runs.rename(runs)
    publish_day(made, intent=Intent.REHEARSE)
    assert read_manifest(latest_run(runs, NEXT)).status is RunStatus.STALE
    publish_day(made)
    assert read_manifest(latest_run(runs, NEXT)).status is RunStatus.OK


def test_a_rehearsal_of_a_past_date_leaves_no_stale_page(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-02-02T07:00")
    with pytest.raises(DataError):
        publish_day(made, "2026-01-30")
    assert latest_run(made.workspace.runs, date(2026, 1, 30)) is None


def test_status_says_that_the_desk_is_stale(tmp_path, capsys):
    made = files_desk(tmp_path / "desk", ready="run")
    assert portfolio_status(made).stale_since is None
    later = at(made, "2026-01-22T07:00")
    assert portfolio_status(later).stale_since == date(2026, 1, 21)
    words = ["trade", "status", "-w", str(made.workspace.root), "--now", "2026-01-22T07:00"]
    assert jstock(words) == ExitStatus.OK
    assert "STALE the bars of 2026-01-21 are not imported yet" in capsys.readouterr().out


# Past dates


def test_a_past_date_on_the_first_run_is_a_rehearsal(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-11-30T07:00")
    done = run_day(made, "2026-01-21")
    assert done.intent is Intent.REHEARSE
    assert [e for e in done.events if isinstance(e, OrderPlaced)]
    assert made.journal().events() == ()


def test_a_past_date_on_the_first_run_of_a_simulated_desk_journals_nothing(tmp_path):
    made = make_desk(tmp_path / "desk", ready="fetched")
    done = run_day(made, "2026-01-15")
    assert done.intent is Intent.REHEARSE
    assert made.journal().events() == ()


def test_todays_date_after_the_bars_came_is_past(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-01-21T16:30", last=T)
    assert run_day(made, T).intent is Intent.REHEARSE
    assert run_day(made, NEXT).intent is Intent.JOURNAL


# Late


def test_a_late_morning_of_a_desk_on_files_is_late(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-01-21T09:00")
    done = run_day(made)
    placed = [e for e in done.events if isinstance(e, OrderPlaced)]
    assert {order.source for order in placed} == {"late"}
    assert any("after the opening auction" in alert.text for alert in done.alerts)
    again = files_desk(tmp_path / "next", "2026-01-22T07:00", last=T)
    again.workspace.state.parent.joinpath("state").mkdir(exist_ok=True)
    made.workspace.journal.replace(again.workspace.journal)
    for each in made.workspace.state.glob("journal.head*"):
        each.replace(again.workspace.state / each.name)
    assert not [e for e in run_day(again).events if isinstance(e, Filled)]


def test_what_is_recorded_after_the_open_is_late_though_it_was_decided_before(tmp_path, monkeypatch):
    """The auction began while the morning was decided."""
    made = files_desk(tmp_path / "desk", "2026-01-21T08:59")
    times = iter(range(10_000))

    def clock(_self):
        from datetime import datetime

        return datetime(2026, 1, 21, 8, 59, 50, tzinfo=JST) + timedelta(seconds=3 * next(times))

    monkeypatch.setattr(Desk, "now", clock)
    done = run_day(made)
    assert {e.source for e in done.events if isinstance(e, OrderPlaced)} == {"late"}
    assert any(alert.kind == "late" for alert in done.alerts)


def test_a_preview_after_the_open_says_that_it_is_late(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-01-21T09:30")
    assert any(alert.kind == "late" for alert in run_day(made, intent=Intent.PREVIEW).alerts)


# Historical


def test_a_historical_desk_lives_in_the_time_of_its_data(tmp_path):
    made = files_desk(tmp_path / "desk", "2026-11-30T12:00", live=False)
    assert f"{made.now():%Y-%m-%dT%H:%M}" == "2026-01-21T07:00"
    assert made.next_trade_date == T
    done = run_day(made)
    assert done.intent is Intent.JOURNAL
    assert {e.source for e in done.events if isinstance(e, OrderPlaced)} == {"paper"}
    assert portfolio_status(made).stale_since is None


def test_everything_a_historical_desk_shows_says_so(tmp_path, capsys):
    made = files_desk(tmp_path / "desk", "2026-11-30T12:00", live=False)
    root = ["-w", str(made.workspace.root), "--now", "2026-11-30T12:00"]
    assert jstock(["daily", *root]) == ExitStatus.OK
    assert "HISTORICAL" in capsys.readouterr().out
    run = latest_run(made.workspace.runs, T)
    for name in ("report.html", f"trade_report_{T}.md", "orders.csv"):
        assert "HISTORICAL" in (run / name).read_text(encoding="utf-8")
    manifest = read_manifest(run)
    assert manifest.historical
    assert manifest.kernel is not None
    assert manifest.kernel.sha256 == manifest.code.sha256 == hash_code()
    for words in (
        ["trade", "status"],
        ["trade", "prepare"],
        ["trade", "orders", "list"],
        ["trade", "history"],
    ):
        assert jstock([*words, *root]) == ExitStatus.OK
        assert capsys.readouterr().out.startswith("HISTORICAL")
        assert jstock([*words, *root, "--json"]) == ExitStatus.OK
        assert '"historical": true' in capsys.readouterr().out


def test_a_historical_desk_is_not_scheduled(tmp_path, capsys):
    now = "2026-11-30T06:30"
    made = files_desk(tmp_path / "desk", now, live=False)
    words = ["daily", "--scheduled", "-w", str(made.workspace.root), "--now", now]
    assert jstock(words) == ExitStatus.USAGE
    assert "this desk is historical" in capsys.readouterr().err
    assert made.journal().events() == ()


def test_a_desk_on_a_provider_that_lags_is_historical(tmp_path, monkeypatch):
    from dataclasses import replace

    from jstock_core.data.providers.files import ImportedFiles

    made = files_desk(tmp_path / "desk")
    lagging = replace(ImportedFiles.capabilities, live=False)
    monkeypatch.setattr(ImportedFiles, "capabilities", lagging)
    with pytest.raises(ParamsError, match="no desk on it is live"):
        open_desk(made.workspace.root)
