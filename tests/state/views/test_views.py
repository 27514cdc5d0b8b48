"""The shapes that other programs read."""

from __future__ import annotations

import json

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, detailed
from jstock_core.state.views.views import (
    production_state,
    read_signals,
    signals_file,
    trade_history,
    write_json,
)
from tests.state.events import buy, day, deposit, order, sell

ROW = {
    "ticker": "7203",
    "signal_type": "BUY",
    "action": "BUY",
    "score": 70.0,
    "confidence": 0.7,
    "reason": "上昇トレンド",
    "strategy_name": "SimpleScorer",
    "current_price": 3000.0,
    "suggested_qty": 100,
    "breakdown": {"technical": 80},
}


def decided(*rows, group="core", n=1):
    return Decided(
        session=day(n), source="desk", group=group, evaluated=day(n - 1), status="complete",
        decided_at="2026-01-06T07:00:00+09:00", details=detailed(rows, (), {}),
    )  # fmt: skip


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


def test_a_signals_file_names_group_and_company_and_keeps_to_its_keys():
    file = signals_file([decided(ROW), decided(ROW, group="bold")], {"7203": "トヨタ自動車"})
    assert file["date"] == "2026-01-06"
    assert file["schema_version"] == 1
    assert [row["group_id"] for row in file["signals"]] == ["core", "bold"]
    assert list(file["signals"][0]) == [
        "group_id", "ticker", "ticker_name", "signal_type", "action", "score", "confidence", "reason",
        "strategy_name", "current_price", "suggested_qty",
    ]  # fmt: skip
    assert file["signals"][0]["ticker_name"] == "トヨタ自動車"


def test_a_signals_file_is_for_one_date_and_complete_rows():
    with pytest.raises(StateError, match="one trade date, got 2026-01-06, 2026-01-07"):
        signals_file([decided(ROW), decided(ROW, n=2)], {})
    with pytest.raises(StateError, match="has no score"):
        signals_file([decided({key: value for key, value in ROW.items() if key != "score"})], {})


@pytest.mark.parametrize(
    "form",
    [
        {"date": "2026-01-06", "signals": [{"group_id": "core", "ticker": "7203"}], "schema_version": 1},
        {"date": "2026-01-06", "signals": {"core": [{"ticker": "7203"}]}},
        [{"group_id": "core", "ticker": "7203"}],
    ],
)
def test_signals_are_read_in_three_forms(tmp_path, form):
    path = tmp_path / "signals_2026-01-06.json"
    path.write_text(json.dumps(form), encoding="utf-8")
    assert read_signals(path) == {
        "date": "2026-01-06",
        "signals": [{"group_id": "core", "ticker": "7203"}],
        "schema_version": 1,
    }


@pytest.mark.parametrize("text", ["", "{}", "7", '{"signals": {"core": 1}}', '{"signals": [1]}', "[[]]"])
def test_what_is_no_signals_file_is_an_error(tmp_path, text):
    path = tmp_path / "signals.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StateError):
        read_signals(path)
    with pytest.raises(StateError):
        read_signals(tmp_path / "missing.json")


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
