"""The conditions of a morning are judged once, whoever asks, and for each that are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.decide import Conditions, judge_conditions, trusted_features
from jstock_core.decide.given.late import DEFAULT_POLICY
from jstock_core.research.backtest import span


@pytest.fixture(scope="module")
def view(shared_desk):
    """The last 30 mornings, one close of which is three times what it was."""
    panel = shared_desk(ready="fetched").panel()
    close = np.array(panel.close)
    close[-10, 2] *= 3
    panel = replace(panel, close=close)
    return span(panel, trusted_features(panel), panel.dates[-30], panel.dates[-1])


def test_conditions_are_judged_once_a_morning(view):
    given = Conditions(view.panel.codes, late_policy=DEFAULT_POLICY)
    for row in range(view.shape[0]):
        judged = judge_conditions(given, view, row)
        assert judge_conditions(given, view, row) is judged
        assert judge_conditions(judged, view, row) is judged
        assert judged == judge_conditions(given, replace(view, _memo={}), row)


def test_others_are_judged_by_themselves(view):
    given = [Conditions(view.panel.codes, blocked=blocked) for blocked in ({}, {"9999": "a word"}, {})]
    blocked = [judge_conditions(each, view, row).blocked for row in range(view.shape[0]) for each in given]
    assert blocked[0::3] == blocked[2::3]
    assert [{**own, "9999": "a word"} for own in blocked[0::3]] == blocked[1::3]
    assert any(blocked[0::3])
