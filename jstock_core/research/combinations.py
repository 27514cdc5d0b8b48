"""Backtests of many groups over the same sessions, each by itself, such as every entry with every exit.

Features are computed once, and the opinions of an entry once for all groups that declare it. The result of a
group is that of a backtest of it alone, however many processes share the work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from jstock_core.base.arguments import require_kind
from jstock_core.base.errors import UsageError
from jstock_core.base.limits import quote
from jstock_core.base.words import number, plural
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import Group, make_group
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.research.collector import collector_paused
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import closing_panel, track_records
from jstock_core.research.sweep.cluster import Workers, open_workers
from jstock_core.research.sweep.market import MarketFile, SweepMarket, share_market
from jstock_core.research.sweep.task import begin_work, market_bench
from jstock_core.research.sweep.together import work_together
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View
from jstock_core.signals.language.registry import SHARED, Rules
from jstock_core.state.facts.events import OrderPlaced

Declared = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A rule as in a group file: `{use: ATRExit, stop: 3}`, or a list of layers."""


@dataclass(frozen=True, eq=False, repr=False)
class GroupEvaluation:
    """The orders of a group, in the order of placing, and its track record."""

    group: Group
    orders: tuple[OrderPlaced, ...]
    record: TrackRecord

    def __repr__(self) -> str:
        """Say in a line what came out."""
        own, orders = self.record.own, plural(len(self.orders), "order")
        total = number(None if own.total_return is None else 100 * own.total_return)
        figures = f"return {total} %, Sharpe {number(own.sharpe)}"
        return f"<Evaluation of {self.group.id}: {orders}, {figures}>"


def combine_groups(
    entries: Mapping[str, Declared],
    exits: Mapping[str, Declared],
    rest: Mapping[str, Any],
    rules: Rules = SHARED,
) -> tuple[Group, ...]:
    """A group for every entry with every exit, called `<entry>-<exit>` by their keys.

    `rest` has the other keys of a group file: initial_capital, sizing and so on. `rules` are the rules that
    may be named, as `Desk.rules`.

    Raises:
        ParamsError: a rule or a key is wrong. UsageError: what is given is not a mapping.

    """
    for rules_by_name in (entries, exits, rest):
        require_kind(rules_by_name, Mapping, "a mapping", 'give rules by name, as {"scorer": {...}}')
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
    groups: Group | Sequence[Group],
    conditions: Conditions,
    first: date,
    last: date,
    *,
    monitored: Callable[[date], tuple[str, ...]] | None = None,
    workers: Workers = 1,
) -> tuple[GroupEvaluation, ...]:
    """Backtest and measure each group alone over the trade dates `first` to `last`, in the order given.

    `monitored` maps D to the codes that may be bought then, if they change, as in `backtest`. `workers` is
    the number of processes, this one included; a pool or a `Cluster` works beside this process. Other
    processes build each group from its declaration. A script that uses several must have the guard
    `if __name__ == "__main__"`.

    Raises:
        DataError: the panel does not reach over these dates.
        UsageError: `groups` are not groups, `workers` is under 1, a worker process ended, or the cluster
            cannot be used.
        WriteError: the file with the market cannot be written.

    """
    chosen = _read_groups(groups)
    require_kind(panel, Panel, "a panel", "give what `desk.panel()` returns")
    view = span(panel, trusted_features(panel), first, last)
    watch, files = Watch.of(view, conditions, monitored), dict[int, MarketFile]()
    with ExitStack() as shared, open_workers(workers) as pool:
        if pool:
            for same in _same_rules(chosen):
                market = SweepMarket.of(panel, watch, first, last, chosen[same[0]].rules)
                files |= dict.fromkeys(same, shared.enter_context(share_market(market, pool.place)))
        done = work_together(
            len(chosen),
            lambda n: _alone(view, chosen[n], watch),
            lambda n: partial(_elsewhere, files[n], chosen[n].id, dict(chosen[n].declared)),
            pool,
            lambda n: partial(begin_work, files[n]),
        )
    return tuple(GroupEvaluation(group, *outcome) for group, outcome in zip(chosen, done, strict=True))


def _read_groups(given: object) -> tuple[Group, ...]:
    """Read one group or several.

    Raises:
        UsageError: something is not a group.

    """
    several = isinstance(given, Iterable) and not isinstance(given, str)
    each = tuple(given) if isinstance(given, Iterable) and several else (given,)
    for one in each:
        if not isinstance(one, Group):
            do = 'give groups: `js.make_group(...)`, `desk.groups`, or use `lab.evaluate("id", ...)`'
            raise UsageError(f"{quote(one)} is not a group", do=do)
    return tuple(one for one in each if isinstance(one, Group))


_Outcome = tuple[tuple[OrderPlaced, ...], TrackRecord]


def _alone(view: View, group: Group, watch: Watch) -> _Outcome:
    """The outcome of one group, over a view that all groups share."""
    with collector_paused():
        done = fold_mornings(view, [group], watch.conditions, watch.on)
        return done.orders, track_records(done, closing_panel(view))[group.id]


def _elsewhere(file: MarketFile, group: str, declared: Mapping[str, Any]) -> _Outcome:
    """The outcome in another process, which builds the group: rules of plug-ins cannot be sent there."""
    bench = market_bench(file)
    made = bench.make(group, declared)
    return _alone(bench.view_for(made), made, bench.market.watch)


def _same_rules(groups: Sequence[Group]) -> Iterator[Sequence[int]]:
    """The indices of the groups, by the rules that they may name."""
    known = defaultdict(list)
    for n, group in enumerate(groups):
        known[group.rules.root, group.rules.files].append(n)
    yield from known.values()
