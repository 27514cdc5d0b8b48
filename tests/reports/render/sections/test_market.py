"""The market section: TOPIX, breadth, sectors and flows, each only where it is known."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.data.checks.absent import AbsentData
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.market.market import IndexPath, SectorReturn
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.market import market_section
from tests.reports import hand_made, mornings


@pytest.fixture(scope="module")
def long() -> Report:
    return build_report(hand_made.morning(hand_made.MORNINGS[-1]), DayStatus.COMPLETE, ())


def test_topix_and_breadth_are_numbers_side_by_side() -> None:
    shown = market_section(mornings.report(), ENGLISH).plain
    assert re.search(r"TOPIX +2,010.00  \+0.50 %, \+10.00, Bullish", shown)
    assert re.search(r"Stocks up +1  1 down, 0 unchanged", shown)
    assert re.search(r"Above their 25-session mean +50 %  1 of 2 stocks", shown)
    assert "New highs" not in shown  # no stock has a year behind it


def test_a_year_of_prices_has_new_highs(long: Report) -> None:
    assert re.search(r"New highs of a year +1  0 new lows, of 3 stocks", market_section(long, ENGLISH).plain)


def test_weeks_are_columns_with_their_spans(long: Report) -> None:
    shown = re.sub(r'<span class="whole">(.*?)</span>', r"\1", market_section(long, ENGLISH).html)
    assert len(re.findall(r"c-rise|c-fall", shown)) == 8
    assert "week to 2026-01-13, published 2026-01-14" in shown
    assert "the sum of the 4 weeks that ended 2025-12-17 to 2026-01-13" in shown


def many_sectors(count: int) -> tuple[SectorReturn, ...]:
    return tuple(
        SectorReturn(sector=f"Sector {n}", stocks=1, traded=1, day_pct=10.0 - n, span_pct=None)
        for n in range(count)
    )


def with_sectors(report: Report, sectors: tuple[SectorReturn, ...]) -> Report:
    return replace(report, market=replace(report.market, sectors=sectors))


def test_of_many_sectors_the_best_and_the_worst_are_shown_and_all_are_folded(long: Report) -> None:
    quiet = SectorReturn(sector="Quiet", stocks=1, traded=0, day_pct=None, span_pct=0.0)
    shown = market_section(with_sectors(long, (*many_sectors(20), quiet)), ENGLISH)
    best, worst = shown.markdown.split("Worst of the day")
    assert re.findall(r"Sector \d+", best) == [f"Sector {n}" for n in range(5)]
    assert re.findall(r"Sector \d+", worst) == [f"Sector {n}" for n in (19, 18, 17, 16, 15)]
    assert "<summary>All sectors</summary>" in shown.html
    assert "Quiet" in shown.html


def test_few_sectors_stand_in_one_table(long: Report) -> None:
    shown = market_section(with_sectors(long, many_sectors(10)), ENGLISH)
    assert "Worst of the day" not in shown.html
    assert len(re.findall(r"Sector \d", shown.markdown)) == 10


def test_what_the_desk_does_not_have_is_left_out(long: Report) -> None:
    gone = tuple(AbsentData(name, name, "") for name in ("topix", "flows"))
    bare = replace(
        with_sectors(long, ()),
        header=replace(long.header, absent=gone),
    )
    bare = replace(bare, market=replace(bare.market, path=IndexPath(), weeks=(), foreigners=None))
    shown = market_section(bare, ENGLISH)
    assert "TOPIX" not in shown.html
    assert "Foreigners" not in shown.html
    assert "Stocks up" in shown.html


def test_flows_that_are_not_known_are_said_to_be(long: Report) -> None:
    bare = replace(long, market=replace(long.market, weeks=(), foreigners=None))
    assert "No investor flows are known." in market_section(bare, ENGLISH).plain


def test_it_speaks_japanese_in_its_units(long: Report) -> None:
    shown = market_section(long, Words("ja")).plain
    assert set(re.findall(r"[A-Za-z]{3,}", shown)) == {"TOPIX"}
    assert "億円" in shown
    assert "輸送用機器" in shown
