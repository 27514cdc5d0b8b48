"""Tasks: a chunk of sets to evaluate in some process, and the results.

A process keeps the market and the view between tasks, so that sets with the same entry share its opinions.
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
"""Most entries whose opinions a process keeps, to limit memory on a wide market."""

FIGURES = (
    "total_return", "cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar", "topix_return",
    "beta", "alpha", "information_ratio", "closed_lots", "win_rate", "profit_factor", "turnover",
    "exposure", "orders",
)  # fmt: skip
"""The figures of a set: fractions, annual where that makes sense; NaN where one is not defined."""


class StaleCodeError(UsageError):
    """A worker runs other code than the process that started the sweep."""


@dataclass(frozen=True)
class SweepTask:
    """A chunk of sets: the id of the group, and for each set its key and its group file.

    `place`, `sha256` and `code` are as in `MarketFile`. `span` is the first and last trade date, None for
    those of the market.
    """

    place: str
    sha256: str
    code: str
    group: str
    sets: tuple[tuple[str, Mapping[str, Any]], ...]
    span: tuple[date, date] | None = None


@dataclass(frozen=True, eq=False)
class SetResult:
    """The result of a set: figures by name and daily returns, or the `reason` why there are none.

    `seconds` is how long it took, the only part that differs from run to run.
    """

    key: str
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    returns: Floats = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0


def run_task(task: SweepTask) -> tuple[SetResult, ...]:
    """Evaluate the sets of a chunk one after the other.

    Raises:
        StaleCodeError: this process runs other code.
        DataError: the market cannot be read.

    """
    bench = market_bench(MarketFile(task.place, task.sha256, task.code), task.span)
    with collector_paused():
        return tuple(bench.evaluate(key, task.group, declared) for key, declared in task.sets)


class MarketBench:
    """An open market in this process, which evaluates sets on it."""

    def __init__(self, market: SweepMarket) -> None:
        self.market = market
        self.features: Features = trusted_features(market.panel)
        self.rules: Rules = _own_rules(market)
        self._span = market.first, market.last
        self._view: View | None = None
        self._entries: set[str] = set()

    def turn_to(self, span: tuple[date, date] | None) -> None:
        """Set the span of trade dates for the next sets; None for that of the market."""
        wanted = span or (self.market.first, self.market.last)
        if wanted != self._span:
            self._span, self._view = wanted, None

    def evaluate(self, key: str, group: str, declared: Mapping[str, Any]) -> SetResult:
        """Evaluate a set. An exception becomes the reason of its result."""
        began = time.perf_counter()
        try:
            figures, daily = self._measure(self.make(group, declared))
        except Exception as error:  # noqa: BLE001 (a rule may raise anything; the other sets go on)
            return SetResult(key, error_reason(error), seconds=time.perf_counter() - began)
        return SetResult(key, "", figures, daily, time.perf_counter() - began)

    def make(self, group: str, declared: Mapping[str, Any]) -> Group:
        """Make a group from its declaration, with the rules of the market."""
        return make_group(group, declared, where=f"the group {group}", rules=self.rules)

    def _measure(self, group: Group) -> tuple[dict[str, float], Floats]:
        view, watch = self.view_for(group), self.market.watch
        done = fold_mornings(view, [group], watch.conditions, watch.on)
        found = measure_groups(done, closing_panel(view))[group.id]
        orders = len(done.orders)
        return figures_of(found.record, orders), found.returns

    def view_for(self, group: Group) -> View:
        """The view of the span, which groups share; a new one after `KEPT_ENTRIES` entries."""
        self._entries.add(group.entry_key)
        if self._view is None or len(self._entries) > KEPT_ENTRIES:
            self._view = span(self.market.panel, self.features, *self._span)
            self._entries = {group.entry_key}
        return self._view


def figures_of(record: TrackRecord, orders: int) -> dict[str, float]:
    """The figures of a track record, by the names in `FIGURES`."""
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
    """Load the market's plug-ins, whose files are written into a temporary folder of this process."""
    if not market.files:
        return load_rules(Path())
    folder = Path(tempfile.mkdtemp(prefix="jstock-rules-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    market.write_rules(folder)
    return load_rules(folder, market.files)


_benches: dict[str, MarketBench] = {}
"""The market that this process opened last, by hash."""


def market_bench(file: MarketFile, span: tuple[date, date] | None = None) -> MarketBench:
    """Open the market of a file in this process, or take the one that is open; `span` as in `turn_to`.

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
    """Prepare a worker before there is a market: import this module and pyarrow, and hash the code."""
    import pyarrow as pa  # noqa: F401 (the market will be read by it)

    code_digest()


def begin_work(file: MarketFile) -> None:
    """Open a market in this process, ahead of its first job."""
    market_bench(file)
