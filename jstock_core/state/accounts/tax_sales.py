"""Every sale as a Japanese tax office sees it: the rules are in `tax`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from jstock_core.market.settlement import settlement_date
from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.closing import IN_LIEU, Closing, PaidInLieu
from jstock_core.state.book.entries import ShareFact, fold_rank
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.lots import NISA, TAXED, split_proceeds
from jstock_core.state.facts.events import CodeMoved, Event, Fee, Filled, PositionAdjusted, SplitApplied


@dataclass(frozen=True, slots=True)
class TaxSale:
    """One sale as taxed, in yen: `amount` before its `fees`, and `unit_cost` per share.

    `is_lieu` marks fractions of a share paid out after a split; only there `shares` is no whole number, and
    `group` is "", for they are the account's.
    """

    code: str
    group: str
    session: date
    settles: date
    shares: Fraction
    amount: int
    fees: int
    unit_cost: int
    is_lieu: bool = False
    account: str = TAXED

    @property
    def is_taxed(self) -> bool:
        """Whether its gain is taxed: that of a NISA account is not."""
        return self.account != NISA

    @property
    def proceeds(self) -> int:
        """Whole yen after fees."""
        return self.amount - self.fees

    @property
    def cost(self) -> int:
        """Whole yen, rounded up."""
        return ceil(self.unit_cost * self.shares)

    @property
    def gain(self) -> int:
        """Yen won or lost as taxed."""
        return self.proceeds - self.cost


def tax_sales(events: Iterable[Event]) -> tuple[TaxSale, ...]:
    """Every sale as taxed, in order of the sessions, those of NISA accounts among them.

    Raises:
        StateError: more is sold than was bought, or a split leaves a fraction without a price.
        UsageError: the calendar does not reach the settlement of a sale.

    """
    facts = tuple(events)
    fees: dict[str | None, int] = defaultdict(int)
    for event in facts:
        if isinstance(event, Fee):
            fees[event.fill_id] += event.amount
    pools = _Pools(_fold_sold(facts))
    moves = [event for event in facts if isinstance(event, ShareFact)]
    moves.sort(key=lambda event: (event.session, fold_rank(event)))
    return tuple(sale for event in moves for sale in pools.take(event, fees[event.id]))


class _Sold(NamedTuple):
    """What a fact took from one type of account: shares, and the whole yen that they brought."""

    account: str
    shares: Fraction
    amount: int


def _fold_sold(facts: Iterable[Event]) -> Mapping[str, Sequence[_Sold]]:
    """What each fact took from the lots of the book, by its id."""
    sold: dict[str, list[_Sold]] = defaultdict(list)

    def note(closing: Closing) -> None:
        if closing.layer != IN_LIEU:
            for match, amount in split_proceeds(closing.proceeds or 0, closing.matches):
                sold[closing.event.id].append(_Sold(match.lot.pool[1], Fraction(match.shares), amount))

    def note_lieu(paid: PaidInLieu) -> None:
        sold[paid.event.id].append(_Sold(paid.account, paid.fraction, paid.yen))

    fold = Fold(EMPTY, note, note_lieu)
    for event in facts:
        fold.add(event)
    fold.flush()
    return sold


@dataclass
class _Pool:
    """All shares of one code in one type of account, and their total cost in yen."""

    shares: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)

    def enter(self, shares: Fraction, cost: Fraction) -> None:
        """Shares come in."""
        self.shares += shares
        self.cost += cost

    def leave(self, shares: Fraction, unit_cost: Fraction) -> None:
        """Shares go; the rest stays at the unit cost."""
        self.shares -= shares
        self.cost = unit_cost * self.shares

    @property
    def average(self) -> Fraction:
        """The exact cost of a share."""
        return self.cost / self.shares


class _Pools:
    """The pools of all codes and types of account, as one fact after the other changes them."""

    def __init__(self, sold: Mapping[str, Sequence[_Sold]]) -> None:
        self._sold = sold
        self._pools: dict[tuple[str, str], _Pool] = defaultdict(_Pool)

    def take(self, event: ShareFact, fees: int) -> Iterator[TaxSale]:
        """Change the pools by one fact; what it sells."""
        match event:
            case SplitApplied() | CodeMoved():
                self._convert(event)
                yield from self._sell(event, event.to if isinstance(event, CodeMoved) else event.code, "", 0)
            case Filled(source="crossed"):
                self._cross(event)
            case Filled(side="BUY"):
                self._buy(event.code, event.account, event.shares, event.amount + fees)
            case Filled():
                yield from self._sell(event, event.code, event.group, fees)
            case PositionAdjusted() if event.difference > 0:
                self._buy(event.code, "", event.difference, event.amount)
            case PositionAdjusted():
                for account, shares, _ in self._sold.get(event.id, ()):
                    pool = self._pools[event.code, account]
                    pool.leave(shares, pool.average)

    def _cross(self, event: Filled) -> None:
        """A transfer between groups: no trade at the broker, and the shares count as `TAXED` from then on."""
        for account, (shares, _) in _by_account(self._sold.get(event.id, ())).items():
            if account != TAXED:
                pool = self._pools[event.code, account]
                cost = pool.average
                pool.leave(shares, cost)
                self._pools[event.code, TAXED].enter(shares, cost * shares)

    def _buy(self, code: str, account: str, shares: int, cost: int) -> None:
        self._pools[code, account or TAXED].enter(Fraction(shares), Fraction(cost))

    def _convert(self, event: SplitApplied | CodeMoved) -> None:
        """More or fewer shares at the same total cost."""
        for key in [key for key in self._pools if key[0] == event.code]:
            pool = self._pools.pop(key)
            new_code = event.to if isinstance(event, CodeMoved) else event.code
            self._pools[new_code, key[1]].enter(pool.shares * event.ratio, pool.cost)

    def _sell(self, event: ShareFact, code: str, group: str, fees: int) -> Iterator[TaxSale]:
        """What a fact sells from each type of account; its fees are divided by the shares."""
        sold = _by_account(self._sold.get(event.id, ()))
        total = sum((shares for shares, _ in sold.values()), Fraction(0))
        for account, (shares, amount) in sold.items():
            unit_cost = ceil(self._pools[code, account].average)
            self._pools[code, account].leave(shares, Fraction(unit_cost))
            yield TaxSale(
                code, group, event.session, settlement_date(event.session), shares, amount,
                floor(fees * shares / total), unit_cost, is_lieu=not isinstance(event, Filled),
                account=account,
            )  # fmt: skip


def _by_account(sold: Iterable[_Sold]) -> dict[str, tuple[Fraction, int]]:
    """Shares and yen by type of account."""
    found: dict[str, tuple[Fraction, int]] = {}
    for account, shares, amount in sold:
        before = found.get(account, (Fraction(0), 0))
        found[account] = (before[0] + shares, before[1] + amount)
    return found
