"""HTML from the templates of this room: everything put into one is escaped, unless it is markup of ours."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_TEMPLATES = _FOLDER / "templates"
_STYLES = _FOLDER / "styles"


def markup(template: str, **values: object) -> str:
    """A template filled in. Values are escaped; markup made here before enters as `safe(text)`."""
    return _environment().get_template(template).render(**values).strip()


def safe(html: str) -> Markup:
    """HTML that this room made itself: a chart, a table or a filled template."""
    return Markup(html)  # noqa: S704 - never text from outside


@functools.cache
def style_sheet() -> str:
    """All sheets of the report, `base.css` first: everything in them is scoped under `.jstock`."""
    sheets = sorted(_STYLES.glob("*.css"), key=lambda path: (path.stem != "base", path.stem))
    return "\n".join(sheet.read_text(encoding="utf-8").strip() for sheet in sheets)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
