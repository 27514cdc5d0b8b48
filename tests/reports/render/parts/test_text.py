from __future__ import annotations

import html
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base import words as text

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (text.yen(1_234_567), "¥1,234,567"),
        (text.yen(-1200), f"{MINUS}¥1,200"),
        (text.yen(0), "¥0"),
        (text.yen(None), "-"),
        (text.yen(float("nan")), "-"),
        (text.yen(-0.4), "¥0"),
        (text.signed_yen(1200), "+¥1,200"),
        (text.signed_yen(-1200), f"{MINUS}¥1,200"),
        (text.signed_yen(0), "¥0"),
        (text.signed_yen(None), "-"),
        (text.price(3120.0), "¥3,120"),
        (text.price(1234.5), "¥1,234.5"),
        (text.price(2618.0000001), "¥2,618"),
        (text.price(None), "-"),
        (text.price(float("inf")), "-"),
        (text.pct(1.2), "+1.2 %"),
        (text.pct(-8.0), f"{MINUS}8.0 %"),
        (text.pct(0.0), "0.0 %"),
        (text.pct(-0.04), "0.0 %"),
        (text.pct(0.04), "0.0 %"),
        (text.pct(0.123, 2), "+0.12 %"),
        (text.pct(None), "-"),
        (text.count(1200), "1,200"),
        (text.number(2345.678), "2,345.68"),
        (text.signed_number(12.344), "+12.34"),
        (text.day(date(2026, 1, 21)), "2026-01-21"),
        (text.day(None), "-"),
        (text.plural(0, "order"), "no orders"),
        (text.plural(1, "order"), "1 order"),
        (text.plural(2, "order"), "2 orders"),
    ],
)
def test_values_read_the_same_everywhere(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(("value", "expected"), [(1, "gain"), (-0.1, "loss"), (0, ""), (None, "")])
def test_the_tone_follows_the_sign(value: float | None, expected: str) -> None:
    assert text.tone(value) == expected


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("`x`", r"\`x\`"),
        ("<b>", r"\<b\>"),
        ("a\nb", "a b"),
        ("*a* _b_", r"\*a\* \_b\_"),
        ("stop_loss", "stop_loss"),
        ("P&L", "P&L"),
        ("&amp; &#60;", r"\&amp; \&#60;"),
        ("[a](b)", r"\[a\](b)"),
        ("a\\", "a\\\\"),
        ("~~a~~ $b$", r"\~\~a\~\~ \$b\$"),
        ("# a", "# a"),
    ],
)
def test_inside_a_line_nothing_is_markup(given_text: str, expected: str) -> None:
    assert text.escape_markdown(given_text) == expected


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("+¥1", r"\+¥1"),
        ("1. a", r"1\. a"),
        ("12) a", r"12\) a"),
        ("===", r"\==="),
        ("> a", r"\> a"),
        ("a # b", "a # b"),
        ("120 a", "120 a"),
    ],
)
def test_a_line_begins_no_block(given_text: str, expected: str) -> None:
    assert text.escape_markdown_line(given_text) == expected


@given(st.text())
def test_html_comes_back_as_it_went_in(given_text: str) -> None:
    shown = text.escape_html(given_text)
    assert "<" not in shown
    assert '"' not in shown
    assert html.unescape(shown) == " ".join(given_text.split())


@given(st.text())
def test_no_pipe_or_newline_escapes_a_markdown_cell(given_text: str) -> None:
    shown = text.escape_markdown(given_text)
    assert "\n" not in shown
    assert "|" not in shown.replace("\\\\", "").replace("\\|", "")


def test_full_width_letters_take_two_columns() -> None:
    assert text.terminal_width("トヨタ7203") == 10
    assert text.pad("トヨタ", 8, "left") == "トヨタ  "
    assert text.pad("トヨタ", 8, "right") == "  トヨタ"
    assert text.pad("トヨタ", 2, "left") == "トヨタ"


def test_long_names_are_shortened_by_columns() -> None:
    assert text.shorten("conservative", 12) == "conservative"
    assert text.shorten("conservative growth", 12) == "conservativ…"
    assert text.terminal_width(text.shorten("トヨタ自動車株式会社", 11)) <= 11
