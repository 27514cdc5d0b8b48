"""What came of the decision before, and what has changed since, as plain values.

"Then" is the decision before, as of the close that it saw, "now" is this morning's D. Prices of then are
carried over splits and rights, so that both are yen of D.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

OutcomeState = Literal["filled", "partly filled", "not filled", "cancelled", "unresolved", "by hand"]
SignalTurn = Literal["new", "gone", "changed"]
TurnCause = Literal["opinion", "bought", "sold", "not monitored", "no data"]
AheadKind = Literal["earnings", "dividend", "split"]


@dataclass(frozen=True, kw_only=True)
class OrderOutcome:
    """What became of an order since the decision before, or shares traded without one ("by hand").

    `ordered` and `filled` are shares, `price` the average of its fills, `estimate` the close before its
    session in yen of that session, at which it was expected. `amount` is the yen traded, `gain` what a sale
    won or lost before fees. `reason` says why shares are left, `filled_by` is as that of a ticket.
    """

    session: date
    group: str
    code: str
    name: str
    side: str
    ordered: int
    filled: int
    price: float | None
    estimate: float | None
    amount: int
    gain: int | None
    fees: int
    state: OutcomeState
    reason: str
    filled_by: str

    @property
    def difference_pct(self) -> float | None:
        """Percent from the estimate to the price paid or received; None without either."""
        if self.price is None or self.estimate is None:
            return None
        return 100 * (self.price - self.estimate) / self.estimate

    @property
    def better(self) -> int | None:
        """Yen that the fills were better than the estimate, negative where worse; None without either."""
        if self.price is None or self.estimate is None:
            return None
        cheaper = (self.estimate - self.price) * self.filled
        return round(cheaper if self.side == "BUY" else -cheaper)


@dataclass(frozen=True, kw_only=True)
class CashMove:
    """Yen that came into a group or left it (negative), other than by shares that were traded.

    `kind` is the name of the fact: deposit, withdrawal, dividend, fee, cash_adjustment. Fees of a group are
    one move.
    """

    session: date
    kind: str
    group: str
    code: str
    name: str
    amount: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CashChange:
    """A group's cash then and now, and what moved it: `bought` and `fees` are negative.

    `deposited` is net of withdrawals. `other` is what is left: fractions of shares that were paid out, and
    what corrections of earlier facts moved.
    """

    group: str
    name: str
    then: int
    now: int
    sold: int
    bought: int
    dividends: int
    fees: int
    deposited: int
    adjusted: int

    @property
    def other(self) -> int:
        """What the named parts do not explain."""
        named = self.sold + self.bought + self.dividends + self.fees + self.deposited + self.adjusted
        return self.now - self.then - named


@dataclass(frozen=True, kw_only=True)
class LevelChange:
    """The price at which a layer fired or would have fired, then and now; None where it had none."""

    layer: str
    then: float | None
    now: float | None
    fired_then: bool
    fires_now: bool

    @property
    def broken(self) -> bool:
        """Whether it fires now and did not then."""
        return self.fires_now and not self.fired_then

    @property
    def moved(self) -> float:
        """Yen that the level has risen; 0 where it had or has none."""
        return 0.0 if self.then is None or self.now is None else self.now - self.then


@dataclass(frozen=True, kw_only=True)
class StopWatch:
    """The triggers of a position, then and now.

    `close_then` is None for what was not held then. `low` and `high` are the lowest and the highest price
    since. `trigger` is the nearest level that has not fired, below or above the close, with the distances to
    it; `is_near` within `SinceSummary.near_atr` or `near_pct`. `touched` are the layers below whose level of
    then the low reached, and the close held. `action` is what the group's signal wants now, "" for nothing.
    """

    group: str
    code: str
    name: str
    close_then: float | None
    close: float | None
    low: float | None
    high: float | None
    levels: tuple[LevelChange, ...]
    trigger: str
    trigger_price: float | None
    distance_pct: float | None
    distance_atr: float | None
    is_near: bool
    touched: tuple[str, ...]
    action: str

    @property
    def is_new(self) -> bool:
        """Whether it was not held then."""
        return self.close_then is None

    @property
    def broken(self) -> tuple[LevelChange, ...]:
        """The layers that fire now and did not then."""
        return tuple(level for level in self.levels if level.broken)

    @property
    def moved(self) -> tuple[LevelChange, ...]:
        """The levels that are others now, by a hundredth of a yen or more."""
        return tuple(level for level in self.levels if abs(level.moved) >= 0.01)


@dataclass(frozen=True, kw_only=True)
class PartChange:
    """A part of an entry's opinion that is another now. `points` is what that moves in a weighted score.

    `kind` is that of the part: "score", "x" (a factor on the whole), "+" (a step of confidence) or "entry".
    """

    name: str
    kind: str
    then: float
    now: float
    points: float | None
    detail_then: str
    detail_now: str


@dataclass(frozen=True, kw_only=True)
class SignalChange:
    """A signal of a group that is new, gone or another than then.

    `then` and `now` are actions, "" for none; `cause` is why a signal is gone, `layer` and `reason` are those
    of the signal that there is, or was. Scores are as they were recorded; where no signal was, they are asked
    again, as are the `parts` that moved (most first): of the rules of then, on what was known then.
    """

    group: str
    code: str
    name: str
    turn: SignalTurn
    then: str
    now: str
    score_then: float | None
    score_now: float | None
    parts: tuple[PartChange, ...]
    cause: TurnCause
    layer: str
    reason: str
    ordered: bool


@dataclass(frozen=True, kw_only=True)
class AheadEvent:
    """Something announced for a stock that is held or ordered. `sessions` counts from T, which is 0.

    `shares` are those held, `ordered` the side of today's order ("" for none). `rate` is yen per share before
    tax and `amount` that for the shares held; `ratio` is shares after a split for one before.
    """

    day: date
    sessions: int
    kind: AheadKind
    code: str
    name: str
    groups: tuple[str, ...]
    shares: int
    ordered: str
    rate: float | None = None
    amount: int | None = None
    ratio: float | None = None
    is_decided: bool = True


@dataclass(frozen=True, kw_only=True)
class SinceSummary:
    """What happened between the decision before and this one.

    `before` is its trade date and `evaluated` its D, None on the first morning; `missed` are the mornings
    without a decision since. `signals_known` is whether it recorded its signals. `rules_changed` are the
    groups that have other parameters now. `ahead_through` is the last session looked ahead to.
    """

    before: date | None
    evaluated: date | None
    missed: tuple[date, ...]
    outcomes: tuple[OrderOutcome, ...]
    moves: tuple[CashMove, ...]
    cash: tuple[CashChange, ...]
    stops: tuple[StopWatch, ...]
    signals: tuple[SignalChange, ...]
    signals_known: bool
    rules_changed: tuple[str, ...]
    ahead: tuple[AheadEvent, ...]
    ahead_through: date
    near_atr: float
    near_pct: float

    @property
    def placed(self) -> tuple[OrderOutcome, ...]:
        """The outcomes of orders, without what was traded by hand."""
        return tuple(outcome for outcome in self.outcomes if outcome.state != "by hand")

    @property
    def watched(self) -> int:
        """Positions whose stops were watched then."""
        return sum(not stop.is_new for stop in self.stops)
