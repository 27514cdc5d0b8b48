from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.base.intent import Intent
from jstock_core.cli.day.daily import SHOWN, show_day
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.reports.model.headline import Headline
from jstock_core.runs.manifest import RunStatus

HEADLINE = Headline(
    simulated=True, trade_date=date(2026, 1, 21), evaluated=date(2026, 1, 20), status=DayStatus.DEGRADED,
    intent=Intent.JOURNAL, buys=0, sells=0, orders=0, orders_by_you=0, unknown=0, alerts=(), warnings=(),
    equity=5_000_000, day_pnl=0,
    cash=5_000_000, total_return_pct=0.0, topix_close=2_000.0, topix_change_pct=None, topix_return_pct=None,
    max_drawdown_pct=0.0, group_equity={},
)  # fmt: skip


def said(alerts: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    headline = replace(HEADLINE, alerts=tuple(alerts))
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


def test_what_must_be_known_before_orders_are_placed_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """An order after the opening auction would else be placed as any other."""
    headline = replace(HEADLINE, warnings=("Issued after the opening auction",))
    show_day(PublishedRun(Path("run"), date(2026, 1, 21), RunStatus.OK, headline, {}))
    assert "  warning  Issued after the opening auction\n" in capsys.readouterr().out


def test_a_quiet_day_prints_no_alert(capsys: pytest.CaptureFixture[str]) -> None:
    assert said([], capsys) == []
