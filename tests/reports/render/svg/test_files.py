from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.files import figure_files, render_png, to_svg_file
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine
from tests.architecture import ROOT
from tests.reports.render.svg.test_candles import BARS
from tests.reports.render.svg.test_lines import SESSIONS, WAVE


def chart(label: str = "Whole") -> str:
    lines = [ChartLine("whole", WAVE, label, "+1.2 %")]
    return line_chart(Caption("Equity", watermark="SIMULATED"), SESSIONS, lines, form=repr)


def image(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


def colours(png: bytes) -> set[tuple[int, ...]]:
    return {colour for _, colour in image(png).convert("RGB").getcolors(1 << 20) or []}


def has_near(found: set[tuple[int, ...]], wanted: tuple[int, int, int]) -> bool:
    return any(all(abs(a - b) <= 12 for a, b in zip(colour, wanted, strict=True)) for colour in found)


def test_a_file_is_valid_xml_that_asks_for_nothing() -> None:
    written = to_svg_file(chart("A & B"))
    root = ET.fromstring(written)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("720", "400", "0 0 360 200")
    assert written.count("http") == 1, "only the namespace"
    assert "prefers-color-scheme: dark" in written or "prefers-color-scheme:dark" in written


def test_a_png_is_small_sharp_and_the_same_for_the_same_chart() -> None:
    png = render_png(chart())
    assert image(png).size == (720, 400)
    assert image(render_png(chart(), scale=3)).size == (1080, 600)
    assert png == render_png(chart())
    assert len(png) < 25_000


def test_a_png_has_the_light_colours_on_white() -> None:
    found = colours(render_png(chart()))
    assert has_near(found, (255, 255, 255))
    assert has_near(found, (0x17, 0x1A, 0x1F))


def test_gains_have_the_colour_that_is_asked_for() -> None:
    svg = candle_chart(Caption("7203"), BARS, form=repr)
    assert render_png(svg, gain_colour="green") != render_png(svg, gain_colour="red")


def test_japanese_is_drawn() -> None:
    assert render_png(chart("日本株・成長")) != render_png(chart("日本林・成長"))


def test_a_character_of_no_font_is_said_and_not_drawn_as_a_box() -> None:
    with pytest.raises(UserWarning, match=r"U\+E123"):
        render_png(chart("\ue123"))


def test_what_is_not_a_chart_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a chart"):
        render_png("<svg/>")


def test_the_figures_of_a_page_that_have_a_file_name_are_files() -> None:
    first, second = chart("One"), chart("Two")
    page = (
        '<p>text</p><figure class="chart" data-file="none.svg">nothing is drawn</figure>'
        f'<figure class="chart" data-file="returns.svg"><figcaption>Returns</figcaption>{first}</figure>'
        f'<figure class="chart">{second}</figure><figure data-file="falls.svg">\n{second}\n</figure>'
    )
    assert figure_files(page) == {"returns.svg": to_svg_file(first), "falls.svg": to_svg_file(second)}
    assert figure_files(page, "red")["falls.svg"] == to_svg_file(second, "red")


@pytest.mark.parametrize("name", ["../x.svg", "a b.svg", "x.html", ""])
def test_other_names_are_no_file_names(name) -> None:
    assert figure_files(f'<figure data-file="{name}">{chart()}</figure>') == {}


def test_a_picture_is_made_without_matplotlib() -> None:
    """Its font comes from a package that imports it."""
    code = (
        "import sys; from jstock_core.reports.render.svg.files import render_png; "
        f"render_png({chart()!r}); sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
