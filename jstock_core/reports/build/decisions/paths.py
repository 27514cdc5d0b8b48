"""What a group of a backtest thought of one stock, session by session: its score, and the stop while held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, takewhile

from jstock_core.decide.exits.positions import holding
from jstock_core.decide.given.given import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.explain.parts import threshold
from jstock_core.market.prices import known
from jstock_core.reports.build.decisions.stops import find_levels, next_level
from jstock_core.research.backtest import Backtest
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Decided, Filled


@dataclass(frozen=True)
class StockPath:
    """Of one stock by the session evaluated, as one group saw it: `scores`, and `stops` in yen of that day.

    A session is missing where there is no score, and where the stock was not held or no layer has a price.
    `threshold` is the score that buys, None where the rule declares none.
    """

    group: str
    scores: Mapping[date, float]
    stops: Mapping[date, float]
    threshold: float | None


def stock_path(done: Backtest, view: View, code: str, first: date, last: date) -> StockPath:
    """The path of a stock from `first` to `last`, in the group that traded it first, else in the first group.

    `view` is the one that the backtest ran on. The stop of a session is the one that the morning after it had
    in view: settled, and nothing decided.
    """
    traded = (event.group for event in done.happened if isinstance(event, Filled) and event.code == code)
    by = next(traded, done.groups[0].id)
    group = next(each for each in done.groups if each.id == by)
    rows = [row for row, day in enumerate(done.mornings.evaluated) if first <= day <= last]
    days = done.mornings.evaluated
    column = view.panel.column[code]
    scores = shared_opinions(view, group).display[:, column]
    said = {days[row]: float(scores[row]) for row in rows if known(scores[row]) is not None}
    return StockPath(by, said, dict(_stops(done, view, group, code, rows)), threshold(group.entry))


def _stops(
    done: Backtest, view: View, group: Group, code: str, rows: list[int]
) -> Iterator[tuple[date, float]]:
    """The price of the next stop on each row on which the stock is held."""
    begin = rows[0] if rows else 0
    decided = replay(chain.from_iterable(done.morning_events(n) for n in range(begin)))
    for row in rows:
        events = done.morning_events(row)
        settled = replay(takewhile(lambda event: not isinstance(event, Decided), events), decided)
        price = _stop(settled, view, group, code, row)
        if price is not None:
            yield done.mornings.evaluated[row], price
        decided = replay(events, decided)


def _stop(book: Book, view: View, group: Group, code: str, row: int) -> float | None:
    account = book.groups.get(group.id)
    if account is None or code not in account.lots:
        return None
    seen = holding(account, code, view, row)
    close = None if seen is None else known(view.last_close(row, seen.column))
    if seen is None or close is None:
        return None
    found = next_level(find_levels(view, row, group.exit, seen), close)
    return None if found is None else found.price
