"""Portfolio Status as of D's close: positions, the money of each group, and of the whole desk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from math import isnan

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.decide import holding
from jstock_core.execution.dividends import DividendClaim, expected_dividends
from jstock_core.market.bars.closes import base_close
from jstock_core.market.calendar import tse
from jstock_core.market.prices import carried_closes, known, market_value
from jstock_core.reports.build.decisions.stops import atr_in_yen, find_levels, find_stop
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.portfolio import (
    AccountSummary,
    ExpectedDividend,
    HeldPosition,
    LayerLevel,
    LotLine,
    PortfolioSummary,
)
from jstock_core.reports.model.money.returns import WHOLE, AccountReturns
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.language.position import peak
from jstock_core.state.book.book import GroupBook
from jstock_core.state.book.lots import Lot, shares_of
from jstock_core.state.facts.events import Dividend

RECENT = 60
"""Sessions of closes shown of a position."""


def build_portfolio(facts: Facts, returns: AccountReturns) -> PortfolioSummary:
    """Everything owned, valued at D's close."""
    books = [book for _, book in sorted(facts.book.groups.items())]
    held = tuple(_held(facts, book, code) for book in books for code in book.held)
    expected = tuple(
        _expected(facts, claim) for claim in expected_dividends(facts.book, facts.panel, facts.evaluated)
    )
    accounts = tuple(_account(facts, book, held, returns, expected) for book in books)
    whole = _whole(accounts, returns)
    recent = facts.panel.dates[_recent_rows(facts)]
    return PortfolioSummary(held=held, accounts=accounts, whole=whole, expected=expected, recent=recent)


def _expected(facts: Facts, claim: DividendClaim) -> ExpectedDividend:
    dividend = claim.dividend
    return ExpectedDividend(
        group=claim.group,
        code=claim.code,
        name=facts.listing(claim.code).name,
        shares=claim.shares,
        rate=None if dividend.rate is None else float(dividend.rate),
        amount=claim.amount,
        ex_date=dividend.ex_date,
        pay_date=dividend.pay_date,
        is_decided=dividend.is_decided,
        note=claim.doubt,
    )


def _held(facts: Facts, book: GroupBook, code: str) -> HeldPosition:
    position, listing, close = book.position(code), facts.listing(code), facts.close(code)
    seen, group = holding(book, code, facts.view, facts.row), facts.rules(book.id)
    levels: tuple[LayerLevel, ...] = ()
    if group is not None and seen is not None and close is not None:
        levels = find_levels(facts.view, facts.row, group.exit, seen)
    return HeldPosition(
        group=book.id,
        code=code,
        name=listing.name,
        shares=position.shares,
        cost=position.cost,
        average_price=position.average_price,
        opened=position.opened,
        close=close,
        value=position.cost if close is None else market_value(close, position.shares),
        day_change_pct=facts.change_pct(code),
        sessions_held=_sessions(position.opened, facts.evaluated),
        days_held=max(0, (facts.evaluated - position.opened).days),
        stop=find_stop(facts, book, seen, levels, close),
        age=_age(facts, code),
        odd_lot=position.shares % listing.unit,
        day_pnl=_day_pnl(facts, book.lots[code], close),
        entry_price=position.average_price if seen is None else seen.entry_price,
        peak=None if seen is None else _peak(facts, seen),
        atr=None if seen is None else atr_in_yen(facts.view, facts.row, seen.column),
        action=next(
            (s.action for s in facts.signals.get(book.id, ()) if s.code == code and not s.is_buy), ""
        ),
        levels=levels,
        lots=tuple(_lot(facts, lot) for lot in book.lots[code]),
        dividends=sum(event.amount for event in _received(book, code, position.opened)),
        recent=_recent_closes(facts, code),
    )


def _lot(facts: Facts, lot: Lot) -> LotLine:
    return LotLine(
        opened=lot.session,
        shares=lot.shares,
        price=float(lot.price),
        cost=lot.cost,
        sessions_held=_sessions(lot.session, facts.evaluated),
        account=lot.account,
        score=lot.score,
    )


def _received(book: GroupBook, code: str, opened: date) -> Iterator[Dividend]:
    """The dividends of the position that is open: of ex-dates, or else payments, since it was opened."""
    for event in book.received:
        if event.code == code and (
            event.session >= opened if event.ex_date is None else event.ex_date > opened
        ):
            yield event


def _day_pnl(facts: Facts, lots: Sequence[Lot], close: float | None) -> int | None:
    """Yen that D gave to lots: the close less the one before, or less what a lot cost that was bought since.

    Shares carry splits; what a right took off the price is lost to them, as it is to the group's equity.
    """
    if close is None:
        return None
    old = [lot for lot in lots if lot.session < facts.evaluated]
    gained = sum(close * lot.shares - lot.cost for lot in lots if lot.session >= facts.evaluated)
    column = facts.panel.column[lots[0].code]
    before = base_close(facts.panel, facts.panel_row, column)
    if not isnan(before):
        due = facts.panel.adjustment(facts.panel_row, column)
        previous = before / due.factor if due.is_price_only else before
        gained += (close - previous) * shares_of(old)
    return round(gained)


def _peak(facts: Facts, seen: Holding) -> float | None:
    """The highest close since the entry in yen of D; None where the panel starts after it."""
    try:
        return known(peak(facts.view, facts.row, seen) / facts.view.k(facts.row, seen.column))
    except DataError:
        return None


def _recent_closes(facts: Facts, code: str) -> tuple[float | None, ...]:
    """The closes of the last sessions that rules go by, in yen of D."""
    column, rows = facts.panel.column.get(code), _recent_rows(facts)
    if column is None:
        return (None,) * len(facts.panel.dates[rows])
    bars = facts.view.features.bar_rows(rows, column)
    bars = np.where(bars == np.arange(rows.start, rows.stop), bars, -1)
    carried = carried_closes(facts.panel, bars, facts.panel_row, column)
    return tuple(known(float(close)) for close in carried)


def _recent_rows(facts: Facts) -> slice:
    return slice(max(0, facts.panel_row + 1 - RECENT), facts.panel_row + 1)


def _sessions(opened: date, evaluated: date) -> int:
    """Sessions from the purchase to D; 0 for what was bought in D or after it."""
    first, last = np.searchsorted(tse().days, np.array([opened, evaluated], dtype="datetime64[D]"))
    return max(0, int(last - first))


def _age(facts: Facts, code: str) -> int:
    column = facts.panel.column.get(code)
    return 0 if column is None else max(0, int(facts.view.age[facts.row, column]))


def _account(
    facts: Facts,
    book: GroupBook,
    held: tuple[HeldPosition, ...],
    returns: AccountReturns,
    expected: tuple[ExpectedDividend, ...],
) -> AccountSummary:
    own = [line for line in held if line.group == book.id]
    return AccountSummary(
        group=book.id,
        name=facts.group_name(book.id),
        deposited=book.deposited,
        adjusted=book.adjusted,
        cash=book.cash,
        reserved=book.reserved,
        invested=book.invested,
        value=sum(line.value for line in own),
        realized=book.realized,
        dividends=book.dividends,
        fees=book.fees,
        positions=len(own),
        day_pnl=returns.day_pnl.get(book.id),
        return_pct=returns.return_pct(book.id),
        price_return_pct=returns.price_return_pct(book.id),
        receivable=sum(each.amount or 0 for each in expected if each.group == book.id),
    )


def _whole(accounts: tuple[AccountSummary, ...], returns: AccountReturns) -> AccountSummary:
    return AccountSummary(
        group="",
        name=WHOLE,
        deposited=sum(a.deposited for a in accounts),
        adjusted=sum(a.adjusted for a in accounts),
        cash=sum(a.cash for a in accounts),
        reserved=sum(a.reserved for a in accounts),
        invested=sum(a.invested for a in accounts),
        value=sum(a.value for a in accounts),
        realized=sum(a.realized for a in accounts),
        dividends=sum(a.dividends for a in accounts),
        fees=sum(a.fees for a in accounts),
        positions=sum(a.positions for a in accounts),
        day_pnl=sum(days) if (days := [a.day_pnl for a in accounts if a.day_pnl is not None]) else None,
        return_pct=returns.whole.last,
        price_return_pct=returns.whole.price_return_pct,
        receivable=sum(a.receivable for a in accounts),
    )
