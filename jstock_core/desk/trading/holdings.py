"""The desk's holdings against a broker's list, and the adjustments that remove differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.csv_file import BrokerHolding, HoldingSheet
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.execution.fillers import MANUAL
from jstock_core.state.book.adjust import take_free_ordinal
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.codec import decimal_text
from jstock_core.state.facts.events import Event, PositionAdjusted


@dataclass(frozen=True)
class HoldingDifference:
    """A code of which the broker holds `broker` shares and the desk, in `groups`, `desk`."""

    code: str
    name: str
    desk: int
    broker: int
    groups: tuple[str, ...]
    price: Decimal | None

    @property
    def shares(self) -> int:
        """What the desk has too few, or below 0 too many."""
        return self.broker - self.desk

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "code": self.code,
            "name": self.name,
            "desk": self.desk,
            "broker": self.broker,
            "difference": self.shares,
            "groups": list(self.groups),
            "price": None if self.price is None else decimal_text(self.price),
        }


@dataclass(frozen=True)
class Adjustment:
    """How differences are recorded: session, reason, group ("" for the one that holds the code), source."""

    session: date
    reason: str
    group: str
    source: str


@dataclass(frozen=True, eq=False)
class HoldingsComparison:
    """What a broker holds of `account`, the groups kept there; as of the close of `as_of`, else as of now."""

    held: tuple[BrokerHolding, ...]
    account: tuple[str, ...]
    check: FillCheck
    as_of: date | None

    @classmethod
    def of(
        cls, desk: Desk, sheet: HoldingSheet, check: FillCheck, *, as_of: date | None
    ) -> HoldingsComparison:
        """Compare with a sheet.

        The account has the groups that a person fills, or all groups where there are none.
        """
        manual = tuple(group.id for group in desk.groups if group.fills == MANUAL)
        account = manual or tuple(group.id for group in desk.groups)
        return cls(sheet.held, account, check, as_of)

    def differences(self, events: Sequence[Event]) -> tuple[HoldingDifference, ...]:
        """Where the broker holds other shares than the book of those events."""
        if self.as_of is not None:
            events = [event for event in events if event.session <= self.as_of]
        return tuple(_differences(self.held, replay(events), self.account, self.check))

    def adjustments(
        self, differences: Sequence[HoldingDifference], adjustment: Adjustment, history: Sequence[Event]
    ) -> tuple[Event, ...]:
        """The facts that make the desk hold what the broker holds.

        Raises:
            UsageError: it is not clear whose a difference is, or what shares cost.

        """
        missing = [d.code for d in differences if d.code not in self.check.panel.column]
        if missing:
            raise UsageError(
                f"no prices are stored of {', '.join(missing)}: they could not be valued",
                do="import their bars, or take them out of the file; nothing was recorded",
            )
        used = {event.id for event in history}
        facts = (
            _adjust(d, _select_owner(d, adjustment.group, self.account), adjustment) for d in differences
        )
        return tuple(take_free_ordinal(fact, used) for fact in facts)


def _differences(
    held: Sequence[BrokerHolding], book: Book, account: Sequence[str], check: FillCheck
) -> Iterator[HoldingDifference]:
    shares: dict[str, int] = {}
    prices: dict[str, Decimal | None] = {}
    for line in held:  # a broker shows a stock once for each kind of custody
        shares[line.code] = shares.get(line.code, 0) + line.shares
        prices[line.code] = prices.get(line.code) or line.price
    owners: dict[str, list[str]] = {}
    for name in account:
        if name in book.groups:
            for code in book.groups[name].held:
                owners.setdefault(code, []).append(name)
    for code in sorted(shares.keys() | owners.keys()):
        own = sum(shares_of(book.groups[name].lots[code]) for name in owners.get(code, ()))
        broker = shares.get(code, 0)
        if own != broker:
            name = check.listing(code).name
            yield HoldingDifference(code, name, own, broker, tuple(owners.get(code, ())), prices.get(code))


def _adjust(difference: HoldingDifference, group: str, adjustment: Adjustment) -> PositionAdjusted:
    """The difference as a fact of one group.

    Raises:
        UsageError: the file does not say what shares that come in cost.

    """
    more = difference.shares > 0
    if more and difference.price is None:
        raise UsageError(
            f"the broker holds {difference.shares} more shares of {difference.code}, and no price is given",
            do="give the file a column price, or use `jstock trade position set`; nothing was recorded",
        )
    return PositionAdjusted(
        session=adjustment.session, source=adjustment.source, group=group, code=difference.code,
        difference=difference.shares, price=difference.price if more else None, reason=adjustment.reason,
    )  # fmt: skip


def _select_owner(difference: HoldingDifference, group: str, account: Sequence[str]) -> str:
    if group:
        if group not in account:
            raise unknown("group", group, account, where="the groups of the broker's account")
        return group
    owners = difference.groups or tuple(account)
    if len(owners) == 1:
        return owners[0]
    raise UsageError(
        f"{abs(difference.shares)} shares of {difference.code} may belong to {', '.join(owners)}",
        do="name the group with --group, or use `jstock trade position set`; nothing was recorded",
    )
