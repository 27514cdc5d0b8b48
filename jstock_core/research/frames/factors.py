"""How well a feature orders the stocks: rank correlation with what they do next, and returns by quantile.

A stock's value at the close of D is held against its return from the open of T, the next session, to the open
`horizon` sessions later, in adjusted prices: what could have been traded on it. A stock counts where it
trades in D, T and the last session, and has the feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from warnings import warn

import numpy as np

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.market.bars.closes import trusted_bars
from jstock_core.market.panel import Floats, Ints, Panel
from jstock_core.market.prices import round_decimals
from jstock_core.research.frames.catalogue import feature_name
from jstock_core.research.frames.market import jst_times
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.own import Feature

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 5
"""Stocks below which a session says nothing."""
_NEEDS = f"a session is compared where {FEWEST} stocks or more have a value and a return after it"


@dataclass(frozen=True, eq=False, repr=False)
class Factor:
    """A feature by session and stock, on the market that is known.

    `columns` are those of the stocks that are compared.

    Raises:
        UsageError: they are too few for any session.

    """

    feature: str | Feature
    panel: Panel
    features: Features
    columns: Ints

    def __post_init__(self) -> None:
        """Refuse what no session can say anything of."""
        if len(self.columns) < FEWEST:
            raise UsageError(
                f"{plural(len(self.columns), 'stock')} to compare, and {_NEEDS}",
                do="give more codes, or none for all stocks of the market data",
            )

    def __repr__(self) -> str:
        """Say what is compared."""
        name, sessions = feature_name(self.feature), len(self.panel.sessions)
        return f"<Factor {name} of {len(self.columns)} stocks, {sessions} sessions>"

    def ic(self, horizon: int = 5) -> pd.DataFrame:
        """The rank correlation (Spearman) of each session.

        Columns: session (D), known_at (when its outcome is), ic, stocks. Returns of neighbouring sessions
        overlap, so that they are not independent. That no session has stocks enough is a warning.

        Raises:
            UsageError: `horizon` is under 1.

        """
        import pandas as pd

        values, outcome, rows = self._compared(horizon)
        counts = (~np.isnan(values)).sum(axis=1)
        ranks = (pd.DataFrame(each).rank(axis=1).to_numpy() for each in (values, outcome))
        x, y = (_centred(rank) for rank in ranks)
        spread = np.sqrt(np.nansum(x * x, axis=1) * np.nansum(y * y, axis=1))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(spread > 0, np.nansum(x * y, axis=1) / spread, np.nan)
        return pd.DataFrame({**self._days(rows, horizon), "ic": found, "stocks": counts})

    def quantiles(self, n: int = 5, horizon: int = 5) -> pd.DataFrame:
        """The mean return of the stocks in each of `n` groups, by the feature's value.

        Groups have equal sizes where no values are equal. Stocks of equal value have the mean of their ranks,
        so they stand in one group, whatever the order of the stocks.

        A row a group, 1 the lowest values: mean_pct (percent over `horizon` sessions, each session counting
        alike), above_pct (less the mean of all stocks), sessions, stocks (in all sessions). That no session
        has stocks enough is a warning.

        Raises:
            UsageError: `n` is not from 2 to 20, or `horizon` is under 1.

        """
        import pandas as pd

        n = require_whole(n, "the number of groups of stocks", 2, 20)
        values, outcome, _ = self._compared(horizon)
        ranks = pd.DataFrame(values).rank(axis=1).to_numpy()
        counts = (~np.isnan(values)).sum(axis=1)
        place = np.ceil(ranks * n / np.maximum(counts, 1)[:, None])
        whole = _mean(_row_means(outcome))
        rows = []
        for group in range(1, n + 1):
            inside = np.where(place == group, outcome, np.nan)
            means = _row_means(inside)
            rows.append({
                "quantile": group,
                "mean_pct": 100 * _mean(means),
                "above_pct": 100 * (_mean(means) - whole),
                "sessions": int((~np.isnan(means)).sum()),
                "stocks": int((~np.isnan(inside)).sum()),
            })  # fmt: skip
        return pd.DataFrame(rows).set_index("quantile")

    def _compared(self, horizon: int) -> tuple[Floats, Floats, Ints]:
        """`_pairs`; that there is no session is a warning."""
        found = self._pairs(horizon)
        if not len(found[2]):
            name, sessions = feature_name(self.feature), plural(len(self.panel.sessions), "session")
            after = plural(horizon, "session")
            warn(f"no session of {sessions} can be compared by {name} over {after}: {_NEEDS}", stacklevel=3)
        return found

    def _pairs(self, horizon: int) -> tuple[Floats, Floats, Ints]:
        """Values and outcomes (R, n), NaN in both where one is not known, of the sessions in rows (R,)."""
        require_whole(horizon, "the horizon in sessions", 1)
        last = len(self.panel.sessions) - 1 - horizon
        trusted = np.where(trusted_bars(self.panel), self.panel.open, np.nan)
        opens = (trusted * self.panel.forward)[:, self.columns]
        rows = np.arange(max(last, 0))
        outcome = round_decimals(opens[rows + 1 + horizon] / opens[rows + 1] - 1)
        bar = self.features.bar[rows][:, self.columns]
        values = self.features.rounded(self.feature)[np.maximum(bar, 0), self.columns].copy()
        known = self.panel.has_bar[rows][:, self.columns] & ~np.isnan(values) & ~np.isnan(outcome)
        values[~known] = outcome[~known] = np.nan
        enough = known.sum(axis=1) >= FEWEST
        return values[enough], outcome[enough], rows[enough]

    def _days(self, rows: Ints, horizon: int) -> dict[str, Any]:
        return {
            "session": self.panel.sessions[rows].astype("datetime64[s]"),
            "known_at": jst_times(self.panel.bars_known_at[rows + 1 + horizon]),
        }


def _centred(ranks: Floats) -> Floats:
    centred: Floats = ranks - _row_means(ranks)[:, None]
    return centred


def _row_means(values: Floats) -> Floats:
    """(R,): the mean of what is known in each row, NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    means: Floats = np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)
    return means


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
