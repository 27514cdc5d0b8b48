from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.labels import text_width
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine, group_style
from tests.reports.render.svg.reading import Drawing
from tests.reports.render.svg.test_scale import weekdays

SESSIONS = weekdays(date(2025, 8, 1), 60)
WAVE = [10 * math.sin(n / 9) for n in range(60)]
VALUES = st.lists(st.one_of(st.floats(-50, 50), st.none(), st.just(math.nan)), min_size=60, max_size=60)


def drawn(*lines: ChartLine, **options: object) -> Drawing:
    return Drawing.of(line_chart(Caption("Equity"), SESSIONS, lines, form=repr, **options))


def read_back(chart: Drawing, kind: str) -> list[float]:
    """The values of a line, without its stroke to the label."""
    return [chart.value(y) for line in chart.paths(kind)[0] for _, y in line]


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_what_is_drawn_are_the_values(values) -> None:
    chart = drawn(ChartLine("whole", values), ChartLine("topix", WAVE))
    known = [v for v in values if v is not None and math.isfinite(v)]
    found = read_back(chart, "c-whole") if known else []
    lonely = len(found) - len(known)  # a lone point is a short stroke of two places
    assert lonely >= 0
    for value in known:
        assert any(abs(value - each) <= 0.25 * chart.unit() for each in found)
    assert read_back(chart, "c-topix") == [pytest.approx(v, abs=0.25 * chart.unit()) for v in WAVE]


def test_sessions_stand_side_by_side_without_gaps() -> None:
    (line,) = drawn(ChartLine("whole", WAVE)).paths("c-whole")[0]
    steps = [b[0] - a[0] for a, b in pairwise(line)]
    assert max(steps) - min(steps) < 0.11


def test_dates_never_touch_also_where_holidays_leave_few_sessions() -> None:
    days = weekdays(date(2025, 8, 1), 80)
    for closed in range(3, 60):
        sessions = days[:closed] + days[closed + 18 :]
        values = WAVE[: len(sessions)] + [0.0] * (len(sessions) - len(WAVE))
        chart = Drawing.of(line_chart(Caption("x"), sessions, [ChartLine("whole", values)], form=repr))
        dates = sorted(place[0] for text, place in chart.texts("c-soft").items() if "-" in text[1:])
        assert dates
        assert all(b - a > text_width("08-01") for a, b in pairwise(dates))


def test_a_missing_value_is_a_gap() -> None:
    values = [*WAVE[:20], None, math.nan, *WAVE[22:]]
    assert [len(line) for line in drawn(ChartLine("whole", values)).paths("c-whole")[0]] == [20, 38]


def test_a_filled_line_is_shaded_to_the_base() -> None:
    chart = drawn(ChartLine("whole", [-abs(v) for v in WAVE], filled=True))
    (area,) = chart.paths("c-area")[0]
    assert chart.value(area[0][1]) == chart.value(area[-1][1]) == pytest.approx(0, abs=0.25 * chart.unit())
    assert chart.value(chart.paths("c-base")[0][0][0][1]) == pytest.approx(0, abs=0.25 * chart.unit())
    assert not drawn(ChartLine("whole", WAVE)).all("c-area")


def test_labels_stand_apart_at_the_right_and_strokes_lead_to_them() -> None:
    lines = [ChartLine(group_style(n), [*WAVE[:-1], 0.1 * n], f"Group {n}", f"{n} %") for n in range(8)]
    chart = drawn(*lines)
    places = {text: place for text, place in chart.texts().items() if text.startswith("Group")}
    assert list(places) == [f"Group {n} {n} %" for n in range(8)]
    heights = sorted(y for _, y in places.values())
    assert all(b - a >= 13.9 for a, b in pairwise(heights))
    for n, (x, y) in enumerate(places.values()):
        ends = [line[-1] for path in chart.paths(f"c-{group_style(n)}") for line in path]
        assert any(abs(end[1] - y) < 0.11 and 0 < x - end[0] < 5 for end in ends)


def test_a_long_label_is_cut_and_its_value_is_not() -> None:
    chart = drawn(ChartLine("group-1", WAVE, "Conservative Strategy of the Family", "+12.3 %"))
    (label,) = [text for text in chart.texts() if text.startswith("Cons")]
    assert label.endswith("… +12.3 %")


def test_later_lines_lie_over_earlier_ones() -> None:
    svg = line_chart(Caption("x"), SESSIONS, [ChartLine("topix", WAVE), ChartLine("whole", WAVE)], form=repr)
    assert svg.index("c-topix") < svg.index("c-whole")


def test_a_watermark_is_drawn_where_the_market_is_not_real() -> None:
    svg = line_chart(Caption("x", watermark="SIMULATED"), SESSIONS, [ChartLine("whole", WAVE)], form=repr)
    assert "SIMULATED" in Drawing.of(svg).texts("c-watermark")
    assert not drawn(ChartLine("whole", WAVE)).texts("c-watermark")


@pytest.mark.parametrize("values", [[], [None], [5.0], [0.0, 0.0], [math.nan] * 4])
def test_few_values_are_drawn_as_far_as_they_go(values) -> None:
    svg = line_chart(Caption("x"), SESSIONS[: len(values)], [ChartLine("whole", values, "Whole")], form=repr)
    assert "nan" not in svg
    assert bool(Drawing.of(svg).paths("c-whole")) == any(v is not None and math.isfinite(v) for v in values)


def test_without_a_base_the_scale_is_that_of_the_values() -> None:
    chart = drawn(ChartLine("whole", [1000 + v for v in WAVE]), base=None)
    assert not chart.all("c-base")
    assert chart.value(8) == pytest.approx(1010.8, abs=0.5)


def test_five_years_take_no_more_than_a_few_kilobytes_and_keep_their_extremes() -> None:
    sessions = weekdays(date(2020, 1, 6), 1250)
    values = [(n * 7919) % 1000 / 10 for n in range(1250)]
    svg = line_chart(Caption("x"), sessions, [ChartLine("whole", values)], form=repr)
    chart = Drawing.of(svg)
    found = read_back(chart, "c-whole")
    assert len(svg) < 6_000
    near = 0.25 * chart.unit()
    assert min(found) == pytest.approx(min(values), abs=near)
    assert max(found) == pytest.approx(max(values), abs=near)
