"""Since yesterday: what came of the decision before, what has changed, and what lies ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.decide.groups import declared_changes
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.since.ahead import last_ahead, look_ahead
from jstock_core.reports.build.since.cash import find_cash, find_moves
from jstock_core.reports.build.since.earlier import EarlierMorning, earlier_morning
from jstock_core.reports.build.since.outcomes import find_outcomes
from jstock_core.reports.build.since.triggers import NEAR_ATR, NEAR_PCT, watch_stops
from jstock_core.reports.build.since.turns import find_turns
from jstock_core.reports.model.decisions.since import SinceSummary
from jstock_core.reports.model.money.portfolio import HeldPosition
from jstock_core.state.facts.events import Missed


def build_since(facts: Facts, held: Sequence[HeldPosition], monitored: Sequence[str]) -> SinceSummary:
    """Compare this morning with the one before; on the first only near triggers and what lies ahead are told.

    `held` are the positions of the report.
    """
    earlier = earlier_morning(facts)
    recent = () if earlier is None else earlier.recent
    return SinceSummary(
        before=None if earlier is None else earlier.trade_date,
        evaluated=None if earlier is None else earlier.evaluated,
        missed=tuple(event.session for event in recent if isinstance(event, Missed)),
        outcomes=() if earlier is None else find_outcomes(facts, earlier),
        moves=find_moves(facts, recent),
        cash=() if earlier is None else find_cash(facts, earlier),
        stops=watch_stops(facts, earlier, held),
        signals=() if earlier is None or not earlier.signals_known else find_turns(facts, earlier, monitored),
        signals_known=earlier is None or earlier.signals_known,
        rules_changed=() if earlier is None else tuple(_changed_rules(facts, earlier)),
        ahead=look_ahead(facts),
        ahead_through=last_ahead(facts.trade_date),
        near_atr=NEAR_ATR,
        near_pct=NEAR_PCT,
    )


def _changed_rules(facts: Facts, earlier: EarlierMorning) -> Iterator[str]:
    """The groups that decided before by other parameters than now, as far as that was recorded."""
    for name, decided in sorted(earlier.decided.items()):
        then, group = decided.provenance.get("groups", {}).get(name), facts.rules(name)
        if then is not None and group is not None and declared_changes(then, group.declared):
            yield name
