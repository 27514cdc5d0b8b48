"""What a backtest shares with others over the same sessions: the conditions, and what is monitored when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from jstock_core.decide import Conditions
from jstock_core.signals.features.view import View


@dataclass(frozen=True, repr=False)
class Watch:
    """The conditions of every morning, and the codes monitored on each D; it travels to other processes."""

    conditions: Conditions
    codes: Mapping[date, tuple[str, ...]]

    def __repr__(self) -> str:
        """Say in a line what its mornings share."""
        return f"<Watch of {len(self.codes)} sessions, {self.conditions}>"

    @classmethod
    def of(
        cls, view: View, conditions: Conditions, monitored: Callable[[date], tuple[str, ...]] | None
    ) -> Watch:
        """The codes that `monitored` gives for each D of a view; those of the conditions without it."""
        if monitored is None:
            return cls(conditions, {})
        rows = range(view.first_row, view.first_row + view.shape[0])
        return cls(conditions, {day: monitored(day) for day in map(view.panel.session, rows)})

    def on(self, session: date) -> tuple[str, ...]:
        """The codes that may be bought after a session."""
        return self.codes.get(session, self.conditions.monitored)
