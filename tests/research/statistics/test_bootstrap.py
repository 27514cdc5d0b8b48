"""The interval of alpha: against blocks put together one by one, and against records whose alpha is known."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.research.statistics import bootstrap
from jstock_core.research.statistics.bootstrap import DRAWS, alpha_interval, block_length

N = 245


def record(seed: int, sessions: int, alpha: float = 0.1, beta: float = 0.8):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0003, 0.01, sessions)
    return alpha / N + beta * market + rng.normal(0, 0.006, sessions), market


def naive_alpha(r, b) -> float:
    beta = np.cov(r, b)[0, 1] / np.var(b, ddof=1)
    return N * (r.mean() - beta * b.mean())


@pytest.mark.parametrize("sessions", [5, 60, 61, 64, 245])
def test_the_interval_is_that_of_blocks_put_together_one_by_one(sessions: int) -> None:
    r, b = record(3, sessions)
    length = block_length(sessions)
    starts = bootstrap._first_sessions(sessions, -(-sessions // length))
    alphas = []
    for draw in starts.tolist():
        places = [(start + step) % sessions for start in draw for step in range(length)][:sessions]
        if np.ptp(b[places]) > 0:
            alphas.append(naive_alpha(r[places], b[places]))
    found = alpha_interval(r, b, n=N)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(np.percentile(alphas, [2.5, 97.5]).tolist())
    assert (found.draws, found.level_pct, found.block) == (DRAWS, 95.0, length)


def test_the_same_returns_give_the_same_interval() -> None:
    """The numbers themselves: whatever the version of NumPy, a report says the same again."""
    r, b = 0.01 * np.sin(np.arange(100.0)), 0.01 * np.cos(np.arange(100.0) / 3)
    found = alpha_interval(r, b, n=N)
    assert found is not None
    assert found == alpha_interval(r, b, n=N)
    assert (found.low, found.high) == pytest.approx((-0.188421922674349, 0.197876449305443), abs=1e-12)


def test_every_session_is_as_likely_as_every_other() -> None:
    starts = bootstrap._first_sessions(60, 15)
    counts = np.bincount(starts.ravel(), minlength=60)
    assert starts.shape == (DRAWS, 15)
    assert counts.min() > 0.8 * starts.size / 60
    assert counts.max() < 1.2 * starts.size / 60


def test_it_covers_what_is_true_about_as_often_as_it_says() -> None:
    found = [alpha_interval(*record(seed, 250), n=N) for seed in range(100)]
    assert 88 <= sum(each is not None and each.low <= 0.1 <= each.high for each in found) <= 100


def test_alpha_itself_lies_inside() -> None:
    r, b = record(5, 120)
    found = alpha_interval(r, b, n=N)
    assert found is not None
    assert found.low < naive_alpha(r, b) < found.high


@pytest.mark.parametrize(
    ("r", "b"),
    [
        ([], []),
        ([0.1], [0.1]),
        ([0.1, 0.2], [0.0, 0.0]),
        ([0.1, np.nan], [0.1, 0.2]),
        ([0.1, 0.2], [0.1, np.nan]),
    ],
)
def test_what_has_no_alpha_has_no_interval(r: list[float], b: list[float]) -> None:
    assert alpha_interval(r, b, n=N) is None


@pytest.mark.parametrize(
    ("sessions", "length"), [(2, 2), (8, 2), (9, 3), (60, 4), (64, 4), (65, 5), (1000, 10)]
)
def test_blocks_grow_with_the_cube_root(sessions: int, length: int) -> None:
    assert block_length(sessions) == length
