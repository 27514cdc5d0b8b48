"""Cash and shares that a person records: deposits, withdrawals, dividends, fees, and counted balances.

Each becomes a fact of a session: the one named, else today's, else the next one. A fact equal to one that is
recorded already is refused unless it is said to be another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.lines import parse_number, parse_whole
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import company_names, select_code, unknown
from jstock_core.market.codes import parse_code
from jstock_core.market.known_splits import sessions_apart
from jstock_core.state.book.adjust import Count, set_cash, set_position
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Deposit, Dividend, Event, Fee, Filled, PositionAdjusted, Withdrawal

MANUAL = "manual"
BOOKED_WITHIN = 20
"""A dividend recorded by hand within so many sessions of one that the desk booked is taken for the same."""
MakeFacts = Callable[[Book, Sequence[Event], dt.date], Sequence[Event]]
"""(book, everything recorded, session) -> the facts to record."""


@dataclass(frozen=True)
class GroupChange:
    """The ids of the facts recorded for a group, and what the group has afterwards, in yen.

    `shares` are those of `code` where a position was adjusted.
    """

    recorded: tuple[str, ...]
    session: dt.date
    group: str
    cash: int
    reserved: int
    code: str = ""
    shares: int = 0

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        position = {"code": self.code, "shares": self.shares} if self.code else {}
        return {
            "recorded": list(self.recorded),
            "session": str(self.session),
            "group": self.group,
            "cash": self.cash,
            "reserved": self.reserved,
            **position,
        }


def session_to_record(desk: Desk, text: str = "") -> dt.date:
    """The session of a fact that is recorded now: the one named, else today's, else the next one.

    Raises:
        UsageError: the session named is closed, or lies in the future.

    """
    today = desk.now().date()
    if not text:
        return desk.calendar.on_or_after(today)
    session = desk.calendar.session(parse_date(text))
    if session > today:
        raise UsageError(
            f"{session} is in the future", do="leave --date out for today's session or the next one"
        )
    return session


def deposit(
    desk: Desk, group: str, amount: str, *, reason: str, date: str = "", again: bool = False
) -> GroupChange:
    """Record cash put into a group.

    Raises:
        UsageError: no such group, no amount, or the same deposit is recorded already.

    """
    yen = _positive_yen(amount)

    def make(_book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        event = Deposit(session=session, source=MANUAL, group=group, amount=yen, reason=reason)
        return (_number(event, history, again=again),)

    return _record(desk, group, date, f"a deposit into {group}", make)


def withdraw(
    desk: Desk, group: str, amount: str, *, reason: str, date: str = "", again: bool = False
) -> GroupChange:
    """Record cash taken out of a group: at most what open orders do not reserve.

    Raises:
        UsageError: no such group, no amount, more than is free, or the same withdrawal is recorded already.

    """
    yen = _positive_yen(amount)

    def make(book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        held = book.group(group)
        if yen > held.cash - held.reserved:
            raise UsageError(
                f"¥{yen:,} cannot be withdrawn: {group} has ¥{held.cash:,}, "
                f"of which open orders may need ¥{held.reserved:,}",
                do="withdraw less, or cancel orders first",
            )
        event = Withdrawal(session=session, source=MANUAL, group=group, amount=yen, reason=reason)
        return (_number(event, history, again=again),)

    return _record(desk, group, date, f"a withdrawal from {group}", make)


def record_dividend(
    desk: Desk, group: str, code: str, amount: str, *, reason: str, date: str = "", again: bool = False
) -> GroupChange:
    """Record cash that a group received for holding a stock, as it was credited: net of tax withheld.

    Raises:
        UsageError: no such group, code or amount, the group never held the stock, or the same dividend is
            recorded or booked already.

    """
    stock, yen = parse_code(code), _positive_yen(amount)

    def make(book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        owned = (e for e in history if isinstance(e, Filled | PositionAdjusted) and e.group == group)
        if not any(event.code == stock and event.session <= session for event in owned):
            select_code(stock, company_names(desk))
            raise UsageError(
                f"{group} did not hold {stock} up to {session}",
                do=f"name the group that held it; `jstock trade history --code {stock}` shows which",
            )
        if not again:
            _refuse_booked(book, stock, session)
        event = Dividend(session=session, source=MANUAL, group=group, code=stock, amount=yen, reason=reason)
        return (_number(event, history, again=again),)

    return _record(desk, group, date, f"a dividend of {group} for {stock}", make)


def _refuse_booked(book: Book, code: str, session: dt.date) -> None:
    """Refuse a dividend where the desk booked one of the code near that session.

    Raises:
        UsageError: it did; both would count.

    """
    near = [
        event
        for group in book.groups.values()
        for event in group.received
        if event.code == code and event.ex_date is not None
        and sessions_apart(event.session, session) <= BOOKED_WITHIN
    ]  # fmt: skip
    if near:
        booked = "; ".join(f"{e.group} ¥{e.amount:,} on {e.session} ({e.reason})" for e in near)
        raise UsageError(
            f"the desk has booked a dividend of {code} from its announcement: {booked}",
            do="nothing was recorded; where another amount was credited run "
            f"`jstock state correct {near[0].id} --amount YEN --reason TEXT`, and give --again if this is "
            "another dividend",
        )


def record_fee(
    desk: Desk, group: str, amount: str, *, reason: str, date: str = "", again: bool = False
) -> GroupChange:
    """Record cash paid to the broker for no fill in particular; that of a fill is recorded with it.

    Raises:
        UsageError: no such group, no amount, or the same fee is recorded already.

    """
    yen = _positive_yen(amount)

    def make(_book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        event = Fee(session=session, source=MANUAL, group=group, amount=yen, reason=reason, fill_id=None)
        return (_number(event, history, again=again),)

    return _record(desk, group, date, f"a fee of {group}", make)


def adjust_cash(desk: Desk, group: str, amount: str, *, reason: str, date: str = "") -> GroupChange:
    """Set a group's cash to what was counted; the difference is journaled with the reason.

    Raises:
        UsageError: no such group, or no amount.

    """
    yen = parse_whole(amount, "the amount")

    def make(book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        return set_cash(book, history, group, yen, Count(session, reason))

    return _record(desk, group, date, f"the cash of {group}", make)


def adjust_position(
    desk: Desk, group: str, code: str, shares: str, *, price: str = "", reason: str, date: str = ""
) -> GroupChange:
    """Set a group's position to what was counted; the difference is journaled with the reason.

    Added shares need their price in yen. Where `shares` are held already, `price` replaces what they cost.

    Raises:
        UsageError: no such group or code, or not a number.
        StateError: shares come in without a price, or later facts contradict it.

    """
    count = parse_whole(shares, "the number of shares")
    paid = parse_number(price) if price else None
    stock = select_code(code, desk.panel().column)

    def make(book: Book, history: Sequence[Event], session: dt.date) -> Sequence[Event]:
        return set_position(book, history, group, stock, count, paid, Count(session, reason))

    change = _record(desk, group, date, f"the position of {group} in {stock}", make)
    held = desk.journal().book().group(group).lots.get(stock, ())
    return replace(change, code=stock, shares=shares_of(held))


def _record(desk: Desk, group: str, date: str, what: str, make: MakeFacts) -> GroupChange:
    """Journal facts of a group, under the lock.

    Raises:
        UsageError: no such group, or no such session.
        StateError: it contradicts the journal; nothing was recorded.

    """
    session = session_to_record(desk, date)
    with desk.writing(what) as journal:
        book = journal.book()
        if group not in book.groups:
            raise unknown(
                "group", group, sorted(book.groups), where="the groups that have cash in the journal"
            )
        added = journal.append(make(book, journal.history(), session))
        after = journal.book().group(group)
    return GroupChange(tuple(event.id for event in added), session, group, after.cash, after.reserved)


def _number(event: Deposit | Withdrawal | Dividend | Fee, history: Sequence[Event], *, again: bool) -> Event:
    """The event, with the next free ordinal where it is another one of the same.

    Raises:
        UsageError: it is recorded already, and `again` is not set.

    """
    used = {other.id for other in history}
    if event.id in used and not again:
        raise UsageError(
            f"the same {event.name} of ¥{event.amount:,} on {event.session} is recorded already",
            do="nothing was recorded; give --again if it is another one",
        )
    while event.id in used:
        event = replace(event, ordinal=event.ordinal + 1)
    return event


def _positive_yen(text: str) -> int:
    yen = parse_whole(text, "the amount")
    if not yen:
        raise UsageError("the amount must be above ¥0")
    return yen
