from __future__ import annotations

import itertools
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from jstock_core.reports.model.report import Report
from jstock_core.reports.render import charts
from jstock_core.reports.render.charts import chart, drawdown_chart, equity_chart, spread_labels, to_png
from tests.reports.mornings import T, decided, deposit, group, panel, quiet, report, settled

BOTH = [equity_chart, drawdown_chart]


def texts(figure: Any) -> list[str]:
    return [item.get_text() for item in figure.axes[0].texts]


@pytest.mark.parametrize("draw", BOTH)
def test_equal_reports_give_equal_bytes(draw) -> None:
    assert to_png(draw(report())) == to_png(draw(report()))


@pytest.mark.parametrize("draw", BOTH)
def test_the_picture_is_small_and_sharp(draw) -> None:
    png = to_png(draw(report()))
    image = Image.open(BytesIO(png))
    assert image.mode == "P"
    assert len(image.getcolors() or []) <= charts.COLOURS
    assert 700 <= image.width <= 900
    assert len(png) < 40_000


@pytest.mark.parametrize("draw", BOTH)
def test_simulated_numbers_carry_a_watermark(draw) -> None:
    assert "SIMULATED" in texts(draw(report()))
    assert "SIMULATED" not in texts(draw(report(market=panel(simulated=False))))


def test_the_lines_are_the_curves_of_the_report() -> None:
    past = report().performance
    lines = equity_chart(report()).axes[0].get_lines()
    curves = [*past.groups, past.topix, past.whole]
    for line, curve in zip(lines, curves, strict=False):
        assert tuple(line.get_ydata()) == pytest.approx(curve.return_pct)
    assert lines[2].get_linestyle() == "--"
    assert lines[3].get_linewidth() == max(line.get_linewidth() for line in lines)


def test_every_line_is_named_where_it_ends() -> None:
    assert {"alpha \u22120.5 %", "core +0.5 %", "TOPIX +0.5 %", "Whole desk +0.1 %"} <= set(
        texts(equity_chart(report()))
    )


@pytest.mark.parametrize("draw", BOTH)
def test_a_past_that_is_not_known_says_why(draw) -> None:
    assert "the first session is still to come" in texts(draw(quiet()))
    assert to_png(draw(quiet()))
    assert charts.equity_alt(quiet()) == charts.drawdown_alt(quiet()) == "the first session is still to come"


@pytest.mark.parametrize("draw", BOTH)
def test_a_group_that_joins_later_and_many_groups_are_drawn(draw) -> None:
    groups = tuple(group(f"group-{n}-with-a-rather-long-name", 1_000_000) for n in range(8))
    openings = [event for g in groups for event in (deposit(g.id, 1_000_000), decided(g.id, T))]
    assert to_png(draw(report(events=[settled(openings[0].session), *openings], groups=groups)))


def test_japanese_names_have_their_glyphs_and_missing_ones_are_errors() -> None:
    made = report()
    assert to_png(equity_chart(renamed(made, "日本株・成長")))
    with pytest.raises(UserWarning, match="missing from"):
        to_png(equity_chart(renamed(made, "\U0001f680")))


def renamed(made: Report, name: str) -> Report:
    past = made.performance
    return replace(made, performance=replace(past, whole=replace(past.whole, name=name)))


def test_the_door_displays_the_picture_with_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython.display

    shown: list[tuple[Any, Any]] = []
    monkeypatch.setattr(
        IPython.display, "display", lambda data, *, raw, metadata: shown.append((data, metadata))
    )
    png = chart(equity_chart(report()), "equity", charts.equity_alt(report()))
    ((data, metadata),) = shown
    groups = "Alpha Strategy \u22120.5 %, Core Strategy +0.5 %"
    alt = f"Return since the desk began: {groups}, Whole desk +0.1 %, TOPIX +0.5 %"
    assert data == {"image/png": png, "text/plain": alt}
    assert metadata == {"image/png": {"alt": alt, "name": "equity"}}


@given(st.lists(st.floats(0, 1), max_size=10).map(sorted))
def test_labels_keep_their_order_and_distance(places: list[float]) -> None:
    moved = spread_labels(places, 0.068)
    assert len(moved) == len(places)
    assert all(b - a >= 0.068 - 1e-9 for a, b in itertools.pairwise(moved))
    assert all(place <= 1.0 for place in moved)


def test_labels_with_room_stay_where_their_lines_end() -> None:
    assert spread_labels([0.1, 0.5, 0.9], 0.068) == [0.1, 0.5, 0.9]
    assert spread_labels([], 0.068) == []
