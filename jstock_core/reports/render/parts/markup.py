"""HTML from the templates of the page: everything put into one is escaped, unless it is markup of ours."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parents[1]
_TEMPLATES = _FOLDER / "templates"
_STYLES = _FOLDER / "styles"
_UNBROKEN = re.compile(r"(\d{4}-\d{2}-\d{2}|\(?[+\u2212-]¥[\d,.]*\d\)?)")
_SHEET = re.compile(r"<style data-jstock>[^<]*</style>\n?")
_OBJECT, _DRAWN = ("colours", "base", "tables"), ("charts", "figures")
_WIDGETS = "widgets"
_FIRST, _LAST = (*_OBJECT, "parts"), ("print",)


def markup(template: str, **values: object) -> str:
    """A template filled in. Values are escaped; markup made here before enters as `safe(text)`."""
    return _environment().get_template(template).render(**values).strip()


def prose(text: str) -> Markup:
    """A sentence in HTML: escaped, and what stands between backticks is code that a tap selects."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:  # a backtick without its other
        return unbroken("`".join(parts))
    code = Markup('<code class="copy">{}</code>')
    return Markup("").join(code.format(part) if n % 2 else unbroken(part) for n, part in enumerate(parts))


def unbroken(text: str) -> Markup:
    """Text in HTML: escaped, and no line ends inside a date, or between a sign and its amount."""
    parts = _UNBROKEN.split(text)
    whole = Markup('<span class="whole">{}</span>')
    return Markup("").join(whole.format(part) if n % 2 else escape(part) for n, part in enumerate(parts))


def safe(html: str) -> Markup:
    """HTML that this room made itself: a chart, a table or a filled template."""
    return Markup(html)  # noqa: S704 - never text from outside


@functools.cache
def style_sheet() -> str:
    """All sheets of the report without comments and spaces: everything in them is scoped under `.jstock`."""
    found = sorted(path.stem for path in _STYLES.glob("*.css") if path.stem != _WIDGETS)
    return _sheets([*_FIRST, *(name for name in found if name not in (*_FIRST, *_LAST)), *_LAST])


@functools.cache
def object_sheet(*, drawn: bool = False) -> str:
    """The sheets that a single table, message or, where it is `drawn`, chart needs."""
    return _sheets([*_OBJECT, *_DRAWN] if drawn else _OBJECT)


@functools.cache
def widget_sheet() -> str:
    """The sheet of widgets in a notebook that are shaded as a chart is."""
    return _sheets([*_OBJECT, *_DRAWN, _WIDGETS])


def _sheets(names: Iterable[str]) -> str:
    files = (_STYLES / f"{name}.css" for name in names)
    return _without_spaces("\n".join(file.read_text(encoding="utf-8") for file in files))


def styled(html: str, sheet: str) -> str:
    """HTML with a sheet, as a notebook gets it; a page has the sheet in its head and takes this one out."""
    return f"<style data-jstock>{sheet}</style>\n{html}" if html and sheet else html


def without_sheets(html: str) -> str:
    """HTML of `styled` without the sheet."""
    return _SHEET.sub("", html)


def _without_spaces(sheet: str) -> str:
    """A sheet as browsers need it; texts in quotes hold neither comments nor runs of spaces in ours."""
    lines = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*|\s+", lambda found: found[1] or " ", lines).strip()


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "unbroken": unbroken}
    return environment
