"""A cache of answers of rules, kept with a view and shared by all backtests on it.

Sets of a sweep often have exits, or layers of exits, in common, and runs with other seeds have all of them.
Their positions are often the same, and then a layer has to be asked only once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

from jstock_core.signals.features.view import View

T = TypeVar("T")

_KEPT = 50_000
"""Largest number of answers that are kept, to limit memory."""
_MISSING: Any = object()


class Recall:
    """Answers by question, rule and place.

    A place is everything that an answer depends on beside the rule: rows and holding. Rules and places are
    replaced by unique numbers, because hashing a number takes a tenth of the time.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int, int], Any] = {}
        self._numbers: dict[Hashable, int] = {}
        # By id. The rule itself is kept too, so that no other object gets its id.
        self._rules: dict[int, tuple[Hashable, int | None]] = {}
        self._next = count()

    @classmethod
    def of(cls, view: View) -> Recall:
        """The cache of a view."""
        return view.memo("recall", cls)

    def place(self, key: Hashable) -> int:
        """The number of a place."""
        found = self._numbers.get(key)
        if found is None:
            if len(self._numbers) >= _KEPT:
                self._numbers.clear()
            found = self._numbers[key] = next(self._next)
        return found

    def answer(self, question: str, rule: Hashable, place: int, find: Callable[[], T]) -> T:
        """The answer of a rule at a place; `find` computes it the first time."""
        number = self._rule(rule)
        if number is None:
            return find()
        key = question, number, place
        found: T = self._answers.get(key, _MISSING)
        if found is _MISSING:
            if len(self._answers) >= _KEPT:
                self._answers.clear()
            found = self._answers[key] = find()
        return found

    def _rule(self, rule: Hashable) -> int | None:
        """The number of a rule, the same for equal rules; None for a rule that cannot be hashed."""
        known = self._rules.get(id(rule))
        if known is None:
            if len(self._rules) >= _KEPT:
                self._rules.clear()
            try:
                known = rule, self.place(rule)
            except TypeError:  # it has a field that cannot be hashed
                known = rule, None
            self._rules[id(rule)] = known
        return known[1]
