"""Refusals: why a BUY or SELL did not become an order, or why a group may not enter.

The journal keeps refusals as text. Only this module writes that text and reads it back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jstock_core.signals.language.guards import Filter, Mode, Protection

Source = Literal["check", "filter", "protection"]

_SHADOW = "shadow: "
_RULE = re.compile(r"(?P<kind>filter|protection) (?P<rule>[^:;]+): (?P<reason>.*)", re.DOTALL)
_NEXT = re.compile(r"; (?=(?:filter|protection) [^:;]+: )")


@dataclass(frozen=True)
class Refusal:
    """A reason against an order, from the filter or protection `rule`, or from a check of the desk.

    A refusal with the mode "shadow" is shown and was not applied. Checks (data, open orders, history, score,
    size, halts) have no `rule`.
    """

    kind: Source
    rule: str
    mode: Mode
    reason: str

    @classmethod
    def check(cls, reason: str) -> Refusal:
        """A refusal by a check of the desk."""
        return cls("check", "", "enforce", reason)

    @classmethod
    def of(cls, rule: Filter | Protection, mode: Mode, reason: str) -> Refusal:
        """A refusal by a filter or protection."""
        return cls("filter" if isinstance(rule, Filter) else "protection", rule.name, mode, reason)

    @property
    def title(self) -> str:
        """The rule with its kind, as 'filter min_turnover'; "" for a check."""
        return f"{self.kind} {self.rule}" if self.rule else ""

    @property
    def is_shadow(self) -> bool:
        """Whether it is only shown, and not applied."""
        return self.mode == "shadow"


def refusals_text(refusals: Sequence[Refusal]) -> str:
    """'filter a: reason; filter b: reason', after 'shadow: ' where they were not applied; "" for none."""
    text = "; ".join(f"{part.title}: {part.reason}" if part.rule else part.reason for part in refusals)
    return f"{_SHADOW}{text}" if refusals and refusals[0].is_shadow else text


def read_refusals(text: str) -> tuple[Refusal, ...]:
    """Read the text of `refusals_text`. A text without a filter or protection is that of a check."""
    if not text:
        return ()
    mode: Mode = "shadow" if text.startswith(_SHADOW) else "enforce"
    found = [_RULE.fullmatch(part) for part in _NEXT.split(text.removeprefix(_SHADOW))]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        return (Refusal.check(text),)
    kinds: dict[str, Source] = {"filter": "filter", "protection": "protection"}
    return tuple(Refusal(kinds[part["kind"]], part["rule"], mode, part["reason"]) for part in parts)
