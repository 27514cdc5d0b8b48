"""A backtest: a fold of mornings, with the same decisions, orders and fills as a desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import accumulate, chain
from types import MappingProxyType

from jstock_core.base.errors import DataError
from jstock_core.base.unchecked import unchecked
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.gone import settle_untended
from jstock_core.decide.groups import Group, fill_on_paper
from jstock_core.decide.morning import DecisionRecord, decide_groups, settle_through
from jstock_core.decide.quiet import QuietMornings
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Minutes, Panel
from jstock_core.research.collector import collector_paused
from jstock_core.research.wide import ask_wide_market
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import EMPTY, Book
from jstock_core.state.facts.events import Decided, Event, OrderPlaced, Settled

_settled = unchecked(Settled)
_ORDERS_ONLY = DecisionRecord(details=False)
NO_CHANGES: Mapping[date, Sequence[Group]] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Mornings:
    """The mornings of a view, (R,): trade date T, session D, and the minute of the decision (JST)."""

    trade_dates: tuple[date, ...]
    evaluated: tuple[date, ...]
    decided_at: Minutes

    @classmethod
    def of(cls, view: View) -> Mornings:
        """The mornings of a view."""
        return cls(tuple(view.trade_dates.tolist()), view.panel.dates[view.rows], view.decided_at)

    def settled(self, n: int) -> tuple[Event, ...]:
        """The events of settling D of the n-th morning, if nothing happened in it."""
        return (_settled(session=self.evaluated[n], source="desk"),)

    def decided(self, n: int, groups: Sequence[Group]) -> tuple[Event, ...]:
        """The events of the n-th morning's decisions, if every group decided to do nothing."""
        return tuple(
            Decided(
                session=self.trade_dates[n],
                source="desk",
                group=group.id,
                evaluated=self.evaluated[n],
                decided_at=str(self.decided_at[n]),
                status="complete",
            )
            for group in groups
        )


@dataclass(frozen=True)
class Backtest:
    """What happened on every morning, and the book after the last session was settled.

    Decisions are recorded without signals and refusals, orders and fills in full. Groups that a person fills
    are filled on paper at the open. `settled` and `decided` have the events of the two parts of a morning, by
    the number of the morning, where something could happen; `closing` has those of the last settlement.
    """

    first: date
    last: date
    groups: tuple[Group, ...]
    mornings: Mornings = field(repr=False)
    settled: Mapping[int, tuple[Event, ...]] = field(repr=False)
    decided: Mapping[int, tuple[Event, ...]] = field(repr=False)
    closing: tuple[Event, ...] = field(repr=False)
    book: Book = field(repr=False)

    @cached_property
    def happened(self) -> tuple[Event, ...]:
        """All events but those of quiet mornings: they include every order, fill, fee, split and dividend."""
        some = ((*self.settled.get(n, ()), *self.decided.get(n, ())) for n in sorted(self.settled))
        return (*chain.from_iterable(some), *self.closing)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of every morning and of the last settlement."""
        every = (self.morning_events(n) for n in range(len(self.mornings.trade_dates)))
        return (*chain.from_iterable(every), *self.closing)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The index in `events` at which each morning's events begin, (R,)."""
        counts = (len(self.morning_events(n)) for n in range(len(self.mornings.trade_dates)))
        return tuple(accumulate(counts, initial=0))[:-1]

    def morning_events(self, n: int) -> tuple[Event, ...]:
        """All events of the n-th morning: settlement, decisions, orders."""
        settled = self.settled.get(n) or self.mornings.settled(n)
        return (*settled, *(self.decided.get(n) or self.mornings.decided(n, self.groups)))

    @cached_property
    def orders(self) -> tuple[OrderPlaced, ...]:
        """All orders, in the order of placing."""
        return tuple(event for event in self.happened if isinstance(event, OrderPlaced))


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

    `features` are those of the panel, if they were computed before. `monitored` maps D to the codes that may
    be bought, if they change over time. The last session is settled at its close if the panel has its bars. A
    position in a stock that is gone from the market is sold at its last close (see `decide.gone`).

    Raises:
        DataError: the panel does not reach over these dates.

    """
    view = span(panel, features or trusted_features(panel), first, last)
    ask_wide_market(view, groups)
    return fold_mornings(view, groups, conditions, monitored)


def fold_mornings(
    view: View,
    groups: Sequence[Group],
    conditions: Conditions,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
    changes: Mapping[date, Sequence[Group]] = NO_CHANGES,
) -> Backtest:
    """Run the groups over every row of a view, as `backtest` does; backtests of one view share its opinions.

    `changes` are groups that replace those before them from a trade date on, as when their files are edited:
    they have the same ids, and take over cash and positions. Mornings on which nothing can happen are skipped
    (see `decide.quiet`); where orders are open, that is asked after settlement.
    """
    panel, count, codes = view.panel, view.shape[0], _monitored(view, conditions, monitored)
    edits = {row: changes[day] for row, day in enumerate(view.trade_dates.tolist()) if day in changes}
    quiet = QuietMornings(view, fill_on_paper(groups), conditions, codes)
    settled: dict[int, tuple[Event, ...]] = {}
    decided: dict[int, tuple[Event, ...]] = {}
    book, row, given, mornings = EMPTY, 0, conditions, Mornings.of(view)

    def settle(row: int) -> Book:
        idle = quiet.settle_idle(book, row)
        if idle is not None:
            settled[row] = mornings.settled(row)
            return idle
        step = settle_untended(book, view, row, conditions)
        settled[row] = step.events
        return step.book

    with collector_paused():
        while row < count:
            if row in edits:
                quiet = replace(quiet, groups=fill_on_paper(edits[row]))
            end = min((edit for edit in edits if edit > row), default=count) if edits else count
            if any(own.orders for own in book.groups.values()):
                book = settle(row)
            found = min(quiet.next_busy(book, row), end)
            book, row = quiet.pass_over(book, row, found), found
            if row < end:
                if row not in settled:
                    book = settle(row)
                if given.monitored != codes[row]:
                    given = replace(conditions, monitored=codes[row])
                step = decide_groups(book, view, row, quiet.groups, given, _ORDERS_ONLY)
                book, decided[row] = step.book, step.events
                row += 1
        closing = settle_through(book, view, min(view.rows.stop, len(panel.sessions) - 1), conditions)
    first, last = view.trade_dates[[0, -1]].tolist()
    return Backtest(first, last, tuple(groups), mornings, settled, decided, closing.events, closing.book)


def _monitored(
    view: View, conditions: Conditions, monitored: Callable[[date], tuple[str, ...]] | None
) -> tuple[tuple[str, ...], ...]:
    """The codes that may be bought, for each row."""
    if monitored is None:
        return (conditions.monitored,) * view.shape[0]
    return tuple(monitored(day) for day in view.panel.dates[view.rows])


def span(panel: Panel, features: Features, first: date, last: date) -> View:
    """The view of every morning from `first` to `last`.

    Raises:
        DataError: the panel does not reach over these dates.

    """
    days = tse().days_between(first, last)
    if not len(days) or not len(panel.sessions):
        raise DataError(f"there is no session from {first} to {last}", do="give a longer span")
    ends: tuple[date, date] = days[0].item(), days[-1].item()
    require_span(panel, *ends)
    rows = panel.row(tse().previous(ends[0])), panel.row(tse().previous(ends[1]))
    return View.of(panel, features, *rows, days)


def require_span(panel: Panel, first: date, last: date) -> None:
    """Make sure that the panel has the bars to decide every trade date from `first` to `last`.

    Raises:
        DataError: it starts too late or ends too early.

    """
    oldest, newest = panel.session(0), panel.session(len(panel.sessions) - 1)
    if first <= oldest or tse().previous(last) > newest:
        raise outside_data(panel, first, last)


def outside_data(panel: Panel, first: date, last: date) -> DataError:
    """The error for a span beyond the data, which says what data there is.

    A trade date is decided on the bars of the session before it, so the first possible one is the second
    session of the data.
    """
    oldest, newest = panel.session(0), panel.session(len(panel.sessions) - 1)
    possible = tse().next(oldest)
    return DataError(
        f"no data for all of {first} to {last}",
        where=f"bars are stored from {oldest} to {newest}; a trade date needs those of the session before, "
        f"so the first possible one is {possible}",
        do=f"give dates from {possible} to {tse().next(newest)}, or fetch more",
    )
