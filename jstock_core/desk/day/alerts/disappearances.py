"""Held stocks that are delisted or change their code: what the market data says of it, and what to type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import plural
from jstock_core.desk.day.alerts.stock_alerts import holders_of
from jstock_core.market.bars.closes import last_bar, last_close
from jstock_core.market.panel import Panel
from jstock_core.market.prices import as_yen, last_bars, sessions_without_row
from jstock_core.reports.model.morning import Morning
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import shares_of

UNTRADED = 3
"""Sessions without a bar after which a held stock is an alert, though its rows go on."""
NEW_CODE_WITHIN = 10
"""Sessions after the last row of a code in which one of the same name may be its successor."""
SOON = 5
"""Sessions before an announced last day from which on it is an alert."""


def find_disappearances(morning: Morning, book: Book) -> Iterator[Alert]:
    """Held stocks whose rows end, or that are not in the list of stocks any more or at all."""
    panel, row = morning.view.panel, morning.view.first_row
    for code in _held(book):
        what = _disappearance(panel, row, code)
        if what:
            text = f"{code}, held by {_groups(book, code)}, {what}"
            yield Alert("disappeared", Severity.ALERT, code, text, _remedy(panel, row, book, code))


def find_delistings(morning: Morning, book: Book) -> Iterator[Alert]:
    """Held stocks whose last session is announced and still to come.

    Lists of stocks are those of today, so a rehearsal of the past is told nothing.
    """
    panel = morning.view.panel
    if morning.intent is Intent.REHEARSE:
        return
    for code in _held(book):
        last = panel.listings[panel.column[code]].last_day if code in panel.column else None
        if last is not None and last >= morning.trade_date:
            left = int(np.busday_count(morning.trade_date, last))
            yield Alert(
                "delisting",
                Severity.ALERT if left < SOON else Severity.WARNING,
                code,
                f"{code}, held by {_groups(book, code)}, is delisted: its last session is {last}",
                "sell it by then; for what is kept record what the company or a bidder pays with "
                f"`jstock trade record`, or an exchange of shares with `jstock state move {code} NEW "
                "--ratio N:M`",
            )


def _held(book: Book) -> list[str]:
    return sorted({code for group in book.groups.values() for code in group.lots})


def _groups(book: Book, code: str) -> str:
    return ", ".join(holders_of(book, code, date.max))


def _disappearance(panel: Panel, row: int, code: str) -> str:
    """How a stock is missing in the market data; "" where it is not."""
    column = panel.column.get(code)
    if column is None:
        bars = "has bars but no row in master" if code in panel.left_out else "is not in the market data"
        return f"{bars}, so its exit is unknown"
    missing = sessions_without_row(panel, row, column)
    if missing:
        since = f"its last is of {panel.session(row - missing)}" if missing <= row else "there was none"
        return f"has had no row in the market data for {plural(missing, 'session')}: {since}"
    last = int(last_bars(panel.has_bar[: row + 1, column])[-1])
    if row - last >= UNTRADED:
        since = f"its last is of {panel.session(last)}" if last >= 0 else "there was none"
        return f"has had no bar for {plural(row - last, 'session')}: {since}"
    if not panel.listings[column].is_listed:
        return "is not in the newest list of stocks (master), though it still has bars"
    return ""


def _remedy(panel: Panel, row: int, book: Book, code: str) -> str:
    new = find_successor(panel, row, code)
    if new:
        return (
            f"{new} has the same name and its rows begin there: if it is a new code of the same shares run "
            f"`jstock state move {code} {new} --ratio 1:1`"
        )
    return (
        "look for a notice of its delisting, merger or new code: after an exchange of shares run "
        f"`jstock state move {code} NEW --ratio N:M`; record a sale or buy-out with `jstock trade record`"
        f"{_sale(panel, row, book, code)}; where its rows are only missing here, import them"
    )


def find_successor(panel: Panel, row: int, code: str) -> str:
    """The code under which a stock seems to go on; "" where there is none, or more than one.

    It has the same name, and its first row comes within ten sessions after the last one of the old code.
    """
    column = panel.column.get(code)
    if column is None or not panel.listings[column].name:
        return ""
    last = row - sessions_without_row(panel, row, column)
    name = panel.listings[column].name
    others = [each.code for each in panel.listings if each.name == name and each.code != code]
    rows = {new: panel.has_row[: row + 1, panel.column[new]] for new in others}
    first = {new: int(np.argmax(has_row)) for new, has_row in rows.items() if has_row.any()}
    found = [new for new, begins in first.items() if last < begins <= last + NEW_CODE_WITHIN]
    return found[0] if len(found) == 1 and last < row else ""


def _sale(panel: Panel, row: int, book: Book, code: str) -> str:
    """How a sale at the last close is typed; "" where there never was one."""
    column = panel.column.get(code)
    last = -1 if column is None else last_bar(panel, row, column)
    if column is None or last < 0:
        return ""
    price = as_yen(last_close(panel, last, column)).normalize()
    fills = " and ".join(
        f"`{group} SELL {code} {shares_of(book.groups[group].lots[code])} {price:f}`"
        for group in holders_of(book, code, date.max)
    )
    return f" (at its last close, `--date {panel.session(last)}` and {fills})"
