"""TOPIX of the simulated market: the capitalisation of its stocks, chained over listings and splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.companies import companies
from jstock_core.data.providers.simulated.factors import VARIANCE
from jstock_core.data.providers.simulated.prices import History
from jstock_core.data.providers.simulated.randomness import Stream, normals, words
from jstock_core.market.adjustments import price_ratios

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START = 1820.0
EXCURSION = 0.3  # beyond open and close, in units of the session's volatility


@dataclass(frozen=True, eq=False)
class Index:
    """(S,) levels, rounded to 0.01."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats


def topix(seed: int, history: History) -> Index:
    """The index over the sessions of a history; a halted stock counts with its last price.

    Capitalisations are summed as integers, so no order of summation can show in the last bit.
    """
    hundreds = np.rint(np.cumprod(price_ratios(history.adj_factor), axis=0) * _shares()).astype(np.int64)
    growth = _growth(history, history.close, hundreds)
    close = START * np.cumprod(growth)
    before = np.concatenate([[START], close[:-1]])
    opening = before * _growth(history, history.open, hundreds)
    raw = words(seed, Stream.INDEX, len(close), 4)
    reach = (
        np.abs(normals(raw[:, :2, None]))
        * (EXCURSION * np.sqrt(VARIANCE) * history.factor.volatility)[:, None]
    )
    high = np.maximum(opening, close) * (1.0 + reach[:, 0])
    low = np.minimum(opening, close) * (1.0 - reach[:, 1])
    return Index(*(np.rint(level * 100.0) / 100.0 for level in (opening, high, low, close)))


def _growth(history: History, price: Ints, hundreds: Ints) -> Floats:
    """(S,): capitalisation at `price` over that at the last close, of the stocks listed in both sessions."""
    members = history.listed[1:] & history.listed[:-1]
    # a halted stock's close repeats its last; its open must too
    now = np.where(history.traded, price, history.close)[1:] * hundreds[1:]
    last = history.close[:-1] * hundreds[:-1]
    ratio = np.where(members, now, 0).sum(axis=1) / np.where(members, last, 0).sum(axis=1)
    return np.concatenate([[1.0], ratio])


def _shares() -> Ints:
    """(N,) hundreds of shares outstanding at the start; none of the funds."""
    return np.array([c.shares // 100 if c.reports else 0 for c in companies()], dtype=np.int64)
