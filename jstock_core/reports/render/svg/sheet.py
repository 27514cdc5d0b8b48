"""The sheet of the charts for those who cannot read it whole: SVG files, and a renderer without variables."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from jstock_core.reports.render.parts.words import GainColour

_SHEET = Path(__file__).parents[1] / "styles" / "charts.css"
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\}")
_VARIABLES = re.compile(r"([^{}]*)\{(--[^{}]*)\}")
_USE = re.compile(r"var\((--[\w-]+)(?:,\s*([^()]*))?\)")


@functools.cache
def small_sheet() -> str:
    """The sheet without comments and needless space."""
    text = re.sub(r"/\*.*?\*/", "", _SHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};:,>])\s*", r"\1", " ".join(text.split())).replace(";}", "}")


@functools.cache
def light_sheet(gain_colour: GainColour) -> str:
    """The sheet with the light colours in place of variables, and without what depends on a screen."""
    plain = _MEDIA.sub("", small_sheet())
    owners = (".jstock", f".jstock.gain-{gain_colour}")
    values = {
        name: value
        for selectors, rules in _VARIABLES.findall(plain) if set(owners) & set(selectors.split(","))
        for name, _, value in (rule.partition(":") for rule in rules.split(";"))
    }  # fmt: skip
    sheet = _VARIABLES.sub("", plain)
    while _USE.search(sheet):
        sheet = _USE.sub(lambda use: str(values.get(use[1], use[2] or "")), sheet)
    return sheet
