"""The page shows each section once, under its heading, in the three forms of a display."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.reports.render.page import SECTIONS, MorningPage
from tests.reports import mornings

DAILY = Path(__file__).parents[3] / "notebooks" / "daily.ipynb"


@pytest.fixture(scope="module")
def page() -> MorningPage:
    return MorningPage(mornings.report())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_a_target_of_links_under_a_heading(page: MorningPage, name: str) -> None:
    shown = getattr(page, name)
    if shown.html:
        assert f'id="{name}"' in shown.html
        assert shown.html.startswith('<section class="jstock"')
        assert shown.markdown.startswith("#")
    assert shown == page.section(name)


def test_the_section_that_is_asked_for_first_brings_the_sheet() -> None:
    page = MorningPage(mornings.report())
    shown = [getattr(page, name)._repr_mimebundle_()["text/html"] for name in ("orders", "top", "orders")]
    assert [html.startswith("<style data-jstock>") for html in shown] == [True, False, True]


def test_nothing_from_outside_is_markup(page: MorningPage) -> None:
    for name in SECTIONS:
        assert "<script" not in page.section(name).html
        assert "<script" not in page.section(name).markdown.replace("\\<", "")


def test_the_daily_notebook_shows_every_section_in_the_order_of_the_page() -> None:
    cells = json.loads(DAILY.read_text(encoding="utf-8"))["cells"]
    shown = ["".join(cell["source"]) for cell in cells]
    assert [line for line in shown if line.startswith("page.")] == [f"page.{name}" for name in SECTIONS]


def test_a_section_that_is_not_there_is_named(page: MorningPage) -> None:
    assert "orders" in dir(page)
    with pytest.raises(AttributeError, match="no section 'weather'; there are top, orders"):
        _ = page.weather
    with pytest.raises(UsageError, match="'weather'"):
        page.section("weather")
