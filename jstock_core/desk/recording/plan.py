"""The plan of a recording: each line beside its orders, and the new events."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from jstock_core.desk.recording.csv_file import SkippedLine
from jstock_core.desk.recording.fill_check import Oddity
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.matching import FillQuestion
from jstock_core.desk.recording.tickets import Crossing
from jstock_core.state.facts.codec import decimal_text
from jstock_core.state.facts.events import Event, OrderPlaced, SplitApplied

Outcome = Literal[
    "as ordered", "partial", "more than ordered", "not filled", "no order", "off exchange", "fee added",
    "known", "asked", "cancelled", "corrected",
]  # fmt: skip
NOT_RECORDED: frozenset[Outcome] = frozenset({"known", "asked", "cancelled", "corrected"})
"""Outcomes of lines for which nothing is recorded."""


@dataclass(frozen=True)
class PlannedLine:
    """A line beside its orders: `ordered` shares were open before it, and `groups` get its fills.

    `opening` is the session's opening price, None where it is not known.
    """

    line: FillLine
    name: str
    outcome: Outcome
    ordered: int
    groups: tuple[str, ...]
    opening: Decimal | None
    odd: tuple[Oddity, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The plan of a recording: each line, what crosses inside the desk, and the new events.

    `still_open` are a person's orders of these sessions that are not completely filled; `warnings` are
    sentences about groups whose cash falls below zero. Nothing is recorded while `questions` have no answer.
    `skipped` are lines of a file that are not recorded.
    """

    source: str
    lines: tuple[PlannedLine, ...]
    crossings: tuple[Crossing, ...]
    events: tuple[Event, ...]
    still_open: tuple[OrderPlaced, ...]
    warnings: tuple[str, ...]
    questions: tuple[FillQuestion, ...] = ()
    skipped: tuple[SkippedLine, ...] = ()

    @property
    def splits(self) -> tuple[SplitApplied, ...]:
        """The splits that are recorded with the lines."""
        return tuple(event for event in self.events if isinstance(event, SplitApplied))

    @property
    def new(self) -> int:
        """How many lines are recorded as new facts."""
        return sum(planned.outcome not in NOT_RECORDED for planned in self.lines)

    @property
    def known(self) -> int:
        """How many lines are recorded already."""
        return sum(planned.outcome == "known" for planned in self.lines)

    @property
    def odd(self) -> tuple[tuple[PlannedLine, Oddity], ...]:
        """The oddities that are recorded only with consent, with their lines."""
        return tuple((line, odd) for line in self.lines for odd in line.odd if odd.consent)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "recorded": self.new,
            "known": self.known,
            "source": self.source,
            "lines": [_line_json(planned) for planned in self.lines],
            "splits": [split.id for split in self.splits],
            "crossed": [crossing.as_json() for crossing in self.crossings],
            "still_open": [order.id for order in self.still_open],
            "warnings": list(self.warnings),
            "questions": [question.as_json() for question in self.questions],
            "skipped": [line.as_json() for line in self.skipped],
        }


def _line_json(planned: PlannedLine) -> dict[str, Any]:
    line = planned.line
    return {
        "line": line.number,
        "session": str(line.session),
        "groups": list(planned.groups),
        "code": line.code,
        "name": planned.name,
        "side": line.side,
        "kind": line.kind,
        "shares": line.shares,
        "price": decimal_text(line.price) if line.shares else None,
        "fee": line.fee,
        "account": line.account,
        "ordered": planned.ordered,
        "is": planned.outcome,
        "opening_price": None if planned.opening is None else decimal_text(planned.opening),
        "odd": [odd.text for odd in planned.odd],
    }


def outcome_of(line: FillLine, wanted: int | None) -> Outcome:
    """What a line says of an order of `wanted` shares; None if nothing was ordered."""
    if not line.shares:
        return "not filled"
    if wanted is None:
        return "off exchange" if line.is_off_exchange else "no order"
    if line.shares == wanted:
        return "as ordered"
    return "partial" if line.shares < wanted else "more than ordered"
