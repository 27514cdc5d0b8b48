"""Cash dividends as they are announced: notices with the minute they became known, and what counts of them.

A notice is new, corrects an earlier one or deletes it, and names the notice that began the row of them. The
newest of a row counts, and of several rows for one ex-date the decision before a forecast. Two decisions that
name neither each other nor the same figures leave the dividend in doubt.

Source: J-Quants V2, /fins/dividend (jpx-jquants.com/spec/fin-dividend, read 2026-11). A holder at the close
before the ex-date is paid, whatever is sold afterwards; the amount per share is of the shares of that day.
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
    """Notices, one a row, in order of (known_at, number).

    `amends` is the number of the first notice of the row of notices that it belongs to. `rate` is yen per
    share of the ex-date before tax, NaN where it is not decided yet; `pay_date` NaT likewise. `is_decided` is
    False for a forecast; `is_plain` where part of the amount comes out of capital, so that its tax depends on
    what the holder paid.
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
        """The codes with a notice, in force or not, by the session that it says is paid in."""
        sessions = {day: tse().on_or_after(day) for day in set(self.pay_date.tolist()) if _is_known(day)}
        found: dict[date, set[str]] = {}
        for code, day in zip(self.code.tolist(), self.pay_date.tolist(), strict=True):
            if day in sessions:
                found.setdefault(sessions[day], set()).add(code)
        return {session: frozenset(codes) for session, codes in found.items()}


def no_notices() -> DividendNotices:
    """No dividends: most plans of vendors do not deliver them."""
    days, texts, flags = np.empty(0, "datetime64[D]"), np.empty(0, "U1"), np.empty(0, bool)
    return DividendNotices(
        known_at=np.empty(0, "datetime64[m]"), code=texts, number=texts, amends=texts, is_deleted=flags,
        is_decided=flags, is_plain=flags, rate=np.empty(0), ex_date=days, pay_date=days,
    )  # fmt: skip


@dataclass(frozen=True)
class CashDividend:
    """A dividend as it is known: `rate` is yen per share before tax, None where it is not decided yet.

    `is_decided` is False for a forecast. `doubt` says why what is paid is unknown, "" where it is known.
    `announced` is the day of the notice that counts.
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
        """The session whose close it is in the account at; None where that is not known."""
        day = self.pay_date
        return tse().on_or_after(day) if day is not None and _is_known(day) else None


def _is_known(day: date | None) -> bool:
    """Whether the calendar says which session a day counts for."""
    return day is not None and tse().first <= day <= tse().last


def known_dividends(
    notices: DividendNotices, code: str, minute: np.datetime64 | None = None
) -> tuple[CashDividend, ...]:
    """The dividends of a code, by ex-date, as known at a minute (JST); None for all that is there."""
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
