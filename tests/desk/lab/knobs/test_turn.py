"""What a turn changes: trades gained and lost, figures, orders."""

from __future__ import annotations

from datetime import date

from jstock_core.desk.lab.knobs.turn import compare_trades
from jstock_core.reports.model.lab.turn import TurnTrade, TurnTrades
from jstock_core.reports.render.lab.turn import effect_words

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


def test_the_effects_of_all_kinds_add_up_as_they_are_shown():
    """A trade that the variant does not make takes its gain away; a gain in fractions of a yen is rounded."""
    gained, lost = [trade("7203", 0, 704_070.4)], [trade("6758", 1, 400_000.4), trade("6501", 1, -63_460.4)]
    moved = [(trade("1301", 2, 100_000.0), trade("1301", 2, -54_820.4))]
    found = TurnTrades(gained=tuple(gained), lost=tuple(lost), moved=tuple(moved), same=3)
    assert effect_words(found) == (
        "1 gained (+¥704,070), 2 lost (−¥336,540), 1 with another exit or size"
        " (−¥154,820); their effect on the gain before fees +¥212,710"
    )
    assert effect_words(TurnTrades(gained=(), lost=(), moved=(), same=3)).endswith("before fees ¥0")
