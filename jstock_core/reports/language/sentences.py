"""Shows sentences that the core made in English in another language, without changing a number or a code.

A catalogue of sentences holds whole texts and patterns, as of "{code} is blocked: {why}". A place takes what
its name says: `n` a number, `code` a code, `day` a date, `group` the id of a group; what stands in these, and
in `name`, `rule`, `kept` and the other names of `_KEPT`, is kept as it is. Any other place, as `why`, holds a
text that is shown in turn. What no pattern fits is taken apart at semicolons, full stops, a colon, brackets
and commas; what then is not known, as a text of a plug-in, stays English.

A pattern is matched from left to right without going back, so that the time grows with the length of a text
only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 4_000
"""A longer text stays English."""
DEEPEST = 8
"""Texts within places of texts are shown up to this depth."""
_REMEMBERED = 5_000
_LONGEST_RUN = 3
"""Parts between semicolons that one entry may have."""

_PLACE = re.compile(r"\{([a-z]+)\d*\}")
_NAMED = re.compile(r"\{([a-z]+\d*)\}")
_WORD = re.compile(r"[A-Za-z]+")
_KINDS = {
    "n": re.compile(r"[+\-\N{MINUS SIGN}]?¥?[+\-\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?"),
    "code": re.compile(r"[0-9][0-9A-Z][0-9][0-9A-Z]0?"),
    "day": re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?"),
    "time": re.compile(r"(?:\d\d-\d\d )?\d\d:\d\d"),
    "side": re.compile(r"BUY|SELL"),
    "group": re.compile(r"[\w-]{1,100}"),
    "word": re.compile(r"[\w.-]+"),
}
"""What a place of this name holds, whole; `side` and `word` are shown in turn, the others are kept."""
_KEPT = {"n", "code", "codes", "day", "time", "group", "groups", "name", "rule", "kept"}
_MARKS = re.compile(r"[()`]|; |\. |: |, | AND ")
_JOINTS = (("; ", "。"), (". ", "。"), (": ", "："), (" AND ", "、かつ"))
"""What stands between the parts of a text, the widest first, and what is shown there."""


@dataclass(frozen=True)
class SentencePattern:
    """An English sentence with places: `literals` are the texts around its `places`, one more than these.

    `shown` are literals and, at odd positions, names of places.
    """

    literals: tuple[str, ...]
    places: tuple[str, ...]
    shown: tuple[str, ...]

    @classmethod
    def of(cls, english: str, shown: str) -> SentencePattern:
        """Take an entry of a catalogue apart."""
        parts = _NAMED.split(english)
        return cls(tuple(parts[::2]), tuple(parts[1::2]), tuple(_NAMED.split(shown)))

    @property
    def weight(self) -> int:
        """Letters that are given: of several patterns that fit, the one with most is meant."""
        return sum(len(literal) for literal in self.literals)

    @property
    def words(self) -> Iterator[str]:
        """The words that every text of this pattern has as words of their own."""
        for n, literal in enumerate(self.literals):
            for found in _WORD.finditer(literal):
                bound_left = n == 0 or found.start() > 0
                bound_right = n == len(self.places) or found.end() < len(literal)
                if bound_left and bound_right:
                    yield found.group()

    def match(self, text: str) -> dict[str, str] | None:
        """The text of each place, where the pattern fits the whole text."""
        first, *between, last = self.literals
        end = len(text) - len(last)
        if not (text.startswith(first) and text.endswith(last) and end > len(first)):
            return None
        found: dict[str, str] = {}
        start = len(first)
        for place, literal in zip(self.places, (*between, None), strict=True):
            at = end if literal is None else text.find(literal, start + 1, end)
            value = text[start:at]
            if at < 0 or not value or not _holds(place, value):
                return None
            found[place] = value
            start = at + len(literal or "")
        return found


def _holds(place: str, value: str) -> bool:
    """Whether a place may hold this: no half of a bracket or command, and where it is kept, no two texts."""
    name = place.rstrip("0123456789")
    kind = _KINDS.get(name)
    if kind:
        return kind.fullmatch(value) is not None
    return _is_balanced(value) and (name not in _KEPT or not ("; " in value or ". " in value))


def _is_balanced(value: str) -> bool:
    if "(" not in value and ")" not in value and "`" not in value:
        return True
    depth = 0
    for letter in value:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0 and value.count("`") % 2 == 0


@dataclass(frozen=True)
class Sentences:
    """The sentences of a catalogue, ready to be found: whole ones, and patterns by one of their words."""

    whole: Mapping[str, str]
    patterns: Mapping[str, tuple[SentencePattern, ...]]
    _seen: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> Sentences:
        """The sentences of these entries.

        Raises:
            ValueError: a pattern has no word of its own by which it could be found.

        """
        whole = {english: shown for english, shown in entries.items() if not _PLACE.search(english)}
        made = [SentencePattern.of(e, shown) for e, shown in entries.items() if e not in whole]
        common = Counter(word for pattern in made for word in set(pattern.words))
        by_word: dict[str, list[SentencePattern]] = {}
        for pattern in sorted(made, key=lambda each: -each.weight):
            words = sorted(set(pattern.words), key=lambda word: (common[word], -len(word), word))
            if not words:
                raise ValueError(f"no word to find the sentence by: {''.join(pattern.literals)!r}")
            by_word.setdefault(words[0], []).append(pattern)
        return cls(whole, {word: tuple(found) for word, found in by_word.items()})

    def show(self, text: str) -> str:
        """The text in the language, as far as it is known."""
        if text not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            found = self._find(text, 0) if len(text) <= LONGEST else None
            self._seen[text] = text if found is None else found
        return self._seen[text]

    def knows(self, text: str) -> bool:
        """Whether something of the text is shown in the language."""
        return self._find(text, 0) is not None

    def _find(self, text: str, depth: int) -> str | None:
        """The text in the language, None where nothing of it is known."""
        if depth > DEEPEST:
            return None
        if not _WORD.search(text):
            return text
        known = self._find_one(text, depth + 1)
        return self._by_parts(text, depth + 1) if known is None else known

    def _find_one(self, text: str, depth: int) -> str | None:
        """The text as one entry of the catalogue has it."""
        known = self.whole.get(text)
        return self._by_pattern(text, depth) if known is None else known

    def _show(self, text: str, depth: int) -> str:
        found = self._find(text, depth)
        return text if found is None else found

    def _by_pattern(self, text: str, depth: int) -> str | None:
        fitting: tuple[SentencePattern, dict[str, str]] | None = None
        for word in dict.fromkeys(_WORD.findall(text)):
            for pattern in self.patterns.get(word, ()):
                if fitting is not None and pattern.weight <= fitting[0].weight:
                    break
                places = pattern.match(text)
                if places is not None:
                    fitting = pattern, places
                    break
        if fitting is None:
            return None
        pattern, places = fitting
        shown = {name: self._place(name, value, depth) for name, value in places.items()}
        return "".join(shown[part] if n % 2 else part for n, part in enumerate(pattern.shown))

    def _place(self, name: str, value: str, depth: int) -> str:
        return value if name.rstrip("0123456789") in _KEPT else self._show(value, depth)

    def _by_parts(self, text: str, depth: int) -> str | None:
        """The text taken apart, each part shown by itself; None where no part of it is known."""
        cuts = _cuts(text)
        for mark, joint in _JOINTS:
            if mark in cuts:
                parts = self._in_runs(_split(text, cuts[mark], len(mark)), mark, depth)
                return None if parts == [text] else self._joined(parts, joint, depth)
        if text.endswith("."):
            shown = self._find(text[:-1], depth)
            return None if shown is None else f"{shown}。"
        if ", " in cuts:
            return self._listed(_split(text, cuts[", "], 2), depth)
        head, bracket, inside = text.partition(" (")
        if bracket and inside.endswith(")"):
            return self._joined([head, inside[:-1]], "（", depth, end="）")
        return None

    def _in_runs(self, parts: Sequence[str], mark: str, depth: int) -> list[str]:
        """Parts put together again where several of them are one text of the catalogue."""
        made: list[str] = []
        start = 0
        while start < len(parts):
            end = min(start + _LONGEST_RUN, len(parts))
            while end - start > 1 and self._find_one(mark.join(parts[start:end]), depth) is None:
                end -= 1
            made.append(mark.join(parts[start:end]))
            start = end
        return made

    def _joined(self, parts: Sequence[str], joint: str, depth: int, end: str = "") -> str | None:
        found = [self._find(part, depth) for part in parts]
        if all(shown is None or not _WORD.search(part) for shown, part in zip(found, parts, strict=True)):
            return None
        return joint.join(part if one is None else one for one, part in zip(found, parts, strict=True)) + end

    def _listed(self, parts: Sequence[str], depth: int) -> str | None:
        """A list: shown only where every part of it is known, for a sentence has commas too."""
        found = [self._find(part, depth) for part in parts]
        known = [shown for shown in found if shown is not None]
        return "、".join(known) if len(known) == len(parts) else None


def _cuts(text: str) -> dict[str, list[int]]:
    """Where the marks that part a text stand, outside of brackets and of commands between backticks."""
    found: dict[str, list[int]] = {}
    depth, quoted = 0, False
    for match in _MARKS.finditer(text):
        mark = match.group()
        if mark == "`":
            quoted = not quoted
        elif quoted:
            continue
        elif mark in "()":
            depth = max(0, depth + (1 if mark == "(" else -1))
        elif depth == 0 and (mark != ": " or mark not in found):
            found.setdefault(mark, []).append(match.start())
    return found


def _split(text: str, cuts: Sequence[int], width: int) -> list[str]:
    starts = [0, *(cut + width for cut in cuts)]
    return [text[start:end] for start, end in zip(starts, [*cuts, len(text)], strict=True)]
