"""The business of the simulated companies: quarterly sales and profits, and the company's own forecasts.

Row r is the fiscal quarter r of every company, counted from two years before the first one published, so
that a forecast always has a year behind it. Quarters end in the months that fit the company's fiscal year.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.companies import Company, companies
from jstock_core.data.providers.simulated.factors import COLUMNS
from jstock_core.data.providers.simulated.randomness import Stream, Words, normals, uniforms, words

Floats = NDArray[np.float64]

BEFORE = 8  # quarters before the first published one
FIRST = (2020, 9)  # the first published quarter ends in this month, or the month before it
GROWTH = 0.004  # of sales, a quarter
GROWTH_SWING, GROWTH_MEMORY = 0.015, 0.75
MARGINS = (0.04, 0.14)  # operating margins lie between these
MARGIN_SWING, MARGIN_MEMORY = 0.11, 0.75
SEASON = (0.95, 1.0, 1.02, 1.03)  # 1Q, 2Q, 3Q, 4Q
WIDTH = 24  # words a company and quarter: 8 for the figures, 16 for the documents


@dataclass(frozen=True, eq=False)
class Business:
    """(R, N) yen in each single quarter; `chance` (R, N, 16) decides about the documents."""

    sales: Floats
    operating: Floats
    ordinary: Floats
    net: Floats
    chance: Floats


@dataclass(frozen=True)
class Quarter:
    """A fiscal quarter of a company: `number` 1 to 4 in the year that ends on `year_end`."""

    number: int
    start: date
    end: date
    year_start: date
    year_end: date

    @property
    def kind(self) -> str:
        """J-Quants' CurPerType."""
        return "FY" if self.number == 4 else f"{self.number}Q"


def business(seed: int, rows: int) -> Business:
    """The first `rows` quarters of all companies; each depends on the seed and earlier quarters alone."""
    raw = words(seed, Stream.STATEMENTS, rows, COLUMNS * WIDTH).reshape(rows, COLUMNS, WIDTH)
    raw = raw[:, : len(companies())]
    growth = GROWTH + GROWTH_SWING * _autoregression(normals(raw[..., 0:2]), GROWTH_MEMORY)
    margin = _usual_margin() * (1.0 + MARGIN_SWING * _autoregression(normals(raw[..., 2:4]), MARGIN_MEMORY))
    sales = (
        _start() * np.cumprod(1.0 + growth, axis=0) * _seasons(rows) * (1.0 + 0.01 * normals(raw[..., 4:5]))
    )
    operating = sales * margin
    ordinary = operating * (1.0 + 0.04 * normals(raw[..., 5:6]))
    net = ordinary * (0.69 + 0.03 * normals(raw[..., 6:7]))
    return Business(sales, operating, ordinary, net, _chances(raw))


@cache
def quarter(company: Company, row: int) -> Quarter:
    """The fiscal quarter of a company in a row."""
    year, month = FIRST
    months = year * 12 + (month - 1) - (month - company.year_end) % 3 + 3 * (row - BEFORE)
    number = ((months + 1 - company.year_end) // 3 - 1) % 4 + 1
    year_end = months + 3 * (4 - number)
    return Quarter(
        number,
        _month_start(months - 2),
        _month_end(months),
        _month_start(year_end - 11),
        _month_end(year_end),
    )


def _month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _month_end(months: int) -> date:
    year, month = months // 12, months % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def _autoregression(noise: Floats, memory: float) -> Floats:
    result = np.empty_like(noise)
    level = np.zeros(noise.shape[1])
    for row in range(len(noise)):
        level = memory * level + np.sqrt(1 - memory * memory) * noise[row]
        result[row] = level
    return result


def _start() -> Floats:
    return np.array([c.sales / 4 for c in companies()])


def _usual_margin() -> Floats:
    low, high = MARGINS
    # spread evenly over the companies, in no order of code or sector
    place = np.arange(len(companies())) * 7 % 11 / 10
    return low + (high - low) * place


def _seasons(rows: int) -> Floats:
    numbers = np.array(
        [[quarter(c, row).number if c.reports else 1 for c in companies()] for row in range(rows)]
    )
    seasons: Floats = np.array(SEASON)[numbers - 1]
    return seasons


def _chances(raw: Words) -> Floats:
    return uniforms(raw[..., 8:])
