"""Cash below 0 that no purchase caused, as where a sale brings less than its fee: a fact, no damaged book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from jstock_core.base.words import yen
from jstock_core.state.book.holdings import Book, GroupBook


@dataclass(frozen=True)
class SessionEnd:
    """A group's cash in yen at the end of a session that moved it, and whether the group bought in it."""

    session: date
    cash: int
    bought: bool


@dataclass(frozen=True)
class Overdraft:
    """A group's cash below 0, in yen: first `since`, `lowest` in `session`, and `cash` now."""

    group: str
    since: date
    session: date
    lowest: int
    cash: int

    @property
    def is_open(self) -> bool:
        """Whether cash is still below 0."""
        return self.cash < 0

    @property
    def text(self) -> str:
        """The overdraft in a sentence."""
        now = f"it is {yen(self.cash)} now" if self.is_open else "it has been covered since"
        return (
            f"group {self.group}: cash fell below ¥0 on {self.since}, lowest {yen(self.lowest)} on "
            f"{self.session}, by no purchase, as where a sale brings less than its fee; {now}"
        )

    @property
    def remedy(self) -> str:
        """What a person can do about it."""
        return (
            f"compare the fees with the broker's: `jstock state correct ID --fee YEN --reason TEXT` corrects "
            f"that of a fill, `jstock trade cash deposit {self.group} YEN` puts in what is missing"
        )

    @property
    def advice(self) -> str:
        """The overdraft in a sentence, with the remedy while cash is below 0."""
        return f"{self.text}; {self.remedy}" if self.is_open else self.text


def session_ends(group: GroupBook) -> Iterator[SessionEnd]:
    """The cash at the end of each session with moves; their order within a session is unknown."""
    cash = 0
    for session, moves in groupby(group.moves, key=lambda move: move.session):
        own = tuple(moves)
        cash += sum(move.cash for move in own)
        yield SessionEnd(session, cash, any(move.shares > 0 > move.cash for move in own))


def find_overdrafts(book: Book) -> tuple[Overdraft, ...]:
    """The groups whose cash was below 0 after a session without purchases, sorted by id."""
    found = []
    for name, group in sorted(book.groups.items()):
        below = [end for end in session_ends(group) if end.cash < 0 and not end.bought]
        if below:
            lowest = min(below, key=lambda end: end.cash)
            found.append(Overdraft(name, below[0].session, lowest.session, lowest.cash, group.cash))
    return tuple(found)
