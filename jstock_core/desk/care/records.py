"""Another program's groups and trades before they are imported: what is refused, and what needs consent.

Ids and amounts are held to the bounds of group files, and fills to those of fills that are recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jstock_core.base.errors import DataError, ParamsError, StateError, UsageError
from jstock_core.base.limits import cut_word
from jstock_core.decide.groups import LEAST_CAPITAL, MOST_CAPITAL, check_group_id
from jstock_core.desk.recording.fill_check import FillCheck, oddities, refuse_impossible
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.oddities import price_oddities
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import tse
from jstock_core.state.views.oldfiles import OldGroup, OldLot, OldTrade

_DO = "mend the file; nothing was imported"


@dataclass(frozen=True)
class OldRecords:
    """The groups and trades of the files, up to and including the day `through`."""

    groups: tuple[OldGroup, ...]
    trades: tuple[OldTrade, ...]
    through: date

    @property
    def lots(self) -> Iterator[tuple[OldGroup, OldLot]]:
        """Every lot with its group."""
        return ((group, lot) for group in self.groups for lot in group.lots)

    @property
    def days(self) -> Iterator[date]:
        """Every day named."""
        yield self.through
        yield from (trade.session for trade in self.trades)
        yield from (lot.session for _, lot in self.lots)


def check_records(found: OldRecords, today: date, *, margin: bool, where: str) -> None:
    """Make sure that groups, amounts and days are such as this desk has.

    Raises:
        StateError: one is not.

    """
    twice = [name for name, times in Counter(group.id for group in found.groups).items() if times > 1]
    if twice:
        raise StateError(f"the group {cut_word(twice[0])} is there twice", where=where, do=_DO)
    for group in found.groups:
        _check_group(group, margin=margin, where=where)
    traded: list[OldTrade | OldLot] = [*found.trades, *(lot for _, lot in found.lots)]
    for one in traded:
        if one.shares * one.price > MOST_CAPITAL:
            what = f"{one.shares:,} shares of {one.code} at ¥{one.price:,} are above ¥{MOST_CAPITAL:,}"
            raise StateError(what, where=where, do=_DO)
    wrong = next((day for day in found.days if not tse().first <= day <= today), None)
    if wrong is not None:
        what = "in the future" if wrong > today else f"before {tse().first}, the first session known"
        raise StateError(f"{wrong} is {what}", where=where, do=_DO)


def _check_group(group: OldGroup, *, margin: bool, where: str) -> None:
    place = f"{where}, group {cut_word(group.id)}"
    try:
        check_group_id(group.id, where=place)
    except ParamsError as error:
        raise StateError(error.what, where=where, do=f"{error.do}; nothing was imported") from None
    if not LEAST_CAPITAL <= group.capital <= MOST_CAPITAL:
        raise StateError(
            f"initial_capital: expected ¥{LEAST_CAPITAL:,} to ¥{MOST_CAPITAL:,}, got ¥{group.capital:,}",
            where=place,
            do=f"write whole yen; {_DO}",
        )
    if group.cash > MOST_CAPITAL or (group.cash < 0 and not margin):
        raise StateError(
            f"cash: expected ¥0 to ¥{MOST_CAPITAL:,}, got ¥{group.cash:,}",
            where=place,
            do=f"write whole yen, or `margin: true` into params/desk.yaml where the broker lends; {_DO}",
        )


def odd_records(desk: Desk, found: OldRecords) -> Iterator[str]:
    """What is odd about the trades and lots, in words; nothing where there is no market data.

    The trading units and prices are those of the market data.
    """
    try:
        check = FillCheck.of(desk.panel(), desk.now())
    except DataError:
        return
    for trade in found.trades:
        line = FillLine(0, "", trade.code, trade.side, trade.shares, trade.price, _session(trade.session))
        yield from (f"{trade.session} {trade.group}: {trade.code}: {odd}" for odd in _oddities(line, check))
    for group, lot in found.lots:
        unit = check.listing(lot.code).unit
        if lot.shares % unit:
            yield f"{group.id}: {lot.shares:,} shares of {lot.code} are not a multiple of its unit of {unit}"
        line = FillLine(
            0, "", lot.code, "BUY", lot.shares, lot.price, _session(lot.session), kind="offering"
        )  # what a lot cost may be an average, which need not have traded
        if lot.code in check.panel.column:
            yield from (f"{group.id}: {lot.code}: {odd.text}" for odd in price_oddities(line, check))


def _session(day: date) -> date:
    return day if tse().is_session(day) else tse().next(day)


def _oddities(line: FillLine, check: FillCheck) -> Iterator[str]:
    if line.code not in check.panel.column:
        return
    try:
        refuse_impossible(line, check)
    except UsageError as error:
        yield error.what
        return
    yield from (odd.text for odd in (*oddities(line, check), *price_oddities(line, check)) if odd.consent)
