"""What is owned as of a close as plain values: positions, the money of each group, and expected dividends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Literal

Stance = Literal["fires", "stands", "sold", "silent", "unknown"]
"""A layer fires, stands by, has sold its part already, is silent for want of bars, or cannot be evaluated."""


@dataclass(frozen=True, kw_only=True)
class LayerLevel:
    """What one layer of the exit says of a position.

    `price` is the yen of D at which it fires, None where it does not hang on a price; the distances lead from
    the close to it, negative where it lies below. `reason` is why it fires, is silent or unknown.
    """

    layer: str
    stance: Stance
    price: float | None
    distance_pct: float | None
    distance_atr: float | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class NextStop:
    """The nearest price at or below the close at which a layer of the exit fires, or one that has fired.

    Where it is `broken`, `state` is "sells today" or why it does not; else it is "" or "exit unknown". The
    distances lead from the close to it: `distance_atr` in ATRs of D, None where that is not known.
    """

    layer: str
    price: float
    distance_pct: float
    broken: bool
    state: str
    distance_atr: float | None = None


@dataclass(frozen=True, kw_only=True)
class LotLine:
    """One purchase, or what is left of it; `price` is what a share of today cost.

    `account` is the type of the broker's account, "" where nobody said; `score` that of the signal behind it.
    """

    opened: date
    shares: int
    price: float
    cost: int
    sessions_held: int
    account: str
    score: float | None


@dataclass(frozen=True, kw_only=True)
class HeldPosition:
    """A position as of D's close. `age` counts sessions since its last bar, 0 when it traded in D.

    `odd_lot` are the shares beyond whole trading units. Without a price (`close` None) the value is the cost.
    `day_pnl` is what D gave to the shares held now, from the close before or, if later, from their purchase.
    `entry_price` is the one its exit reckons with, `peak` the highest close since then, `atr` in yen.
    `action` is what the group's signal of this morning wants, "" where it is simply held. `recent` are its
    closes in the sessions of `PortfolioSummary.recent`, in yen of D, None without a trade. `dividends` is
    what was paid on it so far.
    """

    group: str
    code: str
    name: str
    shares: int
    cost: int
    average_price: float
    opened: date
    close: float | None
    value: int
    day_change_pct: float | None
    sessions_held: int
    days_held: int
    stop: NextStop | None
    age: int
    odd_lot: int
    day_pnl: int | None
    entry_price: float
    peak: float | None
    atr: float | None
    action: str
    levels: tuple[LayerLevel, ...]
    lots: tuple[LotLine, ...]
    dividends: int
    recent: tuple[float | None, ...]

    @property
    def danger(self) -> tuple[int, float, str, str]:
        """The key that sorts the most endangered first.

        What cannot be evaluated; what sells or has broken a stop; then by the ATRs (else the percent) to the
        stop; then what no price protects.
        """
        stop = self.stop
        if self.action == "EXIT_UNKNOWN":
            rank = 0
        elif self.action or (stop is not None and (stop.broken or stop.state)):
            rank = 1
        else:
            rank = 3 if stop is None else 2
        away = -inf
        if stop is not None:
            away = stop.distance_pct if stop.distance_atr is None else stop.distance_atr
        return rank, -away, self.code, self.group

    @property
    def pnl(self) -> int:
        """Unrealized yen."""
        return self.value - self.cost

    @property
    def pnl_pct(self) -> float:
        """Unrealized percent of the cost."""
        return 100 * self.pnl / self.cost


@dataclass(frozen=True, kw_only=True)
class AccountSummary:
    """The money of a group, or of the whole desk (`group` is then "").

    `deposited` is net of withdrawals, `adjusted` the cash and the cost of shares that adjustments put in, net
    of what they took out, `realized` before fees. `day_pnl` is the change of equity in D net of
    deposits, `return_pct` the time-weighted return since the first session, `price_return_pct` the same
    without dividends; None before there is one. `receivable` are the dividends that are earned and not paid
    yet, as far as their amount is known: no part of equity.
    """

    group: str
    name: str
    deposited: int
    adjusted: int
    cash: int
    reserved: int
    invested: int
    value: int
    realized: int
    dividends: int
    fees: int
    positions: int
    day_pnl: int | None
    return_pct: float | None
    price_return_pct: float | None = None
    receivable: int = 0

    @property
    def equity(self) -> int:
        """Cash and the value of all positions."""
        return self.cash + self.value

    @property
    def unrealized(self) -> int:
        """Yen won or lost on what is held."""
        return self.value - self.invested


@dataclass(frozen=True, kw_only=True)
class ExpectedDividend:
    """A dividend that a group has earned and that is not paid yet: no part of equity.

    `rate` is yen per share as announced, `amount` whole yen as paid out; None where `note` says why it is not
    known. `pay_date` is None while that is not decided, `is_decided` False for a forecast.
    """

    group: str
    code: str
    name: str
    shares: int
    rate: float | None
    amount: int | None
    ex_date: date
    pay_date: date | None
    is_decided: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class PortfolioSummary:
    """What is owned as of D's close; `recent` are the sessions up to D that positions show closes of."""

    held: tuple[HeldPosition, ...]
    accounts: tuple[AccountSummary, ...]
    whole: AccountSummary
    expected: tuple[ExpectedDividend, ...] = ()
    recent: tuple[date, ...] = ()

    @property
    def by_danger(self) -> tuple[HeldPosition, ...]:
        """The positions, the most endangered first."""
        return tuple(sorted(self.held, key=lambda held: held.danger))
