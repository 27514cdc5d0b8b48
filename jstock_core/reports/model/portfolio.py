"""What is owned as of a close as plain values: positions, the money of each group, and expected dividends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class NextStop:
    """The nearest price at or below the close at which a layer of the exit fires, or one that has fired.

    Where it is `broken`, `state` is "sells today" or why it does not; else it is "" or "exit unknown".
    """

    layer: str
    price: float
    distance_pct: float
    broken: bool
    state: str


@dataclass(frozen=True, kw_only=True)
class HeldPosition:
    """A position as of D's close. `age` counts sessions since its last bar, 0 when it traded in D.

    `odd_lot` are the shares beyond whole trading units. Without a price (`close` None) the value is the cost.
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
    """What is owned as of D's close."""

    held: tuple[HeldPosition, ...]
    accounts: tuple[AccountSummary, ...]
    whole: AccountSummary
    expected: tuple[ExpectedDividend, ...] = ()
