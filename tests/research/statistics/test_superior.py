"""Sets against a benchmark: what chance and skill look like, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.statistics import superior
from jstock_core.research.statistics.superior import superior_ability


def market(seed: int, sets: int = 10, sessions: int = 250):
    rng = np.random.default_rng(seed)
    topix = rng.normal(0.0003, 0.01, sessions)
    return topix[:, None] * 0.5 + rng.normal(0, 0.008, (sessions, sets)), topix


def naive_p_value(r, b, block: int) -> float:
    """Hansen's consistent p-value, written from the paper, with draws of its own."""
    d, rng, draws = r - b[:, None], np.random.default_rng(9), 1500
    t, omega = len(d), d.std(axis=0)
    at = rng.integers(0, t, (draws, t))
    goes_on = rng.random((draws, t)) >= 1 / block
    for day in range(1, t):
        at[:, day] = np.where(goes_on[:, day], (at[:, day - 1] + 1) % t, at[:, day])
    means, mean = d[at].mean(axis=1), d.mean(axis=0)
    centre = np.where(mean >= -omega * np.sqrt(2 * np.log(np.log(t)) / t), mean, 0)
    return float((((means - centre) / omega).max(axis=1) > (mean / omega).max()).mean())


def test_the_p_value_is_that_of_the_paper() -> None:
    r, b = market(3)
    r = r * np.linspace(0.2, 3, 10) + 0.0002
    found = superior_ability(r, b)
    assert found is not None
    assert found.p_low <= found.p_value <= found.p_high
    assert found.p_value == pytest.approx(naive_p_value(r, b, found.block), abs=0.04)


def test_among_sets_without_skill_few_are_called_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """They earn what the benchmark does: at a size of 5 % about one market in twenty errs."""
    monkeypatch.setattr(superior, "DRAWS", 100)
    p_values, named = [], 0
    for seed in range(40):
        r, b = market(seed, 5, 120)
        found = superior_ability(r - r.mean() + b.mean() + np.zeros_like(r), b)
        assert found is not None
        p_values.append(found.p_value)
        named += bool(found.better)
    assert np.mean(np.array(p_values) < 0.05) <= 0.15
    assert named <= 6


def test_skill_is_named() -> None:
    r, b = market(4)
    r[:, 6] += 0.003
    found = superior_ability(r, b)
    assert found is not None
    assert found.p_value < 0.01
    assert found.better == (6,)
    assert superior_ability(r, b) == found


def test_all_sets_may_be_named_one_step_after_the_other() -> None:
    """The second one leads too little to be named beside the first, and enough once that is set aside."""
    noise = np.random.default_rng(8).normal(0, 1, (250, 2))
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    leads = noise + np.array([10, 1.85]) / np.sqrt(250)
    found = superior_ability(0.01 * leads, np.zeros(250))
    assert found is not None
    assert (found.better, found.sets) == ((0, 1), 2)


def test_a_set_that_is_the_benchmark_is_left_out() -> None:
    r, b = market(5, 3)
    r[:, 0] = b
    r[:, 2] += 0.004
    found = superior_ability(r, b)
    assert found is not None
    assert (found.better, found.sets) == ((2,), 3)
    assert superior_ability(np.stack([b, b], axis=1), b) is None


def test_too_little_is_no_figure() -> None:
    r, b = market(6, 3, 59)
    assert superior_ability(r, b) is None
    r, b = market(6, 3)
    b[7] = np.nan
    assert superior_ability(r, b) is None


def test_too_many_sets_and_a_missing_package_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    r, b = market(7, 3)
    monkeypatch.setattr(superior, "MOST_SETS", 2)
    with pytest.raises(UsageError, match="at most 2"):
        superior_ability(r, b)
    monkeypatch.setattr(superior, "MOST_SETS", 3)
    monkeypatch.setitem(sys.modules, "arch.bootstrap", None)
    with pytest.raises(UsageError, match="arch, which is not installed"):
        superior_ability(r, b)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_sets_changes_nothing_and_equal_ones_are_named_together(seed: int) -> None:
    r, b = market(seed)
    r[:, 2] += 0.0015
    r[:, 7] = r[:, 2]
    r[:, 4] += 0.004
    mixed = np.random.default_rng(seed).permutation(10)
    found, other = superior_ability(r, b), superior_ability(r[:, mixed], b)
    assert found is not None
    assert other is not None
    assert sorted(mixed[list(other.better)].tolist()) == list(found.better)
    assert (other.p_value, other.p_low, other.p_high) == (found.p_value, found.p_low, found.p_high)
    assert (2 in found.better) == (7 in found.better)
    assert 4 in found.better
