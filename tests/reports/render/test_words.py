"""English words need no catalogue."""

from __future__ import annotations

from datetime import date

from jstock_core.reports.render.words import ENGLISH


def test_english_is_what_the_code_says() -> None:
    assert ENGLISH("{n} orders", n=3) == "3 orders"
    assert ENGLISH("100 % {of it") == "100 % {of it"
    assert ENGLISH.layer("stop_loss") == "stop loss"
    assert ENGLISH.weekday(date(2026, 1, 21)) == "Wed 2026-01-21"
    assert ENGLISH.yen(-1234567) == "−¥1,234,567"
