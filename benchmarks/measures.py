"""The benchmarks by name; each gives the lines of the table it fills."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from statistics import median

import pandas as pd

from benchmarks import ledger, naive, stored, years
from benchmarks import mornings as listed
from benchmarks import wide as wide_market
from benchmarks.peers import peers
from benchmarks.place import Place
from benchmarks.sweeps import sweeps
from benchmarks.timing import Line, timed, typical
from benchmarks.wide import every_feature
from jstock_core.base.errors import ExitStatus
from jstock_core.decide import shared_opinions
from jstock_core.research.backtest import backtest, span
from jstock_core.research.combinations import GroupEvaluation, combine_groups, evaluate_groups
from jstock_core.signals.features.features import Features

EXITS = ("ATRExit", "ScoreBasedExit", "LayeredExit", "BollingerDynamicExit", "ADXTrendExhaustion")

Benchmark = Callable[[Place], Iterator[Line]]


def features(place: Place) -> Iterator[Line]:
    """Every feature, and the entries of both groups, of the whole market over all years."""
    panel = place.panel
    first, last = panel.session(1), panel.session(len(panel.sessions) - 1)

    def work() -> None:
        view = span(panel, every_feature(Features.of(panel)), first, last)
        for group in place.desk.groups:
            shared_opinions(view, group)

    frames = naive.frames(panel)
    yield Line(
        "features",
        f"{len(panel.listings)} stocks x {len(panel.sessions)} sessions, features and scores",
        typical(work, place.repeats),
        "half of the features in pandas, stock by stock",
        typical(lambda: [naive.features(bars) for bars in frames.values()], 1),
        aim=0.15,
    )


def portfolio(place: Place) -> Iterator[Line]:
    """The decisions of every group folded over two years, features given."""
    panel, groups = place.panel, place.desk.groups
    features = place.features
    rows = max(len(panel.sessions) - 490, 1), len(panel.sessions) - 1
    first, last = (panel.session(row) for row in rows)
    close = pd.DataFrame(panel.close, index=list(panel.dates), columns=list(panel.codes))

    def walk() -> int:
        """Look every monitored stock's price up, each session, and do nothing with it."""
        days, codes = panel.dates[rows[0] : rows[1] + 1], place.desk.monitored
        return sum(close.at[day, code] > 0 for day in days for code in codes)  # noqa: PD008 (the way measured)

    done = backtest(panel, groups, place.conditions, first, last, features)
    yield Line(
        "backtest",
        f"{len(groups)} groups, {rows[1] - rows[0] + 1} sessions, {len(done.orders)} orders",
        typical(lambda: backtest(panel, groups, place.conditions, first, last, features), place.repeats),
        "the same sessions and stocks looked up in a pandas frame, nothing decided",
        typical(walk, 1),
        aim=0.2,
    )


def pairs(place: Place) -> Iterator[Line]:
    """Every entry with every exit over all years, features computed once, on two processes."""
    panel, conditions = place.panel, place.conditions
    rest = {"initial_capital": 5_000_000, "sizing": {"use": "equal_weight", "max_positions": 5}}
    named = ({name: {"use": name} for name in names} for names in (wide_market.NAMES, EXITS))
    groups = combine_groups(*named, rest)
    first, last = panel.session(1), panel.session(len(panel.sessions) - 1)
    made: list[GroupEvaluation] = []

    def work(workers: int) -> None:
        made[:] = evaluate_groups(panel, groups, conditions, first, last, workers=workers)

    alone = timed(lambda: work(1))
    seconds = median(timed(lambda: work(2)) for _ in range(max(place.repeats // 2, 1)))
    orders = sum(len(found.orders) for found in made)
    yield Line(
        "pairs",
        f"{len(groups)} pairs of entry and exit, {len(panel.sessions)} sessions, {orders:,} orders, measured",
        seconds,
        "the same in one process",
        alone,
        aim=5.0,
    )


def prepare(place: Place) -> Iterator[Line]:
    """`jstock trade prepare` and `status` as whole processes."""
    heavy = _process(place, ["-c", "import pandas, matplotlib.pyplot, papermill"])
    base = "a process that imports pandas, matplotlib and papermill and ends"
    for verb, aim in (("prepare", 0.5), ("status", 0.4)):
        given = ["-m", "jstock_core.cli", "trade", verb, "--workspace", str(place.root), "--json"]
        seconds = _process(place, given + _clock(place))
        yield Line(verb, f"`jstock trade {verb}`, whole process", seconds, base, heavy, aim=aim)


def daily(place: Place) -> Iterator[Line]:
    """`jstock daily` against an empty notebook run and converted the same way."""

    def run() -> float:
        root = place.copy("daily")
        return timed(
            lambda: _run(place, ["-m", "jstock_core.cli", "daily", "--workspace", str(root), *_clock(place)])
        )

    def floor() -> float:
        with tempfile.TemporaryDirectory(dir=place.folder) as folder:
            return timed(lambda: _run(place, ["-m", "benchmarks.noop", folder]))

    repeats = max(place.repeats // 2, 1)
    floor(), run()
    yield Line(
        "daily",
        "`jstock daily`, whole process, a morning not yet decided",
        median(run() for _ in range(repeats)),
        "a notebook that imports pandas and matplotlib, run and converted alike",
        median(floor() for _ in range(repeats)),
        aim_ratio=2,
    )


def wide(place: Place) -> Iterator[Line]:
    """4,000 stocks: all entries' scores, and a backtest; each in a process of its own, for its peak."""
    words = [str(place.root), place.now]
    found = json.loads(_run(place, ["-m", "benchmarks.wide", "scan", *words]))
    yield Line(
        "wide",
        f"{found['stocks']} stocks x {found['sessions']} sessions, features and the scores of five entries",
        found["seconds"],
        f"writing the {found['gigabytes']:.1f} GB of features once",
        found["floor"],
        aim=4.0,
        note=f"peak {found['peak']:.1f} GB, aim < 3",
    )
    found = json.loads(_run(place, ["-m", "benchmarks.wide", "backtest", *words]))
    yield Line(
        "market",
        f"one group on {found['stocks']} stocks x {found['sessions']} sessions, {found['orders']} orders, "
        "features included",
        found["seconds"],
        "every feature, also those that the group does not read",
        found["floor"],
        aim=8.0,
        note=f"peak {found['peak']:.1f} GB, aim < 2",
    )


def journal(place: Place) -> Iterator[Line]:
    """10,000 trades folded and read back, and a day's events appended with fsync."""
    yield from ledger.lines(place)


def history(place: Place) -> Iterator[Line]:
    """Commands after many years."""
    yield from years.lines(place, lambda given: _run(place, given, ends=(0, ExitStatus.DEGRADED)))


def store(place: Place) -> Iterator[Line]:
    """The store of a whole market."""
    yield from stored.stored(place.folder / "stored", place.repeats)


def mornings(place: Place) -> Iterator[Line]:
    """The list of all mornings after four years."""
    yield from listed.mornings(place.folder / "mornings", place.repeats, place.size(listed.RUNS))


BENCHMARKS: Mapping[str, Benchmark] = {
    "features": features,
    "backtest": portfolio,
    "pairs": pairs,
    "sweep": sweeps,
    "prepare": prepare,
    "daily": daily,
    "peers": peers,
    "wide": wide,
    "store": store,
    "journal": journal,
    "years": history,
    "mornings": mornings,
}


def _clock(place: Place) -> list[str]:
    return ["--now", place.now] if place.now else []


def _process(place: Place, arguments: list[str]) -> float:
    return typical(lambda: _run(place, arguments), place.repeats)


def _run(place: Place, arguments: list[str], ends: Collection[int] = (0,)) -> str:
    """The output of a process of Python that ends with one of these statuses."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=dict(place.environment),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in ends:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout
