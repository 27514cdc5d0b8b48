"""The pages as HTML: without an error of syntax, with ids that are unique, and links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.test_pages import STATES

LARGEST = 1_000_000


@pytest.mark.parametrize("name", ["ordinary", "japanese", "hostile", "crossing", "failed", "stale"])
def test_a_page_is_valid_html(files: Callable[[str], Path], name: str) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed; it is in the `test` extra")
    parser = html5lib.HTMLParser()
    parser.parse(files(name).read_text(encoding="utf-8"))
    assert parser.errors == []


@pytest.mark.parametrize("name", STATES)
def test_links_inside_a_page_lead_somewhere(files: Callable[[str], Path], name: str) -> None:
    html = files(name).read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\sid="([^"]*)"', html))
    assert [found for found, times in ids.items() if times > 1] == []
    assert {target for target in re.findall(r'href="#([^"]*)"', html) if target not in ids} == set()


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_light(files: Callable[[str], Path], name: str) -> None:
    assert files(name).stat().st_size < LARGEST
