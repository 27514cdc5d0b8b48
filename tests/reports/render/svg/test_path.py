from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.path import (
    area_path,
    boxes_path,
    levels_path,
    line_path,
    shape_path,
    strokes_path,
    thin_points,
)
from tests.reports.render.svg.reading import read_path

NAN = math.nan
PLACE = st.floats(min_value=-900, max_value=900)
POINTS = st.lists(st.tuples(PLACE, PLACE), min_size=2, max_size=40)


def near(place: float) -> object:
    return pytest.approx(place, abs=0.0501)


@settings(deadline=None)
@given(POINTS)
def test_a_line_goes_through_its_points_and_rounding_never_adds_up(points) -> None:
    (line,) = read_path(line_path(points))
    assert line == [(near(x), near(y)) for x, y in points]


@settings(deadline=None)
@given(st.lists(st.one_of(PLACE, st.just(NAN)), max_size=40))
def test_a_gap_divides_a_line_and_a_lone_point_is_still_seen(values) -> None:
    lines = read_path(line_path(enumerate(values)))
    drawn = [place for line in lines for place in line]
    runs = sum(math.isfinite(b) and not math.isfinite(a) for a, b in pairwise([NAN, *values]))
    assert len(lines) == runs
    assert all(len(line) > 1 for line in lines)
    for n, value in enumerate(values):
        assert not math.isfinite(value) or any((near(n), near(value)) == place for place in drawn)


@settings(deadline=None)
@given(POINTS, PLACE)
def test_an_area_goes_back_to_its_base(points, base) -> None:
    (line,) = read_path(area_path(points, base))
    assert line[0] == line[-1] == (near(points[0][0]), near(base))
    assert line[1:-2] == [(near(x), near(y)) for x, y in points]
    assert line[-2] == (near(points[-1][0]), near(base))


def test_an_area_is_divided_by_a_gap() -> None:
    assert len(read_path(area_path([(0, 1), (1, 2), (2, NAN), (3, 1), (4, 2)], 9))) == 2


@settings(deadline=None)
@given(st.lists(st.tuples(PLACE, PLACE, PLACE), max_size=20))
def test_strokes_are_vertical_and_levels_horizontal(found) -> None:
    assert read_path(strokes_path(found)) == [
        [(near(x), near(start)), (near(x), near(end))] for x, start, end in found
    ]
    assert read_path(levels_path(found)) == [
        [(near(start), near(y)), (near(end), near(y))] for y, start, end in found
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(PLACE, PLACE, st.floats(0.2, 50), st.floats(0.2, 50)), max_size=20))
def test_boxes_are_closed_rectangles(boxes) -> None:
    for line, (x, y, width, height) in zip(read_path(boxes_path(boxes)), boxes, strict=True):
        right, bottom = near(x + width), near(y + height)
        corners = [
            (near(x), near(y)),
            (right, near(y)),
            (right, bottom),
            (near(x), bottom),
            (near(x), near(y)),
        ]
        assert line == corners


def test_a_shape_is_closed() -> None:
    assert shape_path([(1, 1), (2.5, 3), (0, 3)]) == "m1 1 1.5 2h-2.5z"


def test_paths_have_no_needless_characters() -> None:
    assert line_path([(0, 0), (2, -0.5), (4, -0.5), (4.5, 0.25), (5, 0.25)]) == "m0 0 2-.5h2l.5.7h.5"
    assert line_path([(1.04, 0), (1.06, 0), (1.06, 10)]) == "m1 0h.1v10"


POINT = st.floats(min_value=-900, max_value=900)


@settings(deadline=None)
@given(st.lists(st.one_of(POINT, st.just(NAN)), max_size=300), st.integers(10, 60))
def test_thinned_points_keep_both_ends_the_extremes_and_the_gaps(values, most) -> None:
    points = list(enumerate(values))
    kept = thin_points(points, most)
    known = [v for v in values if math.isfinite(v)]
    assert [x for x, _ in kept] == sorted({x for x, _ in kept})
    assert sum(math.isfinite(y) for _, y in kept) <= max(most, 2) + 4
    assert [x for x, y in points if not math.isfinite(y)] == [x for x, y in kept if not math.isfinite(y)]
    if points:
        assert (kept[0][0], kept[-1][0]) == (0, len(points) - 1)
    if known:
        assert {min(known), max(known)} <= {y for _, y in kept}


def test_few_points_are_left_as_they_are() -> None:
    points = [(float(n), 0.0) for n in range(10)]
    assert thin_points(points, 10) == points
