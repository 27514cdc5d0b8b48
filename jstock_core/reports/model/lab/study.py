"""What the research report of a backtest shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jstock_core.base.plain import plain_json
from jstock_core.market.panel import Panel
from jstock_core.reports.model.lab.lab import TrialSheet
from jstock_core.research.backtest import Backtest
from jstock_core.research.frictions import CapacityStep, CostGrid
from jstock_core.research.ties import TieLuck

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class StudySheet:
    """A trial with everything that was asked of it.

    `panel` is the market as known after its last session, `trades` as of `trades_frame`, `rolling` the main
    record's as of `rolling_frame`. `luck` is None where no order was to be tried.
    """

    trial: TrialSheet
    done: Backtest
    panel: Panel
    trades: pd.DataFrame
    rolling: pd.DataFrame
    luck: TieLuck | None
    costs: CostGrid
    capacity: tuple[CapacityStep, ...]

    def __repr__(self) -> str:
        """Say in a line which trial is shown."""
        return f"<Sheet of a study, {self.trial.title}>"

    @property
    def headline(self) -> dict[str, Any]:
        """What a program reads of it: the main figures, luck, costs and capacity."""
        record = self.trial.records[self.trial.main]
        grid = self.costs
        return {
            "first": str(self.done.first),
            "last": str(self.done.last),
            "groups": [group.id for group in self.done.groups],
            "total_return": record.own.total_return,
            "sharpe": record.own.sharpe,
            "max_drawdown": record.own.deepest,
            "topix_return": record.benchmark.total_return,
            "closed": record.lots.closed,
            "luck": self.luck.as_json() if self.luck else None,
            "chance": plain_json(self.trial.chance.get(self.trial.main)),
            "costs": plain_json({
                "commissions": grid.commissions,
                "ticks": grid.ticks,
                "total_return": grid.total_return.tolist(),
                "turnover": grid.turnover,
                "break_even_pct": grid.break_even_pct,
            }),
            "capacity": plain_json(self.capacity),
        }  # fmt: skip
