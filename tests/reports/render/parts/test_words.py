"""Words in both languages; English needs no catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.reports.render.parts.words import ENGLISH, LANGUAGES, Words, read_language

JAPANESE = Words("ja")


def test_english_is_what_the_code_says() -> None:
    assert ENGLISH("{n} orders", n=3) == "3 orders"
    assert ENGLISH("100 % {of it") == "100 % {of it"
    assert ENGLISH.layer("stop_loss") == "stop loss"
    assert ENGLISH.weekday(date(2026, 1, 21)) == "Wed 2026-01-21"
    assert ENGLISH.yen(-1234567) == "−¥1,234,567"


def test_japanese_is_what_the_catalogue_says() -> None:
    assert JAPANESE("Orders for {day}", day="2026-01-21") == "2026-01-21の注文"
    assert JAPANESE("investor flows") == "投資部門別売買", "a whole text of the core"
    assert JAPANESE("not in the catalogue, {n}", n=3) == "not in the catalogue, 3"
    assert JAPANESE.layer("stop_loss") == "損切り"
    assert JAPANESE.layer("my_layer") == "my layer"
    assert JAPANESE.rule("SimpleScorer") == "総合スコア"
    assert JAPANESE.rule("MyScorer") == "MyScorer"
    assert JAPANESE.side("BUY") == "買"
    assert JAPANESE.sentence("opening market") == "寄成"
    assert JAPANESE.sentence("7203 is blocked: my reason") == "7203は保留：my reason"


def test_an_amount_has_its_form() -> None:
    assert ENGLISH.plural(1, "{n} order", "{n} orders") == "1 order"
    assert ENGLISH.plural(1200, "{n} order", "{n} orders") == "1,200 orders"


def test_actions_are_said_as_what_is_done() -> None:
    assert ENGLISH.action("SELL_50%") == "Sell half"
    assert JAPANESE.action("SELL_50%") == "半分を売却"
    assert (ENGLISH.action("BUY"), JAPANESE.action("BUY")) == ("BUY", "買")


def test_sectors_are_said_in_the_language() -> None:
    assert (ENGLISH.sector("電気機器"), JAPANESE.sector("電気機器")) == ("Electric Appliances", "電気機器")


def test_days_and_numbers_have_the_form_of_the_language() -> None:
    assert JAPANESE.weekday(date(2026, 1, 21)) == "2026-01-21（水）"
    assert JAPANESE.day(date(2026, 1, 21)) == "2026-01-21"
    assert (ENGLISH.pct(1.25), JAPANESE.pct(-1.25)) == ("+1.2 %", "−1.2%")
    assert JAPANESE.yen(1234567) == "¥1,234,567"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "-"),
        (999_999, "¥999,999"),
        (1_000_000, "100.0万円"),
        (8_234_567, "823.5万円"),
        (99_994_999, "9,999.5万円"),
        (99_999_999, "1億円"),
        (123_456_789, "1億2,346万円"),
        (-250_000_000_000, "−2,500億円"),
    ],
)
def test_large_amounts_are_rounded_for_a_headline(amount: float | None, shown: str) -> None:
    assert JAPANESE.round_yen(amount) == shown
    assert ENGLISH.round_yen(amount) == ENGLISH.yen(amount)


@pytest.mark.parametrize(
    ("thousand_yen", "english", "japanese"),
    [
        (None, "-", "-"),
        (float("nan"), "-", "-"),
        (123_456_789.0, "+¥123.5 bn", "+1,235億円"),
        (-1_234_567.0, "−¥1.2 bn", "−12.3億円"),
        (0.0, "¥0.0 bn", "0.0億円"),
    ],
)
def test_flows_are_said_in_billions_or_oku(thousand_yen: float | None, english: str, japanese: str) -> None:
    assert ENGLISH.flow(thousand_yen) == english
    assert JAPANESE.flow(thousand_yen) == japanese


def test_a_language_is_known_by_its_code() -> None:
    assert [read_language(code) for code in LANGUAGES] == ["en", "ja"]
    with pytest.raises(UsageError, match='"jp" is not a language of reports'):
        read_language("jp")
