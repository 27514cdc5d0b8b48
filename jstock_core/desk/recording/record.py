"""Record real fills: from a CSV, from a dialogue, or as ordered. All lines are recorded, or none.

Lines become a `Plan`, which is shown. Before it is written it is planned again under the lock, and must give
what was shown. Recording the same lines again adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from jstock_core.base.errors import JstockError, StateError, UsageError
from jstock_core.desk.recording.csv_file import FILLS, FillSheet, parse_fills
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.matching import Answers
from jstock_core.desk.recording.plan import Plan
from jstock_core.desk.recording.planning import NO_ANSWERS, plan_recording
from jstock_core.desk.recording.sheet import read_sheet
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.netting import BrokerTicket, net
from jstock_core.market.calendar import OPEN, at
from jstock_core.state.journal.journal import Journal

PriceField = Literal["open", "close"]
MANUAL = "manual"
_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Recording:
    """A desk ready to record, with the market known now to check fills against."""

    desk: Desk
    check: FillCheck

    @classmethod
    def of(cls, desk: Desk, *, fetch: bool = False) -> Recording:
        """Load the market of a desk; with `fetch` after bringing it up to date.

        Raises:
            JstockError: its data or journal cannot be used.

        """
        if fetch:
            with desk.writing("a fetch before recording"):
                desk.fetch(desk.calendar.next_trade_date(desk.now()))
        return cls(desk, FillCheck.of(desk.panel(), desk.now()))

    def plan(
        self,
        lines: Sequence[FillLine],
        source: str = MANUAL,
        answers: Answers = NO_ANSWERS,
        *,
        skip_unknown: bool = False,
    ) -> Plan:
        """Plan the recording of these lines; writes nothing.

        Raises:
            UsageError: a line is impossible, or it is not clear which group's it is.
            StateError: a line contradicts the journal.

        """
        ledger = self._ledger(self.desk.journal())
        return plan_recording(lines, ledger, self.check, source, answers, skip_unknown=skip_unknown)

    def _ledger(self, journal: Journal) -> Ledger:
        groups = (group.id for group in self.desk.groups)
        made = Ledger.of(journal.events(), journal.history(), groups, margin=self.desk.settings.margin)
        on_paper = frozenset(group.id for group in self.desk.groups if group.fills != MANUAL)
        return replace(made, on_paper=on_paper)

    def read_csv(self, path: str | Path, *, skip_unknown: bool = False) -> FillSheet:
        """The lines of a CSV file, the source that the journal will name, and the lines left out.

        Raises:
            UsageError: the file is missing, or lines cannot be read and are not to be skipped.

        """
        sheet = read_sheet(Path(path), self.desk.settings.csv_columns, FILLS)
        return parse_fills(sheet, skip_unknown=skip_unknown)

    def due_tickets(self, session: str = "") -> tuple[BrokerTicket, ...]:
        """What may have been filled: the tickets of open orders whose session has opened, or of one session.

        Raises:
            UsageError: the session is closed, or has not opened yet.

        """
        wanted = self._opened_session(session) if session else None
        open_ = self._ledger(self.desk.journal()).open_orders()
        orders = (order for order in open_ if wanted in (None, order.session))
        return net(order for order in orders if self.desk.now() >= at(order.session, OPEN))

    def _opened_session(self, text: str) -> date:
        session = self.desk.calendar.session(parse_date(text))
        if self.desk.now() < at(session, OPEN):
            raise UsageError(f"{session} has not opened yet: nothing can have been filled")
        return session

    def newest_opened_session(self) -> date:
        """The newest session that has opened."""
        calendar, now = self.desk.calendar, self.desk.now()
        today = now.date()
        opened = calendar.is_session(today) and now >= at(today, OPEN)
        return today if opened else calendar.previous(today)

    def lines_as_ordered(self, price: PriceField, session: str = "") -> tuple[FillLine, ...]:
        """A line for every due ticket, filled as ordered at the open or close of its session.

        A stock that did not trade in its session was not filled.

        Raises:
            UsageError: nothing is due, or the bars of its session are not public yet.

        """
        tickets = self.due_tickets(session)
        if not tickets:
            raise UsageError("no order is open whose session has begun", do="see `jstock trade orders list`")
        lines = [line for ticket in tickets for line in ticket_lines(ticket)]
        return tuple(self._fill(number, line, price) for number, line in enumerate(lines, start=1))

    def _fill(self, number: int, line: FillLine, price: PriceField) -> FillLine:
        """The line of a ticket at the price of its session's bar."""
        if not self.check.is_public(line.session):
            raise UsageError(
                f"the bars of {line.session} are not known yet",
                do="wait until 16:30 of that session and run `jstock daily`, or record the prices themselves",
            )
        bar = self.check.bar(line.code, line.session)
        shares, yen = (0, Decimal(0)) if bar is None else (line.shares, getattr(bar, price))
        return replace(line, number=number, shares=shares, price=yen)

    def write(
        self,
        lines: Sequence[FillLine],
        source: str = MANUAL,
        answers: Answers = NO_ANSWERS,
        *,
        shown: Plan | None = None,
        accept: Callable[[Plan], None] = lambda _plan: None,
        skip_unknown: bool = False,
    ) -> Plan:
        """Record the lines; return the plan that was recorded. `accept` may refuse it by raising an error.

        Raises:
            StateError: the journal changed since `shown`, or a line contradicts it; nothing was recorded.
            UsageError: a line is impossible, or it is not clear whether it reports a recorded fill again.

        """
        with self.desk.writing(f"recording {source}") as journal:
            plan = plan_recording(
                lines, self._ledger(journal), self.check, source, answers, skip_unknown=skip_unknown
            )
            if shown is not None and plan.events and plan.events != shown.events:
                raise StateError(
                    "the journal changed since the fills were shown; nothing was recorded", do="run it again"
                )
            refuse_questions(plan)
            accept(plan)
            journal.append(plan.events)
        return plan


def ticket_lines(ticket: BrokerTicket) -> Iterator[FillLine]:
    """The lines of a ticket filled as ordered, without prices: the broker's part of it.

    Of a ticket that crosses completely, a line for each order.
    """
    placed = ticket.orders[0].source
    if ticket.side is not None:
        yield FillLine(
            0, "", ticket.code, ticket.side, ticket.shares, Decimal(0), ticket.session, placed=placed
        )
        return
    for order in ticket.orders:
        yield FillLine(
            0, order.group, order.code, order.side, order.shares, Decimal(0), order.session, placed=placed
        )


def refuse_questions(plan: Plan) -> None:
    """Make sure that every question about fills has an answer.

    Raises:
        UsageError: one has none.

    """
    if plan.questions:
        asked = [
            f"line {', '.join(str(number) for number in question.lines)}: {question.text}"
            for question in plan.questions
        ]
        raise UsageError(
            "\n".join(asked),
            do="run it at a terminal to be asked, leave the lines out if they are the same, or give "
            "--another-fill if all of them are other fills; nothing was recorded",
        )


def refuse_odd(plan: Plan) -> None:
    """Make sure that a plan has nothing odd in it.

    Raises:
        UsageError: it has; every oddity is named.

    """
    found = [f"{planned.line.where}: {odd.text}" for planned, odd in plan.odd]
    if not found:
        return
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    raise UsageError(
        "\n".join([*found[:_SHOWN], *more]),
        do="correct it, or record it as it is with --accept-odd; nothing was recorded",
    )


@contextmanager
def locate_errors(file: str) -> Iterator[None]:
    """Put the name of a file before the lines that errors name."""
    try:
        yield
    except JstockError as error:
        if error.where.startswith("line "):
            error.where = f"{file}, {error.where}"
        raise
