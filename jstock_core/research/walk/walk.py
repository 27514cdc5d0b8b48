"""A walk-forward: one backtest over all test spans, with parameters chosen for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from jstock_core.base.plain import plain_json
from jstock_core.base.words import number
from jstock_core.decide.groups import Group, make_group
from jstock_core.market.panel import Floats, Panel
from jstock_core.research.backtest import Backtest, fold_mornings
from jstock_core.research.performance import TrackRecord
from jstock_core.research.proof import SAMPLE, MorningsProof, prove_mornings
from jstock_core.research.records import MeasuredGroup, measure_groups, measure_spans
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.run import ENDED
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.table import FEW_LOTS
from jstock_core.research.sweep.task import figures_of
from jstock_core.research.walk.choice import Criterion, WalkWindow
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View

FEW_WINDOWS = 4
"""Windows under which a warning says that they are few."""
_LASTING = 0.5
"""A warning is given if the figure out of sample is under this fraction of that in sample."""


@dataclass(frozen=True, kw_only=True)
class KeyStability:
    """How stable the choice of a key was.

    The number of changes from window to window; the most frequent value (`usual`) and its share of windows;
    the mean distance of a change, in steps of its axis; and the windows with a value at an end of the axis.
    """

    key: str
    changes: int
    usual: Any
    usual_share: float
    mean_move: float
    at_edge: int


@dataclass(frozen=True, eq=False)
class WalkRecord:
    """The choices of all windows, and the backtest that trades them over all test spans.

    `done` begins with the group's initial capital. On the first trade date of each window the parameters
    become those chosen; positions and cash are kept, as when a desk edits its group file. `declared` is a
    backtest of the group as declared, over the same sessions.
    """

    group: Group
    plan: SweepPlan
    windows: tuple[WalkWindow, ...]
    criterion: Criterion
    panel: Panel
    watch: Watch
    done: Backtest
    declared: Backtest

    @cached_property
    def whole(self) -> MeasuredGroup:
        """All test spans together."""
        return measure_groups(self.done, self.panel)[self.group.id]

    @cached_property
    def base(self) -> MeasuredGroup:
        """The group as declared, over all test spans."""
        return measure_groups(self.declared, self.panel)[self.group.id]

    @cached_property
    def tests(self) -> tuple[dict[str, float], ...]:
        """The figures of each test span, by the names in `FIGURES`."""
        spans = [window.test for window in self.windows]
        parts = measure_spans(self.done, self.panel, spans)
        orders = [order.session for order in self.done.orders]
        return tuple(
            figures_of(part[self.group.id].record, sum(first <= day <= last for day in orders))
            for part, (first, last) in zip(parts, spans, strict=True)
        )

    @property
    def topix(self) -> Floats:
        """(S + 1,): levels of TOPIX at the close before the first test span, and at each close after it."""
        first = self.panel.row(self.done.first)
        levels: Floats = self.panel.topix[first - 1 : first + len(self.whole.returns)]
        return levels

    @property
    def trains(self) -> tuple[dict[str, float], ...]:
        """The figures of each window's set over its train span; empty without a set."""
        return tuple(
            {} if window.chosen is None else dict(window.table.at(window.chosen).figures)
            for window in self.windows
        )

    @property
    def values(self) -> tuple[Mapping[str, Any], ...]:
        """The values of each window's set by key; empty without a set."""
        sets = self.plan.sets
        return tuple({} if w.chosen is None else sets[w.chosen].values for w in self.windows)

    @property
    def stability(self) -> tuple[KeyStability, ...]:
        """How stable the choice of each key was; empty if no set was chosen."""
        chosen = [values for values in self.values if values]
        if not chosen:
            return ()
        return tuple(
            _stability(key, self.plan.ranges, [each[key] for each in chosen])
            for key in self.plan.ranges.values
        )

    def prove(self, sample: int = SAMPLE) -> MorningsProof:
        """Decide a sample of the mornings of all test spans again, each with the choice of its window."""
        watch, changes = self.watch, chosen_groups(self.group, self.plan, self.windows)
        return prove_mornings(
            self.done, self.panel, watch.conditions, watch.on, sample=sample, changes=changes
        )

    @property
    def records(self) -> dict[str, TrackRecord]:
        """The track record of what was chosen, and of the group as declared."""
        return {"chosen": self.whole.record, "as declared": self.base.record}

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "group": self.group.id,
            "first": str(self.done.first),
            "last": str(self.done.last),
            "simulated": self.panel.source.simulated,
            "criterion": str(self.criterion),
            "windows": [
                {
                    "train": [str(day) for day in window.train],
                    "test": [str(day) for day in window.test],
                    "set": window.chosen,
                    "kept": window.kept,
                    "values": plain_json(values),
                    "in_sample": plain_json(train),
                    "out_of_sample": plain_json(test),
                }
                for window, values, train, test in zip(
                    self.windows, self.values, self.trains, self.tests, strict=True
                )
            ],
            "out_of_sample": {name: each.as_json() for name, each in self.records.items()},
            "stability": plain_json(self.stability),
            "warnings": list(self.warnings),
            "ended": sum(found.reason == ENDED for w in self.windows for found in w.table.results),
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the curve, a sentence each."""
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[str]:
        rank, count = self.criterion.rank, len(self.windows)
        if count < FEW_WINDOWS:
            yield f"{count} windows say little: under {FEW_WINDOWS}, one good or bad span decides"
        failed = sum(len(window.table.failed) for window in self.windows)
        if failed:
            yield f"{failed} of {count * len(self.plan.sets)} sets over train spans failed"
        kept = sum(window.kept for window in self.windows)
        if kept:
            yield f"in {kept} of {count} windows no set had a {rank}: what was traded before went on"
        closed = self.whole.record.lots.closed
        if closed < FEW_LOTS:
            yield f"{closed} lots were closed out of sample: under {FEW_LOTS}, the figures are mostly luck"
        yield from self._against_train()
        yield from self._against_declared()
        for each in self.stability if count >= FEW_WINDOWS else ():
            if each.changes > (count - 1) / 2:
                yield f"{each.key} changed in {each.changes} of {count - 1} windows: no value of it lasts"
            if each.at_edge > count / 2:
                yield f"{each.key} was at the edge of its range in {each.at_edge} windows: try a wider range"

    def _against_train(self) -> Iterator[str]:
        rank = self.criterion.rank
        known = [train[rank] for train in self.trains if np.isfinite(train.get(rank, np.nan))]
        before, after = float(np.mean(known)) if known else np.nan, figure_of(self.whole, rank)
        if before > 0 and after < _LASTING * before:
            found = f"{number(before)} in sample was {number(after)} out of sample"
            yield f"the {rank} of {found}: it did not last"

    def _against_declared(self) -> Iterator[str]:
        rank = self.criterion.rank
        own, base = figure_of(self.whole, rank), figure_of(self.base, rank)
        if own < base:
            found = f"a {rank} of {number(base)}, and {number(own)} by choosing"
            yield f"the group as declared did better: {found}"


def figure_of(measured: MeasuredGroup, name: str) -> float:
    """A figure of a track record by name; NaN where it is not defined."""
    return figures_of(measured.record, 0)[name]


def trade_choices(
    view: View, group: Group, plan: SweepPlan, windows: tuple[WalkWindow, ...], watch: Watch
) -> tuple[Backtest, Backtest]:
    """Backtest the choices over all test spans, the rows of the view; and the group as declared."""
    changes = chosen_groups(group, plan, windows)
    done = fold_mornings(view, changes[windows[0].test[0]], watch.conditions, watch.on, changes)
    return done, fold_mornings(view, [group], watch.conditions, watch.on)


def chosen_groups(
    group: Group, plan: SweepPlan, windows: tuple[WalkWindow, ...]
) -> dict[date, tuple[Group, ...]]:
    """The group with the choice of each window, by the window's first trade date."""
    groups = {
        number: group if number is None else _make(group, plan.sets[number].declared)
        for number in {window.chosen for window in windows}
    }
    return {window.test[0]: (groups[window.chosen],) for window in windows}


def _make(group: Group, declared: Mapping[str, Any]) -> Group:
    return make_group(group.id, declared, where=f"the group {group.id}", rules=group.rules)


def _stability(key: str, ranges: Ranges, chosen: list[Any]) -> KeyStability:
    axis, places = ranges.values[key], [ranges.place(key, value) for value in chosen]
    moves = [abs(one - other) for one, other in pairwise(places) if one != other]
    usual, often = Counter(places).most_common(1)[0]
    edges = {0, len(axis) - 1} if len(axis) > 2 else set()
    return KeyStability(
        key=key,
        changes=len(moves),
        usual=axis[usual],
        usual_share=often / len(places),
        mean_move=float(np.mean(moves)) if moves else 0.0,
        at_edge=sum(place in edges for place in places),
    )
