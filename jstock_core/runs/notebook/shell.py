"""The shell of every page that a run leaves: its head with one sheet and one script, and templates."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jstock_core.reports.render.parts.markup import prose, style_sheet
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.runs.links import PageLinks

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the shell of a page shows around its content."""

    title: str
    css: str
    simulated: bool = False
    historical: bool = False
    status: str = ""
    failure: str = ""
    has_failed_cell: bool = False
    needs_heading: bool = False
    words: Words = ENGLISH
    has_top: bool = False
    script: str = ""
    links: PageLinks | None = None

    @property
    def policy(self) -> str:
        """The content security policy: the page's own sheet and script, and pictures inside the file."""
        script = f"; script-src '{_digest(self.script)}'" if self.script else ""
        return f"default-src 'none'; img-src data:; style-src '{_digest(self.css)}'{script}"


def _digest(text: str) -> str:
    """The hash by which a policy allows what stands inside a page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def page_script() -> str:
    """The script of a report's page."""
    return (TEMPLATES / "jstock" / "page.js").read_text(encoding="utf-8")


def render_page(
    template: str | Path,
    *,
    title: str,
    links: PageLinks | None = None,
    words: Words = ENGLISH,
    css: str = "",
    script: str = "",
    **values: object,
) -> str:
    """A page that is not a notebook, in the same style; values are escaped.

    `template` is one of this room, or the path of another. `css` comes after the sheet of all pages.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    template = Path(template)
    loader = FileSystemLoader([template.parent, TEMPLATES / "jstock"])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["prose"] = prose
    sheet, own = Markup(f"{style_sheet()}{css}"), Markup(script)  # noqa: S704 - ours, not from outside
    page = Page(title=title, css=sheet, script=own, links=links, words=words)
    return environment.get_template(template.name).render(page=page, words=words, **values).strip() + "\n"
