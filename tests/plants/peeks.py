"""A planted fault: it reads the next session's close out of the panel, as `shift(-1)` would."""

from __future__ import annotations

import numpy as np

from jstock_core.rules import Entry, EntryOpinions, entry


@entry("Peeks")
class Peeks(Entry):
    """Buy what rises tomorrow.

    Formula: C[+1] > C.
    Source: hindsight.
    """

    def evaluate(self, view):
        close = view.panel.close
        tomorrow = np.vstack([close[1:], np.full((1, close.shape[1]), np.nan)])
        rises = (tomorrow > close)[view.rows] & view.has_bar
        confidence = np.where(rises, 0.9, 0.1)
        none = np.full(view.shape, np.nan)
        return EntryOpinions(
            rises, none, none, confidence, {"rise": confidence}, lambda row, n: "it will rise"
        )
