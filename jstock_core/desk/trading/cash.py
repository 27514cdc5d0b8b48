"""What a person says about money and shares: deposits, withdrawals, dividends, fees, and what was counted.

Each is a fact of a session: the one named, else today's, else the next one. Nothing is guessed twice: the
same deposit again is refused unless it is said to be another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.recording.lines import parse_number, parse_whole
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.codes import parse_code
from jstock_core.state.book.adjust import set_cash, set_position
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Deposit, Dividend, Event, Fee, Filled, PositionAdjusted, Withdrawal

MANUAL = "manual"
Day = dt.date
Made = Callable[[Book, Sequence[Event], Day], Sequence[Event]]


def session_of(desk: Desk, text: str) -> Day:
    """The session of a fact that is recorded now.

    Raises:
        UsageError: the session named is closed, or has not come yet.

    """
    today = desk.now().date()
    if not text:
        return desk.calendar.on_or_after(today)
    session = desk.calendar.session(parse_date(text))
    if session > today:
        raise UsageError(f"{session} has not come yet", do="give no date for today's session or the next one")
    return session


def keep(workspace: str, now: str, group: str, text: str, what: str, made: Made) -> dict[str, Any]:
    """Journal what a person said of a group, under the lock; what was added, and the group after it.

    Raises:
        UsageError: no such group, or the session cannot be.
        StateError: it contradicts the journal; nothing was recorded.

    """
    desk = open_desk(workspace, now=now)
    session = session_of(desk, text)
    with desk.writing(what) as journal:
        book = journal.book()
        if group not in book.groups:
            known = tuple(sorted(book.groups))
            raise UsageError(f'no group "{group}" has money here{did_you_mean(group, known)}')
        added = journal.append(made(book, journal.history(), session))
        after = journal.book().group(group)
    return {
        "recorded": [event.id for event in added],
        "session": str(session),
        "group": group,
        "cash": after.cash,
        "reserved": after.reserved,
    }


def deposit(
    group: str, amount: str, *, reason: str, workspace: str = "", date: str = "", again: bool = False,
    now: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Cash put into a group.

    Raises:
        UsageError: no such group, no amount, or the same deposit is recorded already.

    """
    yen = _yen(amount)

    def made(_book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        event = Deposit(session=session, source=MANUAL, group=group, amount=yen, reason=reason)
        return (_another(event, history, again=again),)

    return keep(workspace, now, group, date, f"a deposit into {group}", made)


def withdraw(
    group: str, amount: str, *, reason: str, workspace: str = "", date: str = "", again: bool = False,
    now: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Cash taken out of a group, of what open orders do not need.

    Raises:
        UsageError: no such group, no amount, more than is free, or the same withdrawal is recorded already.

    """
    yen = _yen(amount)

    def made(book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        held = book.group(group)
        if yen > held.cash - held.reserved:
            raise UsageError(
                f"{group} has ¥{held.cash:,}, of which open orders may need ¥{held.reserved:,}: "
                f"¥{yen:,} cannot be taken out",
                do="take out less, or cancel orders first",
            )
        event = Withdrawal(session=session, source=MANUAL, group=group, amount=yen, reason=reason)
        return (_another(event, history, again=again),)

    return keep(workspace, now, group, date, f"a withdrawal from {group}", made)


def dividend(
    group: str, code: str, amount: str, *, reason: str, workspace: str = "", date: str = "",
    again: bool = False, now: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Cash a group received for holding a stock, as it was credited: net of what was withheld.

    Raises:
        UsageError: no such group, no code or amount, the group never held the stock, or the same dividend is
            recorded already.

    """
    stock, yen = parse_code(code), _yen(amount)

    def made(_book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        owned = (e for e in history if isinstance(e, Filled | PositionAdjusted) and e.group == group)
        if not any(event.code == stock and event.session <= session for event in owned):
            raise UsageError(
                f"{group} did not hold {stock} up to {session}",
                do="name the group that held it; `jstock trade history --code` tells",
            )
        event = Dividend(session=session, source=MANUAL, group=group, code=stock, amount=yen, reason=reason)
        return (_another(event, history, again=again),)

    return keep(workspace, now, group, date, f"a dividend of {group} for {stock}", made)


def fee(
    group: str, amount: str, *, reason: str, workspace: str = "", date: str = "", again: bool = False,
    now: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Cash paid to the broker for no fill in particular; that of a fill is recorded with it.

    Raises:
        UsageError: no such group, no amount, or the same fee is recorded already.

    """
    yen = _yen(amount)

    def made(_book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        event = Fee(session=session, source=MANUAL, group=group, amount=yen, reason=reason, fill_id=None)
        return (_another(event, history, again=again),)

    return keep(workspace, now, group, date, f"a fee of {group}", made)


def count_cash(
    group: str, amount: str, *, reason: str, workspace: str = "", date: str = "", now: str = ""
) -> dict[str, Any]:
    """Set a group's cash to what was counted; the difference is journaled with the reason.

    Raises:
        UsageError: no such group, or no amount.

    """
    yen = _whole(amount)

    def made(book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        return set_cash(book, history, group, yen, session=session, reason=reason)

    return keep(workspace, now, group, date, f"the cash of {group}", made)


def count_position(
    group: str, code: str, shares: str, *, price: str = "", reason: str, workspace: str = "", date: str = "",
    now: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Set a group's position to what was counted; the difference is journaled with the reason.

    Shares that come in need a price, their own; as many as are held are made anew at the price given.

    Raises:
        UsageError: no such group, no code, or no number.
        StateError: shares come in without a price, or later facts stand in the way.

    """
    stock, count = parse_code(code), _whole(shares)
    paid = parse_number(price) if price else None

    def made(book: Book, history: Sequence[Event], session: Day) -> Sequence[Event]:
        return set_position(book, history, group, stock, count, paid, session=session, reason=reason)

    desk = open_desk(workspace, now=now)
    if stock not in desk.panel().column:
        raise UsageError(f"{stock} has no prices here: it could not be valued", do="import its bars first")
    done = keep(workspace, now, group, date, f"the position of {group} in {stock}", made)
    held = desk.journal().book().group(group).lots.get(stock, ())
    return {**done, "code": stock, "shares": shares_of(held)}


def _another(event: Deposit | Withdrawal | Dividend | Fee, history: Sequence[Event], *, again: bool) -> Event:
    """The event, told apart from its equals if it is said to be another.

    Raises:
        UsageError: it is recorded already, and nobody said that it is another.

    """
    used = {other.id for other in history}
    if event.id in used and not again:
        raise UsageError(
            f"the same {event.name} of ¥{event.amount:,} on {event.session} is recorded already",
            do="nothing was recorded; say --again if it is another one",
        )
    while event.id in used:
        event = replace(event, ordinal=event.ordinal + 1)
    return event


def _yen(text: str) -> int:
    yen = _whole(text)
    if not yen:
        raise UsageError("¥0 is no amount")
    return yen


def _whole(text: str) -> int:
    return parse_whole(text, "the number")
