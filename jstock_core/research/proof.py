"""A check for look-ahead: some mornings of a backtest are decided again from what was known then.

Each of them is decided in another process, which gets only the panel cut at the decision time, the events
before that morning, the declarations of the groups and copies of the source files of their rules. It has no
access to the store. The events must be those that the backtest recorded, bit for bit.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import DataError
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.gone import untended_morning
from jstock_core.decide.groups import Group, fill_on_paper, make_group
from jstock_core.decide.morning import DecisionRecord
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import NO_CHANGES, Backtest
from jstock_core.research.processes.other_process import OtherProcess, Setting
from jstock_core.signals.features.view import View
from jstock_core.signals.language.plugins import load_rules, source_files
from jstock_core.state.book.book import EMPTY, Book, replay
from jstock_core.state.facts.events import Event, OrderPlaced

SAMPLE = 24
"""Number of mornings that are decided again."""

SHOWN = 3
"""Most mornings with a difference that are named."""


@dataclass(frozen=True, repr=False)
class MorningsProof:
    """The number of mornings that were decided again, and those that differ."""

    sampled: int
    differences: tuple[str, ...]

    @property
    def proven(self) -> int:
        """Number of mornings without a difference."""
        return self.sampled - len(self.differences)

    @property
    def passed(self) -> bool:
        """Whether at least one morning was decided again, and none differs."""
        return self.sampled > 0 and not self.differences

    @property
    def sentence(self) -> str:
        """One line for people."""
        if self.passed:
            return (
                f"{self.sampled} mornings proven: decided again from what was known then, in another process"
                " without the store, they gave the same orders"
            )
        some = "; ".join(self.differences[:SHOWN]) or "no morning was decided again"
        more = len(self.differences) - SHOWN
        return (
            f"NOT PROVEN: {len(self.differences)} of {self.sampled} mornings came out otherwise when decided"
            f" from what was known then: {some}{f'; and {more} more' if more > 0 else ''}"
        )

    def __repr__(self) -> str:
        """Say in a line what came out."""
        return f"<{self.sentence}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "sampled": self.sampled,
            "proven": self.proven,
            "passed": self.passed,
            "differences": list(self.differences),
        }


def prove_mornings(
    done: Backtest,
    panel: Panel,
    conditions: Conditions,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
    *,
    sample: int = SAMPLE,
    changes: Mapping[date, Sequence[Group]] = NO_CHANGES,
) -> MorningsProof:
    """Decide a sample of a backtest's mornings again; all of them where they are fewer than `sample`.

    `panel`, `conditions`, `monitored` and `changes` are those of the backtest.

    Raises:
        UsageError: `sample` is no whole number from 1 on.

    """
    sample = require_whole(sample, "the number of mornings to prove", 1)
    dates = tse().between(done.first, done.last)
    chosen = choose_mornings(done, sample)
    with tempfile.TemporaryDirectory(prefix="jstock-proof-") as folder:
        root = Path(folder).resolve()
        try:
            other = _start(root, done.groups)
        except DataError as error:
            return MorningsProof(len(chosen), tuple(f"{dates[n]}: {error.what}" for n in chosen))
        try:
            watched = _Watched(conditions, monitored, {done.first: done.groups, **changes})
            found = _differences(other, done, panel, watched, chosen)
            return MorningsProof(len(chosen), tuple(found))
        finally:
            other.close()


@dataclass(frozen=True)
class _Watched:
    """Conditions of a backtest, the codes monitored on each D, and its groups by the date they begin."""

    conditions: Conditions
    monitored: Callable[[date], tuple[str, ...]] | None
    groups: Mapping[date, Sequence[Group]]

    def on(self, session: date) -> Conditions:
        if self.monitored is None:
            return self.conditions
        return replace(self.conditions, monitored=self.monitored(session))

    def groups_on(self, trade_date: date) -> list[tuple[str, dict[str, Any]]]:
        """Id and declaration of each group on the morning of a trade date."""
        begun = max(day for day in self.groups if day <= trade_date)
        return [(group.id, dict(group.declared)) for group in self.groups[begun]]


def choose_mornings(done: Backtest, sample: int) -> tuple[int, ...]:
    """The indices of the mornings to decide again: half spread over the span, the others with orders."""
    count = len(done.starts)
    spread = np.unique(np.linspace(0, count - 1, min(count, sample)).round().astype(int)).tolist()
    if len(spread) == count:
        return tuple(spread)
    busy = [n for n, events in done.decided.items() if any(isinstance(e, OrderPlaced) for e in events)]
    rest = np.random.default_rng(0).permutation(busy or spread).tolist()
    halved = dict.fromkeys([*spread[::2], *rest, *spread])
    return tuple(sorted(list(halved)[:sample]))


def _start(root: Path, groups: Sequence[Group]) -> OtherProcess:
    """Start a process for the groups; the source files of their rules are copied under `root`."""
    files: dict[str, None] = {}
    for group in groups:
        home = group.rules.root.resolve()
        for name in group.rules.files:
            files[name] = None
            for source in source_files(home / name):
                target = root / source.resolve().relative_to(home)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    other = OtherProcess(Setting(root=root, files=tuple(files), closed=True))
    other.call(stand_by, root, tuple(files))
    return other


def _differences(
    other: OtherProcess, done: Backtest, panel: Panel, watched: _Watched, chosen: Sequence[int]
) -> Iterator[str]:
    dates, told = tse().between(done.first, done.last), 0
    for n in chosen:
        day, begin = dates[n], done.starts[n]
        cut = replace(panel.known_at(decision_time(day)), source=replace(panel.source, snapshot={}))
        conditions = watched.on(tse().previous(day))
        before = done.events[told:begin]
        told = begin
        try:
            again = other.call(decide_again, before, cut, day, conditions, watched.groups_on(day))
        except DataError as error:
            yield f"{day}: {error.what}"
            continue
        expected = done.morning_events(n)
        if again != expected:
            yield f"{day}: {_first_difference(expected, again)}"


def _first_difference(expected: Sequence[Event], again: Sequence[Event]) -> str:
    for event in expected:
        if event not in again:
            return f"{event.id} was not there again"
    return next((f"{e.id} was not there before" for e in again if e not in expected), "in another order")


# --- in the other process -----------------------------------------------------------------------------

_desk: dict[str, Any] = {}
"""In the other process: the rules, and the book so far. Mornings come in their order."""


def stand_by(root: Path, files: tuple[str, ...]) -> None:
    """Load the rules."""
    _desk.update(rules=load_rules(root, files), book=EMPTY)


def decide_again(
    before: tuple[Event, ...],
    cut: Panel,
    trade_date: date,
    conditions: Conditions,
    declared: Sequence[tuple[str, Mapping[str, Any]]],
) -> tuple[Event, ...]:
    """The events of one morning, after the events `before` it, on a panel cut at its decision time."""
    book: Book = replay(before, _desk["book"])
    _desk["book"] = book
    row = len(cut.sessions) - 1
    dates = np.array([trade_date], dtype="datetime64[D]")
    view = View.of(cut, trusted_features(cut), row, row, dates)
    groups = fill_on_paper(make_group(id_, data, where=id_, rules=_desk["rules"]) for id_, data in declared)
    step = untended_morning(book, view, 0, groups, conditions, DecisionRecord(details=False))
    return tuple(step.events)
