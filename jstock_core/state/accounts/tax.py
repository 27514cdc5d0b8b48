"""What the sales of a year were worth to a Japanese tax office: an estimate, and another view than FIFO.

1. Per code, across all groups (they are one account), the shares are one pool at one average cost, the moving
   average since the last sale: 総平均法に準ずる方法 (Enforcement Order of the Income Tax Act, art. 118).
2. A session's purchases enter before its sales leave, whatever their order was, after a split.
3. The unit cost includes the fees of the purchases and is rounded up to whole yen per share at each sale
   (directive 措通 37の10・37の11共-14); what is left stays in the pool at that unit cost. Fees of a sale
   reduce its proceeds.
4. A split changes the shares, not their total cost. Fractions of a share that are paid out count as sold.
5. A gain belongs to the calendar year in which its sale settles (`market.settlement`), and the tax on a year
   is its rate (`market.tax_rates`) of the sum of its gains, if that is above 0.

Dividends are not counted: they are recorded net of what was withheld. Shares that groups of the desk pass
to each other stay in the pool as they are: at the broker nothing was traded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from jstock_core.base.errors import StateError
from jstock_core.market.settlement import settlement_date, trade_dates_of
from jstock_core.market.tax_rates import tax_rate_pct
from jstock_core.state.book.fold import cash_in_lieu
from jstock_core.state.book.lots import split_shares
from jstock_core.state.facts.events import CROSSED, Event, Fee, Filled, PositionAdjusted, SplitApplied

LOSS_YEARS = 3  # Act on Special Measures concerning Taxation art. 37-12-2: returns filed without a gap


@dataclass(frozen=True, slots=True)
class TaxSale:
    """One sale as taxed. `amount` is what it brought and `fees` what that cost, `unit_cost` yen per share.

    `is_lieu` marks fractions of a share paid out after a split; only there `shares` is no whole number.
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


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A year's sales of one code, in whole yen."""

    code: str
    shares: Fraction
    proceeds: int
    cost: int
    settles: tuple[date, ...]

    @property
    def gain(self) -> int:
        """Yen won or lost as taxed."""
        return self.proceeds - self.cost


@dataclass(frozen=True)
class TaxYear:
    """The sales that settle in a calendar year: those of the sessions from `first` to `last`.

    `losses` maps each of the three years before to its loss in yen that gains since have not used up, where
    there is one. `loose_fees` are yen of the year's fees that belong to no trade and are not counted.
    """

    year: int
    first: date
    last: date
    rate_pct: Decimal
    sales: tuple[TaxSale, ...]
    losses: Mapping[int, int]
    loose_fees: int

    @property
    def lines(self) -> tuple[TaxLine, ...]:
        """One line a code."""
        codes = sorted({sale.code for sale in self.sales})
        return tuple(_line(code, [sale for sale in self.sales if sale.code == code]) for code in codes)

    @property
    def gain(self) -> int:
        """Gains less losses, in yen."""
        return sum(sale.gain for sale in self.sales)

    @property
    def loss(self) -> int:
        """Yen that may be carried forward, 0 in a year of gains."""
        return max(0, -self.gain)

    @property
    def estimate(self) -> int:
        """Yen of tax on the year's gains alone, the fraction of a yen dropped."""
        return floor(max(0, self.gain) * self.rate_pct / 100)


def tax_year(events: Iterable[Event], year: int) -> TaxYear:
    """The sales of a calendar year and what they come to. `events` are the facts in force.

    Raises:
        UsageError: the rate of the year or its settlement days are not known.
        StateError: more is sold than was bought.

    """
    rate, (first, last) = tax_rate_pct(year), trade_dates_of(year)
    facts = tuple(events)
    sales = tax_sales(facts)
    gains: dict[int, int] = defaultdict(int)
    for sale in sales:
        gains[sale.settles.year] += sale.gain
    return TaxYear(
        year=year,
        first=first,
        last=last,
        rate_pct=rate,
        sales=tuple(sale for sale in sales if sale.settles.year == year),
        losses=_unused_losses(gains, year),
        loose_fees=_loose_fees(facts, year),
    )


def tax_sales(events: Iterable[Event]) -> tuple[TaxSale, ...]:
    """Every sale as taxed, in order of the sessions.

    Raises:
        StateError: more is sold than was bought, or a split leaves a fraction without a price.
        UsageError: the calendar does not reach the settlement of a sale.

    """
    facts = tuple(events)
    fees: dict[str | None, int] = defaultdict(int)
    for event in facts:
        if isinstance(event, Fee):
            fees[event.fill_id] += event.amount
    pools: dict[str, _Pool] = defaultdict(_Pool)
    moves = [e for e in facts if isinstance(e, Filled | PositionAdjusted | SplitApplied)]
    return tuple(
        sale for event in sorted(moves, key=_order) for sale in pools[event.code].take(event, fees[event.id])
    )


def _order(event: Filled | PositionAdjusted | SplitApplied) -> tuple[date, int]:
    """Inside a session: splits, then what comes in, then what goes."""
    match event:
        case SplitApplied():
            return event.session, 0
        case Filled():
            return event.session, 1 if event.side == "BUY" else 2
        case PositionAdjusted():
            return event.session, 1 if event.difference > 0 else 2


@dataclass
class _Pool:
    """All shares of one code: who holds how many, and the total cost in yen."""

    held: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    cost: Fraction = Fraction(0)

    def take(self, event: Filled | PositionAdjusted | SplitApplied, fees: int) -> Iterator[TaxSale]:
        """Change the pool by one fact; what it sells."""
        match event:
            case SplitApplied():
                yield from self._split(event)
            case Filled() if event.source == CROSSED:
                self.held[event.group] += event.shares if event.side == "BUY" else -event.shares
            case Filled(side="BUY"):
                self._enter(event.group, event.shares, event.amount + fees)
            case Filled():
                yield self._sell(event, event.group, Fraction(event.shares), event.amount, fees)
            case PositionAdjusted() if event.difference > 0:
                self._enter(event.group, event.difference, event.amount)
            case PositionAdjusted():
                self._leave(event, event.group, Fraction(-event.difference), self._average(event))

    def _enter(self, group: str, shares: int, cost: int) -> None:
        self.held[group] += shares
        self.cost += cost

    def _average(self, event: Event) -> Fraction:
        """The exact cost of a share.

        Raises:
            StateError: there is none.

        """
        shares = sum(self.held.values())
        if not shares:
            raise StateError("sells shares that were never bought", where=event.id, do="correct the journal")
        return self.cost / shares

    def _leave(self, event: Event, group: str, shares: Fraction, unit_cost: Fraction) -> None:
        """Shares go; the rest stays at the unit cost."""
        left = self.held[group] - shares
        if left < 0:
            raise StateError(
                f"sells {shares} shares, but group {group} holds {self.held[group]}",
                where=event.id,
                do="correct the journal",
            )
        self.held[group] = left
        self.cost = unit_cost * sum(self.held.values())

    def _sell(
        self, event: Filled | SplitApplied, group: str, shares: Fraction, amount: int, fees: int
    ) -> TaxSale:
        unit_cost = ceil(self._average(event))
        self._leave(event, group, shares, Fraction(unit_cost))
        return TaxSale(
            event.code,
            group,
            event.session,
            settlement_date(event.session),
            shares,
            amount,
            fees,
            unit_cost,
            isinstance(event, SplitApplied),
        )

    def _split(self, event: SplitApplied) -> Iterator[TaxSale]:
        """More or fewer shares at the same total cost; each group's fraction of a share is paid out."""
        ratio = event.ratio
        fractions = {group: split_shares(int(shares), ratio)[1] for group, shares in self.held.items()}
        self.held = defaultdict(Fraction, {group: shares * ratio for group, shares in self.held.items()})
        for group, fraction in fractions.items():
            if fraction:
                yield self._sell(event, group, fraction, cash_in_lieu(event, fraction), 0)


def _line(code: str, sales: list[TaxSale]) -> TaxLine:
    return TaxLine(
        code,
        sum((sale.shares for sale in sales), Fraction(0)),
        sum(sale.proceeds for sale in sales),
        sum(sale.cost for sale in sales),
        tuple(sorted({sale.settles for sale in sales})),
    )


def _unused_losses(gains: Mapping[int, int], year: int) -> dict[int, int]:
    """Losses of the three years before that the gains since have not used up, the oldest used first."""
    unused: dict[int, int] = {}
    for past in sorted(past for past in gains if past < year):
        gain = gains[past]
        for loss in sorted(lost for lost in unused if lost >= past - LOSS_YEARS):
            used = min(max(0, gain), unused[loss])
            unused[loss] -= used
            gain -= used
        if gain < 0:
            unused[past] = -gain
    return {lost: yen for lost, yen in unused.items() if lost >= year - LOSS_YEARS and yen}


def _loose_fees(events: Iterable[Event], year: int) -> int:
    """Yen of a year's fees that belong to no fill."""
    facts = tuple(events)
    fills = {event.id for event in facts if isinstance(event, Filled)}
    fees = (e for e in facts if isinstance(e, Fee) and e.fill_id not in fills and e.session.year == year)
    return sum(fee.amount for fee in fees)
