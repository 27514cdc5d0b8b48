"""A page is printed by the browser that is there, or it is said that there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError, WriteError
from jstock_core.reports.render.outgoing import pdf
from jstock_core.reports.render.outgoing.pdf import BROWSER, find_browser, print_pdf

PAGE = "<!DOCTYPE html><title>p</title><p>Orders for 2026-01-21</p>"


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BROWSER, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf, "_PLACES", ())


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_without_a_browser_it_is_said_what_to_install(no_browser: None) -> None:
    with pytest.raises(UsageError, match="no Chromium, Chrome or Edge") as caught:
        find_browser()
    assert BROWSER in caught.value.do


def test_the_environment_names_another_browser(
    no_browser: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = script(tmp_path / "mine", "exit 0")
    monkeypatch.setenv(BROWSER, str(own))
    assert find_browser() == own


def test_a_browser_that_prints_nothing_leaves_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    broken = script(tmp_path / "broken", "echo no display >&2; exit 1")
    with pytest.raises(WriteError, match="broken printed nothing: no display"):
        print_pdf(page, tmp_path / "page.pdf", broken)
    with pytest.raises(WriteError, match="does not print"):
        print_pdf(page, tmp_path / "page.pdf", tmp_path / "gone")
    assert not (tmp_path / "page.pdf").exists()


def test_a_page_becomes_a_pdf(tmp_path: Path) -> None:
    try:
        browser = find_browser()
    except UsageError:
        pytest.skip("no Chromium, Chrome or Edge is installed")
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    made = print_pdf(page, tmp_path / "folder" / "page.pdf", browser)
    assert made.read_bytes().startswith(b"%PDF-")
