"""The shapes that other programs read."""

from __future__ import annotations

import json

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.views.views import (
    production_state,
    trade_history,
    write_json,
)
from tests.state.events import buy, deposit, order, sell


def test_production_state_lists_every_lot():
    opened = order("BUY", 100, 1)
    book = replay([deposit(), opened, buy(100, 3000, 1, order=opened), buy(100, "3100.5", 2)])
    assert production_state(
        book, {("core", "7203"): 3200.0}, "2026-01-07T07:00:00+09:00", {"core": "Core"}
    ) == {
        "last_updated": "2026-01-07T07:00:00+09:00",
        "strategy_groups": [
            {
                "id": "core",
                "name": "Core",
                "initial_capital": 10_000_000,
                "cash": 9_389_950,
                "positions": [
                    {
                        "ticker": "7203",
                        "quantity": 100,
                        "entry_price": 3000.0,
                        "entry_date": "2026-01-06",
                        "entry_score": 70.0,
                        "peak_price": 3200.0,
                    },
                    {
                        "ticker": "7203",
                        "quantity": 100,
                        "entry_price": 3100.5,
                        "entry_date": "2026-01-07",
                        "entry_score": None,
                        "peak_price": 3200.0,
                    },
                ],
            }
        ],
    }


def test_an_empty_group_with_no_cash_is_still_there():
    book = replay([deposit(300_000), buy(100, 3000)])
    (group,) = production_state(book, {}, "now", {})["strategy_groups"]
    assert group["cash"] == 0
    assert group["name"] == "core"


def test_trade_history_says_why():
    opened = order("BUY", 100, 1)
    closing = order(
        "SELL", 100, 5, score=41.5, layer="stop_loss", reason="-8.2 % against entry", fraction_pct=100
    )
    facts = [
        deposit(),
        opened,
        buy(100, 3000, 1, order=opened),
        closing,
        sell(100, "2750.5", 5, order=closing),
    ]
    assert trade_history(facts) == {
        "trades": [
            {
                "date": "2026-01-06",
                "group_id": "core",
                "ticker": "7203",
                "action": "BUY",
                "quantity": 100,
                "price": 3000.0,
                "total_jpy": 300_000,
                "entry_score": 70.0,
            },
            {
                "date": "2026-01-10",
                "group_id": "core",
                "ticker": "7203",
                "action": "SELL",
                "quantity": 100,
                "price": 2750.5,
                "total_jpy": 275_050,
                "exit_reason": "-8.2 % against entry",
                "exit_score": 41.5,
            },
        ]
    }
    assert "entry_score" not in trade_history([deposit(), buy(100, 3000)])["trades"][0]


def test_a_view_is_written_for_people_and_as_a_whole(tmp_path):
    path = tmp_path / "view.json"
    write_json(path, {"name": "トヨタ", "cash": 0})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "トヨタ",\n  "cash": 0\n}\n'
    with pytest.raises(StateError):
        write_json(path, {"price": float("nan")})
    with pytest.raises(StateError):
        write_json(tmp_path / "missing" / "view.json", {})
    assert [file.name for file in tmp_path.iterdir()] == ["view.json"]
    assert json.loads(path.read_text(encoding="utf-8"))["cash"] == 0
