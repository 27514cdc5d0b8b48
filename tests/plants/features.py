"""Features, sound and faulty: what gets at the arrays behind the series is found by the checks."""

from __future__ import annotations

import os

import numpy as np

from jstock_core.rules import BarSeries, Entry, EntryOpinions, entry, feature


@feature("high_52w_distance", unit="percent", needs=250)
def high_52w_distance(bars):
    """How far the close lies under the highest price of 250 bars."""
    return 100 * (bars.close / bars.high.max(250) - 1)


@feature("ranks_by_all_bars", unit="ratio", needs=1)
def ranks_by_all_bars(bars):
    """The close over its highest of all bars, the later ones too."""
    close = bars.close._values
    highest = np.fmax.reduce(close, axis=0, initial=-np.inf)
    return bars.close / BarSeries(np.broadcast_to(highest, close.shape))


@feature("beside_its_neighbours", unit="ratio", needs=1)
def beside_its_neighbours(bars):
    """The close over the highest of all stocks, bar by bar."""
    close = bars.close._values
    highest = np.fmax.reduce(close, axis=1, initial=-np.inf)[:, None]
    return bars.close / BarSeries(np.broadcast_to(highest, close.shape))


@feature("by_the_dice", unit="ratio", needs=1)
def by_the_dice(bars):
    """Chance."""
    return bars.close * np.random.default_rng().random()


@feature("another_each_process", unit="ratio", needs=1)
def another_each_process(bars):
    """What differs from process to process."""
    return bars.close * float(os.getpid())


@feature("slow_to_settle", unit="bars", needs=5)
def slow_to_settle(bars):
    """How many bars there are, which never settles."""
    return (bars.close > 0).streak()


@feature("stands_still", unit="ratio", needs=1)
def stands_still(bars):
    """Always 1."""
    return bars.close * 0 + 1


@feature("never_there", unit="ratio", needs=1)
def never_there(bars):
    """Nothing."""
    return bars.close * float("nan")


@feature("raises", unit="ratio", needs=1)
def raises(bars):
    """Divide by nothing."""
    return bars.close / (1 // 0)


@entry("NearHigh")
class NearHigh(Entry):
    """Buy what is near its highest price of a year."""

    needs = 250

    def evaluate(self, view):
        distance = view.value(high_52w_distance)
        score = np.clip(100 + np.nan_to_num(distance, nan=-100), 0, 100)
        return EntryOpinions(
            buy=view.has_bar & (distance > -5),
            score=score,
            opening=score,
            confidence=score / 100,
            parts={},
            explain=lambda row, n: f"{-distance[row, n]:.1f} % under its high",
        )
