"""Limits on orders: how much of a morning's buys may be ordered, as a group or the desk declares.

A limit refuses buys or cuts them to whole units, each with its reason, and never adds any. Buys count in
rank order as they were wanted: a refused buy still uses its room, so a tighter limit never buys more of any
stock. Sells come first where orders are counted. They are never refused or cut: those beyond a limit are
named. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from pydantic import Field

from jstock_core.base.params import declare
from jstock_core.market.panel import Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.facts.events import OrderPlaced

LimitScope = Literal["group", "desk"]
_TITLES = ("group limit: ", "desk limit: ")


@declare
class OrderLimits:
    """The limits of a group or of the desk; what is not declared is not limited.

    The number and value of a day's orders count sells and buys. Percentages of equity compare positions, the
    morning's buys and the open buys of earlier sessions, at base prices, with the account's equity at D's
    close.
    """

    max_orders: int | None = Field(default=None, ge=0, le=10_000, description="orders a day")
    max_turnover: int | None = Field(default=None, ge=0, le=10**13, description="yen of a day's orders")
    max_exposure_pct: float | None = Field(default=None, ge=0, le=1_000, description="% of equity in stocks")
    max_position_pct: float | None = Field(default=None, ge=0, le=1_000, description="% of equity in a stock")
    max_sector_pct: float | None = Field(default=None, ge=0, le=1_000, description="% of equity in a sector")
    max_volume_pct: float | None = Field(
        default=None, gt=0, le=100, description="% of the median turnover of the stock's last 20 bars"
    )
    max_gap_pct: float | None = Field(
        default=None, gt=0, le=1_000, description="% between the last close and the median of the five before"
    )
    max_drawdown_pct: float | None = Field(
        default=None, gt=0, le=100, description="% under the highest of the last closes: no buys beyond"
    )
    drawdown_sessions: int = Field(default=60, ge=2, le=750, description="closes for the highest")
    max_day_loss_pct: float | None = Field(
        default=None, gt=0, le=100, description="% lost in the last session: no buys beyond"
    )


def refuse_by_limit(scope: LimitScope, reason: str) -> Refusal:
    """A refusal, cut or remark that a limit of a group or of the desk made."""
    return Refusal.check(f"{scope} limit: {reason}")


def is_by_limit(refusal: Refusal) -> bool:
    """Whether a limit made it."""
    return refusal.reason.startswith(_TITLES)


@dataclass(frozen=True)
class PricedOrder:
    """An order with the facts about its stock that limits need, in yen of the trade date.

    `price` is the base price, `usual_turnover` the median turnover of 20 bars, and `gap_pct` the distance in
    percent of the last close from the median of the five before it. Unknown numbers are NaN, an unknown
    `sector` is "".
    """

    order: OrderPlaced
    price: Decimal
    unit: int
    sector: str
    usual_turnover: float
    gap_pct: float

    @property
    def value(self) -> int:
        """Whole yen."""
        return int(self.order.shares * self.price)


@dataclass(frozen=True)
class AccountUse:
    """What an account is worth, and how much of its limits is used before the orders in question.

    `exposure`, `positions` (by code) and `sectors` count what is held and what open buys may buy. `orders`,
    `turnover` and `volumes` (by code) count this morning's orders. All in yen but the number of `orders`.
    """

    equity: int
    exposure: int = 0
    positions: Mapping[str, int] = field(default_factory=dict)
    sectors: Mapping[str, int] = field(default_factory=dict)
    orders: int = 0
    turnover: int = 0
    volumes: Mapping[str, int] = field(default_factory=dict)

    def with_sells(self, sells: Sequence[PricedOrder]) -> AccountUse:
        """The use after sells: they count among the day's orders, and free no room."""
        value = sum(each.value for each in sells)
        return replace(self, orders=self.orders + len(sells), turnover=self.turnover + value)

    def with_orders(self, orders: Sequence[PricedOrder]) -> AccountUse:
        """The use after buys that come before, each as it was wanted, before any cut."""
        codes, sectors = Counter[str](), Counter[str]()
        for each in orders:
            codes[each.order.code] += each.value
            sectors[each.sector] += each.value
        value = codes.total()
        return AccountUse(
            self.equity,
            self.exposure + value,
            _added(self.positions, codes),
            _added(self.sectors, sectors),
            self.orders + len(orders),
            self.turnover + value,
            _added(self.volumes, codes),
        )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


@dataclass(frozen=True)
class LimitedBuy:
    """A buy and the shares left of it, 0 if it is refused; `refusal` is None if it keeps all."""

    buy: PricedOrder
    shares: int
    refusal: Refusal | None


@dataclass(frozen=True)
class _Room:
    """The shares that a limit leaves to a buy, and the limit in words."""

    shares: int
    words: str


def limit_buys(
    scope: LimitScope, limits: OrderLimits, use: AccountUse, buys: Sequence[PricedOrder]
) -> tuple[LimitedBuy, ...]:
    """What is left of each buy within the limits, in rank order."""
    found = []
    for buy in buys:
        rooms = (*_of_order(limits, use, buy), *_of_account(limits, use, buy))
        found.append(_limit(scope, buy, rooms))
        use = use.with_orders((buy,))
    return tuple(found)


def name_sells(
    scope: LimitScope,
    limits: OrderLimits,
    sells: Sequence[PricedOrder],
    earlier: Sequence[PricedOrder] = (),
) -> tuple[tuple[PricedOrder, Refusal], ...]:
    """The sells that exceed a limit on orders, each with that limit in words; they are ordered all the same.

    `earlier` are sells that count before them.
    """
    use, found = AccountUse(0).with_orders(earlier), []
    for sell in sells:
        rooms = [room for room in _of_order(limits, use, sell) if room.shares < sell.order.shares]
        if rooms:
            found.append((sell, refuse_by_limit(scope, f"ordered all the same: {rooms[0].words}")))
        use = use.with_orders((sell,))
    return tuple(found)


def _limit(scope: LimitScope, buy: PricedOrder, rooms: Sequence[_Room]) -> LimitedBuy:
    wanted = buy.order.shares
    tightest = min(rooms, key=lambda room: room.shares, default=_Room(wanted, ""))
    shares = max(0, tightest.shares) // buy.unit * buy.unit
    if shares >= wanted:
        return LimitedBuy(buy, wanted, None)
    cut = f"cut from {wanted:,} to {shares:,} shares, " if shares else ""
    return LimitedBuy(buy, shares, refuse_by_limit(scope, f"{cut}{tightest.words}"))


def _of_order(limits: OrderLimits, use: AccountUse, asked: PricedOrder) -> Iterator[_Room]:
    """What the limits on a day's orders leave to a buy."""
    everything = asked.order.shares
    if limits.max_orders is not None:
        left = everything if use.orders < limits.max_orders else 0
        yield _Room(left, f"at most {limits.max_orders:,} orders a day, {use.orders:,} come before it")
    if limits.max_turnover is not None:
        room = _find_room(Decimal(limits.max_turnover), use.turnover, asked.price)
        words = f"orders of at most ¥{limits.max_turnover:,} a day, ¥{room.yen:,} left for it"
        yield _Room(room.shares, words)
    if limits.max_volume_pct is not None:
        yield _of_volume(limits.max_volume_pct, use.volumes.get(asked.order.code, 0), asked)
    if limits.max_gap_pct is not None and not abs(asked.gap_pct) <= limits.max_gap_pct:
        known = asked.gap_pct == asked.gap_pct
        gap = f"the last close is {asked.gap_pct:+.1f} % from those before, at most {limits.max_gap_pct:g} %"
        yield _Room(0, gap if known else "there are no closes before the last one to compare it with")


def _of_volume(pct: float, used: int, asked: PricedOrder) -> _Room:
    usual = asked.usual_turnover
    if not usual > 0:
        return _Room(0, "its usual turnover is not known")
    room = _find_room(_percent(pct, Decimal(str(usual))), used, asked.price)
    words = f"at most {pct:g} % of the usual turnover of ¥{usual:,.0f}, ¥{room.yen:,} left for it"
    return _Room(room.shares, words)


def _of_account(limits: OrderLimits, use: AccountUse, buy: PricedOrder) -> Iterator[_Room]:
    """What the limits in percent of equity leave to a buy."""
    equity, code, sector = Decimal(use.equity), buy.order.code, buy.sector
    if (pct := limits.max_exposure_pct) is not None:
        room = _find_room(_percent(pct, equity), use.exposure, buy.price)
        yield _Room(room.shares, f"at most {pct:g} % of equity in stocks, ¥{room.yen:,} left for it")
    if (pct := limits.max_position_pct) is not None:
        room = _find_room(_percent(pct, equity), use.positions.get(code, 0), buy.price)
        yield _Room(room.shares, f"at most {pct:g} % of equity in one stock, ¥{room.yen:,} left for it")
    if (pct := limits.max_sector_pct) is not None:
        room = _find_room(_percent(pct, equity), use.sectors.get(sector, 0), buy.price)
        what = f"at most {pct:g} % of equity in sector {sector or '-'}"
        yield _Room(room.shares, f"{what}, ¥{room.yen:,} left for it")


@dataclass(frozen=True)
class _YenRoom:
    """What is left of a limit in yen, >= 0, and the shares that this pays for."""

    yen: int
    shares: int


def _find_room(most: Decimal, used: int, price: Decimal) -> _YenRoom:
    left = max(Decimal(0), most - used)
    return _YenRoom(int(left), int(left / price))


def _percent(pct: float, of: Decimal) -> Decimal:
    return Decimal(str(pct)) / 100 * of


def find_pause(scope: LimitScope, limits: OrderLimits, worth: Callable[[int], Floats]) -> Refusal | None:
    """Why a loss of the account stops all buys; None if none does.

    `worth(n)` gives the value of one yen in the account at each of the last n closes, oldest first.
    """
    if limits.max_day_loss_pct is not None:
        closes = worth(2)
        loss = _fall(closes[0], closes[-1]) if len(closes) else 0.0
        if loss >= limits.max_day_loss_pct:
            text = f"lost {loss:.1f} % in the last session, {limits.max_day_loss_pct:g} % stops buys"
            return refuse_by_limit(scope, text)
    if limits.max_drawdown_pct is not None:
        closes = worth(limits.drawdown_sessions)
        depth = _fall(closes.max(), closes[-1]) if len(closes) else 0.0
        if depth >= limits.max_drawdown_pct:
            under = f"equity is {depth:.1f} % under its peak of the last {limits.drawdown_sessions} sessions"
            return refuse_by_limit(scope, f"{under}, {limits.max_drawdown_pct:g} % stops buys")
    return None


def _fall(high: float, low: float) -> float:
    return round_decimals(100 * (1 - float(low) / float(high)))
