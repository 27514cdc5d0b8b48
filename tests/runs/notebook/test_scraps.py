from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.plain import plain_json
from jstock_core.runs.notebook.scraps import glue


class Word(StrEnum):
    BUY = "BUY"


class Number(IntEnum):
    ONE = 1


@dataclass(frozen=True)
class Point:
    code: str
    price: Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.bool_(False), False),
        (np.int64(5), 5),
        (np.float64(0.5), 0.5),
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("2841.5"), 2841.5),
        (Decimal("NaN"), None),
        (date(2026, 1, 21), "2026-01-21"),
        (datetime(2026, 1, 20, 22, tzinfo=UTC), "2026-01-20T22:00:00+00:00"),
        (pd.Timestamp("2026-01-21 09:00"), "2026-01-21T09:00:00"),
        (pd.NaT, None),
        (pd.NA, None),
        (np.datetime64("2026-01-21"), "2026-01-21"),
        (np.datetime64("NaT", "D"), None),
        (np.array(["2026-01-21", "NaT"], dtype="datetime64[ns]"), ["2026-01-21T00:00:00.000000000", None]),
        (np.array([[1.5, np.nan]]), [[1.5, None]]),
        ((1, "0050"), [1, "0050"]),
        ({"b", "a"}, ["a", "b"]),
        ({date(2026, 1, 21): 1, 7203: 2, Word.BUY: 3}, {"2026-01-21": 1, "7203": 2, "BUY": 3}),
        (pd.Series({"x": 1.0, "y": None}), {"x": 1.0, "y": None}),
        (Point("7203", Decimal("1.5")), {"code": "7203", "price": 1.5}),
    ],
)
def test_values_become_plain_json(value, expected):
    assert plain_json(value) == expected
    json.dumps(plain_json(value), allow_nan=False)


def test_enums_lose_their_class():
    assert (type(plain_json(Word.BUY)), type(plain_json(Number.ONE))) == (str, int)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_plain_json_stays_as_it_is(value):
    assert plain_json(value) == value


@pytest.mark.parametrize("value", [Path("x"), object(), pd.DataFrame({"a": [1]}), {"x": [b"bytes"]}])
def test_what_has_no_plain_form_is_refused(value):
    with pytest.raises(TypeError, match="has no plain JSON form"):
        glue("x", value)


def test_outside_a_kernel_glue_shows_nothing(capsys):
    glue("equity", 8_412_300)
    assert capsys.readouterr() == ("", "")
