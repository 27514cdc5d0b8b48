"""Charts as files of their own: SVG that carries its sheet, and PNG for mail."""

from __future__ import annotations

import functools
import html
import re
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from jstock_core.reports.render.parts.words import GainColour
from jstock_core.reports.render.svg.sheet import light_sheet, small_sheet

_NAMESPACE = "http://www.w3.org/2000/svg"
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_FIGURE = re.compile(
    r'<figure [^>]*data-file="([a-z0-9-]+\.svg)"[^>]*>(?:(?!</figure>).)*?(<svg class="drawing.*?</svg>)',
    re.DOTALL,
)
_WRITTEN = re.compile(r"<text[^>]*>([^<]*)</text>")
_FONT = "IPAexGothic"
_COVERED = "shift_jisx0213"  # the characters that this font has
_BOX = "\U000ffffd"  # a character for private use, which no font has
_PAPER, _COLOURS = "#ffffff", 64


def to_svg_file(svg: str, gain_colour: GainColour = "green") -> str:
    """The chart as a file: with its sheet, light or dark as its reader prefers, two pixels a unit."""
    width, height = _size(svg)
    return (
        f'<svg xmlns="{_NAMESPACE}" class="jstock gain-{gain_colour}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{2 * width:g}" height="{2 * height:g}"><style>{small_sheet()}</style>'
        f'<rect class="c-sheet" width="{width:g}" height="{height:g}"/>{svg}</svg>\n'
    )


def figure_files(page: str, gain_colour: GainColour = "green") -> dict[str, str]:
    """The charts of a page that stand in a figure with a file name, `data-file`, each as a file."""
    return {name: to_svg_file(svg, gain_colour) for name, svg in _FIGURE.findall(page)}


def render_png(svg: str, scale: float = 2.0, gain_colour: GainColour = "green") -> bytes:
    """The chart as PNG in its light colours on white, `scale` pixels a unit.

    Its letters are those of a font that comes with jstock, so that equal charts are equal bytes everywhere;
    the fonts of the system stand in for characters that it has not.

    Raises:
        UserWarning: a character has no glyph in the fonts, and would be shown as an empty box.

    """
    width, height = _size(svg)
    rare = {letter for letter in _letters(svg) if not _is_covered(letter)}
    missing = sorted(filter(_has_no_glyph, rare))
    if missing:
        names = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing)
        raise UserWarning(f"no font has a glyph for {names}; install one that has, as Noto Sans CJK")
    whole = (
        f'<svg xmlns="{_NAMESPACE}" class="jstock gain-{gain_colour}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">{svg}</svg>'
    )
    return _shrink(_render(whole, light_sheet(gain_colour), scale, system_fonts=bool(rare)))


def _shrink(png: bytes) -> bytes:
    """The picture with a palette, at a third of the size."""
    from PIL import Image

    small = BytesIO()
    flat = Image.open(BytesIO(png)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    flat.save(small, format="png", optimize=True)
    return small.getvalue()


def _size(svg: str) -> tuple[float, float]:
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError(f"expected a chart of this room, got {svg[:60]!r}")
    return float(found[1]), float(found[2])


def _letters(svg: str) -> set[str]:
    return {letter for text in _WRITTEN.findall(svg) for letter in html.unescape(text)}


def _is_covered(letter: str) -> bool:
    try:
        letter.encode(_COVERED)
    except UnicodeEncodeError:
        return False
    return True


@functools.cache
def _has_no_glyph(letter: str) -> bool:
    """Whether it is drawn as the box that stands for a character of no font."""
    return _draw_letter(letter) == _draw_letter(_BOX)


def _draw_letter(letter: str) -> bytes:
    text = f'<text x="10" y="30" font-size="20">{html.escape(letter)}</text>'
    whole = f'<svg xmlns="{_NAMESPACE}" width="40" height="40">{text}</svg>'
    return _render(whole, "", 1.0, system_fonts=True)


def _render(svg: str, sheet: str, scale: float, *, system_fonts: bool) -> bytes:
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=svg,
            style_sheet=sheet,
            zoom=scale,
            background=_PAPER,
            skip_system_fonts=not system_fonts,
            font_files=[str(_font_file())],
            font_family=_FONT,
            sans_serif_family=_FONT,
        )
    )


@functools.cache
def _font_file() -> Path:
    """A Japanese font, found without importing the package that brings it, since that imports matplotlib."""
    found = find_spec("matplotlib_fontja")
    if found is None or found.origin is None:
        raise ImportError("matplotlib_fontja, which brings the font of the charts, is not installed")
    return Path(found.origin).parent / "fonts" / "ipaexg.ttf"
