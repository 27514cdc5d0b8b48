"""Oddities of a fill's fee, order and price: it is possible, but more likely a mistake.

A broker's fee is next to nothing on the internet, and elsewhere at most ¥1,070 for an order or 0.22 % of a
day's trades (Monex, Matsui). With room for orders by telephone a fee is odd above `FEE_PCT` of what was
traded and above `FEE_YEN`. A broker gives the fee of an order to any of its fills: where the fees of all
lines of its stock, side and session are in proportion, so is each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jstock_core.desk.recording.fill_check import FillCheck, Oddity
from jstock_core.desk.recording.ledger import RecordedFill
from jstock_core.desk.recording.lines import FillKey, FillLine, fill_key
from jstock_core.execution.approvals import approval_end, waits
from jstock_core.state.facts.events import OrderPlaced

FEE_PCT = 2
"""Percent of the amount traded."""
FEE_YEN = 5_000
PRICE_FACTOR = 3
"""How far a price may lie from the close before where nothing else judges it; some bidders pay double."""


@dataclass(frozen=True)
class FeeTotals:
    """Yen of fees, and yen traded, by session, code and side."""

    paid: Mapping[FillKey, tuple[int, int]]

    @classmethod
    def of(cls, lines: Iterable[FillLine]) -> FeeTotals:
        """The totals of lines."""
        paid: dict[FillKey, tuple[int, int]] = {}
        for line in lines:
            fee, amount = paid.get(fill_key(line), (0, 0))
            paid[fill_key(line)] = (fee + line.fee, amount + line.amount)
        return cls(paid)

    def oddities(self, line: FillLine) -> Iterator[Oddity]:
        """What is odd about the fee of a line."""
        if is_high_fee(line.fee, line.amount) and is_high_fee(*self.paid[fill_key(line)]):
            share = f" is {line.fee / line.amount:.0%} of it" if line.amount else ""
            yield Oddity(
                f"a fee of ¥{line.fee:,} on ¥{line.amount:,}{share}: above {FEE_PCT} % and ¥{FEE_YEN:,}"
            )


def is_high_fee(fee: int, amount: int) -> bool:
    """Whether a fee of so many yen is out of proportion to the amount traded."""
    return fee > FEE_YEN and fee * 100 > amount * FEE_PCT


def price_oddities(line: FillLine, check: FillCheck) -> Iterator[Oddity]:
    """The oddities of a price for which the session has neither a bar nor limits."""
    if not line.shares:
        return
    judged = check.bar(line.code, line.session) or check.limits(line.code, line.session)
    close = check.close_before(line.code, line.session)
    if close is None or (judged is not None and not line.is_off_exchange):
        return
    if not close / PRICE_FACTOR <= line.price <= close * PRICE_FACTOR:
        yield Oddity(f"¥{line.price:,} is far from the last close known before, ¥{close:,}")


def order_oddities(
    line: FillLine, order: OrderPlaced | None, wanted: int | None, *, consent: bool, holder: str = ""
) -> Iterator[Oddity]:
    """What is odd about a line beside its order, of which `wanted` shares are open; None without any order.

    `consent` is False where a person called it another fill. `holder` is the group that it is recorded for
    because no other holds the stock.
    """
    if line.is_off_exchange:
        return
    if wanted is None:
        only = f"; it is recorded for {holder}, the only group that holds {line.code}" if holder else ""
        yield Oddity(f"no order was placed for it{only}")
    elif line.shares and not wanted:
        yield Oddity("its order is filled or ended already: more than was ordered", consent)
    elif line.shares > wanted:
        yield Oddity(f"{line.shares} shares, but only {wanted} are still ordered")
    if order is not None and waits(order) and line.shares:
        yield Oddity(f"nobody approved its order by {approval_end(order)}")
    if order is not None and order.limit is not None and line.shares and _is_beyond(line, order.limit):
        yield Oddity(f"¥{line.price:,} is beyond the limit of its order, ¥{order.limit:,}")


def paper_oddities(line: FillLine, order: OrderPlaced | None, group: str) -> Iterator[Oddity]:
    """That a line is of a group filled on paper ("" for none), for which the broker holds nothing."""
    if group and line.shares and order is None:
        yield Oddity(
            f"{group} is filled on paper (`fills` in its file): the broker's trades are no part of its money"
        )


def _is_beyond(line: FillLine, limit: Decimal) -> bool:
    return line.price > limit if line.side == "BUY" else line.price < limit


def reversal_oddity(fill: RecordedFill) -> Oddity:
    """Note that a correction took back what a line reports."""
    restore = f"`jstock state correct {fill.id} --restore --reason TEXT` restores it"
    return Oddity(f"it was recorded and removed by a correction: {restore}", consent=False)
