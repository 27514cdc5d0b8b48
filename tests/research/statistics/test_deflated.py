"""The Sharpe ratio after many trials: published examples, and what chance does when nothing has skill."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from jstock_core.research.statistics.deflated import (
    deflated_sharpe,
    expected_maximum,
    probabilistic_sharpe,
    session_sharpe,
    shape,
)


def test_the_published_example_of_the_probabilistic_sharpe_ratio() -> None:
    """Bailey and Lopez de Prado (2012): 24 months of a Sharpe ratio of 0.458, normal and as it was."""
    assert probabilistic_sharpe(0.458, 0.0, 24, 0.0, 3.0) == pytest.approx(0.982, abs=0.0005)
    assert probabilistic_sharpe(0.458, 0.0, 24, -2.448, 10.164) == pytest.approx(0.913, abs=0.0005)


def test_the_published_example_of_the_deflated_sharpe_ratio() -> None:
    """Bailey and Lopez de Prado (2014): 2.5 a year over 1,250 days, of 100 trials with a variance of 1/2."""
    luck = expected_maximum(100, 0.5 / 250)
    assert luck == pytest.approx(0.1132, abs=0.00005)
    assert probabilistic_sharpe(2.5 / sqrt(250), luck, 1250, -3, 10) == pytest.approx(0.9004, abs=0.00005)
    fewer = expected_maximum(46, 0.5 / 250)
    assert probabilistic_sharpe(2.5 / sqrt(250), fewer, 1250, -3, 10) == pytest.approx(0.9505, abs=0.00005)


def test_luck_is_the_mean_of_the_best_of_many_normal_draws() -> None:
    draws = np.random.default_rng(1).normal(0, 0.05, (20_000, 50)).max(axis=1)
    assert expected_maximum(50, 0.05**2) == pytest.approx(draws.mean(), rel=0.02)
    assert expected_maximum(1, 0.05**2) == 0


def test_the_moments_are_those_of_scipy() -> None:
    r = np.random.default_rng(2).standard_t(4, 500)
    assert shape(r) == pytest.approx((stats.skew(r), stats.kurtosis(r, fisher=False)))


def test_one_trial_is_judged_by_its_probabilistic_sharpe_ratio() -> None:
    r = np.random.default_rng(3).normal(0.0008, 0.01, 490)
    found = deflated_sharpe(r, [session_sharpe(r)], 1)
    assert found is not None
    assert (found.luck, found.trials, found.sessions) == (0, 1, 490)
    assert found.deflated == found.probabilistic
    assert found.sharpe == pytest.approx(sqrt(245) * r.mean() / r.std(ddof=1))


def test_the_best_of_many_strategies_without_skill_is_seldom_believed() -> None:
    """In 200 markets the best of 40 has a probabilistic Sharpe ratio above 95 %, and is found out."""
    rng, alone, deflated = np.random.default_rng(4), [], []
    for _ in range(200):
        r = rng.normal(0, 0.01, (250, 40))
        sharpes = r.mean(axis=0) / r.std(axis=0, ddof=1)
        found = deflated_sharpe(r[:, sharpes.argmax()], sharpes, 40)
        assert found is not None
        alone.append(found.probabilistic)
        deflated.append(found.deflated)
    assert np.mean(np.array(alone) > 0.95) > 0.8
    assert np.mean(np.array(deflated) > 0.95) < 0.05
    assert np.mean(deflated) == pytest.approx(0.5, abs=0.05)


def stitch(r: np.ndarray) -> np.ndarray:
    """The curve of a walk-forward: of sets (S, N) the best of 60 sessions is traded on the next 60."""
    parts = []
    for begin in range(60, len(r), 60):
        train = r[begin - 60 : begin]
        parts.append(r[begin : begin + 60, np.argmax(train.mean(axis=0) / train.std(axis=0, ddof=1))])
    return np.concatenate(parts)


def test_a_walk_forward_is_one_trial_whatever_the_number_of_its_sets() -> None:
    """Of walks without skill one in twenty is believed, with 2 sets or 80; the best of 20 walks seldom is.

    Judged by every set of every train span hardly one ever is, whatever it may be worth.
    """
    rng = np.random.default_rng(5)

    def believed(curve: np.ndarray, trials: int) -> bool:
        found = deflated_sharpe(curve, [], trials)
        assert found is not None
        return found.deflated > 0.95

    for sets in (2, 80):
        curves = [stitch(rng.normal(0, 0.01, (300, sets))) for _ in range(400)]
        assert 0.02 < np.mean([believed(curve, 1) for curve in curves]) < 0.085
        assert sets == 2 or not any(believed(curve, 4 * sets) for curve in curves)
        best = [max(curves[n : n + 20], key=session_sharpe) for n in range(0, 400, 20)]
        assert np.mean([believed(curve, 1) for curve in best]) > 0.4
        assert np.mean([believed(curve, 20) for curve in best]) < 0.2
    skilled = [stitch(rng.normal([0.002] + [0] * 79, 0.01, (1260, 80))) for _ in range(40)]
    assert np.mean([believed(curve, 1) for curve in skilled]) > 2 * np.mean(
        [believed(curve, 20 * 80) for curve in skilled]
    )


def test_skill_is_believed_after_many_trials() -> None:
    rng = np.random.default_rng(5)
    r = rng.normal(0, 0.01, (1000, 40))
    r[:, 7] += 0.003
    sharpes = r.mean(axis=0) / r.std(axis=0, ddof=1)
    found = deflated_sharpe(r[:, 7], sharpes, 40)
    assert found is not None
    assert found.deflated > 0.99


def test_sharpe_ratios_that_nobody_knows_spread_as_chance_does() -> None:
    r = np.random.default_rng(6).normal(0.0005, 0.01, 401)
    found = deflated_sharpe(r, [np.nan], 30)
    assert found is not None
    assert found.luck == pytest.approx(sqrt(245) * expected_maximum(30, 1 / 400))


@pytest.mark.parametrize("r", [[], [0.01] * 19, [0.0] * 100, [0.01] * 50 + [np.nan], [0.01] * 60])
def test_too_little_is_no_figure(r: list[float]) -> None:
    assert deflated_sharpe(r, [], 3) is None


def test_fewer_trials_than_sharpe_ratios_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="1 trials cannot have 2"):
        deflated_sharpe([0.01] * 30, [0.1, 0.2], 1)
