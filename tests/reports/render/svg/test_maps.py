from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest

from jstock_core.reports.render.svg.maps import HeatScale, calendar_map, heat_map
from jstock_core.reports.render.svg.values import CalendarDay, Caption
from tests.reports.render.svg.reading import Drawing

CAPTION = Caption("Returns by month")
YEAR = [date(2025, 1, 1) + timedelta(n) for n in range(365)]


def months(value: float | None = 1.5, years: int = 2) -> list[list[float | None]]:
    return [[value] * 12 for _ in range(years)]


def test_the_numbers_stand_in_their_cells() -> None:
    cells = months()
    cells[1][3] = -4.25
    chart = Drawing.of(
        heat_map(CAPTION, ["2024", "2025"], [str(m) for m in range(1, 13)], cells, form="{:.0f}".format)
    )
    places = chart.texts()
    assert places["-4"] == pytest.approx((places["4"][0], places["2025"][1]), abs=1.1)
    assert len(chart.all("c-heat")) == 24


def test_gaps_stay_empty() -> None:
    cells = [[None, math.nan, 1.0]]
    chart = Drawing.of(heat_map(CAPTION, ["2025"], ["1", "2", "3"], cells, form=repr))
    assert len(chart.all("c-heat")) == 1


def test_a_number_that_is_too_wide_is_shown_when_pointed_at() -> None:
    chart = Drawing.of(
        heat_map(CAPTION, ["2025"], [str(m) for m in range(1, 13)], months(-12.345, 1), form=repr)
    )
    assert "-12.345" not in chart.texts()
    assert {box.findtext("title") for box in chart.all("c-heat")} == {"-12.345"}


def test_rows_and_cells_must_fit() -> None:
    with pytest.raises(ValueError, match="zip"):
        heat_map(CAPTION, ["2024", "2025"], ["1"], [[1.0]], form=repr)


def test_shades_grow_with_the_size_of_a_value() -> None:
    scale = HeatScale(0, 10)
    steps = [scale.shade(v) for v in (0.1, 2.6, 5.1, 7.6, 10.0, 25.0)]
    assert steps == [f"c-heat c-gain-{n}" for n in (1, 2, 3, 4, 4, 4)]
    assert scale.shade(-2.6) == "c-heat c-loss-2"
    assert [scale.shade(v) for v in (0.0, None, math.nan)] == ["c-heat"] * 3


def test_the_largest_value_has_the_deepest_shade_unless_a_limit_is_given() -> None:
    cells = [[1.0, -2.0]]
    free = Drawing.of(heat_map(CAPTION, ["2025"], ["1", "2"], cells, form=repr))
    fixed = Drawing.of(heat_map(CAPTION, ["2025"], ["1", "2"], cells, form=repr, scale=HeatScale(0, 10)))
    assert [box.get("class") for box in free.all("c-heat")] == ["c-heat c-gain-3", "c-heat c-loss-4"]
    assert [box.get("class") for box in fixed.all("c-heat")] == ["c-heat c-gain-1", "c-heat c-loss-1"]


def test_each_weekday_of_a_year_has_a_place_of_its_own() -> None:
    days = {day: CalendarDay(1.0) for day in [*YEAR, date(2024, 12, 31), date(2026, 1, 1)]}
    chart = Drawing.of(calendar_map(CAPTION, 2025, days))
    boxes = chart.all("c-heat")
    places = [(float(b.get("x", 0)), float(b.get("y", 0))) for b in boxes]
    assert len(boxes) == len(set(places)) == sum(day.weekday() < 5 for day in YEAR)
    width, height = (float(n) for n in chart.root.get("viewBox", "").split()[2:])
    size = float(boxes[0].get("width", 0))
    assert all(0 <= x <= width - size and 0 <= y <= height - size for x, y in places)
    rows = sorted({y for _, y in places})
    assert len(rows) == 10
    assert all(b - a > size for a, b in pairwise(rows))


@pytest.mark.parametrize("year", range(2000, 2030))
def test_half_a_year_has_room_in_every_year(year) -> None:
    days = {date(year, 1, 1) + timedelta(n): CalendarDay(1.0) for n in range(366)}
    boxes = Drawing.of(calendar_map(CAPTION, year, days)).all("c-heat")
    assert max(float(b.get("x", 0)) + float(b.get("width", 0)) for b in boxes) <= 360


def test_a_half_without_days_takes_no_room() -> None:
    whole = calendar_map(CAPTION, 2025, {day: CalendarDay(1.0) for day in YEAR})
    for months, names in ((range(1, 7), "1 2 3 4 5 6"), (range(7, 13), "7 8 9 10 11 12")):
        half = {day: CalendarDay(1.0) for day in YEAR if day.month in months}
        chart = Drawing.of(calendar_map(CAPTION, 2025, half))
        assert list(chart.texts()) == names.split()
        assert 2 * height(chart) == pytest.approx(height(Drawing.of(whole)), abs=0.2)
        assert max(float(b.get("y", 0)) + float(b.get("height", 0)) for b in chart.all("c-heat")) <= height(
            chart
        )
    assert height(Drawing.of(calendar_map(CAPTION, 2025, {}))) > 0


def height(chart: Drawing) -> float:
    return float(chart.root.get("viewBox", "").split()[3])


def test_days_lead_to_their_runs_and_say_what_they_are() -> None:
    days = {date(2025, 1, 6): CalendarDay(1.0, "2025-01-06/report.html", "2025-01-06: +1.0 %")}
    chart = Drawing.of(calendar_map(CAPTION, 2025, days))
    (link,) = chart.root.iter("a")
    assert (link.get("href"), link.findtext("title")) == ("2025-01-06/report.html", "2025-01-06: +1.0 %")
    assert chart.root.get("role") == "group"


def test_without_links_a_calendar_is_an_image() -> None:
    days = {date(2025, 1, 6): CalendarDay(None, title="closed")}
    chart = Drawing.of(calendar_map(CAPTION, 2025, days))
    assert chart.root.get("role") == "img"
    assert [each.findtext("title") for each in chart.root.iter("g")] == ["closed"]
