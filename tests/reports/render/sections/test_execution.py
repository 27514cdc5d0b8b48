"""The execution section: what each fill cost, and all so far."""

from __future__ import annotations

import re
from datetime import date

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.execution import execution_section
from tests.reports import hand_made, mornings
from tests.reports.mornings import D, fill, this_morning


def report_for(trade_date: date) -> Report:
    return build_report(hand_made.morning(trade_date), DayStatus.COMPLETE, ())


@pytest.fixture(scope="module")
def shown() -> str:
    return execution_section(report_for(hand_made.MORNINGS[-1]), ENGLISH).markdown


def test_a_fill_shows_yen_basis_points_and_ticks_against_both_references(shown: str) -> None:
    """100 of 7203 sold at ¥1,778, a yen below the opening price; a tick of it is ¥0.5."""
    assert "SELL (2026-01-20, on paper)" in shown
    assert "+¥100 (+5.6 bp, +2.0 ticks at ¥1,779)" in shown
    assert "+¥1,200 (+67.0 bp, +24.0 ticks at ¥1,790)" in shown


def test_the_totals_tell_apart_who_filled(shown: str) -> None:
    assert re.search(r"Filled by you +\| +22 \| +\+¥250 \(\+0.5 bp, −0.3 ticks\)", shown)
    assert re.search(r"Filled on paper +\| +59 \| +\+¥9,000 \(\+2.8 bp, \+0.9 ticks\)", shown)
    assert "−¥5,500 (−12.4 bp, −1.8 ticks, of 16 fills)" in shown


def test_a_fill_without_reference_says_why() -> None:
    by_hand = fill("alpha", "9984", "SELL", 100, "8000", D)
    shown = execution_section(mornings.report((by_hand, *this_morning())), ENGLISH)
    assert "- (the market data has no opening price of the session)" in shown.markdown
    assert "- (recorded without an order)" in shown.markdown
    assert "<script" not in shown.html  # the name of 9984 is one


def test_a_morning_without_fills_says_so() -> None:
    shown = execution_section(mornings.quiet(), ENGLISH).plain
    assert "No fills since the morning before" in shown
    assert "Slippage" not in shown
    assert "commission 0.1 %" in shown


def test_it_speaks_japanese() -> None:
    found = execution_section(report_for(hand_made.MORNINGS[-1]), Words("ja")).plain
    assert set(re.findall(r"[A-Za-z]{3,}", found)) == {"auto"}
    assert "判断時の終値比" in found
