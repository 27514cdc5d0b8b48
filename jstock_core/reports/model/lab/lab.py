"""What cards of the laboratory show: the data and groups of a lab, a trial, and orders of a variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from jstock_core.research.performance import TrackRecord
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.walk.walk import KeyStability


@dataclass(frozen=True)
class DataSpan:
    """One data set of a lab: the days of its oldest and newest fact (None without any), how many there are,
    of how many stocks (None: of no single stock), and what a reader must know of it.
    """

    name: str
    first: date | None
    last: date | None
    facts: int
    stocks: int | None = None
    note: str = ""


@dataclass(frozen=True)
class GroupLine:
    """A group of the desk in a few words."""

    id: str
    name: str
    initial_capital: int
    entry: str
    exit: str
    fills: str


@dataclass(frozen=True, repr=False)
class LabSummary:
    """What there is to try things on: `first` and `last` bound the trade dates of backtests, None without
    bars. `trials` were made in the desk so far; `holdout` says what is kept back, "" without one.
    """

    now: datetime
    workspace: str
    marks: tuple[str, ...]
    first: date | None
    last: date | None
    stocks: int
    monitored: int
    data: tuple[DataSpan, ...]
    costs: str
    groups: tuple[GroupLine, ...]
    trials: int = 0
    holdout: str = ""

    def __repr__(self) -> str:
        """Say in a line what there is to try things on."""
        at = f"{self.now:%Y-%m-%d %H:%M} JST"
        return f"<Data of {self.workspace} at {at}: {self.stocks} stocks, {len(self.groups)} groups>"


@dataclass(frozen=True, eq=False, repr=False)
class TrialSheet:
    """A trial as it is shown. `sessions` begin with the close before its first, where every curve is 0.

    `returns` has a curve for each record by its name, `topix` that of TOPIX, `drawdown` that of `main`, the
    record that stands for the trial; all in percent. `months` maps a year to its twelve months and the year.
    `changes` are what differs from the files of groups, by group; `chance` judges records by all trials.
    """

    title: str
    marks: tuple[str, ...]
    records: Mapping[str, TrackRecord]
    main: str
    sessions: tuple[date, ...]
    returns: Mapping[str, Sequence[float]]
    topix: Sequence[float]
    drawdown: Sequence[float]
    months: Mapping[int, Sequence[float]]
    notes: tuple[str, ...]
    changes: Mapping[str, tuple[str, ...]]
    chance: Mapping[str, ChanceMeasure] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say in a line which trial is shown."""
        return f"<Sheet of a trial, {self.title}: {', '.join(self.records)}>"


@dataclass(frozen=True, kw_only=True)
class WindowLine:
    """A window of a walk-forward: its spans, what was chosen, and what came of it.

    `values` are those of the keys, empty for the group as declared; `kept` are those of the window before.
    `train` and `test` are the figure that is chosen by; `total_return` and `topix_return` are fractions of
    the test span.
    """

    train_span: tuple[date, date]
    test_span: tuple[date, date]
    values: tuple[str, ...]
    kept: bool
    train: float
    test: float
    total_return: float
    topix_return: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WalkSheet:
    """A walk-forward as it is shown. `sessions` begin with the close before its first, where curves are 0.

    `records` are those of the walk and of the group as declared, `walk`, `declared`, `topix` and `drawdown`
    their curves in percent, `chance` what it may explain of both. `rank` is the figure that is chosen by,
    `criterion` how. `proof` says what of it was decided again.
    """

    title: str
    marks: tuple[str, ...]
    group: str
    records: Mapping[str, TrackRecord]
    sessions: tuple[date, ...]
    walk: Sequence[float]
    declared: Sequence[float]
    topix: Sequence[float]
    drawdown: Sequence[float]
    rank: str
    criterion: str
    scheme: str
    keys: tuple[str, ...]
    windows: tuple[WindowLine, ...]
    stability: tuple[KeyStability, ...]
    chance: Mapping[str, ChanceMeasure]
    warnings: tuple[str, ...]
    proof: str

    def __repr__(self) -> str:
        """Say in a line which walk-forward is shown."""
        return f"<Sheet of a walk-forward {self.title}>"


@dataclass(frozen=True, kw_only=True)
class VariantOrder:
    """An order of the desk, of the variant, or of both: shares, 0 where there is none."""

    group: str
    code: str
    name: str
    side: str
    desk: int
    variant: int
    change: Literal["unchanged", "added", "dropped", "more", "fewer"]
    reason: str
