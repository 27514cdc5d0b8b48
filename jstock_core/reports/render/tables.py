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
    price,
    signed_number,
    signed_yen,
    tone,
    yen,
)
from jstock_core.reports.model.curves import Performance, ReturnCurve
from jstock_core.reports.model.portfolio import AccountSummary, ExpectedDividend, HeldPosition
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.cells import gain_cell, headings, numeric, stock_cell, toned_cell
from jstock_core.reports.render.execution import events_table, orders_table
from jstock_core.reports.render.headlines import banner, costs_line, headline_tiles
from jstock_core.reports.render.table import Cell, Table

__all__ = [
    "banner", "costs_line", "events_table", "groups_table", "headline_tiles", "market_table", "orders_table",
    "performance_table", "portfolio_table",
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


def portfolio_table(report: Report) -> Table:
    """Positions as of D's close."""
    heads = headings(
        "Stock",
        "Group",
        *numeric("P&L", "Day", "Close", "Next stop", "Value", "Shares", "Cost a share", "Sessions"),
    )
    held = report.portfolio.held
    return Table(heads, tuple(_held_row(line) for line in held), "No positions", foot=_held_foot(report))


def _held_row(line: HeldPosition) -> tuple[Cell, ...]:
    age = f"{plural(line.age, 'session')} old" if line.age else ""
    odd = f"odd lot {line.odd_lot}" if line.odd_lot else ""
    return (
        stock_cell(line),
        Cell(line.group),
        gain_cell(line.pnl, line.pnl_pct),
        toned_cell(pct(line.day_change_pct), line.day_change_pct),
        Cell(price(line.close), note=age if line.close is not None else "at cost", note_tone="loss"),
        _stop(line),
        Cell(yen(line.value)),
        Cell(count(line.shares), note=odd),
        Cell(price(line.average_price)),
        Cell(count(line.sessions_held), note=f"since {line.opened}"),
    )


def _stop(line: HeldPosition) -> Cell:
    if line.stop is None:
        return Cell(UNKNOWN, "muted")
    stop = line.stop
    if stop.broken:
        return Cell(
            f"{stop.layer} broken", "loss", note=f"{price(stop.price)}, {stop.state}", note_tone="loss"
        )
    about = join_parts((f"{stop.layer} {pct(stop.distance_pct)}", stop.state))
    return Cell(price(stop.price), note=about, note_tone="loss" if stop.state else "muted")


def _held_foot(report: Report) -> tuple[tuple[Cell, ...], ...]:
    whole = report.portfolio.whole
    blank = Cell("")
    invested_pct = 100 * whole.unrealized / whole.invested if whole.invested else None
    total = Cell("Total", note=plural(whole.positions, "position"))
    profit = gain_cell(whole.unrealized, invested_pct)
    row = (total, blank, profit, *(blank,) * 3, Cell(yen(whole.value)), *(blank,) * 3)
    return (row, *(_expected_row(each) for each in report.portfolio.expected))


def _expected_row(each: ExpectedDividend) -> tuple[Cell, ...]:
    """A dividend that is not paid yet: under the total, for it is no part of any."""
    blank = Cell("")
    amount = Cell(UNKNOWN if each.amount is None else yen(each.amount), note="expected, not in equity")
    day = "open" if each.pay_date is None else str(each.pay_date)
    about = join_parts((f"ex {each.ex_date}", "" if each.is_decided else "forecast", each.note))
    return (
        Cell(f"Dividend {each.code}", note=each.name),
        Cell(each.group),
        *(blank,) * 4,
        amount,
        Cell(count(each.shares)),
        Cell(price(each.rate)),
        Cell(day, note=about),
    )


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
