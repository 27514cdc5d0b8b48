"""`jstock trade prepare` on a desk with the names and reasons of a real market."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.cells import cell_len

from jstock_core.cli.trade.prepare import show_preparation
from jstock_core.desk.trading.preparation import Preparation

LONG = {"code": "7203", "name": "三菱UFJフィナンシャル・グループホールディングス"}
REASON = "capped at max_position_pct 30 % of equity: 一つの銘柄に許される割合を超える"


def prepared(group: str) -> Preparation:
    header = SimpleNamespace(
        simulated=False, intent="preview", trade_date="2026-01-21", evaluated="2026-01-20"
    )
    ticket = {"side": "SELL", "filled_by": "paper", "shares": 12_300, "estimate": 12_345_678, "outcome": ""}
    limits = {"lower": 11_234.5, "upper": 12_345.5}
    sell = {"action": "SELL_100%", "urgency": "high", "pnl": -12_345_678, "pnl_pct": -12.34}
    why = {"layer": "profit_protection", "reason": REASON}
    buy = {"score": 63.2, "price": 12_345.5, "shares": 0, "ordered": False, "why_not": REASON, "note": ""}
    actions = SimpleNamespace(
        header=header,
        alerts=(),
        execution=SimpleNamespace(
            standing=[SimpleNamespace(group=group, **LONG, **ticket, **limits)], broker=()
        ),
        sells=[SimpleNamespace(group=group, **LONG, **sell, **why)],
        buys=[SimpleNamespace(group=group, **LONG, **buy)],
    )
    return cast("Any", SimpleNamespace(actions=actions))


@pytest.mark.parametrize("group", ["conservative", "momentum_quality", "value_and_momentum_of_small_caps"])
def test_its_tables_fit_into_80_columns_with_long_names(
    group: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No figure is cut, no word of a reason is lost."""
    monkeypatch.setenv("COLUMNS", "80")
    show_preparation(prepared(group))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if cell_len(line) > 80] == []
    said = " ".join(lines)
    assert all(figure in said for figure in ("12,300", "¥12,345,678", "¥11,234.5", "¥12,345.5", "7203"))
    assert sum(line.count("…") for line in lines) == 3  # of the names
