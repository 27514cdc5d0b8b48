"""The morning of a trade date as plain values: what its alerts and its report are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jstock_core.base.intent import Intent
from jstock_core.data.checks.findings import Finding
from jstock_core.data.store.revisions import RevisedValue
from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group
from jstock_core.signals.features.view import View
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import Correction, Decided, Event

ISSUED_AT = "issued_at"
"""The key of the minute (JST) of a decision in its provenance, where that is later than what it knew."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Morning:
    """A decided morning: `events` is the journal through T's decisions, `view` shows the session D they saw.

    `intent` is what was done, which may be less than what was asked; `findings` are those of the data checks,
    `corrections` those journaled since the morning before, which `events` has applied; `taken_back` are the
    ids of all facts that are reversed. With `margin` cash may be below zero.
    `order_facts` are the facts in force about T's orders, recorded since too; None where those among the
    events are all. `opened` tells whether T's opening auction is past.
    `seal` is the hash of what was decided, "" where it is not to be shown.
    """

    trade_date: date
    intent: Intent
    events: tuple[Event, ...]
    view: View
    groups: tuple[Group, ...]
    conditions: Conditions
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()
    taken_back: frozenset[str] = frozenset()
    margin: bool = False
    order_facts: tuple[Event, ...] | None = None
    opened: bool = False
    seal: str = ""

    @cached_property
    def folded(self) -> FoldedEvents:
        """The events with their book."""
        return FoldedEvents.of(self.events)

    @property
    def revisions(self) -> tuple[RevisedValue, ...]:
        """What the vendor corrected since the decision before; none where nobody asked the store."""
        return ()

    @property
    def revision_effect(self) -> str:
        """What the corrections would have changed, in one sentence."""
        return ""

    @property
    def decided(self) -> tuple[Decided, ...]:
        """T's newest decision of each group."""
        own = (e for e in self.events if isinstance(e, Decided) and e.session == self.trade_date)
        return tuple({event.group: event for event in own}.values())
