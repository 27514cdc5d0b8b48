"""Announced cash dividends: notices with the minute they became known, and the dividends in force.

A notice is new, or corrects or deletes an earlier one, and names the first notice of its chain. The newest
notice of a chain counts; of several chains for one ex-date, a decision takes precedence over a forecast. Two
decisions in separate chains with different figures leave the dividend in doubt.

Source: J-Quants V2, /fins/dividend (jpx-jquants.com/spec/fin-dividend, read 2026-11). Whoever holds the stock
at the close before the ex-date is paid, even after a later sale; the amount is per share of that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.market.calendar import tse


@dataclass(frozen=True, eq=False)
class DividendNotices:
    """Dividend notices, one per row, ordered by (known_at, number).

    `amends` is the number of the first notice of its chain. `rate` is yen per share of the ex-date before
    tax, NaN if not decided yet; `pay_date` is NaT if not decided yet. `is_decided` is False for a forecast;
    `is_plain` is False if part of the amount is a return of capital, whose tax depends on the holder's cost.
    """

    known_at: NDArray[np.datetime64]
    code: NDArray[np.str_]
    number: NDArray[np.str_]
    amends: NDArray[np.str_]
    is_deleted: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]
    is_plain: NDArray[np.bool_]
    rate: NDArray[np.float64]
    ex_date: NDArray[np.datetime64]
    pay_date: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: NDArray[np.bool_]) -> DividendNotices:
        """Keep the rows where `rows` is true."""
        return DividendNotices(**{name: values[rows] for name, values in self._columns.items()})

    @property
    def _columns(self) -> Mapping[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @cached_property
    def rows_of(self) -> Mapping[str, Sequence[int]]:
        """The rows of each code, oldest first."""
        found: dict[str, list[int]] = {}
        for row, code in enumerate(self.code.tolist()):
            found.setdefault(code, []).append(row)
        return found

    @cached_property
    def paid_in(self) -> Mapping[date, frozenset[str]]:
        """The codes with a notice, in force or not, by the session in which it says the dividend is paid."""
        sessions = {day: tse().on_or_after(day) for day in set(self.pay_date.tolist()) if _is_known(day)}
        found: dict[date, set[str]] = {}
        for code, day in zip(self.code.tolist(), self.pay_date.tolist(), strict=True):
            if day in sessions:
                found.setdefault(sessions[day], set()).add(code)
        return {session: frozenset(codes) for session, codes in found.items()}


def no_notices() -> DividendNotices:
    """An empty table of notices: most vendor plans do not deliver dividends."""
    days, texts, flags = np.empty(0, "datetime64[D]"), np.empty(0, "U1"), np.empty(0, bool)
    return DividendNotices(
        known_at=np.empty(0, "datetime64[m]"), code=texts, number=texts, amends=texts, is_deleted=flags,
        is_decided=flags, is_plain=flags, rate=np.empty(0), ex_date=days, pay_date=days,
    )  # fmt: skip


@dataclass(frozen=True)
class CashDividend:
    """A dividend as known at some time: `rate` is yen per share before tax, None if not decided yet.

    `is_decided` is False for a forecast. `doubt` says why the amount is uncertain, "" if it is certain.
    `announced` is the day of the notice in force.
    """

    code: str
    ex_date: date
    pay_date: date | None
    rate: Decimal | None
    is_decided: bool = True
    doubt: str = ""
    announced: date | None = field(default=None, compare=False)

    @property
    def pay_session(self) -> date | None:
        """The session by whose close it is in the account; None if unknown."""
        day = self.pay_date
        return tse().on_or_after(day) if day is not None and _is_known(day) else None


def _is_known(day: date | None) -> bool:
    """Whether the calendar says which session a day counts for."""
    return day is not None and tse().first <= day <= tse().last


def known_dividends(
    notices: DividendNotices, code: str, minute: np.datetime64 | None = None
) -> tuple[CashDividend, ...]:
    """The dividends of a code, by ex-date, as known at a minute (JST); None takes every stored notice."""
    rows = notices.rows_of.get(code, ())
    known = [row for row in rows if minute is None or notices.known_at[row] <= minute]
    newest = {str(notices.amends[row]): row for row in known}
    by_ex_date: dict[date, list[int]] = {}
    for row in sorted(newest.values()):
        ex_date = notices.ex_date[row].astype(object)
        if not notices.is_deleted[row] and ex_date is not None:
            by_ex_date.setdefault(ex_date, []).append(row)
    return tuple(_dividend(notices, ex_date, by_ex_date[ex_date]) for ex_date in sorted(by_ex_date))


def _dividend(notices: DividendNotices, ex_date: date, rows: Sequence[int]) -> CashDividend:
    decided = [row for row in rows if notices.is_decided[row]]
    row = (decided or rows)[-1]
    said = {(_rate(notices, n), notices.pay_date[n].astype(object)) for n in decided}
    return CashDividend(
        code=str(notices.code[row]),
        ex_date=ex_date,
        pay_date=notices.pay_date[row].astype(object),
        rate=_rate(notices, row),
        is_decided=bool(notices.is_decided[row]),
        doubt="; ".join(_doubts(notices, row, len(said))),
        announced=notices.known_at[row].astype("datetime64[D]").astype(object),
    )


def _doubts(notices: DividendNotices, row: int, decisions: int) -> Iterator[str]:
    if decisions > 1:
        yield "two announcements that do not refer to each other differ"
    if not notices.is_plain[row]:
        yield "part of it is paid out of capital, and taxed otherwise"


def _rate(notices: DividendNotices, row: int) -> Decimal | None:
    rate = notices.rate.item(row)
    return Decimal(repr(rate)) if rate >= 0 else None  # NaN is not
