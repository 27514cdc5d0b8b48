"""Portfolio Status as of D's close: positions, the money of each group, and of the whole desk."""

from __future__ import annotations

from datetime import date

import numpy as np

from jstock_core.execution.dividends import DividendClaim, expected_dividends
from jstock_core.market.calendar import tse
from jstock_core.market.prices import market_value
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.stops import find_stop
from jstock_core.reports.model.curves import Performance
from jstock_core.reports.model.portfolio import (
    AccountSummary,
    ExpectedDividend,
    HeldPosition,
    PortfolioSummary,
)
from jstock_core.reports.model.sections import WHOLE
from jstock_core.state.book.book import GroupBook


def build_portfolio(facts: Facts, performance: Performance) -> PortfolioSummary:
    """Everything owned, valued at D's close."""
    books = [book for _, book in sorted(facts.book.groups.items())]
    held = tuple(_held(facts, book, code) for book in books for code in book.held)
    expected = tuple(
        _expected(facts, claim) for claim in expected_dividends(facts.book, facts.panel, facts.evaluated)
    )
    accounts = tuple(_account(facts, book, held, performance, expected) for book in books)
    whole = _whole(accounts, performance)
    return PortfolioSummary(held=held, accounts=accounts, whole=whole, expected=expected)


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
    change = facts.change_pct(code)
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
        day_change_pct=change,
        sessions_held=_sessions(position.opened, facts.evaluated),
        days_held=max(0, (facts.evaluated - position.opened).days),
        stop=find_stop(facts, book, code, close),
        age=_age(facts, code),
        odd_lot=position.shares % listing.unit,
    )


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
    performance: Performance,
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
        day_pnl=performance.day_pnl.get(book.id),
        return_pct=performance.return_pct(book.id),
        price_return_pct=performance.price_return_pct(book.id),
        receivable=sum(each.amount or 0 for each in expected if each.group == book.id),
    )


def _whole(accounts: tuple[AccountSummary, ...], performance: Performance) -> AccountSummary:
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
        return_pct=performance.whole.last,
        price_return_pct=performance.whole.price_return_pct,
        receivable=sum(a.receivable for a in accounts),
    )
