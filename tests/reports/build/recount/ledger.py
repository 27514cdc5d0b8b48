"""Cash, lots, gains and open orders of each group, counted fact by fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jstock_core.market.calendar import tse
from tests.reports.build.recount.journal import Fact

MOVES = (
    "deposit", "withdrawal", "fee", "dividend", "cash_adjustment", "position_adjustment", "split", "fill",
)  # fmt: skip


@dataclass
class Lot:
    shares: int
    cost: int
    paid: Decimal
    opened: date
    place: str
    account: str
    score: float | None
    evaluated: date
    ratio: Fraction = Fraction(1)


@dataclass
class Closed:
    """A lot, or a part of one, that was sold."""

    code: str
    session: date
    shares: int
    cost: int
    proceeds: int
    layer: str
    fill: str

    @property
    def gain(self) -> int:
        return self.proceeds - self.cost


@dataclass
class Open:
    """An order that is still open, with the shares and the reserve that are left of it."""

    fact: Fact
    shares: int
    reserve: int


@dataclass
class Purse:
    """What a group has. Sessions and layers of `unsold` are those of sells that found no fill."""

    cash: int = 0
    deposited: int = 0
    adjusted: int = 0
    realized: int = 0
    fees: int = 0
    dividends: int = 0
    lots: dict[str, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[str, Open] = field(default_factory=dict)
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unsold: dict[str, dict[str, date]] = field(default_factory=lambda: defaultdict(dict))
    received: list[Fact] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    reviewed: list[date] = field(default_factory=list)

    @property
    def held(self) -> list[str]:
        return sorted(code for code, lots in self.lots.items() if lots)

    @property
    def reserved(self) -> int:
        return sum(order.reserve for order in self.orders.values() if order.fact.side == "BUY")

    def shares(self, code: str) -> int:
        return sum(lot.shares for lot in self.lots[code])

    def cost(self, code: str) -> int:
        return sum(lot.cost for lot in self.lots[code])

    def entry(self, code: str) -> float:
        """What a share cost on average; no right went off a price here."""
        return self.cost(code) / self.shares(code)

    def gain_of(self, fill: str) -> int | None:
        gains = [lot.gain for lot in self.closed if lot.fill == fill]
        return sum(gains) if gains else None


Ledger = dict[str, Purse]


def ledger(facts: Iterable[Fact]) -> Ledger:
    """The purses of all groups after the facts, whatever order they were recorded in."""
    recorded = list(facts)
    purses: Ledger = {}
    for fact in recorded:
        if fact.kind == "deposit":
            purses.setdefault(fact.group, Purse())
    orders = {fact.id: fact for fact in recorded if fact.kind == "order"}
    for fact in recorded:
        _keep_orders(purses, fact)
    for fact in sorted((f for f in recorded if f.kind in (*MOVES, "expired", "cancelled")), key=rank):
        _apply(purses, fact, orders)
    return purses


def rank(fact: Fact) -> tuple[date, int]:
    """Inside a session: deposits, splits, what comes in, what goes, what went unsold."""
    kinds = {"deposit": 0, "split": 1, "expired": 4, "cancelled": 4}
    sold = fact.kind == "fill" and fact.side == "SELL"
    return fact.session, kinds.get(fact.kind, 3 if sold else 2)


def _keep_orders(purses: Ledger, fact: Fact) -> None:
    if fact.kind == "order":
        purses[fact.group].orders[fact.id] = Open(fact, fact.shares, fact.reserve)
    elif fact.kind in ("expired", "cancelled"):
        del purses[fact.group].orders[fact.order_id]
    elif fact.kind == "decided" and fact.status == "complete":
        purses[fact.group].reviewed.append(fact.evaluated)
    elif fact.kind == "fill" and fact.order_id:
        order = purses[fact.group].orders[fact.order_id]
        left = order.shares - fact.shares
        order.reserve = -(-order.reserve * left // order.shares)
        order.shares = left
        if left <= 0:
            del purses[fact.group].orders[fact.order_id]


def _apply(purses: Ledger, fact: Fact, orders: dict[str, Fact]) -> None:
    if fact.kind == "split":
        for purse in purses.values():
            _split(purse.lots[fact.code], Fraction(fact.numerator, fact.denominator))
        return
    purse = purses[fact.group]
    match fact.kind:
        case "deposit" | "withdrawal":
            sign = 1 if fact.kind == "deposit" else -1
            purse.cash += sign * fact.amount
            purse.deposited += sign * fact.amount
        case "fee":
            purse.cash -= fact.amount
            purse.fees += fact.amount
        case "dividend":
            purse.cash += fact.amount
            purse.dividends += fact.amount
            purse.received.append(fact)
        case "cash_adjustment":
            purse.cash += fact.difference
            purse.adjusted += fact.difference
        case "position_adjustment":
            assert fact.difference > 0
            purse.adjusted += fact.amount
            _enter(purse, fact, fact.difference, fact.score, tse().previous(fact.session))
        case "fill":
            _fill(purse, fact, orders.get(fact.order_id))
        case _:
            order = orders[fact.order_id]
            if order.layer and purse.lots[order.code]:
                purse.unsold[order.code][order.layer] = order.evaluated


def _split(lots: list[Lot], ratio: Fraction) -> None:
    for lot in lots:
        shares = lot.shares * ratio
        assert shares.denominator == 1
        lot.shares, lot.ratio = int(shares), lot.ratio * ratio


def _enter(purse: Purse, fact: Fact, shares: int, score: float | None, evaluated: date) -> None:
    place = {"paper": "paper", "signal": "signal"}.get(fact.source, "broker")
    account = fact.fields.get("account", "")
    lot = Lot(shares, fact.amount, fact.price, fact.session, place, account, score, evaluated)
    purse.lots[fact.code].append(lot)
    purse.lots[fact.code].sort(key=lambda each: each.opened)


def _fill(purse: Purse, fact: Fact, order: Fact | None) -> None:
    if fact.side == "BUY":
        purse.cash -= fact.amount
        evaluated = tse().previous(fact.session) if order is None else order.evaluated
        _enter(purse, fact, fact.shares, None if order is None else order.score, evaluated)
        return
    purse.cash += fact.amount
    left, proceeds, layer = fact.shares, fact.amount, order.layer if order else ""
    for lot in list(purse.lots[fact.code]):
        if not left or (fact.account and (lot.account or "特定") != fact.account):
            continue
        shares = min(left, lot.shares)
        cost, part = lot.cost * shares // lot.shares, proceeds * shares // left
        purse.closed.append(Closed(fact.code, fact.session, shares, cost, part, layer, fact.id))
        purse.realized += part - cost
        proceeds, left = proceeds - part, left - shares
        lot.shares, lot.cost = lot.shares - shares, lot.cost - cost
    assert left == 0
    lots = purse.lots[fact.code] = [lot for lot in purse.lots[fact.code] if lot.shares]
    if not lots or lots[0].opened >= fact.session:
        purse.taken.pop(fact.code, None)
        purse.unsold.pop(fact.code, None)
    elif layer:
        purse.taken[fact.code].add(layer)
