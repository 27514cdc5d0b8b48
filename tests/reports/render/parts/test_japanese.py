"""The page of every state in Japanese: no text of it is missing in the catalogue."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import pytest

from jstock_core.reports.language.catalogue import read_catalogue
from jstock_core.reports.render.page import SECTIONS, MorningPage
from jstock_core.reports.render.parts.words import Words
from tests.pages.states import states

KNOWN = {*read_catalogue("ja").texts, *read_catalogue("ja").sentences.whole}


@dataclass(frozen=True)
class StrictWords(Words):
    """Words that note what they have no Japanese for."""

    missing: set[str] = field(default_factory=set, compare=False)

    def __call__(self, text: str, **places: object) -> str:
        if text not in KNOWN and re.search("[A-Za-z]{2}", text):
            self.missing.add(text)
        return super().__call__(text, **places)


ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
KEPT = re.compile(
    r"`[^`]*`|<code.*?</code>|<script.*?</script>|jstock strategies check \w+|\w+ [0-9a-f]{12}|\w+ Strategy"
)
"""Commands, hashes and the names of groups."""


@pytest.fixture(scope="module")
def reports():
    return {name: state.report for name, state in states().items()}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_of_every_state_has_its_texts_in_the_catalogue(reports, name: str) -> None:
    words = StrictWords("ja")
    for report in reports.values():
        MorningPage(report, words).section(name)
    assert words.missing == set()


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("state", ["ordinary", "degraded", "manual", "no_orders", "rehearsal"])
def test_no_english_is_left_in_a_section(reports, state: str, name: str) -> None:
    shown = MorningPage(reports[state], Words("ja")).section(name)
    page = re.sub(r"<[^>]+>", "\n", KEPT.sub("", html.unescape(shown.html)))
    texts = [*page.splitlines(), *KEPT.sub("", shown.markdown).splitlines()]
    assert [text for text in texts if ENGLISH_WORDS.search(text)] == []
