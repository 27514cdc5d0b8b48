from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from jstock_core.reports.render.svg.small import distance_bar, score_bar, sparkline
from jstock_core.reports.render.svg.values import BarPart, ChartLevel

CLOSES = [1000 + 40 * math.sin(n / 5) + 7 * ((n * 37) % 3) for n in range(60)]
LEVELS = [ChartLevel("entry", 1010.0), ChartLevel("stop", 940.0), ChartLevel("peak", 1154.0)]


def test_a_sparkline_takes_less_than_600_bytes() -> None:
    assert len(sparkline("Toyota: 60 sessions", CLOSES, levels=LEVELS).encode()) < 600


def test_texts_are_escaped() -> None:
    hostile = '<script>alert("1")</script>&\x00'
    for drawn in (
        sparkline(hostile, CLOSES),
        distance_bar(hostile, price=100, stop=90),
        score_bar(hostile, [BarPart(hostile, 30)]),
    ):
        assert "<script" not in drawn
        assert next(ET.fromstring(drawn).iter("title")).text == '<script>alert("1")</script>&'
