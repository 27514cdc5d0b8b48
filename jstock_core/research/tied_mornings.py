"""Mornings with ties: candidates of equal score, and whether their order changed what was bought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from pydantic import Field

from jstock_core.base.params import declare
from jstock_core.decide.groups import Group, fill_on_paper
from jstock_core.decide.morning import DecisionRecord, decide_groups
from jstock_core.execution.ranking import Ranking, ShuffledRanking
from jstock_core.execution.sizing import Candidate
from jstock_core.research.backtest import Backtest
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import EMPTY, Book, replay
from jstock_core.state.facts.events import Event, OrderPlaced


@declare
class TieWatch(Ranking):
    """A ranking in the declared order that records ties.

    `equals` are the candidates, by trade date and code, whose value others have too, in the declared order.
    """

    tier: ClassVar[int] = 16  # so that ties after the last candidate that is bought are seen too
    equals: dict[date, dict[str, Candidate]] = Field(default_factory=dict)

    def rank(self, candidates: Sequence[Candidate], session: date) -> tuple[Candidate, ...]:
        """Candidates for a trade date, best first."""
        ranked = super().rank(candidates, session)
        counts = Counter(map(self.value, ranked))
        tied = {each.code: each for each in ranked if counts[self.value(each)] > 1}
        if tied:
            self.equals.setdefault(session, {}).update(tied)
        return ranked

    def other_orders(self, session: date, seeds: Sequence[int]) -> Iterator[ShuffledRanking]:
        """Rankings that put the ties of a trade date in other orders; one for each order of the seeds."""
        tied = self.equals[session]
        tried = {tuple(tied)}
        for seed in seeds:
            shuffled = ShuffledRanking(by=self.by, seed=seed)
            order = tuple(each.code for each in shuffled.rank(tuple(tied.values()), session))
            if order not in tried:
                tried.add(order)
                yield shuffled


def count_decided(
    done: Backtest, view: View, watch: Watch, watches: Mapping[str, TieWatch], seeds: Sequence[int]
) -> dict[str, int]:
    """The number of mornings of each group on which another order of ties changes its purchases.

    Each morning with ties is decided again on the book that the backtest had then, under the orders that the
    seeds give to the ties of one group at a time.
    """
    counts = dict.fromkeys(watches, 0)
    days = {day for each in watches.values() for day in each.equals}
    for n, book in _books(done, [n for n, day in enumerate(view.trade_dates.tolist()) if day in days]):
        morning = _TiedMorning(view, watch, n, book, done.groups, view.trade_dates[n].astype(object))
        declared = _purchases(done.decided.get(n, ()))
        changed: set[str] = set()
        for each in done.groups:
            if morning.day in watches[each.id].equals:
                changed |= morning.changed(each, watches[each.id], declared, seeds)
        for id_ in changed:
            counts[id_] += 1
    return counts


def _books(done: Backtest, mornings: Sequence[int]) -> Iterator[tuple[int, Book]]:
    """The book of each of these mornings, after settlement and before it was decided."""
    events, book, told = done.events, EMPTY, 0
    for n in mornings:
        begin = done.starts[n] + len(done.settled.get(n) or done.mornings.settled(n))
        book, told = replay(events[told:begin], book), begin
        yield n, book


_Purchases = Mapping[str, Mapping[str, int]]


def _purchases(events: Iterable[Event]) -> _Purchases:
    """Shares to buy by code, by group."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for event in events:
        if isinstance(event, OrderPlaced) and event.side == "BUY":
            found[event.group][event.code] = event.shares
    return found


@dataclass(frozen=True, eq=False)
class _TiedMorning:
    """A morning with ties: the n-th of a view, the book after settlement, and the groups that decide."""

    view: View
    watch: Watch
    n: int
    book: Book
    groups: Sequence[Group]
    day: date

    def changed(self, group: Group, ties: TieWatch, declared: _Purchases, seeds: Sequence[int]) -> set[str]:
        """The groups that buy otherwise under some random order of the ties of one group.

        Only shared limits let a group change the orders of another, or a candidate that is not ordered take
        the place of one that could be.
        """
        together = bool(self.watch.conditions.limits)
        if not together and not ties.equals[self.day].keys() & declared.get(group.id, {}).keys():
            return set()
        found: set[str] = set()
        for ranking in ties.other_orders(self.day, seeds):
            other = replace(group, ranking=ranking)
            each = [other if own is group else own for own in self.groups] if together else [other]
            bought = self._decide(each)
            found |= {own.id for own in each if bought.get(own.id, {}) != declared.get(own.id, {})}
            if len(found) == len(each):
                break
        return found

    def _decide(self, groups: Sequence[Group]) -> _Purchases:
        monitored = self.watch.on(self.view.panel.session(self.view.first_row + self.n))
        conditions = replace(self.watch.conditions, monitored=monitored)
        record = DecisionRecord(details=False)
        return _purchases(
            decide_groups(self.book, self.view, self.n, fill_on_paper(groups), conditions, record).events
        )
