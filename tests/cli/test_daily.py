from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jstock_core.cli.daily import SHOWN, show_day
from jstock_core.desk.day.daily import PublishedRun
from jstock_core.runs.manifest import RunStatus

HEADLINE = {
    "trade_date": "2026-01-21", "intent": "journal", "buys": 0, "sells": 0, "unknown": 0, "orders": 0,
    "equity": 5_000_000, "total_return_pct": 0.0, "topix_return_pct": None, "status": "degraded",
}  # fmt: skip


def said(alerts: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    headline = HEADLINE | {"alerts": alerts}
    show_day(PublishedRun(Path("run"), date(2026, 1, 21), RunStatus.DEGRADED, headline, {}))
    return [line.strip() for line in capsys.readouterr().out.splitlines() if "alert" in line]


def test_the_summary_prints_every_alert_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(["[red]a: nobody judges its 1024[/]"], capsys) == [
        "alert    [red]a: nobody judges its 1024[/]"
    ]


def test_many_alerts_are_cut_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    *shown, more = said([f"number {n}" for n in range(SHOWN + 3)], capsys)
    assert len(shown) == SHOWN
    assert more == "alert    and 3 more: the report has them"


def test_a_quiet_day_prints_no_alert(capsys: pytest.CaptureFixture[str]) -> None:
    assert said([], capsys) == []
