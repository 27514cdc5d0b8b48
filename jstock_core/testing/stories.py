"""A little ledger that an accountant can read, run through the real journal and the real fold.

One fact or one statement a line: a date, a word, a group (but for splits), and the rest.

    2026-01-05  deposit   core  1,000,000  "initial capital"
    2026-01-06  buy       core  7203  200 @ 3,000
    2026-01-06  cash      core  400,000
    2026-01-06  close     7203  3,050
    2026-01-06  pnl       core  10,000

- Facts: `deposit`, `withdraw`, `fee`, `dividend`, `buy`, `sell`, `split`, `order`, `fill` (of an order),
  `expired`; `found` and `missing` for what a count showed and nothing explains.
- Nothing is edited: `correct` says what a recorded fact should have been, `reverse` that it was not,
  `restore` that it was after all.
- `halt` and `resume` are of a group or of `all`, and `buys` states whether a group may buy. An `order` may
  wait for approval (`until 08:50`), `approve` lets it go, and `waits` states the codes that still do.
- `cash`, `realized`, `invested`, `reserved`, `adjusted` and `holds` state what must be true of a group at
  that point. `refused` before a fact says that it must not be taken, and that the attempt changes nothing.
- `close` is the price a session ended at. `pnl`, `equity` and `unrealized` state what a group won in a
  session, was worth at its close and has not yet booked; `return` its return net of deposits and
  withdrawals (`return core 2.5 %`); `lot` what the shares of one lot won. The group `whole` is all together.
- `announce` is a dividend per share that a company announces, with its ex-date and the day it is paid on;
  announced again for one ex-date it is corrected. `settle dividends` books what the session pays, as the
  desk does. `expected` states what a group has earned and is not paid yet, `differs` what a dividend should
  be now where the journal has it otherwise. A purchase `in NISA` is not taxed.
- A line that starts with `;` is a comment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import nan

from jstock_core.base.errors import StateError
from jstock_core.decide.groups import WHOLE
from jstock_core.execution.dividend_checks import WATCHED, dividend_differences
from jstock_core.execution.dividends import expected_dividends, pay_dividends
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.balance import ALL, Balance, session_balances
from jstock_core.state.book.book import Book
from jstock_core.state.book.holdings import GroupBook
from jstock_core.state.facts.events import Event, SplitApplied
from jstock_core.state.journal.journal import Journal
from jstock_core.testing.facts import DividendNotice
from jstock_core.testing.ledger import (
    BALANCES,
    DIVIDENDS,
    EVENING,
    PERMISSIONS,
    Words,
    event_of,
    parse_line,
    read_amount,
)
from jstock_core.testing.markets import Stock, panel


@dataclass(frozen=True)
class Story:
    """What a story has come to: its journal, and the closes it tells of by (session, code)."""

    journal: Journal = field(default_factory=Journal.memory)
    closes: dict[tuple[date, str], Decimal] = field(default_factory=dict)
    notices: list[DividendNotice] = field(default_factory=list)

    @property
    def events(self) -> tuple[Event, ...]:
        """The facts in force."""
        return self.journal.events()

    @property
    def book(self) -> Book:
        """What the groups hold at the end."""
        return self.journal.book()

    @property
    def market(self) -> Panel:
        """The closes and the splits as a market."""
        sessions = sorted({session for session, _ in self.closes})
        codes = sorted({code for _, code in self.closes})
        splits = [event for event in self.events if isinstance(event, SplitApplied)]
        return panel(
            {
                code: Stock(
                    [float(self.closes.get((day, code), nan)) for day in sessions],
                    splits={str(s.session): s.denominator / s.numerator for s in splits if s.code == code},
                )
                for code in codes
            },
            sessions=sessions,
            topix=1.0,
        )

    def announced(self, session: date) -> Panel:
        """A market of one session in which all is known that was announced."""
        codes = {notice.code for notice in self.notices}
        days = tse().between(tse().back(session, WATCHED), session)
        return panel(dict.fromkeys(sorted(codes), 1.0), sessions=days, facts=self.notices)

    def balances(self, session: date) -> Mapping[str, Balance]:
        """Each group's session: equity before and after, and the P&L that explains the difference.

        Raises:
            UsageError: no close of the session is told, or no money came in before it.

        """
        return next(iter(session_balances(self.events, self.market, session)))


def story(text: str) -> Story:
    """Run a story to its end, checking every statement on the way.

    >>> told = story('2026-01-05  deposit  core  1,000,000  "initial capital"')
    >>> told.book.group("core").cash
    1000000

    Raises:
        AssertionError: a statement is not true, or a fact was refused or taken against what the line says.
        UsageError: a line is not in the language of stories.

    """
    told = Story()
    for line in text.splitlines():
        if line.strip() and not line.strip().startswith(";"):
            _tell(told, line)
    return told


def _tell(told: Story, line: str) -> None:
    session, word, words, refused = parse_line(line)
    try:
        if word == "close":
            told.closes[session, words["code"]] = read_amount(words["price"])
        elif word in EVENING or word == "lot":
            _check_evening(told, session, word, words)
        elif word in DIVIDENDS:
            _tell_dividend(told, session, word, words)
        elif word in PERMISSIONS:
            _check_permission(told.book, word, words)
        elif word in BALANCES or word == "holds":
            _check_book(told.book.group(words["group"]), word, words)
        else:
            _record(told.journal, session, word, words, refused=refused)
    except (AssertionError, StateError) as error:
        raise AssertionError(f"{line.strip()}\n{error}") from error


def _tell_dividend(told: Story, session: date, word: str, words: Words) -> None:
    if word == "announce":
        told.notices.append(_notice(told.notices, session, words))
        return
    market = told.announced(session)
    if word == "settle":
        told.journal.append(pay_dividends(told.book, market, len(market.sessions) - 1))
        return
    if word == "expected":
        claims = expected_dividends(told.book, market, session)
        found = sum(claim.amount or 0 for claim in claims if claim.group == words["group"])
    else:
        differ = dividend_differences(told.book, market, len(market.sessions) - 1)
        about = words["group"], words["code"]
        found = next((each.due or 0 for each in differ if (each.group, each.code) == about), -1)
    _check(found == read_amount(words["amount"]), "nothing differs" if found < 0 else f"it is {found:,}")


def _notice(before: Sequence[DividendNotice], session: date, words: Words) -> DividendNotice:
    first = next((n.number for n in before if (n.code, n.ex_date) == (words["code"], words["ex"])), "")
    return DividendNotice(
        words["code"], words["ex"], float(read_amount(words["rate"])), words["day"], f"{session}T15:30",
        number=f"{len(before)}", amends=first,
    )  # fmt: skip


def _record(journal: Journal, session: date, word: str, words: Words, *, refused: bool) -> None:
    before = journal.history()
    try:
        event = event_of(session, word, words, before)
        new = journal.append([event])
    except StateError:
        if not refused:
            raise
        _check(journal.history() == before, "the refused fact has changed the journal")
        return
    _check(not refused, "the fact was taken, and should have been refused")
    _check(new == (event,), "the fact was recorded before")


def _check_book(group: GroupBook, word: str, words: Words) -> None:
    if word == "holds":
        held = ", ".join(f"{lot.shares} @ {lot.price:,}" for lot in group.lots.get(words["code"], ()))
        _check(held == words["lots"].strip(), f"it holds {held or 'nothing'}")
        return
    found = getattr(group, word)
    _check(found == read_amount(words["amount"]), f"it is {found:,}")


def _check_permission(book: Book, word: str, words: Words) -> None:
    if word == "buys":
        found = "no" if book.halt_of(words["group"]) else "yes"
    else:
        orders = book.group(words["group"]).orders.values()
        found = " ".join(sorted(order.code for order in orders if order.approve_until)) or "nothing"
    _check(found == words["what"].strip(), f"it is {found}")


def _check_evening(told: Story, session: date, word: str, words: Words) -> None:
    group = words["group"]
    day = told.balances(session)[ALL if group == WHOLE else group]
    _check(day.session == session, f"no close of {session} is told")
    if word == "lot":
        lots = [f"{x.code} {x.how} {x.shares} {x.pnl:,.6f}" for x in day.pnl.lots]
        amount = read_amount(words["amount"])
        stated = f"{words['code']} {words['how']} {words['shares']} {amount:,.6f}"
        _check(stated in lots, f"the lots are {lots}")
        return
    values = {
        "pnl": day.pnl.day, "equity": day.after, "unrealized": day.pnl.unrealized, "return": 100 * day.rate,
    }  # fmt: skip
    found = Decimal(str(round(values[word], 6)))
    _check(found == read_amount(words["amount"]), f"it is {found:,}")


def _check(true: bool, message: str) -> None:
    if not true:
        raise AssertionError(message)
