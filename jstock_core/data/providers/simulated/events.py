"""What is scripted in the simulated market: the things that break naive systems, by name (events.csv).

Each happens whatever the seed. Splits carry J-Quants' AdjFactor (0.5 for 2:1, 10.0 for a 1:10
consolidation) and the date of their announcement; a split without one surprises on its ex-date.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from jstock_core.market.adjustments import CONSOLIDATION, RIGHTS, SPLIT


class EventKind(StrEnum):
    """What happens."""

    SPLIT = "split"
    HALT = "halt"
    LIMIT_UP = "limit-up"
    LIMIT_DOWN = "limit-down"
    LISTING = "listing"
    DELISTING = "delisting"
    RIGHTS = "rights"
    RECODE = "recode"
    CORRECTION = "correction"
    RESTATEMENT = "restatement"


@dataclass(frozen=True)
class ScriptedEvent:
    """A scripted event of one stock, from session `first` to `last`.

    `first` is the ex-date of a split or of a rights issue, whose factor moves no shares. A halt has no trade,
    a limit day one price at the limit. `first` is the first session of a listing, `last` the last one of a
    delisting. From `first` on a recoded stock has the code `becomes`. A correction or restatement: what was
    delivered for `first` was wrong until 16:30 of `last`. So is a rights issue whose `last` is later than its
    ex-date, without its factor.
    """

    name: str
    kind: EventKind
    code: str
    first: date
    last: date
    adj_factor: float = 1.0
    announced: date | None = None
    becomes: str = ""


def _read() -> tuple[ScriptedEvent, ...]:
    with (Path(__file__).parent / "events.csv").open(encoding="ascii", newline="") as file:
        return tuple(_event(row) for row in csv.DictReader(file))


def events_of_kind(*kinds: EventKind) -> tuple[ScriptedEvent, ...]:
    """The scripted events of some kinds, oldest first."""
    return tuple(sorted((e for e in EVENTS if e.kind in kinds), key=lambda e: e.first))


def ex_right_of(event: ScriptedEvent) -> int:
    """J-Quants' ExRT of a split, consolidation or rights issue."""
    if event.kind is EventKind.RIGHTS:
        return RIGHTS
    return SPLIT if event.adj_factor < 1 else CONSOLIDATION


def event(name: str) -> ScriptedEvent:
    """The event of that name; `KeyError` where there is none."""
    return {e.name: e for e in EVENTS}[name]


def _event(row: dict[str, str]) -> ScriptedEvent:
    return ScriptedEvent(
        row["name"],
        EventKind(row["kind"]),
        row["code"],
        date.fromisoformat(row["first"]),
        date.fromisoformat(row["last"]),
        float(row["adj_factor"] or 1.0),
        date.fromisoformat(row["announced"]) if row["announced"] else None,
        row["becomes"],
    )


EVENTS = _read()
"""All scripted events, in the order of the table."""
