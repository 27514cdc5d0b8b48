"""Where the numbers of a report come from: facts of the journal and values of the market data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_PARTS = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, kw_only=True)
class FactSpan:
    """All facts in force of some `kinds`, or of every kind; of a `group`, or of all of them ("").

    What concerns every group, as a split, is among those of each.
    """

    kinds: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Values of the market data: `columns` of `codes` in the sessions from `first` to `last`.

    Columns of bars have codes; "topix", "flows", "statements", "announcements", "dividends" and "actions"
    have none where they are read for the whole market, or for stocks that are named beside them.
    """

    columns: tuple[str, ...]
    codes: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the numbers below `path`, a place as in `report.json`, come from.

    `numbers` names those that are meant, none of them all that have no origin nearer to them. `events` are
    ids of facts; one that was corrected is found under its correction.
    """

    path: str
    numbers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    facts: tuple[FactSpan, ...] = ()
    cells: tuple[Cells, ...] = ()


def origin_of(origins: Iterable[Origin], path: str) -> Origin | None:
    """The nearest origin of the number at a path, as "portfolio.held[0].lots[1].cost"; None without any."""
    parts = _PARTS.findall(path)
    found, nearest = None, (-1, False)
    for origin in origins:
        own = _PARTS.findall(origin.path)
        inside = parts[: len(own)] == own
        named = len(parts) > len(own) and parts[len(own)] in origin.numbers
        if inside and (named or not origin.numbers) and (len(own), named) > nearest:
            found, nearest = origin, (len(own), named)
    return found
