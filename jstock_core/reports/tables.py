"""The tables of the report, each from its section of the model. What a trader acts on comes first."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.reports.headlines import banner, tiles
from jstock_core.reports.model import Account, Buy, Happened, Held, Refused, Report, Sell, Ticket
from jstock_core.reports.table import Cell, Column, Shown, Table, note
from jstock_core.reports.text import (
    UNKNOWN,
    count,
    day,
    number,
    pct,
    plural,
    price,
    signed,
    signed_yen,
    tone,
    yen,
)

__all__ = [
    "Cell", "Column", "Shown", "Table", "banner", "buy_table", "events_table", "groups_table", "market_table",
    "orders_table", "portfolio_table", "sell_table", "skipped_table", "tiles",
]  # fmt: skip

_HAPPENED = {
    "expired": "expired", "cancelled": "cancelled", "split": "split", "missed": "missed morning",
    "deposit": "deposit", "withdrawal": "withdrawal", "dividend": "dividend", "fee": "fee", "note": "note",
}  # fmt: skip


def market_table(report: Report) -> Table:
    """Market Summary."""
    market = report.market
    columns = _columns("Market", *_num("Value"), "Note")
    rows = [
        (Cell("TOPIX"), Cell(number(market.topix)), Cell(f"close of {report.header.evaluated}")),
        (
            Cell("Change"),
            _toned(pct(market.change_pct, 2), market.change_pct),
            Cell(f"{signed(market.change)} points"),
        ),
        (Cell("Condition"), Cell(market.condition), Cell("over 1 % strong, over 0.3 % bullish or bearish")),
        (
            Cell("20 sessions"),
            _toned(pct(market.change_20_pct, 2), market.change_20_pct),
            Cell("change of TOPIX"),
        ),
        (
            Cell("Breadth"),
            Cell(f"{market.advancers} up, {market.decliners} down"),
            Cell(f"{market.unchanged} unchanged, of the monitored stocks that traded"),
        ),
        _foreigners(report),
    ]
    return Table(columns, tuple(rows), "No market data")


def _foreigners(report: Report) -> tuple[Cell, Cell, Cell]:
    flow = report.market.foreigners
    if flow is None:
        return Cell("Foreigners"), Cell(UNKNOWN), Cell("no investor flows are known")
    about = f"thousand yen net, whole market (TSE Prime), week to {flow.week_end}, published {flow.published}"
    return Cell("Foreigners"), _toned(signed(flow.balance, 0), flow.balance), Cell(about)


def buy_table(report: Report) -> Table:
    """BUY signals by score."""
    columns = _columns(
        "Stock", *_num("Order", "Score", "Conf.", "Price", "Cash"), "Group", "Sector", "Reason"
    )
    return Table(columns, tuple(_buy_row(buy) for buy in report.buys), "No BUY signals")


def _buy_row(buy: Buy) -> tuple[Cell, ...]:
    return (
        _stock(buy),
        Cell(count(buy.shares)) if buy.ordered else Cell("none", "muted"),
        Cell(number(buy.score, 1)),
        Cell(number(buy.confidence, 2)),
        Cell(price(buy.price)),
        Cell(yen(buy.required)) if buy.ordered else Cell(UNKNOWN, "muted"),
        Cell(buy.group),
        Cell(buy.sector),
        Cell(buy.reason, note=_not_ordered(buy.why_not)),
    )


def sell_table(report: Report) -> Table:
    """SELL signals by urgency, unknown exits on top."""
    columns = _columns("Stock", "Action", *_num("P&L", "Held", "Entry", "Price", "Days"), "Group", "Reason")
    return Table(columns, tuple(_sell_row(sell) for sell in report.sells), "No SELL signals")


def _sell_row(sell: Sell) -> tuple[Cell, ...]:
    reason = f"{sell.layer}: {sell.reason}" if sell.layer else sell.reason
    return (
        _stock(sell),
        Cell(sell.action, "loss" if sell.unknown else "", note=sell.urgency),
        _gain(sell.pnl, sell.pnl_pct),
        Cell(count(sell.held)),
        Cell(price(sell.entry_price)),
        Cell(price(sell.price)),
        Cell(count(sell.days_held)),
        Cell(sell.group),
        Cell(reason, note="" if sell.unknown else _not_ordered(sell.why_not)),
    )


def portfolio_table(report: Report) -> Table:
    """Positions as of D's close."""
    columns = _columns(
        "Stock",
        *_num("P&L", "Day", "Close", "Next stop", "Value", "Shares", "Cost a share", "Sessions"),
        "Group",
    )
    held = report.portfolio.held
    return Table(columns, tuple(_held_row(line) for line in held), "No positions", foot=_held_foot(report))


def _held_row(line: Held) -> tuple[Cell, ...]:
    age = f"{plural(line.age, 'session')} old" if line.age else ""
    odd = f"odd lot {line.odd_lot}" if line.odd_lot else ""
    return (
        _stock(line),
        _gain(line.pnl, line.pnl_pct),
        _toned(pct(line.day_change_pct), line.day_change_pct),
        Cell(price(line.close), note=age if line.close is not None else "at cost", note_tone="loss"),
        _stop(line),
        Cell(yen(line.value)),
        Cell(count(line.shares), note=odd),
        Cell(price(line.average_price)),
        Cell(count(line.sessions_held), note=f"since {line.opened}"),
        Cell(line.group),
    )


def _stop(line: Held) -> Cell:
    if line.stop is None:
        return Cell(UNKNOWN, "muted")
    return Cell(price(line.stop.price), note=f"{line.stop.layer} {pct(line.stop.distance_pct)}")


def _held_foot(report: Report) -> tuple[tuple[Cell, ...], ...]:
    whole = report.portfolio.whole
    blank = Cell("")
    invested_pct = 100 * whole.unrealized / whole.invested if whole.invested else None
    total = Cell("Total", note=plural(whole.positions, "position"))
    return (
        (total, _gain(whole.unrealized, invested_pct), *(blank,) * 3, Cell(yen(whole.value)), *(blank,) * 4),
    )


def groups_table(report: Report) -> Table:
    """The money of each group and of the whole desk."""
    columns = _columns(
        "Group",
        *_num(
            "Equity", "Day", "Return", "Unrealized", "Realized", "Cash", "Invested", "Positions", "Paid in"
        ),
    )
    portfolio = report.portfolio
    rows = tuple(_account_row(account) for account in portfolio.accounts)
    return Table(columns, rows, "No group has been opened", foot=(_account_row(portfolio.whole),))


def _account_row(account: Account) -> tuple[Cell, ...]:
    reserved = f"{yen(account.reserved)} reserved" if account.reserved else ""
    other = (
        f"{yen(account.fees)} fees" if account.fees else "",
        f"{yen(account.dividends)} dividends" if account.dividends else "",
    )
    return (
        Cell(account.name, note=account.group),
        Cell(yen(account.equity)),
        _toned(signed_yen(account.day_pnl), account.day_pnl),
        _toned(pct(account.return_pct), account.return_pct),
        _toned(signed_yen(account.unrealized), account.unrealized),
        Cell(signed_yen(account.realized), tone(account.realized), note=note(other)),
        Cell(yen(account.cash), tone(min(account.cash, 0)), note=reserved),
        Cell(yen(account.invested)),
        Cell(count(account.positions)),
        Cell(yen(account.deposited)),
    )


def orders_table(report: Report) -> Table:
    """Today's tickets, sells first."""
    columns = _columns(
        "Stock",
        "Side",
        *_num("Shares"),
        "Type",
        *_num("Estimate", "Day's limits", "Reserved"),
        "Group",
        "Reason",
    )
    rows = tuple(_ticket_row(ticket) for ticket in report.execution.tickets)
    return Table(columns, rows, f"No orders for {report.header.trade_date}")


def _ticket_row(ticket: Ticket) -> tuple[Cell, ...]:
    return (
        _stock(ticket),
        Cell(ticket.side),
        Cell(count(ticket.shares)),
        Cell(ticket.kind, note="" if ticket.limit is None else price(ticket.limit)),
        Cell(yen(ticket.estimate)),
        Cell(UNKNOWN if ticket.lower is None else f"{price(ticket.lower)} to {price(ticket.upper)}"),
        Cell(yen(ticket.reserve) if ticket.reserve else UNKNOWN),
        Cell(ticket.group),
        Cell(ticket.reason, note=ticket.outcome),
    )


def skipped_table(report: Report) -> Table:
    """Signals that became no order."""
    columns = _columns("Stock", "Signal", "Group", "Why no order")
    return Table(
        columns, tuple(_skipped_row(s) for s in report.execution.skipped), "Every signal became an order"
    )


def _skipped_row(skipped: Refused) -> tuple[Cell, ...]:
    return _stock(skipped), Cell(skipped.action), Cell(skipped.group), Cell(skipped.reason)


def events_table(report: Report) -> Table:
    """What happened since the morning before."""
    columns = _columns("Session", "What", "Stock", *_num("Shares", "Price", "Gain"), "Group", "Detail")
    since = report.execution.since
    empty = "Nothing happened before this morning" if since is None else f"Nothing happened since {since}"
    return Table(columns, tuple(_event_row(fact) for fact in report.execution.happened), empty)


def _event_row(fact: Happened) -> tuple[Cell, ...]:
    side = fact.side.lower()
    bought = {"buy": "bought", "sell": "sold"}
    what = (
        bought[side] if fact.kind == "fill" else note((_HAPPENED[fact.kind],)) + (f" {side}" if side else "")
    )
    amount = yen(fact.amount) if fact.amount is not None and fact.kind != "fill" else ""
    return (
        Cell(day(fact.session)),
        Cell(what),
        _stock(fact) if fact.code else Cell(""),
        Cell(count(fact.shares) if fact.shares is not None else ""),
        Cell(price(fact.price) if fact.price is not None else ""),
        Cell(signed_yen(fact.gain), tone(fact.gain)) if fact.gain is not None else Cell(""),
        Cell(fact.group),
        Cell(note((amount, fact.text))),
    )


def _stock(line: Buy | Sell | Held | Ticket | Refused | Happened) -> Cell:
    return Cell(line.code, note=line.name)


def _gain(amount: int | None, percent: float | None) -> Cell:
    return Cell(
        signed_yen(amount),
        tone(amount),
        note=pct(percent) if percent is not None else "",
        note_tone=tone(amount),
    )


def _toned(text: str, value: float | None) -> Cell:
    return Cell(text, tone(value))


def _not_ordered(why: str) -> str:
    return f"Not ordered: {why}" if why else ""


def _columns(*given: str | Column) -> tuple[Column, ...]:
    return tuple(Column(column) if isinstance(column, str) else column for column in given)


def _num(*titles: str) -> Iterator[Column]:
    return (Column(title, "num") for title in titles)
