"""The review of a span of sessions as plain values: what was won by what, and what became of the orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.base.words import signed_yen


class AgainstPaper(StrEnum):
    """What became of an order, beside what the same order does on paper: all shares at the opening price."""

    AS_ON_PAPER = "as on paper"
    OTHER_PRICE = "another price"
    FEWER_SHARES = "fewer shares"
    MORE_SHARES = "more shares"
    NOT_FILLED = "not filled"
    UNKNOWN = "nothing recorded"


@dataclass(frozen=True, kw_only=True)
class SpanReturn:
    """A group's span, or the whole desk's (`group` is ""), in yen and percent.

    `equity_before` + `came_in` + `pnl` = `equity`. `topix_pct` is TOPIX over the same sessions.
    """

    group: str
    name: str
    pnl: float
    realized: int
    dividends: int
    fees: int
    equity_before: float
    came_in: float
    equity: float
    return_pct: float | None
    topix_pct: float | None


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The yen that all with one `key` won in the span, before fees and dividends, by `codes` stocks."""

    key: str
    name: str
    pnl: float
    codes: int


@dataclass(frozen=True, kw_only=True)
class ClosedTrades:
    """The lots that an exit layer closed in the span ("" for sales by hand): gains are whole, before fees."""

    layer: str
    lots: int
    wins: int
    gain: int
    cost: int
    average_days: float


@dataclass(frozen=True, kw_only=True)
class OrderDifference:
    """An order of the span. `cost` are the yen that it cost against paper, None where that is not known.

    `filled` are the shares filled, `price` the average price paid or received, `open` the opening price.
    """

    session: date
    group: str
    code: str
    name: str
    side: str
    shares: int
    outcome: AgainstPaper
    filled: int
    price: float | None
    open: float | None
    cost: int | None


@dataclass(frozen=True, kw_only=True)
class OutcomeCount:
    """How many orders of the span came to one outcome, and what they cost against paper."""

    outcome: AgainstPaper
    orders: int
    cost: int


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """How stocks went on in the 20 sessions after a rule had its way: `kind` is exit, filter or protection.

    Of `cases` those that are old enough are `judged`: `change_pct` is their average change, `excess_pct` that
    less TOPIX's; what fell was saved. `saved` are yen on the shares that an exit sold, None for the others.
    A rule in the `mode` "shadow" was not applied.
    """

    kind: str
    rule: str
    mode: str
    cases: int
    judged: int
    change_pct: float | None
    excess_pct: float | None
    saved: int | None


@dataclass(frozen=True, kw_only=True, repr=False)
class Review:
    """A span of settled sessions.

    `curve` is the cumulative return of the whole desk, and `topix_curve` TOPIX's, at each of `sessions`.
    `by_hand` counts the fills that no order asked for; `differences` are the orders that did not go as on
    paper, the dearest first; `counterfactuals` are of the whole past through `last`. A `replayed` past was
    never lived: its orders were filled on paper in a copy of the desk.
    """

    first: date
    last: date
    simulated: bool
    sessions: tuple[date, ...]
    curve: tuple[float | None, ...]
    topix_curve: tuple[float | None, ...]
    returns: tuple[SpanReturn, ...]
    by_group: tuple[Attribution, ...]
    by_sector: tuple[Attribution, ...]
    by_stock: tuple[Attribution, ...]
    by_entry: tuple[Attribution, ...]
    closed: tuple[ClosedTrades, ...]
    outcomes: tuple[OutcomeCount, ...]
    differences: tuple[OrderDifference, ...]
    by_hand: int
    counterfactuals: tuple[Counterfactual, ...]
    replayed: bool = False

    def __repr__(self) -> str:
        """Say in a line which span it is of, and what was won in it."""
        return f"<Review of {self.first} to {self.last}: {signed_yen(self.whole.pnl)}>"

    @property
    def whole(self) -> SpanReturn:
        """The whole desk."""
        return self.returns[-1]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields
