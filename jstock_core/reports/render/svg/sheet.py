"""The sheet of the charts for those who cannot read it whole: SVG files, and a renderer without variables."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from jstock_core.reports.render.words import GainColour

_SHEET = Path(__file__).parents[1] / "styles" / "charts.css"
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
_VARIABLES = re.compile(r"([^{}]*)\{((?:\s*--[\w-]+:[^;}]*;)+)\s*\}")
_USE = re.compile(r"var\((--[\w-]+)(?:,\s*([^()]*))?\)")


@functools.cache
def small_sheet() -> str:
    """The sheet without comments and needless space."""
    text = re.sub(r"/\*.*?\*/", "", _SHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};:,>])\s*", r"\1", " ".join(text.split())).replace(";}", "}")


def light_sheet(gain_colour: GainColour) -> str:
    """The sheet with the light colours in place of variables, and without what depends on a screen."""
    plain = _MEDIA.sub("", re.sub(r"/\*.*?\*/", "", _SHEET.read_text(encoding="utf-8"), flags=re.DOTALL))
    values: dict[str, str] = {}
    for selector, rules in _VARIABLES.findall(plain):
        if selector.strip() in (".jstock", f".jstock.gain-{gain_colour}"):
            values |= {name.strip(): value.strip() for name, value in _declarations(rules)}
    return _USE.sub(lambda use: values.get(use[1], use[2] or ""), _VARIABLES.sub("", plain))


def _declarations(rules: str) -> list[tuple[str, str]]:
    pairs = (rule.partition(":") for rule in rules.split(";") if rule.strip())
    return [(name, value) for name, _, value in pairs]
