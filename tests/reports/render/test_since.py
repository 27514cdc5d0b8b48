"""The section "Since yesterday": what a reader finds in it, in each form and language."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from jstock_core.reports.model.decisions.since import PartChange, SignalChange
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.rows import FactBlock, FactFold, FactRow, fact_blocks, fold_rest
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.testing import EarningsDate, with_facts
from tests.reports.mornings import EVIL, D, T, buy_signal, decided, fill, history, panel, quiet, report

JAPANESE = Words("ja", "red")


class Rows(HTMLParser):
    """The text of each row of a block, by the heading of the block, spaces folded."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: dict[str, list[str]] = {}
        self._heading, self._within = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag in ("h3", "li"):
            self._within = tag
            self.blocks.setdefault(self._heading, []).append("") if tag == "li" else None
            self._heading = "" if tag == "h3" else self._heading

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h3", "li"):
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "h3":
            self._heading += data
        elif self._within == "li":
            row = f"{self.blocks[self._heading][-1]} {data}"
            self.blocks[self._heading][-1] = " ".join(row.split())


def blocks(made: Report, words: Words = ENGLISH) -> dict[str, list[str]]:
    return Rows(MorningPage(made, words).since.html).blocks


def test_the_span_and_the_gap_are_said() -> None:
    shown = MorningPage(report()).since.plain
    assert "Since the decision for Mon 2026-01-19, taken on the close of 2026-01-16." in shown
    assert "No decision was made for 2026-01-20." in shown


def test_what_came_of_orders() -> None:
    sale, purchase = blocks(report())["Orders: what came of them"]
    assert sale == (
        "filled 6758 ソニーグループ gain +¥6,000 SELL 300 shares at ¥1,020 "
        "alpha, expected ¥1,000: +2.00 %, +¥6,000"
    )
    assert purchase == "not filled 7203 トヨタ自動車 BUY 100 shares alpha, no trade in 7203"
    assert "1 of 2 filled, +¥6,000 against what was expected" in MorningPage(report()).since.plain


def test_stops_that_fire_or_came_near_and_levels_that_moved() -> None:
    fires, near, moved = blocks(report())["Stops and other triggers"]
    assert fires.startswith("still fires 9984")
    assert fires.endswith("Sell all trailing stop ¥8,160 alpha, close ¥8,000")
    assert near == (
        "near 7203 トヨタ自動車 trailing stop ¥3,064.3, −1.8 %, −2.0 ATR "
        "core, close ¥3,000 → ¥3,120, traded ¥2,990 to ¥3,130"
    )
    assert moved == "7203 トヨタ自動車 +3.52 % trailing stop ¥2,960 → ¥3,064.3"
    shown = MorningPage(report()).since
    assert "1 level moved" in shown.html
    assert "→ ¥3,064" not in shown.markdown, "what only moved is not repeated there"


def test_cash_is_explained() -> None:
    assert blocks(report())["Cash"] == ["alpha: ¥1,880,000 → ¥2,186,000 +¥306,000 sales +¥306,000"]


def turn(**more) -> Report:
    facts = {
        "group": "core", "code": "6758", "name": "ソニーグループ", "turn": "gone", "then": "BUY", "now": "",
        "score_then": 70.0, "score_now": 61.5, "parts": (), "cause": "opinion", "layer": "", "reason": "",
        "ordered": False,
    }  # fmt: skip
    made = report()
    return replace(made, since=replace(made.since, signals=(SignalChange(**facts | more),)))


@pytest.mark.parametrize(
    ("more", "row"),
    [
        ({}, "gone 6758 ソニーグループ 70.0 → 61.5 core, BUY"),
        ({"cause": "bought", "score_now": None}, "gone 6758 ソニーグループ core, BUY, bought since"),
        (
            {"turn": "new", "then": "", "now": "BUY", "score_then": 61.5, "score_now": 70.0},
            "new 6758 ソニーグループ 61.5 → 70.0 core, BUY, not ordered",
        ),
        (
            {
                "turn": "changed", "then": "SELL_50%", "now": "SELL_100%", "layer": "stop_loss",
                "reason": "no layer fired", "score_now": 70.0,
            },
            "changed 6758 ソニーグループ stop loss: no layer fired core, Sell half → Sell all",
        ),
    ],
)  # fmt: skip
def test_signals_that_turned(more, row) -> None:
    assert blocks(turn(**more))["Signals: new and gone"] == [row]


def test_what_several_groups_say_of_a_stock_is_one_row() -> None:
    part = PartChange(
        name="technical", kind="score", then=70.0, now=60.0, points=-4.0, detail_then="", detail_now=""
    )
    made = turn(parts=(part,))
    (own,) = made.since.signals
    other = replace(own, group="alpha", score_now=66.0, parts=(replace(part, points=-3.5),))
    both = replace(made, since=replace(made.since, signals=(own, other)))
    assert blocks(both)["Signals: new and gone"] == [
        "gone 6758 ソニーグループ BUY, core 70.0 → 61.5, alpha 70.0 → 66.0, technical 70 → 60"
    ]
    sold = replace(made, since=replace(made.since, signals=(own, replace(other, cause="sold"))))
    assert len(blocks(sold)["Signals: new and gone"]) == 2


def test_what_lies_ahead() -> None:
    market = with_facts(panel(), EarningsDate("7203", "2026-01-22", "2026-01-10T12:00"))
    assert blocks(report(market=market))["Ahead, to 2026-02-03"] == [
        "01-22 7203 トヨタ自動車 earnings, in 1 session core"
    ]


def test_a_first_morning_says_so() -> None:
    shown = MorningPage(quiet()).since.plain
    assert "This is the first morning: nothing came before it." in shown
    assert "Nothing happened." not in shown


def test_a_morning_without_news_says_so() -> None:
    made = quiet()
    nothing = replace(made.since, before=D, evaluated=D)
    assert "Nothing happened." in MorningPage(replace(made, since=nothing)).since.plain


def test_names_from_outside_are_no_markup() -> None:
    events = (
        *history(()),
        fill("core", "9984", "BUY", 100, "8000", D),
        decided("core", T, buy_signal("9984")),
    )
    shown = MorningPage(report(events=events)).since
    assert EVIL.split()[0] not in shown.html
    assert "&lt;script&gt;" in shown.html
    assert "\\<script" in shown.markdown


def test_it_is_all_japanese_but_names_and_codes() -> None:
    shown = MorningPage(turn(cause="sold", then="SELL_100%"), JAPANESE).since.plain
    for word in ("注文の結果", "約定 6758", "想定¥1,000", "消滅", "全株売却", "その後売却", "接近", "現金"):
        assert word in shown
    for word in ("filled", "expected", "gone", "near", "Cash", "close "):
        assert word not in shown


def test_codes_with_an_explanation_lead_to_it() -> None:
    made = report()
    explained = set(made.explanations.by_code)
    shown = MorningPage(made).since.html
    assert {code for code in ("6758", "7203") if f'href="#stock-{code}"' in shown} == explained & {
        "6758",
        "7203",
    }


# Rows and blocks


def test_more_than_eight_rows_open() -> None:
    rows = [FactRow(f"row {n}") for n in range(12)]
    shown, folds = fold_rest(rows, ENGLISH)
    assert (len(shown), [fold.title for fold in folds], len(folds[0].rows)) == (8, ["4 more"], 4)
    assert fold_rest(rows[:9], ENGLISH) == (rows[:9], [])
    made = fact_blocks([FactBlock("Title", shown, folds=folds)], ENGLISH)
    assert made.html.count("<li>") == 12
    assert "<details>" in made.html
    assert made.markdown.count("- row") == 12


def test_a_fold_may_be_for_the_page_only() -> None:
    block = FactBlock("Title", [], folds=[FactFold("moved", [FactRow("a level")], only_on_page=True)])
    made = fact_blocks([block], ENGLISH)
    assert "a level" in made.html
    assert "a level" not in made.markdown + made.plain


def test_blocks_without_rows_are_left_out() -> None:
    assert fact_blocks([FactBlock("Title", [])], ENGLISH).html == ""
