"""The first screen: what matters stands on it, and what has no room is folded."""

from __future__ import annotations

import re
from html import unescape

import pytest

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.top import top_section
from tests.reports.model.test_placements import crossing
from tests.reports.mornings import quiet, report


def text_of(shown: Report, words: Words = ENGLISH) -> str:
    html = re.sub(r"<svg.*?</svg>", "", top_section(shown, words).html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def alerts(number: int) -> list[Alert]:
    return [
        Alert("blocked", Severity.ALERT, str(n), f"{n} is blocked", f"run `jstock explain {n}`")
        for n in range(7000, 7000 + number)
    ]


def test_it_says_what_the_morning_is() -> None:
    text = text_of(report(status=DayStatus.DEGRADED, intent=Intent.REHEARSE))
    assert text.startswith("Orders for Wed 2026-01-21 SIMULATED REHEARSAL DEGRADED Data up to Tue 2026-01-20")
    assert "decided 07:00 JST" in text
    assert "these are no orders to place" in text


def test_orders_stand_in_one_line_each() -> None:
    assert "SELL 売 9984 100 寄成" in text_of(report())
    assert "BUY 買 6758 300 寄成 ソニーグループ" in text_of(report())
    assert "1 by you, 1 on paper" in text_of(crossing())
    assert "Nothing to place this morning." in text_of(quiet())


def test_an_alert_stands_with_its_command() -> None:
    html = top_section(report(alerts=alerts(1)), ENGLISH).html
    assert "7000 is blocked" in html
    assert '<code class="copy">jstock explain 7000</code>' in html
    assert "<details" not in html


def test_one_alert_that_is_folded_is_counted_as_one() -> None:
    pages = [top_section(report(alerts=alerts(number)), ENGLISH).html for number in range(1, 13)]
    folded = [page.partition('<details class="alerts">')[2] for page in pages]
    [one] = [part for part in folded if part.count("is blocked") == 1]
    assert "1 more alert<" in one


@pytest.mark.parametrize("number", [4, 12])
def test_alerts_without_room_are_folded_and_none_is_lost(number: int) -> None:
    html = top_section(report(alerts=alerts(number)), ENGLISH).html
    before, folded = html.split('<details class="alerts">')
    assert before.count("is blocked") >= 1
    assert before.count("is blocked") + folded.count("is blocked") == number
    assert f"{folded.count('is blocked')} more alerts" in folded


def test_it_says_what_changed() -> None:
    text = text_of(report())
    assert "Orders 1 filled, 1 not filled, +¥6,000 from sales, 1 morning missed" in text
    assert "This is the first morning." in text_of(quiet())


def test_equity_stands_against_topix() -> None:
    text = text_of(report())
    assert "¥8,010,000 +¥24,000" in text
    assert "TOPIX +0.5 %" in text
    assert "Desk +0.1 %, TOPIX +0.5 %" in unescape(top_section(report(), ENGLISH).html)
