"""Why a stock was bought, held, sold or left alone on a morning, group by group, as plain values.

Rules are asked again on the view of that morning, each over a view that notes what it reads; what was decided
comes from the decision itself. Where the two differ, the data have changed since, and a note is added.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from jstock_core.base.intent import Intent
from jstock_core.base.plain import plain_json
from jstock_core.decide import Conditions, Decision, decide, holding
from jstock_core.explain.assessments import (
    EntryAssessment,
    LayerAssessment,
    PositionAssessment,
    assess_entry,
    assess_layers,
    assess_position,
)
from jstock_core.explain.inputs import WatchedView
from jstock_core.explain.verdicts import Case, Gate, StockVerdict, changes, gates, verdict
from jstock_core.market.prices import known
from jstock_core.signals.features.view import View

__all__ = ["Case", "Explanation", "Gate", "GroupExplanation", "Inquiry", "StockVerdict"]


@dataclass(frozen=True, kw_only=True)
class GroupExplanation:
    """What one group made of the stock. `held`, `layers` are of a position, `gates` of what is not held.

    `decided` is where the verdict comes from, `notes` what has changed since.
    """

    group: str
    name: str
    entry: EntryAssessment
    exit: str
    held: PositionAssessment | None
    layers: tuple[LayerAssessment, ...]
    gates: tuple[Gate, ...]
    decided: str
    verdict: StockVerdict
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A stock on a morning. `close` is its last and `atr` too in yen of D, `age` is in sessions."""

    code: str
    name: str
    sector: str
    trade_date: date
    evaluated: date
    decided_at: str
    simulated: bool
    intent: Intent
    monitored: bool
    close: float | None
    age: int
    bars: int
    atr: float | None
    groups: tuple[GroupExplanation, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        explained: dict[str, Any] = plain_json(self)
        return explained


@dataclass(frozen=True, eq=False)
class Inquiry:
    """A morning whose rules are asked again, once for all stocks: on one row of the view, for some cases."""

    view: View
    row: int
    cases: tuple[Case, ...]
    conditions: Conditions
    intent: Intent

    def explain(self, code: str, groups: Collection[str] | None = None) -> Explanation:
        """Explain a code of the panel, in all groups (None) or in some. Pure."""
        view, row = self.view, self.row
        n = view.panel.column[code]
        listing, close = view.panel.listings[n], view.last_close(row, n)
        day: date = view.trade_dates[row].astype(object)
        return Explanation(
            code=code,
            name=listing.name,
            sector=listing.sector,
            trade_date=day,
            evaluated=view.panel.session(view.first_row + row),
            decided_at=str(view.decided_at[row]),
            simulated=view.panel.source.simulated,
            intent=self.intent,
            monitored=code in self._then.monitored,
            close=known(close),
            age=max(0, int(view.age[row, n])),
            bars=int(view.bars[row, n]),
            atr=known(view.at("atr", row, n) / view.k(row, n)),
            groups=tuple(
                self._group(code, case) for case in self.cases if groups is None or case.group.id in groups
            ),
        )

    @cached_property
    def _then(self) -> Conditions:
        """A stock that was bought was monitored then, whatever the list holds now."""
        listed, signals = self.conditions.monitored, (s for case in self.cases for s in case.signals)
        bought = dict.fromkeys(s.code for s in signals if s.is_buy and s.code not in listed)
        return replace(self.conditions, monitored=(*listed, *bought)) if bought else self.conditions

    @cached_property
    def _again(self) -> Mapping[str, Decision]:
        """What each group would decide now, on what it knew then."""
        return {
            case.group.id: decide(case.book, self.view, self.row, case.group, self._then)
            for case in self.cases
        }

    @cached_property
    def _watched(self) -> WatchedView:
        return WatchedView.over(self.view)

    def _group(self, code: str, case: Case) -> GroupExplanation:
        view, row, again = self.view, self.row, self._again[case.group.id]
        held = holding(case.book, code, view, row) if code in case.book.lots else None
        entry = assess_entry(self._watched, row, case.group, view.panel.column[code])
        layers = () if held is None else assess_layers(self._watched, row, case.group.exit, held)
        passed = () if held is not None else tuple(gates(code, view, row, case, entry, again, self._then))
        return GroupExplanation(
            group=case.group.id,
            name=case.group.name,
            entry=entry,
            exit=type(case.group.exit).__name__,
            held=None if held is None else assess_position(view, row, held),
            layers=layers,
            gates=passed,
            decided=_source(case, self.intent),
            verdict=verdict(code, case, again, layers, passed),
            notes=(*case.notes, *changes(code, view, case, again)),
        )


def _source(case: Case, intent: Intent) -> str:
    if case.decided is None:
        return "not decided by this group: what it would have decided"
    if intent.mark:
        return "decided in memory, nothing is journaled"
    return f"journaled, {case.decided.status}, on what was known at {case.decided.decided_at}"
