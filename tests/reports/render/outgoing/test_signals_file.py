from __future__ import annotations

from jstock_core.reports.render.outgoing.signals_file import signals_json
from tests.reports.mornings import T, decided, report, unknown_signal


def test_signals_have_the_shape_other_programs_read() -> None:
    made = signals_json(report())
    assert (made["date"], made["schema_version"], made["simulated"]) == ("2026-01-21", 1, True)
    skipped, bought, sold = made["signals"]
    required = {
        "group_id",
        "ticker",
        "ticker_name",
        "signal_type",
        "action",
        "score",
        "confidence",
        "reason",
        "strategy_name",
        "current_price",
    }
    assert set(skipped) == required
    assert set(bought) == required | {"suggested_qty", "required_capital"}
    assert set(sold) == required | {
        "position_qty",
        "entry_price",
        "entry_date",
        "holding_days",
        "unrealized_pl_pct",
    }
    assert (bought["suggested_qty"], bought["required_capital"], bought["signal_type"]) == (
        300,
        297_000,
        "BUY",
    )
    assert (sold["signal_type"], sold["action"], sold["position_qty"], sold["entry_date"]) == (
        "SELL",
        "SELL_100%",
        100,
        "2026-01-09",
    )


def test_an_unknown_exit_is_not_passed_off_as_a_sell() -> None:
    made = signals_json(report([decided("alpha", T, unknown_signal("9984")), decided("core", T)]))
    assert [row["signal_type"] for row in made["signals"]] == ["EXIT_UNKNOWN"]
