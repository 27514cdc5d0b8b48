"""What a turn changes: trades gained and lost, figures, orders."""

from __future__ import annotations

from datetime import date

from jstock_core.desk.lab.knobs.turn import compare_trades
from jstock_core.reports.model.turn import TurnTrade

DAYS = [date(2026, 1, day) for day in range(5, 10)]


def trade(code: str, day: int, gain: float = 1000, closed: date | None = None) -> TurnTrade:
    return TurnTrade(code=code, name="", opened=DAYS[day], closed=closed, gain=gain, gain_pct=1, layer="x")


def test_trades_are_matched_by_stock_and_day_of_purchase():
    desk = [trade("7203", 0), trade("7203", 1), trade("6758", 1, 500), trade("6501", 2)]
    variant = [trade("7203", 0), trade("7203", 2), trade("6758", 1, 700), trade("6501", 2, closed=DAYS[3])]
    found = compare_trades(desk, variant)
    assert [(t.code, t.opened) for t in found.gained] == [("7203", DAYS[2])]
    assert [(t.code, t.opened) for t in found.lost] == [("7203", DAYS[1])]
    assert [(one.gain, other.gain) for one, other in found.moved] == [(500, 700), (1000, 1000)]
    assert found.same == 1
    none = compare_trades(desk, desk)
    assert (none.gained, none.lost, none.moved, none.same) == ((), (), (), 4)
