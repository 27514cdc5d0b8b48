"""The cards at the broker say what to type there, and why."""

from __future__ import annotations

from html import unescape

from jstock_core.reports.model.placements import placements
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.orders import order_card, orders_section
from tests.reports.model.test_placements import crossing
from tests.reports.mornings import quiet, report

JAPANESE = Words("ja")


def card(shown: Report, code: str, words: Words = ENGLISH):
    (found,) = (placement for placement in placements(shown) if placement.code == code)
    return order_card(found, shown, words)


def test_a_card_says_what_a_broker_asks_for() -> None:
    buy = card(report(), "6758")
    assert (buy.side, buy.kind, buy.shares, buy.estimate) == (
        "BUY 買",
        "market on open 寄成",
        "300",
        "¥297,000",
    )
    assert buy.band == "¥840 – ¥1,140"
    assert buy.line == "6758 ソニーグループ BUY 買 300 shares market on open 寄成"
    assert (card(report(), "6758", JAPANESE).side, card(report(), "6758", JAPANESE).kind) == ("買", "寄成")


def test_a_reason_is_a_sentence_of_the_signal() -> None:
    ((group, side, shares, why),) = card(report(), "6758").parts
    assert (group, side, shares) == ("core", "BUY", "300")
    assert why == "Score 72.5 of 100: technical 80."
    ((_, _, _, why),) = card(report(), "9984").parts
    assert why == "Stop loss: below the stop. \N{MINUS SIGN}¥20,000 (\N{MINUS SIGN}2.4 %) since 2026-01-09."


def test_what_a_person_places_stands_before_what_is_filled_on_paper() -> None:
    html = orders_section(crossing(), ENGLISH).html
    assert html.index("7203") < html.index("On paper") < html.index("6758")
    assert html.count('class="copy"') == 2  # the ticket, and the command that records its fill
    assert "jstock trade record --date 2026-01-21" in html


def test_a_crossing_says_what_to_place_and_what_a_cash_account_may_refuse() -> None:
    html = unescape(orders_section(crossing(), ENGLISH).html)
    assert "100 shares change hands inside the desk." in html
    assert "差金決済" in html
    whole = unescape(orders_section(crossing(bought=200), ENGLISH).html)
    assert "nothing to place" in whole


def test_every_form_has_each_order() -> None:
    shown = orders_section(crossing(), ENGLISH)
    for text in (shown.markdown, shown.plain, shown.html):
        for part in ("7203", "6758", "SELL 売", "¥312,000"):
            assert part in text


def test_a_morning_without_orders_says_so() -> None:
    shown = orders_section(quiet(), ENGLISH)
    assert "No orders for Wed 2026-01-21." in shown.html
    assert "No orders for Wed 2026-01-21." in shown.markdown
