"""Sheets and templates of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jstock_core.reports.render.parts.markup import (
    object_sheet,
    prose,
    safe,
    style_sheet,
    styled,
    without_sheets,
)


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Every rule of a sheet: its selector, and its declarations."""
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        yield selector.strip(), body.strip()


def test_the_sheet_begins_with_its_colours_and_asks_for_nothing() -> None:
    sheet = style_sheet()
    assert sheet.startswith(".jstock{--paper:")
    assert len(sheet) < 60_000
    for unwanted in ("url(", "@import", "/*", "  "):
        assert unwanted not in sheet


def test_every_rule_keeps_to_what_jstock_shows() -> None:
    """A notebook shows other things too, and JupyterLab's own controls stand beside them."""
    for selector, _ in rules(style_sheet()):
        if not selector.startswith("@") and selector:
            for each in selector.split(","):
                assert "jstock" in each, selector


def test_dark_pages_and_dark_notebooks_have_the_same_colours() -> None:
    dark = [body for selector, body in rules(style_sheet()) if "data-jp-theme-light" in selector]
    assert len(dark) >= 2
    assert dark[::2] == dark[1::2]


def test_only_our_own_markup_is_safe() -> None:
    assert safe("<b>") + "<i>" == "<b>&lt;i&gt;"


def test_commands_in_a_sentence_are_selected_with_a_tap() -> None:
    assert prose("run `jstock daily` <now>") == 'run <code class="copy">jstock daily</code> &lt;now&gt;'
    assert prose("a ` alone") == "a ` alone"
    assert prose("`<b>`") == '<code class="copy">&lt;b&gt;</code>'


def test_a_notebook_gets_the_sheet_and_a_page_takes_it_out() -> None:
    html = '<section class="jstock">x</section>'
    assert without_sheets(styled(html, style_sheet())) == html
    assert styled(html, "") == html
    assert styled("", style_sheet()) == ""
    assert "<" not in style_sheet()


def test_a_single_object_needs_less() -> None:
    assert style_sheet().startswith(object_sheet())
    assert len(object_sheet()) < 12_000
