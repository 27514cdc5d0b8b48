"""Rules that compare stocks: soundly, with stocks that are not there, and not at all."""

from __future__ import annotations

import numpy as np

from jstock_core.rules import Entry, EntryOpinions, above_sector, entry, rank_stocks


def _opinions(view, score, buy):
    score = np.nan_to_num(score)
    return EntryOpinions(
        view.has_bar & buy, score, score, score / 100, {"score": score}, lambda row, n: f"{score[row, n]:.0f}"
    )


@entry("Leaders")
class Leaders(Entry):
    """Buy the tenth of all stocks that gained most."""

    needs = 21
    compares = True

    def evaluate(self, view):
        rank = rank_stocks(view, view.value("momentum_20"))
        return _opinions(view, rank, rank >= 90)


@entry("SectorLeaders")
class SectorLeaders(Entry):
    """Buy what gained more than its sector did."""

    needs = 21
    compares = True

    def evaluate(self, view):
        gain = view.value("momentum_20")
        above = above_sector(view, gain)
        return _opinions(view, np.clip(50 + 200 * above + 100 * gain, 0, 100), above > 0.05)


@entry("Crowd")
class Crowd(Entry):
    """Divide by the number of columns, whether they trade or not."""

    needs = 21
    compares = True

    def evaluate(self, view):
        gain = np.nan_to_num(view.value("momentum_20"))
        mean = gain.sum(axis=1, keepdims=True) / gain.shape[1]
        return _opinions(view, np.clip(50 + 500 * (gain - mean), 0, 100), gain > mean)


@entry("Loner")
class Loner(Entry):
    """Say that it compares, and compare nothing."""

    needs = 21
    compares = True

    def evaluate(self, view):
        gain = view.value("momentum_20")
        return _opinions(view, np.clip(50 + 500 * gain, 0, 100), gain > 0.1)
