"""4,000 stocks, made from the market of a workspace: scanned by five entries, or backtested; prints JSON.

Copies keep bars, splits and statements of the stock they were made from, under codes of their own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np

from benchmarks.timing import peak, timed
from jstock_core.decide import Conditions, trusted_features
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.research.scan import Scan, scan
from jstock_core.signals.features.features import Features
from jstock_core.signals.library.make import make_entry

STOCKS = 4000
NAMES = ("SimpleScorer", "EnhancedScorer", "MACDCrossover", "BollingerSqueeze", "IchimokuStoch")
FEATURES = 33
"""Arrays that the features of a panel are, if all are kept."""


def main(what: str, root: str, now: str) -> None:
    desk = open_desk(root, now=now)
    panel = tiled(desk.panel())
    print(json.dumps(scanned(panel) if what == "scan" else backtested(panel, desk)))


def backtested(panel: Panel, desk: Desk) -> dict[str, Any]:
    """The first group over all sessions, with the features that it reads."""
    conditions = Conditions(panel.codes, costs=desk.settings.costs)
    first, last = panel.session(1), panel.session(len(panel.sessions) - 1)
    made: list[Backtest] = []
    seconds = timed(lambda: made.append(backtest(panel, desk.groups[:1], conditions, first, last)))
    return {
        "stocks": len(panel.listings),
        "sessions": len(panel.sessions),
        "seconds": seconds,
        "peak": peak(),
        "orders": len(made[0].orders),
        "floor": timed(lambda: every_feature(trusted_features(panel))),
    }


def every_feature(features: Features) -> Features:
    """The features, each of them worked out."""
    for name in features.values:
        features.rounded(name)
    return features


def scanned(panel: Panel) -> dict[str, Any]:
    """Features, and the scores of the five entries."""
    entries = {name: make_entry({"use": name}, where="benchmark") for name in NAMES}
    made: list[Scan] = []
    seconds = timed(
        lambda: made.append(scan(panel, entries, panel.session(1), panel.session(len(panel.sessions) - 1)))
    )
    highest = peak()
    return {
        "stocks": len(panel.listings),
        "sessions": len(panel.sessions),
        "seconds": seconds,
        "peak": highest,
        "floor": timed(lambda: [np.full(panel.close.shape, 1.0) for _ in range(FEATURES)]),
        "gigabytes": FEATURES * panel.close.nbytes / 1e9,
        "scores": sum(v.score.size for v in made[0].verdicts.values()),
    }


def tiled(panel: Panel) -> Panel:
    width = len(panel.listings)
    copies = -(-STOCKS // width)
    codes = np.array([f"{code}" for code in range(10_000 - copies * width, 10_000)])
    listings = tuple(replace(panel.listings[n % width], code=str(code)) for n, code in enumerate(codes))
    wide: dict[str, Any] = {
        field.name: np.tile(value, (1, copies))[:, :STOCKS]
        for field in fields(panel)
        if isinstance(value := getattr(panel, field.name), np.ndarray) and value.ndim == 2
    }
    column = {code: n for n, code in enumerate(panel.codes)}
    said = panel.statements
    rows = np.flatnonzero(np.isin(said.code, list(column)))
    own = np.array([column[code] for code in said.code[rows].tolist()])
    several = said.take(np.repeat(rows, copies))
    renamed = codes[(own[:, None] + width * np.arange(copies)).ravel()]
    return replace(panel, listings=listings[:STOCKS], statements=replace(several, code=renamed), **wide)


if __name__ == "__main__":
    main(*sys.argv[1:4])
