"""`jstock trade record`: a dialogue, a CSV, or as ordered; a review, a question, then the journal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.markup import escape

from jstock_core.base.errors import ExitStatus, JstockError, UsageError
from jstock_core.cli.record_show import show_plan, show_tickets
from jstock_core.cli.show import console, show_error, show_json

if TYPE_CHECKING:
    from jstock_core.cli.dialogue import Dialogue
    from jstock_core.desk.recording.lines import Line
    from jstock_core.desk.recording.plan import Plan
    from jstock_core.desk.recording.record import At, Recording

Choice = Literal["yes", "no", "undo", "add"]
_WRITING: tuple[Choice, ...] = ("yes", "undo", "add", "no")
_PRICES: dict[str, At] = {"open": "open", "close": "close"}


@dataclass(frozen=True)
class Manner:
    """How what is shown is confirmed: by options, or at a terminal."""

    yes: bool = False
    accept_odd: bool = False
    dry_run: bool = False
    as_json: bool = False

    @property
    def asks(self) -> bool:
        """Whether somebody is there, and wants to be asked."""
        return not (self.yes or self.as_json or self.dry_run) and sys.stdin.isatty()


def record(
    csv: str, *, from_orders: bool, at: str, date: str, workspace: str, now: str, manner: Manner
) -> int:
    """Record fills; returns the exit status. Whatever ends it before the journal is written, nothing is."""
    try:
        if csv and from_orders:
            raise UsageError(
                "--csv and --from-orders are two ways to say what was filled", do="give one of them"
            )
        if not csv and not from_orders:
            return _talk(date, workspace, now, manner)
        from jstock_core.desk.recording.record import naming

        with naming(Path(csv).name if csv else "the orders"):
            return _given(csv, at, date, workspace, now, manner)
    except (KeyboardInterrupt, EOFError):
        console(stderr=True).print("\nnothing was recorded")
        return ExitStatus.INTERRUPTED


def _given(csv: str, at: str, date: str, workspace: str, now: str, manner: Manner) -> int:
    """Lines that come from a file or from the orders."""
    from jstock_core.desk.recording.record import Recording, consent

    recording = Recording.open(workspace, now=now, fetch=not csv)
    if csv:
        lines, source = recording.from_csv(csv)
    else:
        lines, source = recording.as_ordered(_at(at), date), "manual"
    plan = recording.plan(lines, source)
    if not manner.as_json:
        show_plan(plan)
    odd = manner.accept_odd
    if manner.asks and plan.events:
        if _confirm(plan, ("yes", "no")) != "yes":
            console().print("nothing was recorded")
            return ExitStatus.OK
        odd = True
    if not manner.dry_run:
        plan = recording.write(lines, source, shown=plan, accept=consent(odd=odd))
    _close(plan, manner)
    return ExitStatus.OK


def _at(at: str) -> At:
    found = _PRICES.get(at)
    if found is not None:
        return found
    raise UsageError(f'--at "{at}" is no price of a bar', do="give open or close")


def _close(plan: Plan, manner: Manner) -> None:
    if manner.as_json:
        show_json(plan.as_json() | {"dry_run": manner.dry_run})
    elif manner.dry_run:
        console().print(f"dry run: {plan.new} would be recorded, nothing was")
    else:
        console().print(f"{plan.new} recorded, {len(plan.lines) - plan.new} known already")


# --- the dialogue ---------------------------------------------------------------------------------------


def _talk(date: str, workspace: str, now: str, manner: Manner) -> int:
    if manner.as_json or not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask at",
            do="give the fills with --csv FILE, or --from-orders if all was filled as ordered",
        )
    from jstock_core.cli.dialogue import Dialogue, Quit
    from jstock_core.desk.recording.record import Recording

    recording = Recording.open(workspace, now=now)
    tickets = recording.due(date)
    show_tickets(recording, tickets)
    names = {ticket.code: recording.market.listing(ticket.code).name for ticket in tickets}
    opens = {
        (ticket.session, ticket.code): bar.open
        for ticket in tickets
        if (bar := recording.market.bar(ticket.code, ticket.session))
    }
    dialogue = Dialogue(tickets, names, opens, _ask, console().print)
    try:
        return _conclude(recording, dialogue, dry_run=manner.dry_run)
    except Quit:
        console().print("nothing was recorded")
        return ExitStatus.OK


def _conclude(recording: Recording, dialogue: Dialogue, *, dry_run: bool) -> int:
    """Review what was typed until it is written or dropped."""
    while True:
        lines = dialogue.run()
        plan = _reviewed(recording, lines)
        writable = bool(plan and plan.events) and not dry_run
        choice = _confirm(plan, _WRITING if writable else _WRITING[1:])
        if choice == "undo":
            dialogue.undo()
        elif choice == "add":
            dialogue.add(recording.newest_opened())
        elif choice == "yes":
            done = recording.write(lines, shown=plan)
            console().print(f"{done.new} recorded")
            return ExitStatus.OK
        else:
            console().print("nothing was recorded")
            return ExitStatus.OK


def _reviewed(recording: Recording, lines: Sequence[Line]) -> Plan | None:
    """The plan of what was typed, shown; None where it cannot be."""
    try:
        plan = recording.plan(lines)
    except JstockError as error:
        show_error(error.what, where=error.where, do=f"{error.do}: undo it".removeprefix(": "))
        return None
    show_plan(plan)
    return plan


def _ask(question: str, default: str) -> str:
    shown = f" [cyan]({escape(default)})[/]" if default else ""
    return console().input(f"{question}{shown}: ", emoji=False).strip() or default


_CHOICES: dict[Choice, str] = {
    "yes": "[b]y[/]es",
    "undo": "[b]u[/]ndo",
    "add": "[b]a[/]dd a fill",
    "no": "[b]q[/]uit",
}
_LETTERS: dict[str, Choice] = {"y": "yes", "u": "undo", "a": "add", "q": "no", "n": "no"}


def _confirm(plan: Plan | None, may: Sequence[Choice]) -> Choice:
    """Ask what to do with a plan; what is odd in it needs the whole word."""
    odd = bool(plan and plan.odd) and "yes" in may
    if odd:
        console().print("[yellow]some lines are odd, see above: type the whole word yes to record them[/]")
    while True:
        answer = _ask(f"write it? {', '.join(_CHOICES[choice] for choice in may)}", "").lower()
        choice = _LETTERS.get(answer[:1])
        if choice is not None and choice in may and not (odd and choice == "yes" and answer != "yes"):
            return choice
