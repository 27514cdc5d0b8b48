"""Choosing among sets: against the paper's steps done one by one, and where chance or skill is known."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import log

import numpy as np
import pytest
from scipy.stats import rankdata

from jstock_core.research.statistics import overfitting as module
from jstock_core.research.statistics.overfitting import overfitting


def chance(seed: int, sessions: int = 240, sets: int = 12):
    return np.random.default_rng(seed).normal(0, 0.01, (sessions, sets))


def step_by_step(r, blocks: int) -> tuple[float, float, float, float]:
    """Section 3 of the paper, a choice at a time."""
    parts = np.array_split(r, blocks)
    logits, chosen, achieved = [], [], []
    for inside in combinations(range(blocks), blocks // 2):
        one = np.concatenate([parts[n] for n in inside])
        other = np.concatenate([parts[n] for n in range(blocks) if n not in inside])
        sharpes = [part.mean(axis=0) / part.std(axis=0, ddof=1) for part in (one, other)]
        best = sharpes[0].argmax()
        share = rankdata(sharpes[1])[best] / (r.shape[1] + 1)
        logits.append(log(share / (1 - share)))
        chosen.append(sharpes[0][best])
        achieved.append(sharpes[1][best])
    return (
        np.mean(np.array(logits) <= 1e-12),
        np.mean(np.array(achieved) < 0),
        np.mean(chosen),
        np.mean(achieved),
    )


@pytest.mark.parametrize(("sessions", "sets", "blocks"), [(83, 7, 8), (60, 2, 6), (45, 9, 4)])
def test_it_is_the_papers_steps_one_by_one(sessions: int, sets: int, blocks: int) -> None:
    r = chance(1, sessions, sets)
    found = overfitting(r)
    assert found is not None
    assert (found.sets, found.blocks) == (sets, blocks)
    own = found.probability, found.loss, found.chosen, found.achieved
    assert own == pytest.approx(step_by_step(r, blocks))


def test_among_sets_without_skill_the_choice_fails_half_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BLOCKS", 8)
    found = [overfitting(chance(seed)) for seed in range(200)]
    assert np.mean([each.probability for each in found if each]) == pytest.approx(0.5, abs=0.05)


def test_skill_is_chosen_in_every_half() -> None:
    r = chance(2)
    r[:, 5] += 0.005
    found = overfitting(r)
    assert found is not None
    assert (found.choices, found.probability, found.loss) == (12_870, 0, 0)
    assert found.chosen == pytest.approx(found.achieved, rel=0.2)


def test_what_did_well_in_one_half_only_is_found_out() -> None:
    """Sets that win what they lose later: whatever was best is worst."""
    turns = np.repeat([1.0, -1.0], 120)[:, None] * np.linspace(-0.01, 0.01, 10)
    found = overfitting(turns + np.random.default_rng(3).normal(0, 0.001, (240, 10)))
    assert found is not None
    assert found.probability > 0.9


def test_equal_sets_share_a_rank_and_are_no_better_than_the_median() -> None:
    found = overfitting(np.repeat(chance(4, sets=1), 5, axis=1))
    assert found is not None
    assert found.probability == 1
    idle = overfitting(np.zeros((240, 3)))
    assert idle is not None
    assert (idle.probability, idle.chosen, idle.loss) == (1, 0, 0)


def exact_choice(r, blocks: int) -> tuple[float, float]:
    """Probability and loss in fractions, without rounding: of K best sets each is 1 / K of a choice."""
    parts = np.array_split(np.arange(len(r)), blocks)
    columns = [[Fraction(value) for value in column] for column in r.T.tolist()]
    choices = list(combinations(range(blocks), blocks // 2))
    failed = lost = Fraction(0)
    for inside in choices:
        one = [n for part in inside for n in parts[part].tolist()]
        other = [n for n in range(len(r)) if n not in set(one)]
        before, after = ([squared_sharpe([c[n] for n in rows]) for c in columns] for rows in (one, other))
        best = [n for n, value in enumerate(before) if value == max(before)]
        for n in best:
            below, equal = (sum(v < after[n] for v in after), sum(v == after[n] for v in after))
            rank = below + Fraction(equal + 1, 2)
            failed += Fraction(rank / (len(columns) + 1) <= Fraction(1, 2)) / len(best)
            lost += Fraction(after[n] < 0) / len(best)
    return float(failed / len(choices)), float(lost / len(choices))


def squared_sharpe(values: list[Fraction]) -> Fraction:
    """The square of the Sharpe ratio with its sign; 0 without variance."""
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
    return mean * abs(mean) / variance if variance else Fraction(0)


def tied(seed: int):
    """Eight sets that differ in some blocks only, two of them alike and one idle in half of the sessions."""
    rng = np.random.default_rng(seed)
    r = np.repeat(rng.integers(-20, 22, (80, 1)), 8, axis=1) / 1000
    for n in range(1, 6):
        at = 10 * int(rng.integers(0, 8))
        r[at : at + 10, n] = rng.integers(-20, 22, 10) / 1000
    r[:40, 7] = 0
    return r


@pytest.mark.parametrize("seed", range(6))
def test_ties_are_those_of_exact_fractions(seed: int) -> None:
    r = tied(seed)
    found = overfitting(r)
    assert found is not None
    assert (found.probability, found.loss) == pytest.approx(exact_choice(r, 8), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_neither_the_order_of_the_sets_nor_rounding_changes_anything(seed: int) -> None:
    r = tied(seed)
    found, mixed = overfitting(r), overfitting(r[:, np.random.default_rng(seed).permutation(8)])
    noisy = overfitting(r * (1 + np.random.default_rng(seed).integers(-2, 3, r.shape) * 2.0**-52))
    for other in (mixed, noisy):
        assert found is not None
        assert other is not None
        assert vars(other) == pytest.approx(vars(found), rel=1e-9)


def test_very_many_sets_are_chosen_from_in_fewer_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_WORK", 12_000)
    found = overfitting(chance(5))
    assert found is not None
    assert (found.blocks, found.choices) == (12, 924)
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    assert overfitting(chance(5)) == found


@pytest.mark.parametrize("r", [[], chance(1, 39), chance(1, sets=1), np.full((240, 3), np.nan)])
def test_too_little_is_no_figure(r) -> None:
    assert overfitting(r) is None
