"""A score as a small bar of its parts, and its parts in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jstock_core.base.words import capitalize, signed_number
from jstock_core.explain.parts import FULL, Part
from jstock_core.reports.render.parts.markup import safe
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.small import score_bar
from jstock_core.reports.render.svg.values import BarPart

_TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class PartLine:
    """A part in words: its name, what it adds, how it came about, and its number in the bar, 0 for none."""

    name: str
    value: str
    detail: str
    number: int
    is_neutral: bool


@dataclass(frozen=True)
class ScoreView:
    """A score as it is shown: the number, the bar, the parts, and from where it buys, "" where unknown."""

    number: str
    bar: str
    threshold: str
    parts: tuple[PartLine, ...]


def score_view(
    score: float | None, threshold: float | None, parts: Sequence[Part], words: Words
) -> ScoreView:
    """A score with its parts; a score alone is one bar."""
    pieces = tuple(_pieces(score, parts, words))
    split = len(pieces) > 1
    return ScoreView(
        number=words.number(score, 1),
        bar=safe(_bar(score, threshold, pieces, words)),
        threshold="" if threshold is None else words("buys from {n}", n=f"{threshold:g}"),
        parts=tuple(
            _line(n % 6 + 1 if split else 0, part, words)
            for n, part in enumerate(parts)
            if not _is_idle(part)
        ),
    )


def _is_idle(part: Part) -> bool:
    """A factor that changes nothing."""
    return part.kind == "x" and part.value == 1 and not part.detail


def legend_parts(scores: Iterable[ScoreView]) -> tuple[PartLine, ...]:
    """The parts that the colours of all bars stand for; none where the rules have different ones."""
    named: dict[tuple[str, ...], tuple[PartLine, ...]] = {}
    for score in scores:
        parts = tuple(part for part in score.parts if part.number)
        if len(parts) > 1:
            named.setdefault(tuple(part.name for part in parts), parts)
    return next(iter(named.values())) if len(named) == 1 else ()


def _bar(score: float | None, threshold: float | None, pieces: Sequence[BarPart], words: Words) -> str:
    said = words.join(piece.name for piece in pieces if piece.value) if len(pieces) > 1 else ""
    title = words("Score {n} of 100", n=words.number(score, 1))
    least = "" if threshold is None else words("buys from {n}", n=f"{threshold:g}")
    return score_bar("; ".join(text for text in (title, least, said) if text), pieces, threshold=threshold)


def _pieces(score: float | None, parts: Sequence[Part], words: Words) -> Iterator[BarPart]:
    """What each part adds, so that together they are the score; the score itself where they cannot be."""
    added = [_added(part, parts) for part in parts]
    whole = sum(points for points in added if points is not None)
    if score is None or not parts or min((p or 0 for p in added), default=0) < 0 or abs(whole - score) > 1e-6:
        yield BarPart(words("Score"), score or 0)
        return
    for part, points in zip(parts, added, strict=True):
        yield BarPart(f"{part_name(part, words)} {words.number(points or 0, 1)}", points or 0)


def _added(part: Part, parts: Sequence[Part]) -> float | None:
    """Points that a part adds to the whole, its share of the earnings penalty taken off."""
    if part.kind == "+":
        return FULL * part.value
    factors = [each.value for each in parts if each.kind == "x"]
    return None if part.points is None else part.points * (factors[0] if factors else 1)


def part_name(part: Part, words: Words) -> str:
    """The name of a part, with a capital letter."""
    name = words.rule(part.name) if part.kind == "entry" else words.sentence(part.name).replace("_", " ")
    return capitalize(name)


def _line(number: int, part: Part, words: Words) -> PartLine:
    neutral = words("neutral: {why}", why=words.sentence(part.detail)) if part.neutral else ""
    return PartLine(
        name=part_name(part, words),
        value=_value(part, words),
        detail=neutral or words.sentence(part.detail),
        number=0 if part.kind == "x" else number,
        is_neutral=part.neutral,
    )


def _value(part: Part, words: Words) -> str:
    if part.kind == "x":
        return f"{_TIMES} {part.value:g}"
    if part.kind == "+":
        return signed_number(FULL * part.value, 0)
    if part.kind == "entry":
        least = "" if part.threshold is None else f" / {part.threshold:g}"
        return f"{words.number(part.value, 1)}{least}"
    points = words.number(part.points, 1)
    return f"{part.value:g} {_TIMES} {part.weight:g} = {points}" if part.weight is not None else points
