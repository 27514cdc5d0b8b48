"""Sheets and templates of the page."""

from __future__ import annotations

from jstock_core.reports.render.markup import safe, style_sheet


def test_the_base_sheet_comes_first_and_asks_for_nothing() -> None:
    sheet = style_sheet()
    assert sheet.startswith("/*")
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_only_our_own_markup_is_safe() -> None:
    assert safe("<b>") + "<i>" == "<b>&lt;i&gt;"
