"""A hash of what values say: it names results and trials for life, so it never changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

import numpy as np
import pytest

from jstock_core.research.sweep.digest import content_digest


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: float
    name: str = ""


SAID = {
    "text": ("buy_threshold", "a31cff4263b32f9d"),
    "numbers": ((1, 1.0, True, None, -0.0, float("nan"), 10**20), "b130cf5630dfa81c"),
    "mapping": ({"b": [1, {"c": 2.5}], "a": ("x", "é"), 3: None}, "2d14c914113c6277"),
    "others": (
        [date(2026, 1, 21), Decimal("1.50"), {"b", "a"}, Colour.RED, Point(1.5, "p"), np.float64(2)],
        "24864f5680198c6b",
    ),
    "arrays": ([np.arange(4.0).reshape(2, 2), np.array(["7203", "167A"])], "21a26ff338d73112"),
}


@pytest.mark.parametrize("name", SAID)
def test_it_never_changes(name):
    value, expected = SAID[name]
    assert content_digest(value)[:16] == expected


def test_the_order_of_mappings_and_sets_says_nothing():
    assert content_digest({"a": 1, "b": {2, 3}}) == content_digest({"b": {3, 2}, "a": 1})
    assert content_digest([1, 2]) != content_digest([2, 1])


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (0, False), (0.0, -0.0), ("1", 1), (None, "None"), ((1,), 1)]
)
def test_what_looks_alike_is_told_apart(one, other):
    assert content_digest(one) != content_digest(other)
    assert content_digest({"k": one}) != content_digest({"k": other})


def test_what_cannot_be_hashed_by_what_it_says_is_refused():
    with pytest.raises(TypeError, match="cannot be hashed"):
        content_digest({"a": object()})
