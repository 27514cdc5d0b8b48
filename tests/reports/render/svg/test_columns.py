from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.values import Caption, ChartColumn
from tests.reports.render.svg.reading import Drawing

VALUES = st.lists(st.one_of(st.floats(-1e12, 1e12), st.none(), st.just(math.nan)), max_size=30)


def drawn(*values: float | None, **options: object) -> Drawing:
    columns = [ChartColumn(value, f"w{n}", f"week {n}") for n, value in enumerate(values)]
    return Drawing.of(column_chart(Caption("Flows"), columns, form=repr, **options))


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_columns_reach_from_zero_to_their_value(values) -> None:
    known = [v for v in values if v is not None and math.isfinite(v)]
    if max((abs(v) for v in known), default=0) < 1e-3:
        return
    chart = drawn(*values)
    near = 0.6 * chart.unit()
    boxes = [each for each in chart.root.iter("path") if each.get("class") in ("c-rise", "c-fall")]
    assert len(boxes) == len(known)
    rising, falling = iter(chart.paths("c-rise")), iter(chart.paths("c-fall"))
    for value in known:
        (box,) = next(rising if value >= 0 else falling)
        ends = sorted(chart.value(y) for y in {box[0][1], box[2][1]})
        assert ends == [pytest.approx(min(value, 0), abs=near), pytest.approx(max(value, 0), abs=near)]


def test_columns_are_named_below_and_say_what_they_are() -> None:
    chart = drawn(1.0, None, -2.0)
    assert {"w0", "w1", "w2"} <= chart.texts().keys()
    assert [box.findtext("title") for kind in ("c-rise", "c-fall") for box in chart.all(kind)] == [
        "week 0",
        "week 2",
    ]


def test_a_histogram_has_one_colour() -> None:
    chart = drawn(1.0, 3.0, 2.0, toned=False)
    assert len(chart.all("c-plain")) == 3
    assert not chart.all("c-rise")


@pytest.mark.parametrize("values", [[], [None], [0.0]])
def test_few_columns_are_drawn_as_far_as_they_go(values) -> None:
    assert drawn(*values).title() == "Flows"
