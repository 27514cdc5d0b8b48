"""Sentences of the core in Japanese: whole or in parts, with every number and code as it was."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.reports.language.catalogue import read_catalogue
from jstock_core.reports.language.sentences import LONGEST, Sentences

JAPANESE = read_catalogue("ja").sentences
TOKEN = re.compile(r"[0-9][0-9A-Z.,:-]*[0-9A-Z]|[0-9]")


def numbers(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text))


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("7203 is blocked: a price is zero or below", "7203は保留：値段がゼロ以下"),
        (
            "stop_loss: close 2,700 is -10.00 % against the entry 3,000 (limit -8 %)",
            "損切り：終値2,700は買値3,000に対し-10.00%（基準-8%）",
        ),
        (
            "close 1,234 (2 sessions old) is under 1,300, 2 ATR under the entry 1,400",
            "終値1,234（2営業日前）が買値1,400からATRの2倍下の1,300を割り込む",
        ),
        (
            "technical 75 (not above EMA20, RSI 60), institutional 35 (foreigners did not buy)",
            "テクニカル75（EMA20の上にない、RSI 60）、需給35（外国人の買いなし）",
        ),
        ("below EMA200 AND MACD death cross", "EMA200を下回る、かつMACDデッドクロス"),
        (
            "filter sector_cap: 2 of 2 positions in sector 鉄鋼; protection drawdown: the ATR is not known",
            "フィルター「業種の上限」：業種「鉄鋼」の保有が2枠中2。保護ルール「ドローダウン」：ATRが不明",
        ),
        ("core: no entries today, entries stopped: TOPIX is late (there is none)",
         "core：本日の新規買いなし、新規買い停止：TOPIXが遅れている（データなし）"),
    ],
)  # fmt: skip
def test_a_sentence_is_shown_in_japanese(english: str, japanese: str) -> None:
    assert JAPANESE.show(english) == japanese


def test_what_is_not_known_stays_english() -> None:
    text = "my_rule: the moon is full, and 3 ravens fly over 7203 (twice; at least)"
    assert JAPANESE.show(text) == text
    assert not JAPANESE.knows(text)
    assert JAPANESE.show(f"7203 is blocked: {text}") == f"7203は保留：{text}"


def test_what_is_kept_is_not_translated() -> None:
    """The id of a group may be a word of the catalogue."""
    shown = JAPANESE.show("data: no entries today, TOPIX is known for 3 of 5 sessions")
    assert shown == "data：本日の新規買いなし、TOPIXは5営業日中3営業日分しか分からない"


def test_the_pattern_with_most_letters_is_meant() -> None:
    sentences = Sentences.of({"{what} is late": "{what}L", "the {what} is very late": "V{what}"})
    assert sentences.show("the bus is very late") == "Vbus"
    assert sentences.show("the bus is late") == "the busL"


def test_a_pattern_without_a_word_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="no word to find the sentence by"):
        Sentences.of({"{n}: {what}": "x"})


# --- nothing but words changes --------------------------------------------------------------------------

VALUES = {
    "n": st.integers(-(10**9), 10**9).map(lambda n: f"{n:,}") | st.floats(-99, 99).map(lambda x: f"{x:.2f}"),
    "code": st.from_regex(r"[1-9][0-9A-D][0-9][0-9A-Z]", fullmatch=True),
    "day": st.dates().map(str),
    "time": st.just("08:50"),
    "side": st.sampled_from(["BUY", "SELL"]),
    "group": st.sampled_from(["core", "alpha-2"]),
    "word": st.sampled_from(["stop_loss", "my_rule_2"]),
}
PATTERNS = [pattern for found in JAPANESE.patterns.values() for pattern in found]
WHOLE = sorted(JAPANESE.whole)


@st.composite
def sentences(draw: st.DrawFn, depth: int = 0) -> str:
    if depth > 2 or draw(st.booleans()):
        return draw(st.sampled_from(WHOLE) | st.text(max_size=20) | st.from_regex(r"[A-Z]+ [0-9]{1,4}"))
    pattern = draw(st.sampled_from(PATTERNS))
    text = pattern.literals[0]
    for place, literal in zip(pattern.places, pattern.literals[1:], strict=True):
        text += draw(VALUES.get(place.rstrip("0123456789"), sentences(depth + 1))) + literal
    return text


@given(sentences() | st.lists(sentences(), min_size=2, max_size=3).map("; ".join))
def test_no_number_and_no_code_is_changed(text: str) -> None:
    digits = re.compile(r"\d")
    assert Counter(digits.findall(JAPANESE.show(text))) == Counter(digits.findall(text))


@given(st.sampled_from(PATTERNS), st.data())
def test_every_pattern_shows_what_it_was_made_for(pattern: object, data: st.DataObject) -> None:
    text = pattern.literals[0]
    for place, literal in zip(pattern.places, pattern.literals[1:], strict=True):
        text += data.draw(VALUES.get(place.rstrip("0123456789"), st.just("ravens"))) + literal
    assert JAPANESE.knows(text)
    assert numbers(JAPANESE.show(text)) == numbers(text)


# --- it is fast, whatever it is given -------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    ["a: ", "; ", "(", "`", "score 1: ", "7203 is blocked: ", " is under ", "x, ", "a (b), ", "1 of 2 buy: ",
     "{n} {code} ", "technical 1 (neutral: ", "7203 is blocked: x; ", "x; score 1: ", "score 1: a; b (",
     "shadow: score 1: x; ", "entry: score 1 against 2; x (", "core: the exit of 7203 is unknown: "],
)  # fmt: skip
def test_a_hostile_text_takes_no_time(unit: str) -> None:
    """No walk through a text goes back, so a long one costs little more than a short one."""
    text = unit * (LONGEST // len(unit))
    began = time.process_time()
    JAPANESE.show(text)
    assert time.process_time() - began < 0.5


def test_a_text_of_unusual_length_stays_english() -> None:
    text = "7203 is blocked: " + "x" * LONGEST
    assert JAPANESE.show(text) == text


def test_a_report_of_many_sentences_takes_little_time() -> None:
    texts = [
        text.replace("7203", str(1000 + n))
        for n in range(60)
        for text in (
            "7203 is blocked: a price lies beyond every limit the session can have had",
            "score 71: technical 80, institutional 50 (neutral), earnings in 3 calendar days x 0.8 7203",
            "close 7203 is under 1,300, 2 ATR under the entry 1,400",
            "technical 75 (not above EMA20, RSI 60), institutional 35 (foreigners did not buy), 7203",
            "core: the exit of 7203 is unknown: hard_stop raised KeyError: 3",
        )
    ]
    began = time.process_time()
    for text in texts:
        JAPANESE.show(text)
    assert time.process_time() - began < 0.15  # some 0.01 s; the bound is for slow machines
