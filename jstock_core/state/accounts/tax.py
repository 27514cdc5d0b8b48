"""An estimate of the taxable gains of a year by Japanese rules, which differ from FIFO.

1. Per code and type of account (特定, 一般), across all groups, the shares are one pool at one average cost,
   the moving average since the last sale: 総平均法に準ずる方法 (Enforcement Order of the Income Tax Act,
   art. 118). Shares in a NISA account are not taxed and left out.
2. A session's purchases enter before its sales leave, whatever their order was, after a split.
3. The unit cost includes the fees of the purchases and is rounded up to whole yen per share at each sale
   (directive 措通 37の10・37の11共-14); what is left stays in the pool at that unit cost. Fees of a sale
   reduce its proceeds.
4. A split changes the shares, not their total cost. The fraction of a share that an account is paid for
   counts as sold; what groups of one account give each other does not.
5. A gain belongs to the calendar year in which its sale settles (`market.settlement`), and the tax on a year
   is its rate (`market.tax_rates`) of the sum of its gains, if that is above 0.

Dividends are not counted: they are recorded net of what was withheld. Shares that groups of the desk pass
to each other stay in the pool as they are: at the broker nothing was traded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from jstock_core.market.settlement import trade_dates_of
from jstock_core.market.tax_rates import tax_rate_pct
from jstock_core.state.accounts.tax_sales import TaxSale, tax_sales
from jstock_core.state.facts.events import Event, Fee, Filled

__all__ = ["LOSS_YEARS", "TaxLine", "TaxSale", "TaxYear", "tax_sales", "tax_year"]

LOSS_YEARS = 3  # Act on Special Measures concerning Taxation art. 37-12-2: returns filed without a gap


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

    Those of NISA accounts are `untaxed` and count in nothing.

    `losses` maps each of the three years before to its loss in yen that gains since have not used up, where
    there is one. `loose_fees` are yen of the year's fees that belong to no trade and are not counted.
    """

    year: int
    first: date
    last: date
    rate_pct: Decimal
    sales: tuple[TaxSale, ...]
    untaxed: tuple[TaxSale, ...]
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
    every = tax_sales(facts)
    sales = [sale for sale in every if sale.is_taxed]
    gains: dict[int, int] = defaultdict(int)
    for sale in sales:
        gains[sale.settles.year] += sale.gain
    return TaxYear(
        year=year,
        first=first,
        last=last,
        rate_pct=rate,
        sales=tuple(sale for sale in sales if sale.settles.year == year),
        untaxed=tuple(sale for sale in every if not sale.is_taxed and sale.settles.year == year),
        losses=_unused_losses(gains, year),
        loose_fees=_loose_fees(facts, year),
    )


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
