"""Crossings of features and levels (STRATEGY section 0), and volume against its mean."""

from __future__ import annotations

import numpy as np

from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.view import View


def crosses_above(view: View, x: str, y: str | float) -> Bools:
    """x[-2] <= y[-2] and x[-1] > y[-1], for two features or a feature and a level."""

    def cross() -> Bools:
        return (view.value(x, 1) <= level(view, y, 1)) & (view.value(x) > level(view, y, 0))

    return view.memo(("crosses_above", x, y), cross)


def falls_through(view: View, x: str, y: str | float) -> Bools:
    """x[-2] >= y[-2] and x[-1] < y[-1], for two features or a feature and a level."""

    def fall() -> Bools:
        return (view.value(x, 1) >= level(view, y, 1)) & (view.value(x) < level(view, y, 0))

    return view.memo(("falls_through", x, y), fall)


def volume_share(view: View) -> Floats:
    """(R, N): the bar's volume divided by its 20-bar mean; NaN where the mean is unknown or 0."""

    def share() -> Floats:
        mean = view.value("volume_sma_20")
        return round_decimals(view.value("volume") / np.where(mean > 0, mean, np.nan))

    return view.memo("volume_share", share)


def level(view: View, y: str | float, lag: int) -> Floats | float:
    """The values of the feature that `y` names, or `y` itself where it is a number."""
    return view.value(y, lag) if isinstance(y, str) else y
