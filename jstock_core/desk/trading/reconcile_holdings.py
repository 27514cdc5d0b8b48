"""Holdings against a broker's list of them, and the adjustments that make the desk's the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.recording.csv_file import HOLDINGS, Holding, Sheet, holdings, read_sheet
from jstock_core.desk.recording.fill_check import Market
from jstock_core.desk.trading.cash import session_of
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.paper import MANUAL
from jstock_core.state.book.adjust import numbered
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.codec import plain_decimal
from jstock_core.state.facts.events import Event, PositionAdjusted
from jstock_core.state.journal.journal import Journal


@dataclass(frozen=True)
class Difference:
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
            "price": None if self.price is None else plain_decimal(self.price),
        }


@dataclass(frozen=True, eq=False)
class Counted:
    """A desk whose holdings are compared: as of the close of `as_of`, else as of now."""

    desk: Desk
    journal: Journal
    market: Market
    as_of: date | None = None

    @property
    def account(self) -> tuple[str, ...]:
        """The groups in the broker's account: those a person fills, or all where there are none."""
        manual = tuple(group.id for group in self.desk.groups if group.fills == MANUAL)
        return manual or tuple(group.id for group in self.desk.groups)

    def against(self, path: str) -> tuple[Difference, ...]:
        """Where a broker's CSV says something else.

        Raises:
            UsageError: the file cannot be read, or makes no sense.

        """
        return self._differing(self._sheet(path))

    def adjusted(
        self, path: str, reason: str, group: str
    ) -> tuple[tuple[Difference, ...], tuple[Event, ...]]:
        """The differences, and the adjustments journaled for them: all of them or none.

        Raises:
            UsageError: it is not clear whose a difference is, or what shares cost.
            StateError: an adjustment contradicts the journal.

        """
        sheet = self._sheet(path)
        differing = self._differing(sheet)
        session = self.as_of or session_of(self.desk, "")
        used = {event.id for event in self.journal.history()}
        self._check_priced(differing)
        made = [
            _adjustment(difference, session, reason, _whose(difference, group, self.account), sheet.source)
            for difference in differing
        ]
        return differing, self.journal.append(numbered(event, used) for event in made)

    def _check_priced(self, differing: Sequence[Difference]) -> None:
        unknown = [d.code for d in differing if d.code not in self.market.panel.column]
        if unknown:
            raise UsageError(
                f"no prices here of {', '.join(unknown)}: they could not be valued",
                do="import their bars, or take them out of the file; nothing was recorded",
            )

    def _sheet(self, path: str) -> Sheet:
        return read_sheet(Path(path), self.desk.settings.csv_columns, HOLDINGS)

    def _differing(self, sheet: Sheet) -> tuple[Difference, ...]:
        events = self.journal.events()
        if self.as_of is not None:
            events = tuple(event for event in events if event.session <= self.as_of)
        return tuple(_differences(holdings(sheet), replay(events), self.account, self.market))


def _differences(
    held: Sequence[Holding], book: Book, account: Sequence[str], market: Market
) -> Iterator[Difference]:
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
            yield Difference(
                code, market.listing(code).name, own, broker, tuple(owners.get(code, ())), prices.get(code)
            )


def _adjustment(
    difference: Difference, session: date, reason: str, group: str, source: str
) -> PositionAdjusted:
    """The difference as a fact of one group.

    Raises:
        UsageError: nobody says what shares that come in cost.

    """
    more = difference.shares > 0
    if more and difference.price is None:
        raise UsageError(
            f"the broker holds {difference.shares} shares of {difference.code} more: what did they cost?",
            do="give the file a column price, or use `jstock trade position set`; nothing was recorded",
        )
    return PositionAdjusted(
        session=session, source=source, group=group, code=difference.code, difference=difference.shares,
        price=difference.price if more else None, reason=reason,
    )  # fmt: skip


def _whose(difference: Difference, group: str, account: Sequence[str]) -> str:
    if group:
        if group not in account:
            raise UsageError(f'"{group}" is not in that account{did_you_mean(group, tuple(account))}')
        return group
    owners = difference.groups or tuple(account)
    if len(owners) == 1:
        return owners[0]
    raise UsageError(
        f"whose are the {abs(difference.shares)} shares of {difference.code}? it may be {', '.join(owners)}",
        do="name one with --group, or use `jstock trade position set`; nothing was recorded",
    )
