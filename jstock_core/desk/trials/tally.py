"""The trials of a workspace at the time of a result, by which chance is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jstock_core.base.errors import LockedError, WriteError
from jstock_core.desk.trials.holdout import current_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, bring_to_length
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.statistics.deflated import DeflatedSharpe, deflated_sharpe


@dataclass(frozen=True, eq=False)
class TrialTally:
    """The number of trials, and the Sharpe ratios (n,), for a session, of those that have one.

    `sessions` (n,) are their lengths. `notes` are sentences about the holdout, and about trials that could
    not be recorded.
    """

    trials: int
    sharpes: NDArray[np.float64] = field(repr=False)
    sessions: NDArray[np.float64] = field(repr=False)
    notes: tuple[str, ...] = ()

    def deflate(self, returns: ArrayLike) -> DeflatedSharpe | None:
        """The deflated Sharpe ratio of daily returns (S,), with all trials scaled to their length."""
        sharpes = bring_to_length(self.sharpes, self.sessions, np.size(returns))
        return deflated_sharpe(returns, sharpes, self.trials)

    def judge(self, returns: ArrayLike, topix: ArrayLike) -> ChanceMeasure:
        """Test daily returns (S,) against chance, with levels (S + 1,) of TOPIX."""
        return ChanceMeasure.of(self.deflate(returns), returns, topix)


def tally_trials(ledger: TrialLedger, rows: Sequence[TrialRow], apart: Sequence[TrialRow] = ()) -> TrialTally:
    """Record new trials, and tally all trials of the workspace.

    `apart` are windows that are recorded but not counted here, because choosing among them is part of what is
    judged. If the ledger cannot be written, the tally includes the new trials, and a note says so.

    Raises:
        StateError: the ledger is damaged.

    """
    notes: list[str] = []
    left_out: tuple[TrialRow, ...] = ()
    try:
        ledger.record([*apart, *rows])
    except (WriteError, LockedError) as error:
        left_out = ledger.without_known(rows)
        notes.append(f"NOT COUNTED among the trials: {error.what} ({error.where}); {error.do}")
    own = [(trial.sharpe, trial.sessions) for trial in left_out if trial.sharpe is not None]
    measured = np.array(own, dtype=np.float64).reshape(-1, 2).T
    count, *known = ledger.sample({trial.key for trial in apart})
    sharpes, sessions = np.concatenate([known, measured], axis=1)
    holdout = current_holdout(ledger)
    notes += [holdout.sentence] if holdout is not None else []
    return TrialTally(count + len(left_out), sharpes, sessions, tuple(notes))
