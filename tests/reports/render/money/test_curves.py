"""The charts of returns: every curve is drawn, named where it ends, and said in words."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.money.curves import desk_curve, drawdown_chart, returns_chart
from jstock_core.reports.render.parts.figures import small_line
from jstock_core.reports.render.parts.markup import without_sheets
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.svg.files import figure_files
from tests.reports.mornings import T, decided, deposit, group, panel, quiet, report, settled
from tests.reports.render.svg.reading import Drawing

BOTH = [returns_chart, drawdown_chart]
NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawing(html: str) -> Drawing:
    return Drawing.of(html[html.index("<svg") : html.index("</svg>") + len("</svg>")])


def renamed(made: Report, name: str) -> Report:
    past = made.performance
    groups = (replace(past.groups[0], group=name), *past.groups[1:])
    return replace(made, performance=replace(past, groups=groups))


def test_the_lines_are_the_curves_of_the_report() -> None:
    past = report().performance
    chart = drawing(returns_chart(report()).html)
    curves = {
        "c-group-1": past.groups[0],
        "c-group-2": past.groups[1],
        "c-topix": past.topix,
        "c-whole": past.whole,
    }
    for kind, curve in curves.items():
        (line,) = chart.paths(kind)[0]
        known = [v for v in curve.return_pct if v is not None]
        places = [place[1] for place in line]
        assert len(places) == len(known)
        assert sorted(range(len(known)), key=lambda n: -places[n]) == sorted(
            range(len(known)), key=lambda n: known[n]
        )


def test_every_line_is_named_where_it_ends() -> None:
    texts = drawing(returns_chart(report()).html).texts()
    assert {"alpha −0.5", "core +0.5", "TOPIX +0.5", "Whole desk +0.1"} <= {
        text.replace(" 0.", " +0.") for text in texts
    }


def test_a_drawdown_is_an_area_below_zero() -> None:
    chart = drawing(drawdown_chart(report()).html)
    (area,), (base,) = chart.paths("c-area")[0], chart.paths("c-base")[0]
    assert min(y for _, y in area) == pytest.approx(base[0][1], abs=0.11)


@pytest.mark.parametrize("draw", BOTH)
def test_simulated_numbers_carry_a_watermark(draw) -> None:
    assert "SIMULATED" in drawing(draw(report()).html).texts("c-watermark")
    assert not drawing(draw(report(market=panel(simulated=False))).html).texts("c-watermark")


@pytest.mark.parametrize("draw", BOTH)
def test_a_past_that_is_not_known_says_why(draw) -> None:
    shown = draw(quiet())
    assert "the first session is still to come" in shown.plain
    assert "<svg" not in shown.html


@pytest.mark.parametrize("draw", BOTH)
def test_many_groups_of_long_names_are_drawn(draw) -> None:
    groups = tuple(group(f"group-{n}-with-a-rather-long-name", 1_000_000) for n in range(8))
    openings = [event for g in groups for event in (deposit(g.id, 1_000_000), decided(g.id, T))]
    shown = draw(report(events=[settled(openings[0].session), *openings], groups=groups)).html
    assert all(not math.isnan(x) for line in drawing(shown).paths("c-whole")[0] for x, _ in line)


@pytest.mark.parametrize("draw", BOTH)
def test_a_name_is_text_everywhere(draw) -> None:
    shown = draw(renamed(report(), '<b>"x"](http://evil)'))
    assert "<b>" not in shown.html
    assert not re.search(r"(?<!\\)\]\(http", shown.markdown)
    (written,) = figure_files(shown.html).values()
    assert "<b>" not in written


@pytest.mark.parametrize("draw", BOTH)
def test_a_chart_of_its_own_in_a_notebook_brings_its_sheet(draw) -> None:
    """Without rules a drawing would be black areas."""
    shown = draw(report())._repr_mimebundle_()["text/html"]
    assert ".jstock .c-whole" in shown
    assert shown.index('<div class="jstock">') < shown.index("<svg")
    assert without_sheets(shown).count("<style") == 0
    assert ".c-whole" not in small_line("text")._repr_mimebundle_()["text/html"]


def test_an_axis_of_a_few_percent_has_a_decimal() -> None:
    numbers = [text for text in drawing(returns_chart(report()).html).texts("c-soft") if "-" not in text]
    assert any("." in text for text in numbers)
    assert len(set(numbers)) == len(numbers) > 1


def test_the_curve_of_the_desk_needs_sessions() -> None:
    assert desk_curve(quiet(), ENGLISH, height=100) == ""
    chart = Drawing.of(desk_curve(report(), Words("ja"), height=100, watermark="SIMULATED"))
    assert chart.all("c-whole")
    assert "SIMULATED" in chart.texts()
