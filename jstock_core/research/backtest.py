"""A backtest: the morning folded over sessions, with the same decisions, orders and fills as the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import Group, fill_on_paper
from jstock_core.decide.morning import DecisionRecord, morning, settle_through
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import EMPTY, Book
from jstock_core.state.facts.events import Event, OrderPlaced

NO_CHANGES: Mapping[date, Sequence[Group]] = MappingProxyType({})


@dataclass(frozen=True)
class Backtest:
    """The events of every morning, and the book after the last session was settled.

    Decisions are recorded without signals and refusals, orders and fills in full. Groups that a person fills
    are filled on paper at the open. `starts` is where each morning's events begin, `end` where the last one's
    end and the closing settlement follows.
    """

    first: date
    last: date
    groups: tuple[Group, ...]
    events: tuple[Event, ...]
    book: Book
    starts: tuple[int, ...] = ()
    end: int = 0

    def morning_events(self, n: int) -> tuple[Event, ...]:
        """What the morning of the n-th trade date settled, decided and ordered."""
        ends = (*self.starts[1:], self.end)
        return self.events[self.starts[n] : ends[n]]

    @property
    def orders(self) -> tuple[OrderPlaced, ...]:
        """Every order in the order of placing."""
        return tuple(event for event in self.events if isinstance(event, OrderPlaced))


def backtest(
    panel: Panel,
    groups: Sequence[Group],
    conditions: Conditions,
    first: date,
    last: date,
    features: Features | None = None,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
) -> Backtest:
    """Run the groups over the trade dates `first` to `last`, each starting with its initial capital.

    `features` may be given where they were computed before, `monitored` where the codes that may be bought
    change: it maps D to them. The last session is settled at its close where its bars are in the panel.

    Raises:
        DataError: the panel does not reach over these dates.

    """
    return fold_mornings(
        span(panel, features or trusted_features(panel), first, last), groups, conditions, monitored
    )


def fold_mornings(
    view: View,
    groups: Sequence[Group],
    conditions: Conditions,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
    changes: Mapping[date, Sequence[Group]] = NO_CHANGES,
) -> Backtest:
    """Run the groups over every row of a view, as `backtest`; backtests that share it share its opinions.

    `changes` are groups that take the place of those before them from a trade date on, as when their files
    are edited: the same ids, whose cash and positions they take over.
    """
    panel, book, on_paper = view.panel, EMPTY, fill_on_paper(groups)
    events: list[Event] = []
    starts: list[int] = []
    for row in range(view.shape[0]):
        starts.append(len(events))
        if changes and (edited := changes.get(view.trade_dates[row].astype(object))):
            on_paper = fill_on_paper(edited)
        if monitored is not None:
            conditions = replace(conditions, monitored=monitored(panel.session(view.first_row + row)))
        step = morning(book, view, row, on_paper, conditions, DecisionRecord(details=False))
        book = step.book
        events += step.events
    end = min(view.first_row + view.shape[0], len(panel.sessions) - 1)
    closing = settle_through(book, view, end, conditions)
    first, last = view.trade_dates[[0, -1]].tolist()
    recorded = (*events, *closing.events)
    return Backtest(first, last, tuple(groups), recorded, closing.book, tuple(starts), len(events))


def span(panel: Panel, features: Features, first: date, last: date) -> View:
    """The view of every morning from `first` to `last`.

    Raises:
        DataError: the panel does not reach over these dates.

    """
    dates = tse().between(first, last)
    if not dates or not len(panel.sessions):
        raise DataError(f"there is no session from {first} to {last}", do="give a longer span")
    require_span(panel, dates[0], dates[-1])
    rows = panel.row(tse().previous(dates[0])), panel.row(tse().previous(dates[-1]))
    return View.of(panel, features, *rows, np.array(dates, dtype="datetime64[D]"))


def require_span(panel: Panel, first: date, last: date) -> None:
    """Make sure the panel can decide every trade date from `first` to `last`.

    Raises:
        DataError: it starts too late or ends too early.

    """
    oldest, newest = panel.session(0), panel.session(len(panel.sessions) - 1)
    if first <= oldest or tse().previous(last) > newest:
        raise DataError(
            f"no data for all of {first} to {last}",
            where=f"bars are stored from {oldest} to {newest}",
            do=f"give dates from {tse().next(oldest)} to {tse().next(newest)}, or fetch more",
        )
