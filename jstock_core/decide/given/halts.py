"""Halts by a person's word: which groups may buy nothing on a morning, and why.

A live morning asks the book that it decides on. A replay asks the journal what was so when each of its
mornings was lived; a backtest asks nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from jstock_core.market.calendar import OPEN
from jstock_core.state.book.book import Book, Halt
from jstock_core.state.facts.events import Decided, Event, Halted, Resumed

HaltedGroups = Mapping[str, str]
"""Why groups buy nothing, by their ids; "" for all groups."""
HaltsByDate = Mapping[date, HaltedGroups]
"""The same by trade date."""


def halt_reason(halt: Halt | Halted) -> str:
    """Why nothing is bought, as it stands with each signal that becomes no order."""
    return f"entries stopped: halted since {halt.at.replace('T', ' ')}: {halt.reason}"


def halted_groups(book: Book) -> HaltedGroups:
    """What is halted in a book."""
    return {scope: halt_reason(halt) for scope, halt in book.halts.items()}


def find_halt(halted: HaltedGroups, group: str) -> str:
    """Why a group buys nothing, "" where it may."""
    return halted.get("") or halted.get(group, "")


def halts_by_date(events: Iterable[Event], dates: Collection[date]) -> dict[date, dict[str, str]]:
    """What was halted for the newest decisions of those of some trade dates that were decided.

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
