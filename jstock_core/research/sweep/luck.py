"""How far chance explains the best set of a sweep: by the number of trials, by overfitting, against TOPIX."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.plain import plain_json
from jstock_core.base.words import confidence_words, number
from jstock_core.market.panel import Floats
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.statistics.overfitting import Overfitting, overfitting
from jstock_core.research.statistics.superior import SuperiorAbility, superior_ability
from jstock_core.research.sweep.table import SweepTable

MOST_SETS = 20_000
"""Most sets whose returns are compared, to limit memory."""
CONFIDENT = 0.95
"""Confidence under which a warning says that chance may explain the Sharpe ratio."""
_Judge = Callable[[Floats, Floats], ChanceMeasure]
_TOO_SHORT = "the sessions are too few, or fewer than two sets were run"
_NO_TOPIX = "TOPIX is not known in all of the sessions, or these are too few"


@dataclass(frozen=True, kw_only=True)
class SweepLuck:
    """Tests of the best set of a sweep; those that cannot be made are None, with a reason in `unknown`.

    - `best`: its number.
    - `own`: its returns, judged by the number of all trials of the workspace.
    - `overfitting`: the choice among the sets.
    - `superior`: all sets against TOPIX. `better` are the numbers of the sets that it names.
    """

    best: int
    own: ChanceMeasure
    overfitting: Overfitting | None
    superior: SuperiorAbility | None
    better: tuple[int, ...]
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls, table: SweepTable, rank: str, topix: Floats, judge: Callable[[Floats, Floats], ChanceMeasure]
    ) -> Self:
        """Test the best set by the figure `rank`; `topix` are levels (S + 1,) from the close before on.

        `judge` is called with daily returns (S,) and such levels.

        Raises:
            UsageError: sets are not ranked by the figure. DataError: no set has it.

        """
        best = table.best(rank).number
        topix = topix[: len(table.results[best].returns) + 1]
        ran = [n for n, found in enumerate(table.results) if not found.reason]
        choice, superior, unknown = _compare(table, ran, topix)
        return cls(
            best=best,
            own=judge(table.results[best].returns, topix),
            overfitting=choice,
            superior=superior,
            better=tuple(ran[place] for place in superior.better) if superior else (),
            unknown=unknown,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the best set, a sentence each."""
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[str]:
        found, choice = self.own.deflated, self.overfitting
        if found is not None and found.deflated < CONFIDENT:
            yield (
                f"the best set has a Sharpe of {number(found.sharpe)}, and chance alone gives the best of"
                f" {found.trials:,} trials {number(found.luck)}: the confidence in more is"
                f" {confidence_words(found.deflated)}"
            )
        if choice is not None and choice.probability >= 0.5:
            share = f"{100 * choice.probability:.0f} %"
            yield (
                f"{share} of the sets chosen in one half of the sessions were no better than the median in"
                " the other half: the choice follows noise"
            )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {each.name: plain_json(getattr(self, each.name)) for each in fields(SweepLuck)}


def _compare(
    table: SweepTable, ran: list[int], topix: Floats
) -> tuple[Overfitting | None, SuperiorAbility | None, tuple[str, ...]]:
    """The two tests over all sets that ran, and the reasons where one cannot be made."""
    if len(ran) > MOST_SETS:
        return None, None, (f"of {len(ran):,} sets, at most {MOST_SETS:,} are compared with each other",)
    returns = np.stack([table.results[n].returns for n in ran], axis=1)
    choice, unknown = overfitting(returns), []
    if choice is None:
        unknown.append(f"overfitting: {_TOO_SHORT}")
    try:
        superior = superior_ability(returns, topix[1:] / topix[:-1] - 1)
        if superior is None:
            unknown.append(f"superior ability: {_NO_TOPIX}")
    except UsageError as error:
        superior = None
        unknown.append(f"superior ability: {error.what}; {error.do}")
    return choice, superior, tuple(unknown)
