"""Many groups over the same sessions, each backtested and measured alone: every entry with every exit.

Features are computed once, and an entry's opinions once for all groups that declare it. What a group does
is what a backtest of it alone does, with the same fold; several processes only share out the work.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.decide import Conditions
from jstock_core.errors import UsageError
from jstock_core.groups import Group, make_group
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import fold, span
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import track_records
from jstock_core.signals.features import Features
from jstock_core.signals.plugins import files_loaded, load_files
from jstock_core.signals.view import View
from jstock_core.state.events import OrderPlaced

Declared = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A rule as a group file has it: `{use: ATRExit, stop: 3}`, or a list of layers."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A group's orders in the order of placing, and its track record."""

    group: Group
    orders: tuple[OrderPlaced, ...]
    record: TrackRecord


def combine(
    entries: Mapping[str, Declared], exits: Mapping[str, Declared], rest: Mapping[str, Any]
) -> tuple[Group, ...]:
    """A group for every entry with every exit, called `<entry>-<exit>` by their keys.

    `rest` are the other keys of a group file: initial_capital, sizing and so on.

    Raises:
        ParamsError: a rule or a key is wrong.

    """
    return tuple(
        make_group(id_, {"name": id_, **rest, "entry": entry, "exit": exit_}, where=id_)
        for (id_, entry, exit_) in (
            (f"{one}-{other}", entry, exit_)
            for one, entry in entries.items()
            for other, exit_ in exits.items()
        )
    )


def evaluate(
    panel: Panel,
    groups: Sequence[Group],
    conditions: Conditions,
    first: date,
    last: date,
    *,
    features: Features | None = None,
    workers: int = 1,
) -> tuple[Evaluated, ...]:
    """Backtest and measure each group alone over the trade dates `first` to `last`, in the order given.

    With several `workers` as many processes share the groups, each made anew from what it declared; a script
    that asks for them is guarded by `if __name__ == "__main__"`.

    Raises:
        DataError: the panel does not reach over these dates.
        UsageError: `workers` is under 1.

    """
    if workers < 1:
        raise UsageError(f"{workers} workers evaluate nothing", do="give 1 or more")
    made = features or Features.of(panel)
    shares = [groups[n::workers] for n in range(min(workers, len(groups)))]
    if len(shares) > 1:
        found = _shared_out(shares, (panel, made), (conditions, first, last))
        done = [found[n % len(shares)][n // len(shares)] for n in range(len(groups))]
    else:
        done = _alone(span(panel, made, first, last), groups, conditions)
    return tuple(Evaluated(group, *outcome) for group, outcome in zip(groups, done, strict=True))


_Outcome = tuple[tuple[OrderPlaced, ...], TrackRecord]
_Market = tuple[Panel, Features]
_Terms = tuple[Conditions, date, date]


def _alone(view: View, groups: Iterable[Group], conditions: Conditions) -> list[_Outcome]:
    """Each group by itself, over one view."""
    folded = ((group, fold(view, [group], conditions)) for group in groups)
    return [(done.orders, track_records(done, view.panel)[group.id]) for group, done in folded]


def _shared_out(shares: Sequence[Sequence[Group]], market: _Market, terms: _Terms) -> list[list[_Outcome]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned, not forked: a notebook's kernel runs threads, and a fork of those may hang.
    spawn, files = get_context("spawn"), files_loaded()
    with ProcessPoolExecutor(len(shares), spawn, initializer=_ready, initargs=(files,)) as pool:
        tasks = [pool.submit(_share, market, _declared(share), terms) for share in shares]
        return [task.result() for task in tasks]


def _ready(files: Mapping[str, Path]) -> None:
    """Prepare a process: a backtest keeps every event, and collecting garbage often would walk them all."""
    gc.set_threshold(50_000)
    load_files(files)


def _share(market: _Market, declared: Mapping[str, Mapping[str, Any]], terms: _Terms) -> list[_Outcome]:
    """What another process does: it makes the groups anew, because a plug-in's rules do not travel."""
    conditions, first, last = terms
    groups = [make_group(id_, data, where=id_) for id_, data in declared.items()]
    return _alone(span(*market, first, last), groups, conditions)


def _declared(groups: Iterable[Group]) -> dict[str, dict[str, Any]]:
    return {group.id: dict(group.declared) for group in groups}
