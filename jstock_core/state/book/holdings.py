"""The book: cash, lots and open orders of all groups, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, NoReturn, TypeVar

from jstock_core.base.errors import StateError
from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.state.book.entries import ShareEntry
from jstock_core.state.book.lots import Lot, cost_of, shares_of
from jstock_core.state.facts.events import Dividend, OrderPlaced, SplitApplied, Status

T = TypeVar("T")


class Latest(NamedTuple):
    """The newest decision of a group."""

    session: date
    status: Status
    revision: int


class Halt(NamedTuple):
    """A halt: nothing is bought from `session` on. `at` is the minute (JST) in which it was declared."""

    session: date
    at: str
    reason: str


class Move(NamedTuple):
    """What one fact changed in a group: `shares` of `code` ("" for none), and `cash` in yen.

    `given` is the part, in yen, that came from outside and is no gain: deposits less withdrawals, and
    adjustments at cost. `layer` is the exit layer behind a sale, "" for everything else.
    """

    session: date
    code: str
    shares: int
    cash: int
    given: int = 0
    layer: str = ""


class Position(NamedTuple):
    """All lots of a code in a group; `cost` in yen. `opened`, `score`, `evaluated` are the oldest lot's."""

    code: str
    shares: int
    cost: int
    opened: date
    score: float | None
    evaluated: date

    @property
    def average_price(self) -> float:
        """Yen paid per share held, after splits."""
        return self.cost / self.shares


@dataclass(frozen=True)
class GroupBook:
    """A group's cash, lots and open orders.

    All amounts are whole yen, and exactly: cash + cost of lots = deposited + realized + dividends - fees +
    adjusted.

    - `opened`: session of the first deposit
    - `deposited`: deposits less withdrawals
    - `realized`: FIFO gains and cash in lieu, before `fees`
    - `adjusted`: cash, and cost of shares, that adjustments put in, less what they took out
    - `taken`: by code, the exit layers that sold part of the current position
    - `unsold`: by code, the exit layers whose sell ended without all its shares, with the D of its decision
    - `moves`: sorted; they add up to the cash and to the shares of each code, so that with prices they give
      the group's value at any close
    - `reviewed`: D of the two newest complete decisions, the older first
    - `received`: the dividends that make up `dividends`, by session
    """

    id: str
    opened: date = date.max
    cash: int = 0
    lots: Mapping[str, tuple[Lot, ...]] = field(default_factory=dict)
    orders: Mapping[str, OrderPlaced] = field(default_factory=dict)
    deposited: int = 0
    realized: int = 0
    dividends: int = 0
    fees: int = 0
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict)
    adjusted: int = 0
    moves: tuple[Move, ...] = ()
    reviewed: tuple[date, ...] = ()
    unsold: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    received: tuple[Dividend, ...] = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a group's book has no truth value: a cash of 0 is not the same as no group")

    @property
    def held(self) -> tuple[str, ...]:
        """The codes held, sorted."""
        return tuple(sorted(self.lots))

    @property
    def reserved(self) -> int:
        """Yen reserved for open BUY orders."""
        return sum(order.reserve for order in self.orders.values() if order.side == "BUY")

    @property
    def invested(self) -> int:
        """Cost of all lots held, in yen."""
        return sum(cost_of(lots) for lots in self.lots.values())

    @property
    def unexplained(self) -> int:
        """Yen that the identity of `GroupBook` leaves over: always 0 unless the fold is wrong."""
        sources = self.deposited + self.realized + self.dividends - self.fees + self.adjusted
        return self.cash + self.invested - sources

    def position(self, code: str) -> Position:
        """The position in a code.

        Raises:
            StateError: the group does not hold it.

        """
        lots = self.lots.get(code)
        if not lots:
            raise StateError(
                f"{code} is not held",
                where=f"group {self.id}",
                do=f"held: {', '.join(self.held) or 'nothing'}",
            )
        oldest = lots[0]
        return Position(code, shares_of(lots), cost_of(lots), oldest.session, oldest.score, oldest.evaluated)


@dataclass(frozen=True)
class Book:
    """All groups, after `seq` events.

    `decided` is each group's newest decision, `halts` are the halts in force by group, "" for one of all
    groups. `entries` are the facts about shares that the book was folded from, by family of codes; None for a
    book that was cached for reading. `moved` is the family of each code that a change of code joined to
    another. Both are left out of comparisons, because they follow from the same events. `recorded_splits` are
    those that a person recorded, applied to the lots or announced: the market data may not have them.
    """

    groups: Mapping[str, GroupBook] = field(default_factory=dict)
    settled_through: date | None = None
    decided: Mapping[str, Latest] = field(default_factory=dict)
    seq: int = 0
    entries: Mapping[str, tuple[ShareEntry, ...]] | None = field(default=None, compare=False, repr=False)
    halts: Mapping[str, Halt] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    recorded_splits: tuple[RecordedSplit, ...] = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a book has no truth value: look at its groups or its seq")

    def halt_of(self, group: str) -> Halt | None:
        """The halt that stops a group's buys, one of all groups before its own; None if it may buy."""
        return self.halts.get("") or self.halts.get(group)

    def splits_of(self, code: str) -> tuple[SplitApplied, ...]:
        """The recorded splits of a code, the oldest first; empty for a book that was cached for reading."""
        return tuple(
            entry.event
            for entries in (self.entries or {}).values()
            for entry in entries
            if isinstance(entry.event, SplitApplied) and entry.event.code == code
        )

    def group(self, group: str) -> GroupBook:
        """The book of a group.

        Raises:
            StateError: nothing was ever deposited for it.

        """
        found = self.groups.get(group)
        if found is None:
            known = ", ".join(sorted(self.groups)) or "none"
            raise StateError(
                f'no group "{group}" in the journal',
                where=f"groups: {known}",
                do="deposit its initial cash first",
            )
        return found


def without_key(mapping: Mapping[str, T], key: str) -> Mapping[str, T]:
    """A copy of the mapping without a key; the mapping itself if it lacks the key."""
    return {k: value for k, value in mapping.items() if k != key} if key in mapping else mapping
