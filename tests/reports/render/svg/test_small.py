from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.small import distance_bar, score_bar, sparkline
from jstock_core.reports.render.svg.values import BarPart, ChartLevel
from tests.reports.render.svg.reading import Drawing

CLOSES = [1000 + 40 * math.sin(n / 5) + 7 * ((n * 37) % 3) for n in range(60)]
LEVELS = [ChartLevel("entry", 1010.0), ChartLevel("stop", 940.0), ChartLevel("peak", 1154.0)]
PRICE = st.floats(min_value=1, max_value=1e5)
HOSTILE = '<script>alert("1")</script>&\x00'


def test_a_sparkline_takes_less_than_600_bytes() -> None:
    assert len(sparkline("Toyota: 60 sessions", CLOSES, levels=LEVELS).encode()) < 600


def test_a_sparkline_is_the_values_on_the_scale_of_its_levels() -> None:
    chart = Drawing.of(sparkline("Toyota", CLOSES, levels=LEVELS))
    stop, peak = (chart.paths(kind)[0][0][0][1] for kind in ("c-stop", "c-peak"))
    unit = (1154 - 940) / (stop - peak)
    (line,) = chart.paths("c-spark")[0]
    assert [940 + (stop - y) * unit for _, y in line] == [pytest.approx(v, abs=0.11 * unit) for v in CLOSES]
    assert 940 + (stop - chart.paths("c-entry")[0][0][0][1]) * unit == pytest.approx(1010, abs=0.11 * unit)
    (dot,) = chart.all("c-dot")
    assert (float(dot.get("cx", 0)), float(dot.get("cy", 0))) == pytest.approx(line[-1])


def test_a_sparkline_ends_where_the_bars_do() -> None:
    chart = Drawing.of(sparkline("Suspended", [*CLOSES[:30], None, *CLOSES[31:50], *([math.nan] * 10)]))
    first, second = chart.paths("c-spark")[0]
    assert (len(first), len(second)) == (30, 19)
    assert float(chart.all("c-dot")[0].get("cx", 0)) == pytest.approx(second[-1][0])


@pytest.mark.parametrize("values", [[], [None], [math.nan, None]])
def test_without_a_value_a_sparkline_is_its_title(values) -> None:
    chart = Drawing.of(sparkline("No bars", values, levels=LEVELS))
    assert chart.title() == "No bars"
    assert len(chart.root) == 1


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0]])
def test_a_still_price_is_drawn(values) -> None:
    assert Drawing.of(sparkline("Still", values)).paths("c-spark")


@settings(deadline=None)
@given(PRICE, PRICE, st.one_of(st.none(), PRICE), st.one_of(st.none(), PRICE))
def test_a_distance_bar_is_filled_between_stop_and_price(price, stop, entry, peak) -> None:
    chart = Drawing.of(distance_bar("Stop", price=price, stop=stop, entry=entry, peak=peak))
    low = min(price, stop)
    high = max(v for v in (price, stop, entry, peak) if v is not None)
    if high == low:
        return
    (filled,) = chart.all("c-fill")
    assert float(filled.get("x", 0)) == 0
    assert float(filled.get("width", -1)) == pytest.approx(
        (max(price, stop) - low) / (high - low) * 120, abs=0.06
    )
    for name, value in (("stop", stop), ("entry", entry), ("peak", peak)):
        ticks = chart.paths(f"c-{name}")
        assert len(ticks) == (value is not None and value >= low)
        if ticks and value is not None:
            place = min(max((value - low) / (high - low) * 120, 1), 119)
            assert ticks[0][0][0][0] == pytest.approx(place, abs=0.06)


def test_a_price_just_above_a_raised_stop_leaves_the_bar_almost_empty() -> None:
    """The entry lies far below a stop that was raised, and says nothing of the distance to it."""
    chart = Drawing.of(distance_bar("Stop", price=101, stop=100, entry=60, peak=120))
    assert float(chart.all("c-fill")[0].get("width", -1)) == pytest.approx(6)
    assert not chart.paths("c-entry")


def test_a_stop_that_is_near_or_broken_has_a_tone() -> None:
    assert Drawing.of(distance_bar("x", price=93, stop=92, tone="near")).all("near")
    assert Drawing.of(distance_bar("x", price=91, stop=92, tone="broken")).all("broken")


@pytest.mark.parametrize(("price", "stop"), [(None, 90.0), (100.0, None), (math.nan, 90.0)])
def test_without_price_or_stop_the_bar_is_empty(price, stop) -> None:
    chart = Drawing.of(distance_bar("No stop", price=price, stop=stop, entry=95.0))
    assert not chart.all("c-fill")
    assert chart.all("c-track")


def test_the_parts_of_a_score_are_stacked_and_named() -> None:
    parts = [BarPart("Trend", 22), BarPart("None", 0), BarPart("Momentum", 14.5), BarPart("Bad", math.nan)]
    chart = Drawing.of(score_bar("Score 36.5", parts, threshold=65))
    boxes = [
        (b.findtext("title"), float(b.get("x", 0)), float(b.get("width", 0))) for b in chart.all("c-part")
    ]
    assert boxes == [("Trend", 0, 26.4), ("Momentum", 26.4, 17.4)]
    assert chart.paths("c-threshold")[0][0][0][0] == pytest.approx(78)
    assert len({b.get("class") for b in chart.all("c-part")}) == 2


def test_a_score_above_the_full_one_stays_inside() -> None:
    chart = Drawing.of(score_bar("Score 130", [BarPart("A", 90), BarPart("B", 40)]))
    assert sum(float(b.get("width", 0)) for b in chart.all("c-part")) == 120


def test_texts_are_escaped() -> None:
    for drawn in (
        sparkline(HOSTILE, CLOSES),
        distance_bar(HOSTILE, price=100, stop=90),
        score_bar(HOSTILE, [BarPart(HOSTILE, 30)]),
    ):
        assert "<script" not in drawn
        assert Drawing.of(drawn).title() == '<script>alert("1")</script>&'
