"""Groups with every kind of rule, and real bars where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.decide.groups import Group, make_group

REAL = Path(__file__).parents[2].parent / "shared" / "real"
needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason="no real bars beside this checkout (../shared/real)"
)

REAL_DESK = {"market": REAL, "now": "2025-12-01T07:00", "ready": "fetched"}
"""A new desk on real bars: 32 stocks, January 2021 to November 2025."""


SCORER = {"use": "SimpleScorer", "buy_threshold": 65}
WORLD = {
    "turns": {
        "entry": {"use": "MACDCrossover"}, "exit": {"use": "ADXTrendExhaustion"},
        "sizing": {"use": "atr_risk"}, "ranking": {"by": "composite"},
    },
    "clouds": {
        "entry": {"use": "IchimokuStoch"}, "exit": {"use": "BollingerDynamicExit"},
        "sizing": {"use": "equal_weight", "max_positions": 8}, "fills": "signal_price",
    },
    "bands": {
        "entry": {"use": "BollingerSqueeze", "min_confidence": 0.5},
        "exit": [
            {"layer": "stop_loss", "loss_pct": 6},
            {"layer": "take_profit", "gain_pct": 8, "sell_pct": 25},
        ],
        "sizing": {"use": "equal_weight", "max_position_pct": 20}, "reuse_sales": True,
    },
    "decay": {
        "entry": SCORER, "exit": {"use": "ScoreBasedExit"}, "min_score": 68,
        "sizing": {"use": "equal_weight"}, "ranking": {"by": "confidence_weighted", "ties": ["momentum_20"]},
    },
}  # fmt: skip


def more_groups() -> tuple[Group, ...]:
    """Groups beside the two that ship with jstock, so that every entry, exit and policy has a part."""
    shared = {"initial_capital": 4_000_000}
    return tuple(make_group(k, {"name": k} | shared | v, where=k) for k, v in WORLD.items())
