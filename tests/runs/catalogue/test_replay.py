"""The replay page holds many mornings as data, shows them by one script, and asks for nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.runs.catalogue.replay import replay_page
from tests.reports import mornings

YEAR, MOST_BYTES = 250, 1_500_000


def on(day: int) -> Report:
    report = mornings.report()
    header = replace(report.header, trade_date=report.header.trade_date + timedelta(days=day))
    return replace(report, header=header)


def busy(day: int) -> Report:
    """Ten positions, four orders and four fills: more than a usual morning."""
    report = on(day)
    held = (report.portfolio.held * 5)[:10]
    fills = [each for each in report.execution.events if each.kind == "fill"]
    execution = replace(report.execution, tickets=report.execution.tickets * 2, events=(*fills * 4,)[:4])
    return replace(report, portfolio=replace(report.portfolio, held=held), execution=execution)


def data(page: str) -> list[dict]:
    return json.loads(re.search(r'id="mornings">(.*?)</script>', page, re.DOTALL).group(1))


def test_each_morning_says_what_its_report_says() -> None:
    (shown,) = data(replay_page([on(0)], ENGLISH))
    assert shown["day"] == "Wed 2026-01-21"
    assert (shown["equity"], shown["pnl"], shown["tone"]) == ("¥8,010,000", "+¥24,000", "gain")
    assert shown["orders"][1] == ["BUY", "6758 ソニーグループ", "300", "core: because"]
    assert shown["fills"] == [["SELL", "6758 ソニーグループ", "300 x ¥1,020", "alpha: +¥6,000"]]
    assert shown["positions"][-1][0] == "7203 トヨタ自動車"


def test_nothing_in_a_name_ends_the_data_or_begins_another_element() -> None:
    page = replay_page([on(0)], ENGLISH)
    assert mornings.EVIL in data(page)[0]["orders"][0][1]
    assert page.count("<script") == 2
    assert '<script>alert("x")' not in page


def test_the_policy_allows_its_own_script_only() -> None:
    page = replay_page([on(0)], ENGLISH)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.replace("&#39;", "'").startswith("default-src 'none';")
    assert "script-src" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("words", [ENGLISH, Words("ja", "red")])
def test_a_year_of_busy_mornings_is_a_small_file(words: Words) -> None:
    page = replay_page((busy(day) for day in range(YEAR)), words)
    assert len(data(page)) == YEAR
    assert len(page.encode()) < MOST_BYTES


def test_without_its_script_a_table_of_the_mornings_is_left() -> None:
    page = replay_page([on(0), on(1)], ENGLISH)
    assert '<div class="player" hidden>' in page
    assert page.count('<th scope="row">') == 2
