from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import jstock_core
from jstock_core.reports.render.svg.sheet import light_sheet, small_sheet
from jstock_core.reports.render.svg.values import LevelKind, LineStyle, MarkKind

STYLES = Path(jstock_core.__file__).parent / "reports" / "render" / "styles"
ROOM = Path(jstock_core.__file__).parent / "reports" / "render" / "svg"
SHEET = re.sub(r"/\*.*?\*/", "", (STYLES / "charts.css").read_text(encoding="utf-8"), flags=re.DOTALL)
BLOCKS = re.findall(r"([^{}]+)\{([^{}]*)\}", SHEET)


def colours(selector: str) -> dict[str, str]:
    """The variables of the block whose selector is given, with what stands in for one of the base sheet."""
    found: dict[str, str] = {}
    for name, rules in BLOCKS:
        if name.strip() == selector:
            found |= dict(re.findall(r"(--c-[\w-]+):\s*(?:var\(--\w+,\s*)?([^;)]+)", rules))
    return found


LIGHT = colours(".jstock")
DARK = colours("body:not([data-jp-theme-light]) .jstock, html.jstock, svg.jstock")
NOTEBOOK = colours('body[data-jp-theme-light="false"] .jstock')


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, paper: str, opacity: float) -> str:
    channels = (
        round(int(colour[n : n + 2], 16) * opacity + int(paper[n : n + 2], 16) * (1 - opacity))
        for n in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def test_every_class_of_a_drawing_has_a_rule() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    written = set(re.findall(r"\bc-[a-z]+(?:-[a-z]+)*\b(?![-{])", source))
    kinds = {f"c-{name}" for literal in (LineStyle, LevelKind, MarkKind) for name in get_args(literal)}
    signals = {"c-buy-signal", "c-sell-signal"}  # hollow: they have what every mark has
    prefixes = {"c-gain", "c-loss", "c-level"}  # c-gain-1 and so on; a level has the rule of its kind
    assert [
        name
        for name in sorted((written | kinds) - signals - prefixes)
        if f".{name} " not in SHEET.replace(",", " ").replace(".c-", " .c-")
    ] == []


def test_everything_is_scoped() -> None:
    assert [name for name, _ in BLOCKS if "jstock" not in name] == []


def test_light_and_dark_give_every_colour() -> None:
    same_in_both = {"--c-size", "--c-gain", "--c-loss"}
    assert LIGHT.keys() - same_in_both == DARK.keys() == NOTEBOOK.keys()
    assert DARK == NOTEBOOK
    assert set(re.findall(r"var\((--c-[\w-]+)", SHEET)) <= LIGHT.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_lines_can_be_seen(theme) -> None:
    """WCAG 2.1: 4.5 for texts, 3 for what is drawn."""
    paper = theme["--c-paper"]
    assert contrast(theme["--c-ink"], paper) > 7
    assert contrast(theme["--c-soft"], paper) > 4.5
    for name in ("blue", "red", "green", "purple", "sky", "orange"):
        assert contrast(theme[f"--c-{name}"], paper) > 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["--c-green", "--c-red"])
@pytest.mark.parametrize("step", range(1, 5))
def test_numbers_can_be_read_on_every_shade(theme, name, step) -> None:
    shade = mixed(theme[name], theme["--c-paper"], float(theme[f"--c-shade-{step}"]))
    assert contrast(theme["--c-ink"], shade) > 4.5


@pytest.mark.parametrize("gain_colour", ["green", "red"])
def test_the_light_sheet_has_no_variables_and_the_colour_of_a_gain(gain_colour) -> None:
    sheet = light_sheet(gain_colour)
    assert "var(" not in sheet
    assert "--" not in sheet
    assert "@" not in sheet
    up, down = (LIGHT["--c-green"], LIGHT["--c-red"])[:: 1 if gain_colour == "green" else -1]
    assert f".jstock .c-rise{{fill:{up}}}" in sheet
    assert f".jstock .c-fall{{fill:{down}}}" in sheet


def test_the_small_sheet_says_the_same_in_fewer_characters() -> None:
    squeeze = str.maketrans("", "", " \n;")
    assert small_sheet().translate(squeeze) == SHEET.translate(squeeze)
    assert len(small_sheet()) < 6_000


def test_the_palette_has_the_hues_of_okabe_and_ito() -> None:
    """Sky blue and orange are a seventh darker than theirs, which could not be seen on white in daylight."""
    theirs = {
        "blue": "#0072b2", "red": "#d55e00", "green": "#009e73", "purple": "#cc79a7", "sky": "#56b4e9",
        "orange": "#e69f00",
    }  # fmt: skip
    for name, colour in theirs.items():
        ours = LIGHT[f"--c-{name}"]
        factors = {
            round(int(ours[n : n + 2], 16) / int(colour[n : n + 2], 16), 2)
            for n in (1, 3, 5) if int(colour[n : n + 2], 16)
        }  # fmt: skip
        assert max(factors) - min(factors) <= 0.02
