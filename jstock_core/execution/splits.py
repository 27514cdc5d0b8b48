"""Splits and consolidations: made from the market data's adjustment factors, and compared with the book's.

A person, a data vendor and a broker may date the same split differently, or not know of it. So splits of
equal ratio within five sessions count as one, with the date of the market data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TypeVar

import numpy as np

from jstock_core.market.bars.closes import base_close
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.known_splits import SAME_WITHIN, market_ratios, recorded_split, sessions_apart
from jstock_core.market.panel import Panel
from jstock_core.market.prices import as_yen
from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import Lot
from jstock_core.state.facts.events import (
    CodeMoved,
    Filled,
    PositionAdjusted,
    SplitAnnounced,
    SplitApplied,
)

Fact = Filled | PositionAdjusted | SplitApplied | CodeMoved

MANUAL = "manual"
S = TypeVar("S", bound=SplitApplied | SplitAnnounced)


def split_event(panel: Panel, row: int, code: str, source: str = "desk") -> SplitApplied | None:
    """The split of a stock that goes ex in the session of `row`; None where its shares do not change.

    One that a person recorded, and the source does not have, is the person's.

    Fractions of a share are paid at the opening price, or at the last close over the factor
    where that bar is missing or cannot be trusted.
    """
    column = panel.column.get(code)
    if column is None or panel.adj_factor.item(row, column) == 1.0:
        return None
    ratio = panel.adjustment(row, column).shares
    if ratio == 1:
        return None
    opening, base = float(panel.open[row, column]), base_close(panel, row, column)
    is_trusted = not untrusted_bars(panel).reason(row, column)
    price = opening if opening > 0 and is_trusted else base
    by_hand = recorded_split(panel, code, panel.session(row))
    paid = None if by_hand is None else by_hand.price
    return SplitApplied(
        session=panel.session(row),
        source=source if by_hand is None else MANUAL,
        code=code,
        numerator=ratio.numerator,
        denominator=ratio.denominator,
        cash_in_lieu_price=paid or (as_yen(price) if price > 0 else None),
    )


def ex_rows(panel: Panel) -> frozenset[int]:
    """The panel's rows in which any stock went ex; shares can change by splits in no other session."""
    return panel.memo(
        "ex_rows", lambda: frozenset(np.flatnonzero((panel.adj_factor != 1.0).any(axis=1)).tolist())
    )


@dataclass(frozen=True)
class HeldLot:
    """A lot that a split affects, and the group that holds it."""

    group: str
    lot: Lot


@dataclass(frozen=True)
class SplitDifference:
    """A split on which book and market data disagree, and the lots held over its ex-date.

    `recorded` is the split in the book, `market` the one in the market data, None where there is none.
    `traded` says whether there are fills or adjustments of the code since: only a person can say whether they
    count shares before or after the split.
    """

    code: str
    recorded: SplitApplied | SplitAnnounced | None
    market: SplitApplied | None
    lots: tuple[HeldLot, ...]
    traded: bool

    @property
    def is_same_split(self) -> bool:
        """Whether only the dates differ."""
        return bool(self.recorded and self.market and self.recorded.ratio == self.market.ratio)

    @property
    def is_known_by_hand(self) -> bool:
        """Whether a person recorded a split that the market data lacks, and may not know of."""
        return self.market is None and self.recorded is not None and self.recorded.source == MANUAL

    @property
    def can_apply(self) -> bool:
        """Whether the book may take over the split of the market data without asking a person."""
        by_hand = self.recorded is not None and self.recorded.source == MANUAL
        return not self.traded and (self.is_same_split or not by_hand)


def _share_facts(book: Book, code: str) -> Iterator[Fact]:
    """The facts about shares of a code: fills, adjustments, splits, and moves to it."""
    for entries in (book.entries or {}).values():
        for entry in entries:
            event = entry.event
            if isinstance(event, Filled | PositionAdjusted | SplitApplied | CodeMoved):
                name = event.to if isinstance(event, CodeMoved) else event.code
                if name == code:
                    yield event


def find_same_split(event: SplitApplied, others: Sequence[S]) -> S | None:
    """The nearest of `others` that is the same split, perhaps under another date; None without one."""
    near = [
        (distance, n)
        for n, other in enumerate(others)
        if other.ratio == event.ratio
        and (distance := sessions_apart(event.session, other.session)) <= SAME_WITHIN
    ]
    return others[min(near)[1]] if near else None


def is_recorded(event: SplitApplied, book: Book) -> bool:
    """Whether the book has a split on this ex-date, or the same split under another date."""
    splits = book.splits_of(event.code)
    return any(s.session == event.session for s in splits) or find_same_split(event, splits) is not None


def split_differences(book: Book, panel: Panel, row: int) -> tuple[SplitDifference, ...]:
    """Where the splits of held lots differ from the market data's, up to the panel's row `row`."""
    codes = sorted({code for group in book.groups.values() for code in group.lots} & panel.column.keys())
    return tuple(found for code in codes for found in _differences(book, panel, row, code))


def _differences(book: Book, panel: Panel, row: int, code: str) -> Iterator[SplitDifference]:
    facts = tuple(_share_facts(book, code))
    held = tuple(_held_lots(book, code))
    known_through = panel.session(row)
    for pair in _pairs(book.splits_of(code), _market_splits(book, panel, row, code)):
        dates = [event.session for event in pair if event is not None]
        lots = tuple(each for each in held if _code_since(each.lot, code, facts) < max(dates))
        if lots and not _is_beyond(panel, known_through, *pair):
            traded = any(
                fact.session >= min(dates) for fact in facts if isinstance(fact, Filled | PositionAdjusted)
            )
            yield SplitDifference(code, *pair, lots, traded)
    yield from _contradicted(book, panel, code, known_through, held)


def _contradicted(
    book: Book, panel: Panel, code: str, through: date, held: Sequence[HeldLot]
) -> Iterator[SplitDifference]:
    """The splits announced by hand in whose session the market data has another ratio."""
    market = dict(market_ratios(panel, code))
    for split in book.recorded_splits:
        ratio = market.get(split.session, split.ratio)
        lots = tuple(each for each in held if each.lot.session < split.session)
        if split.code == code and not split.is_applied and ratio != split.ratio and lots:
            said = SplitAnnounced(
                session=split.session, source=MANUAL, code=code, numerator=split.after,
                denominator=split.before, announced_at=split.announced_at,
            )  # fmt: skip
            found = SplitApplied(
                session=split.session, source="desk", code=code, numerator=ratio.numerator,
                denominator=ratio.denominator,
            )  # fmt: skip
            yield SplitDifference(code, said, found, lots, traded=split.session <= through)


def _market_splits(book: Book, panel: Panel, row: int, code: str) -> list[SplitApplied]:
    """The splits of the market data, and those announced by hand that no lots have: settled, they should."""
    column = panel.column[code]
    rows = np.flatnonzero(panel.adj_factor[: row + 1, column] != 1.0).tolist()
    applied = {s.session for s in book.recorded_splits if s.code == code and s.is_applied}
    applied &= {split.session for split in panel.recorded_splits if split.code == code}
    found = (split_event(panel, at, code) for at in rows if panel.session(at) not in applied)
    return [event for event in found if event is not None]


def _held_lots(book: Book, code: str) -> Iterator[HeldLot]:
    for name, group in sorted(book.groups.items()):
        for lot in group.lots.get(code, ()):
            yield HeldLot(name, lot)


def _code_since(lot: Lot, code: str, facts: Sequence[Fact]) -> date:
    """The session since which a lot has this code: that of its purchase, or of the change to this code."""
    moves = [fact.session for fact in facts if isinstance(fact, CodeMoved) and fact.to == code]
    bought_as = any(fact.id == lot.origin for fact in facts if not isinstance(fact, CodeMoved))
    return lot.session if bought_as or not moves else max(lot.session, *moves)


Pair = tuple[SplitApplied | None, SplitApplied | None]


def _pairs(recorded: Sequence[SplitApplied], market: Sequence[SplitApplied]) -> Iterator[Pair]:
    """Pairs of splits that differ, (in the book, in the market data); equal ones are left out."""
    ours, theirs = list(recorded), list(market)
    for event in tuple(theirs):  # equal ones first, so that none is taken for another split of the same ratio
        if _take(ours, [o for o in ours if (o.session, o.ratio) == (event.session, event.ratio)]):
            theirs.remove(event)
    for event in tuple(theirs):
        same = _take(ours, [found] if (found := find_same_split(event, ours)) else [])
        other = same or _take(ours, [o for o in ours if o.session == event.session])
        theirs.remove(event)
        yield other, event
    yield from ((event, None) for event in ours)


def _take(events: list[SplitApplied], found: Sequence[SplitApplied]) -> SplitApplied | None:
    """Remove the first of `found` from `events` and return it; None without one."""
    if not found:
        return None
    events.remove(found[0])
    return found[0]


def _is_beyond(
    panel: Panel, through: date, recorded: SplitApplied | None, market: SplitApplied | None
) -> bool:
    """Whether the market data cannot have the split yet, for lack of a row of the stock in that session."""
    if market is not None or recorded is None:
        return False
    if recorded.session > through:
        return True
    place = int(np.searchsorted(panel.sessions, np.datetime64(recorded.session, "D")))
    in_panel = place < len(panel.sessions) and panel.session(place) == recorded.session
    return not in_panel or not panel.has_row[place, panel.column[recorded.code]]


def follow_market(recorded: SplitApplied, market: SplitApplied) -> SplitApplied:
    """The recorded split with the date, ratio and price of the market data."""
    return replace(
        recorded,
        session=market.session,
        numerator=market.numerator,
        denominator=market.denominator,
        cash_in_lieu_price=market.cash_in_lieu_price or recorded.cash_in_lieu_price,
    )


def describe_difference(difference: SplitDifference) -> str:
    """The difference in a sentence: both splits, the lots, and how many shares they would become."""
    recorded, market = difference.recorded, difference.market
    said = "no split" if market is None else f"a split of {_ratio(market)} on {market.session}"
    kept = "has none" if recorded is None else f"has one of {_ratio(recorded)} on {recorded.session}"
    if recorded is not None and market is not None and recorded.ratio == market.ratio:
        return f"{difference.code}: the market data has {said}, and the journal {kept}"
    if isinstance(recorded, SplitAnnounced):
        return f"{difference.code}: the market data has {said}, and a person announced {_ratio(recorded)}"
    lots = "; ".join(_effect(held, recorded, market) for held in difference.lots)
    return f"{difference.code}: the market data has {said}, and the journal {kept}: {lots}"


def _effect(held: HeldLot, recorded: SplitApplied | None, market: SplitApplied | None) -> str:
    lot = held.lot
    due = Fraction(1) if market is None else market.ratio
    done = Fraction(1) if recorded is None else recorded.ratio
    right = int(lot.shares / done * due)
    return f"{held.group} {lot.shares:,} shares bought {lot.session} would be {right:,}"


def mending_command(difference: SplitDifference) -> str:
    """The command that brings the journal in line with the market data."""
    recorded, market = difference.recorded, difference.market
    if recorded is None:
        assert market is not None
        if market.source == MANUAL:
            announced = RecordedSplit(difference.code, market.session, 1, 1).fact
            return f"if there was none run `jstock state correct {announced} --reverse --reason TEXT`"
        return f"run `jstock state split {difference.code} {_ratio(market)} --date {market.session}`"
    if market is None:
        change = "--reverse"
    elif difference.is_same_split:
        change = f"--date {market.session}"
    else:
        change = f"--ratio {_ratio(market)}"
    return f"if the market data is right run `jstock state correct {recorded.id} {change} --reason TEXT`"


def _ratio(event: SplitApplied | SplitAnnounced) -> str:
    return f"{event.numerator}:{event.denominator}"
