"""The tax withheld from the dividends of a year, by type of account.

The journal has the amounts credited. What was withheld from a dividend that the desk booked follows from its
announcement and its holders; for a dividend that a person recorded it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jstock_core.execution.dividends import BROKER, DESK, DividendPart, dividend_parts
from jstock_core.market.dividends import known_dividends
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Dividend


@dataclass(frozen=True)
class DividendSum:
    """Dividends credited in a calendar year to one type of account: how many, and `amount` in yen after tax.

    `withheld` is the tax in yen. What people recorded, and what the market data does not explain, has the
    `account` "" and `withheld` None: both are unknown.
    """

    account: str
    count: int
    amount: int
    withheld: int | None


def sum_dividends(book: Book, panel: Panel | None, year: int) -> tuple[DividendSum, ...]:
    """The dividends of a calendar year by type of account. `panel` has the announcements, None without any.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    found: dict[str, DividendSum] = {}
    for name, group in book.groups.items():
        for event in group.received:
            if event.session.year != year:
                continue
            for account, amount, withheld in _parts(book, panel, name, event):
                before = found.get(account, DividendSum(account, 0, 0, None if withheld is None else 0))
                both = None if withheld is None else (before.withheld or 0) + withheld
                found[account] = DividendSum(account, before.count + 1, before.amount + amount, both)
    return tuple(found[account] for account in sorted(found, key=lambda account: (not account, account)))


def _parts(
    book: Book, panel: Panel | None, group: str, event: Dividend
) -> Iterator[tuple[str, int, int | None]]:
    """The account, the yen credited and the yen withheld, for each part of a dividend."""
    for parts in _explanations(book, panel, group, event):
        if parts and sum(part.amount for part in parts) == event.amount:
            yield from ((part.account, part.amount, part.withheld) for part in parts)
            return
    yield "", event.amount, None


def _explanations(
    book: Book, panel: Panel | None, group: str, event: Dividend
) -> Iterator[list[DividendPart]]:
    """What the group was due in all its accounts, at the broker only, and on paper only."""
    if panel is None or event.ex_date is None or event.source != DESK:
        return
    for dividend in known_dividends(panel.dividends, event.code):
        if dividend.ex_date == event.ex_date:
            own = [part for part in dividend_parts(book, dividend) if part.group == group]
            yield own
            yield [part for part in own if part.fills == BROKER]
            yield [part for part in own if part.fills != BROKER]
