"""From another program's files to events, with everything the history does not explain named.

A group begins with its initial capital. Its trades follow as they were. Shares that were sold without having
been bought, or are held without, must have been there before: they are opening adjustments, lots at the price
and session that the state file gives, else at the price of the first trade. What the trades leave and the
state file does not hold goes at the end. What the cash then lacks is one more opening adjustment. Nothing is
hidden in a fill.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from jstock_core.base.errors import StateError
from jstock_core.market.calendar import tse
from jstock_core.state.book.adjust import take_free_ordinal
from jstock_core.state.book.book import replay
from jstock_core.state.book.holdings import GroupBook
from jstock_core.state.book.lots import cost_of, shares_of
from jstock_core.state.facts.amendments import CashAdjusted, PositionAdjusted
from jstock_core.state.facts.events import Deposit, Event, Filled, Settled, SplitApplied
from jstock_core.state.views.oldfiles import OldGroup, OldLot, OldTrade

SOURCE = "import"
OPENING = "opening: not explained by the trade history"
CLOSING = "import: what the trades leave is not what the state file holds"


@dataclass(frozen=True)
class Migration:
    """The events to journal, and what had to be put right, in words."""

    events: tuple[Event, ...]
    remarks: tuple[str, ...]


def migrate(
    groups: Sequence[OldGroup],
    trades: Sequence[OldTrade],
    through: date,
    splits: Sequence[SplitApplied] = (),
    *,
    compare: bool = True,
) -> Migration:
    """Reconcile groups with their trades, up to and including the session `through`.

    `splits` are those of the codes in between. Without `compare` the groups' cash and lots are not known, and
    only what the trades themselves show to be missing is adjusted.

    Raises:
        StateError: trades of a group that is not there, or later than `through`.

    """
    known = {group.id for group in groups}
    strangers = sorted({trade.group for trade in trades} - known)
    if strangers:
        raise StateError(
            f"trades of groups that are not known: {', '.join(strangers)}", do="name their capital"
        )
    moved = _on_sessions(trades)
    parts = [
        _Part(group, [t for t in moved if t.group == group.id], splits, _session(through), compare)
        for group in groups
    ]
    events = [event for part in parts for event in part.opening]
    events += sorted(
        {event.id: event for part in parts for event in part.course}.values(),
        key=lambda event: (event.session, not isinstance(event, SplitApplied)),
    )
    events += [event for part in parts for event in part.closing]
    book = replay(events)
    gaps = {part: part.group.cash - book.group(part.group.id).cash for part in parts if compare}
    cash = [
        CashAdjusted(session=part.first, source=SOURCE, group=part.group.id, difference=gap, reason=OPENING)
        for part, gap in gaps.items()
        if gap
    ]
    whole = (*events, *cash, Settled(session=_session(through), source=SOURCE))
    return Migration(whole, tuple(_remarks(whole, parts, trades)))


class _Part:
    """One group: what was there before its trades, what happened, and what is left over."""

    def __init__(
        self,
        group: OldGroup,
        trades: list[OldTrade],
        splits: Iterable[SplitApplied],
        last: date,
        compare: bool,
    ) -> None:
        self.group = group
        self.compare = compare
        self.lots = [lot for lot in group.lots if compare]
        days = [trade.session for trade in trades] + [_session(lot.session) for lot in self.lots]
        self.first = min([*days, last])
        codes = sorted({trade.code for trade in trades} | {lot.code for lot in self.lots})
        own = [split for split in splits if split.code in codes and self.first < split.session <= last]
        self.opening: list[Event] = [
            Deposit(
                session=self.first,
                source=SOURCE,
                group=group.id,
                amount=group.capital,
                reason="initial capital",
            )
        ]
        early = _number_equals(event for code in codes for event in self._open_lots(code, trades, own))
        self.course: list[Event] = [*early, *own, *_fills(trades)]
        self.closing: list[Event] = list(self._left_over(codes, last)) if compare else []

    def _open_lots(
        self, code: str, trades: Iterable[OldTrade], splits: Iterable[SplitApplied]
    ) -> Iterator[PositionAdjusted]:
        """The lots of a code that its trades presuppose."""
        own = [trade for trade in trades if trade.code == code]
        ratios = [split for split in splits if split.code == code]
        held = [lot for lot in self.lots if lot.code == code]
        missing = _presupposed_shares(own, sum(lot.shares for lot in held), ratios, self.compare)
        bought = {trade.session for trade in own if trade.side == "BUY"}
        begin = min((trade.session for trade in own), default=date.max)
        old = [_before(lot, ratios, begin) for lot in held if _session(lot.session) not in bought]
        price = old[0].price if old else own[0].price if own else held[0].price
        gone = missing - sum(lot.shares for lot in old)
        if gone > 0:
            first = min([begin, *(lot.session for lot in old)])
            yield self._adjustment(OldLot(code, gone, price, first, None), OPENING)
        for lot in sorted(old, key=lambda lot: lot.session):
            shares = min(lot.shares, missing)
            missing -= shares
            if shares > 0:
                yield self._adjustment(replace(lot, shares=shares), OPENING)

    def _left_over(self, codes: Iterable[str], last: date) -> Iterator[PositionAdjusted]:
        book = replay(sorted([*self.opening, *self.course], key=lambda event: event.session)).group(
            self.group.id
        )
        for code in codes:
            held = shares_of(book.lots.get(code, ()))
            wanted = sum(lot.shares for lot in self.lots if lot.code == code)
            if wanted != held:
                yield PositionAdjusted(
                    session=last, source=SOURCE, group=self.group.id, code=code, difference=wanted - held,
                    price=None if wanted < held else next(lot.price for lot in self.lots if lot.code == code),
                    reason=CLOSING,
                )  # fmt: skip

    def _adjustment(self, lot: OldLot, reason: str) -> PositionAdjusted:
        return PositionAdjusted(
            session=lot.session, source=SOURCE, group=self.group.id, code=lot.code,
            difference=lot.shares, price=lot.price, score=lot.score, reason=reason,
        )  # fmt: skip


def _number_equals(events: Iterable[PositionAdjusted]) -> list[PositionAdjusted]:
    """Equal events numbered by their ordinals."""
    done: dict[str, PositionAdjusted] = {}
    for event in events:
        apart = take_free_ordinal(event, done)
        done[apart.id] = apart
    return list(done.values())


def _before(lot: OldLot, splits: Iterable[SplitApplied], begin: date) -> OldLot:
    """A lot as it was when it came in: by the first trade at the latest, and before the splits since."""
    session = min(_session(lot.session), begin)
    ratio = Fraction(1)
    for split in splits:
        if split.session > session:
            ratio *= split.ratio
    price = lot.price * ratio.numerator / ratio.denominator
    return replace(lot, session=session, shares=ceil(lot.shares / ratio), price=price)


def _presupposed_shares(
    trades: Iterable[OldTrade], held: int, splits: Sequence[SplitApplied], compare: bool
) -> int:
    """Shares that must have been there before the first trade, as they counted then."""
    balance = least = Fraction(0)
    steps: list[OldTrade | SplitApplied] = sorted(
        [*splits, *trades], key=lambda step: (step.session, isinstance(step, OldTrade))
    )
    ratio = Fraction(1)
    for step in steps:
        if isinstance(step, SplitApplied):
            ratio *= step.ratio
        else:
            balance += (step.shares if step.side == "BUY" else -step.shares) / ratio
            least = min(least, balance)
    return ceil(max(-least, held / ratio - balance if compare else Fraction(0), Fraction(0)))


def _fills(trades: Iterable[OldTrade]) -> Iterator[Filled]:
    seen: dict[OldTrade, int] = {}
    for trade in trades:
        ordinal = seen[trade] = seen.get(trade, -1) + 1
        yield Filled(
            session=trade.session, source=SOURCE, group=trade.group, code=trade.code, side=trade.side,
            shares=trade.shares, price=trade.price, order_id=None, ordinal=ordinal,
        )  # fmt: skip


def _on_sessions(trades: Iterable[OldTrade]) -> list[OldTrade]:
    """The trades in order of their days; a day without a session counts as the next one."""
    moved = [OldTrade(_session(t.session), t.group, t.code, t.side, t.shares, t.price, None) for t in trades]
    return sorted(moved, key=lambda trade: trade.session)


def _session(day: date) -> date:
    calendar = tse()
    return day if calendar.is_session(day) else calendar.next(day)


# --- in words -------------------------------------------------------------------------------------------


def _remarks(events: Iterable[Event], parts: Iterable[_Part], trades: Iterable[OldTrade]) -> Iterator[str]:
    events = tuple(events)
    for event in events:
        match event:
            case PositionAdjusted():
                price = "" if event.price is None else f" at ¥{event.price:,}"
                yield (
                    f"{event.session} {event.group}: {event.difference:+,} shares of {event.code}{price} "
                    f"({event.reason})"
                )
            case CashAdjusted():
                yield f"{event.session} {event.group}: {event.difference:+,} yen of cash ({event.reason})"
    yield from _moved_days(trades)
    yield from _odd_totals(trades)
    yield from _odd_costs(replay(events).groups, parts)


def _moved_days(trades: Iterable[OldTrade]) -> Iterator[str]:
    for day in sorted({trade.session for trade in trades}):
        if _session(day) != day:
            yield f"{day} was no session: its trades count as of {_session(day)}"


def _odd_totals(trades: Iterable[OldTrade]) -> Iterator[str]:
    for trade in trades:
        amount = int(trade.shares * trade.price)
        if trade.total is not None and trade.total != amount:
            yield (
                f"{trade.session} {trade.group}: {trade.side} {trade.shares:,} {trade.code} "
                f"at ¥{trade.price:,} is ¥{amount:,}, the history has ¥{trade.total:,}; the rest is in "
                "the cash adjustment"
            )


def _odd_costs(groups: Mapping[str, GroupBook], parts: Iterable[_Part]) -> Iterator[str]:
    for part in parts:
        for code in sorted({lot.code for lot in part.lots}):
            lots = groups[part.group.id].lots.get(code, ())
            stated = sum((lot.shares * lot.price for lot in part.lots if lot.code == code), Decimal(0))
            if abs(cost_of(lots) - stated) >= 1:
                yield (
                    f"{part.group.id}: {code} cost ¥{cost_of(lots):,} by the history, ¥{int(stated):,} by "
                    "the state file; the history's is kept"
                )
