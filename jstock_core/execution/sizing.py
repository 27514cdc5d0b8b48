"""How many shares: walks down the ranked candidates with the group's remaining cash (STRATEGY section 5).

Shares are whole trading units. A buy reserves its shares at the day's upper limit price and the commission
on that, so that no opening price can drive cash below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar, dataclass_transform

from pydantic import Field

from jstock_core.base.contain import call_plugin, is_built_in
from jstock_core.base.errors import JstockError
from jstock_core.execution.commission import FREE, Commission
from jstock_core.market.prices import round_decimals
from jstock_core.signals.language.answers import RuleError
from jstock_core.signals.language.plugins import describe_failure, line_of, written_at
from jstock_core.signals.language.refusal import Refusal
from jstock_core.signals.language.registry import SHARED, Rules, register
from jstock_core.signals.library.make import make_rule

S = TypeVar("S")


class Candidate(NamedTuple):
    """A BUY on its way to an order: `price` and `atr` (NaN where unknown) in yen of the trade date."""

    code: str
    score: float
    confidence: float
    momentum: float
    turnover: float
    atr: float
    price: Decimal
    unit: int


class Room(NamedTuple):
    """What a group may still spend: `equity` at D's close, `cash` left, `places` left."""

    equity: int
    cash: int
    places: int


class Sized(NamedTuple):
    """A candidate with its shares and reserve (yen), or 0 shares and why."""

    candidate: Candidate
    shares: int
    reserve: int
    refusals: tuple[Refusal, ...] = ()


class Sizing(Protocol):
    """A sizing rule: the places of a group, and the shares one candidate would get before cash caps."""

    @property
    def max_positions(self) -> int:
        """How many codes the group may hold."""

    @property
    def max_position_pct(self) -> float:
        """Largest share of equity in one code, in percent."""

    def size(self, candidate: Candidate, room: Room) -> int:
        """Shares wanted within the group's room, not yet floored to the unit."""

    def shortfall(self, candidate: Candidate, room: Room) -> str:
        """Why fewer shares than one unit are wanted, in words."""


PLACES = "codes that the group may hold"
SHARE = "largest share of equity in one code, in percent"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def sizing(name: str) -> Callable[[type[S]], type[S]]:
    """Register a sizing under its name in group files; see `Sizing` for what it must provide."""
    return lambda cls: register(cls, "sizing", name)


@sizing("equal_weight")
class EqualWeight:
    """Give every position the same budget: `max_position_pct` of equity, at most the cash left.

    Formula: shares = min(max_position_pct % x equity, cash left) / price, floored to the unit, such that
    shares x the upper limit price fit the cash left.
    Source: STRATEGY section 5.
    """

    max_positions: int = Field(default=5, ge=1, le=100, description=PLACES)
    max_position_pct: float = Field(default=30.0, ge=1, le=100, description=SHARE)

    def size(self, candidate: Candidate, room: Room) -> int:
        """Budget / price."""
        return int(budget(self, room) / candidate.price)

    def shortfall(self, candidate: Candidate, room: Room) -> str:
        """One unit costs too much."""
        return _over_budget(self, candidate, room)


@sizing("atr_risk")
class AtrRisk:
    """Risk the same on every position: (atr x `stop_atr`) x shares <= `risk_pct` of equity, same caps.

    Formula: shares = risk_pct % x equity / (stop_atr x atr), under the caps of equal_weight.
    Source: STRATEGY section 5.
    """

    max_positions: int = Field(default=5, ge=1, le=100, description=PLACES)
    max_position_pct: float = Field(default=30.0, ge=1, le=100, description=SHARE)
    risk_pct: float = Field(
        default=1.0, ge=0.05, le=20, description="equity that a stop may lose, in percent"
    )
    stop_atr: float = Field(default=2.0, gt=0, le=20, description="ATRs between the price and the stop")

    def size(self, candidate: Candidate, room: Room) -> int:
        """The lesser of the risk and the budget; 0 where atr is unknown."""
        risk = self._risk(candidate)
        if not risk > 0:
            return 0
        # Rounded, so that a whole number of shares is not lost to the last bit of a product.
        by_risk = int(round_decimals(self._allowed(room) / risk))
        return min(by_risk, int(budget(self, room) / candidate.price))

    def shortfall(self, candidate: Candidate, room: Room) -> str:
        """No ATR, or one unit risks or costs too much."""
        risk, allowed = self._risk(candidate) * candidate.unit, self._allowed(room)
        if not risk > 0:
            return "risk: the ATR is not known"
        if round_decimals(risk - allowed) > 0:
            return f"risk: one unit risks ¥{risk:,.0f}, over ¥{allowed:,.0f}"
        return _over_budget(self, candidate, room)

    def _risk(self, candidate: Candidate) -> float:
        """Yen a share may lose down to the stop."""
        return candidate.atr * self.stop_atr

    def _allowed(self, room: Room) -> float:
        """Yen that one position may lose."""
        return self.risk_pct * room.equity / 100


def make_sizing(data: Mapping[str, Any], where: str, rules: Rules = SHARED) -> Sizing:
    """Build the sizing of a group: `{use: equal_weight, max_positions: 5}`.

    Raises:
        ParamsError: the rule or one of its parameters is unknown or out of range.

    """
    made: Sizing = make_rule("sizing", data, where, rules)
    return made


def budget(sizing: Sizing, room: Room) -> Decimal:
    """Yen for one position: `max_position_pct` of equity, at most the remaining cash."""
    return min(room.equity * _fraction(sizing.max_position_pct), Decimal(room.cash))


@lru_cache(maxsize=256)
def _fraction(percent: float) -> Decimal:
    """A percentage as it is written, in hundredths."""
    return Decimal(str(percent)) / 100


def allot(
    sizing: Sizing,
    ranked: Iterable[Candidate],
    room: Room,
    at_worst: Callable[[Candidate], Decimal],
    refusals: Callable[[Candidate, tuple[str, ...]], tuple[Refusal, ...]] = lambda _candidate, _before: (),
    commission: Commission = FREE,
) -> Iterator[Sized]:
    """Give shares to candidates in rank order until places or cash run out; every refusal has its reason.

    Each is given its own before the next is asked for.

    `at_worst` is the most a share may cost: the day's upper limit price. `refusals` are why a candidate may
    not be bought at all after the codes bought before it, () where it may. `commission` is paid on each buy.
    """
    before: tuple[str, ...] = ()
    for candidate in ranked:
        refused = refusals(candidate, before)
        if refused:
            sized = Sized(candidate, 0, 0, refused)
        else:
            sized = _one(sizing, candidate, room, at_worst, commission)
        yield sized
        if sized.shares:
            before = (*before, candidate.code)
            room = Room(room.equity, room.cash - sized.reserve, room.places - 1)


def _one(
    sizing: Sizing,
    candidate: Candidate,
    room: Room,
    at_worst: Callable[[Candidate], Decimal],
    commission: Commission,
) -> Sized:
    if room.places <= 0:
        return Sized(candidate, 0, 0, (Refusal.check(f"positions full ({sizing.max_positions})"),))
    worst, wanted = at_worst(candidate), ask_sizing(sizing, candidate, room)
    shares = commission.reservable(room.cash, worst, candidate.unit, wanted)
    if shares:
        return Sized(candidate, shares, commission.reserve(shares, worst))
    unit_worst = commission.reserve(candidate.unit, worst)
    return Sized(candidate, 0, 0, (Refusal.check(_shortfall(sizing, candidate, room, unit_worst)),))


def ask_sizing(sizing: Sizing, candidate: Candidate, room: Room) -> int:
    """What the rule wants; it may be a third party's, whose mistakes must name it.

    Raises:
        RuleError: it raised, or gave something that is no number of shares.
        PlugInError: it ended the process, or printed.

    """
    try:
        wanted: object = (
            sizing.size(candidate, room)
            if is_built_in(sizing)
            else call_plugin(_called(sizing), lambda: sizing.size(candidate, room))
        )
    except JstockError:
        raise
    except Exception as error:
        raise RuleError(
            f"{_called(sizing)} {describe_failure(error, sizing)}",
            where=line_of(error, sizing),
            do="repair the rule, or take it out of the group",
        ) from error
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        return wanted
    raise RuleError(
        f"{_called(sizing)} wants {wanted!r} shares of {candidate.code}",
        where=written_at(type(sizing)),
        do="return whole shares, as an int",
    )


def _shortfall(sizing: Sizing, candidate: Candidate, room: Room, unit_worst: int) -> str:
    if unit_worst > room.cash:
        return f"cash: one unit may cost ¥{unit_worst:,} at the upper limit, ¥{room.cash:,} left"
    return ask_shortfall(sizing, candidate, room)


def ask_shortfall(sizing: Sizing, candidate: Candidate, room: Room) -> str:
    """Why the rule wants less than a unit."""
    return call_plugin(_called(sizing), lambda: str(sizing.shortfall(candidate, room)))


def _called(sizing: Sizing) -> str:
    return f"the sizing {type(sizing).__name__}"


def _over_budget(sizing: Sizing, candidate: Candidate, room: Room) -> str:
    cost, most = _ceil(candidate.unit * candidate.price), int(budget(sizing, room))
    return f"one unit costs ¥{cost:,}, over the budget of ¥{most:,}"


def _ceil(amount: Decimal) -> int:
    return int(amount.to_integral_value(rounding=ROUND_CEILING))


def shares_to_sell(held: int, sell_pct: int, unit: int) -> int:
    """Held x fraction rounded up to the unit, at most the whole units held (the rest is an odd lot)."""
    wanted = shares_wanted(held, sell_pct)
    return min(-(-wanted // unit) * unit, held // unit * unit)


def odd_lot_to_sell(held: int, sell_pct: int, unit: int) -> int:
    """Shares of held x fraction that no order can sell, because they are beyond the whole units held."""
    return max(0, shares_wanted(held, sell_pct) - held // unit * unit)


def shares_wanted(held: int, sell_pct: int) -> int:
    """Held x fraction, rounded up to a whole share."""
    return -(-held * sell_pct // 100)
