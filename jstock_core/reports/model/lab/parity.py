"""A span that a desk lived beside the backtest of it: what differs, why, and both curves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from jstock_core.base.errors import ExitStatus
from jstock_core.base.plain import plain_json


class ParityClass(StrEnum):
    """Why the desk and its backtest differ. Those of a decision have the words of `runs verify`."""

    MISSED = "missed morning"
    HALT = "halt"
    REVISION = "revision"
    DATA = "data"
    PARAMETERS = "parameters"
    PLUG_IN = "plug-in"
    CODE = "code"
    DAMAGED = "damaged"
    UNEXPLAINED = "unexplained"
    FOLLOWS = "follows"
    PRICE = "another price"
    SHARES = "other shares"
    NOT_FILLED = "not filled"
    UNRECORDED = "nothing recorded"
    BY_HAND = "by hand"

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS = {
    ParityClass.MISSED: "the desk decided nothing for that session",
    ParityClass.HALT: "buys were halted by a person",
    ParityClass.REVISION: "the order came or went by a revision of the decision",
    ParityClass.DATA: "market data was corrected since, or the store has no more what the decision saw",
    ParityClass.PARAMETERS: "parameters that the decision did not record were edited since",
    ParityClass.PLUG_IN: "a plug-in is another",
    ParityClass.CODE: "jstock, or a package it computes with, is another",
    ParityClass.DAMAGED: "the store, or a file of the run, is not what was written",
    ParityClass.UNEXPLAINED: "nothing of all this is another: a defect",
    ParityClass.FOLLOWS: "decided the same on the desk's own book: an earlier difference moved it",
    ParityClass.PRICE: "filled at another price than on paper",
    ParityClass.SHARES: "fewer or more shares were filled than on paper",
    ParityClass.NOT_FILLED: "the order ended without a fill",
    ParityClass.UNRECORDED: "neither a fill nor its absence was recorded",
    ParityClass.BY_HAND: "a fill that no order asked for",
}

WRONG = frozenset({
    ParityClass.PARAMETERS, ParityClass.PLUG_IN, ParityClass.CODE, ParityClass.DAMAGED,
    ParityClass.UNEXPLAINED,
})  # fmt: skip
"""Classes that decisions taken again must not show on a desk whose files and programs are as they were."""


@dataclass(frozen=True, kw_only=True)
class ParityDifference:
    """One order or fill that differs: what the desk had, what the backtest has, and the class.

    `cost` are the yen that a fill cost more, or brought less, than at the opening price; None for orders.
    """

    session: date
    group: str
    code: str
    side: str
    kind: ParityClass
    live: str
    backtest: str
    cost: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ParityResult:
    """A lived span beside its backtest.

    `mornings` were decided of `days` trade dates. `sessions` begin with the close before the first, where
    the curves are 0: the whole desk's return in percent, live and in the backtest, and TOPIX's (None
    where it is not known). `returns` has both by group, and of the whole.
    """

    first: date
    last: date
    days: int
    mornings: int
    orders: int
    marks: tuple[str, ...]
    differences: tuple[ParityDifference, ...]
    sessions: tuple[date, ...]
    live: tuple[float, ...]
    backtest: tuple[float, ...]
    topix: tuple[float | None, ...]
    returns: Mapping[str, tuple[float, float]]

    @property
    def counts(self) -> dict[ParityClass, int]:
        """How many differences there are of each class, in the order of the classes."""
        found = Counter(each.kind for each in self.differences)
        return {kind: found[kind] for kind in ParityClass if found[kind]}

    @property
    def exit(self) -> ExitStatus:
        """DIFFERENCES where a decision came out otherwise for no reason that the desk lived through."""
        return ExitStatus.DIFFERENCES if WRONG & self.counts.keys() else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "from": str(self.first),
            "to": str(self.last),
            "trade_dates": self.days,
            "mornings": self.mornings,
            "orders": self.orders,
            "marks": list(self.marks),
            "counts": {str(kind): count for kind, count in self.counts.items()},
            "differences": plain_json(self.differences),
            "returns": {name: {"live": one, "backtest": two} for name, (one, two) in self.returns.items()},
            "curve": [
                {"session": str(day), "live": one, "backtest": two, "topix": three}
                for day, one, two, three in zip(
                    self.sessions, self.live, self.backtest, self.topix, strict=True
                )
            ],
        }
