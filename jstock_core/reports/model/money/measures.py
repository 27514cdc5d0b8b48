"""What is measured of the desk and its groups since the first money, as plain values.

All of it is through D's close. Returns are time-weighted and net of deposits, as the curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measured number, or None and why: a sentence in which {have} and {need} stand for the counts."""

    value: float | None = None
    unknown: str = ""
    have: int = 0
    need: int = 0

    @property
    def reason(self) -> str:
        """Why there is no number; "" where there is one."""
        return self.unknown.format(have=self.have, need=self.need)


@dataclass(frozen=True, kw_only=True)
class AlphaRange:
    """Percent a year between which `level_pct` of the draws of a block bootstrap lie.

    `block` counts the sessions of a block. How it is drawn stands in `research.statistics.bootstrap`.
    """

    low_pct: float
    high_pct: float
    level_pct: float
    draws: int
    block: int


@dataclass(frozen=True, kw_only=True)
class AccountMeasures:
    """A group (`group` is "" for the whole desk) since `since`, the close before its first money.

    - `topix_pct` is the return of TOPIX from the same base, `excess_pct` what the return is above it in
      percentage points; `topix_total_pct` and `excess_total_pct` are those of TOPIX with dividends, None
      where the data has it not. `sessions` counts those after the base.
    - `drawdown_pct` is the deepest fall, from the close of `drawdown_from` to that of `drawdown_to`, None
      where there was none; `drawdown_now_pct` is the distance from the highest close so far.
    - Exposure is the share of positions in the equity, on average over all closes and at D's. `turnover` is
      what was bought and sold a year, in times the mean equity.
    - `closed` counts lots sold, in whole or in part. `profit_factor` is what the winning ones won over what
      the others lost, before fees. `costs` are the fees paid, in yen.
    - Beta, information ratio and alpha (percent a year) are against TOPIX.
    """

    group: str
    name: str
    since: date
    sessions: int
    return_pct: float | None
    topix_pct: float | None
    excess_pct: float | None
    topix_total_pct: float | None
    excess_total_pct: float | None
    drawdown_pct: float | None
    drawdown_from: date | None
    drawdown_to: date | None
    drawdown_now_pct: float | None
    exposure_pct: float | None
    exposure_now_pct: float | None
    turnover: Measure
    closed: int
    win_rate_pct: Measure
    profit_factor: Measure
    costs: int
    beta: Measure
    information_ratio: Measure
    alpha_pct: Measure
    alpha_range: AlphaRange | None


@dataclass(frozen=True, kw_only=True)
class PeriodReturn:
    """A calendar month, or a year (`month` is 0): the returns of the whole desk and of TOPIX in it.

    `sessions` are those of it that are measured; of the first and of the last period they may be a part.
    """

    year: int
    month: int
    sessions: int
    return_pct: float | None
    topix_pct: float | None

    @property
    def excess_pct(self) -> float | None:
        """Percentage points above TOPIX."""
        return None if self.return_pct is None or self.topix_pct is None else self.return_pct - self.topix_pct


@dataclass(frozen=True, kw_only=True)
class TaxToDate:
    """The estimated tax on the sales through D that settle in `year`; or none, and why: `unknown`.

    `first` and `last` are the sessions whose sales belong to the year. `gain` is negative for a loss. Sales
    of NISA accounts are counted in `untaxed` only. Dividends are not in it: their tax is withheld.
    """

    year: int
    first: date | None = None
    last: date | None = None
    sales: int = 0
    untaxed: int = 0
    gain: int = 0
    rate_pct: float | None = None
    tax: int | None = None
    unknown: str = ""
