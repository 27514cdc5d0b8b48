"""Halts that a person declared: which groups may buy nothing on a morning, and why.

A live morning reads them from its book. A replay reads from the journal which halts were in force on each of
its mornings. A backtest has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from jstock_core.market.calendar import OPEN
from jstock_core.state.book.book import Book, Halt
from jstock_core.state.facts.events import Decided, Event, Halted, Resumed

HaltedGroups = Mapping[str, str]
"""By group id, why the group buys nothing; the id "" stands for all groups."""
HaltsByDate = Mapping[date, HaltedGroups]
"""Halted groups by trade date."""


def halt_reason(halt: Halt | Halted) -> str:
    """Why nothing is bought, as it is shown with each signal that becomes no order."""
    return f"entries stopped: halted since {halt.at.replace('T', ' ')}: {halt.reason}"


def halted_groups(book: Book) -> HaltedGroups:
    """The halts in force in a book."""
    return {scope: halt_reason(halt) for scope, halt in book.halts.items()}


def find_halt(halted: HaltedGroups, group: str) -> str:
    """Why a group buys nothing, "" if it may."""
    return halted.get("") or halted.get(group, "")


def halts_by_date(events: Iterable[Event], dates: Collection[date]) -> dict[date, dict[str, str]]:
    """The halts that applied to the newest decision for each of these trade dates, where there is one.

    A halt between a decision and its open withdrew the decision's buys, so it counts for that date too.
    """
    halted: dict[str, str] = {}
    found: dict[date, dict[str, str]] = {}
    for event in events:
        match event:
            case Decided() if event.session in dates:
                found.setdefault(event.session, {})[event.group] = find_halt(halted, event.group)
            case Halted():
                halted[event.scope] = halt_reason(event)
                if event.at < f"{event.session}T{OPEN:%H:%M}":
                    decided = found.get(event.session, {})
                    decided.update({g: halt_reason(event) for g in decided if event.scope in ("", g)})
            case Resumed():
                halted.pop(event.scope, None)
            case _:
                pass
    return {day: {group: why for group, why in own.items() if why} for day, own in found.items()}
