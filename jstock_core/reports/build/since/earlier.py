"""The morning before: the book that its decisions saw, its signals, and its view of the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from jstock_core.base.errors import JstockError
from jstock_core.decide import Signal, read_signals
from jstock_core.explain.cases import find_cases
from jstock_core.explain.verdicts import Case
from jstock_core.market.calendar import tse
from jstock_core.reports.build.facts import Facts
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, replay_part
from jstock_core.state.facts.events import NO_DETAILS, Decided, Event


@dataclass(frozen=True, eq=False, kw_only=True)
class EarlierMorning:
    """The decisions for `trade_date` on the session `evaluated`, and the book before them.

    `cases` are what each group found, with the parameters that its decision recorded. `view` shows that
    session on the panel of this morning, as known at the time of those decisions; None where the panel does
    not reach back. `recent` are the events since they began. `book` holds the facts that are in force now.
    """

    trade_date: date
    evaluated: date
    decided: Mapping[str, Decided]
    cases: Mapping[str, Case]
    book: Book
    view: View | None
    recent: tuple[Event, ...]

    @property
    def signals_known(self) -> bool:
        """Whether the decisions recorded their signals."""
        return all(decided.details != NO_DETAILS for decided in self.decided.values())

    def signals(self, group: str) -> tuple[Signal, ...]:
        """The recorded signals of a group."""
        decided = self.decided.get(group)
        return () if decided is None else read_signals(decided)


def earlier_morning(facts: Facts) -> EarlierMorning | None:
    """The morning of the decision before; None on the first."""
    if facts.since is None:
        return None
    newest = {e.group: e for e in facts.events if isinstance(e, Decided) and e.session == facts.since}
    groups = tuple(facts.groups.values())
    evaluated = next((e.evaluated for e in newest.values() if e.evaluated), None)
    evaluated = evaluated or tse().previous(facts.since)
    return EarlierMorning(
        trade_date=facts.since,
        evaluated=evaluated,
        decided=newest,
        cases={case.group.id: case for case in find_cases(facts.events, facts.since, groups)},
        book=replay_part(facts.events[: len(facts.events) - len(facts.recent)]),
        view=_view(facts, evaluated, max(e.decided_at for e in newest.values())),
        recent=facts.recent,
    )


def _view(facts: Facts, evaluated: date, decided_at: str) -> View | None:
    """A view of one row, which shares the features of this morning's: they are causal."""
    try:
        row = facts.panel.row(evaluated)
        return View.of(
            facts.panel,
            facts.view.features,
            row,
            row,
            np.array([facts.since], dtype="datetime64[D]"),
            decided_at=np.array([decided_at], dtype="datetime64[m]"),
        )
    except JstockError:
        return None
