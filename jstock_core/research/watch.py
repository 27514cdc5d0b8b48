"""The conditions that backtests over the same sessions share, and the codes monitored on each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from jstock_core.decide import Conditions
from jstock_core.signals.features.view import View


@dataclass(frozen=True, repr=False)
class Watch:
    """Conditions of all mornings, and the codes monitored on each D; it can be sent to other processes."""

    conditions: Conditions
    codes: Mapping[date, tuple[str, ...]]

    def __repr__(self) -> str:
        """Say in a line what its mornings share."""
        return f"<Watch of {len(self.codes)} sessions, {self.conditions}>"

    @classmethod
    def of(
        cls, view: View, conditions: Conditions, monitored: Callable[[date], tuple[str, ...]] | None
    ) -> Watch:
        """Read `monitored` for each D of a view; without it, the codes of the conditions hold on all."""
        if monitored is None:
            return cls(conditions, {})
        rows = range(view.first_row, view.first_row + view.shape[0])
        return cls(conditions, {day: monitored(day) for day in map(view.panel.session, rows)})

    def on(self, session: date) -> tuple[str, ...]:
        """The codes that may be bought after session D."""
        return self.codes.get(session, self.conditions.monitored)
