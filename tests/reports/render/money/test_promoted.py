"""Promoted sets and their drift on the page, in Markdown and in the mail, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.codec import report_from_json, report_json
from jstock_core.reports.model.money.promoted import PromotedGroup
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.money.promoted import promoted_part
from jstock_core.reports.render.outgoing.mail import mail_body
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.words import ENGLISH, Words
from tests.reports import hand_made

JAPANESE = Words("ja", "green")
CALM = PromotedGroup(
    group="auto", candidate="calm", by="Ito", since=date(2026, 1, 6), edited=False, sessions=12,
    return_pct=1.2, expected_pct=0.8, spread_pct=2.0, drawdown_pct=-1.5, tested_drawdown_pct=-7.5,
)  # fmt: skip


@pytest.fixture(scope="module")
def plain() -> Report:
    return build_report(hand_made.morning(hand_made.MORNINGS[-1]), DayStatus.COMPLETE, ())


def with_sets(report: Report, *promoted: PromotedGroup) -> Report:
    return replace(report, performance=replace(report.performance, promoted=promoted))


def test_the_drift_is_in_standard_deviations():
    assert CALM.drift == pytest.approx(0.2)
    assert not CALM.is_far


@pytest.mark.parametrize(
    ("changes", "far"),
    [
        ({"return_pct": 4.9}, True),
        ({"return_pct": -3.3}, True),
        ({"return_pct": 4.7}, False),
        ({"drawdown_pct": -7.6}, True),
        ({"spread_pct": None, "return_pct": 90.0}, False),
        ({"spread_pct": 0.0}, False),
        ({"tested_drawdown_pct": None, "drawdown_pct": -90.0}, False),
    ],
    ids=str,
)
def test_what_is_beyond_its_backtest_is_far(changes: dict[str, Any], far: bool):
    assert replace(CALM, **changes).is_far is far


def test_the_set_is_named_beside_what_its_backtest_expects():
    shown = promoted_part((CALM,), ENGLISH)
    for text in (
        "calm",
        "since 2026-01-06",
        "+1.2 %",
        "+0.8 % ± 2.0 %",
        "+0.2",
        "−1.5 %",
        "backtest −7.5 %",
    ):
        assert text in shown.markdown
        assert text in shown.html
    assert "look at it" not in shown.html


def test_what_drifts_is_marked_and_what_was_edited_is_said():
    far = promoted_part((replace(CALM, return_pct=-5.0, edited=True),), ENGLISH)
    assert "look at it" in far.markdown
    assert "edited since" in far.markdown
    japanese = promoted_part((replace(CALM, return_pct=-5.0, edited=True),), JAPANESE)
    assert "その後に編集あり" in japanese.html
    assert "edited" not in japanese.html


def test_a_set_of_today_has_no_figures_yet():
    none = dict.fromkeys(("return_pct", "expected_pct", "spread_pct", "drawdown_pct"))
    fresh = replace(CALM, sessions=0, **none)
    assert fresh.drift is None
    assert "None" not in promoted_part((fresh,), ENGLISH).markdown


def test_the_report_shows_it_everywhere_and_keeps_it(plain: Report):
    report = with_sets(plain, CALM)
    for words, title in ((ENGLISH, "Promoted sets"), (JAPANESE, "採用したパラメーター")):
        assert title in MorningPage(report, words).performance.markdown
        body = mail_body(report, words, {})
        assert title in body.html
        assert words.named("auto", "calm") in body.text
    assert report_from_json(report_json(report)).performance.promoted == (CALM,)


def test_without_promotions_nothing_is_shown_and_nothing_is_in_the_json(plain: Report):
    assert plain.performance.promoted == ()
    assert "Promoted" not in MorningPage(plain, ENGLISH).performance.markdown
    assert "Promoted" not in mail_body(plain, ENGLISH, {}).text
    assert '"promoted"' not in report_json(plain)
