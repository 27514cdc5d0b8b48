"""What chance may explain of the best set: judged, compared, and said in a sentence."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from jstock_core.base.errors import DataError
from jstock_core.base.words import confidence_words
from jstock_core.reports.render.research.chance import SweepLuckCard
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.statistics.deflated import deflated_sharpe
from jstock_core.research.sweep import luck as module
from jstock_core.research.sweep.luck import SweepLuck
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.sweep.task import FIGURES, SetResult

SESSIONS = 240
TRIALS = 40


def table_of(returns, failed: int = 0) -> SweepTable:
    """A sweep with a column of returns a set, and some that failed before them."""
    count = returns.shape[1]
    ranges = Ranges.of({"exit.stop_loss_pct": range(1, count + failed + 1)})
    sets = tuple(PlannedSet(values, {}, str(n)) for n, values in enumerate(ranges.grid()))
    found = [SetResult(str(n), "it raised") for n in range(failed)]
    for n, column in enumerate(returns.T):
        spread = column.std(ddof=1)
        figures = dict.fromkeys(FIGURES, 1.0) | {"sharpe": column.mean() / spread if spread else np.nan}
        found.append(SetResult(str(failed + n), "", figures, column))
    days = tuple(date(2025, 1, 6) + timedelta(days=n) for n in range(len(returns)))
    return SweepTable(SweepPlan("g", ranges, sets), tuple(found), days)


def market(seed: int, sets: int = 8):
    rng = np.random.default_rng(seed)
    topix = np.concatenate([[100.0], 100 * np.cumprod(1 + rng.normal(0.0003, 0.01, SESSIONS))])
    return rng.normal(0.0003, 0.01, (SESSIONS, sets)), topix


def judge(returns, topix) -> ChanceMeasure:
    return ChanceMeasure.of(deflated_sharpe(returns, [], TRIALS), returns, topix)


def test_the_best_of_many_without_skill_is_called_luck() -> None:
    returns, topix = market(1)
    found = SweepLuck.of(table_of(returns), "sharpe", topix, judge)
    assert found.best == int((returns.mean(axis=0) / returns.std(axis=0, ddof=1)).argmax())
    assert found.own == judge(returns[:, found.best], topix)
    assert found.overfitting is not None
    assert found.superior is not None
    assert (found.overfitting.sets, found.superior.sets, found.better, found.unknown) == (8, 8, (), ())
    assert found.warnings[0].startswith("the best set has a Sharpe of ")
    assert "chance alone gives the best of 40 trials" in found.warnings[0]
    assert found.own.deflated is not None
    assert found.warnings[0].endswith(confidence_words(found.own.deflated.deflated))
    assert json.loads(json.dumps(found.as_json()))["own"]["deflated"]["trials"] == TRIALS


def test_skill_has_no_warning_and_is_named_by_its_number() -> None:
    returns, topix = market(2)
    returns[:, 5] += 0.004
    found = SweepLuckCard.of(table_of(returns, failed=3), "sharpe", topix, judge)
    assert (found.best, found.better, found.warnings) == (8, (8,), ())
    shown = found._repr_mimebundle_()["text/plain"]
    assert "Set 8" in shown
    assert "over 99 %" in shown
    assert "in 12,870 halves of 16 blocks" in shown


def test_sets_that_win_what_they_lose_later_are_found_out() -> None:
    returns = np.repeat([1.0, -1.0], SESSIONS // 2)[:, None] * np.linspace(-0.01, 0.01, 6)
    returns += np.random.default_rng(3).normal(0, 0.001, returns.shape)
    found = SweepLuck.of(table_of(returns), "sharpe", market(3)[1], judge)
    assert "the choice follows noise" in found.warnings[1]


def test_what_is_not_known_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    returns, topix = market(4)
    short = SweepLuckCard.of(table_of(returns[:30]), "sharpe", topix[:31], judge)
    assert (short.overfitting, short.superior, short.own.alpha) == (None, None, None)
    assert [each.partition(":")[0] for each in short.unknown] == ["overfitting", "superior ability"]
    assert "the sessions are too few" in short._repr_mimebundle_()["text/plain"]
    topix[3] = np.nan
    assert "TOPIX is not known" in SweepLuck.of(table_of(returns), "sharpe", topix, judge).unknown[0]
    monkeypatch.setitem(sys.modules, "arch.bootstrap", None)
    (reason,) = SweepLuck.of(table_of(returns), "sharpe", market(4)[1], judge).unknown
    assert 'pip install "jstock[lab]"' in reason
    monkeypatch.setattr(module, "MOST_SETS", 7)
    (reason,) = SweepLuck.of(table_of(returns), "sharpe", topix, judge).unknown
    assert "of 8 sets, at most 7" in reason


def test_a_sweep_in_which_nothing_traded_has_no_best_set() -> None:
    with pytest.raises(DataError, match="no set has a sharpe"):
        SweepLuck.of(table_of(np.zeros((SESSIONS, 2))), "sharpe", market(5)[1], judge)
