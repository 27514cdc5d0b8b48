"""The paths of a combinatorial cross-validation of a sweep, as tables and as a card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jstock_core.base.words import number, plural
from jstock_core.market.calendar import tse
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.reports.render.research.paths import paths_card
from jstock_core.research.performance import metrics
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.walk.paths import CombinedPaths

if TYPE_CHECKING:
    import pandas as pd

_FIGURES = ("sharpe", "total_return", "max_drawdown")


@dataclass(frozen=True, eq=False, repr=False)
class SweepPaths:
    """The paths of a combinatorial cross-validation over the sets of a sweep, chosen by the figure `rank`.

    `marks` are as `Desk.marks`, such as SIMULATED.
    """

    table: SweepTable
    found: CombinedPaths
    rank: str
    marks: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each path, from 1: sharpe (annual), total_return and max_drawdown (fractions)."""
        import pandas as pd

        sessions, rows = (tse().previous(self._days[0]), *self._days), []
        for returns in self.found.returns:
            own = metrics(returns, sessions)
            depth = own.max_drawdown.depth if own.max_drawdown else 0.0
            rows.append((own.sharpe, own.total_return, depth))
        index = pd.RangeIndex(1, len(rows) + 1, name="path")
        return pd.DataFrame(rows, columns=list(_FIGURES), index=index, dtype="float64")

    @property
    def returns(self) -> pd.DataFrame:
        """Daily returns as fractions: a row for each trade date, a column for each path, from 1."""
        import pandas as pd

        days = pd.DatetimeIndex(self._days, name="date")
        columns = pd.RangeIndex(1, len(self.found.returns) + 1, name="path")
        return pd.DataFrame(self.found.returns.T, index=days, columns=columns)

    @property
    def chosen(self) -> pd.DataFrame:
        """A row for each split: its test folds (from 1), the number of the chosen set, and its values."""
        import pandas as pd

        rows = [
            {"folds": tuple(n + 1 for n in split.tests), "set": number, **self.table.at(number).values}
            for split, number in zip(self.found.splits, self.found.chosen, strict=True)
        ]
        return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="split"))

    @property
    def meaning(self) -> str:
        """How the paths were made, in a sentence."""
        scheme, paths = self.found.scheme, plural(len(self.found.returns), "curve")
        return (
            f"{paths} of {plural(len(self.found.splits), 'choice')} by {self.rank}: of {scheme.folds} folds"
            f" {scheme.tests} are judged by the set that was best on the others, {scheme.purge} sessions"
            f" purged around them and {scheme.embargo} under embargo after them."
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        frame, often = self.frame, Counter(self.found.chosen)
        card = paths_card(
            f"Paths of {self.table.plan.group}, {self._days[0]} to {self._days[-1]}",
            self.meaning,
            {name: frame[name].tolist() for name in _FIGURES},
            {self._words(number): times for number, times in often.items()},
            self.marks,
        )
        return card._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line how far the paths spread."""
        sharpe = self.frame["sharpe"]
        spread = f"Sharpe {number(sharpe.min())} to {number(sharpe.max())}"
        return f"<{plural(len(sharpe), 'path')} of {self.table.plan.group}: {spread}>"

    @property
    def _days(self) -> tuple[date, ...]:
        """The trade dates that have returns."""
        return self.table.sessions[: self.found.returns.shape[1]]

    def _words(self, number: int) -> str:
        values = self.table.at(number).values
        return ", ".join(f"{key} {value}" for key, value in values.items())
