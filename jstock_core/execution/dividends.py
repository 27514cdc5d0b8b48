"""Dividends: what each group is due, what is booked in the session of payment, and what is still expected.

A dividend is due on the shares held at the close before the ex-date, whatever is sold afterwards. The amount
is worked out as a broker does, for each account (`Lot.pool`): shares x rate, rounded down to whole yen, less
withholding tax (none in a NISA account). Groups that share an account divide it by their shares. The same
code books it for the desk, a replay and a backtest.

A broker credits an account once. So a dividend that a person recorded within five sessions of the payment
stands for all groups of its place (the broker, or paper), and nothing is booked there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.dividends import CashDividend, known_dividends
from jstock_core.market.known_splits import SAME_WITHIN, sessions_apart
from jstock_core.market.panel import Panel
from jstock_core.market.tax_rates import withheld_tax
from jstock_core.state.book.book import Book
from jstock_core.state.book.holders import facts_of, lots_before
from jstock_core.state.book.lots import NISA, Lot
from jstock_core.state.facts.events import Dividend

DESK = "desk"
BROKER = "manual"
"""`Lot.fills` of lots at the broker, which a person bought; all others are on paper."""
_LONGEST = timedelta(days=200)
"""Longest time from an ex-date to the payment: a forecast older than that is no longer expected."""


@dataclass(frozen=True)
class DividendClaim:
    """What a group is due of a dividend: whole yen after tax, None if `doubt` says why that is unknown.

    `untaxed` of the `shares` are in NISA accounts. `at_broker` says whether a broker pays it, or it is on
    paper.
    """

    group: str
    dividend: CashDividend
    shares: int
    untaxed: int
    at_broker: bool
    amount: int | None
    doubt: str = ""

    @property
    def code(self) -> str:
        """The stock."""
        return self.dividend.code

    @property
    def basis(self) -> str:
        """'200 shares at ¥45, ex 2025-09-29, after tax'."""
        taxed = "after tax" if not self.untaxed else f"{self.untaxed:,} of them untaxed (NISA)"
        rate = "an amount not decided yet"
        if self.dividend.rate is not None:
            rate = f"¥{self.dividend.rate.normalize():,f}"
        return f"{self.shares:,} shares at {rate}, ex {self.dividend.ex_date}, {taxed}"


# --- who is due what ------------------------------------------------------------------------------------


def dividend_claims(book: Book, dividend: CashDividend) -> tuple[DividendClaim, ...]:
    """What each group is due of a dividend, at the broker and on paper.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    held = lots_before(book, dividend.code, dividend.ex_date)
    doubt = _doubt(dividend)
    due: dict[tuple[str, bool], int] = {}
    for part in _parts(dividend, held, doubt):
        place = part.group, part.fills == BROKER
        due[place] = due.get(place, 0) + part.amount
    return tuple(
        _claim(dividend, group, at_broker, held[group], None if doubt else yen, doubt)
        for (group, at_broker), yen in sorted(due.items())
    )


@dataclass(frozen=True)
class DividendPart:
    """What a group is paid of a dividend in one account (`Lot.pool`): yen credited, yen of tax withheld."""

    group: str
    fills: str
    account: str
    amount: int
    withheld: int


def dividend_parts(book: Book, dividend: CashDividend) -> tuple[DividendPart, ...]:
    """What each group is paid in each of its accounts; nothing where the dividend is in doubt.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    held = lots_before(book, dividend.code, dividend.ex_date)
    return () if _doubt(dividend) else tuple(_parts(dividend, held, ""))


def _parts(dividend: CashDividend, held: Mapping[str, Collection[Lot]], doubt: str) -> Iterator[DividendPart]:
    pools: dict[tuple[str, str], dict[str, int]] = {}
    for group, lots in held.items():
        for lot in lots:
            shares = pools.setdefault(lot.pool, {})
            shares[group] = shares.get(group, 0) + lot.shares
    for (fills, account), shares in sorted(pools.items()):
        gross = 0 if doubt else int(sum(shares.values()) * (dividend.rate or Decimal(0)))
        taxed = 0 if doubt or account == NISA else withheld_tax(gross, _tax_year(dividend))
        before, after = divide_yen(gross, shares), divide_yen(gross - taxed, shares)
        for group, yen in after.items():
            yield DividendPart(group, fills, account, yen, before[group] - yen)


def _claim(
    dividend: CashDividend, group: str, at_broker: bool, lots: Collection[Lot], yen: int | None, doubt: str
) -> DividendClaim:
    own = [lot for lot in lots if (lot.fills == BROKER) == at_broker]
    untaxed = sum(lot.shares for lot in own if lot.account == NISA)
    return DividendClaim(group, dividend, sum(lot.shares for lot in own), untaxed, at_broker, yen, doubt)


def _doubt(dividend: CashDividend) -> str:
    """Why it is unknown what is paid; "" if the amount, or a forecast of it, is known."""
    if dividend.doubt or dividend.rate is None:
        return dividend.doubt or "its amount is not decided yet"
    try:
        withheld_tax(0, _tax_year(dividend))
    except UsageError as error:
        return error.what
    return ""


def _tax_year(dividend: CashDividend) -> int:
    return (dividend.pay_date or dividend.ex_date).year


def divide_yen(yen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Divide whole yen in proportion to shares; yen left over go to the largest fractions, ties by name."""
    total = sum(shares.values())
    exact = {name: Fraction(yen * count, total) for name, count in shares.items()}
    parts = {name: floor(part) for name, part in exact.items()}
    left = yen - sum(parts.values())
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[name] += 1
    return parts


# --- what a person recorded -----------------------------------------------------------------------------


def recorded_dividends(book: Book, dividend: CashDividend) -> tuple[Dividend, ...]:
    """What people recorded for a dividend in any group: of its code, near the session of payment.

    While that session is unknown: what they recorded after the ex-date, for as long as it is expected.
    """
    return tuple(
        event
        for _, group in sorted(book.groups.items())
        for event in group.received
        if event.code == dividend.code and event.ex_date is None and _is_near(event.session, dividend)
    )


def _is_near(session: date, dividend: CashDividend) -> bool:
    paid = dividend.pay_session
    if paid is None:
        return dividend.ex_date < session < dividend.ex_date + _LONGEST
    return sessions_apart(session, paid) <= SAME_WITHIN


def is_at_broker(event: Dividend, claims: Collection[DividendClaim]) -> bool:
    """Whether a recorded dividend came from a broker: yes, unless its group is due on paper only."""
    own = {claim.at_broker for claim in claims if claim.group == event.group}
    return own != {False}


def _unrecorded(book: Book, dividend: CashDividend) -> Iterator[DividendClaim]:
    """The claims on a dividend in those places, broker or paper, for which nobody recorded it."""
    claims = dividend_claims(book, dividend)
    recorded = {is_at_broker(event, claims) for event in recorded_dividends(book, dividend)}
    yield from (claim for claim in claims if claim.at_broker not in recorded)


# --- booking --------------------------------------------------------------------------------------------


def pay_dividends(
    book: Book, panel: Panel, row: int, known: np.datetime64 | None = None
) -> tuple[Dividend, ...]:
    """The dividends that groups are paid in the session of the panel's row `row`.

    By what was announced up to the minute `known` (JST), None for all in the panel. Dividends that are only
    forecast, in doubt, or recorded or booked before are left out.
    """
    session = panel.session(row)
    held = (code for code in panel.dividends.paid_in.get(session, ()) if facts_of(book, code))
    paid: list[Dividend] = []
    for code in sorted(held):
        for dividend in known_dividends(panel.dividends, code, known):
            if dividend.pay_session == session and dividend.is_decided:
                paid += _bookings(book, dividend)
    return tuple(paid)


def _bookings(book: Book, dividend: CashDividend) -> Iterator[Dividend]:
    """One event for each group, over its places."""
    session = dividend.pay_session
    due: dict[str, list[DividendClaim]] = {}
    for claim in _unrecorded(book, dividend):
        due.setdefault(claim.group, []).append(claim)
    for group, claims in due.items():
        yen = sum(claim.amount or 0 for claim in claims)
        if yen and session and not is_booked(book, claims[0]):
            yield Dividend(
                session=session, source=DESK, group=group, code=dividend.code, amount=yen,
                reason="; ".join(claim.basis for claim in claims), ex_date=dividend.ex_date,
            )  # fmt: skip


# --- what is expected -----------------------------------------------------------------------------------


def expected_dividends(book: Book, panel: Panel, session: date) -> tuple[DividendClaim, ...]:
    """What the groups are due at the close of a session and have not been paid yet. It is no part of equity.

    It counts stocks held at the close before their ex-date, where that close is past; forecasts and unknown
    amounts are included.
    """
    due = outstanding_dividends(book, panel, session)
    claims = (claim for each in due for claim in _unrecorded(book, each))
    return tuple(claim for claim in claims if claim.amount != 0 and not is_booked(book, claim))


def outstanding_dividends(book: Book, panel: Panel, session: date) -> tuple[CashDividend, ...]:
    """The dividends of stocks ever held that went ex by the close of a session and are not paid yet.

    It also works on a book that was cached for reading.
    """
    held = {move.code for group in book.groups.values() for move in group.moves}
    return tuple(
        dividend
        for code in sorted(held & panel.dividends.rows_of.keys())
        for dividend in known_dividends(panel.dividends, code)
        if _is_outstanding(dividend, session)
    )


def _is_outstanding(dividend: CashDividend, session: date) -> bool:
    earned = session - _LONGEST < dividend.ex_date <= tse().next(session)
    return earned and (dividend.pay_session is None or dividend.pay_session > session)


def is_booked(book: Book, claim: DividendClaim) -> bool:
    """Whether the desk booked the dividend, or a person corrected what the desk booked."""
    received = book.groups[claim.group].received
    return any(event.code == claim.code and event.ex_date == claim.dividend.ex_date for event in received)
