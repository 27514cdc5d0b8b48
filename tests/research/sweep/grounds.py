"""A small market to sweep over, for the tests of this folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.progress import silent
from jstock_core.decide import Conditions
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Panel
from jstock_core.research.sweep.market import MarketFile, SweepMarket, code_digest, pack_market
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.pools import WorkerPool, local_pool
from jstock_core.research.sweep.run import run_sets
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.task import SetResult
from jstock_core.research.watch import Watch
from jstock_core.signals.language.plugins import load_rules

FIRST, LAST = date(2025, 10, 1), date(2025, 12, 30)
BASE: dict[str, Any] = {
    "name": "Base",
    "initial_capital": 5_000_000,
    "entry": {"use": "SimpleScorer", "buy_threshold": 60},
    "exit": {"use": "LayeredExit", "stop_loss_pct": 8},
    "sizing": {"use": "equal_weight", "max_positions": 5, "max_position_pct": 30},
}
RANGES = {"entry.buy_threshold": [55, 60, 65], "exit.stop_loss_pct": [4, 6, 8]}

PLUGIN = '''
import os
from dataclasses import replace
from jstock_core.base.params import declare
from jstock_core.signals.language.registry import entry
from jstock_core.signals.library.entries import SimpleScorer

@entry("Faulty")
class Faulty(SimpleScorer):
    """A scorer that raises at one threshold, and ends its process at another."""
    def evaluate(self, view):
        if self.buy_threshold == 61:
            raise ValueError("sixty-one is refused")
        if self.buy_threshold == 62:
            os.kill(os.getpid(), 9)
        return super().evaluate(view)
'''


@dataclass(frozen=True)
class Ground:
    """A market in a file, and plans over it."""

    market: SweepMarket
    file: MarketFile
    digest: str

    def plan(self, ranges: dict[str, Any], base: dict[str, Any] = BASE) -> SweepPlan:
        axes = Ranges.of(ranges)
        rules = load_rules(Path(self.file.place).parent, self.market.files)
        return SweepPlan.of("base", base, axes, axes.grid(), rules, self.digest)

    def run(
        self, plan: SweepPlan, folder: Path, pool: WorkerPool | None = None, tick: Any = silent
    ) -> tuple[SetResult, ...]:
        return run_sets(plan, self.file, Shards(folder), pool or local_pool(1), tick)


def make_ground(
    desk: Desk,
    folder: Path,
    *,
    plugin: bool = False,
    first: date = FIRST,
    change: Callable[[Panel], Panel] = lambda panel: panel,
) -> Ground:
    folder.mkdir(parents=True, exist_ok=True)
    files = ("my_rules.py",) if plugin else ()
    if plugin:
        (folder / "my_rules.py").write_text(PLUGIN, encoding="utf-8")
    panel = desk.panel()
    panel = change(panel.only(panel.codes[:12]))
    watch = Watch(Conditions(panel.codes, desk.settings.costs), {})
    market = SweepMarket.of(panel, watch, first, LAST, replace(load_rules(folder, files), files=files))
    content = pack_market(market)
    place = folder / "market.arrow"
    place.write_bytes(content)
    file = MarketFile(str(place), hashlib.sha256(content).hexdigest(), code_digest())
    return Ground(market, file, market.digest())


def same(one: SetResult, other: SetResult) -> bool:
    """Bit for bit, but for the cost."""
    return (
        (one.key, one.reason) == (other.key, other.reason)
        and repr(dict(one.figures)) == repr(dict(other.figures))
        and one.returns.tobytes() == other.returns.tobytes()
    )
