"""Corporate actions that no data source tells the desk: a split, a change of code, an exchange of shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.base.limits import cut_word
from jstock_core.data.store.load import load_panel
from jstock_core.desk.recording.lines import parse_number
from jstock_core.desk.trading.cash import session_to_record
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.splits import find_same_split, split_event
from jstock_core.market.bars.closes import base_close
from jstock_core.market.codes import parse_code
from jstock_core.market.known_splits import SAME_WITHIN
from jstock_core.market.panel import Panel
from jstock_core.market.prices import as_yen
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import CodeMoved, Event, SplitAnnounced, SplitApplied

MANUAL = "manual"
AHEAD = timedelta(days=200)
"""How long before its ex-date a split may be recorded: companies announce them some months ahead at most."""
PLAUSIBLE = 0.15
"""How far the prices of an ex-date may be from the ratio of a split."""


@dataclass(frozen=True)
class ShareChange:
    """What a recorded action did to the shares of each group: (group, code, before, after).

    `recorded` are the ids of new facts, none where it was known; `fact` is the id of the action. One that
    `is_ahead` does it once its session is settled.
    """

    recorded: tuple[str, ...]
    fact: str
    session: date
    groups: tuple[tuple[str, str, int, int], ...]
    is_ahead: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        names = ("group", "code", "before", "after")
        return {
            "recorded": list(self.recorded),
            "fact": self.fact,
            "session": str(self.session),
            "ahead": self.is_ahead,
            "groups": [dict(zip(names, row, strict=True)) for row in self.groups],
        }


def parse_ratio(text: str, *, allow_one: bool = False) -> Fraction:
    """Shares after for shares before: 5:1, 3/2, 1:10, or 5.

    Raises:
        UsageError: it is no such ratio, or 1 where that is not allowed.

    """
    after, _, before = text.replace("/", ":").partition(":")
    try:
        ratio = Fraction(parse_number(after)) / Fraction(parse_number(before or "1"))
    except (UsageError, ZeroDivisionError):
        ratio = Fraction(0)
    if ratio <= 0 or (ratio == 1 and not allow_one):
        raise UsageError(
            f'cannot read the ratio "{cut_word(text)}"',
            do="write new shares for old ones: 5:1 for five new shares for each old one, 1:10 for a "
            "consolidation of ten into one",
        )
    return ratio


def record_split(
    desk: Desk, code: str, ratio: str, day: str, *, price: str = "", accept_odd: bool = False
) -> ShareChange:
    """Record a split or consolidation of every lot bought before its ex-date `day`, which may be to come.

    One of equal ratio within five sessions is the same: the market data dates it, and one that is recorded
    already adds nothing. Before its session is settled it is announced: prices are read with its factor, and
    the lots change with the settlement. `price` is what a share after it costs, for fractions that are paid
    out.

    Raises:
        UsageError: the ratio, the date or the price cannot be read; nobody holds the stock; or the prices
            around the date show no such split and `accept_odd` is not given.
        StateError: another ratio is recorded for the session, or a later fact stands in the way.

    """
    own, shares, session = parse_code(code), parse_ratio(ratio), desk.calendar.session(parse_date(day))
    if session > desk.now().date() + AHEAD:
        raise UsageError(f"{session} is too far in the future", do="record a split once it was announced")
    panel = _panel(desk)
    given = SplitApplied(
        session=session, source=MANUAL, code=own, numerator=shares.numerator, denominator=shares.denominator,
        cash_in_lieu_price=parse_number(price) if price else _price(panel, own, session, shares),
    )  # fmt: skip
    event = find_same_split(given, _market_splits(panel, own, session)) or given
    if event is given and not accept_odd:
        _refuse_implausible(panel, given)
    with desk.writing(f"a split of {own}") as journal:
        before = replay(journal.events())
        _require_held(before, own)
        splits: list[SplitApplied | SplitAnnounced] = [*before.splits_of(own)]
        splits += _announced(journal.events(), own)
        known = find_same_split(event, splits)
        _refuse_other_ratio(event, splits)
        is_applied = isinstance(known, SplitApplied)
        is_ahead = not is_applied and _is_ahead(before, panel, (known or event).session)
        made = _announce(event, price, desk.now()) if is_ahead else event
        added = () if known else journal.append([made])
        after = journal.book()
    return ShareChange(
        recorded=tuple(fact.id for fact in added),
        fact=(known or made).id,
        session=(known or made).session,
        groups=tuple(_later(before, own, shares) if is_ahead else _changes(before, after, own)),
        is_ahead=is_ahead,
    )


def _announced(events: Iterable[Event], code: str) -> Iterator[SplitAnnounced]:
    """The splits of a code that a person has announced."""
    return (event for event in events if isinstance(event, SplitAnnounced) and event.code == code)


def _is_ahead(book: Book, panel: Panel | None, session: date) -> bool:
    """Whether the session is still to be settled; without settlements, whether its bars are to come."""
    if book.settled_through is not None:
        return session > book.settled_through
    return panel is not None and len(panel.sessions) > 0 and session > panel.session(-1)


def _announce(split: SplitApplied, price: str, now: datetime) -> SplitAnnounced:
    """The announcement of a split; without a price its fractions are paid at the opening of its session."""
    return SplitAnnounced(
        session=split.session, source=MANUAL, code=split.code, numerator=split.numerator,
        denominator=split.denominator, announced_at=f"{now:%Y-%m-%dT%H:%M}",
        cash_in_lieu_price=split.cash_in_lieu_price if price else None,
    )  # fmt: skip


def _later(book: Book, code: str, ratio: Fraction) -> Iterator[tuple[str, str, int, int]]:
    """What a split to come will do to the shares held now, fractions left out."""
    for group, own, shares, _ in _changes(book, book, code):
        yield group, own, shares, int(shares * ratio)


def move_code(
    desk: Desk, code: str, new: str, ratio: str, on: str, *, price: str = "", reason: str = ""
) -> ShareChange:
    """Record that the shares of a code became those of another before the open of session `on`.

    So after a change of code, a share exchange or a merger: lots keep their cost and their date. `ratio` is
    new shares for old ones, "1:1" where only the code changes. Without `on` it is the session after the last
    row of the old code in the market data, else today's.

    Raises:
        UsageError: a code, the ratio, the date or the price cannot be read, or nobody holds the stock.
        StateError: it is recorded with another ratio, or a later fact stands in the way.

    """
    old, to, shares = parse_code(code), parse_code(new), parse_ratio(ratio, allow_one=True)
    if old == to:
        raise UsageError(f"{old} cannot become itself", do="for a split use `jstock state split`")
    panel = _panel(desk)
    session = session_to_record(desk, on or _session_after_rows(panel, old))
    event = CodeMoved(
        session=session, source=MANUAL, code=old, to=to, numerator=shares.numerator,
        denominator=shares.denominator, reason=reason,
        cash_in_lieu_price=parse_number(price) if price else _price(panel, to, session, Fraction(1)),
    )  # fmt: skip
    with desk.writing(f"the move of {old} to {to}") as journal:
        before = replay(journal.events())
        known = next((fact for fact in journal.events() if fact.id == event.id), None)
        if known is None:
            _require_held(before, old)
        elif isinstance(known, CodeMoved) and known.ratio != event.ratio:
            raise _other_ratio(known, event)
        added = journal.append([known or event])
        after = journal.book()
    return ShareChange(
        recorded=tuple(fact.id for fact in added),
        fact=event.id,
        session=session,
        groups=(*_changes(before, after, old), *_changes(before, after, to)),
    )


def _session_after_rows(panel: Panel | None, code: str) -> str:
    """The first session that the market data has no row of a code in, as text; "" where its rows go on."""
    if panel is None or code not in panel.column:
        return ""
    rows = np.flatnonzero(panel.has_row[:, panel.column[code]])
    ended = len(rows) and rows[-1] < len(panel.sessions) - 1
    return str(panel.session(int(rows[-1]) + 1)) if ended else ""


def _panel(desk: Desk) -> Panel | None:
    try:
        return load_panel(desk.store, units=desk.settings.trading_units).known_at(desk.now())
    except DataError:
        return None


def _market_splits(panel: Panel | None, code: str, session: date) -> Sequence[SplitApplied]:
    """Splits that the market data has around a session."""
    if panel is None or code not in panel.column:
        return ()
    found = (split_event(panel, row, code, MANUAL) for row in _rows_around(panel, session))
    return tuple(event for event in found if event is not None)


def _rows_around(panel: Panel, session: date) -> range:
    row = int(np.searchsorted(panel.sessions, np.datetime64(session, "D")))
    return range(max(0, row - SAME_WITHIN), min(len(panel.sessions), row + SAME_WITHIN + 1))


def _price(panel: Panel | None, code: str, session: date, ratio: Fraction) -> Decimal | None:
    """The opening price of the ex-date, or the close before over the ratio; None where neither is known."""
    if panel is None or code not in panel.column:
        return None
    row, column = int(np.searchsorted(panel.sessions, np.datetime64(session, "D"))), panel.column[code]
    if row < len(panel.sessions) and panel.open[row, column] > 0:
        return as_yen(float(panel.open[row, column]))
    close = base_close(panel, row, column) if row < len(panel.sessions) else float("nan")
    return as_yen(close / float(ratio)) if close > 0 else None


def _refuse_implausible(panel: Panel | None, event: SplitApplied) -> None:
    """Make sure that some opening around the ex-date moved as the ratio says, where prices are known.

    Raises:
        UsageError: the prices show no such split.

    """
    if panel is None or event.code not in panel.column or event.session not in panel.dates:
        return  # nothing contradicts it: its bar is to come
    column, ratio = panel.column[event.code], float(event.ratio)
    rows = _rows_around(panel, event.session)
    jumps = [base_close(panel, row, column) / float(panel.open[row, column]) for row in rows]
    moved = [jump for jump in jumps if jump == jump]  # noqa: PLR0124 (NaN)
    if not moved or any(abs(jump / ratio - 1) <= PLAUSIBLE for jump in moved):
        return
    inverse = any(abs(jump * ratio - 1) <= PLAUSIBLE for jump in moved)
    hint = f"for a change the other way write {event.denominator}:{event.numerator}; " if inverse else ""
    raise UsageError(
        f"the prices of {event.code} around {event.session} show no split of "
        f"{event.numerator}:{event.denominator}",
        where=f"{panel.session(rows[0])} to {panel.session(rows[-1])}",
        do=f"{hint}correct the ratio or the date, or give --accept-odd; nothing was recorded",
    )


def _require_held(book: Book, code: str) -> None:
    if not any(code in group.lots for group in book.groups.values()):
        raise UsageError(f"no group holds {code}", do="name a stock that is held; nothing was recorded")


def _refuse_other_ratio(event: SplitApplied, splits: Sequence[SplitApplied | SplitAnnounced]) -> None:
    for other in splits:
        if other.session == event.session and other.ratio != event.ratio:
            raise _other_ratio(other, event)


def _other_ratio(
    known: SplitApplied | SplitAnnounced | CodeMoved, event: SplitApplied | CodeMoved
) -> StateError:
    ratio = f"{event.numerator}:{event.denominator}"
    return StateError(
        f"{known.numerator}:{known.denominator} is recorded for {known.code} on {known.session} already",
        where=known.id,
        do=f"correct it with `jstock state correct {known.id} --ratio {ratio} --reason TEXT`",
    )


def _changes(before: Book, after: Book, code: str) -> Iterator[tuple[str, str, int, int]]:
    for key in sorted(before.groups):
        counts = [shares_of(book.groups[key].lots.get(code, ())) for book in (before, after)]
        if any(counts):
            yield key, code, counts[0], counts[1]
