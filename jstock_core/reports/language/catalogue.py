"""The catalogue of a language: English texts of the code, and what stands in their place."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.reports.language.sentences import Sentences

if TYPE_CHECKING:
    from babel.messages.catalog import Message

CORE = "core"
"""The context of sentences that the core makes."""


@dataclass(frozen=True)
class Catalogue:
    """What is shown for the texts of pages, by the English of the code, and for the sentences of the core."""

    texts: Mapping[str, str]
    sentences: Sentences

    def text(self, english: str) -> str:
        """A text of a page, or a whole text of the core such as the name of a data set; else the English."""
        known = self.texts.get(english)
        return self.sentences.whole.get(english, english) if known is None else known


@functools.cache
def read_catalogue(language: str) -> Catalogue:
    """The catalogue of a language that is not English: "ja"."""
    from babel.messages.pofile import read_po

    path = Path(__file__).parent / f"{language}.po"
    messages = [m for m in read_po(io.BytesIO(path.read_bytes())) if m.id]
    texts = (pair for m in messages if m.context is None for pair in _forms(m))
    said = (pair for m in messages if m.context == CORE for pair in _forms(m))
    return Catalogue(dict(texts), Sentences.of(dict(said)))


def _forms(message: Message) -> Iterator[tuple[str, str]]:
    """Each English form, of one or of several, with what is shown for it."""
    english = (message.id,) if isinstance(message.id, str) else message.id
    shown = message.string if isinstance(message.string, str) else (message.string or ("",))[-1]
    yield from ((form, shown) for form in english)
