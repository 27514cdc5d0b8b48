"""A task: a chunk of sets, evaluated by whichever process takes it, and what it found.

A process keeps the market and the view between tasks, so that sets of one entry share its opinions.
"""

from __future__ import annotations

import atexit
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.errors import UsageError, error_reason
from jstock_core.decide import trusted_features
from jstock_core.decide.groups import Group, make_group
from jstock_core.market.panel import Floats
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.research.collector import collector_paused
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import closing_panel, measure_groups
from jstock_core.research.sweep.market import MarketFile, SweepMarket, code_digest, open_market
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import Rules

KEPT_ENTRIES = 32
"""Entries whose opinions a process keeps: more would fill its memory on a whole market."""

FIGURES = (
    "total_return", "cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar", "topix_return",
    "beta", "alpha", "information_ratio", "closed_lots", "win_rate", "profit_factor", "turnover",
    "exposure", "orders",
)  # fmt: skip
"""What is measured of a set: fractions, a year where that makes sense; NaN where it is not defined."""


class StaleCodeError(UsageError):
    """A process that runs other code than the one that shares out the sweep."""


@dataclass(frozen=True)
class SweepTask:
    """A chunk of sets: the group's id, and of each set its key and the keys of its group file.

    `place` is where the market lies, `sha256` the hash of its bytes, `code` that of the code to run. `span`
    are the trade dates to run them over, None for those of the market.
    """

    place: str
    sha256: str
    code: str
    group: str
    sets: tuple[tuple[str, Mapping[str, Any]], ...]
    span: tuple[date, date] | None = None


@dataclass(frozen=True, eq=False)
class SetResult:
    """What a set did: figures by name and daily returns, or the `reason` why there are none.

    `seconds` is what it cost; it is the only part that is not the same every time.
    """

    key: str
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    returns: Floats = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0


def run_task(task: SweepTask) -> tuple[SetResult, ...]:
    """Evaluate each set of a chunk alone, in their order.

    Raises:
        StaleCodeError: this process runs other code.
        DataError: the market cannot be read.

    """
    bench = market_bench(MarketFile(task.place, task.sha256, task.code), task.span)
    with collector_paused():
        return tuple(bench.evaluate(key, task.group, declared) for key, declared in task.sets)


class MarketBench:
    """A market at work in this process."""

    def __init__(self, market: SweepMarket) -> None:
        self.market = market
        self.features: Features = trusted_features(market.panel)
        self.rules: Rules = _own_rules(market)
        self._span = market.first, market.last
        self._view: View | None = None
        self._entries: set[str] = set()

    def turn_to(self, span: tuple[date, date] | None) -> None:
        """Evaluate over a span from now on."""
        wanted = span or (self.market.first, self.market.last)
        if wanted != self._span:
            self._span, self._view = wanted, None

    def evaluate(self, key: str, group: str, declared: Mapping[str, Any]) -> SetResult:
        """A set by itself; whatever it raises is its reason."""
        began = time.perf_counter()
        try:
            figures, daily = self._measure(self.make(group, declared))
        except Exception as error:  # noqa: BLE001 (a rule may raise anything; the other sets go on)
            return SetResult(key, error_reason(error), seconds=time.perf_counter() - began)
        return SetResult(key, "", figures, daily, time.perf_counter() - began)

    def make(self, group: str, declared: Mapping[str, Any]) -> Group:
        """A group of what it declares, with the rules of the market."""
        return make_group(group, declared, where=f"the group {group}", rules=self.rules)

    def _measure(self, group: Group) -> tuple[dict[str, float], Floats]:
        view, watch = self.view_for(group), self.market.watch
        done = fold_mornings(view, [group], watch.conditions, watch.on)
        found = measure_groups(done, closing_panel(view))[group.id]
        orders = len(done.orders)
        return figures_of(found.record, orders), found.returns

    def view_for(self, group: Group) -> View:
        """The view of the span, which groups share."""
        self._entries.add(group.entry_key)
        if self._view is None or len(self._entries) > KEPT_ENTRIES:
            self._view = span(self.market.panel, self.features, *self._span)
            self._entries = {group.entry_key}
        return self._view


def figures_of(record: TrackRecord, orders: int) -> dict[str, float]:
    """The figures of a track record by the names of `FIGURES`."""
    own, against, lots = record.own, record.against, record.lots
    deepest = own.max_drawdown.depth if own.max_drawdown else 0.0
    found = {
        "total_return": own.total_return, "cagr": own.cagr, "volatility": own.volatility,
        "sharpe": own.sharpe, "sortino": own.sortino, "max_drawdown": deepest,
        "calmar": own.calmar, "topix_return": record.benchmark.total_return, "beta": against.beta,
        "alpha": against.alpha, "information_ratio": against.information_ratio, "closed_lots": lots.closed,
        "win_rate": lots.win_rate, "profit_factor": lots.profit_factor,
        "turnover": record.activity.turnover, "exposure": record.activity.exposure, "orders": orders,
    }  # fmt: skip
    return {name: float("nan") if value is None else float(value) for name, value in found.items()}


def _own_rules(market: SweepMarket) -> Rules:
    """The rules of the market's files, written into a folder of this process."""
    if not market.files:
        return load_rules(Path())
    folder = Path(tempfile.mkdtemp(prefix="jstock-rules-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    market.write_rules(folder)
    return load_rules(folder, market.files)


_benches: dict[str, MarketBench] = {}
"""The market that this process opened last, by its hash."""


def market_bench(file: MarketFile, span: tuple[date, date] | None = None) -> MarketBench:
    """The market of a file at work in this process, over a span; None for that of the market.

    Raises:
        StaleCodeError: this process runs other code.
        DataError: the market cannot be read.

    """
    if file.code != code_digest():
        raise StaleCodeError(
            f"a worker on {socket.gethostname()} runs other code than the process that shares out",
            do="install the same version of jstock, Python and NumPy there, and start the worker again",
        )
    if file.sha256 not in _benches:
        _benches.clear()
        _benches[file.sha256] = MarketBench(open_market(file.place, file.sha256))
    bench = _benches[file.sha256]
    bench.turn_to(span)
    return bench


def get_ready() -> None:
    """What a process can do before there is a market: it has imported this module, and hashes the code."""
    import pyarrow as pa  # noqa: F401 (the market will be read by it)

    code_digest()


def begin_work(file: MarketFile) -> None:
    """Open a market in this process, ahead of what is to be done with it."""
    market_bench(file)
