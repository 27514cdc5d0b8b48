"""Many groups over the same sessions, each backtested and measured alone: every entry with every exit.

Features are computed once, and an entry's opinions once for all groups that declare it. What a group does
is what a backtest of it alone does, with the same fold; several processes only share out the work.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from jstock_core.base.errors import UsageError
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import Group, make_group
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import track_records
from jstock_core.research.watch import SELDOM, Watch, collect_seldom
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import SHARED, Rules
from jstock_core.state.facts.events import OrderPlaced

Declared = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A rule as a group file has it: `{use: ATRExit, stop: 3}`, or a list of layers."""


@dataclass(frozen=True, eq=False)
class GroupEvaluation:
    """A group's orders in the order of placing, and its track record."""

    group: Group
    orders: tuple[OrderPlaced, ...]
    record: TrackRecord


def combine_groups(
    entries: Mapping[str, Declared],
    exits: Mapping[str, Declared],
    rest: Mapping[str, Any],
    rules: Rules = SHARED,
) -> tuple[Group, ...]:
    """A group for every entry with every exit, called `<entry>-<exit>` by their keys.

    `rest` are the other keys of a group file: initial_capital, sizing and so on; `rules` are those that may
    be named, as `Desk.rules`.

    Raises:
        ParamsError: a rule or a key is wrong.

    """
    return tuple(
        make_group(id_, {"name": id_, **rest, "entry": entry, "exit": exit_}, where=id_, rules=rules)
        for (id_, entry, exit_) in (
            (f"{one}-{other}", entry, exit_)
            for one, entry in entries.items()
            for other, exit_ in exits.items()
        )
    )


def evaluate_groups(
    panel: Panel,
    groups: Sequence[Group],
    conditions: Conditions,
    first: date,
    last: date,
    *,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
    workers: int = 1,
) -> tuple[GroupEvaluation, ...]:
    """Backtest and measure each group alone over the trade dates `first` to `last`, in the order given.

    `monitored` maps D to the codes that may be bought, where they change, as in `backtest`. With several
    `workers` as many processes share the groups, each made anew from what it declared; a script that asks
    for them is guarded by `if __name__ == "__main__"`.

    Raises:
        DataError: the panel does not reach over these dates.
        UsageError: `workers` is under 1.

    """
    if workers < 1:
        raise UsageError(f"workers is {workers}", do="give 1 or more")
    market = panel, trusted_features(panel), first, last
    view, others = span(*market), min(workers, len(groups)) - 1
    watch = Watch.of(view, conditions, monitored)
    with collect_seldom():
        done = (
            [_alone(view, group, watch) for group in groups]
            if others < 1
            else _shared_out(view, groups, watch, market, others)
        )
    return tuple(GroupEvaluation(group, *outcome) for group, outcome in zip(groups, done, strict=True))


class _Declared(NamedTuple):
    """A group in words, and the plug-in files of its rules: what another process makes it of."""

    id: str
    data: dict[str, Any]
    root: Path
    files: tuple[str, ...]

    def make(self) -> Group:
        return make_group(self.id, self.data, where=self.id, rules=load_rules(self.root, self.files))


_Outcome = tuple[tuple[OrderPlaced, ...], TrackRecord]
_Market = tuple[Panel, Features, date, date]


def _alone(view: View, group: Group, watch: Watch) -> _Outcome:
    """A group by itself, over a view that all groups share."""
    done = fold_mornings(view, [group], watch.conditions, watch.on)
    return done.orders, track_records(done, view.panel)[group.id]


def _shared_out(
    view: View, groups: Sequence[Group], watch: Watch, market: _Market, others: int
) -> list[_Outcome]:
    """This process takes groups from the front, the others, once they have started, from the back.

    Who is done takes the next, and groups of one entry stay together: its opinions are made once.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned, not forked: a notebook's kernel runs threads, and a fork of those may hang.
    spawn = get_context("spawn")
    left = spawn.Array("i", (0, len(groups)))
    declared = [_Declared(g.id, dict(g.declared), g.rules.root, g.rules.files) for g in groups]
    with ProcessPoolExecutor(others, spawn, initializer=_ready, initargs=(left,)) as pool:
        tasks = [pool.submit(_elsewhere, declared, market, watch) for _ in range(others)]
        try:
            found = {n: _alone(view, groups[n], watch) for n in _take(left, 0)}
        finally:
            tuple(_take(left, 0))  # after an error the others need not go on
        for task in tasks:
            found |= task.result()
    return [found[n] for n in range(len(groups))]


def _take(left: Any, end: int) -> Iterator[int]:
    """One after the other of what nobody has taken, from the front (`end` 0) or the back (1)."""
    while True:
        with left.get_lock():
            if left[0] >= left[1]:
                return
            taken = left[0] if end == 0 else left[1] - 1
            left[end] += -1 if end else 1
        yield taken


_left: list[Any] = []
"""In another process: what is left to be taken, which can only be handed over as it starts."""


def _ready(left: Any) -> None:
    gc.set_threshold(SELDOM)
    _left.append(left)


def _elsewhere(declared: Sequence[_Declared], market: _Market, watch: Watch) -> dict[int, _Outcome]:
    """What another process does: it makes groups anew, because a plug-in's rules do not travel."""
    view, named = span(*market), {}
    for n in _take(_left[0], 1):
        named[n] = _alone(view, declared[n].make(), watch)
    return named
