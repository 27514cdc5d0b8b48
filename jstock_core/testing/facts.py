"""Dated facts of a made-up market, one value each, and the tables that a panel keeps them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from jstock_core.market.dividends import DividendNotices
from jstock_core.market.names import FIGURES, INVESTORS
from jstock_core.market.panel import (
    Actions,
    Announcements,
    Dates,
    Flows,
    Minutes,
    Statements,
    Texts,
)
from jstock_core.market.publication import publication_times

Day = str | date
Minute = str | datetime
"""JST, without a zone."""


@dataclass(frozen=True)
class InvestorWeek:
    """Investor flows of a week in thousand yen, public at 16:30 of `published`.

    `balance` maps names of `INVESTORS` to buys less sells; those not named have 0. `total` is what all
    traded, buys plus sells: a tenth by members for themselves, the rest by all others alike.
    """

    week_end: Day
    published: Day
    balance: Mapping[str, float] = field(default_factory=dict)
    total: float = 75_000_000_000.0
    section: str = "TSEPrime"


@dataclass(frozen=True)
class Disclosure:
    """A financial statement, public at `at` ("2025-11-05T15:00", JST).

    `figures` maps names of `FIGURES` to yen. `kind` is J-Quants' DocType; by default that of a consolidated
    IFRS statement of the period.
    """

    code: str
    at: Minute
    period: str
    period_end: Day
    year_end: Day
    figures: Mapping[str, float] = field(default_factory=dict)
    kind: str = ""

    @property
    def doc_type(self) -> str:
        """The kind of document."""
        return self.kind or f"{self.period}FinancialStatements_Consolidated_IFRS"


@dataclass(frozen=True)
class EarningsDate:
    """It is known from `known` ("2026-01-10T10:05", JST) on that `code` reports on `day`.

    `period` names the fiscal period of the report ("2026-03-31 3Q"), "" where it is not delivered.
    """

    code: str
    day: Day
    known: Minute
    period: str = ""


@dataclass(frozen=True)
class SplitNotice:
    """It is known from `known` (JST) on that `code` goes ex on `ex_date`.

    `adj_factor` is J-Quants': 0.5 for a split of 2:1; `ex_right` its ExRT, 0 where it is not delivered.
    """

    code: str
    ex_date: Day
    adj_factor: float
    known: Minute
    ex_right: int = 0


@dataclass(frozen=True)
class DividendNotice:
    """It is known from `known` (JST) on that `code` pays `rate` yen per share, before tax.

    Holders at the close before `ex_date` are paid on `pay_date`; None for a rate or a day not decided yet.
    `number` is the notice's own, `amends` that of the notice it corrects, or takes back with `deletes`.
    """

    code: str
    ex_date: Day
    rate: float | None
    pay_date: Day | None
    known: Minute
    number: str = ""
    amends: str = ""
    deletes: bool = False
    is_decided: bool = True
    is_plain: bool = True


Fact = InvestorWeek | Disclosure | EarningsDate | SplitNotice | DividendNotice


_PART = {"Tot": 1.0, "Prop": 0.1, "Brk": 0.9}
"""What each of `INVESTORS` trades in parts of the whole; the ten others 0.09 each."""


def flows_of(weeks: Iterable[InvestorWeek]) -> Flows:
    """Weeks in the order given."""
    rows = list(weeks)
    days = _days(w.published for w in rows)
    return Flows(
        known_at=publication_times("flows", days),
        published=days,
        week_end=_days(w.week_end for w in rows),
        section=_texts(w.section for w in rows),
        balance={name: _numbers(w.balance.get(name, 0.0) for w in rows) for name in INVESTORS},
        total={name: _numbers(w.total * _PART.get(name, 0.09) for w in rows) for name in INVESTORS},
    )


def statements_of(documents: Iterable[Disclosure]) -> Statements:
    """Documents in order of publication, numbered in that order; a figure not given is NaN."""
    rows = sorted(documents, key=lambda d: np.datetime64(d.at, "m").astype(int))
    return Statements(
        known_at=_minutes(d.at for d in rows),
        code=_texts(d.code for d in rows),
        number=_texts(f"{n:06}" for n in range(len(rows))),
        doc_type=_texts(d.doc_type for d in rows),
        period=_texts(d.period for d in rows),
        period_end=_days(d.period_end for d in rows),
        year_end=_days(d.year_end for d in rows),
        figures={name: _numbers(d.figures.get(name, np.nan) for d in rows) for name in FIGURES},
    )


def announcements_of(dates: Iterable[EarningsDate]) -> Announcements:
    """Earnings dates in the order given."""
    rows = list(dates)
    return Announcements(
        _minutes(d.known for d in rows),
        _texts(d.code for d in rows),
        _days(d.day for d in rows),
        _texts(d.period for d in rows),
    )


def actions_of(notices: Iterable[SplitNotice]) -> Actions:
    """Announced splits in the order given."""
    rows = list(notices)
    return Actions(
        _minutes(s.known for s in rows),
        _texts(s.code for s in rows),
        _days(s.ex_date for s in rows),
        _numbers(s.adj_factor for s in rows),
        np.array([s.ex_right for s in rows], dtype=np.int8),
    )


def dividends_of(notices: Iterable[DividendNotice]) -> DividendNotices:
    """Notices of dividends in order of publication."""
    rows = sorted(notices, key=lambda d: str(np.datetime64(d.known, "m")))
    numbers = [d.number or f"{d.code} {d.ex_date} {d.known}" for d in rows]
    return DividendNotices(
        known_at=_minutes(d.known for d in rows),
        code=_texts(d.code for d in rows),
        number=_texts(numbers),
        amends=_texts(d.amends or own for d, own in zip(rows, numbers, strict=True)),
        is_deleted=np.array([d.deletes for d in rows], dtype=bool),
        is_decided=np.array([d.is_decided for d in rows], dtype=bool),
        is_plain=np.array([d.is_plain for d in rows], dtype=bool),
        rate=_numbers(np.nan if d.rate is None else d.rate for d in rows),
        ex_date=_days(d.ex_date for d in rows),
        pay_date=_days("NaT" if d.pay_date is None else d.pay_date for d in rows),
    )


def _days(values: Iterable[Day]) -> Dates:
    return np.array(list(values), dtype="datetime64[D]")


def _minutes(values: Iterable[Minute]) -> Minutes:
    return np.array(list(values), dtype="datetime64[m]")


def _texts(values: Iterable[str]) -> Texts:
    return np.array(list(values), dtype=np.str_)


def _numbers(values: Iterable[float]) -> NDArray[np.float64]:
    return np.array(list(values), dtype=np.float64)
