"""Exit layers: a layer is one condition that sells a position. Also what it knows of the position.

Like every rule, a layer is a frozen declaration of parameters and holds no state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, NamedTuple

from jstock_core.base.errors import JstockError
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View

Fraction = Literal[25, 50, 75, 100]


class UnknowableError(JstockError):
    """A layer cannot be evaluated because data are missing. The exit is then EXIT_UNKNOWN, never HOLD."""


class Holding(NamedTuple):
    """A position as an exit sees it: the open lots of a code in a group.

    - `column`: the stock's column in the view.
    - `entry_price`: average cost of a share over all lots, in yen of D.
    - `entry_session`: session in which the oldest lot was bought.
    - `evaluated`: the session D on whose close the opening order was decided.
    - `score`: `EntryOpinions.opening` of the opening signal, None without one.
    - `taken`: layers of the kind `once` that have sold from this position.
    - `reviewed`: D of the group's last complete decision. None means the session before this row's,
      `date.min` that there was no decision.
    - `unsold`: layers that gave a sell order at that decision or later, of which shares were left unsold.
    """

    code: str
    column: int
    shares: int
    entry_price: float
    entry_session: date
    evaluated: date
    score: float | None = None
    taken: frozenset[str] = frozenset()
    reviewed: date | None = None
    unsold: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """The decision of a layer to sell.

    `layer` is its trigger, `sell_pct` the part of the position to sell, in percent. `confidence` lies in
    0..1. `reason` says why, with prices in yen of D.
    """

    layer: str
    sell_pct: Fraction
    confidence: float
    reason: str


class Layer(ABC):
    """One condition that sells.

    `name` is its key in group files, `trigger` its name in signals. A stock with fewer than `needs` bars is
    not judged. `settles` and `compares` are as in `Entry`.
    """

    name: ClassVar[str] = ""
    trigger: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False

    @property
    def once(self) -> bool:
        """Whether the layer sells at most once from a position."""
        return False

    @abstractmethod
    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """The verdict on one position on one row; None to keep it.

        Raises:
            UnknowableError: data that the layer needs are missing.

        """

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:  # noqa: ARG002 (as below)
        """(rows,): on which of some rows `verdict` sells or raises; None where the layer cannot tell.

        This only saves time: a backtest asks for a verdict on the rows that are true. The holding is that of
        the first row. The caller makes sure that its stock has no ex-date on the later rows, and that the
        row before each of them was decided.
        """
        return None

    def level(self, view: View, row: int, holding: Holding) -> float | None:  # noqa: ARG002 (subclasses use it)
        """The price in yen of D at which the layer fires; None where it depends on more than a price."""
        return None
