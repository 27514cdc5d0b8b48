"""Recording what was really filled: from a CSV, from a dialogue, or as ordered. All of it or nothing.

Lines become a `Plan` (`record_plan`), which is shown; what is then written is made again from the journal
under the lock, and must be what was shown. The same lines again add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from jstock_core.base.errors import JstockError, StateError, UsageError
from jstock_core.desk.recording.csv_file import FILLS, fill_lines, read_sheet
from jstock_core.desk.recording.fill_check import Market
from jstock_core.desk.recording.ledger_file import Ledger
from jstock_core.desk.recording.lines import Line
from jstock_core.desk.recording.plan import Plan, plan
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.execution.netting import BrokerTicket, net
from jstock_core.market.calendar import OPEN, at
from jstock_core.market.panel import Panel
from jstock_core.state.journal.journal import Journal

At = Literal["open", "close"]
MANUAL = "manual"
_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Recording:
    """A desk ready to record: its journal, and the market as known now."""

    desk: Desk
    journal: Journal
    panel: Panel
    market: Market

    @classmethod
    def open(cls, workspace: str = "", *, now: str = "", fetch: bool = False) -> Recording:
        """Open a workspace, with `fetch` after bringing its market data, and views that lag, up to date.

        Raises:
            JstockError: its parameters, data or journal are not fit for it.

        """
        desk = open_desk(workspace, now=now)
        if not fetch:
            return cls._of(desk)
        with desk.writing("a fetch before recording"):
            desk.fetch(desk.calendar.next_trade_date(desk.now()))
            return cls._of(desk)

    @classmethod
    def _of(cls, desk: Desk) -> Recording:
        panel = desk.panel()
        return cls(desk, desk.journal(), panel, Market.known(panel, desk.now()))

    def ledger(self) -> Ledger:
        """The journal as it is now."""
        groups = (group.id for group in self.desk.groups)
        return Ledger.of(
            self.journal.events(), self.journal.history(), groups, margin=self.desk.settings.margin
        )

    def plan(self, lines: Sequence[Line], source: str = MANUAL) -> Plan:
        """What recording these lines would do; writes nothing.

        Raises:
            UsageError: a line cannot be, or it is not clear whose it is.
            StateError: a line contradicts the journal.

        """
        return plan(lines, self.ledger(), self.market, source)

    def from_csv(self, path: str | Path) -> tuple[tuple[Line, ...], str]:
        """The lines of a CSV file, and the source that the journal will name.

        Raises:
            UsageError: the file is missing, or lines make no sense.

        """
        sheet = read_sheet(Path(path), self.desk.settings.csv_columns, FILLS)
        return fill_lines(sheet), sheet.source

    def due(self, session: str = "") -> tuple[BrokerTicket, ...]:
        """What may have been filled: the tickets of open orders whose session has opened, or of one session.

        Raises:
            UsageError: the session is closed, or has not opened yet.

        """
        wanted = self._opened(session) if session else None
        orders = (order for order in self.ledger().open_orders() if wanted in (None, order.session))
        return net(order for order in orders if self.desk.now() >= at(order.session, OPEN))

    def _opened(self, text: str) -> date:
        session = self.desk.calendar.session(parse_date(text))
        if self.desk.now() < at(session, OPEN):
            raise UsageError(f"{session} has not opened yet: nothing can have been filled")
        return session

    def newest_opened(self) -> date:
        """The newest session that has opened."""
        calendar, now = self.desk.calendar, self.desk.now()
        today = now.date()
        opened = calendar.is_session(today) and now >= at(today, OPEN)
        return today if opened else calendar.previous(today)

    def as_ordered(self, price: At, session: str = "") -> tuple[Line, ...]:
        """A line for every due ticket, filled as ordered at the open or close of its session.

        What did not trade was not filled.

        Raises:
            UsageError: nothing is due, or the bars of its session are not public yet.

        """
        tickets = self.due(session)
        if not tickets:
            raise UsageError("no order is open whose session has begun", do="see `jstock trade orders list`")
        wishes = [wish for ticket in tickets for wish in as_wished(ticket)]
        return tuple(self._filled(number, wish, price) for number, wish in enumerate(wishes, start=1))

    def _filled(self, number: int, wish: Line, price: At) -> Line:
        if not self.market.is_public(wish.session):
            raise UsageError(
                f"the bars of {wish.session} are not known yet",
                do="wait until 16:30 of that session and run `jstock daily`, or record the prices themselves",
            )
        bar = self.market.bar(wish.code, wish.session)
        shares, yen = (0, Decimal(0)) if bar is None else (wish.shares, getattr(bar, price))
        return replace(wish, number=number, shares=shares, price=yen)

    def write(
        self,
        lines: Sequence[Line],
        source: str = MANUAL,
        *,
        shown: Plan | None = None,
        accept: Callable[[Plan], None] = lambda _plan: None,
    ) -> Plan:
        """Record the lines; what was recorded. `accept` may refuse the plan by an error.

        Raises:
            StateError: the journal changed since `shown`, or a line contradicts it; nothing was recorded.
            UsageError: a line cannot be.

        """
        with self.desk.writing(f"recording {source}") as journal:
            now = self.plan(lines, source)
            if shown is not None and now.events and now.events != shown.events:
                raise StateError(
                    "the journal changed while this was looked at; nothing was recorded", do="run it again"
                )
            accept(now)
            journal.append(now.events)
        return now


def as_wished(ticket: BrokerTicket) -> Iterator[Line]:
    """What will have happened if all goes as ordered, but for prices: the broker's part of a ticket.

    Of what crosses completely, each order.
    """
    placed = ticket.orders[0].source
    if ticket.side is not None:
        yield Line(0, "", ticket.code, ticket.side, ticket.shares, Decimal(0), ticket.session, placed=placed)
        return
    for order in ticket.orders:
        yield Line(
            0, order.group, order.code, order.side, order.shares, Decimal(0), order.session, placed=placed
        )


def consent(*, odd: bool) -> Callable[[Plan], None]:
    """Refuse a plan with something odd in it, unless that is accepted."""

    def check(made: Plan) -> None:
        if made.odd and not odd:
            said = [f"{planned.line.where}: {found.text}" for planned, found in made.odd]
            more = [f"and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
            raise UsageError(
                "\n".join([*said[:_SHOWN], *more]),
                do="correct it, or record it as it is with --accept-odd; nothing was recorded",
            )

    return check


def record_csv(
    path: str, *, workspace: str = "", now: str = "", accept_odd: bool = False, dry_run: bool = False
) -> dict[str, Any]:
    """Record the fills of a CSV file; how many were new and how many known, as plain JSON.

    Raises:
        UsageError: the file is missing, or a line makes no sense; nothing was recorded.
        StateError: a line contradicts the journal (more sold than held); nothing was recorded.

    """
    recording = Recording.open(workspace, now=now)
    lines, source = recording.from_csv(path)
    with naming(Path(path).name):
        if dry_run:
            made = recording.plan(lines, source)
        else:
            made = recording.write(lines, source, accept=consent(odd=accept_odd))
    return made.as_json()


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Put the file's name before the lines that errors name."""
    try:
        yield
    except JstockError as error:
        if error.where.startswith("line "):
            error.where = f"{file}, {error.where}"
        raise
