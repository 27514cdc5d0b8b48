"""Texts in a drawing: how wide they are, cut where they are too long, and moved apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

TEXT_SIZE = 12.0
"""Height of the letters in units of a drawing that is 360 wide: 11 px or more on a phone."""

_FULL, _CAPITAL, _LETTER, _THIN = 1.0, 0.68, 0.58, 0.34  # of the height
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_BROAD, _SLIM = frozenset("mwMW%@…"), frozenset("ijl.,:;'|! ")


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """About how wide a text is, in units of the drawing."""
    return size * sum(map(_letter_width, text))


def fit_text(text: str, width: float, size: float = TEXT_SIZE) -> str:
    """The text, its end replaced by an ellipsis where it is wider than `width`."""
    if text_width(text, size) <= width:
        return text
    cut = text
    while cut and text_width(cut + _ELLIPSIS, size) > width:
        cut = cut[:-1]
    return cut.rstrip() + _ELLIPSIS


def _letter_width(letter: str) -> float:
    if letter in _BROAD or unicodedata.east_asian_width(letter) in "WF":
        return _FULL
    return _THIN if letter in _SLIM else _CAPITAL if letter.isupper() else _LETTER


def move_apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places moved as little as a simple pass can so that all are `gap` apart and lie in `low`..`high`.

    In the order of `places`, which may be in any; where there is no room for all, the gap is smaller.
    """
    order = sorted(range(len(places)), key=lambda n: places[n])
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    moved = [min(max(places[n], low), high) for n in order]
    for n in range(1, len(moved)):
        moved[n] = max(moved[n], moved[n - 1] + gap)
    ceiling = high
    for n in reversed(range(len(moved))):
        moved[n] = min(moved[n], ceiling)
        ceiling = moved[n] - gap
    back = dict(zip(order, moved, strict=True))
    return [back[n] for n in range(len(places))]
