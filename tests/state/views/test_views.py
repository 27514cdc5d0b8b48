"""The shapes that other programs read."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from jstock_core.base.errors import StateError, WriteError
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Dividend, SplitApplied, Withdrawal
from jstock_core.state.views.views import (
    production_state,
    trade_history,
    write_json,
)
from tests.state.events import buy, cash_found, day, deposit, fee, order, sell


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
    trades = trade_history(facts, replay(facts))["trades"]
    assert trades == [
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
    bare = [deposit(), buy(100, 3000)]
    assert "entry_score" not in trade_history(bare, replay(bare))["trades"][0]


def test_cash_can_be_rebuilt_from_trade_history():
    """Fills, cash in lieu of fractions, and everything else that moved cash."""
    facts = [
        deposit(5_000_000),
        buy(155, 3000),
        sell(20, 3100, 2),
        Dividend(session=day(3), source="manual", group="core", code="7203", amount=1_234, reason="final"),
        fee(550, n=3),
        Withdrawal(session=day(3), source="manual", group="core", amount=100_000, reason="taxes"),
        SplitApplied(
            session=day(5), source="desk", code="7203", numerator=1, denominator=10,
            cash_in_lieu_price=Decimal(31_000),
        ),
        sell(3, 31_500, 5),
        cash_found(-77, 6),
    ]  # fmt: skip
    book = replay(facts)
    made = trade_history(facts, book)
    (found,) = made["splits"]
    assert (found["numerator"], found["denominator"]) == (1, 10)
    assert found["cash_in_lieu"] == [{"group_id": "core", "total_jpy": 15_500}]
    signed = sum(t["total_jpy"] * (1 if t["action"] == "SELL" else -1) for t in made["trades"])
    lieu = sum(paid["total_jpy"] for paid in found["cash_in_lieu"])
    assert signed + lieu + sum(entry["total_jpy"] for entry in made["cash"]) == book.group("core").cash


def test_a_view_is_written_for_people_and_as_a_whole(tmp_path):
    path = tmp_path / "view.json"
    write_json(path, {"name": "トヨタ", "cash": 0})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "トヨタ",\n  "cash": 0\n}\n'
    with pytest.raises(StateError):
        write_json(path, {"price": float("nan")})
    with pytest.raises(WriteError):
        write_json(path / "view.json", {})
    assert [file.name for file in tmp_path.iterdir()] == ["view.json"]
    assert json.loads(path.read_text(encoding="utf-8"))["cash"] == 0
