from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.values import Candles, Caption, ChartLevel, ChartLine, ChartMark
from tests.reports.render.svg.reading import Drawing
from tests.reports.render.svg.test_scale import weekdays

SESSIONS = weekdays(date(2025, 7, 28), 120)
CAPTION = Caption("7203 Toyota", "120 sessions", "SIMULATED")
MISSING = (40, 41, 77)


def bars(seed: int = 3) -> Candles:
    made = random.Random(seed)
    closes = [3000.0]
    while len(closes) < 120:
        closes.append(closes[-1] * (1 + made.gauss(0, 0.015)))
    opens = [3010.0, *(c * (1 + made.gauss(0, 0.006)) for c in closes[:-1])]
    highs = [max(a, b) + made.random() * 30 for a, b in zip(opens, closes, strict=True)]
    lows = [min(a, b) - made.random() * 30 for a, b in zip(opens, closes, strict=True)]
    return Candles(SESSIONS, opens, highs, lows, closes, [made.randrange(10_000, 90_000) for _ in closes])


def without(values: object) -> list[float | None]:
    return [(None if n % 2 else math.nan) if n in MISSING else v for n, v in enumerate(values)]


BARS = bars()
GAPPED = Candles(SESSIONS, *map(without, (BARS.opens, BARS.highs, BARS.lows, BARS.closes, BARS.volumes)))


def drawn(candles: Candles = BARS, **options: object) -> Drawing:
    return Drawing.of(candle_chart(CAPTION, candles, form=repr, **options))


def places(chart: Drawing, kind: str) -> Iterator[tuple[float, float, float]]:
    """Of every wick or body of a kind: the middle, the value above and the value below."""
    for path in chart.paths(kind):
        for line in path:
            xs, ys = [x for x, _ in line], [y for _, y in line]
            yield (min(xs) + max(xs)) / 2, chart.value(min(ys)), chart.value(max(ys))


def test_bodies_and_wicks_are_the_bars() -> None:
    chart = drawn(GAPPED)
    near = 0.25 * chart.unit()
    flat = 0.6 * chart.unit()  # the least height of a body
    whole = [n for n in range(120) if n not in MISSING]
    up = [n for n in whole if BARS.closes[n] >= BARS.opens[n]]
    down = [n for n in whole if n not in up]
    for kind, chosen in (("c-up", up), ("c-down", down)):
        both = list(places(chart, kind))
        wicks, bodies = both[: len(chosen)], both[len(chosen) :]
        assert len(wicks) == len(bodies) == len(chosen)
        for n, (x, high, low), (middle, top, bottom) in zip(chosen, wicks, bodies, strict=True):
            assert (high, low) == (
                pytest.approx(BARS.highs[n], abs=near),
                pytest.approx(BARS.lows[n], abs=near),
            )
            ends = sorted((BARS.opens[n], BARS.closes[n]))
            assert top == pytest.approx(ends[1], abs=near)
            assert bottom == pytest.approx(ends[0], abs=near if ends[1] - ends[0] > flat else flat)
            assert middle == pytest.approx(x, abs=0.06)


def test_there_is_one_path_for_each_kind_of_wick_and_body() -> None:
    chart = drawn()
    assert [len(chart.all(kind)) for kind in ("c-wick", "c-body", "c-up", "c-down", "c-volume")] == [
        2,
        2,
        2,
        2,
        1,
    ]


def test_bars_stand_evenly_and_gaps_stay_open() -> None:
    whole, gapped = ({x for x, _, _ in places(drawn(c), "c-wick")} for c in (BARS, GAPPED))
    steps = {round(b - a, 1) for a, b in pairwise(sorted(whole))}
    assert len(steps) == 1
    assert whole - gapped == {sorted(whole)[n] for n in MISSING}


def test_volumes_are_in_proportion_and_under_their_bars() -> None:
    chart = drawn(GAPPED)
    (strokes,) = chart.paths("c-volume")
    heights = [start[1] - end[1] for start, end in strokes]
    volumes = [v for v in GAPPED.volumes if v and math.isfinite(v)]
    assert heights == [pytest.approx(v / max(volumes) * 40, abs=0.51) for v in volumes]
    wicks = {x for x, _, _ in places(chart, "c-wick")}
    assert {start[0] for start, _ in strokes} <= wicks
    assert not drawn(replace(BARS, volumes=())).all("c-volume")


LEVELS = [
    ChartLevel("entry", 2990.0, "Entry"), ChartLevel("stop", 2985.0, "Stop loss"),
    ChartLevel("layer", 2981.0, "Trailing"), ChartLevel("peak", 3300.0, "Peak"), ChartLevel("close", 2992.0),
]  # fmt: skip


def test_levels_are_drawn_at_their_prices_and_named_apart() -> None:
    chart = drawn(levels=LEVELS)
    for level in LEVELS[:4]:
        line = chart.paths(f"c-{level.kind}")[0][0]
        assert (
            chart.value(line[0][1])
            == chart.value(line[1][1])
            == pytest.approx(level.value, abs=0.25 * chart.unit())
        )
    labels = [place for text, place in chart.texts().items() if text.endswith(".0") and place[0] > 200]
    assert len(labels) == 5
    assert all(b - a >= 13.9 for a, b in pairwise(sorted(y for _, y in labels)))
    assert "Stop loss 2985.0" in chart.texts()


def test_levels_beyond_the_bars_widen_the_scale() -> None:
    chart = drawn(levels=[ChartLevel("stop", 1000.0, "Stop")])
    assert chart.value(chart.paths("c-stop")[0][0][0][1]) == pytest.approx(1000, abs=0.25 * chart.unit())


def test_averages_are_lines_with_their_names() -> None:
    average = [None] * 20 + list(BARS.closes[20:])
    chart = drawn(averages=[ChartLine("average-1", average, "EMA 20")])
    (line,) = chart.paths("c-average-1")[0]
    near = 0.25 * chart.unit()
    assert [chart.value(y) for _, y in line] == [pytest.approx(v, abs=near) for v in BARS.closes[20:]]
    assert "EMA 20" in chart.texts()


def test_buys_stand_below_their_bar_and_sells_above_it() -> None:
    marks = [
        ChartMark("buy", SESSIONS[10], "Bought 100"), ChartMark("sell-signal", SESSIONS[50]),
        ChartMark("buy-signal", SESSIONS[40]), ChartMark("sell", date(2020, 1, 6)),
    ]  # fmt: skip
    chart = drawn(GAPPED, marks=marks)
    assert len(chart.all("c-mark")) == 2, "a session without a bar has no mark"
    buy, sell = chart.paths("c-buy")[0][0], chart.paths("c-sell-signal")[0][0]
    assert chart.value(buy[1][1]) < chart.value(buy[0][1]) < BARS.lows[10]
    assert chart.value(sell[1][1]) > chart.value(sell[0][1]) > BARS.highs[50]
    assert chart.all("c-buy")[0].findtext("title") == "Bought 100"
    middles = sorted(x for x, _, _ in places(drawn(), "c-wick"))
    assert buy[0][0] == pytest.approx(middles[10], abs=0.11)


def test_half_a_year_takes_about_six_kilobytes() -> None:
    plain = candle_chart(CAPTION, BARS, form=repr)
    rich = candle_chart(
        CAPTION, BARS, averages=[ChartLine("average-1", BARS.closes, "EMA 20")], levels=LEVELS, form=repr
    )
    assert len(plain) < 6_700
    assert len(rich) < 8_200


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_bars_are_drawn_as_far_as_they_go(count) -> None:
    candles = Candles(
        SESSIONS[:count], *(v[:count] for v in (BARS.opens, BARS.highs, BARS.lows, BARS.closes))
    )
    svg = candle_chart(CAPTION, candles, form=repr)
    assert "nan" not in svg
    assert len(Drawing.of(svg).all("c-body")) <= count


def test_a_bar_that_did_not_move_is_still_seen() -> None:
    still = Candles(SESSIONS[:2], [100.0, 100.0], [100.0, 101.0], [100.0, 99.0], [100.0, 99.5])
    chart = drawn(still)
    body = chart.paths("c-up")[1][0]
    assert body[2][1] - body[0][1] >= 0.4
