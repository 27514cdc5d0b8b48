"""Cash below 0: a fact where no purchase took it there, as where a sale brought less than its fee."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from jstock_core.base.words import yen
from jstock_core.state.book.holdings import Book, GroupBook


@dataclass(frozen=True)
class SessionEnd:
    """A group's cash in yen at the end of a session that moved some, and whether it bought in it."""

    session: date
    cash: int
    bought: bool


@dataclass(frozen=True)
class Overdraft:
    """A group's cash below 0: the `lowest` it was and when first, and the `cash` that it has now, in yen."""

    group: str
    since: date
    session: date
    lowest: int
    cash: int

    @property
    def is_open(self) -> bool:
        """Whether cash is below 0 still."""
        return self.cash < 0

    @property
    def text(self) -> str:
        """What it is."""
        now = f"it is {yen(self.cash)} now" if self.is_open else "it has been covered since"
        return (
            f"group {self.group}: cash fell below ¥0 on {self.since}, lowest {yen(self.lowest)} on "
            f"{self.session}, by no purchase, as where a sale brings less than its fee; {now}"
        )

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        return (
            f"compare the fees with the broker's: `jstock state correct ID --fee YEN --reason TEXT` corrects "
            f"that of a fill, `jstock trade cash deposit {self.group} YEN` puts in what is missing"
        )

    @property
    def advice(self) -> str:
        """What it is, and while it is open what to do."""
        return f"{self.text}; {self.remedy}" if self.is_open else self.text


def session_ends(group: GroupBook) -> Iterator[SessionEnd]:
    """The cash at the end of each session that moved shares or cash; inside one the order is not known."""
    cash = 0
    for session, moves in groupby(group.moves, key=lambda move: move.session):
        own = tuple(moves)
        cash += sum(move.cash for move in own)
        yield SessionEnd(session, cash, any(move.shares > 0 > move.cash for move in own))


def find_overdrafts(book: Book) -> tuple[Overdraft, ...]:
    """The groups whose cash was below 0 after a session without purchases, in the order of their ids."""
    found = []
    for name, group in sorted(book.groups.items()):
        below = [end for end in session_ends(group) if end.cash < 0 and not end.bought]
        if below:
            lowest = min(below, key=lambda end: end.cash)
            found.append(Overdraft(name, below[0].session, lowest.session, lowest.cash, group.cash))
    return tuple(found)
