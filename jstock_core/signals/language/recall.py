"""What rules said of holdings in a view, kept with the view: all backtests that share it ask once.

Where sets of a sweep share an exit or some of its layers, or seeds all rules, many positions are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

from jstock_core.signals.features.view import View

T = TypeVar("T")

_KEPT = 50_000
"""Answers that a view keeps, so that those of many backtests do not fill the memory."""
_MISSING: Any = object()


class Recall:
    """Answers by question, rule and place.

    A place is whatever the answer hangs on beside the rule. Rules and places have numbers, none of which is
    given twice: as keys they cost a tenth of what they stand for.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int, int], Any] = {}
        self._numbers: dict[Hashable, int] = {}
        self._rules: dict[int, tuple[Hashable, int | None]] = {}  # by id: the rule is kept as long
        self._next = count()

    @classmethod
    def of(cls, view: View) -> Recall:
        """That of a view."""
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
        """What a rule answers at a place; `find` is asked where nobody has been told yet."""
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
        """The number of a rule, one for all that are equal; None where it cannot be a key."""
        known = self._rules.get(id(rule))
        if known is None:
            if len(self._rules) >= _KEPT:
                self._rules.clear()
            try:
                known = rule, self.place(rule)
            except TypeError:  # it has a field that cannot be a key
                known = rule, None
            self._rules[id(rule)] = known
        return known[1]
