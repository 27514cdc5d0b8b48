"""Tests whether the best of many sets beats the benchmark, given how many were compared.

- Superior predictive ability: Hansen, "A Test for Superior Predictive Ability", Journal of Business and
  Economic Statistics 23 (2005). Its p-value is the probability that the best of all sets would lead the
  benchmark as far as it does although none is better.
- StepM: Romano and Wolf, "Stepwise Multiple Testing as Formalized Data Snooping", Econometrica 73 (2005). It
  names the sets that are better; the probability of naming any wrong one is at most the size of the test.

Both are computed by the package `arch` (extra `lab`), with a stationary bootstrap from a fixed seed, so that
the same returns give the same values. `arch` compares plain means. Leads over the benchmark are therefore
divided by their standard deviations first (Hansen's studentized statistic), so that a volatile set does not
hide a steady one.

Equal sets are named together or not at all: each is compared with the same critical value, and their order
changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jstock_core.base.errors import UsageError
from jstock_core.research.statistics.bootstrap import block_length

DRAWS = 1000
SIZE = 0.05
MOST_SETS = 5000
"""Most sets that are compared: more would take minutes and gigabytes."""
LEAST_SESSIONS = 60
_SEED = 20260121
_NO_VARIANCE = 1e-15


@dataclass(frozen=True, kw_only=True)
class SuperiorAbility:
    """Comparison of `sets` with a benchmark.

    `p_value` is Hansen's consistent p-value, between the bounds `p_low` and `p_high`. `better` are indices of
    the sets that StepM names at a size of 5 %. `block` is the mean length of a block in sessions.
    """

    p_value: float
    p_low: float
    p_high: float
    better: tuple[int, ...]
    sets: int
    draws: int
    block: int


def superior_ability(returns: ArrayLike, benchmark: ArrayLike) -> SuperiorAbility | None:
    """Compare sets by their daily returns (S, N) with a benchmark (S,) over the same sessions.

    None with fewer than `LEAST_SESSIONS` sessions, with a NaN among the returns, or if no set differs from
    the benchmark.

    Raises:
        UsageError: `arch` is not installed, or there are more than `MOST_SETS` sets.

    """
    r, b = np.asarray(returns, dtype=np.float64), np.asarray(benchmark, dtype=np.float64)
    if len(r) < LEAST_SESSIONS or not np.isfinite(r).all() or not np.isfinite(b).all():
        return None
    leads = r - b[:, None]
    spread = np.std(leads, axis=0)
    differs = np.flatnonzero(spread > _NO_VARIANCE)
    if not len(differs):
        return None
    if r.shape[1] > MOST_SETS:
        raise UsageError(
            f"{r.shape[1]:,} sets are not compared with the benchmark, at most {MOST_SETS:,} are",
            do="sweep fewer sets, by coarser steps or by `random`",
        )
    try:
        from arch.bootstrap import StepM
    except ImportError:
        raise UsageError(
            "sets are compared with the benchmark by the package arch, which is not installed",
            do='install it with `pip install "jstock[lab]"`',
        ) from None
    block = block_length(len(r))
    none, losses = np.zeros(len(r)), -leads[:, differs] / spread[differs]
    # StepM fails if it names every set. This added set loses 100 standard deviations a session more than the
    # first one, so it is never named and never the maximum.
    losses = np.hstack([losses, losses[:, :1] + 100])
    steps = StepM(none, losses, size=SIZE, reps=DRAWS, block_size=block, seed=_SEED)
    steps.compute()
    ability = steps.spa
    ability.compute()  # for all sets again, on the same draws
    return SuperiorAbility(
        p_value=float(ability.pvalues["consistent"]),
        p_low=float(ability.pvalues["lower"]),
        p_high=float(ability.pvalues["upper"]),
        better=tuple(differs[sorted(int(n) for n in steps.superior_models)].tolist()),
        sets=r.shape[1],
        draws=DRAWS,
        block=block,
    )
