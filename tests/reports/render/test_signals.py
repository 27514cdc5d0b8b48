"""Signals, near misses, explanations and all stocks as people read them: links, numbers, words, hostility."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from jstock_core.explain.parts import Part
from jstock_core.reports.model.decisions.explained import Explanations
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.page import SECTIONS
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.buys import buys_section
from jstock_core.reports.render.sections.explanations import explanations_section
from jstock_core.reports.render.sections.near_misses import near_misses_section
from jstock_core.reports.render.sections.sells import sells_section
from jstock_core.reports.render.sections.stocks import stocks_section
from jstock_core.reports.render.stock.scores import legend_parts, score_view
from tests.reports.mornings import (
    CODES,
    EVIL,
    T,
    buy_signal,
    decided,
    deposit,
    panel,
    quiet,
    report,
    settled,
    unknown_signal,
)  # fmt: skip
from tests.reports.render.parts.test_tables import pipes

JAPANESE = Words("ja")
SHOWN = ("sells", "buys", "near_misses", "explanations", "stocks")


class Reader(HTMLParser):
    """What a page holds: its tags, links, targets with the folds that are around them, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.targets: dict[str, int] = {}
        self.open_folds = 0
        self.text = ""
        self._folds: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        if tag in ("details", "summary"):
            self._folds.append(tag)
            self.open_folds += "open" in given
        if tag == "a":
            self.links.append(given["href"])
        if "id" in given:
            self.targets[given["id"]] = 0 if "summary" in self._folds else self._folds.count("details")

    def handle_endtag(self, tag):
        if tag in ("details", "summary"):
            assert self._folds.pop() == tag

    def handle_data(self, data):
        self.text += data


def whole(made: Report, words: Words = ENGLISH) -> Reader:
    return Reader("\n".join(SECTIONS[name](made, words).html for name in SHOWN))


def hostile() -> Report:
    """Every name and every reason of a rule is hostile."""
    today = [
        decided("alpha", T, unknown_signal("9984")),
        decided(
            "core", T, buy_signal("6758", reason=EVIL), unknown_signal("7203")._replace(reason=EVIL),
            skipped=[("6758", "BUY", EVIL)],
        ),
    ]  # fmt: skip
    return report(today, market=panel(names=(EVIL, EVIL, EVIL)))


# Links


def test_every_link_leads_somewhere_and_every_stock_to_its_explanation() -> None:
    made = report()
    page = whole(made)
    stocks = {link for link in page.links if link.startswith("#stock-")}
    wanted = {line.code for line in (*made.portfolio.held, *made.execution.tickets, *made.near_misses)}
    wanted |= {signal.code for signal in (*made.buys, *made.sells)}
    assert {f"stock-{code}" for code in wanted} <= page.targets.keys()
    assert stocks == {f"#stock-{code}" for code in CODES}
    assert {link[1:] for link in stocks} <= page.targets.keys()
    assert set(page.links) - stocks == {"#top"}


def test_a_target_lies_inside_its_closed_fold_so_that_a_link_opens_it() -> None:
    page = whole(report())
    assert page.open_folds == 0
    assert all(depth >= 1 for target, depth in page.targets.items() if target.startswith("stock-"))


def test_a_stock_without_an_explanation_has_no_link() -> None:
    page = whole(replace(report(), explanations=Explanations()))
    assert page.links == []
    assert "6758" in page.text


def test_what_had_no_room_is_named() -> None:
    made = report()
    some = replace(made.explanations, stocks=made.explanations.stocks[:1], left_out=("7203",))
    page = whole(replace(made, explanations=some))
    assert "Not explained here, for want of room: 7203" in page.text
    assert "#stock-7203" not in page.links


# Hostile texts


@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_names_and_reasons_cannot_break_out(words: Words) -> None:
    made = hostile()
    page = whole(made, words)
    assert not page.tags & {"script", "iframe", "object", "img"}
    assert '<script>alert("x")</script>' in page.text
    assert all(link == "#top" or re.fullmatch("#stock-[0-9A-Z]+", link) for link in page.links)
    for name in SHOWN:
        shown = SECTIONS[name](made, words)
        assert not re.search(r"(?<!\\)<", shown.markdown), name
        assert "\n# e" not in shown.markdown
        for table in (part for part in shown.markdown.split("\n\n") if part.startswith("|")):
            assert len({len(row) for row in pipes(table)}) == 1, name


# Signals


def test_a_sell_says_why_how_much_and_what_it_means() -> None:
    text = " ".join(Reader(sells_section(report(), ENGLISH).html).text.split())
    assert "9984" in text
    assert "Sell all Stop loss: below the stop" in text
    assert "100 shares since 2026-01-09 at ¥8,200" in text
    assert "\N{MINUS SIGN}¥20,000 (\N{MINUS SIGN}2.4 %)" in text


def test_an_unknown_exit_is_an_alert() -> None:
    made = report([decided("alpha", T, unknown_signal("9984")), decided("core", T)])
    html = sells_section(made, ENGLISH).html
    assert '<span class="chip alert">Exit unknown</span>' in html
    assert "no atr at entry" in html


def test_buys_with_an_order_stand_before_those_without_which_are_folded_by_cause() -> None:
    html = buys_section(report(), ENGLISH).html
    ordered, rest = html.split('<details class="fold">')
    assert "6758" in ordered
    assert "9984" not in ordered
    assert "<b>300</b>" in ordered
    assert "¥297,000" in ordered
    assert "1 signal without an order: One unit costs more than the budget 1" in rest
    assert "one unit costs ¥800,000, over the budget" in rest


def test_one_reason_for_all_is_said_once_and_a_stock_of_two_groups_stands_once() -> None:
    full = "positions full (5)"
    made = report([
        decided("alpha", T, buy_signal("6758"), buy_signal("7203"),
                skipped=[("6758", "BUY", full), ("7203", "BUY", full)]),
        decided("core", T, buy_signal("6758"), skipped=[("6758", "BUY", full)]),
    ])  # fmt: skip
    html = buys_section(made, ENGLISH).html
    assert html.count(full) == 1
    assert html.count('<b class="code">6758</b>') == 1
    assert "alpha, core" in html
    assert "2 signals without an order: No free place in the group 2" in html


def test_where_groups_have_other_reasons_each_says_its_own() -> None:
    first, second = "cash: one unit may cost ¥1", "cash: one unit may cost ¥2"
    made = report([
        decided("alpha", T, buy_signal("6758"), skipped=[("6758", "BUY", first)]),
        decided("core", T, buy_signal("6758"), skipped=[("6758", "BUY", second)]),
    ])  # fmt: skip
    html = buys_section(made, ENGLISH).html
    assert f"alpha: {first}" in html
    assert f"core: {second}" in html


def test_sections_without_signals_say_so() -> None:
    calm = quiet()
    assert sells_section(calm, ENGLISH).markdown.endswith("No position is to be sold.")
    assert "No stock is a BUY." in buys_section(calm, ENGLISH).html
    nobody = report(groups=(), events=(settled(T), deposit("core", 1), decided("core", T)))
    assert "Nothing came close to a BUY." in near_misses_section(nobody, ENGLISH).html
    assert explanations_section(replace(calm, explanations=Explanations()), ENGLISH).html == ""


# Scores


def widths(bar: str) -> list[float]:
    return [float(w) for w in re.findall(r'c-part-\d"[^>]* width="([\d.]+)"', bar)]


def test_the_bar_of_a_score_is_as_long_as_the_score_with_the_penalty_of_earnings() -> None:
    parts = (
        Part(name="technical", kind="score", value=80.0, weight=0.5),
        Part(name="fundamental", kind="score", value=60.0, weight=0.5),
        Part(name="earnings", kind="x", value=0.8, detail="earnings in 3 calendar days"),
    )
    view = score_view(56.0, 65.0, parts, ENGLISH)
    assert widths(view.bar) == pytest.approx([1.2 * 32, 1.2 * 24], abs=0.11)
    assert (view.number, view.threshold) == ("56.0", "buys from 65")
    assert [part.name for part in view.parts] == ["Technical", "Fundamental", "Earnings"]
    assert view.parts[0].value == "80 \N{MULTIPLICATION SIGN} 0.5 = 40.0"


def test_steps_that_take_away_are_one_bar_of_the_score() -> None:
    parts = (Part(name="cross", kind="+", value=0.7), Part(name="trend", kind="+", value=-0.15))
    view = score_view(55.0, 60.0, parts, ENGLISH)
    assert widths(view.bar) == pytest.approx([66.0], abs=0.11)
    assert [part.value for part in view.parts] == ["+70", "\N{MINUS SIGN}15"]
    assert [part.number for part in view.parts] == [0, 0], "no colour stands for them"


def test_a_factor_that_changes_nothing_is_left_out() -> None:
    parts = (
        Part(name="technical", kind="score", value=80.0, weight=1.0),
        Part(name="earnings", kind="x", value=1.0),
    )
    assert len(score_view(80.0, None, parts, ENGLISH).parts) == 1


def test_entries_of_a_combination_show_their_own_thresholds() -> None:
    parts = (Part(name="SimpleScorer", kind="entry", value=70.0, threshold=60.0, buy=True),)
    [line] = score_view(50.0, None, parts, JAPANESE).parts
    assert (line.name, line.value) == ("総合スコア", "70.0 / 60")


def test_the_colours_are_named_once_where_they_mean_the_same() -> None:
    entry = report().explanations.stocks[0].explanation.groups[0].entry
    one = score_view(entry.score, entry.threshold, entry.parts, ENGLISH)
    steps = (Part(name="cross", kind="+", value=0.7), Part(name="volume", kind="+", value=0.1))
    other = score_view(80.0, None, steps, ENGLISH)
    assert [part.name for part in legend_parts([one, one])][:2] == ["Technical", "Institutional"]
    assert legend_parts([one, other]) == ()


# Explanations and all stocks


def test_an_explanation_begins_with_its_verdicts_and_holds_what_was_asked() -> None:
    html = explanations_section(report(), ENGLISH).html
    start = html.index('id="stock-9984"')
    part = html[start : html.index("</figure>", start)]
    assert part.index("Sell all") < part.index("<svg")
    text = html[start:].split('<details class="card stock">')[0]
    for expected in (
        "Stop loss",
        "When it is sold",
        "Score as a purchase",
        "On the way to an order",
        "alpha",
        "core",
    ):
        assert expected in text


def test_a_verdict_names_its_layer_in_words() -> None:
    """alpha's 9984 is sold by `stop_loss`."""
    html = explanations_section(report(), ENGLISH).html
    assert "<b>alpha</b> Stop loss: below the stop" in html
    assert "stop_loss" not in Reader(html).text


def test_the_chart_shows_entry_stop_and_fills_and_says_them_to_who_cannot_see() -> None:
    html = explanations_section(report(), ENGLISH).html
    start = html.index('id="stock-7203"')
    chart = html[html.index("<svg", start) : html.index("</figure>", start)]
    assert 'role="img"' in chart
    assert "c-level c-entry" in chart
    assert "c-level c-stop" in chart
    assert "core bought 200 at ¥3,000" in chart
    assert "SIMULATED" in chart
    assert re.search(
        r"<desc>2025-11-04 to 2026-01-20: highest ¥3,130, lowest ¥2,990, last close ¥3,120", chart
    )


def test_markdown_holds_a_sentence_for_each_holding_and_order_and_no_more() -> None:
    made = report()
    lines = [
        line for line in explanations_section(made, ENGLISH).markdown.splitlines() if line.startswith("- ")
    ]
    assert [line.split()[1] for line in lines] == ["6758", "9984", "7203"]
    assert lines[0].endswith("Order: BUY 300 (paper)")
    assert any("7203 トヨタ自動車, core: Hold, held: no layer fired" in line for line in lines)


def test_in_markdown_near_misses_and_buys_without_order_stand_once_a_stock() -> None:
    full = "positions full (5)"
    made = report([
        decided("alpha", T, buy_signal("6758"), skipped=[("6758", "BUY", full)]),
        decided("core", T, buy_signal("6758", 71.0), skipped=[("6758", "BUY", full)]),
    ])  # fmt: skip
    [row] = [line for line in buys_section(made, ENGLISH).markdown.splitlines() if "6758" in line]
    assert "core, alpha" in row
    assert "No free place in the group" in row
    missed = near_misses_section(report(), ENGLISH).markdown.splitlines()
    assert len([line for line in missed if line.startswith("| 7203")]) <= 1
    assert any("alpha 5" in line or "core 5" in line for line in missed)


def test_all_stocks_are_folded_on_the_page_and_whole_elsewhere() -> None:
    made = report()
    shown = stocks_section(made, ENGLISH)
    assert '<details class="fold"><summary>3 monitored stocks</summary>' in shown.html
    for line in made.evaluations:
        assert f'<a href="#stock-{line.code}">{line.code}</a>' in shown.html
        for opinion in line.opinions:
            assert f"{opinion.score:.1f}" in shown.html
    assert len(pipes(shown.markdown.split("\n\n")[1])) == 2 + len(CODES)
    assert stocks_section(replace(made, evaluations=()), ENGLISH).plain.endswith("No stock is monitored.")


def test_in_japanese_the_words_of_the_page_are_japanese() -> None:
    text = whole(report(), JAPANESE).text
    for english in (
        "Shares",
        "Profit",
        "When it is sold",
        "stands by",
        "Hold",
        "Sell all",
        "short",
        "buys from",
    ):
        assert not re.search(rf"\b{english}\b", text), english
    for japanese in ("売る条件", "買いのスコア", "全株売却", "保有継続", "損切り"):
        assert japanese in text
