"""A planted fault: it standardises a stock's volume by all of its bars, later ones too."""

from __future__ import annotations

import numpy as np

from jstock_core.rules import Entry, EntryOpinions, entry


@entry("Normalises")
class Normalises(Entry):
    """Buy unusual volume.

    Formula: (V - mean of all V) / deviation of all V > 1.
    Source: a notebook that used the whole column.
    """

    needs = 2

    def evaluate(self, view):
        volume = view.features.values["volume"]
        bars = np.maximum((~np.isnan(volume)).sum(axis=0), 1)
        mean = np.nansum(volume, axis=0) / bars
        z = (volume - mean) / np.sqrt(np.nansum((volume - mean) ** 2, axis=0) / bars + 1)
        now = np.where(view.bar >= 0, np.take_along_axis(z, np.maximum(view.bar, 0), axis=0), np.nan)
        score = np.clip(50 + 10 * np.nan_to_num(now), 0, 100)
        return EntryOpinions(
            (now > 1) & view.has_bar, score, score, score / 100, {"volume": score}, lambda row, n: "busy"
        )
