"""The section "Positions": cards on the page, a table elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.reports.model.money.portfolio import ExpectedDividend
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.words import Words
from tests.reports.mornings import (
    BEGAN,
    D,
    T,
    closes,
    decided,
    fill,
    history,
    panel,
    quiet,
    report,
    sell_signal,
    unknown_signal,
)


def shown(made: Report | None = None, words: Words | None = None):
    return MorningPage(made or report(), words or Words()).positions


def test_a_card_a_position_the_most_endangered_first() -> None:
    html = shown().html
    assert html.count('<details class="position') == 2
    assert html.index("9984") < html.index("トヨタ自動車"), "it sells"


def test_a_card_says_gain_day_and_stop() -> None:
    html = " ".join(shown().html.split())
    for said in (
        "<b>+¥24,000</b> +4.0 %", "+¥24,000 +4.0 %</span></span>", "trailing stop ¥3,064.3",
        "−1.8 %, −2.0 ATR", "200 shares", 'class="chip note">near',
    ):  # fmt: skip
        assert said in html
    assert html.count('class="drawing spark"') == 2
    assert html.count('class="drawing bar"') == 2


def test_what_opens_has_levels_lots_and_what_else_watches() -> None:
    html = " ".join(shown().html.split())
    for said in (
        "¥2,760", "−11.5 %", "take profit", "+10.6 %", "2026-01-05", "10 sessions",
        "Without a price: trend breakdown, deterioration, weakness, time review", "Highest close",
    ):  # fmt: skip
        assert said in html


def test_the_table_repeats_no_detail() -> None:
    rows = shown().markdown.splitlines()
    assert rows[0] == "## Positions"
    assert [row.split(" ")[1] for row in rows[4:]] == ["9984", "7203", "**Total**"]
    assert "take profit" not in shown().markdown
    assert "+¥4,000 (+0.3 %)" in rows[6]


@pytest.mark.parametrize(
    ("signal", "chip"),
    [
        (sell_signal("9984"), 'class="chip sell">Sell all'),
        (unknown_signal("9984"), 'class="chip alert">Exit unknown'),
    ],
)
def test_a_signal_is_the_word_on_the_card(signal, chip) -> None:
    html = shown(report(events=(*history(()), decided("alpha", T, signal), decided("core", T)))).html
    assert chip in html
    assert html.index(chip) < html.index("トヨタ自動車")


def test_a_broken_stop_is_told_as_such() -> None:
    prices = closes()
    prices[-1, 1] = 2_700.0
    html = shown(report(market=panel(prices))).html
    assert "sells today" in html
    assert "c-fill broken" in html
    assert 'class="alert">fires' in html


def test_without_a_price_it_stands_at_its_cost() -> None:
    events = (*history(()), fill("core", "1111", "BUY", 100, "500", D), decided("core", T))
    html = shown(report(events=events)).html
    assert 'class="chip alert">No price' in html
    assert "no price protects it" in html


def test_a_curve_leaves_out_levels_that_would_flatten_it() -> None:
    """At 3,120 with closes from 3,000: the stop loss of a cheap purchase lies far below."""
    events = (
        *history(())[:5], fill("core", "7203", "BUY", 100, "1000", BEGAN),
        decided("core", T), decided("alpha", T),
    )  # fmt: skip
    html = shown(report(events=events)).html
    spark = html[html.index("drawing spark") : html.index("drawing bar")]
    assert "c-peak" in spark
    assert "c-entry" not in spark


def test_gaps_stay_gaps() -> None:
    prices = closes()
    prices[10:20, 1] = np.nan
    assert shown(report(market=panel(prices))).html.count('class="c-spark"') == 2


def test_dividends_that_are_expected_are_told_apart() -> None:
    made = report()
    expected = ExpectedDividend(
        group="core", code="7203", name="トヨタ自動車", shares=200, rate=45.0, amount=7_172, ex_date=D,
        pay_date=None, is_decided=True, note="",
    )  # fmt: skip
    found = shown(replace(made, portfolio=replace(made.portfolio, expected=(expected,))))
    said = "7203 トヨタ自動車: ¥7,172 expected, not in equity (200 shares at ¥45, ex 2026-01-20, paid -)"
    assert said in found.plain


def test_nothing_is_held() -> None:
    assert shown(quiet()).markdown == "## Positions\n\nNo positions"


def test_it_is_all_japanese_but_names_and_codes() -> None:
    found = shown(words=Words("ja", "red"))
    for word in (
        "保有銘柄",
        "含み損益",
        "前日比",
        "トレーリング・ストップ",
        "接近",
        "取得単価",
        "待機",
        "200株",
    ):
        assert word in found.html
    for word in ("shares", "stop", "near", "Value", "stands", "sessions"):
        assert word not in found.plain
        assert f">{word}" not in found.html
