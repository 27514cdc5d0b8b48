"""The tables of the report, each from its section of the model. What a trader acts on comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jstock_core.base.words import (
    UNKNOWN,
    count,
    join_parts,
    number,
    pct,
    plural,
    signed_number,
    signed_yen,
    tone,
    yen,
)
from jstock_core.reports.model.curves import Performance, ReturnCurve
from jstock_core.reports.model.portfolio import AccountSummary
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.cells import headings, numeric, toned_cell
from jstock_core.reports.render.execution import orders_table
from jstock_core.reports.render.headlines import banner, costs_line, headline_tiles
from jstock_core.reports.render.table import Cell, Table

__all__ = [
    "banner", "costs_line", "groups_table", "headline_tiles", "market_table", "orders_table",
    "performance_table",
]  # fmt: skip


def market_table(report: Report) -> Table:
    """Market Summary."""
    market, header = report.market, report.header
    heads = headings("Market", *numeric("Value"), "Note")
    rows = [
        *([] if header.lacks("topix") else _topix(report)),
        (
            Cell("Breadth"),
            Cell(f"{market.advancers} up, {market.decliners} down"),
            Cell(f"{market.unchanged} unchanged, of the monitored stocks that traded"),
        ),
        *([] if header.lacks("flows") else _foreigners(report)),
    ]
    return Table(heads, tuple(rows), "No market data")


def _topix(report: Report) -> Iterator[tuple[Cell, Cell, Cell]]:
    """TOPIX at D's close, and what its change means."""
    market = report.market
    yield Cell("TOPIX"), Cell(number(market.topix)), Cell(f"close of {report.header.evaluated}")
    change = toned_cell(pct(market.change_pct, 2), market.change_pct)
    yield Cell("Change"), change, Cell(f"{signed_number(market.change)} points")
    yield Cell("Condition"), Cell(market.condition), Cell("over 1 % strong, over 0.3 % bullish or bearish")
    change = toned_cell(pct(market.change_20_pct, 2), market.change_20_pct)
    yield Cell("20 sessions"), change, Cell("change of TOPIX")


def _foreigners(report: Report) -> Iterator[tuple[Cell, Cell, Cell]]:
    """The newest week, and the weeks that the scores sum: two spans, each said."""
    flow = report.market.foreigners
    if flow is None:
        yield Cell("Foreigners"), Cell(UNKNOWN), Cell("no investor flows are known")
        return
    market, window = "thousand yen net, whole market (TSE Prime)", flow.window
    about = f"{market}, one week to {flow.week_end}, published {flow.published}"
    yield Cell("Foreigners"), toned_cell(signed_number(flow.balance, 0), flow.balance), Cell(about)
    if window is None:
        about = "no week that ends in the last 35 calendar days is known"
        yield Cell("Foreigners in scores"), Cell(UNKNOWN), Cell(about)
        return
    amount = toned_cell(signed_number(window.foreigners, 0), window.foreigners)
    span = f"{plural(window.weeks, 'week')}, ending {window.first} to {window.last}"
    yield Cell("Foreigners in scores"), amount, Cell(f"{market}, the sum of {span}")


def groups_table(report: Report) -> Table:
    """The money of each group and of the whole desk."""
    heads = headings(
        "Group",
        *numeric("Equity", "Day", "Return", "Unrealized", "Realized", "Cash", "Positions", "Paid in"),
    )
    portfolio = report.portfolio
    rows = tuple(_account_row(account) for account in portfolio.accounts)
    return Table(heads, rows, "No group has been opened", foot=(_account_row(portfolio.whole),))


def _account_row(account: AccountSummary) -> tuple[Cell, ...]:
    reserved = f"{yen(account.reserved)} reserved" if account.reserved else ""
    adjusted = f"adjusted {signed_yen(account.adjusted)}" if account.adjusted else ""
    other = (
        f"{yen(account.fees)} fees" if account.fees else "",
        f"{yen(account.dividends)} dividends" if account.dividends else "",
    )
    expected = f"{yen(account.receivable)} dividends expected" if account.receivable else ""
    without = f"{pct(account.price_return_pct)} without dividends" if account.dividends else ""
    return (
        Cell(account.name, note=account.group),
        Cell(yen(account.equity), note=expected),
        toned_cell(signed_yen(account.day_pnl), account.day_pnl),
        replace(toned_cell(pct(account.return_pct), account.return_pct), note=without),
        Cell(signed_yen(account.unrealized), tone(account.unrealized), note=f"on {yen(account.invested)}"),
        Cell(signed_yen(account.realized), tone(account.realized), note=join_parts(other)),
        Cell(yen(account.cash), tone(min(account.cash, 0)), note=reserved),
        Cell(count(account.positions)),
        Cell(yen(account.deposited), note=adjusted),
    )


def performance_table(report: Report) -> Table:
    """Return and maximum drawdown of each group, the whole desk and TOPIX, over the same sessions."""
    past = report.performance
    heads = headings("Since the desk began", *numeric("Return", "Max drawdown"), "Note")
    curves = () if past.unknown else (*past.groups, past.whole, *past.benchmarks)
    return Table(heads, tuple(_curve_row(curve, past) for curve in curves), past.unknown)


def _curve_row(curve: ReturnCurve, past: Performance) -> tuple[Cell, ...]:
    about = "price index, without dividends" if curve is past.topix else ""
    if curve is past.whole:
        about = f"{plural(len(past.sessions) - 1, 'session')} since {past.sessions[0]}"
    return (
        Cell(curve.name, note=curve.group),
        toned_cell(pct(curve.last), curve.last),
        toned_cell(pct(curve.deepest), curve.deepest),
        Cell(about),
    )
