"""A trial as values for its card: curves, months, notes, and what chance may explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jstock_core.desk.past.comparison import Comparison
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.lab.lab import TrialSheet
from jstock_core.research.backtest import Backtest
from jstock_core.research.frames.trials import main_name, monthly_returns

if TYPE_CHECKING:
    import pandas as pd


def make_sheet(desk: Desk, done: Backtest, comparison: Comparison, equity: pd.DataFrame) -> TrialSheet:
    """What the card of a backtest shows; `equity` is its `equity_frame`."""
    main = main_name(comparison.records)
    curves = dict(list(equity.groupby("group", sort=False)))
    grid = monthly_returns(equity, main)
    days = [day.date() for day in curves[main]["session"]]
    return TrialSheet(
        title=f"{done.first} to {done.last}",
        marks=desk.marks,
        records=comparison.records,
        main=main,
        sessions=(desk.calendar.previous(days[0]), *days),
        returns={name: [0.0, *part["return_pct"].tolist()] for name, part in curves.items()},
        topix=[0.0, *curves[main]["topix_pct"].tolist()],
        drawdown=[0.0, *curves[main]["drawdown_pct"].tolist()],
        months={int(year): row.tolist() for year, row in grid.iterrows()},
        notes=comparison.notes,
        chance=comparison.chance,
        changes={group.id: group.changes for group in done.groups if group.changes},
    )
