"""Scores from 0 to 100: 50 plus the points of the parts, clipped; and where data were missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jstock_core.market.panel import Bools, Floats

Points = NDArray[np.int8]

NEUTRAL = 50


@dataclass(frozen=True, eq=False)
class Score:
    """A score (R, N) and the points (R, N) that each of its parts added to 50.

    `neutral` is true where the score is 50 because data are missing.
    """

    value: Floats
    parts: Mapping[str, Points]
    neutral: Bools


def make_score(parts: Mapping[str, Points], neutral: Bools) -> Score:
    """Add the points of the parts to 50 and clip to 0..100."""
    total = np.zeros(neutral.shape, dtype=np.int16)
    for points in parts.values():
        total = total + points
    value = np.clip(total + NEUTRAL, 0, 100)
    value[neutral] = NEUTRAL
    return Score(value.astype(np.float64), parts, neutral)


def choose(*cases: tuple[Bools, int]) -> Points:
    """The points of the first case that holds at each place, 0 where none does."""
    conditions, points = zip(*cases, strict=True)
    chosen: Points = np.select(conditions, [np.int8(value) for value in points], np.int8(0))
    return chosen
