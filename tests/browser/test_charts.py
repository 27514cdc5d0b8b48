"""Every kind of chart in Chromium: letters that a phone can show, inside the drawing and apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.words import number, pct, price
from jstock_core.reports.render.parts.markup import style_sheet
from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.maps import calendar_map, heat_map
from jstock_core.reports.render.svg.small import distance_bar, score_bar, sparkline
from jstock_core.reports.render.svg.values import (
    BarPart,
    CalendarDay,
    Caption,
    ChartColumn,
    ChartLevel,
    ChartLine,
    LineStyle,
)
from tests.reports.render.svg.test_candles import BARS, SESSIONS

CAPTION = Caption("A chart", "What it shows", "SIMULATED")
STYLES: tuple[LineStyle, ...] = ("group-1", "group-2", "topix", "topix-total", "whole")
NAMES = ("Conservative", "成長株グループ", "TOPIX", "TOPIX with dividends", "Whole desk")
LEVELS = [
    ChartLevel("entry", 2990.0, "Entry"), ChartLevel("stop", 2950.0, "Stop loss"),
    ChartLevel("peak", 3010.0, "Peak"), ChartLevel("layer", 2970.0, "Trailing stop"),
    ChartLevel("close", BARS.closes[-1] or 0),
]  # fmt: skip


def charts() -> dict[str, str]:
    moved = [[(v or 0) / 30 - 100 - 2 * n for v in BARS.closes] for n in range(len(STYLES))]
    lines = [
        ChartLine(style, values, name, pct(values[-1]), filled=style == "whole")
        for style, values, name in zip(STYLES, moved, NAMES, strict=True)
    ]
    weeks = [f"{session:%m-%d}" if n % 10 == 0 else "" for n, session in enumerate(SESSIONS[:40])]
    days = {day: CalendarDay(v, f"#{day}", f"{day}") for day, v in zip(SESSIONS, moved[0], strict=True)}
    return {
        "lines": line_chart(CAPTION, SESSIONS, lines, form=lambda v: pct(v, 0)),
        "flat": line_chart(CAPTION, SESSIONS, lines, form=lambda v: pct(v, 0), height=110),
        "candles": candle_chart(
            CAPTION, BARS, averages=[ChartLine("average-1", BARS.closes, "EMA 20")], levels=LEVELS, form=price
        ),
        "columns": column_chart(
            CAPTION,
            [ChartColumn(v * 1e6, name) for v, name in zip(moved[0], weeks, strict=False)],
            form=lambda v: number(v / 1e6, 0),
        ),
        "months": heat_map(
            CAPTION, ["2024", "2025"], [str(n) for n in range(1, 13)], [moved[0][:12], moved[1][:12]],
            form=lambda v: number(v, 0),
        ),
        "year": calendar_map(CAPTION, 2025, days),
        "spark": sparkline("Closes", BARS.closes[:60], levels=LEVELS[:3]),
        "distance": distance_bar("Stop", price=2980.0, stop=2950.0, entry=2990.0, peak=3010.0),
        "score": score_bar("Score", [BarPart("Trend", 30), BarPart("Flow", 20)], threshold=65),
    }  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = "".join(f'<div id="{name}">{svg}</div>' for name, svg in charts().items())
    path = tmp_path_factory.mktemp("charts") / "charts.html"
    path.write_text(
        '<!doctype html><html lang="en" class="jstock"><head><meta charset="utf-8"><title>Charts</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{style_sheet()} body {{ margin: 16px }}</style></head>"
        f"<body><main>{body}</main></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[Any]:
    contexts = []

    def one(width: int, *, dark: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        tab = context.new_page()
        tab.goto(page.as_uri())
        return tab

    yield one
    for context in contexts:
        context.close()


TEXTS = """() => [...document.querySelectorAll("svg text:not(.c-watermark)")].map(each => {
    const box = each.getBoundingClientRect(), svg = each.ownerSVGElement, whole = svg.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(each).fontSize) * whole.width / svg.viewBox.baseVal.width;
    return {chart: svg.parentNode.id, text: each.textContent, size, x: box.x, y: box.y, right: box.right,
        bottom: box.bottom, outside: Math.max(whole.x - box.x, box.right - whole.right)};
})"""


@pytest.mark.parametrize("width", [390, 600, 820, 1400])
def test_letters_are_large_enough_inside_and_apart(opened, width) -> None:
    tab = opened(width)
    texts = tab.evaluate(TEXTS)
    assert len(texts) > 60
    assert {round(each["size"]) for each in texts} <= set(range(11, 18))
    assert [each["text"] for each in texts if each["outside"] > 1] == []
    for chart in {each["chart"] for each in texts}:
        inside = [each for each in texts if each["chart"] == chart]
        assert [pair for n, one in enumerate(inside) for pair in overlaps(one, inside[n + 1 :])] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def overlaps(one: dict, others: list[dict]) -> list[tuple[str, str]]:
    """Texts whose letters touch: boxes are a third higher than letters."""
    room = (one["bottom"] - one["y"]) / 6
    return [
        (one["text"], other["text"])
        for other in others
        if one["x"] < other["right"] - 1
        and other["x"] < one["right"] - 1
        and one["y"] + room < other["bottom"] - room
        and other["y"] + room < one["bottom"] - room
    ]


def test_colours_follow_light_and_dark(opened) -> None:
    ink = "() => getComputedStyle(document.querySelector('svg text:not([class])')).fill"
    assert (opened(390).evaluate(ink), opened(390, dark=True).evaluate(ink)) == (
        "rgb(23, 26, 31)",
        "rgb(232, 235, 238)",
    )


def test_nothing_is_drawn_in_a_colour_of_its_own(opened) -> None:
    """What is shown has a fill or a stroke from the sheet; without one it would not be seen at all."""
    unseen = """() => [...document.querySelectorAll("path, rect, circle, text")].filter(each => {
        const style = getComputedStyle(each);
        return style.fill === "none" && style.stroke === "none";
    }).map(each => each.outerHTML.slice(0, 80))"""
    assert opened(390).evaluate(unseen) == []


def test_days_of_a_calendar_are_reached_with_the_keyboard(opened) -> None:
    tab = opened(390)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == f"#{SESSIONS[0]}"


def test_a_reader_of_screens_is_told_what_a_chart_shows(opened) -> None:
    tab = opened(390)
    assert tab.get_by_role("img", name="A chart").count() >= 5
    assert tab.get_by_role("img", name="Closes").count() == 1
