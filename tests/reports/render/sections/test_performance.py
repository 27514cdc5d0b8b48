"""The performance section: money, curves, measures and months, or the reason where there are none."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.performance import performance_section
from jstock_core.reports.render.svg.files import figure_files
from tests.reports import hand_made, mornings

JAPANESE = Words("ja", "red")
LINES = {"c-whole", "c-topix", "c-topix-total", "c-group-1", "c-group-2"}


@pytest.fixture(scope="module")
def long() -> Report:
    return build_report(hand_made.morning(hand_made.MORNINGS[-1]), DayStatus.COMPLETE, ())


def row(markdown: str, name: str) -> list[str]:
    """The cells of the row of a table."""
    [line] = [line for line in markdown.splitlines() if line.startswith(f"| {name} ")]
    return [cell.strip() for cell in line.strip("| ").split("|")][1:]


def test_the_measures_stand_in_a_row_each_the_whole_first(long: Report) -> None:
    shown = performance_section(long, ENGLISH).markdown
    whole, auto, hand = long.performance.measured[-1], *long.performance.measured[:-1]
    assert row(shown, "Measure") == ["Whole desk", "auto", "hand"]
    assert row(shown, "Since") == [str(each.since) for each in (whole, auto, hand)]
    assert row(shown, "Return") == ["+1.9 %", "+1.4 %", "+2.7 %"]
    assert row(shown, "Above TOPIX") == ["−1.4 pt", "−1.9 pt", "−3.5 pt"]
    assert row(shown, "TOPIX with dividends") == ["+4.0 %", "+4.0 %", "+7.0 %"]
    assert row(shown, "Above it") == ["−2.2 pt", "−2.6 pt", "−4.3 pt"]
    assert row(shown, "Closed trades") == ["39", "29", "10"]
    assert row(shown, "Fees paid") == ["¥37,636", "¥31,666", "¥5,970"]
    assert row(shown, "Alpha, lower end") == ["−37.8 %", "−60.7 %", "−14.5 %"]
    assert "95 % of 2,000 draws lie between them (block bootstrap, 5 sessions a block)." in shown


def test_more_than_two_groups_are_folded_on_the_page_and_whole_in_markdown(long: Report) -> None:
    auto, hand, whole = long.performance.measured
    names = ("a", "b", "c", "d", "e", "f")
    measured = tuple(replace(auto if n % 2 else hand, group=name) for n, name in enumerate(names))
    shown = performance_section(
        replace(long, performance=replace(long.performance, measured=(*measured, whole))), ENGLISH
    )
    assert "<details><summary>4 more groups</summary>" in shown.html
    heads = [line.split() for line in shown.markdown.splitlines() if line.startswith("| Measure ")]
    assert ["".join(head) for head in heads] == [
        "|Measure|Wholedesk|a|b|",
        "|Measure|c|d|e|",
        "|Measure|f|",
    ]
    assert "stack" not in shown.html.split("<h3>Against TOPIX</h3>")[1]


def test_charts_draw_every_curve_and_name_its_end(long: Report) -> None:
    shown = performance_section(long, ENGLISH).html
    returns, drawdowns = re.findall(r'<figure class="chart".*?</figure>', shown, re.DOTALL)[:2]
    assert set(re.findall(r"c-line (c-[\w-]+)", returns)) == LINES
    assert set(re.findall(r"c-line (c-[\w-]+)", drawdowns)) == {"c-whole", "c-topix"}
    assert "without dividends" not in returns
    assert "Whole desk +1.9 %, TOPIX +3.3 %, TOPIX with dividends +4.0 %, hand +2.7 %, auto +1.4 %" in returns
    assert "−7.7 %, from 2025-10-16 to 2025-11-19" in re.sub("<[^>]+>", "", drawdowns)


def test_markdown_names_the_charts_as_files_with_their_meaning(long: Report) -> None:
    shown = performance_section(long, ENGLISH)
    files = re.findall(r"\]\(charts/([\w-]+\.svg)\)", shown.markdown)
    assert files == ["returns-by-group.svg", "drawdown.svg", "months.svg", "months-topix.svg"]
    assert list(figure_files(shown.html)) == files
    assert "![Return since 2025-08-29, %: Whole desk +1.9 %, TOPIX +3.3 %" in shown.markdown


def test_months_are_a_map_of_years_and_the_exact_ones_are_folded(long: Report) -> None:
    shown = performance_section(long, ENGLISH)
    assert shown.html.count("c-heat") == 2 * len(long.performance.months)
    assert "2025-12 +6.3 %" in shown.markdown
    assert row(shown.markdown, "2025") == ["+3.9 %", "+5.8 %", "−1.9 pt"]
    assert "<details><summary>All months</summary>" in shown.html
    assert "2025-12" in shown.plain


def test_the_tax_is_an_estimate_and_says_what_is_not_taxed(long: Report) -> None:
    shown = performance_section(long, ENGLISH).plain
    assert "about ¥9,833 on +¥48,403 from 7 sales that settle in 2026: an estimate" in shown
    assert "1 sale in a NISA account is not taxed." in shown
    assert "no sale settles in 2026 so far." in performance_section(mornings.quiet(), ENGLISH).plain


def test_what_is_not_known_is_a_dash_and_the_reason_is_told_once() -> None:
    shown = performance_section(mornings.report(), ENGLISH).markdown
    assert row(shown, "Beta") == ["-", "-", "-"]
    assert shown.count("**Beta, Information ratio, Alpha a year:** 33 of at least 60 sessions") == 1
    assert shown.count("1 of at least 10 closed trades") == 1
    assert "**core, Trades won, Profit factor:** 0 of at least 10 closed trades" in shown


@pytest.fixture(scope="module")
def first() -> Report:
    """The report of the first trade date of a month."""
    return build_report(hand_made.morning(date(2026, 1, 5)), DayStatus.COMPLETE, ())


def test_on_the_first_trade_date_of_a_month_rules_are_judged(first: Report) -> None:
    shown = performance_section(first, ENGLISH)
    assert "### What rules saved or cost" in shown.markdown
    assert "where these ended in 2025-12: what fell was saved." in shown.markdown
    assert row(shown.markdown, "trailing stop (exit)") == ["7", "7", "+7.9 %", "+7.9 %", "−¥119,400"]
    assert "not applied" in shown.markdown
    assert "<h3>What rules saved or cost</h3>" in shown.html


def test_on_other_days_nothing_is_said_of_it(long: Report) -> None:
    assert "What rules saved or cost" not in performance_section(long, ENGLISH).html


def test_a_month_in_which_nothing_was_judged_says_so(first: Report) -> None:
    past = first.performance
    none = replace(first, performance=replace(past, judged=replace(past.judged, rules=())))
    assert "No rule came to be judged" in performance_section(none, ENGLISH).markdown


def test_the_judged_month_speaks_japanese(first: Report) -> None:
    shown = performance_section(first, JAPANESE).markdown
    assert "### ルールの効果" in shown
    assert "期間が2025-12に終わったもの" in shown


def test_groups_show_their_money_and_its_sum() -> None:
    made = mornings.report()
    shown = performance_section(made, ENGLISH).markdown
    assert row(shown, "Alpha Strategy (alpha)")[0] == "¥2,986,000"
    assert row(shown, "Core Strategy (core)")[5] == "¥4,400,000 (¥387,000 reserved)"
    assert row(shown, "**Whole desk**")[:3] == ["**¥8,010,000**", "**+¥24,000**", "**+0.1 %**"]


def test_without_topix_nothing_is_compared_with_it(long: Report) -> None:
    nothing = replace(long.performance.topix, return_pct=(None,) * len(long.performance.sessions))
    past = replace(long.performance, topix=nothing, topix_total=None)
    shown = performance_section(replace(long, performance=past), ENGLISH)
    assert "TOPIX" not in shown.html + shown.markdown
    assert "Beta" not in shown.html
    assert row(shown.markdown, "Max drawdown") == ["−7.7 %", "−10.5 %", "−4.3 %"]
    assert row(shown.markdown, "2025") == ["+3.9 %"]


def test_a_first_morning_shows_its_money_and_why_there_is_no_more() -> None:
    shown = performance_section(mornings.quiet(), ENGLISH)
    assert row(shown.markdown, "Core Strategy (core)")[0] == "¥5,000,000"
    assert "the first session is still to come" in shown.markdown
    assert "<figure" not in shown.html


def test_it_speaks_japanese_without_an_english_word_of_its_own(long: Report) -> None:
    shown = performance_section(long, JAPANESE).plain
    words = set(re.findall(r"[A-Za-z]{3,}", shown))
    assert words <= {"TOPIX", "NISA", "Auto", "Hand", "Strategy", "auto", "hand", "jstock", "tax", "year"}
    assert "最大下落率" in shown


@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_nothing_carries_a_style_of_its_own(long: Report, words: Words) -> None:
    assert not re.search(r'style="|<script|\{\w+\}', performance_section(long, words).html)
