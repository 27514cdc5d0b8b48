"""The dialogue of `jstock trade record`: ticket by ticket, with a way back. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.cli.terminal.show import escape
from jstock_core.desk.recording.lines import FillLine, parse_number, parse_whole
from jstock_core.desk.recording.record import ticket_lines
from jstock_core.desk.recording.terms import parse_side
from jstock_core.execution.netting import BrokerTicket
from jstock_core.market.codes import parse_code
from jstock_core.state.facts.codec import decimal_text

Ask = Callable[[str, str], str]
"""Question and default -> what was typed, or the default."""
Say = Callable[[str], None]
Check = Callable[[Sequence[FillLine]], Sequence[str]]
"""What is odd about the last of these lines; an error where it cannot be recorded after the others."""
Opens = Mapping[tuple[date, str], Decimal]

KEYS = "shares, [b]n[/] none filled, [b]l[/] later, [b]d[/] done, [b]u[/] undo, [b]q[/] quit"
_FORM = 'write it as "GROUP BUY CODE SHARES PRICE [FEE]"'


class Quit(Exception):  # noqa: N818 - no error: the person at the desk chose to stop
    """Stop, and record nothing."""


class _Back(Exception):  # noqa: N818 - no error either
    """Return to what was typed before."""


@dataclass(frozen=True)
class _Step:
    """What was answered about a ticket; no lines where it is left for later. Past the last, all are done."""

    ticket: int
    lines: tuple[FillLine, ...] = ()


def check_nothing(_lines: Sequence[FillLine]) -> Sequence[str]:
    """Find nothing odd."""
    return ()


@dataclass
class Dialogue:
    """What was typed so far about tickets; `opens` are the opening prices known, by session and code.

    Each answer is checked when it is typed; one that is refused is asked for again, and those before it stay.
    """

    tickets: Sequence[BrokerTicket]
    names: Mapping[str, str]
    opens: Opens
    ask: Ask
    say: Say
    check: Check = check_nothing
    _steps: list[_Step] = field(default_factory=list)

    @property
    def lines(self) -> tuple[FillLine, ...]:
        """The lines typed, numbered from 1."""
        return _number_lines(self._steps)

    def run(self) -> tuple[FillLine, ...]:
        """Ask about every ticket that has no answer yet.

        Raises:
            Quit: the person stopped.

        """
        while (at := self._next()) < len(self.tickets):
            try:
                self._take(self._step(at))
            except _Back:
                self.undo()
            except JstockError as error:
                self._refuse(error)
        return self.lines

    def _take(self, step: _Step) -> None:
        """Keep an answer that can be recorded after those before it.

        Raises:
            JstockError: it cannot.

        """
        if step.lines:
            for odd in self.check(_number_lines([*self._steps, step])):
                self.say(f"[yellow]{escape(odd)}[/]")
        self._steps.append(step)

    def _refuse(self, error: JstockError) -> None:
        self.say(f"[red]{escape(error.what)}[/]")
        if error.do:
            self.say(f"   {escape(error.do)}")

    def undo(self) -> None:
        """Take back the last answer."""
        if self._steps:
            self._steps.pop()
        else:
            self.say("nothing to undo")

    def add(self, session: date) -> None:
        """Ask for a fill that no ticket stands for; an empty answer adds none."""
        text = self.ask(f"fill of {session}: GROUP BUY|SELL CODE SHARES PRICE \\[FEE]", "")
        if not text.strip():
            return
        try:
            self._take(_Step(len(self.tickets), (_parse_fill(text, session),)))
        except JstockError as error:
            self._refuse(error)

    def _next(self) -> int:
        """The ticket to ask about: the last one again where it was filled in part."""
        if not self._steps:
            return 0
        last = self._steps[-1]
        done = last.ticket >= len(self.tickets) or not last.lines or not last.lines[-1].shares
        return last.ticket + 1 if done or not self._left(last.ticket) else last.ticket

    def _left(self, at: int) -> int:
        filled = sum(line.shares for step in self._steps if step.ticket == at for line in step.lines)
        return max(0, self.tickets[at].shares - filled)

    def _step(self, at: int) -> _Step:
        ticket, begun = self.tickets[at], any(step.ticket == at for step in self._steps)
        name = f"{ticket.code} {self.names.get(ticket.code, '')}".strip()
        count = f"[dim]{at + 1}/{len(self.tickets)}[/]"
        if ticket.side is None:
            return self._crossing(at, f"{count} {name}: {ticket.crossed} cross inside the desk")
        left = self._left(at)
        what = f"{count} [b]{ticket.side}[/] {name}, {'the other ' if begun else ''}{left} of {_who(ticket)}"
        answer = self._answer(f"{what}\n   filled ({KEYS})", "l" if begun else str(left))
        if answer in ("d", "done"):
            return _Step(len(self.tickets))
        if answer in ("l", "later"):
            return _Step(at)
        shares = 0 if answer in ("n", "none") else parse_whole(answer, "the shares")
        if not shares:
            return _Step(at, (_line(ticket, 0, Decimal(0), 0),))
        price, fee = self._price(ticket)
        return _Step(at, (_line(ticket, shares, price, fee),))

    def _crossing(self, at: int, what: str) -> _Step:
        """What two groups trade with each other has a price and no broker."""
        ticket = self.tickets[at]
        self.say(f"{what}, {escape(_who(ticket))}: nothing was placed")
        price, _ = self._price(ticket)
        return _Step(at, tuple(replace(line, price=price) for line in ticket_lines(ticket)))

    def _price(self, ticket: BrokerTicket) -> tuple[Decimal, int]:
        """Price and fee; asked again where they cannot be read."""
        known = self.opens.get((ticket.session, ticket.code))
        default = "" if known is None else decimal_text(known)
        while True:
            try:
                return _parse_price(self._answer("   price, and the fee if any", default))
            except UsageError as error:
                self._refuse(error)

    def _answer(self, question: str, default: str) -> str:
        answer = self.ask(question, default).strip().lower()
        if answer in ("q", "quit"):
            raise Quit
        if answer in ("u", "undo"):
            raise _Back
        return answer


def _number_lines(steps: Sequence[_Step]) -> tuple[FillLine, ...]:
    typed = [line for step in steps for line in step.lines]
    return tuple(replace(line, number=number) for number, line in enumerate(typed, start=1))


def _who(ticket: BrokerTicket) -> str:
    return ", ".join(f"{order.group} {order.side} {order.shares}" for order in ticket.orders)


def _line(ticket: BrokerTicket, shares: int, price: Decimal, fee: int) -> FillLine:
    (line,) = ticket_lines(ticket)
    return replace(line, shares=shares, price=price, fee=fee)


def _parse_price(text: str) -> tuple[Decimal, int]:
    words = text.split()
    if not 1 <= len(words) <= 2:
        raise UsageError('type the price, as "3120" or with the fee as "3120 275"')
    return parse_number(words[0]), parse_whole(words[1], "the fee") if len(words) > 1 else 0


def _parse_fill(text: str, session: date) -> FillLine:
    words = text.split()
    if not 5 <= len(words) <= 6:
        raise UsageError(_FORM)
    group, side, code, shares, *rest = words
    price, fee = _parse_price(" ".join(rest))
    return FillLine(
        0, group, parse_code(code), parse_side(side), parse_whole(shares, "the shares"), price, session, fee
    )
