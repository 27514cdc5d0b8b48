"""A walk-forward as tables: its windows, what was chosen in them, how it lasted, and the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jstock_core.research.frames.trials import equity_frame
from jstock_core.research.sweep.task import FIGURES
from jstock_core.research.walk.walk import KeyStability, WalkRecord

if TYPE_CHECKING:
    import pandas as pd


def windows_frame(record: WalkRecord) -> pd.DataFrame:
    """One row a window, from 1.

    Columns: train_first, train_last, test_first, test_last, set (its number; None: the group as declared),
    kept (no set had the figure), the values of each key, train_sharpe and the like (figures of the set over
    the train span), and test_sharpe and the like (those of the test span).
    """
    import pandas as pd

    keys = list(record.plan.ranges.values)
    rows = [
        {
            "train_first": window.train[0],
            "train_last": window.train[1],
            "test_first": window.test[0],
            "test_last": window.test[1],
            "set": window.chosen,
            "kept": window.kept,
            **{key: values.get(key) for key in keys},
            **{f"train_{name}": train.get(name, np.nan) for name in FIGURES},
            **{f"test_{name}": test[name] for name in FIGURES},
        }
        for window, values, train, test in zip(
            record.windows, record.values, record.trains, record.tests, strict=True
        )
    ]
    frame = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="window"))
    for name in ("train_first", "train_last", "test_first", "test_last"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"set": "Int64"})


def chosen_frame(record: WalkRecord) -> pd.DataFrame:
    """One row a window: when it is traded, and the value of each key; None where nothing was chosen."""
    frame = windows_frame(record)
    return frame[["test_first", "test_last", *record.plan.ranges.values]]


def stability_frame(record: WalkRecord) -> pd.DataFrame:
    """One row a key: changes, usual, usual_share, mean_move and at_edge; see `KeyStability`."""
    import pandas as pd

    names = list(KeyStability.__dataclass_fields__)
    rows = [[getattr(each, name) for name in names] for each in record.stability]
    return pd.DataFrame(rows, columns=names).set_index("key")


def walk_equity_frame(record: WalkRecord) -> pd.DataFrame:
    """One row a session of the test spans, as `equity_frame`, with the number of its window and, in percent,
    what the group as declared had returned by then (declared_pct).
    """
    frame = equity_frame(record.done, record.panel)
    starts = np.array([window.test[0] for window in record.windows], dtype="datetime64[D]")
    days = frame["session"].to_numpy().astype("datetime64[D]")
    frame.insert(2, "window", np.searchsorted(starts, days, side="right"))
    frame["declared_pct"] = equity_frame(record.declared, record.panel)["return_pct"]
    return frame
